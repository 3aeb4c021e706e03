"""Binding orders of a government, its headquarters or a site command (ERL art. 20, 25, 66, 67, 73, 74; domain 3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class Finding(StrEnum):
    """What a proportionality review found (ERL art. 10)."""

    KEEP = "keep"
    ADJUST = "adjust"
    END = "end"


class ObjectionOutcome(StrEnum):
    """How an objection was decided. Until then the order stands (domain RA-07)."""

    UPHELD = "upheld"  # the order is to be changed or revoked
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class OrderContent:
    """What an order says: who does what, where, until when, on which basis, whose rights it touches, when it ends."""

    measure_type: str
    basis: str
    executor: str
    due: datetime
    feedback: str
    end_condition: str
    areas: tuple[str, ...]
    rights: tuple[str, ...] = ()  # the rights affected, by the catalogue of measures and what the issuer adds
    text: str = ""
    remedy: str = ""
    alternatives: str = ""  # what milder means were weighed (ERL art. 10)


@event("alerts.order.issued.v1")
@dataclass(frozen=True, slots=True)
class OrderIssued:
    """It binds from now on as an order of the government that is liable for it (ERL art. 20)."""

    order: str
    content: OrderContent
    restricts: bool  # persons or property
    issuer: str  # the role that gave it
    liable_government: str | None
    by: str
    division: str | None
    at: datetime
    incident: str | None = None
    activation: str | None = None
    oral: bool = False
    on_screen: tuple[str, ...] = ()  # the positions its issuer had before them
    visibility: str = "internal"
    clocks: tuple[Due, ...] = ()
    period: str | None = None  # the urgent period that opened its basis
    above: str | None = None  # the division that decides on it, where one above must (IDL art. 41)


@event("alerts.order.papered.v1")
@dataclass(frozen=True, slots=True)
class OrderPapered:
    """What was ordered by word of mouth is on paper (K-24)."""

    order: str
    document: str
    late: bool
    by: str
    at: datetime
    incident: str | None = None
    met: tuple[str, ...] = ()


@event("alerts.order.published.v1")
@dataclass(frozen=True, slots=True)
class OrderPublished:
    """Made known to society, in words that are for everybody (ERL art. 7)."""

    order: str
    text: str
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.order.filed.v1")
@dataclass(frozen=True, slots=True)
class OrderFiled:
    """Filed for the record with the standing committee of the people's congress, or the desk that stands for it (ERL art. 25, K-21)."""

    order: str
    desk: str
    receipt: str
    late: bool
    by: str
    at: datetime
    incident: str | None = None
    met: tuple[str, ...] = ()


@event("alerts.order.decided_above.v1")
@dataclass(frozen=True, slots=True)
class OrderDecidedAbove:
    """The government above approves what was reported to it, or does not: then it is lifted in the same act (IDL art. 41, K-20)."""

    order: str
    approved: bool
    reason: str
    late: bool
    by: str
    division: str | None
    at: datetime
    incident: str | None = None
    met: tuple[str, ...] = ()


@event("alerts.order.amended.v1")
@dataclass(frozen=True, slots=True)
class OrderAmended:
    """It says this from now on; the whole text, to be acknowledged and filed anew."""

    order: str
    content: OrderContent
    restricts: bool
    reason: str
    amendment: int
    by: str
    at: datetime
    incident: str | None = None
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()
    above: str | None = None


@event("alerts.order.proportionality_reviewed.v1")
@dataclass(frozen=True, slots=True)
class ProportionalityReviewed:
    """Whether it still is the mildest means that serves (ERL art. 10); the next review is due by the new clock (K-19)."""

    order: str
    finding: Finding
    note: str
    late: bool
    by: str
    at: datetime
    incident: str | None = None
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("alerts.order.acknowledged.v1")
@dataclass(frozen=True, slots=True)
class OrderAcknowledged:
    """A post has read and understood it; of the executor, its clock ends."""

    order: str
    by: str
    division: str | None
    at: datetime
    incident: str | None = None
    met: tuple[str, ...] = ()


@event("alerts.order.objected.v1")
@dataclass(frozen=True, slots=True)
class OrderObjected:
    """A post finds it wrong, and why. It is kept, and the order stands until that is decided."""

    order: str
    objection: int
    reason: str
    by: str
    division: str | None
    at: datetime
    incident: str | None = None


@event("alerts.order.objection_decided.v1")
@dataclass(frozen=True, slots=True)
class ObjectionDecided:
    """What was said to an objection, and why."""

    order: str
    objection: int
    outcome: ObjectionOutcome
    reason: str
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.order.revoked.v1")
@dataclass(frozen=True, slots=True)
class OrderRevoked:
    """Taken back: it should not have been given so."""

    order: str
    reason: str
    by: str
    at: datetime
    amendment: int = 0
    incident: str | None = None
    stopped: tuple[str, ...] = ()


@event("alerts.order.ended.v1")
@dataclass(frozen=True, slots=True)
class OrderEnded:
    """Its end condition came, or the response it belonged to ended (ERL art. 86)."""

    order: str
    reason: str
    by: str
    at: datetime
    amendment: int = 0
    activation: str | None = None  # the response with which it ended
    incident: str | None = None
    stopped: tuple[str, ...] = ()


Standing = OrderIssued | OrderPapered | OrderPublished | OrderFiled | OrderAmended
Heard = OrderAcknowledged | OrderObjected | ObjectionDecided | ProportionalityReviewed | OrderDecidedAbove
OrderEvent = Standing | Heard | OrderRevoked | OrderEnded
