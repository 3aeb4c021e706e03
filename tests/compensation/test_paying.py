"""Paid whole, once, never above the decision; reversed by a fact of its own; reviewed in the terms of the law."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.compensation.deciders.claims.commands import (
    CorrectPayment,
    EscalateClaimClock,
    FileAppeal,
    ReassessClaim,
    RecordAppealResult,
    SettleClaim,
    WithdrawClaim,
)
from services.compensation.deciders.claims.state import APPEALED, ASSESSED, FINAL, PAID, REOPENED, SERVED
from services.compensation.events.appeal import AppealFiled, AppealOutcome, AppealResultRecorded
from services.compensation.events.decision import ClaimFinal, Manner
from services.compensation.events.payment import ClaimPaid, PaymentCorrected
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.compensation.test_opening import refused
from tests.compensation.world import (
    ACCOUNT,
    APP,
    DIGEST,
    FIN,
    FIN2,
    GOV,
    NOW,
    OFF,
    VA,
    VB,
    Town,
    assess,
    assessed,
    at,
    claim,
    decide,
    minutes,
    money,
    paid,
    pay,
    serve,
    served,
)

LATE = at("09:00").replace(month=10)


def correct(**changed: Any) -> CorrectPayment:
    said = {"by": FIN, "cosigner": FIN2, "now": NOW, "claim": "CL-A", "amount": money("326.5"), "reason": "account closed"}
    return CorrectPayment(**said | changed)


def appeal(**changed: Any) -> FileAppeal:
    return FileAppeal(**({"by": VA, "now": NOW, "claim": "CL-A", "reason": "a day is missing"} | changed))


def result(outcome: AppealOutcome | None, **changed: Any) -> RecordAppealResult:
    return RecordAppealResult(**({"by": GOV, "now": NOW, "claim": "CL-A", "outcome": outcome, "document": DIGEST} | changed))


def test_what_was_decided_is_paid_and_once():
    town = served()
    (fact,) = town.do(pay(amount=money("326.5"), account=ACCOUNT, cosigner=FIN2)).events
    assert isinstance(fact, ClaimPaid) and (str(fact.amount), fact.payer, fact.account) == ("326.50", "150722", ACCOUNT)
    assert fact.met == ("claim.pay_wait",) and town.claim().status == PAID
    refused(town, pay(), WrongState, "claim.state")


def test_above_the_decision_nothing_is_paid():
    town = Town()
    town.settled("V-G", minutes("V-G", (19, 5.25)))
    town.do(claim(by=replace(VA, actor="V-G"), claim="CL-G", claimant="V-G"))
    town.do(assess(claim="CL-G"))
    town.do(decide(claim="CL-G"))
    town.do(serve(claim="CL-G"))
    error = refused(town, pay(claim="CL-G", amount=money("120")), RuleBroken, "amount")
    assert "decided 60.00" in error.cure
    refused(town, pay(claim="CL-G", amount=money("59.99")), RuleBroken, "amount")


def test_nothing_is_paid_before_service_nor_after_a_denial():
    town = assessed()
    refused(town, pay(), WrongState, "claim.state")
    town.do(decide(amount=money("0"), reason="paid by the employer"))
    refused(town, pay(), WrongState, "claim.state")
    town.do(serve())
    refused(town, pay(), RuleBroken, "amount")


def test_who_assessed_or_decided_does_not_pay():
    refused(served(), pay(by=replace(APP, roles=("FIN",))), NotAllowed, "claim.assessor")
    refused(served(), pay(by=replace(OFF, roles=("FIN",))), NotAllowed, "claim.assessor")
    refused(served(), pay(account="6222020200112233445"), RuleBroken, "PIPL-5")


def test_a_payment_is_reversed_by_two_and_then_owed_again():
    town = paid()
    refused(town, correct(cosigner=None), NotAllowed, "two.persons")
    refused(town, correct(cosigner=FIN), NotAllowed, "two.persons")
    assert len(refused(town, correct(amount=money("327"), reason=None), RuleBroken, "amount").failures) == 2
    (fact,) = town.do(correct()).events
    assert isinstance(fact, PaymentCorrected) and [due.rule for due in fact.clocks] == ["claim.pay_wait"]
    assert town.claim().status == SERVED and str(town.claim().owed) == "326.50"
    town.do(pay())
    assert town.claim().status == PAID
    refused(served(), correct(), WrongState, "claim.state")


def test_after_sixty_days_without_a_review_it_is_final():
    town = paid()
    (fact,) = town.do(EscalateClaimClock(by=OFF, now=LATE, claim="CL-A", key="K-28.apply")).events
    assert isinstance(fact, ClaimFinal) and town.claim().status == FINAL
    assert not town.claim().clocks.open()


def test_final_before_it_was_paid_it_is_still_owed():
    town = served()
    town.do(EscalateClaimClock(by=OFF, now=LATE, claim="CL-A", key="K-28.apply"))
    assert town.claim().status == SERVED
    town.do(pay())
    assert town.claim().status == FINAL


def test_an_appeal_runs_by_the_terms_of_the_law():
    town = paid()
    decided = town.do(appeal())
    (fact,) = decided.events
    assert isinstance(fact, AppealFiled) and not fact.late and fact.organ == "the government of 150722"
    assert {due.rule: (due.due_at - NOW).days for due in fact.clocks} == {"K-28.admit": 7, "K-28.decide": 60}
    assert town.claim().status == APPEALED and not decided.flags
    (admitted,) = town.do(result(AppealOutcome.ADMITTED)).events
    assert admitted.met == ("K-28.admit",)
    (longer,) = town.do(result(AppealOutcome.EXTENDED)).events
    assert (longer.clocks[0].due_at - NOW).days == 90
    assert town.claim().status == APPEALED
    assert not town.do(EscalateClaimClock(by=OFF, now=LATE, claim="CL-A", key="K-28.apply")).events


def test_appeals_are_never_dropped():
    town = paid()
    town.do(EscalateClaimClock(by=OFF, now=LATE, claim="CL-A", key="K-28.apply"))
    decided = town.do(appeal(now=LATE, reason=None))
    assert decided.flags == ("A-LATE", "A-INCOMPLETE") and decided.events[0].late
    early = assessed()
    early.do(decide())
    assert early.do(appeal()).events
    refused(paid(), appeal(by=VB), NotAllowed, "claim.own")
    refused(assessed(), appeal(), WrongState, "claim.state")


def test_upheld_it_is_final():
    town = paid()
    town.do(appeal())
    (fact,) = town.do(result(AppealOutcome.UPHELD)).events
    assert isinstance(fact, AppealResultRecorded) and fact.final and str(fact.amount) == "326.50"
    assert town.claim().status == FINAL and not town.claim().clocks.open()


@pytest.mark.parametrize("outcome", [AppealOutcome.NOT_ADMITTED, AppealOutcome.WITHDRAWN])
def test_not_heard_it_stands_as_before(outcome: AppealOutcome):
    town = paid()
    town.do(appeal())
    town.do(result(outcome))
    assert town.claim().status == PAID and town.claim().clocks.runs("K-28.apply")


def test_an_unserved_decision_that_is_upheld_is_owed_and_nobody_serves_it():
    town = assessed()
    town.do(decide(manner=Manner.PAPER))
    town.do(appeal())
    town.do(result(AppealOutcome.UPHELD))
    assert [due.key for due in town.claim().clocks.open()] == ["claim.pay_wait"]


def test_an_unserved_decision_whose_review_is_withdrawn_becomes_final_in_time():
    town = assessed()
    town.do(decide(manner=Manner.PAPER))
    town.do(appeal())
    town.do(result(AppealOutcome.WITHDRAWN))
    assert {due.key for due in town.claim().clocks.open()} == {"claim.pay_wait", "K-28.apply"}


def test_the_term_for_a_review_passes_while_one_runs_and_ends_with_it():
    town = paid()
    town.do(appeal())
    assert not town.do(EscalateClaimClock(by=OFF, now=LATE, claim="CL-A", key="K-28.apply")).events
    (fact,) = town.do(result(AppealOutcome.WITHDRAWN, now=LATE)).events
    assert fact.final and fact.stopped == ("K-28.apply",)
    assert town.claim().status == FINAL and not town.claim().clocks.open()


def test_changed_to_nothing_it_is_paid_no_more():
    town = served()
    town.do(appeal())
    town.do(result(AppealOutcome.CHANGED, amount=money("0")))
    assert not town.claim().clocks.open() and town.claim().over


def test_changed_upwards_the_difference_is_paid():
    town = paid()
    town.do(appeal())
    town.do(result(AppealOutcome.CHANGED, amount=money("446.5")))
    assert town.claim().status == SERVED
    (fact,) = town.do(pay()).events
    assert str(fact.amount) == "120.00" and town.claim().status == FINAL


def test_changed_downwards_what_was_paid_too_much_is_reversed():
    town = paid()
    town.do(appeal())
    town.do(result(AppealOutcome.CHANGED, amount=money("206.5")))
    assert town.claim().status == FINAL
    town.do(correct(amount=money("120")))
    assert town.claim().status == FINAL and town.claim().owed == 0


def test_annulled_it_is_assessed_and_decided_anew():
    town = paid()
    town.do(appeal())
    (fact,) = town.do(result(AppealOutcome.ANNULLED)).events
    assert fact.amount is None and [due.rule for due in fact.clocks] == ["K-27"]
    assert town.claim().status == REOPENED
    refused(town, assess(), WrongState, "claim.state")
    (again,) = town.do(ReassessClaim(by=OFF, now=NOW, claim="CL-A", amount=money("446.5"), reason="a third day")).events
    assert again.round == 2 and town.claim().status == ASSESSED
    town.do(decide())
    town.do(serve())
    (rest,) = town.do(pay()).events
    assert str(rest.amount) == "120.00" and town.claim().status == PAID


def test_annulled_after_it_was_final_the_new_decision_may_be_reviewed_too():
    town = paid()
    town.do(EscalateClaimClock(by=OFF, now=LATE, claim="CL-A", key="K-28.apply"))
    town.do(appeal(now=LATE))
    for command in (result(AppealOutcome.ANNULLED, now=LATE), ReassessClaim(by=OFF, now=LATE, claim="CL-A"), decide(now=LATE)):
        town.do(command)
    town.do(serve(now=LATE))
    assert not town.claim().final and town.claim().status == PAID and town.claim().clocks.runs("K-28.apply")


def test_what_is_not_disputed_is_paid_while_it_is_reviewed():
    town = served()
    town.do(appeal())
    town.do(pay())
    assert town.claim().status == APPEALED
    town.do(result(AppealOutcome.UPHELD))
    assert town.claim().status == FINAL


def test_a_result_says_what_came_of_it_and_where_it_is_kept():
    town = paid()
    town.do(appeal())
    assert len(refused(town, result(None, document=None), RuleBroken, "claim.appeal_result").failures) == 2
    refused(town, result(AppealOutcome.CHANGED), RuleBroken, "amount")
    refused(town, result(AppealOutcome.UPHELD, amount=money("1")), RuleBroken, "amount")


def test_what_was_agreed_to_is_not_reviewed_and_a_decided_claim_not_withdrawn():
    town = assessed()
    town.do(SettleClaim(by=APP, now=NOW, claim="CL-A", amount=money("300"), document=DIGEST))
    town.do(pay())
    refused(town, appeal(), WrongState, "claim.state")
    refused(served(), WithdrawClaim(by=VA, now=NOW, claim="CL-A"), WrongState, "claim.state")
