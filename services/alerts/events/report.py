"""Facts of reports: notice, hops, figures with their source; the words of organs are blobs, what a finder wrote lies in the vault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class ReportKind(StrEnum):
    """What a report is in its line: first, next, nothing new, closing, or past a level (初报、续报、零报、终报、越级)."""

    FIRST = "FIRST"
    FOLLOW = "FOLLOW"
    ZERO = "ZERO"
    FINAL = "FINAL"
    SKIP = "SKIP"


class Why(StrEnum):
    """Why something in a report is kept and not counted before a person looked (Q-TRIAGE)."""

    FALLING = "falling"  # a casualty number falls and nobody says why
    LATE_FIGURE = "late_figure"  # a casualty changes after the window of PSIR art. 13
    CONTRADICTION = "contradiction"  # another line says another number for the same place
    UNSETTLED = "unsettled"  # it was in doubt when its incident was merged
    BELOW_PARTS = "below_parts"  # less than what the divisions below have reported together
    CHANGED_ON_THE_WAY = "changed_on_the_way"  # who hands a report on says another number than its author
    PLACE_UNKNOWN = "place_unknown"
    TYPE_UNKNOWN = "type_unknown"
    SITUATION_UNKNOWN = "situation_unknown"
    INCIDENT_UNKNOWN = "incident_unknown"
    PREDECESSOR_UNKNOWN = "predecessor_unknown"
    PREDECESSOR_FOREIGN = "predecessor_foreign"  # the report it supersedes is another sender's
    SUPERSEDED_TWICE = "superseded_twice"
    RECIPIENT_UNKNOWN = "recipient_unknown"
    OUTSIDE = "outside"  # its sender's place has nothing to do with the incident
    UNVERIFIED = "unverified"  # a unit says so, and no organ has looked
    ODD_UNIT = "odd_unit"  # not in the unit of the catalogue, nor in one that comes to it
    NOT_WHOLE = "not_whole"  # parts of what is counted in whole numbers
    ABOVE_WHOLE = "above_whole"  # more than the number it is a part of
    IN_THE_FUTURE = "in_the_future"  # a time that had not come when it was said
    HOP_MISSING = "hop_missing"  # nobody submitted the hop before it
    INCIDENT_OVER = "incident_over"  # it was closed or dismissed: does it go on?


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing a person must look at: why, and of which figure, report or incident."""

    code: str  # of `Why`
    of: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as its report states it; it never changes. None is "not known", with the reason."""

    metric: str
    value: Decimal | None
    unit: str = ""
    as_of: datetime | None = None
    source: str = ""  # the post or organ it comes from
    reason: str = ""  # why it is not known, or why it fell


@event("alerts.report.received.v1")
@dataclass(frozen=True, slots=True)
class ReportReceived:
    """Somebody found an emergency or a sign of one (ERL art. 60 para. 3). The words lie in the vault under `ref` (PIPL art. 51)."""

    report: str
    cluster: str  # reports of the same place, type and time, verified together
    digest: str  # of the blob that held the words before the vault did; else empty
    size: int
    division: str  # where it is looked at: the place, or the whole province while the place is not understood
    at: datetime
    place: str | None = None
    type: str | None = None
    trust: str = "low"  # or signed
    by: str = ""
    subject: str | None = None  # the finder's public number, where they leave contact data
    purpose: str | None = None
    doubts: tuple[Doubt, ...] = ()
    restricted: bool = False
    incident: str | None = None
    ref: str | None = None


@event("alerts.report.transferred.v1")
@dataclass(frozen=True, slots=True)
class ReportTransferred:
    """The receiver is not competent and hands it on at once; the new one confirms with a receipt (K-06)."""

    report: str
    cluster: str
    to: str
    by: str
    division: str | None
    at: datetime
    reason: str = ""
    clocks: tuple[Due, ...] = ()
    incident: str | None = None
    subject: str | None = None  # the finder's public number


@event("alerts.report.submitted.v1")
@dataclass(frozen=True, slots=True)
class ReportSubmitted:
    """A report went up one hop. `at` is when it arrived: lateness is computed from it and never entered (ERL art. 61 para. 2)."""

    report: str
    kind: ReportKind
    hop: int
    to: str  # a division, or `national`
    incident: str | None
    by: str
    division: str | None
    at: datetime
    root: str  # the first report of its line
    type: str | None = None
    supersedes: str | None = None
    line: tuple[tuple[str, int], ...] = ()  # the sender's division and those above it, with their levels
    known_at: datetime | None = None
    minutes_used: int | None = None  # from the moment of knowledge
    late: bool = False
    clock: str | None = None  # the clock that was missed by most
    overdue_s: int = 0
    figures: tuple[Figure, ...] = ()
    standing: tuple[tuple[str, Decimal], ...] = ()  # the numbers of the line that count now; the next report is measured by them
    missing: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    situations: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    text: str = ""  # the blob that holds the words of the blocks
    skipped: tuple[str, ...] = ()  # divisions passed over; each gets its copy (ERL art. 17 para. 1)
    skip_reason: str = ""
    also: tuple[str, ...] = ()  # organs told at the same time
    first_known: datetime | None = None  # of the line
    final: bool = False  # the line was closed before
    restricted: bool = False
    clocks: tuple[Due, ...] = ()
    met: tuple[str, ...] = ()
    organ: str = ""  # whose report it is within the division: the government's, a department's, a unit's
    changes_until: datetime | None = None  # until then casualties may change (PSIR art. 13)
    handed_on: bool = False  # it was submitted before: what it says is what its author said
    outside: bool = False  # its sender's place has nothing to do with the incident
    desk: str | None = None  # where a person looks at what is in doubt
    claimed: datetime | None = None  # the moment of knowledge as the sender says it, where that had not come yet
    unit: bool | None = None  # an enterprise, a dam, a hospital reports something of its own; None: not noted then, `organ` tells


@event("alerts.report.acknowledged.v1")
@dataclass(frozen=True, slots=True)
class ReportAcknowledged:
    """The recipient of a hop has it; hop 0 is the receipt of a transfer."""

    report: str
    hop: int
    by: str
    division: str | None
    at: datetime
    late: bool = False
    met: tuple[str, ...] = ()
    incident: str | None = None


@event("alerts.report.supplemented.v1")
@dataclass(frozen=True, slots=True)
class ReportSupplemented:
    """What was missing is added; what was said stays as it was."""

    report: str
    figures: tuple[Figure, ...]
    missing: tuple[str, ...]  # what is still missing
    by: str
    at: datetime
    root: str
    division: str | None  # whose report it is
    above: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    text: str = ""
    incident: str | None = None
    since: datetime | None = None  # when the report was submitted
    doubts: tuple[Doubt, ...] = ()


@event("alerts.report.corrected.v1")
@dataclass(frozen=True, slots=True)
class ReportCorrected:
    """Numbers that were wrong, and what is right: both are kept, with the reason (ERL art. 61 para. 2)."""

    report: str
    before: tuple[Figure, ...]
    after: tuple[Figure, ...]
    reason: str
    by: str
    at: datetime
    root: str
    division: str | None  # whose report it is
    above: tuple[str, ...] = ()
    incident: str | None = None
    since: datetime | None = None  # when the report was submitted
    doubts: tuple[Doubt, ...] = ()


@event("alerts.report.superseded.v1")
@dataclass(frozen=True, slots=True)
class ReportSuperseded:
    """The next report of the line came; the daily clock of this one ends."""

    report: str
    successor: str
    at: datetime
    met: tuple[str, ...] = ()
    incident: str | None = None


@event("alerts.report.overdue.v1")
@dataclass(frozen=True, slots=True)
class ReportOverdue:
    """What should have followed this report did not come in time: its next hop, or the next daily report. The level above is told."""

    report: str
    clock: str
    key: str
    due_at: datetime
    owed_by: str | None
    to: str
    at: datetime
    incident: str | None = None


@event("alerts.report.attached.v1")
@dataclass(frozen=True, slots=True)
class ReportAttached:
    """The report came before its incident was registered or named: now it belongs to it, with what it says."""

    report: str
    incident: str
    figures: tuple[Figure, ...]
    at: datetime
    root: str
    division: str | None  # whose report it is
    above: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    since: datetime | None = None
    level: int | None = None  # from which it went upwards
    changes_until: datetime | None = None  # until then casualties may change (PSIR art. 13)
    outside: bool = False  # its sender's place has nothing to do with the incident
    desk: str | None = None  # where a person looks at that
    organ: str = ""  # as `ReportSubmitted` has it
    situations: tuple[str, ...] = ()
    known_at: datetime | None = None
    unit: bool | None = None


@event("alerts.report.doubted.v1")
@dataclass(frozen=True, slots=True)
class ReportDoubted:
    """Beside the other reports of its incident something in it is in doubt."""

    report: str
    doubts: tuple[Doubt, ...]
    at: datetime
    incident: str | None = None


@event("alerts.report.settled.v1")
@dataclass(frozen=True, slots=True)
class ReportSettled:
    """A person looked at what was doubtful in the report: it counts, or it does not. Of one that is not true nothing more is awaited."""

    report: str
    counted: bool
    at: datetime
    incident: str | None = None
    untrue: bool = False  # all of it was refuted, not a number in it
    stopped: tuple[str, ...] = ()


@event("alerts.report.finalised.v1")
@dataclass(frozen=True, slots=True)
class ReportFinalised:
    """The closing report of the line is whole: every figure stated, or unknown with a reason."""

    report: str
    at: datetime
    incident: str | None = None
    leads: bool = False  # it is the closing report of the incident: by the government that leads it, or in whose division it lies


InHand = ReportReceived | ReportTransferred | ReportSubmitted | ReportAcknowledged
Followed = ReportSuperseded | ReportOverdue | ReportAttached | ReportDoubted | ReportSettled | ReportFinalised
Afterwards = ReportSupplemented | ReportCorrected | Followed
ReportEvent = InHand | Afterwards
