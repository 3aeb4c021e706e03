"""The life of one of our own warnings (ERL art. 62-70, DAM art. 25, 28)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.alerts.events.content import AlertContent, MessageReference
from services.alerts.events.measures import MeasureEvent
from services.alerts.events.reach import ReachEvent
from services.alerts.events.scales import WarningColour
from shared.kernel.events import event


@event("alerts.alert.drafted.v1")
@dataclass(frozen=True, slots=True)
class AlertDrafted:
    """Somebody proposes a warning. It may still lack fields; it warns nobody."""

    alert: str
    content: AlertContent
    author: str
    division: str | None
    at: datetime
    incident: str | None = None


@event("alerts.alert.revised.v1")
@dataclass(frozen=True, slots=True)
class AlertRevised:
    """The author changed the draft; an earlier approval would not cover it, so there is none."""

    alert: str
    content: AlertContent
    at: datetime


@event("alerts.alert.consulted.v1")
@dataclass(frozen=True, slots=True)
class AlertConsulted:
    """Experts weighed likelihood and impact (ERL art. 62). Participants are posts and organs, never names."""

    alert: str
    participants: tuple[str, ...]
    opinion: str
    major_possible: bool
    at: datetime
    expected: WarningColour | None = None


@event("alerts.alert.approved.v1")
@dataclass(frozen=True, slots=True)
class AlertApproved:
    """A second person of the issuing authority agreed to the text as it stands."""

    alert: str
    approver: str
    at: datetime


@event("alerts.alert.rejected.v1")
@dataclass(frozen=True, slots=True)
class AlertRejected:
    """A second person said no."""

    alert: str
    by: str
    reason: str
    at: datetime


@event("alerts.alert.published.v1")
@dataclass(frozen=True, slots=True)
class AlertPublished:
    """The warning is out. `lists` name the rosters whose members are asked to acknowledge."""

    alert: str
    identifier: str
    sender: str
    content: AlertContent
    lists: tuple[str, ...]
    by: str
    division: str | None
    at: datetime
    approval: str = "approved"  # or not_waited_for (DAM art. 25)
    hazard_source: str | None = None
    incident: str | None = None
    issued_by: str | None = None  # the division that stands behind it: it and those above change it

    @property
    def references(self) -> tuple[MessageReference, ...]:
        return ()


@event("alerts.alert.level_adjusted.v1")
@dataclass(frozen=True, slots=True)
class LevelAdjusted:
    """The situation changed; the whole text as it now stands, referring to the first message of the series."""

    alert: str
    identifier: str
    sender: str
    references: tuple[MessageReference, ...]
    content: AlertContent
    was: WarningColour
    lists: tuple[str, ...]
    at: datetime
    reason: str = ""
    issued_by: str | None = None  # who adjusts stands behind it from now on


@event("alerts.alert.corrected.v1")
@dataclass(frozen=True, slots=True)
class AlertCorrected:
    """A fault in the text was mended; level and area are what they were."""

    alert: str
    identifier: str
    sender: str
    references: tuple[MessageReference, ...]
    content: AlertContent
    lists: tuple[str, ...]
    at: datetime
    reason: str = ""


@event("alerts.alert.cancelled.v1")
@dataclass(frozen=True, slots=True)
class AlertCancelled:
    """The danger is over (ERL art. 70)."""

    alert: str
    identifier: str
    sender: str
    references: tuple[MessageReference, ...]
    content: AlertContent
    lists: tuple[str, ...]
    by: str
    at: datetime
    reason: str = ""


@event("alerts.alert.expired.v1")
@dataclass(frozen=True, slots=True)
class AlertExpired:
    """The stated end of validity passed without anybody prolonging it."""

    alert: str
    valid_to: datetime
    at: datetime


@event("alerts.alert.ratification_due.v1")
@dataclass(frozen=True, slots=True)
class RatificationDue:
    """A dam alarm went out without approval (DAM art. 25); the flood headquarters confirms it afterwards."""

    alert: str
    due_at: datetime
    at: datetime


@event("alerts.alert.ratified.v1")
@dataclass(frozen=True, slots=True)
class AlertRatified:
    """The flood headquarters stands behind the dam alarm."""

    alert: str
    by: str
    at: datetime
    late: bool = False
    valid_to: datetime | None = None  # its stated end, which nobody heeded before


@event("alerts.alert.ratification_overdue.v1")
@dataclass(frozen=True, slots=True)
class RatificationOverdue:
    """Nobody ratified the dam alarm in time. It stays in force."""

    alert: str
    due_at: datetime
    at: datetime


DraftEvent = AlertDrafted | AlertRevised | AlertConsulted | AlertApproved | AlertRejected
IssueEvent = AlertPublished | LevelAdjusted | AlertCorrected | AlertCancelled
RatifyEvent = RatificationDue | AlertRatified | RatificationOverdue
AlertEvent = DraftEvent | IssueEvent | AlertExpired | RatifyEvent | ReachEvent | MeasureEvent
