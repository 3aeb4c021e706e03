"""Whom a warning reached: notices to organs, dissemination to recipients, their acknowledgement (ERL art. 64, 65)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.events import event
from shared.reach.ports import Delivery as Delivery


class NoticeTo(StrEnum):
    """Whom the publisher tells at once (ERL art. 64)."""

    UP = "up"
    GARRISON = "garrison"
    NEIGHBOURS = "neighbours"


class Channel(StrEnum):
    """How a recipient is reached. Nothing else claims to have sent."""

    IN_APP = "in_app"
    LINK = "link"
    MAIL = "mail"
    WEBHOOK = "webhook"
    LIST = "list"


@event("alerts.alert.notices_due.v1")
@dataclass(frozen=True, slots=True)
class NoticesDue:
    """Report up, tell the garrison and the neighbours, all at once (ERL art. 62, 64). Late from `due_at` on."""

    alert: str
    to: tuple[NoticeTo, ...]
    due_at: datetime
    basis: str
    at: datetime


@event("alerts.alert.notice_sent.v1")
@dataclass(frozen=True, slots=True)
class NoticeSent:
    """One of the notices was given; `proof` is a reference, not a text."""

    alert: str
    to: NoticeTo
    by: str
    at: datetime
    proof: str = ""


@event("alerts.alert.disseminated.v1")
@dataclass(frozen=True, slots=True)
class AlertDisseminated:
    """One recipient was reached, or not, over one channel. With `ack_due` an acknowledgement is asked for by then."""

    alert: str
    recipient: str
    channel: Channel
    state: Delivery
    identifier: str  # the message of the series it is about
    at: datetime
    ack_due: datetime | None = None
    detail: str = ""


@event("alerts.alert.acknowledged.v1")
@dataclass(frozen=True, slots=True)
class AlertAcknowledged:
    """The recipient said: understood."""

    alert: str
    recipient: str
    at: datetime
    late: bool = False


@event("alerts.alert.acknowledgement_overdue.v1")
@dataclass(frozen=True, slots=True)
class AcknowledgementOverdue:
    """Silence past the wait: somebody rings."""

    alert: str
    recipient: str
    due_at: datetime
    at: datetime
    by: str = "duty phone"


ReachEvent = NoticesDue | NoticeSent | AlertDisseminated | AlertAcknowledged | AcknowledgementOverdue
