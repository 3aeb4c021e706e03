"""Call-offs: which streams each command reads and writes, and what decides it (domain 3.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.resources.deciders.agreements import calling, delivering
from services.resources.deciders.agreements import commands as c
from services.resources.deciders.agreements.state import Agreement, Called, about_call_off, evolve_call_off
from services.resources.deciders.clock import escalate
from services.resources.deciders.masters.store import Store
from services.resources.deciders.streams import (
    agreement_stream,
    call_off_stream,
    incident_stream,
    item_stream,
    lot_stream,
    stock_stream,
    store_stream,
)
from shared.kernel.decider import Decided, Decider, Handles, Rules

States = Mapping[str, Any]


def decide(command: c.Calling | c.EscalateCallOffClock, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow. `state` is a call-off; of a joint command the states by stream."""
    match command:
        case c.CallOff():
            return calling.call_off(command, state, rules)
        case c.AcceptCallOff() | c.RejectCallOff():
            return calling.answer(command, state)
        case c.DefaultCallOff() | c.CancelCallOff():
            return calling.stop(command, state)
        case c.DeliverCallOff():
            return delivering.deliver(command, state, rules)
        case c.AcceptQuality():
            return delivering.accept_quality(command, state, rules)
        case c.PayCallOff():
            return delivering.pay(command, state, rules)
        case c.EscalateCallOffClock():
            return escalate(command, state.clocks)
        case _:
            assert_never(command)


def _own(command: Any) -> tuple[str, ...]:
    return (call_off_stream(command.call_off),)


def _calling(command: c.CallOff) -> tuple[str, ...]:
    store = (store_stream(command.to_store),) if command.to_store else ()
    incident = (incident_stream(command.incident),) if command.incident else ()
    return call_off_stream(command.call_off), agreement_stream(command.agreement), *store, *incident


def _called_item(command: c.CallOff, states: States) -> tuple[str, ...]:
    agreement: Agreement = states[agreement_stream(command.agreement)]
    return (item_stream(agreement.item),) if agreement.item else ()


def _owner(command: c.CallOff, states: States) -> tuple[str, ...]:
    agreement: Agreement = states[agreement_stream(command.agreement)]
    return (agreement.owner,) if agreement.owner else ()


def _contract(command: Any, states: States) -> tuple[str, ...]:
    called: Called = states[call_off_stream(command.call_off)]
    return (agreement_stream(called.agreement),) if called.agreement else ()


def _delivering(command: c.DeliverCallOff) -> tuple[str, ...]:
    return call_off_stream(command.call_off), lot_stream(command.lot)


def _delivered_to(command: c.DeliverCallOff, states: States) -> tuple[str, ...]:
    called: Called = states[call_off_stream(command.call_off)]
    where = command.store or called.to_store
    return (item_stream(called.item), store_stream(where), stock_stream(where, called.item)) if called.item else ()


def _checked(command: c.AcceptQuality, states: States) -> tuple[str, ...]:
    called: Called = states[call_off_stream(command.call_off)]
    came = called.deliveries.get(command.lot)
    return (store_stream(came.store), stock_stream(came.store, called.item), lot_stream(command.lot)) if came else ()


def _keeper(command: c.AcceptQuality, states: States) -> tuple[str, ...]:
    """Whose store it lies in: its keeper checks it, whoever ordered it."""
    return tuple(store.owner for store in states.values() if isinstance(store, Store) and store.owner)


CALL_OFF = Decider(
    category="calloff",
    initial=Called(),
    decide=decide,
    evolve=evolve_call_off,
    about=about_call_off,
    handles={
        c.CallOff: Handles(_calling, creates=True, state_areas=_owner, further=_called_item),
        **{kind: Handles(_own, further=_contract) for kind in (c.AcceptCallOff, c.RejectCallOff, c.DefaultCallOff, c.CancelCallOff)},
        c.DeliverCallOff: Handles(_delivering, further=_delivered_to),
        c.AcceptQuality: Handles(_own, further=_checked, state_areas=_keeper, instead=True),
        c.PayCallOff: Handles(_own),
        c.EscalateCallOffClock: Handles(_own),
    },
    joint=frozenset(
        (c.CallOff, c.AcceptCallOff, c.RejectCallOff, c.DefaultCallOff, c.CancelCallOff, c.DeliverCallOff, c.AcceptQuality),
    ),
)
