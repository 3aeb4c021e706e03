"""A requisition until it is taken: asked for, approved by the organ the law names, and told to the owner (RQ-02, RQ-03, ARC-20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.resources.deciders.incident import not_open
from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.basis import founded, require_competent, row_of, second_of
from services.resources.deciders.requisitions.state import APPROVED, FLOW, Requisition
from services.resources.deciders.requisitions.wanting import wanted_of
from services.resources.deciders.streams import requisition_stream
from services.resources.events import requisition as r
from services.resources.events.wanted import Mode, NoticeManner, Remedy
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

PAPER, APPLY, REMEDY = "K-25", "K-28.apply", "compensation.remedy"
States = Mapping[str, Any]


def request(command: c.RequestRequisition, states: States, rules: Rules) -> Decided:
    """Nothing is taken yet; whether the basis holds is judged when it is approved."""
    own = requisition_stream(command.requisition)
    FLOW.require(states[own].status, command)
    wanted = wanted_of(command, states, rules, not_open(command.incident, states))
    assert command.incident
    who = command.by.division, command.by.actor, command.now
    asked = r.RequisitionRequested(command.requisition, command.incident, wanted.subject, wanted, *who, command.person, command.fields)
    return Decided([(own, asked)], answer={"two_persons": wanted.exempt}, basis=wanted.basis)


def approve(command: c.ApproveRequisition, states: States, rules: Rules) -> Decided:
    """The organ, then the precondition; another than who asked."""
    own = requisition_stream(command.requisition)
    state: Requisition = states[own]
    assert state.wanted is not None
    second = _may(command, state, rules)
    FLOW.require(state.status, command)
    wanted = state.wanted
    found, faults = founded(wanted.basis, state.incident, wanted.line, command.declaration, command.now, states, rules)
    necessity = command.necessity or state.wanted.necessity or found.precondition
    refuse_all(RuleBroken, [*faults, *_unneeded(necessity, faults)])
    approved = r.RequisitionApproved(
        command.requisition,
        state.incident,
        state.wanted.basis,
        found.precondition,
        found.source,
        necessity,
        command.manner,
        _organ(command, rules),
        command.by.actor,
        second,
        command.now,
    )
    return Decided([(own, approved)], basis=state.wanted.basis)


def refuse(command: c.RefuseRequisition, states: States, rules: Rules) -> Sequence[Any]:
    """By the organ that might have approved it."""
    own = requisition_stream(command.requisition)
    state: Requisition = states[own]
    assert state.wanted is not None
    require_competent(command.by, state.wanted.basis, rules)
    FLOW.require(state.status, command)
    if not command.reason:
        raise RuleBroken(Failure("requisition.reason", "say why", "reason"))
    return [(own, r.RequisitionRefused(command.requisition, state.incident, command.reason, command.by.actor, command.now))]


def paper(command: c.PaperRequisition, states: States, rules: Rules) -> Decided:
    """What was taken orally is signed, also late and also when it is back already: the owner has a right to the paper."""
    own = requisition_stream(command.requisition)
    state: Requisition = states[own]
    assert state.wanted is not None
    if state.mode is not Mode.ORAL or state.papered:
        raise WrongState(Failure("requisition.state", "it is on paper already, or was never taken orally"))
    second = _may(command, state, rules)
    FLOW.require(state.status, command)
    necessity = command.necessity or state.wanted.necessity
    refuse_all(RuleBroken, _unneeded(necessity, []))
    met = (PAPER,) if state.clocks.runs(PAPER) else ()
    late = state.clocks.late(PAPER, command.now) is not None
    organ = _organ(command, rules)
    said = command.requisition, state.incident, necessity, late, command.manner, organ, command.by.actor, second, command.now, met
    return Decided([(own, r.RequisitionPapered(*said))], basis=state.wanted.basis, flags=("A-LATE",) if late else ())


def serve(command: c.ServeNotice, state: Requisition, rules: Rules) -> Decided:
    """Once, with where and until when a review may be asked for (ARC-20)."""
    told_here = state.papered and not state.served and state.manner is NoticeManner.IN_APP and FLOW.allows(state.status, c.ServeNotice)
    if command.by.has("SYS") and not told_here:
        return Decided()
    FLOW.require(state.status, command)
    if state.served or not state.papered:
        told = "the owner was told already" if state.served else "paper it first: a notice says which organ decided"
        raise WrongState(Failure("requisition.state", told))
    if (command.manner is NoticeManner.PAPER or not told_here) and not command.proof:
        raise RuleBroken(Failure("ARC-20", "name the proof that it arrived: receipt, registered letter, witness", "proof"))
    assert state.wanted is not None
    row = rules.value(REMEDY)
    within = rules.value(APPLY)
    remedy = Remedy(state.organ, within.days, command.now + within, row["article"], f"{row['zh']} / {row['en']}")
    who = command.manner, command.proof, remedy, command.by.actor, command.now
    served = r.RequisitionNoticeServed(command.requisition, state.incident, state.wanted.subject, *who)
    return Decided([served], basis=row["article"])


def require_told(state: Requisition, command: Any) -> None:
    """Nothing is taken before the owner was told; what is too urgent for that is taken orally."""
    if state.status == APPROVED:
        raise WrongState(Failure("requisition.state", "serve the notice first, or, when too urgent for that, take it orally (TakeOrally)"))
    FLOW.require(state.status, command)


def _may(command: c.ApproveRequisition | c.PaperRequisition, state: Requisition, rules: Rules) -> str | None:
    """Who else signs. NotAllowed unless the organ is competent and it is another than who asked or took."""
    assert state.wanted is not None
    require_competent(command.by, state.wanted.basis, rules)
    if command.by.actor == state.requested_by:
        raise NotAllowed(Failure("two.persons", "another decides than who asked for it or took it"))
    if command.cosigner is not None and command.cosigner.actor == state.requested_by:
        raise NotAllowed(Failure("two.persons", "the second person is another too than who asked for it or took it"))
    return second_of(command, state.wanted.exempt, state.wanted.basis, rules)


def _unneeded(necessity: str, faults: list[Failure]) -> list[Failure]:
    if necessity or faults:
        return []
    return [Failure("ERL-12", "say why it is needed and why nothing less would do", "necessity")]


def _organ(command: c.ApproveRequisition | c.PaperRequisition, rules: Rules) -> str:
    """Who reviews it: of a government the one above, of a department or headquarters its own government."""
    which = "above" if command.by.has("GOV") else "own"
    organ: str = rules.value(REMEDY)[which].format(division=command.by.division)
    return organ


def basis_named(basis: str | None, rules: Rules) -> str:
    """The basis named. RuleBroken unless it is one."""
    refuse_all(RuleBroken, row_of(basis, rules)[1])
    assert basis
    return basis
