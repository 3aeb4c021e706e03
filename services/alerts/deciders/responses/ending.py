"""How a response ends: in one act with every measure, ended or kept for a stated reason (ERL art. 86, K-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.alerts.deciders.orders.state import ENDED, IN_FORCE, NEW, REVOKED, Order
from services.alerts.deciders.responses.authority import require_commander
from services.alerts.deciders.responses.commands import EndMeasure, EndResponse
from services.alerts.deciders.responses.running import reviews
from services.alerts.deciders.responses.state import ENDS, RESPONSE_FLOW, Response
from services.alerts.deciders.streams import order_stream, response_stream
from services.alerts.events.response import MeasureSettled, ResponseTerminated, Settled
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, refuse_all

RULE = "ERL-86"


def end(command: EndResponse, states: Mapping[str, Any], rules: Rules) -> Decided:
    """No measure and no order is forgotten. What is kept stays open, and is seen, until it is ended or taken over."""
    stream = response_stream(command.activation)
    response: Response = states[stream]
    orders: dict[str, Order] = {name: states[order_stream(name)] for name in _named(command)}
    bound = tuple(name for name in response.orders if not _is_over(states.get(order_stream(name))))
    require_commander(command.by, response, "end", rules)
    refuse_all(
        NotFound, [Failure("reference", f"order {name} is unknown", "orders_ended") for name in orders if orders[name].status == NEW]
    )
    ending = tuple(name for name in dict.fromkeys(command.orders_ended) if orders[name].status == IN_FORCE)
    _require_own(command, response, {name: orders[name] for name in ending})
    RESPONSE_FLOW.require(response.status, command)
    refuse_all(RuleBroken, [*_unsettled(command, response), *_unordered(command, response, orders, bound)])
    assert response.incident is not None  # active
    reasons = {one.measure: one.reason or "" for one in command.kept}
    over = (*(task for _, task in response.prepared), *reviews(command.activation, response))
    kept = tuple(name for name in response.running if name in reasons)
    ended = tuple(name for name in response.running if name not in reasons)
    of = (command.activation, response.incident, response.plan)
    terminated = ResponseTerminated(
        command.activation,
        response.incident,
        response.plan,
        ended,
        kept,
        ending,
        command.by.actor,
        command.now,
        command.reason or "",
        (ENDS,),
        over,
        command.orders_kept,
    )
    facts: list[ResponseTerminated | MeasureSettled] = [terminated]
    for name in response.running:
        how = Settled.KEPT if name in reasons else Settled.ENDED
        tasks = () if name in reasons else (response.measures[name].task,)
        facts.append(MeasureSettled(*of, name, how, reasons.get(name, ""), command.now, tasks))
    return Decided([(stream, fact) for fact in facts], basis=RULE)


def end_measure(command: EndMeasure, response: Response, rules: Rules) -> Sequence[MeasureSettled]:
    """Ending it twice changes nothing."""
    require_commander(command.by, response, "end a measure of", rules)
    measure = response.measures.get(command.measure)
    if measure is None:
        raise NotFound(Failure("reference", f"{command.measure} is no measure of {command.activation}", "measure"))
    RESPONSE_FLOW.require(response.status, command)
    if not measure.open:
        return []
    if not command.reason:
        raise RuleBroken(Failure(RULE, "reason is empty", "reason"))
    assert response.incident is not None  # active, or over
    said = (command.measure, Settled.ENDED, command.reason, command.now, (measure.task,))
    return [MeasureSettled(command.activation, response.incident, response.plan, *said)]


def _unsettled(command: EndResponse, response: Response) -> list[Failure]:
    kept = [one.measure for one in command.kept]
    named = [*command.ended, *kept]
    faults = [Failure(RULE, f"{name} is neither ended nor kept", "ended") for name in response.running if name not in named]
    faults += [Failure(RULE, f"{name} is both ended and kept", "kept") for name in dict.fromkeys(kept) if name in command.ended]
    faults += [Failure(RULE, f"{one.measure} is kept without a reason", "kept") for one in command.kept if not one.reason]
    unknown = [name for name in dict.fromkeys(named) if name not in response.running]
    return faults + [Failure(RULE, f"{name} is no running measure of {command.activation}", "ended") for name in unknown]


def _named(command: EndResponse) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*command.orders_ended, *(one.order for one in command.orders_kept))))


def _is_over(order: Order | None) -> bool:
    return order is not None and order.status in (REVOKED, ENDED)


def _unordered(command: EndResponse, response: Response, orders: Mapping[str, Order], bound: Sequence[str]) -> list[Failure]:
    """Every order given under it that is in force is named (`bound`); of the others only those of its incident are. None that is over is
    kept."""
    kept = [one.order for one in command.orders_kept]
    faults = [Failure(RULE, f"order {name} is neither ended nor kept", "orders_ended") for name in bound if name not in orders]
    over = [name for name in dict.fromkeys(kept) if _is_over(orders[name])]
    faults += [Failure(RULE, f"order {name} is {orders[name].status} and cannot be kept: leave it out", "orders_kept") for name in over]
    faults += [Failure(RULE, f"order {name} is both ended and kept", "orders_kept") for name in kept if name in command.orders_ended]
    faults += [Failure(RULE, f"order {one.order} is kept without a reason", "orders_kept") for one in command.orders_kept if not one.reason]
    strange = [name for name, order in orders.items() if not _under(order, command.activation, response)]
    return faults + [
        Failure(RULE, f"order {name} is not of {command.activation} or {response.incident}", "orders_ended") for name in strange
    ]


def _under(order: Order, activation: str, response: Response) -> bool:
    return order.activation == activation or (order.activation is None and order.incident == response.incident)


def _require_own(command: EndResponse, response: Response, ending: Mapping[str, Order]) -> None:
    """What another division ordered is ended by that one, or kept here."""
    own = (command.by.division, response.authority)
    theirs = [f"order {name} is of {order.division}" for name, order in ending.items() if order.division not in own]
    refuse_all(NotAllowed, [Failure("ERL-20", f"{whose}: that division ends it; keep it, and say why", "orders_ended") for whose in theirs])
