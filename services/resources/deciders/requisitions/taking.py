"""Property in the hands of the rescue: taken after notice, taken orally, or lent; used; and asked back (RQ-03, RQ-04, RQ-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.resources.deciders.clock import escalate
from services.resources.deciders.incident import not_open
from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.approving import PAPER, basis_named, require_told
from services.resources.deciders.requisitions.basis import founded, require_competent, second_of
from services.resources.deciders.requisitions.register import held
from services.resources.deciders.requisitions.state import FLOW, HERE, Requisition
from services.resources.deciders.requisitions.wanting import condition_of, wanted_of
from services.resources.deciders.streams import held_stream, requisition_stream
from services.resources.events import requisition as r
from services.resources.events.urgent import RequisitionHeld
from services.resources.events.wanted import Wanted
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.blocks.working_days import day_of
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

UNTIL, BACK = "requisition.until", "K-26"
States = Mapping[str, Any]


def take(command: c.RecordTaking, states: States, rules: Rules) -> Decided:
    """Once: the same thing of the same owner is not taken twice. The power is still there at that moment (RQ-02)."""
    own = requisition_stream(command.requisition)
    state: Requisition = states[own]
    require_told(state, command)
    wanted = state.wanted
    assert wanted is not None
    noted = noted_out(command.requisition, state.incident, wanted, state.division, states, command)
    _, closed = founded(wanted.basis, state.incident, wanted.line, state.declaration, command.now, states, rules)
    refuse_all(RuleBroken, [*closed, *condition_of(command)])
    said = command.requisition, state.incident, command.condition or "", command.photos, command.by.actor, command.now
    return Decided([(own, r.PropertyTaken(*said, until(wanted, command))), *noted], basis=wanted.basis)


def take_orally(command: c.TakeOrally, states: States, rules: Rules) -> Decided:
    """The precondition holds as for a paper; who gave the order is named, and the paper follows (K-25)."""
    own = requisition_stream(command.requisition)
    FLOW.require(states[own].status, command)
    faults = [*condition_of(command)]
    if not command.ordered_by:
        faults.append(Failure("RQ-03", "name the post that gave the order", "ordered_by"))
    if not command.necessity:
        faults.append(Failure("ERL-12", "say why it is needed, why nothing less would do, and why paper must wait", "necessity"))
    wanted = wanted_of(command, states, rules, [*faults, *not_open(command.incident, states)])
    assert command.incident and command.ordered_by
    basis = basis_named(wanted.basis, rules)
    if command.ordered_by == command.by.actor:
        require_competent(command.by, basis, rules, "who orders what they take themself: ")
    if wanted.exempt:
        second_of(command, True, basis, rules)
    found, missing = founded(basis, command.incident, wanted.line, command.declaration, command.now, states, rules)
    refuse_all(RuleBroken, missing)
    noted = noted_out(command.requisition, command.incident, wanted, command.by.division, states, command)
    taken = r.RequisitionTakenOrally(
        command.requisition,
        command.incident,
        wanted.subject,
        wanted,
        command.ordered_by,
        found.precondition,
        found.source,
        command.condition or "",
        command.photos,
        command.by.division,
        command.by.actor,
        command.now,
        (deadline(rules, PAPER, command.now), *until(wanted, command)),
        command.person,
        command.fields,
    )
    return Decided([(own, taken), *noted], basis=basis)


def borrow(command: c.BorrowProperty, states: States, rules: Rules) -> Decided:
    """Lent freely: no power is used, so none is asked for; it is registered, given back, and paid for when damaged."""
    own = requisition_stream(command.requisition)
    FLOW.require(states[own].status, command)
    wanted = wanted_of(command, states, rules, [*condition_of(command), *not_open(command.incident, states)])
    assert command.incident
    noted = noted_out(command.requisition, command.incident, wanted, command.by.division, states, command)
    who = command.condition or "", command.photos, command.by.division, command.by.actor, command.now
    owner = command.person, command.fields
    lent = r.PropertyLent(command.requisition, command.incident, wanted.subject, wanted, *who, until(wanted, command), *owner)
    return Decided([(own, lent), *noted], basis=wanted.basis)


def use(command: c.RecordUse, state: Requisition, rules: Rules) -> Sequence[r.UseRecorded]:
    """What it did, day by day: the days of use are counted from it."""
    FLOW.require(state.status, command)
    if not command.what:
        raise RuleBroken(Failure("requisition.use", "say what it was used for", "what"))
    day = command.day or day_of(command.now, rules)
    assert state.since is not None
    if not day_of(state.since, rules) <= day <= day_of(command.now, rules):
        raise RuleBroken(Failure("requisition.days", f"it is here since {day_of(state.since, rules)}: name a day since then", "day"))
    return [r.UseRecorded(command.requisition, state.incident, command.what, day, command.by.actor, command.now)]


def revoke(command: c.RevokeRequisition, state: Requisition, rules: Rules) -> Sequence[r.RequisitionRevoked]:
    """Before it is taken it is over; after that it goes back."""
    FLOW.require(state.status, command)
    if not command.reason:
        raise RuleBroken(Failure("requisition.reason", "say why", "reason"))
    out = state.status in HERE
    clocks = (deadline(rules, BACK, command.now),) if out and not state.clocks.runs(BACK) else ()
    stopped = (UNTIL,) if state.clocks.runs(UNTIL) else ()
    said = command.requisition, state.incident, command.reason, not out, command.by.actor, command.now
    return [r.RequisitionRevoked(*said, stopped, clocks)]


def ask_back(command: c.AskReturn, state: Requisition, rules: Rules) -> Sequence[r.ReturnDue]:
    """Once, and only what is out."""
    if state.status not in HERE or state.clocks.runs(BACK):
        return []
    stopped = (UNTIL,) if state.clocks.runs(UNTIL) else ()
    return [_due(state, command.reason, command.now, rules, stopped)]


def passed(command: c.EscalateRequisitionClock, state: Requisition, rules: Rules) -> Sequence[Any]:
    """At the end of its period it is to go back; any other deadline was missed."""
    if command.key != UNTIL:
        return escalate(command, state.clocks)
    if state.clocks.passed(UNTIL, command.now) is None or state.status not in HERE:
        return []
    return [_due(state, "the period is over", command.now, rules, (UNTIL,))]


def _due(state: Requisition, reason: str, now: Any, rules: Rules, stopped: tuple[str, ...]) -> r.ReturnDue:
    clocks = () if state.clocks.runs(BACK) else (deadline(rules, BACK, now),)
    return r.ReturnDue(state.requisition, state.incident, reason, now, stopped, clocks)


def until(wanted: Wanted, command: Any) -> tuple[Due, ...]:
    return (Due(UNTIL, UNTIL, command.now, wanted.until),) if wanted.until else ()


def noted_out(
    requisition: str, incident: str, wanted: Wanted, division: str | None, states: States, command: Any
) -> tuple[tuple[str, Any], ...]:
    """The thing and the incident note who has it. WrongState when another requisition has it."""
    thing = held(wanted, requisition, states, division, command.now)
    return *thing, (held_stream(incident), RequisitionHeld(incident, requisition, division, command.now))
