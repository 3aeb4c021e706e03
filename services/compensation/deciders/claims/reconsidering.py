"""A decided claim whose ground was taken back: doubted by a policy, looked at by two, who let it stand or set it back to assessment.

What it comes to then is assessed, decided and served like any claim, with its remedy; what was paid too much is written down as it comes
back (`CorrectPayment`). No money moves by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.compensation.deciders.claims.commands import DoubtClaim, ReconsiderClaim, Reconsidering
from services.compensation.deciders.claims.deciding import APPLY, LOOK, PAY, RECOVER, SERVE, require_decider
from services.compensation.deciders.claims.state import APPEALED, FLOW, PREPARED, SERVED, SETTLED, STANDING, Claim, told
from services.compensation.deciders.claims.taking import has_it, item_stream, of_item
from services.compensation.deciders.claims.unasked import DECIDE
from services.compensation.deciders.entitlements.entitlement import Entitlement
from services.compensation.deciders.streams import claim_stream, entitlement_stream
from services.compensation.events.decision import Manner
from services.compensation.events.figures import ClaimKind
from services.compensation.events.ground import ClaimDoubted, ClaimReconsidered, Ground, Outcome
from shared.blocks.deadlines import deadline
from shared.kernel.commands import Signature
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

ENDED = (SERVE, APPLY, PAY, RECOVER)
States = Mapping[str, Any]


def reconsider(command: Reconsidering, states: States, rules: Rules) -> Decided | Sequence[Any]:
    """Doubted by the node; judged by two persons who may decide."""
    if isinstance(command, DoubtClaim):
        return [(own, fact) for own in meant(command, states) for fact in _doubted(command, states[own], states, rules)]
    own = claim_stream(command.claim)
    claim: Claim = states[own]
    for one in _two(command):
        require_decider(one, claim, states)
    FLOW.require(claim.status, command)
    ground = claim.doubt if claim.doubt is Ground.NOT_BACK else _ground(claim, states) or claim.doubt
    if ground is None:
        raise WrongState(Failure("claim.state", "nothing it rests on was taken back: who claims may ask for a review"))
    refuse_all(RuleBroken, _faults(command, claim, ground))
    return Decided([(own, told(claim, _reconsidered(command, claim, ground, states, rules)))], basis="ARC-20")


def meant(command: DoubtClaim, states: States) -> tuple[str, ...]:
    """The claim that is named, or every claim that has the thing: never one that is for another thing."""
    if command.item is None:
        return (claim_stream(command.claim),) if command.claim is not None else ()
    return of_item(item_stream(ClaimKind.REQUISITION, command.item), states)


def _doubted(command: DoubtClaim, claim: Claim, states: States, rules: Rules) -> Sequence[ClaimDoubted]:
    """Nothing, where it is doubted already, or was counted anew since."""
    out, decided = command.ground is Ground.NOT_BACK, claim.status in (*STANDING, APPEALED)
    fits = decided or (out and claim.status in PREPARED)
    true = not _older(command, claim) if out else _ground(claim, states) is command.ground
    if not fits or not true or (claim.doubt is not None and (claim.doubt is Ground.NOT_BACK or not out)):
        return []
    return [in_doubt(claim, command.ground, command.source, command.now, rules)]


def _older(command: DoubtClaim, claim: Claim) -> bool:
    """Whether it heard of a newer fact already."""
    return claim.told_at is not None and command.now < claim.told_at


def in_doubt(claim: Claim, ground: Ground, source: str, now: datetime, rules: Rules) -> ClaimDoubted:
    """The fact that doubts it: two look at what was decided, and until then nothing is paid."""
    clocks = (deadline(rules, LOOK, now),) if claim.status in STANDING else ()  # under review the reviewing organ speaks first
    stopped = tuple(key for key in ((DECIDE,) if claim.status in PREPARED else (PAY,)) if claim.clocks.runs(key))
    return ClaimDoubted(claim.claim, claim.claimant, claim.incident, ground, source, now, clocks, stopped)


def _two(command: ReconsiderClaim) -> tuple[Signature, Signature]:
    second = command.cosigner
    if second is None or second.actor == command.by.actor:
        raise NotAllowed(Failure("two.persons", "a second person who may decide signs it too"))
    return command.by, second


def _ground(claim: Claim, states: States) -> Ground | None:
    """What took its ground away, as the records say now."""
    if has_it(claim, states) is not None:
        return Ground.ANOTHERS
    entitlement: Entitlement = states[entitlement_stream(claim.claimant, claim.incident)]
    return Ground.HOURS if entitlement.less_than(claim.claim, claim.revisions) else None


def _faults(command: ReconsiderClaim, claim: Claim, ground: Ground) -> list[Failure]:
    faults = []
    if command.outcome is None:
        faults.append(Failure("claim.reconsidered", f"say what becomes of the decision: {', '.join(Outcome)}", "outcome"))
    if command.outcome is Outcome.STANDS and ground is Ground.NOT_BACK:
        faults.append(Failure("claim.reconsidered", "what it is for is out again: set it back; it is counted when it is back", "outcome"))
    if command.outcome is Outcome.STANDS and ground is Ground.ANOTHERS and claim.owed > 0:
        faults.append(Failure("claim.once", "another has what it is for, so it is not paid: set it back", "outcome"))
    if not command.reason:
        faults.append(Failure("claim.reason", "say why; who claims is told", "reason"))
    if command.manner is Manner.PAPER and not command.proof:
        faults.append(Failure("ARC-20", "name the proof that it arrived: receipt, registered letter, witness", "proof"))
    return faults


def _reconsidered(command: ReconsiderClaim, claim: Claim, ground: Ground, states: States, rules: Rules) -> ClaimReconsidered:
    assert command.outcome is not None and command.cosigner is not None
    entitlement: Entitlement = states[entitlement_stream(claim.claimant, claim.incident)]
    kept = entitlement.claims.get(claim.claim)
    back = command.outcome is Outcome.SET_BACK
    ended = (LOOK, *(ENDED if back else ()))
    decides = (DECIDE,) if ground is not Ground.NOT_BACK else ()
    pays = (PAY,) if claim.owed > 0 and claim.status in (SERVED, SETTLED) else ()
    return ClaimReconsidered(
        claim=command.claim,
        claimant=claim.claimant,
        incident=claim.incident,
        outcome=command.outcome,
        ground=ground,
        reason=command.reason or "",
        manner=command.manner,
        proof=command.proof or "",
        by=command.by.actor,
        second=command.cosigner.actor,
        at=command.now,
        revisions=entitlement.revisions(kept.covers if kept else claim.covers) if claim.entitled else (),
        stopped=tuple(key for key in ended if claim.clocks.runs(key)),
        clocks=tuple(deadline(rules, key, command.now) for key in (decides if back else pays)),
    )


def require_undoubted(claim: Claim, states: States) -> None:
    """WrongState while what it rests on was taken back and nobody looked at it."""
    if claim.doubt is not None or _ground(claim, states) is Ground.HOURS:
        raise WrongState(Failure("claim.doubted", "what it rests on was taken back: two persons look at it first (ReconsiderClaim)"))
