"""An order through its life: who may, what follows, by when (ERL art. 10, 20, 25, 86; domain 3.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.filing import FILE, desk_of, filing
from services.alerts.deciders.orders import hearing, legal
from services.alerts.deciders.orders.commands import (
    AcknowledgeOrder,
    AmendOrder,
    DecideObjection,
    DecideOrderAbove,
    EndOrder,
    EscalateOrderClock,
    FileOrder,
    IssueOrder,
    ObjectToOrder,
    PaperOrder,
    PublishOrder,
    ReviewProportionality,
    RevokeOrder,
)
from services.alerts.deciders.orders.content import amended, content_of, faults, on_screen, restricts
from services.alerts.deciders.orders.state import ABOVE, ACK, ENDED, ORDER_FLOW, PAPER, REVIEW, REVOKED, Order, about, evolve
from services.alerts.deciders.responses.state import Response
from services.alerts.deciders.scene import of_the_site, open_incident, require_response, surroundings, visibility_of, went_into
from services.alerts.deciders.streams import closure_stream, incident_stream, order_stream, response_stream, urgent_stream
from services.alerts.events.order import (
    OrderAmended,
    OrderContent,
    OrderEnded,
    OrderFiled,
    OrderIssued,
    OrderPapered,
    OrderPublished,
    OrderRevoked,
)
from services.alerts.events.response import OrderBound
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

ISSUERS = ("GOV", "HQ", "ICP")
TOP = 1  # the level of the region

Duty = FileOrder | PublishOrder | PaperOrder
Hearing = AcknowledgeOrder | ObjectToOrder | DecideObjection | DecideOrderAbove | ReviewProportionality
Ending = RevokeOrder | EndOrder


def decide(
    command: IssueOrder | AmendOrder | Duty | Hearing | Ending | EscalateOrderClock, state: Any, rules: Rules
) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is an order; of a joint command the states by stream."""
    match command:
        case IssueOrder():
            return _issue(command, state, rules)
        case AmendOrder():
            return _amend(command, state, rules)
        case FileOrder() | PublishOrder() | PaperOrder():
            return _duty(command, state, rules)
        case AcknowledgeOrder() | ObjectToOrder() | DecideObjection() | DecideOrderAbove() | ReviewProportionality():
            return hearing.hear(command, state, rules)
        case RevokeOrder() | EndOrder():
            return _end(command, state)
        case EscalateOrderClock():
            return escalate(command, state.clocks)
        case _:
            assert_never(command)


def _issue(command: IssueOrder, states: Mapping[str, Any], rules: Rules) -> Decided:
    by = command.by
    own = order_stream(command.order)
    unserved = legal.unserved(command, states, rules)
    command = replace(command, incident=legal.incident_of(command, states))
    incident = open_incident(command.incident, states)
    unplaced = of_the_site(by, incident)
    ORDER_FLOW.require(states[own].status, command)
    require_response(command.activation, command.incident, states)
    refuse_all(
        RuleBroken,
        [
            *faults(command, command.now, rules),
            *legal.unopened(command, states, rules),
            *unplaced,
            *unserved,
            *on_screen(command.on_screen, dict(command.heads)),
        ],
    )
    content = content_of(command, rules)
    clocks = [
        filing(command.now, rules),
        deadline(rules, REVIEW, command.now),
        deadline(rules, "order.ack_wait", command.now, ACK),
        *_above(command, content, rules),
    ]
    if command.oral:
        clocks.append(deadline(rules, PAPER, command.now))
    issued = OrderIssued(
        order=command.order,
        content=content,
        restricts=restricts(content, rules),
        issuer=next(role for role in ISSUERS if by.has(role)),
        liable_government=by.division,
        by=by.actor,
        division=by.division,
        at=command.now,
        incident=command.incident,
        activation=command.activation,
        oral=command.oral,
        on_screen=command.on_screen,
        visibility=visibility_of(incident),
        clocks=tuple(clocks),
        period=command.period,
        above=command.above,
    )
    facts: list[tuple[str, Any]] = [(own, issued)]
    if command.activation is not None:  # whose end must say what becomes of the order
        facts.append((response_stream(command.activation), OrderBound(command.activation, command.order, command.now, command.incident)))
    return Decided(facts, basis=content.basis)


def _amend(command: AmendOrder, states: Mapping[str, Any], rules: Rules) -> Decided:
    """What a response no longer carries is not made anew by changing it: it ends, or stays as it was kept (ERL art. 86)."""
    own = order_stream(command.order)
    order: Order = states[own]
    _require_issuer(command, order)
    ORDER_FLOW.require(order.status, command)
    require_response(order.activation, None if order.activation else _whose(order, states), states)
    assert order.content is not None
    content = amended(command, order.content, rules)
    found = [] if command.reason else [Failure("order.reason", "say why it is changed", "reason")]
    if content == order.content:
        found.append(Failure("order.same", "name what it is to say instead"))
    if content.basis != order.content.basis and (rule := legal.period_of(content.basis, rules)):
        found.append(Failure(rule, f"{content.basis} needs an urgent period that is open: give an order that names it", "basis"))
    refuse_all(RuleBroken, [*found, *faults(content, command.now, rules)])
    clocks = (
        *(() if order.clocks.runs(FILE) else (filing(command.now, rules),)),
        deadline(rules, REVIEW, command.now),
        deadline(rules, "order.ack_wait", command.now, ACK),
        *_above(command, content, rules),
    )
    fact = OrderAmended(
        command.order,
        content,
        restricts(content, rules),
        command.reason or "",
        order.amendments + 1,
        command.by.actor,
        command.now,
        order.incident,
        clocks,
        (ABOVE,) if order.clocks.runs(ABOVE) and not legal.of_above(content.basis, rules) else (),
        order.above,
    )
    return Decided([(own, fact)], basis=content.basis)


def _above(command: IssueOrder | AmendOrder, content: OrderContent, rules: Rules) -> tuple[Due, ...]:
    """By when the government above decides, where it must; of what is changed it decides anew. Above the region nobody signs here."""
    return (deadline(rules, ABOVE, command.now),) if legal.of_above(content.basis, rules) and command.by.level != TOP else ()


def _duty(command: Duty, order: Order, rules: Rules) -> Decided:
    """Filing, publishing and papering are owed after the end too; late is kept and marked."""
    ORDER_FLOW.require(order.status, command)
    by, now = command.by.actor, command.now
    match command:
        case FileOrder():
            if order.filed:
                raise WrongState(Failure("ERL-25", f"{command.order} is filed; an amendment is filed anew"))
            desk = desk_of(command.desk, rules)
            late = order.clocks.late(FILE, now) is not None
            filed = OrderFiled(command.order, desk, command.receipt or "", late, by, now, order.incident, (FILE,))
            return Decided([filed], basis="ERL-25", flags=("A-LATE",) if late else ())
        case PublishOrder():
            assert order.content is not None
            text = command.text or order.content.text
            if not text:
                raise RuleBroken(Failure("ERL-7", "say in words for everybody what is ordered", "text"))
            return Decided([OrderPublished(command.order, text, by, now, order.incident)], basis="ERL-7")
        case PaperOrder():
            if not order.clocks.runs(PAPER):
                raise WrongState(Failure("K-24", f"{command.order} is on paper already"))
            if not command.document:
                raise RuleBroken(Failure("K-24", "name the document", "document"))
            late = order.clocks.late(PAPER, now) is not None
            papered = OrderPapered(command.order, command.document, late, by, now, order.incident, (PAPER,))
            return Decided([papered], flags=("A-LATE",) if late else ())
        case _:
            assert_never(command)


def _end(command: Ending, order: Order) -> Sequence[OrderRevoked | OrderEnded]:
    of_policy = command.by.has("SYS")
    if of_policy and (order.status in (ENDED, REVOKED) or not _of_response(command, order)):
        return []
    if not of_policy:
        _require_issuer(command, order)
    ORDER_FLOW.require(order.status, command)
    if not command.reason:
        raise RuleBroken(Failure("ERL-86", "say why it ends", "reason"))
    stopped = tuple(key for key in (REVIEW, ACK, ABOVE) if order.clocks.runs(key))  # filing and paper are still owed
    by = command.by.actor
    match command:
        case RevokeOrder():
            return [OrderRevoked(command.order, command.reason, by, command.now, order.amendments, order.incident, stopped)]
        case EndOrder(activation=activation):
            return [OrderEnded(command.order, command.reason, by, command.now, order.amendments, activation, order.incident, stopped)]
        case _:
            assert_never(command)


def _of_response(command: Ending, order: Order) -> bool:
    """An order under no response ends with the one of its incident that names it; another only with its own."""
    return isinstance(command, EndOrder) and command.activation is not None and order.activation in (None, command.activation)


def _require_issuer(command: AmendOrder | Ending, order: Order) -> None:
    """A site commander changes the own orders only; governments and headquarters those of their area."""
    if not command.by.has("GOV", "HQ") and command.by.actor != order.by:
        raise NotAllowed(Failure("ERL-20", f"who gave it changes it: {order.by}, its government or headquarters"))


def _own(command: Any) -> tuple[str, ...]:
    return (order_stream(command.order),)


def _whose(order: Order, states: Mapping[str, Any]) -> str | None:
    return went_into(order.incident, states) if order.incident else None


def _carried_by(command: AmendOrder, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The response it was given under, else the incident with all of its own."""
    order: Order = states[order_stream(command.order)]
    if order.activation is not None:
        return (response_stream(order.activation),)
    incident = _whose(order, states)
    return (incident_stream(incident), closure_stream(incident)) if incident else ()


def _issuing(command: IssueOrder) -> tuple[str, ...]:
    response = (response_stream(command.activation),) if command.activation else ()
    closure = (closure_stream(command.incident),) if command.incident else ()
    period = (urgent_stream(command.period),) if command.period else ()
    return surroundings(order_stream(command.order), command.incident, *response, *closure, *period)


def _served(command: IssueOrder, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The incident it serves with all of its own, and that of its response with what that went into, so that either may be named."""
    serves = legal.incident_of(command, states)
    response: Response | None = states[response_stream(command.activation)] if command.activation else None
    its = (response.incident, went_into(response.incident, states)) if response and response.incident else ()
    return (*map(incident_stream, (*((serves,) if serves else ()), *its)), *((closure_stream(serves),) if serves else ()))


def _in_period(command: IssueOrder, states: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """What an urgent period opens it opens where it was declared, and below."""
    declared: str | None = states[urgent_stream(command.period)].division if command.period else None
    areas = command.areas or ((command.by.division,) if command.by.division else ())
    return {declared: areas} if declared else {}


_KINDS: tuple[type[Command], ...] = (
    PaperOrder,
    PublishOrder,
    FileOrder,
    RevokeOrder,
    EndOrder,
    ReviewProportionality,
    AcknowledgeOrder,
    ObjectToOrder,
    DecideObjection,
    DecideOrderAbove,
    EscalateOrderClock,
)
ORDER = Decider(
    category="order",
    initial=Order(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        IssueOrder: Handles(_issuing, areas=lambda c: c.areas, creates=True, under=_in_period, further=_served),
        AmendOrder: Handles(_own, areas=lambda c: c.areas or (), further=_carried_by),
        **{kind: Handles(_own) for kind in _KINDS},
    },
    joint=frozenset({IssueOrder, AmendOrder}),
)
