"""No money goes where nobody said, nor before who claims was told; where it is paid is asked for with everything else that is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.compensation.deciders.claims.commands import AddEvidence, FileAppeal, RecordAppealResult, ServeDecision
from services.compensation.deciders.claims.state import APPEALED, PAID, SERVED
from services.compensation.events.appeal import AppealOutcome
from services.compensation.events.claim import EvidenceAdded
from services.compensation.events.decision import DecisionServed, Manner
from services.compensation.events.figures import Figures
from services.compensation.events.payment import ClaimPaid
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.compensation.node import day, opened, settled
from tests.compensation.test_opening import refused
from tests.compensation.world import (
    ACCOUNT,
    APP,
    DIGEST,
    FIN2,
    GOV,
    NOW,
    OFF,
    SYS,
    VA,
    Town,
    assess,
    assessed,
    claim,
    decide,
    minutes,
    money,
    pay,
    requisition,
    serve,
)
from tests.support import Post

OWN: dict[str, Any] = {"now": NOW, "claim": "CL-A"}
APPEAL = FileAppeal(by=VA, reason="a day is missing", **OWN)


def named(**changed: Any) -> AddEvidence:
    return AddEvidence(**({"by": VA, "account": ACCOUNT} | OWN | changed))


def nowhere() -> Town:
    """V-A worked two days and claimed them, and named no account; it was assessed, decided and served."""
    town = Town(account=None)
    town.settled("V-A", minutes("V-A", (18, 9), (19, 10.5)))
    assert town.do(claim()).answer == {"missing": ["account"]}
    for command in (assess(), decide(), serve()):
        town.do(command)
    return town


def unserved(manner: Manner = Manner.PAPER) -> Town:
    """Decided, and who claims heard of it and asked for a review before it was served."""
    town = assessed()
    town.do(decide(manner=manner))
    town.do(APPEAL)
    return town


def test_what_names_no_account_is_decided_and_paid_all_the_same_and_says_so():
    assert nowhere().do(pay()).events[0].account is None
    town = nowhere()
    assert town.do(named()).answer == {"missing": []}
    (fact,) = town.do(pay()).events
    assert isinstance(fact, ClaimPaid) and fact.account == ACCOUNT and town.claim().status == PAID


def test_all_that_is_wrong_with_a_payment_is_said_at_once():
    error = refused(nowhere(), pay(amount=money("1"), account="in kind"), RuleBroken, "amount")
    assert [one.rule for one in error.failures] == ["amount", "PIPL-5"]


def test_where_it_is_paid_may_be_named_with_the_payment_by_two():
    refused(nowhere(), pay(account=ACCOUNT), NotAllowed, "two.persons")
    assert nowhere().do(pay(account=ACCOUNT, cosigner=FIN2)).events[0].second == "B.FIN2"


def test_who_has_no_account_is_paid_in_cash_against_a_receipt():
    town = nowhere()
    town.do(named(account="cash"))
    refused(town, pay(), RuleBroken, "claim.receipt")
    (fact,) = town.do(pay(reference="RC-1")).events
    assert (fact.account, fact.reference) == ("cash", "RC-1")
    assert "cash" in refused(nowhere(), named(account="in kind"), RuleBroken, "PIPL-5").cure


@pytest.mark.parametrize("more", [{"receipts": money("9")}, {"account": None, "receipts": money("9")}])
def test_once_it_is_decided_nothing_but_the_account_is_named(more: dict[str, Any]):
    town = nowhere()
    before = town.claim()
    assert "FileAppeal" in refused(town, named(**more), WrongState, "claim.state").cure
    (added,) = town.do(named()).events
    assert isinstance(added, EvidenceAdded) and not added.clocks and not added.stopped
    assert town.claim() == replace(before, account=ACCOUNT, taken_part=before.taken_part | {"V-A"})


def test_an_officer_names_the_account_of_another_only_with_a_second_person():
    refused(nowhere(), named(by=OFF), NotAllowed, "two.persons")
    assert nowhere().do(named(by=OFF, cosigner=APP)).events


def test_naming_the_account_asks_for_nothing_else_anew():
    """What came back whole is worth nothing, and nothing is missing: the account does not make figures missing."""
    town = Town(account=None)
    town.do(requisition(by=SYS, damage=None, tariff=None, days=None))
    claim_before = town.claim("CL-R")
    assert claim_before.figures == Figures()
    owner = Signature("OW-1", ("CIT",), "150722", 3)
    (added,) = town.do(named(by=owner, claim="CL-R")).events
    assert added.missing == claim_before.missing


@pytest.mark.parametrize("manner", list(Manner))
def test_a_decision_that_is_under_review_before_it_was_served_is_served_all_the_same(manner: Manner):
    town = unserved(manner)
    assert "ServeDecision" in refused(town, pay(), WrongState, "claim.unserved").cure
    by_hand = ServeDecision(by=OFF, proof="receipt 1", **OWN)
    (fact,) = town.do(by_hand if manner is Manner.PAPER else serve()).events
    assert isinstance(fact, DecisionServed) and fact.met == ("claim.serve_wait",)
    assert town.claim().status == APPEALED and town.claim().clocks.runs("K-28.decide")
    refused(town, by_hand, WrongState, "claim.state")
    assert not town.do(serve()).events
    assert town.do(pay()).events and town.claim().status == APPEALED


def test_the_result_of_the_review_tells_them_too():
    town = unserved()
    town.do(RecordAppealResult(by=GOV, outcome=AppealOutcome.UPHELD, document=DIGEST, **OWN))
    assert town.claim().status == SERVED and town.do(pay()).events


def test_what_is_missing_is_shown_until_nothing_is_left_to_pay(tmp_path):
    va, officer, approver, finance = Post("V-A", "VOL"), Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.FIN", "FIN")
    with opened(tmp_path / "data") as desk:
        desk.tell(settled("V-A", day("V-A", 18, 9)))
        desk.placed("INC-1")
        desk.until("/records/V-A", va, lambda body: body["settled"])
        made = desk.post("/claims", va, {"claim": "CL-A", "claimant": "V-A", "incident": "INC-1"})
        assert (made.status_code, made.json()["missing"], made.json()["flags"]) == (201, ["account"], []), made.text
        desk.until("/claims/CL-A/evidence", va, lambda body: body["missing"] == ["account"] and not body["complete"])
        assert desk.post("/claims/CL-A/assessment", officer).status_code == 201
        assert desk.post("/claims/CL-A/decision", approver, {"manner": "paper"}).status_code == 201
        assert desk.post("/claims/CL-A/appeal", va, {"reason": "a day is missing"}).status_code == 201
        unpaid = desk.post("/claims/CL-A/payment", finance).json()
        assert (unpaid["status"], unpaid["rule"]) == (409, "claim.unserved"), unpaid
        served = desk.post("/claims/CL-A/service", officer, {"proof": "receipt 1"})
        assert served.status_code == 201, served.text
        shown = desk.until("/claims/CL-A", va, lambda body: body["served_at"])
        assert (shown["state"], shown["missing"], shown["way"]) == ("appealed", ["account"], None)
        assert desk.post("/claims/CL-A/evidence", va, {"account": "cash"}).status_code == 201
        assert desk.post("/claims/CL-A/payment", finance, {"reference": "RC-1"}).status_code == 201
        paid = desk.until("/claims/CL-A", va, lambda body: body["paid"] == "120.00")
        assert (paid["missing"], paid["way"]) == ([], "cash")
