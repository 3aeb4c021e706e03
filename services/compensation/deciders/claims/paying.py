"""Payments: what is owed, whole and once; what was wrong is reversed by a fact of its own (domain 3.13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.compensation.deciders.claims.commands import CorrectPayment, PayClaim, Paying
from services.compensation.deciders.claims.deciding import PAY, RECOVER, require_apart, unserved
from services.compensation.deciders.claims.proving import account_by_two, unpayable
from services.compensation.deciders.claims.reconsidering import require_undoubted
from services.compensation.deciders.claims.state import FLOW, Claim, told
from services.compensation.deciders.claims.taking import paid_before, require_had
from services.compensation.deciders.streams import claim_stream, leader_stream
from services.compensation.events.figures import ZERO
from services.compensation.events.payment import ClaimPaid, PaymentCorrected
from shared.blocks.deadlines import deadline
from shared.blocks.money import cents, unfit
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all


def pay(command: Paying, state: Any, rules: Rules) -> Sequence[Any]:
    """Never above the decision, never twice; by another than who took part before."""
    if isinstance(command, CorrectPayment):
        return _correct(command, state, rules)
    own = claim_stream(command.claim)
    claim: Claim = state[own]
    require_apart(command.by, claim, state[leader_stream(claim.claimant)], "pays")
    if command.by.actor == claim.decided_by:
        raise NotAllowed(Failure("claim.assessor", "another officer pays: not who decided"))
    FLOW.require(claim.status, command)
    if unserved(claim):
        raise WrongState(Failure("claim.unserved", "serve the decision first (ServeDecision), on paper with its proof; then it is paid"))
    require_had(claim, state)
    require_undoubted(claim, state)
    _looked_at(command, paid_before(claim, state))
    decided = claim.decided or ZERO
    faults = [*unfit(command.amount, "amount")]
    if claim.owed <= 0:
        faults.append(Failure("amount", f"decided {decided}, paid {claim.paid}: nothing is owed", "amount"))
    elif command.amount is not None and not faults and command.amount != claim.owed:
        paid = f", paid {claim.paid}" if claim.paid else ""
        faults.append(Failure("amount", f"decided {decided}{paid}: pay {claim.owed}, no more and no less", "amount"))
    if (command.account or claim.account) in rules.value("compensation.ways") and command.reference is None:
        faults.append(Failure("claim.receipt", "name the number of the receipt that was signed for it", "reference"))
    refuse_all(RuleBroken, [*faults, *unpayable(command.account, rules)])
    assert claim.payer is not None
    met = (PAY,) if claim.clocks.runs(PAY) else ()
    other = command.account is not None and command.account != claim.account
    second = account_by_two(command, "another account than the claim names, or one where it names none") if other else None
    paid_fact = ClaimPaid(
        command.claim,
        claim.claimant,
        claim.incident,
        claim.owed,
        claim.payer,
        command.account or claim.account,
        command.reference,
        command.by.actor,
        command.now,
        met,
        second,
    )
    return [(own, told(claim, paid_fact))]


def _looked_at(command: PayClaim, before: list[str]) -> None:
    """What was paid to another already is paid again only by two who looked at it: nobody pays twice unknowingly. NotAllowed."""
    if before and (command.cosigner is None or command.cosigner.actor == command.by.actor):
        said = f"{', '.join(before)} was paid for it: reverse that (CorrectPayment), or a second person signs that both are paid"
        raise NotAllowed(Failure("two.persons", said))


def _correct(command: CorrectPayment, claim: Claim, rules: Rules) -> Sequence[Any]:
    """What came back is owed again."""
    second = command.cosigner
    if second is None or second.actor == command.by.actor:
        raise NotAllowed(Failure("two.persons", "a second person signs the reversal too"))
    FLOW.require(claim.status, command)
    faults = [*unfit(command.amount, "amount")]
    if not faults and (not command.amount or command.amount > claim.paid):
        faults.append(Failure("amount", f"name what is reversed, up to what was paid: {claim.paid}", "amount"))
    if not command.reason:
        faults.append(Failure("claim.reason", "say why it is reversed", "reason"))
    refuse_all(RuleBroken, faults)
    assert command.amount is not None and command.reason
    amount = cents(command.amount)
    owed = claim.decided is not None and claim.doubt is None and claim.owed + amount > 0
    clocks = (deadline(rules, PAY, command.now),) if owed else ()
    met = (RECOVER,) if claim.clocks.runs(RECOVER) and claim.owed + amount >= 0 else ()
    said = command.claim, claim.claimant, claim.incident, amount, command.reason
    fact = PaymentCorrected(*said, command.by.actor, second.actor, command.now, clocks, met=met)
    return [told(claim, fact)]
