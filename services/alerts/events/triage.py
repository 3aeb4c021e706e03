"""What a person must look at before it counts (Q-TRIAGE), and the figures of an incident from all its reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.alerts.events.report import Doubt, Figure
from shared.blocks.clocks import Due
from shared.kernel.events import event


class Finding(StrEnum):
    """What a person found: it is so, it is not so, or it is known already."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    DUPLICATE = "duplicate"


@event("alerts.triage.opened.v1")
@dataclass(frozen=True, slots=True)
class TriageOpened:
    """Something waits for a person; what comes after it was settled opens the next round."""

    triage: str
    round: int
    kind: str  # public_report, transferred_report, report
    report: str
    division: str | None
    at: datetime
    doubts: tuple[Doubt, ...] = ()
    incident: str | None = None
    clocks: tuple[Due, ...] = ()
    restricted: bool = False


@event("alerts.triage.joined.v1")
@dataclass(frozen=True, slots=True)
class TriageJoined:
    """Another report of the same matter, or another doubt about the same report: kept beside it, still one piece of work."""

    triage: str
    round: int
    report: str
    at: datetime
    doubts: tuple[Doubt, ...] = ()
    incident: str | None = None
    restricted: bool = False


@event("alerts.triage.left.v1")
@dataclass(frozen=True, slots=True)
class TriageLeft:
    """A report was transferred and is looked at elsewhere; the last to leave ends the round."""

    triage: str
    round: int
    report: str
    at: datetime
    met: tuple[str, ...] = ()
    incident: str | None = None


@event("alerts.triage.resolved.v1")
@dataclass(frozen=True, slots=True)
class TriageResolved:
    """A person looked at all reports of the round and decided."""

    triage: str
    round: int
    kind: str
    reports: tuple[str, ...]
    finding: Finding
    by: str
    at: datetime
    reason: str = ""
    incident: str | None = None
    met: tuple[str, ...] = ()


@event("alerts.figures.entered.v1")
@dataclass(frozen=True, slots=True)
class FiguresEntered:
    """The figures of one report beside those of the incident's others. What is in doubt is kept and not counted."""

    incident: str
    report: str
    root: str
    division: str | None
    above: tuple[str, ...]  # the divisions over that one
    figures: tuple[Figure, ...]
    at: datetime
    doubts: tuple[Doubt, ...] = ()
    into: str | None = None  # the incident was merged there, where they count
    since: datetime | None = None  # when the report was submitted: within a line the newest report counts
    below: tuple[tuple[str, str], ...] = ()  # (metric, report) of totals that are less than their parts now
    restricted: bool = False
    home: str | None = None  # where the incident belongs


@event("alerts.figures.settled.v1")
@dataclass(frozen=True, slots=True)
class FiguresSettled:
    """A person decided whether the doubtful figures of a report count."""

    incident: str
    report: str
    counted: bool
    at: datetime
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """The figures of one report as they stood; `doubts` are those not counted."""

    report: str
    root: str
    division: str | None
    above: tuple[str, ...]
    figures: tuple[Figure, ...]
    doubts: tuple[Doubt, ...] = ()
    since: datetime | None = None  # when the report was submitted


@event("alerts.figures.carried.v1")
@dataclass(frozen=True, slots=True)
class FiguresCarried:
    """The incident was merged into another: its figures, and all that come later, count there."""

    incident: str
    into: str
    figures: tuple[Carried, ...]
    division: str | None
    at: datetime


TriageEvent = TriageOpened | TriageJoined | TriageLeft | TriageResolved
FiguresEvent = FiguresEntered | FiguresSettled
