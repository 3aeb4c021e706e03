"""A call-off is ordered within what the agreement has free, and answered by who was contracted (domain 3.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from services.resources.deciders.agreements import commands as c
from services.resources.deciders.agreements.agreement import PLAN, require_valid
from services.resources.deciders.agreements.state import CALL_OFF_FLOW, NEW, Agreement, Called, require_supplier
from services.resources.deciders.incident import not_open
from services.resources.deciders.masters.item import counted
from services.resources.deciders.masters.store import not_of_line, store_of
from services.resources.deciders.streams import agreement_stream, call_off_stream
from services.resources.events import call_off as o
from services.resources.events.agreement import CapacityFreed, CapacityTaken, DayShare
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.blocks.working_days import day_of, day_over
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

ANSWER, DUE = "call_off.answer_wait", "call_off.due"
_DAY = timedelta(days=1)
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def call_off(command: c.CallOff, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Whole or not at all; what is too much is answered by what could be had."""
    own, contract = call_off_stream(command.call_off), agreement_stream(command.agreement)
    called: Called = states[own]
    agreement: Agreement = states[contract]
    if agreement.status == NEW:
        raise NotFound(Failure("reference", f"agreement {command.agreement} is unknown: sign it first", "agreement"))
    CALL_OFF_FLOW.require(called.status, command)
    require_valid(agreement, command, rules)
    assert agreement.terms is not None and agreement.owner is not None
    target = store_of(command.to_store, states) if command.to_store else None
    qty, faults = counted(command.qty, command.unit, agreement.item, states)
    if command.incident is not None:
        faults += not_open(command.incident, states)
    most = rules.value(PLAN)["most_days"]
    if command.days is None or not 1 <= command.days <= most:
        faults.append(Failure("capacity", f"name in how many days it is to be made, 1 to {most}", "days"))
    first = day_of(command.now, rules) + rules.value(PLAN)["first_day"] * _DAY
    plan, left = _plan(agreement, qty, first, command.days) if command.days and not faults else ((), 0)
    if left and command.days:
        faults.append(Failure("capacity", _offer(agreement, qty, first, command.days, most), "qty"))
    unnamed = [Failure("call_off.store", "name the store it goes to", "to_store")]
    refuse_all(RuleBroken, [*faults, *(not_of_line(target, (agreement.owner,), command.near) if target else unnamed)])
    assert target is not None
    issued = o.CallOffIssued(
        call_off=command.call_off,
        agreement=command.agreement,
        incident=command.incident,
        supplier=agreement.supplier,
        owner=agreement.owner,
        item=agreement.item,
        qty=qty,
        to_store=target.store,
        plan=plan,
        price=agreement.terms.price,
        pay_days=agreement.terms.pay_days,
        due=day_over(plan[-1].day + agreement.terms.lead_days * _DAY, rules),
        by=command.by.actor,
        at=command.now,
        clocks=(deadline(rules, ANSWER, command.now),),
    )
    taken = CapacityTaken(command.agreement, command.call_off, plan, command.now)
    answer = {"due": issued.due.isoformat(), "plan": {str(one.day): one.qty for one in plan}}
    return Decided([(own, issued), (contract, taken)], answer=answer, basis="ERL-46.2")


def answer(command: c.AcceptCallOff | c.RejectCallOff, states: Mapping[str, Any]) -> Decided | Sequence[Any]:
    """Only who was contracted answers; a late answer counts."""
    own = call_off_stream(command.call_off)
    called: Called = states[own]
    require_supplier(command.by, called.supplier)
    CALL_OFF_FLOW.require(called.status, command)
    met = (ANSWER,) if called.clocks.runs(ANSWER) else ()
    if isinstance(command, c.AcceptCallOff):
        assert called.due is not None
        late = ("A-LATE",) if called.clocks.late(ANSWER, command.now) else ()
        due = Due(DUE, DUE, command.now, called.due)
        return Decided([(own, o.CallOffAccepted(command.call_off, command.by.actor, command.now, met, (due,)))], flags=late)
    if not command.reason:
        raise RuleBroken(Failure("call_off.reason", "say why it is not taken on: the agreement says what follows", "reason"))
    rejected = o.CallOffRejected(command.call_off, command.reason, command.by.actor, command.now, met)
    return [(own, rejected), freed(called, command)]


def stop(command: c.DefaultCallOff | c.CancelCallOff, states: Mapping[str, Any]) -> Sequence[Any]:
    """Nothing more of it is waited for; what came stays, and is paid for."""
    own = call_off_stream(command.call_off)
    called: Called = states[own]
    CALL_OFF_FLOW.require(called.status, command)
    if not called.missing:
        raise WrongState(Failure("call_off.state", "all of it came: check its quality and pay it"))
    if not command.reason:
        raise RuleBroken(Failure("call_off.reason", "say why", "reason"))
    stopped = tuple(key for key in (ANSWER, DUE) if called.clocks.runs(key))
    by, now = command.by.actor, command.now
    if isinstance(command, c.CancelCallOff):
        return [(own, o.CallOffCancelled(command.call_off, command.reason, by, now, stopped)), freed(called, command)]
    assert called.due is not None
    if now < called.due:
        raise RuleBroken(Failure(DUE, f"it may come until {called.due.isoformat()}: cancel it, or wait"))
    return [(own, o.CallOffDefaulted(command.call_off, called.missing, command.reason, by, now, stopped)), freed(called, command)]


def freed(called: Called, command: Any) -> tuple[str, CapacityFreed]:
    """Its days may be called off by others."""
    return agreement_stream(called.agreement), CapacityFreed(called.agreement, called.call_off, command.now)


def _plan(agreement: Agreement, qty: int, first: date, days: int) -> tuple[tuple[DayShare, ...], int]:
    """The first days that have anything free, and what is left over."""
    plan: list[DayShare] = []
    for n in range(days):
        if qty and (free := agreement.free(first + n * _DAY)):
            plan.append(DayShare(first + n * _DAY, min(free, qty)))
            qty -= plan[-1].qty
    return tuple(plan), qty


def _offer(agreement: Agreement, qty: int, first: date, days: int, most: int) -> str:
    """What could be had in the days asked, and in how many days all of it."""
    _, left = _plan(agreement, qty, first, days)
    part = f"{qty - left} in {_in_days(days)}"
    needed, missing = 0, qty
    while missing and needed < most:
        missing -= min(agreement.free(first + needed * _DAY), missing)
        needed += 1
    return f"{part}; {qty} in {_WORDS[needed] if needed < len(_WORDS) else needed}" if not missing else f"{part}; never {qty}"


def _in_days(days: int) -> str:
    return f"{_WORDS[days] if days < len(_WORDS) else days} day{'s' if days != 1 else ''}"
