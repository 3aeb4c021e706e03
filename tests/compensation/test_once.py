"""Nothing is paid twice, whoever claims it, under whatever name and for which incident."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.compensation.deciders.claims.commands import (
    AddEvidence,
    ClaimCompensation,
    NoteEntitlement,
    Proof,
    ReassessClaim,
    WithdrawClaim,
)
from services.compensation.deciders.claims.state import PAID
from services.compensation.events.figures import ClaimKind, Period
from shared.kernel.errors import RuleBroken, WrongState
from tests.compensation.test_opening import refused
from tests.compensation.world import (
    DIGEST,
    LEADER,
    NOW,
    OFF,
    OWNER,
    SYS,
    VA,
    Town,
    assess,
    assessed,
    claim,
    decide,
    july,
    minutes,
    money,
    paid,
    pay,
    requisition,
    serve,
)

RECORD = (Proof("work_record", DIGEST),)
NEIGHBOUR = replace(OWNER, actor="OW-2")
MEMBER = replace(VA, actor="M-11")


def labour(**changed: Any) -> ClaimCompensation:
    said: dict[str, Any] = {"claim": "CL-L", "kind": ClaimKind.LABOUR, "since": july(18), "until": july(19), "days": money("2")}
    return claim(**said | {"evidence": RECORD} | changed)


def forced(*people: str) -> Town:
    """SF-1 worked with these people on the 18th."""
    town = Town()
    town.led()
    town.settled("SF-1", tuple(day for one in people for day in minutes(one, (18, 9))))
    return town


def of_force(**changed: Any) -> ClaimCompensation:
    return claim(**{"by": LEADER, "claim": "CL-S1", "claimant": "SF-1"} | changed)


@pytest.mark.parametrize("changed", [{}, {"item": "X"}, {"incident": None}, {"incident": None, "item": "X"}])
def test_paid_days_are_not_paid_again_as_labour(changed: dict[str, Any]):
    refused(paid(), labour(**changed), WrongState, "claim.once")


def test_nor_as_the_same_call_up_with_an_item():
    refused(paid(), claim(claim="CL-B", kind=ClaimKind.VOLUNTEER, item="Y", since=july(18)), WrongState, "claim.once")
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 9)))
    refused(town, claim(kind=ClaimKind.VOLUNTEER, item="Y"), RuleBroken, "claim.item")


def test_labour_names_its_days():
    refused(Town(), labour(until=None), RuleBroken, "claim.period")


def test_days_of_labour_are_not_claimed_as_a_call_up_and_a_policy_leaves_them():
    town = Town()
    town.do(labour(incident=None))
    town.settled("V-A", minutes("V-A", (18, 9)))
    error = refused(town, claim(), WrongState, "claim.once")
    assert "CL-L covers this period" in error.cure
    assert not town.do(claim(by=SYS)).events
    town.do(WithdrawClaim(by=VA, now=NOW, claim="CL-L"))
    assert town.do(claim()).events


def test_what_a_member_claimed_is_not_in_the_claim_of_the_force():
    town = forced("M-11", "M-12")
    town.do(labour(by=MEMBER, claimant="M-11"))
    town.do(of_force())
    decided = town.do(assess(claim="CL-S1"))
    assert str(decided.events[0].computed) == "200.00" and decided.answer["elsewhere"] == ["M-11 2021-07-18"]


def test_what_the_force_claimed_its_member_does_not_claim():
    town = forced("M-11")
    town.do(of_force())
    for incident in ("INC-1", None):
        refused(town, labour(by=MEMBER, claimant="M-11", incident=incident), WrongState, "claim.once")
    refused(forced("M-11"), labour(by=LEADER, claimant="SF-1"), RuleBroken, "claim.kind")


def test_who_worked_for_two_on_one_day_is_paid_by_the_first():
    town = forced("V-A", "M-12")
    town.settled("V-A", minutes("V-A", (18, 9)))
    town.do(claim())
    town.do(of_force())
    assert str(town.do(assess()).events[0].computed) == "120.00"
    assert str(town.do(assess(claim="CL-S1")).events[0].computed) == "200.00"


def test_days_left_out_of_an_early_claim_do_not_keep_it_from_its_decision():
    town = Town()
    town.do(claim())
    town.do(labour(incident=None, until=july(18), days=money("1")))
    for call_up, number in (("CU-1", 18), ("CU-2", 20)):
        town.settled("V-A", minutes("V-A", (number, 9)), call_up=call_up)
    town.do(NoteEntitlement(by=SYS, now=NOW, claim="CL-A"))
    assert str(town.do(assess()).events[0].computed) == "120.00"
    assert town.do(decide()).events


def test_withdrawn_the_days_of_every_member_are_free():
    town = forced("M-11", "M-12")
    town.do(of_force())
    town.do(assess(claim="CL-S1"))
    town.do(WithdrawClaim(by=LEADER, now=NOW, claim="CL-S1"))
    assert town.do(labour(by=MEMBER, claimant="M-11")).events


def test_a_claim_that_was_paid_for_is_not_withdrawn():
    town = later()
    town.do(ReassessClaim(by=OFF, now=NOW, claim="CL-A"))
    refused(town, WithdrawClaim(by=VA, now=NOW, claim="CL-A"), WrongState, "claim.state")


@pytest.mark.parametrize("changed", [{"by": NEIGHBOUR, "claimant": "OW-2"}, {"incident": None}, {"incident": "INC-2"}])
def test_an_item_is_claimed_once_whoever_claims_it_and_for_which_incident(changed: dict[str, Any]):
    town = Town(incidents=("INC-1", "INC-2"))
    town.do(requisition())
    again = requisition(claim="CL-R2", **changed)
    assert "CL-R covers" in refused(town, again, WrongState, "claim.once").cure
    town.do(WithdrawClaim(by=OWNER, now=NOW, claim="CL-R"))
    assert town.do(again).events


def test_an_order_may_meet_many_and_each_claims_once():
    town = Town(incidents=("INC-1", "INC-2"))
    bare: dict[str, Any] = {"kind": ClaimKind.MEASURE, "tariff": None, "days": None, "damage": None, "loss": money("5"), "evidence": ()}
    town.do(requisition(**bare))
    assert town.do(requisition(**bare, by=NEIGHBOUR, claimant="OW-2", claim="CL-R2")).events
    refused(town, requisition(**bare, claim="CL-R3", incident="INC-2"), WrongState, "claim.once")


def test_an_incident_nobody_knows_is_refused():
    refused(Town(), labour(incident="INC-9"), RuleBroken, "claim.incident")


def test_a_claim_for_an_item_leaves_the_days_of_service_to_be_claimed():
    town = Town()
    town.settled("OW-1", minutes("OW-1", (18, 9)))
    assert town.do(requisition()).events[1].met == ()
    assert town.do(claim(by=OWNER, claimant="OW-1")).events[0].covers == (Period(july(18), july(18)),)


def later() -> Town:
    """Three hours were paid; then it turned out that it was nine."""
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 3)))
    for command in (claim(), assess(), decide(), serve(), pay()):
        town.do(command)
    refused(town, ReassessClaim(by=OFF, now=NOW, claim="CL-A"), WrongState, "claim.state")
    town.settled("V-A", minutes("V-A", (18, 9)), revision=2)
    return town


def test_what_turned_out_to_be_more_after_it_was_paid_is_paid_too():
    town = later()
    anew = town.do(ReassessClaim(by=OFF, now=NOW, claim="CL-A")).events[0]
    assert str(anew.computed) == "120.00" and [due.rule for due in anew.clocks] == ["K-27"] and anew.stopped == ("K-28.apply",)
    town.do(decide())
    town.do(serve())
    (rest,) = town.do(pay()).events
    assert str(rest.amount) == "60.00" and town.claim().status == PAID
    less = paid()
    less.settled("V-A", minutes("V-A", (18, 1)), revision=2)
    refused(less, ReassessClaim(by=OFF, now=NOW, claim="CL-A"), RuleBroken, "amount")


def test_nothing_is_decided_on_an_assessment_that_was_overtaken():
    town = assessed()
    town.settled("V-A", minutes("V-A", (18, 1)), revision=2)
    assert "assess it anew" in refused(town, decide(), WrongState, "claim.stale").cure
    town.do(assess())
    assert town.do(decide()).events
    more = assessed()
    more.do(AddEvidence(by=VA, now=NOW, claim="CL-A", receipts=money("9000")))
    refused(more, decide(), WrongState, "claim.incomplete")
    more.do(AddEvidence(by=VA, now=NOW, claim="CL-A", receipts=money("400")))
    refused(more, decide(), WrongState, "claim.stale")
