"""What can be asked of rescue forces (domain 3.16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.volunteers.events.force import Gear
from services.volunteers.events.validity import Cover, Member
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Code, Command, PublicId


class Discipline(StrEnum):
    """The six of YJ/T 1.1 to 1.6-2022; further ones are our own default (domain 4.6)."""

    GENERAL = "GENERAL"
    USAR = "USAR"
    MOUNTAIN = "MOUNTAIN"
    WATER = "WATER"
    DIVING = "DIVING"
    MEDICAL = "MEDICAL"
    SNOW_ROAD = "SNOW_ROAD"
    GRASS_FIRE = "GRASS_FIRE"
    LOGISTICS = "LOGISTICS"
    PSYCHOSOCIAL = "PSYCHOSOCIAL"
    COMMS = "COMMS"
    ANIMAL = "ANIMAL"


class ForceKind(StrEnum):
    """Kinds of forces (domain 4.6). Social ones get offers, the others orders (SV-08, SV-09)."""

    SOCIAL = "social"
    FIRE = "fire"  # national comprehensive fire and rescue
    PROFESSIONAL = "professional"
    GRASS_ROOTS = "grass_roots"
    UNIT = "unit"  # of an enterprise or other unit
    ADULT_VOLUNTEERS = "adult_volunteers"  # formed by a government of adult volunteers (ERL-39.2)
    MEDICAL = "medical"
    COMMUNICATION = "communication"
    TRANSPORT = "transport"


class Grade(StrEnum):
    """Three grades for each discipline, from high to low (pilot of 2019)."""

    ONE = "1"
    TWO = "2"
    THREE = "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyFiling(Command):
    """Ask the emergency department to file a force; again after it was given back."""

    force: PublicId
    name: str | None = None
    kind: ForceKind = ForceKind.SOCIAL
    disciplines: tuple[Discipline, ...] = ()
    home: Code
    contract: bool = False
    contract_with: Code | None = None
    leader: PublicId | None = None
    members: tuple[Member, ...] = ()
    registration: str | None = None
    host_unit: str | None = None
    self_sufficiency_days: int | None = None
    contact_24h: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptFiling(Command):
    """File it, with the proof of its registration: by another than who applied."""

    force: PublicId
    number: str | None = None
    proof: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFiling(Command):
    """Give it back, and why."""

    force: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessForce(Command):
    """Grade its capability in one discipline, until when."""

    force: PublicId
    discipline: Discipline
    grade: Grade
    to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRoster(Command):
    """The members as they are from now on; adults only (ERL-39.2)."""

    force: PublicId
    members: tuple[Member, ...]
    leader: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateGear(Command):
    """The gear as it is from now on."""

    force: PublicId
    gear: tuple[Gear, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReadiness(Command):
    """Report how many could go and after how long. What stands against it is answered; the report is kept in any case."""

    force: PublicId
    ready: bool = True
    people: int
    within_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStandBy(Command):
    """Have a ready force hold itself ready (ERL-67), for a warning's measure if named."""

    force: PublicId
    alert: PublicId | None = None
    measure: PublicId | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndStandBy(Command):
    """It need hold itself ready no longer."""

    force: PublicId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendForce(Command):
    """Not to be called for the time being, and why."""

    force: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreForce(Command):
    """To be called again, once it reports to be ready."""

    force: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeregisterForce(Command):
    """Take it off the file, and why."""

    force: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteForceCover(Command):
    """An insurance policy covers the force; policies only."""

    force: PublicId
    cover: Cover


@dataclass(frozen=True, slots=True, kw_only=True)
class EndForceCover(Command):
    """An insurance policy covers the force no longer; policies only."""

    force: PublicId
    policy: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateForceClock(EscalateClock):
    """A grade or cover expired, or the time to stand by is over; only the timer says so."""

    force: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStandBy(Command):
    """A warning's measure asks rescue forces to hold themselves ready; policies only."""

    alert: PublicId
    measure: PublicId
    kind: str
    basis: str
    division: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndStandByRequest(Command):
    """The measure was lifted, or its warning is over; policies only."""

    alert: PublicId
    measure: PublicId
    reason: str = ""
