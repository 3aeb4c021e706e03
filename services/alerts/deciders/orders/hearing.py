"""What comes back to an order: acknowledgements and objections, its own reviews, the decision of the level above (RA-07, RA-08, RA-15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from services.alerts.deciders.orders.commands import (
    AcknowledgeOrder,
    DecideObjection,
    DecideOrderAbove,
    ObjectToOrder,
    ReviewProportionality,
)
from services.alerts.deciders.orders.legal import of_above
from services.alerts.deciders.orders.state import ABOVE, ACK, ORDER_FLOW, REVIEW, Order
from services.alerts.events.order import (
    ObjectionDecided,
    OrderAcknowledged,
    OrderDecidedAbove,
    OrderObjected,
    OrderRevoked,
    ProportionalityReviewed,
)
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

ARTICLE = "IDL-41"


def hear(
    command: AcknowledgeOrder | ObjectToOrder | DecideObjection | DecideOrderAbove | ReviewProportionality, order: Order, rules: Rules
) -> Sequence[Any] | Decided:
    """An objection changes nothing before it is decided; it is never lost."""
    ORDER_FLOW.require(order.status, command)
    by, now = command.by, command.now
    match command:
        case AcknowledgeOrder():
            if by.actor in order.acknowledged:
                return []
            assert order.content is not None
            met = (ACK,) if by.actor == order.content.executor and order.clocks.runs(ACK) else ()
            return [OrderAcknowledged(command.order, by.actor, by.division, now, order.incident, met)]
        case ObjectToOrder():
            number = len(order.objections.items) + 1
            objected = OrderObjected(command.order, number, command.reason or "", by.actor, by.division, now, order.incident)
            return Decided([objected], answer={"objection": number}, flags=() if command.reason else ("A-INCOMPLETE",))
        case DecideObjection():
            return _decide(command, order)
        case DecideOrderAbove():
            return _decide_above(command, order, rules)
        case ReviewProportionality():
            return _review(command, order, rules)
        case _:
            assert_never(command)


def _decide(command: DecideObjection, order: Order) -> Sequence[ObjectionDecided]:
    waiting = order.objections.unsettled()
    number = str(command.objection) if command.objection is not None else (waiting[-1] if waiting else "")
    if number not in waiting:
        raise NotFound(
            Failure("reference", f"no open objection{f' {number}' if number else ''}: {', '.join(waiting) or 'none waits'}", "objection")
        )
    outcome, reason = command.outcome, command.reason
    if outcome is None or not reason:
        missing = [name for name, value in (("outcome", outcome), ("reason", reason)) if not value]
        raise RuleBroken(*(Failure("ERL-20", f"name the {name}", name) for name in missing))
    return [ObjectionDecided(command.order, int(number), outcome, reason, command.by.actor, command.now, order.incident)]


def _decide_above(command: DecideOrderAbove, order: Order, rules: Rules) -> Decided:
    """Once for each time it was reported, also where no deadline was set for it; what is not approved is lifted in the same act."""
    assert order.content is not None
    met = (ABOVE,) if order.clocks.runs(ABOVE) else ()
    if not met and (order.decided_above or not of_above(order.content.basis, rules)):
        raise WrongState(Failure(ARTICLE, f"nothing of {command.order} waits for the level above"))
    faults = [] if command.approved is not None else [Failure(ARTICLE, "say whether it is approved", "approved")]
    faults += [] if command.reason or command.approved is not False else [Failure(ARTICLE, "say why it is not", "reason")]
    refuse_all(RuleBroken, faults)
    assert command.approved is not None
    late, reason, by = order.clocks.late(ABOVE, command.now) is not None, command.reason or "", command.by
    said = (command.approved, reason, late, by.actor, by.division, command.now, order.incident, met)
    facts: list[OrderDecidedAbove | OrderRevoked] = [OrderDecidedAbove(command.order, *said)]
    if not command.approved:
        stopped = tuple(key for key in (REVIEW, ACK) if order.clocks.runs(key))  # filing and paper are still owed
        facts.append(OrderRevoked(command.order, reason, by.actor, command.now, order.amendments, order.incident, stopped))
    return Decided(facts, basis=ARTICLE, flags=("A-LATE",) if late else ())


def _review(command: ReviewProportionality, order: Order, rules: Rules) -> Decided:
    faults = []
    if command.finding is None:
        faults.append(Failure("ERL-10", "say what was found: keep, adjust or end", "finding"))
    if not command.note:
        faults.append(Failure("ERL-10", "say why: nature, degree and scope of the harm, and milder means", "note"))
    refuse_all(RuleBroken, faults)
    assert command.finding is not None and command.note
    late = order.clocks.late(REVIEW, command.now) is not None
    reviewed = ProportionalityReviewed(
        command.order,
        command.finding,
        command.note,
        late,
        command.by.actor,
        command.now,
        order.incident,
        (REVIEW,),
        (deadline(rules, REVIEW, command.now),),
    )
    return Decided([reviewed], basis="ERL-10", flags=("A-LATE",) if late else ())
