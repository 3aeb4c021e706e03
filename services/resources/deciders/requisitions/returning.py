"""Back to the owner, or lost: each opens a claim, and none is closed before that is decided (ERL-12, ERL-95, RQ-04 to RQ-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.register import freed
from services.resources.deciders.requisitions.state import FLOW, Requisition
from services.resources.deciders.requisitions.taking import BACK, UNTIL, noted_out, until
from services.resources.deciders.requisitions.wanting import condition_of
from services.resources.deciders.streams import claim_for, claim_stream, held_stream, requisition_stream
from services.resources.events import requisition as r
from services.resources.events.urgent import RequisitionLetGo
from services.resources.events.wanted import Mode
from shared.blocks.deadlines import deadline
from shared.blocks.money import cents, unfit
from shared.blocks.working_days import day_of
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

ZERO = Decimal("0.00")


def give_back(command: c.ReturnProperty, states: Mapping[str, Any], rules: Rules) -> Decided:
    """With days of use and damage, from which the claim is counted; of what was lent, the damage alone (RQ-07)."""
    own = requisition_stream(command.requisition)
    state: Requisition = states[own]
    FLOW.require(state.status, command)
    assert state.wanted is not None and state.since is not None
    faults = [*condition_of(command), *unfit(command.damage, "damage"), *_beyond(command, state, rules)]
    refuse_all(RuleBroken, [*faults, *_of_another(command, states)])
    damage = cents(command.damage) if command.damage else ZERO
    lent = state.mode is Mode.LENT
    claim = claim_of(command, states)
    returned = r.PropertyReturned(
        requisition=command.requisition,
        incident=state.incident,
        subject=state.wanted.subject,
        days=_days(command, state, rules),
        condition=command.condition or "",
        photos=command.photos,
        damage=damage,
        tariff="" if lent else state.wanted.tariff,
        claim=None if lent and not damage and state.again is None else claim,
        since=day_of(state.since, rules),
        until=day_of(command.now, rules),
        by=command.by.actor,
        at=command.now,
        **_ended(state),
    )
    facts = [(own, returned), *_let_go(command, state)]
    return Decided(facts, answer={"claim": returned.claim}, basis="ERL-12", flags=_odd(damage, state))


def declare_lost(command: c.DeclareLoss, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Its value as it was estimated, unless another loss is named."""
    own = requisition_stream(command.requisition)
    state: Requisition = states[own]
    FLOW.require(state.status, command)
    assert state.wanted is not None and state.since is not None
    faults = [*unfit(command.loss, "loss"), *_beyond(command, state, rules), *_of_another(command, states)]
    if not command.reason:
        faults.append(Failure("requisition.reason", "say what became of it", "reason"))
    refuse_all(RuleBroken, faults)
    lost = r.PropertyLost(
        requisition=command.requisition,
        incident=state.incident,
        subject=state.wanted.subject,
        days=_days(command, state, rules),
        loss=state.wanted.value if command.loss is None else cents(command.loss),
        reason=command.reason or "",
        tariff="" if state.mode is Mode.LENT else state.wanted.tariff,
        claim=claim_of(command, states),
        since=day_of(state.since, rules),
        until=day_of(command.now, rules),
        by=command.by.actor,
        at=command.now,
        **_ended(state),
    )
    facts = [(own, lost), *_let_go(command, state)]
    return Decided(facts, answer={"claim": lost.claim}, basis="ERL-12", flags=_odd(lost.loss, state))


def correct(command: c.CorrectReturn, states: Mapping[str, Any], rules: Rules) -> Decided:
    """By two. It goes back when its period is over or, where it was asked back before or no response runs any more, promptly."""
    own = requisition_stream(command.requisition)
    state: Requisition = states[own]
    FLOW.require(state.status, command)
    second = command.cosigner
    if second is None or second.actor == command.by.actor:
        raise NotAllowed(Failure("two.persons", "a second person signs that it is out still, or was found"))
    if not command.reason:
        raise RuleBroken(Failure("requisition.reason", "say what was wrong, or where it was found", "reason"))
    wanted = state.wanted
    assert wanted is not None
    noted = noted_out(command.requisition, state.incident, wanted, state.division, states, command)
    asked = state.clocks.get(BACK) is not None
    stays = not asked and states[held_stream(state.incident)].responses and (wanted.until is None or wanted.until > command.now)
    clocks = until(wanted, command) if stays else (deadline(rules, BACK, command.now),)
    said = command.requisition, state.incident, state.claim, command.reason, command.by.actor, second.actor, command.now
    return Decided([(own, r.ReturnCorrected(*said, clocks)), *noted], basis="ERL-12")


def close(command: c.CloseRequisition, state: Requisition) -> Sequence[r.RequisitionClosed]:
    """Not before there is a paper, and a decision on what is paid, in every claim for it."""
    FLOW.require(state.status, command)
    faults: list[Failure] = []
    if state.undecided:
        faults.append(Failure("ERL-12", f"what is paid for it is not decided: decide {', '.join(state.undecided)} first"))
    if not state.papered:
        faults.append(Failure("RQ-03", "it was taken orally: paper it first (PaperRequisition)"))
    refuse_all(RuleBroken, faults)
    return [r.RequisitionClosed(command.requisition, state.incident, command.by.actor, command.now)]


def _odd(harm: Decimal, state: Requisition) -> tuple[str, ...]:
    """More harm than the thing was worth is written down as it was said, and looked at again before anything is paid."""
    return ("Q-TRIAGE",) if state.wanted is not None and harm > state.wanted.value else ()


def _days(command: c.ReturnProperty | c.DeclareLoss, state: Requisition, rules: Rules) -> int:
    return _span(command, state, rules) if command.days is None else command.days


def _beyond(command: c.ReturnProperty | c.DeclareLoss, state: Requisition, rules: Rules) -> list[Failure]:
    most = _span(command, state, rules)
    if command.days is None or 0 <= command.days <= most:
        return []
    return [Failure("requisition.days", f"it was out for {most} days at most", "days")]


def _span(command: c.ReturnProperty | c.DeclareLoss, state: Requisition, rules: Rules) -> int:
    """Calendar days from the taking to now, both included."""
    assert state.since is not None
    return (day_of(command.now, rules) - day_of(state.since, rules)).days + 1


def claim_of(command: c.ReturnProperty | c.DeclareLoss, states: Mapping[str, Any]) -> str:
    """The claim that is opened: as named, else the one it has, else after the requisition, and after how many were withdrawn."""
    state: Requisition = states[requisition_stream(command.requisition)]
    more = f".{len(state.gone) + 1}" if state.gone else ""  # an id that was withdrawn stays withdrawn: nothing is opened under it
    return command.claim or state.again or claim_for(f"{command.requisition}{more}")


def _of_another(command: c.ReturnProperty | c.DeclareLoss, states: Mapping[str, Any]) -> list[Failure]:
    """A claim is of one requisition: under the id of another none would be opened, and the owner never paid."""
    state: Requisition = states[requisition_stream(command.requisition)]
    if state.again is not None and command.claim not in (None, state.again):
        return [Failure("claim.once", f"{state.again} is the claim for it: leave claim out", "claim")]
    if command.claim in state.gone:
        return [Failure("claim.once", f"{command.claim} was withdrawn: leave claim out, and a new one is opened", "claim")]
    known = states[claim_stream(claim_of(command, states))].requisition
    if known in (None, command.requisition):
        return []
    return [Failure("claim.once", f"{claim_of(command, states)} is the claim for {known}: name another", "claim")]


def _ended(state: Requisition) -> dict[str, tuple[str, ...]]:
    return {name: (key,) if state.clocks.runs(key) else () for name, key in (("met", BACK), ("stopped", UNTIL))}


def _let_go(command: c.ReturnProperty | c.DeclareLoss, state: Requisition) -> Sequence[tuple[str, Any]]:
    assert state.wanted is not None
    gone = RequisitionLetGo(state.incident, command.requisition, command.now)
    return *freed(state.wanted, command.requisition, command.now), (held_stream(state.incident), gone)
