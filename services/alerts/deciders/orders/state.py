"""What is known of an order, folded from its facts, and which command fits which state (domain 3.5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from services.alerts.deciders.orders.commands import (
    AcknowledgeOrder,
    AmendOrder,
    DecideObjection,
    DecideOrderAbove,
    EndOrder,
    FileOrder,
    IssueOrder,
    ObjectToOrder,
    PaperOrder,
    PublishOrder,
    ReviewProportionality,
    RevokeOrder,
)
from services.alerts.events.clock import ClockMissed
from services.alerts.events.order import (
    Heard,
    ObjectionDecided,
    OrderAcknowledged,
    OrderAmended,
    OrderContent,
    OrderDecidedAbove,
    OrderEnded,
    OrderEvent,
    OrderFiled,
    OrderIssued,
    OrderObjected,
    OrderPapered,
    OrderPublished,
    OrderRevoked,
    ProportionalityReviewed,
)
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.blocks.open_items import NOTHING, OpenItems
from shared.kernel.decider import About

NEW, IN_FORCE, REVOKED, ENDED = "new", "in force", "revoked", "ended"
REVIEW, ABOVE, PAPER, ACK = "K-19", "K-20", "K-24", "ack"  # the keys of an order's clocks


@dataclass(frozen=True, slots=True)
class Order:
    """An order. What it owes to the congress desk and to society it owes also after its end."""

    status: str = NEW
    content: OrderContent | None = None
    by: str = ""
    issuer: str = ""
    division: str | None = None
    incident: str | None = None
    activation: str | None = None
    visibility: str = "internal"
    amendments: int = 0
    filed: bool = False
    published: bool = False
    acknowledged: frozenset[str] = frozenset()
    decided_above: bool = False  # on what it says now
    objections: OpenItems = NOTHING
    clocks: Clocks = STILL
    above: str | None = None  # the division above the one that gave it


ORDER_FLOW = Flow(
    "order.life",
    {
        (NEW, IssueOrder): IN_FORCE,
        **{(IN_FORCE, kind): IN_FORCE for kind in (AmendOrder, ReviewProportionality, AcknowledgeOrder, ObjectToOrder)},
        **{(IN_FORCE, kind): IN_FORCE for kind in (DecideObjection, DecideOrderAbove)},
        (IN_FORCE, RevokeOrder): REVOKED,
        (IN_FORCE, EndOrder): ENDED,
        **{(status, kind): status for status in (IN_FORCE, REVOKED, ENDED) for kind in (FileOrder, PublishOrder, PaperOrder)},
    },
)


def evolve(order: Order, event: OrderEvent | ClockMissed) -> Order:
    """The order after the event."""
    if isinstance(event, ClockMissed):
        return replace(order, clocks=order.clocks.miss(event.key))
    ended = (*getattr(event, "met", ()), *getattr(event, "stopped", ()))
    order = replace(order, clocks=order.clocks.end(event.at, *ended).start(*getattr(event, "clocks", ())))
    match event:
        case OrderIssued():
            return replace(
                order,
                status=IN_FORCE,
                content=event.content,
                by=event.by,
                issuer=event.issuer,
                division=event.division,
                incident=event.incident,
                activation=event.activation,
                visibility=event.visibility,
                above=event.above,
            )
        case OrderAmended():
            return replace(
                order, content=event.content, amendments=event.amendment, filed=False, acknowledged=frozenset(), decided_above=False
            )
        case OrderFiled():
            return replace(order, filed=True)
        case OrderPublished():
            return replace(order, published=True)
        case OrderPapered():
            return order
        case OrderRevoked():
            return replace(order, status=REVOKED)
        case OrderEnded():
            return replace(order, status=ENDED)
        case OrderAcknowledged() | OrderObjected() | ObjectionDecided() | ProportionalityReviewed() | OrderDecidedAbove():
            return _heard(order, event)
        case _:
            assert_never(event)


def _heard(order: Order, event: Heard) -> Order:
    match event:
        case OrderAcknowledged(by=by):
            return replace(order, acknowledged=order.acknowledged | {by})
        case OrderObjected(objection=objection, by=by):
            return replace(order, objections=order.objections.open(str(objection), "objection", by))
        case ObjectionDecided(objection=objection, outcome=outcome):
            return replace(order, objections=order.objections.settle(str(objection), outcome.value))
        case OrderDecidedAbove():
            return replace(order, decided_above=True)
        case ProportionalityReviewed():
            return order
        case _:
            assert_never(event)


def about(order: Order) -> About:
    """As narrow as its incident; the organs of the own chain at most."""
    return About(order.division, order.visibility, order.incident)
