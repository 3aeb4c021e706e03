"""What is known of a warning, folded from its events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

import msgspec
from msgspec.structs import replace

from services.alerts.deciders.warnings.asked import NOBODY, Asked, Roll
from services.alerts.events.alert import (
    AlertApproved,
    AlertCancelled,
    AlertConsulted,
    AlertCorrected,
    AlertDrafted,
    AlertEvent,
    AlertExpired,
    AlertPublished,
    AlertRatified,
    AlertRejected,
    AlertRevised,
    LevelAdjusted,
    RatificationDue,
    RatificationOverdue,
)
from services.alerts.events.content import AlertContent, MessageReference
from services.alerts.events.measures import MeasureLifted, MeasureStarted, WarningPeriodEnded, WarningPeriodEntered
from services.alerts.events.reach import (
    AcknowledgementOverdue,
    AlertAcknowledged,
    AlertDisseminated,
    NoticesDue,
    NoticeSent,
)
from shared.blocks.open_items import NOTHING, OpenItems
from shared.kernel.decider import About

NEW, DRAFTED, CONSULTED, APPROVED, REJECTED = "new", "drafted", "consulted", "approved", "rejected"
IN_FORCE, CANCELLED, EXPIRED = "in force", "cancelled", "expired"


class Alert(msgspec.Struct, frozen=True):
    """A warning. `first` names the message that began its series: updates and cancels refer to it."""

    status: str = NEW
    content: AlertContent = AlertContent()
    author: str = ""
    division: str | None = None
    issued_by: str | None = None  # the division that stands behind what is in force
    incident: str | None = None
    hazard_source: str | None = None
    first: MessageReference | None = None
    identifiers: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    notices: OpenItems = NOTHING
    measures: OpenItems = NOTHING
    measured_by: Mapping[str, str | None] = {}  # the division that started each measure
    asked: Roll = NOBODY
    period_until: datetime | None = None
    ratify_by: datetime | None = None
    ratified: bool = False
    ratification_overdue: bool = False

    @property
    def unratified(self) -> bool:
        """A dam alarm nobody has confirmed yet."""
        return self.ratify_by is not None and not self.ratified


def about(alert: Alert) -> About:
    """A warning's life is internal; what the public reads is its messages' streams."""
    return About(alert.division, "internal", alert.incident)


def evolve(alert: Alert, event: AlertEvent) -> Alert:
    """The warning after the event."""
    match event:
        case AlertDrafted() | AlertRevised() | AlertConsulted() | AlertApproved() | AlertRejected():
            return _drafting(alert, event)
        case AlertPublished() | LevelAdjusted() | AlertCorrected() | AlertCancelled():
            return _issued(alert, event)
        case NoticesDue() | NoticeSent() | AlertDisseminated() | AlertAcknowledged() | AcknowledgementOverdue():
            return _reached(alert, event)
        case WarningPeriodEntered(until=until):
            return replace(alert, period_until=until)
        case WarningPeriodEnded():
            return replace(alert, period_until=None)
        case MeasureStarted(measure=measure, kind=kind, basis=basis, division=division):
            measured_by = {**alert.measured_by, measure: division}
            return replace(alert, measures=alert.measures.open(measure, kind, basis), measured_by=measured_by)
        case MeasureLifted(measure=measure, reason=reason):
            return replace(alert, measures=alert.measures.settle(measure, reason))
        case AlertExpired():
            return replace(alert, status=EXPIRED)
        case RatificationDue(due_at=due_at):
            return replace(alert, ratify_by=due_at)
        case AlertRatified():
            return replace(alert, ratified=True)
        case RatificationOverdue():
            return replace(alert, ratification_overdue=True)
        case _:
            assert_never(event)


def _drafting(alert: Alert, event: AlertDrafted | AlertRevised | AlertConsulted | AlertApproved | AlertRejected) -> Alert:
    match event:
        case AlertDrafted():
            return Alert(DRAFTED, event.content, event.author, event.division, incident=event.incident)
        case AlertRevised(content=content):
            return replace(alert, status=DRAFTED, content=content)
        case AlertConsulted():
            return replace(alert, status=CONSULTED)
        case AlertApproved():
            return replace(alert, status=APPROVED)
        case AlertRejected():
            return replace(alert, status=REJECTED)
        case _:
            assert_never(event)


def _issued(alert: Alert, event: AlertPublished | LevelAdjusted | AlertCorrected | AlertCancelled) -> Alert:
    alert = replace(alert, content=event.content, identifiers=(*alert.identifiers, event.identifier))
    match event:
        case AlertPublished():
            return replace(
                alert,
                status=IN_FORCE,
                author=alert.author or event.by,
                division=event.division,
                issued_by=event.issued_by or event.division,
                incident=event.incident,
                hazard_source=event.hazard_source,
                first=MessageReference(event.sender, event.identifier, event.at),
                lists=event.lists,
            )
        case AlertCancelled():
            return replace(alert, status=CANCELLED)
        case LevelAdjusted():
            return replace(alert, issued_by=event.issued_by or alert.issued_by)
        case AlertCorrected():
            return alert
        case _:
            assert_never(event)


def _reached(alert: Alert, event: NoticesDue | NoticeSent | AlertDisseminated | AlertAcknowledged | AcknowledgementOverdue) -> Alert:
    match event:
        case NoticesDue(to=recipients, basis=basis):
            notices = alert.notices
            for to in recipients:
                notices = notices.open(to, "notice", basis)
            return replace(alert, notices=notices)
        case NoticeSent(to=to, by=by):
            return replace(alert, notices=alert.notices.settle(to, by))
        case AlertDisseminated():
            return _asked(alert, event.recipient, _told(alert.asked.get(event.recipient, Asked()), event))
        case AlertAcknowledged(recipient=recipient):
            return _asked(alert, recipient, replace(alert.asked.get(recipient, Asked()), acknowledged=True))
        case AcknowledgementOverdue(recipient=recipient):
            return _asked(alert, recipient, replace(alert.asked.get(recipient, Asked()), overdue=True))
        case _:
            assert_never(event)


def _told(asked: Asked, event: AlertDisseminated) -> Asked:
    sent = asked.sent | {(event.identifier, event.channel, event.state)}
    return replace(asked, due_at=asked.due_at or event.ack_due, sent=sent)


def _asked(alert: Alert, recipient: str, asked: Asked) -> Alert:
    return replace(alert, asked=alert.asked.with_(recipient, asked))
