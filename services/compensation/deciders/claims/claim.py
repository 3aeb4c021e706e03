"""A claim through its life (domain 3.13): who may, what follows, by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.compensation.deciders.claims import commands as c
from services.compensation.deciders.claims.appealing import appeal
from services.compensation.deciders.claims.assessing import assess, surroundings
from services.compensation.deciders.claims.deciding import APPLY, decide_or_serve
from services.compensation.deciders.claims.opening import open_claim, prepare
from services.compensation.deciders.claims.paying import pay
from services.compensation.deciders.claims.reconsidering import meant, reconsider
from services.compensation.deciders.claims.state import APPEALED, Claim, about, evolve, told
from services.compensation.deciders.claims.taking import held, item_stream, items, lost_it, sought
from services.compensation.deciders.claims.unasked import possible
from services.compensation.deciders.clock import escalate
from services.compensation.deciders.streams import claim_stream, entitlement_stream, incident_stream, leader_stream
from services.compensation.events.decision import ClaimFinal
from services.compensation.events.figures import ClaimKind
from shared.kernel.decider import Decided, Decider, Handles, Rules

Asked = c.Asking | c.Assessing | c.Deciding | c.Paying | c.Reconsidering | c.Appealing | c.EscalateClaimClock


def decide(command: Asked, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a claim; of a joint command the states by stream."""
    match command:
        case c.ClaimCompensation():
            return open_claim(command, state, rules)
        case c.AddEvidence() | c.NoteEntitlement() | c.WithdrawClaim():
            return prepare(command, state, rules)
        case c.AssessClaim() | c.ReassessClaim():
            return assess(command, state, rules)
        case c.DecideClaim() | c.SettleClaim() | c.ServeDecision():
            return decide_or_serve(command, state, rules)
        case c.PayClaim() | c.CorrectPayment():
            return pay(command, state, rules)
        case c.DoubtClaim() | c.ReconsiderClaim():
            return reconsider(command, state, rules)
        case c.FileAppeal() | c.RecordAppealResult():
            return appeal(command, state, rules)
        case c.EscalateClaimClock():
            return _passed(command, state)
        case _:
            assert_never(command)


def _passed(command: c.EscalateClaimClock, claim: Claim) -> Sequence[Any]:
    """Nobody asked for a review in time: the decision is final. Any other deadline was missed."""
    if command.key != APPLY:
        return escalate(command, claim.clocks)
    if claim.status == APPEALED or claim.clocks.passed(APPLY, command.now) is None:
        return []
    return [told(claim, ClaimFinal(command.claim, command.now, (APPLY,)))]


def _own(command: Any) -> tuple[str, ...]:
    return (claim_stream(command.claim),)


def _opening(command: c.ClaimCompensation) -> tuple[str, ...]:
    return (
        claim_stream(command.claim),
        entitlement_stream(command.claimant, command.incident),
        leader_stream(command.claimant),
        *((incident_stream(command.incident),) if command.incident else ()),
        *(map(claim_stream, possible(command)[1:]) if command.by.has("SYS") else ()),
    )


def _doubting(command: c.DoubtClaim) -> tuple[str, ...]:
    return (item_stream(ClaimKind.REQUISITION, command.item),) if command.item else (claim_stream(command.claim or ""),)


def _doubted(command: c.DoubtClaim, states: Mapping[str, Any]) -> tuple[str, ...]:
    """And every claim for that thing."""
    return meant(command, states) if command.item else _around(command, states)


def _around(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Who speaks for the claimant, what the claim covers, and whose the item is by now."""
    claim: Claim = states[claim_stream(command.claim)]
    if not claim.claimant:
        return ()
    return leader_stream(claim.claimant), entitlement_stream(claim.claimant, claim.incident), *items(claim)


def _paying(command: c.PayClaim, states: Mapping[str, Any]) -> tuple[str, ...]:
    """And who had it before."""
    around = _around(command, states)
    return (*around, *lost_it(states[claim_stream(command.claim)], states)) if around else ()


def _withdrawing(command: c.WithdrawClaim, states: Mapping[str, Any]) -> tuple[str, ...]:
    """And whatever it has."""
    around = _around(command, states)
    return (*around, *held(command, states)) if around else ()


_OF_A_PERSON = (
    c.AddEvidence,
    c.NoteEntitlement,
    c.DecideClaim,
    c.SettleClaim,
    c.ServeDecision,
    c.FileAppeal,
    c.RecordAppealResult,
    c.ReconsiderClaim,
)
CLAIM = Decider(
    category="claim",
    initial=Claim(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        c.ClaimCompensation: Handles(_opening, creates=True, bulk=True, further=sought),
        c.WithdrawClaim: Handles(_own, bulk=True, further=_withdrawing),
        c.DoubtClaim: Handles(_doubting, bulk=True, further=_doubted),
        **{kind: Handles(_own, further=_around) for kind in _OF_A_PERSON},
        c.PayClaim: Handles(_own, bulk=True, further=_paying),
        **{kind: Handles(_own, bulk=True, further=surroundings) for kind in (c.AssessClaim, c.ReassessClaim)},
        **{kind: Handles(_own) for kind in (c.CorrectPayment, c.EscalateClaimClock)},
    },
    joint=frozenset((c.ClaimCompensation, c.WithdrawClaim, c.PayClaim, c.DoubtClaim, *_OF_A_PERSON, c.AssessClaim, c.ReassessClaim)),
)
