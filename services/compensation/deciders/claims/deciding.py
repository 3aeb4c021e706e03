"""The decision: by another than who assessed or entered it, with its remedy, and served (domain 3.13, RQ-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_never

from services.compensation.deciders.claims.commands import DecideClaim, Deciding, ServeDecision, SettleClaim
from services.compensation.deciders.claims.proving import interested
from services.compensation.deciders.claims.state import APPEALED, DECIDED, FLOW, Claim, told
from services.compensation.deciders.claims.taking import has_it, require_had
from services.compensation.deciders.claims.unasked import DECIDE
from services.compensation.deciders.entitlements.entitlement import Entitlement
from services.compensation.deciders.entitlements.leader import Leader
from services.compensation.deciders.streams import claim_stream, entitlement_stream, leader_stream
from services.compensation.events.decision import ClaimDecided, ClaimSettled, DecisionServed, Manner, Outcome, Remedy
from services.compensation.events.ground import Ground
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.blocks.money import cents, unfit, unreferenced
from shared.kernel.commands import Signature
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

DECIDERS = ("GOV", "EMD.approver")
SERVE, PAY, APPLY = "claim.serve_wait", "claim.pay_wait", "K-28.apply"
LOOK, RECOVER = "claim.look_wait", "claim.recover_wait"  # at what was taken back; for what was paid too much


def decide_or_serve(command: Deciding, states: Mapping[str, Any], rules: Rules) -> Decided | Sequence[Any]:
    """A decision, a settlement in its place, or its service."""
    own = claim_stream(command.claim)
    claim: Claim = states[own]
    match command:
        case DecideClaim():
            require_decider(command.by, claim, states)
            FLOW.require(claim.status, command)
            _require_current(claim, states, denied=command.amount == 0 or (command.amount is None and not claim.assessed))
            return Decided([(own, told(claim, _decided(command, claim, states, rules)))], basis="ARC-20")
        case SettleClaim():
            require_decider(command.by, claim, states)
            FLOW.require(claim.status, command)
            _require_current(claim, states)
            return [(own, told(claim, _settled(command, claim, states, rules)))]
        case ServeDecision():
            return _serve(command, claim, own, rules)
        case _:
            assert_never(command)


def _decided(command: DecideClaim, claim: Claim, states: Mapping[str, Any], rules: Rules) -> ClaimDecided:
    amount = claim.assessed if command.amount is None else command.amount
    faults = [*unfit(command.amount, "amount")]
    if not faults and amount != claim.assessed and not command.reason:
        faults.append(Failure("claim.reason", f"assessed {claim.assessed}; say why it is to be {cents(amount)}", "reason"))
    if not faults and not amount and not command.reason:
        faults.append(Failure("claim.reason", "say why nothing is granted", "reason"))
    refuse_all(RuleBroken, faults)
    assert claim.payer is not None
    return ClaimDecided(
        claim=command.claim,
        claimant=claim.claimant,
        incident=claim.incident,
        outcome=Outcome.GRANTED if amount >= claim.assessed and amount else Outcome.PARTLY if amount else Outcome.DENIED,
        amount=cents(amount),
        assessed=claim.assessed,
        reason=command.reason or "",
        payer=claim.payer,
        remedy=_remedy(command, rules),
        manner=command.manner,
        by=command.by.actor,
        at=command.now,
        met=_running(claim, DECIDE, *((RECOVER,) if amount >= claim.paid else ())),
        clocks=(deadline(rules, SERVE, command.now), *(recovery(amount, claim, command.now, rules))),
        second=_second(command, claim, states) if amount > claim.assessed else None,
    )


def _remedy(command: DecideClaim, rules: Rules) -> Remedy:
    row = rules.value("compensation.remedy")
    which = "above" if command.by.has("GOV") else "own"
    organ = command.remedy_organ or row[which].format(division=command.by.division)
    return Remedy(organ, rules.value(APPLY).days, command.remedy or f"{row['zh']} / {row['en']}", row["article"])


def _settled(command: SettleClaim, claim: Claim, states: Mapping[str, Any], rules: Rules) -> ClaimSettled:
    faults = [*unfit(command.amount, "amount"), *unreferenced(command.document, "document")]
    if command.amount is None:
        faults.append(Failure("amount", "name what was agreed to", "amount"))
    if command.document is None:
        faults.append(Failure("claim.settled", "name where the agreement is kept, signed by both", "document"))
    if claim.payer is None:
        faults.append(Failure("RQ-11", "nobody is known to pay: enter the claim where it is to be paid"))
    more = not faults and command.amount is not None and command.amount > claim.assessed
    if more and not command.reason:
        faults.append(Failure("claim.reason", f"assessed {claim.assessed}; say why it is to be more", "reason"))
    refuse_all(RuleBroken, faults)
    assert command.amount is not None and command.document and claim.payer is not None
    return ClaimSettled(
        claim=command.claim,
        amount=cents(command.amount),
        document=command.document,
        payer=claim.payer,
        by=command.by.actor,
        at=command.now,
        met=_running(claim, DECIDE, *((RECOVER,) if command.amount >= claim.paid else ())),
        clocks=(deadline(rules, PAY, command.now),) if command.amount > claim.paid else recovery(command.amount, claim, command.now, rules),
        reason=command.reason or "",
        second=_second(command, claim, states) if more else None,
    )


def _second(command: DecideClaim | SettleClaim, claim: Claim, states: Mapping[str, Any]) -> str:
    """More than was assessed, which is what the formula gives (3.13), is granted or agreed to by two who may decide."""
    second = command.cosigner
    if second is None or second.actor == command.by.actor:
        raise NotAllowed(Failure("two.persons", f"assessed {claim.assessed}: a second person who may decide signs for more"))
    require_decider(second, claim, states)
    return second.actor


def _serve(command: ServeDecision, claim: Claim, own: str, rules: Rules) -> Decided | Sequence[Any]:
    """From service on the time for a review runs (ARC-20), and that for payment."""
    if command.by.has("SYS") and (not unserved(claim) or claim.manner is not Manner.IN_APP):
        return []
    FLOW.require(claim.status, command)
    if not unserved(claim):
        raise WrongState(Failure("claim.state", "it was served before who claims asked for a review: nothing is left to serve"))
    if command.manner is Manner.PAPER and not command.proof:
        raise RuleBroken(Failure("ARC-20", "name the proof that it arrived: receipt, registered letter, witness", "proof"))
    clocks = [deadline(rules, APPLY, command.now)]
    if claim.owed > Decimal(0) and claim.doubt is None:  # else it is paid when two let it stand
        clocks.append(deadline(rules, PAY, command.now))
    met = _running(claim, SERVE)
    served = DecisionServed(command.claim, command.manner, command.proof or "", command.by.actor, command.now, met, tuple(clocks))
    return Decided([(own, served)], basis="ARC-20")


def unserved(claim: Claim) -> bool:
    """Whether who claims was not told yet, also where they heard of it and asked for a review before."""
    return claim.status == DECIDED or (claim.status == APPEALED and claim.clocks.runs(SERVE))


def require_apart(by: Signature, claim: Claim, leader: Leader, what: str) -> None:
    """Whoever entered it, brought proof, assessed it or would gain by it takes no further part."""
    if by.actor in claim.taken_part or interested(by, claim.claimant, leader):
        raise NotAllowed(Failure("claim.assessor", f"another officer {what}: not who entered, proved, assessed or would gain by it"))


def require_decider(by: Signature, claim: Claim, states: Mapping[str, Any]) -> None:
    """Who may decide, and took no part before. NotAllowed."""
    require_apart(by, claim, states[leader_stream(claim.claimant)], "decides")
    if not by.has(*DECIDERS):
        raise NotAllowed(Failure("matrix.3.27", f"a claim is decided by {' or '.join(DECIDERS)}"))


def require_back(claim: Claim) -> None:
    """WrongState while what it is for is out again: it is counted once it is back, or lost."""
    if claim.doubt is Ground.NOT_BACK:
        raise WrongState(Failure("claim.not_back", "what was said to be back, or lost, is out again: counted once it is back"))


def counted_anew(claim: Claim, entitlement: Entitlement) -> bool:
    """Whether what was done, or what is stated, is otherwise than it was assessed."""
    kept = entitlement.claims.get(claim.claim)
    now = entitlement.revisions(kept.covers if kept else claim.covers) if claim.entitled else ()
    return claim.restated or now != claim.revisions


def recovery(amount: Decimal, claim: Claim, now: datetime, rules: Rules) -> tuple[Due, ...]:
    """What was paid above what is decided is to come back; somebody writes down when it did (CorrectPayment)."""
    return (deadline(rules, RECOVER, now),) if amount < claim.paid else ()


def _require_current(claim: Claim, states: Mapping[str, Any], denied: bool = False) -> None:
    """Nothing is decided on an assessment that was overtaken; of what is another's claim by now it can only be denied."""
    if denied and has_it(claim, states) is not None:
        return
    require_had(claim, states)
    require_back(claim)
    if claim.missing:
        raise WrongState(Failure("claim.incomplete", f"still missing: {', '.join(claim.missing)}; then assess it anew"))
    if counted_anew(claim, states[entitlement_stream(claim.claimant, claim.incident)]):
        raise WrongState(Failure("claim.stale", "what it was counted from has changed since: assess it anew"))


def _running(claim: Claim, *keys: str) -> tuple[str, ...]:
    return tuple(key for key in keys if claim.clocks.runs(key))
