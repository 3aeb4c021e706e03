"""Requisitions: which streams each command reads and writes, and what decides it (domain 3.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.resources.deciders.requisitions import approving, returning, taking
from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.basis import around
from services.resources.deciders.requisitions.register import Property, known_by
from services.resources.deciders.requisitions.returning import claim_of
from services.resources.deciders.requisitions.state import Requisition, about, evolve
from services.resources.deciders.streams import (
    claim_stream,
    held_stream,
    incident_stream,
    property_stream,
    requisition_stream,
    urgent_stream,
)
from shared.kernel.decider import Decided, Decider, Handles, Rules

States = Mapping[str, Any]


def decide(command: c.Asked, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow. `state` is a requisition; of a joint command the states by stream."""
    match command:
        case c.RequestRequisition():
            return approving.request(command, state, rules)
        case c.ApproveRequisition():
            return approving.approve(command, state, rules)
        case c.RefuseRequisition():
            return approving.refuse(command, state, rules)
        case c.PaperRequisition():
            return approving.paper(command, state, rules)
        case c.ServeNotice():
            return approving.serve(command, state, rules)
        case c.TakeOrally():
            return taking.take_orally(command, state, rules)
        case c.BorrowProperty():
            return taking.borrow(command, state, rules)
        case c.RecordTaking():
            return taking.take(command, state, rules)
        case _:
            return _out(command, state, rules)


def _out(
    command: c.RecordUse
    | c.ReturnProperty
    | c.DeclareLoss
    | c.CorrectReturn
    | c.RevokeRequisition
    | c.CloseRequisition
    | c.AskReturn
    | c.EscalateRequisitionClock,
    state: Any,
    rules: Rules,
) -> Sequence[Any] | Decided:
    match command:
        case c.RecordUse():
            return taking.use(command, state, rules)
        case c.RevokeRequisition():
            return taking.revoke(command, state, rules)
        case c.AskReturn():
            return taking.ask_back(command, state, rules)
        case c.EscalateRequisitionClock():
            return taking.passed(command, state, rules)
        case c.ReturnProperty():
            return returning.give_back(command, state, rules)
        case c.DeclareLoss():
            return returning.declare_lost(command, state, rules)
        case c.CorrectReturn():
            return returning.correct(command, state, rules)
        case c.CloseRequisition():
            return returning.close(command, state)
        case _:
            assert_never(command)


def _own(command: Any) -> tuple[str, ...]:
    return (requisition_stream(command.requisition),)


def _described(command: c.Described) -> tuple[str, ...]:
    incident = (incident_stream(command.incident),) if command.incident else ()
    named = (property_stream(command.property),) if command.property else ()
    line = command.line or ((command.by.division,) if command.by.division else ())
    urgent = tuple(map(urgent_stream, line)) if isinstance(command, c.TakeOrally) else ()
    return requisition_stream(command.requisition), *incident, *named, *urgent


def _thing_of(command: c.TakeOrally | c.BorrowProperty, states: States) -> tuple[str, ...]:
    """The thing as the command or the register describes it, and what is out for the incident."""
    known = states.get(property_stream(command.property)) if command.property else None
    registered = known if isinstance(known, Property) and known.owner else None
    owner = command.subject or (registered.owner if registered else None)
    item = command.item or (registered.name if registered else None)
    thing = known_by(owner, item, command.property) if owner and item else ()
    return *thing, *((held_stream(command.incident),) if command.incident else ())


def _founding(command: Any, states: States) -> tuple[str, ...]:
    state: Requisition = states[requisition_stream(command.requisition)]
    return around(state.incident, state.wanted.line) if state.wanted else ()


def _moved(command: Any, states: States) -> tuple[str, ...]:
    state: Requisition = states[requisition_stream(command.requisition)]
    wanted = state.wanted
    return (*known_by(wanted.subject, wanted.item, wanted.property), held_stream(state.incident)) if wanted else ()


def _claimed(command: c.ReturnProperty | c.DeclareLoss, states: States) -> tuple[str, ...]:
    return *_moved(command, states), claim_stream(claim_of(command, states))


def _taking(command: Any, states: States) -> tuple[str, ...]:
    return *_moved(command, states), *_founding(command, states)


_ALONE = (c.ServeNotice, c.RecordUse, c.RevokeRequisition, c.CloseRequisition, c.AskReturn, c.EscalateRequisitionClock)
_MOVING = (c.ReturnProperty, c.DeclareLoss)
REQUISITION = Decider(
    category="requisition",
    initial=Requisition(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        c.RequestRequisition: Handles(_described, creates=True),
        **{kind: Handles(_described, creates=True, further=_thing_of) for kind in (c.TakeOrally, c.BorrowProperty)},
        c.ApproveRequisition: Handles(_own, further=_founding),
        **{kind: Handles(_own) for kind in (c.RefuseRequisition, c.PaperRequisition, *_ALONE)},
        c.RecordTaking: Handles(_own, further=_taking),
        c.CorrectReturn: Handles(_own, further=_moved),
        **{kind: Handles(_own, further=_claimed) for kind in _MOVING},
    },
    joint=frozenset(
        (
            c.RequestRequisition,
            c.TakeOrally,
            c.BorrowProperty,
            c.ApproveRequisition,
            c.RefuseRequisition,
            c.PaperRequisition,
            c.RecordTaking,
            c.CorrectReturn,
            *_MOVING,
        )
    ),
)
