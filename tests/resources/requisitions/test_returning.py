"""Each return and each loss opens a claim; nothing is closed before that is decided (ERL-12, RQ-05, RQ-07)."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.claimed import NoteRequisitionClaim
from services.resources.events.property import PropertyFreed
from services.resources.events.requisition import CompensationNoted, PropertyLost, PropertyReturned, RequisitionClaimed, ReturnCorrected
from services.resources.events.urgent import RequisitionLetGo
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.resources.requisitions.taken import ICP, borrow, give_back, lose, open_town, paper, refused, requested, take_orally, taken
from tests.resources.world import HQ, SYS, at, july, money


def close(**changed: Any) -> c.CloseRequisition:
    return c.CloseRequisition(**{"by": HQ, "now": at("12:00", 22), "requisition": "RE-1"} | changed)


def claimed(decided: bool = False, requisition: str | None = "RE-1", claim: str = "CL-R", claimant: str = "OW-1") -> NoteRequisitionClaim:
    opened = {} if decided else {"requisition": requisition, "claimant": claimant}
    return NoteRequisitionClaim(**{"by": SYS, "now": at("17:01", 20), "claim": claim, "decided": decided} | opened)


def test_what_comes_back_says_days_condition_and_damage_and_names_its_claim():
    town = taken()
    fact, thing, gone = town.do(give_back()).events
    assert isinstance(fact, PropertyReturned) and isinstance(thing, PropertyFreed) and isinstance(gone, RequisitionLetGo)
    assert (fact.days, fact.damage, fact.tariff, fact.claim) == (2, money("650.00"), "requisition_boat", "CL-R")
    assert (fact.since, fact.until, fact.subject) == (july(18), july(20), "OW-1")
    assert not town.state("held-INC-1").requisitions
    assert refused(town, give_back(), WrongState, "requisition.state")


def test_a_return_without_a_claim_named_opens_one_all_the_same():
    fact, *_ = taken().do(give_back(claim=None, days=None, damage=None)).events
    assert (fact.claim, fact.days, fact.damage) == ("CL-RE-1", 3, money("0.00"))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"condition": None}, "RQ-04"),
        ({"days": 4}, "requisition.days"),
        ({"days": -1}, "requisition.days"),
        ({"damage": money("-1")}, "amount.form"),
        ({"photos": ("x",)}, "PIPL-5"),
    ],
)
def test_a_return_that_says_too_little_or_too_much_is_refused(changed: dict[str, Any], rule: str):
    assert refused(taken(), give_back(**changed), RuleBroken, rule)


def test_what_was_lent_is_paid_for_when_damaged_and_else_owes_nothing():
    town = open_town()
    town.do(borrow())
    whole, *_ = town.do(give_back(damage=None, condition="good")).events
    assert (whole.claim, whole.tariff) == (None, "")
    assert town.do(close()).events
    town = open_town()
    town.do(borrow())
    broken, *_ = town.do(give_back()).events
    assert (broken.claim, broken.tariff) == ("CL-R", "")


def test_what_cannot_come_back_is_claimed_for_at_its_value():
    town = taken()
    assert refused(town, lose(reason=None), RuleBroken, "requisition.reason")
    assert refused(town, lose(loss=money("0.001")), RuleBroken, "amount.form")
    assert refused(town, lose(days=9), RuleBroken, "requisition.days")
    fact, *_ = town.do(lose()).events
    assert isinstance(fact, PropertyLost) and (fact.loss, fact.claim, fact.days) == (money("30000.00"), "CL-RE-1", 3)
    assert taken().do(lose(loss=money("28000"))).events[0].loss == money("28000.00")
    assert refused(requested(), lose(), WrongState, "requisition.state")


def test_nothing_is_closed_before_what_is_paid_is_decided():
    town = taken()
    assert refused(town, close(), WrongState, "requisition.state")
    town.do(give_back())
    assert "CL-R" in refused(town, close(), RuleBroken, "ERL-12")
    kept, noted = town.do(claimed()).events
    assert isinstance(kept, RequisitionClaimed) and isinstance(noted, CompensationNoted)
    assert not town.do(claimed()).events
    assert refused(town, close(), RuleBroken, "ERL-12")
    [noted] = town.do(claimed(decided=True)).events
    assert noted.decided and not town.do(claimed(decided=True)).events
    assert town.do(close()).events
    assert refused(town, close(), WrongState, "requisition.state")


def test_what_was_taken_orally_is_papered_before_it_is_closed():
    town = open_town()
    town.do(take_orally())
    town.do(give_back())
    town.do(claimed())
    town.do(claimed(decided=True))
    assert refused(town, close(), RuleBroken, "RQ-03")
    town.do(paper(now=at("09:00", 22)))
    assert town.do(close()).events


def test_claims_for_something_else_are_left_alone():
    town = taken()
    for command in (claimed(requisition="RE-9", claim="CL-X"), claimed(decided=True, claim="CL-Y")):
        assert not town.do(command).events


def test_a_claim_of_somebody_else_says_nothing_of_what_the_owner_is_owed():
    town = taken()
    assert not town.do(claimed(claim="CL-X", claimant="OW-2")).events
    town.do(give_back())
    assert not town.do(claimed(decided=True, claim="CL-X")).events
    assert refused(town, close(), RuleBroken, "ERL-12")


def test_what_was_decided_before_it_came_back_does_not_close_it():
    town = taken()
    town.do(claimed(claim="CL-EARLY"))
    town.do(claimed(decided=True, claim="CL-EARLY"))  # withdrawn by the owner
    town.do(give_back())
    assert refused(town, close(), RuleBroken, "ERL-12")
    town.do(claimed())
    assert refused(town, close(), RuleBroken, "ERL-12")
    town.do(claimed(decided=True))
    assert town.do(close()).events


def test_more_harm_than_it_was_worth_is_taken_and_looked_at_again():
    assert taken().do(give_back(damage=money("30000.00"))).flags == ()
    assert taken().do(give_back(damage=money("99999999"))).flags == ("Q-TRIAGE",)
    assert taken().do(lose()).flags == ()
    assert taken().do(lose(loss=money("30000.01"))).flags == ("Q-TRIAGE",)


def test_a_claim_is_of_one_requisition():
    town = taken()
    town.do(give_back())
    town.do(claimed())
    town.do(borrow("RE-2", now=at("18:00", 20)))
    for command in (give_back("RE-2", now=at("19:00", 20), days=1), lose("RE-2", now=at("19:00", 20), claim="CL-R")):
        assert "RE-1" in refused(town, command, RuleBroken, "claim.once")
    assert town.do(give_back("RE-2", now=at("19:00", 20), days=1, claim=None)).events[0].claim == "CL-RE-2"


def put_right(**changed: Any) -> c.CorrectReturn:
    said: dict[str, Any] = {"by": ICP, "cosigner": HQ, "now": at("12:00", 22), "requisition": "RE-1", "reason": "found downstream"}
    return c.CorrectReturn(**said | changed)


@pytest.mark.parametrize("gone", [give_back, lose])
def test_what_was_not_back_or_was_found_is_out_again_with_its_claim(gone: Any):
    town = taken()
    town.do(gone(claim="CL-R"))
    fact, *noted = town.do(put_right()).events
    assert isinstance(fact, ReturnCorrected) and (fact.claim, fact.second) == ("CL-R", "B.HQ") and len(noted) == 2
    assert [due.key for due in fact.clocks] == ["K-26"] and town.state("held-INC-1").requisitions == ("RE-1",)
    assert refused(town, give_back(claim="CL-X"), RuleBroken, "claim.once")
    again, *_ = town.do(give_back(claim=None, now=at("17:00", 23), days=None)).events
    assert (again.claim, again.days) == ("CL-R", 6)


def test_a_return_is_corrected_by_two_who_say_why_while_nobody_else_has_it():
    town = taken()
    assert refused(town, put_right(), WrongState, "requisition.state")
    town.do(give_back())
    assert refused(town, put_right(cosigner=None), NotAllowed, "two.persons")
    assert refused(town, put_right(cosigner=ICP), NotAllowed, "two.persons")
    assert refused(town, put_right(reason=""), RuleBroken, "requisition.reason")
    town.do(take_orally("RE-2"))
    assert refused(town, put_right(), WrongState, "requisition.once")


def test_one_that_was_closed_is_open_again_and_waits_for_the_decision_after():
    town = taken()
    for command in (give_back(), claimed(), claimed(decided=True), close(), put_right()):
        town.do(command)
    town.do(give_back(claim=None, now=at("17:00", 23), days=None))
    assert refused(town, close(now=at("18:00", 23)), RuleBroken, "ERL-12")
    town.do(claimed(decided=True))
    assert town.do(close(now=at("18:00", 23))).events
