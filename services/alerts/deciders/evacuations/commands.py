"""What can be asked of an evacuation and of a shelter. Numbers that nobody knows yet are left out: nobody waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from services.alerts.events.evacuation import Group
from services.alerts.events.order import Finding
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import OPAQUE, Code, Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueEvacuation(Command):
    """Move people out of danger now: below hazard sources, or in the areas named."""

    evacuation: PublicId
    below: tuple[str, ...] = ()
    areas: tuple[Code, ...] = ()
    shelter: PublicId | None = None
    route: str | None = None
    headcount: int | None = None
    households: int | None = None
    groups: Mapping[Group, int] = field(default_factory=dict)
    due: datetime | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendEvacuation(Command):
    """What became known since, or another shelter or route; what is not named stays."""

    evacuation: PublicId
    areas: tuple[Code, ...] | None = None
    shelter: PublicId | None = None
    route: str | None = None
    headcount: int | None = None
    households: int | None = None
    groups: Mapping[Group, int] | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCleared(Command):
    """An area reports who left, who would not and who remains. Taken as it is, whatever is missing; the newest of an area counts."""

    evacuation: PublicId
    people: int | None = None
    households: int | None = None
    refused: int | None = None
    remaining: int | None = None
    groups: Mapping[Group, int] = field(default_factory=dict)
    area: Code | None = None
    note: str | None = None
    line: Annotated[tuple[str, ...], OPAQUE] = ()  # the area and the divisions above it, from the tree


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnEvacuees(Command):
    """The danger is past: let them go home."""

    evacuation: PublicId
    people: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvacuation(Command):
    """Say whether it still is the mildest means that serves (ERL art. 10)."""

    evacuation: PublicId
    finding: Finding | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEvacuation(Command):
    """File it for the record with the congress desk of its level."""

    evacuation: PublicId
    desk: str | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateEvacuationClock(EscalateClock):
    """Nobody looked at it again, or filed it, in time."""

    evacuation: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterShelter(Command):
    """Enter a shelter, or its entry as it is from now on."""

    shelter: PublicId
    zh: str
    division: Code
    capacity: int
    en: str = ""
    address: str = ""
    ready: bool = False
    facilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShelter(Command):
    """Take people in."""

    shelter: PublicId
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordHeadcount(Command):
    """How many are in it now. It never turns anybody away."""

    shelter: PublicId
    people: int
    groups: Mapping[Group, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseShelter(Command):
    """Nobody is in it any more."""

    shelter: PublicId
    reason: str | None = None
