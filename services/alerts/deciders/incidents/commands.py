"""What can be asked of an incident. Fields whose absence is a fault in law are optional here; the decider names the rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from services.alerts.events.incident import IncidentType, Lead
from services.alerts.events.scales import EventGrade
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import OPAQUE, Code, Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterIncident(Command):
    """Something may have happened. The duties run from `known_at`. With `same_as` it is linked to that incident: the same fact makes no
    second one. `separate` says why it is another although type and place are the same."""

    incident: PublicId
    type: IncidentType
    division: Code
    divisions: tuple[Code, ...] = ()
    known_at: datetime | None = None
    occurred_at: datetime | None = None
    at_place: str | None = None  # a hazard source, or in words
    text: str = ""
    report: PublicId | None = None
    alert: PublicId | None = None
    same_as: PublicId | None = None
    separate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyIncident(Command):
    """It is true."""

    incident: PublicId
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissIncident(Command):
    """It is false, and why."""

    incident: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyIncident(Command):
    """Grade, and type if it proved another. Without a grade the tables of grades say it, where they can."""

    incident: PublicId
    grade: EventGrade | None = None
    basis: str | None = None
    type: IncidentType | None = None
    report: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegradeIncident(Command):
    """Another grade, as an officer finds; downward only with the report it rests on."""

    incident: PublicId
    grade: EventGrade
    basis: str | None = None
    reason: str = ""
    report: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseGradeByRule(Command):
    """The tables give a graver grade for the figures that count, or a secondary incident is graver; only a policy says so."""

    incident: PublicId
    grade: EventGrade | None = None  # of the secondary incident
    basis: str = ""
    secondary: PublicId | None = None
    report: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterNote(Command):
    """Record an important matter."""

    incident: PublicId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendIncident(Command):
    """It touches further divisions. Said by one above all of them, who leads from then on."""

    incident: PublicId
    divisions: tuple[Code, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignateLead(Command):
    """Who leads: one government above every division, or several that stand for all of them together."""

    incident: PublicId
    leads: tuple[Lead, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLead(Command):
    """Unified command goes to another government at `effective_at`, else at once. Of several leads `from` names the one that goes over;
    it guards against a transfer that crossed with another."""

    incident: PublicId
    to: Code
    from_: Code | None = None
    effective_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpSiteHQ(Command):
    """A headquarters on the spot under one commander. Where there is one, a higher level takes it over."""

    incident: PublicId
    commander: PublicId | None = None
    area: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverSiteCommand(Command):
    """The commander is relieved by another of the same level."""

    incident: PublicId
    commander: PublicId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DissolveSiteHQ(Command):
    """Nobody is needed on the spot any more."""

    incident: PublicId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSecondary(Command):
    """Another incident followed from this one."""

    incident: PublicId
    secondary: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeIncidents(Command):
    """This incident is the same as another. Both stay readable; what is open goes on there."""

    incident: PublicId
    into: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareControlled(Command):
    """The danger is under control."""

    incident: PublicId
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAfterCare(Command):
    """Recovery and after-care begin."""

    incident: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIncident(Command):
    """Everything is settled. Refused with the whole list of what is not; open tasks and what waits for a person go on and are named. While
    people are out of their homes or in shelters, `note` says who looks after them."""

    incident: PublicId
    note: str = ""
    tasks: Annotated[tuple[str, ...], OPAQUE] = ()  # open, as the edge found them
    triages: Annotated[tuple[str, ...], OPAQUE] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenIncident(Command):
    """It goes on, and why."""

    incident: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartResponding(Command):
    """A response was activated; only a policy says so."""

    incident: PublicId
    activation: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetIncidentClock(Command):
    """What a deadline asked for was done; only a policy says so. Ends also what a secondary incident brought under the same rule."""

    incident: PublicId
    key: str
    evidence: str
    level: int | None = None  # of a report: whose duty it fulfils


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitUnitReport(Command):
    """The unit where it happened owes its own report; only a policy says so. Without `known_at` from when the incident was known."""

    incident: PublicId
    situations: tuple[str, ...] = ()
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowMerger(Command):
    """The incident this one was merged into was itself merged into another: this one points there now. Only a policy says so."""

    incident: PublicId
    into: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateIncidentClock(EscalateClock):
    """A deadline of the incident passed."""

    incident: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenClosureItem(Command):
    """Something runs for the incident; only a policy says so."""

    incident: PublicId
    item: PublicId
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleClosureItem(Command):
    """It ended; only a policy says so."""

    incident: PublicId
    item: PublicId
    kind: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateClosureClock(EscalateClock):
    """A deadline that runs after the responses ended passed."""

    incident: PublicId
