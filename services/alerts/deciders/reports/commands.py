"""What can be asked of a report. What may be missing is optional: reports are accepted and flagged, not refused (domain 3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from services.alerts.events.report import Doubt, Figure, ReportKind
from services.alerts.events.scales import EventGrade
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import OPAQUE, Command, Opaque, PublicId

NATIONAL = "national"
"""The recipient above the whole province: the State Council line, which has no division in the tree."""

Figures = Annotated[tuple[Figure, ...], OPAQUE]  # their reasons were cleaned at the edge: nothing is refused for them


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveReport(Command):
    """Report an emergency or a sign of one, signed or not (ERL art. 60 para. 3). What is not understood is kept for a person."""

    report: PublicId
    size: int
    division: Opaque  # where it is looked at, as the edge found it
    place: Opaque | None = None  # None: not understood
    type: Opaque | None = None
    subject: PublicId | None = None
    purpose: Opaque | None = None
    ref: Opaque | None = None  # of the words, which lie in the vault
    alike: Opaque = ""  # the same for the same words of the same sender; tells nothing of them


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReport(Command):
    """Hand a report on at once to who is competent (ERL art. 60 para. 3)."""

    report: PublicId
    to: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitReport(Command):
    """Report one hop upwards. Late, incomplete or doubtful: taken and flagged (ERL art. 17, 61)."""

    report: PublicId
    kind: ReportKind
    to: Opaque
    hop: int = 0  # 0: left out, the next of the report
    known_at: datetime | None = None
    due_at: datetime | None = None
    supersedes: PublicId | None = None
    incident: PublicId | None = None
    type: Opaque | None = None
    grade: EventGrade | None = None
    situations: Annotated[tuple[str, ...] | None, OPAQUE] = None  # None: not said; empty: none of them holds
    figures: Figures = ()
    blocks: Annotated[tuple[str, ...], OPAQUE] = ()
    text: Opaque = ""  # the blob with the words of the blocks
    skip_reason: Opaque = ""
    line: Annotated[tuple[tuple[str, int], ...], OPAQUE] = ()  # the sender's division and those above it, from the tree
    over: bool = False  # the incident lies below the sender, by the tree


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeReport(Command):
    """The recipient has it. Without a hop: the receipt of a transfer."""

    report: PublicId
    hop: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementReport(Command):
    """Add what was missing. What was said is corrected, not supplemented."""

    report: PublicId
    figures: Figures = ()
    blocks: Annotated[tuple[str, ...], OPAQUE] = ()
    text: Opaque = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectReport(Command):
    """Say what is right instead of a wrong number, and why. Both are kept; nothing is backdated (ERL art. 61 para. 2)."""

    report: PublicId
    set: Mapping[str, Decimal | str | None]
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupersedeReport(Command):
    """The next report of the line came. Only policies send it."""

    report: PublicId
    successor: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachReport(Command):
    """The report is about this incident, which was registered or named after it. Only policies send it."""

    report: PublicId
    incident: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtReport(Command):
    """Beside the others of its incident something in the report is in doubt. Only policies send it."""

    report: PublicId
    doubts: Annotated[tuple[Doubt, ...], OPAQUE]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleReport(Command):
    """A person looked at the doubts of the report, or found all of it untrue. Only policies send it."""

    report: PublicId
    counted: bool
    untrue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FinaliseReport(Command):
    """Close a line whose closing report is whole. Only policies send it."""

    report: PublicId
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFurther(Command):
    """The incident has another grade, or goes on: how far up its first reports are owed is asked anew. Only policies send it."""

    incident: PublicId
    report: PublicId | None = None  # this one alone


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReportClocks(Command):
    """The incident is over: nothing further is awaited of its reports. Only policies send it."""

    incident: PublicId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateReportClock(EscalateClock):
    """What should have followed a report did not come in time."""

    report: PublicId


ReportCommand = (
    ReceiveReport
    | TransferReport
    | SubmitReport
    | AcknowledgeReport
    | SupplementReport
    | CorrectReport
    | SupersedeReport
    | AttachReport
    | DoubtReport
    | SettleReport
    | FinaliseReport
    | AskFurther
    | StopReportClocks
    | EscalateReportClock
)
