"""What had been out again is back: one claim has its days, nothing of it is paid twice, and nothing waits for ever."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.compensation.deciders.claims.commands import (
    AddEvidence,
    CorrectPayment,
    FileAppeal,
    Proof,
    ReassessClaim,
    RecordAppealResult,
    SettleClaim,
    WithdrawClaim,
)
from services.compensation.deciders.claims.state import COMPLETE, PAID, SERVED, SETTLED, WITHDRAWN
from services.compensation.events.appeal import AppealOutcome
from services.compensation.events.claim import ClaimOpened
from services.compensation.events.entitlement import EntitlementRecorded
from services.compensation.events.figures import Period
from services.compensation.events.ground import ClaimRestated, Ground
from services.compensation.events.ground import Outcome as Become
from services.resources.events.requisition import PropertyReturned
from shared.kernel.decider import Decided
from shared.kernel.errors import NotAllowed, WrongState
from tests.compensation.test_reconsidering import AGAIN, OUT, claimed, corrected, follow, reconsider, refused
from tests.compensation.test_takings import RETURNED
from tests.compensation.test_takings import follow as said_of
from tests.compensation.world import (
    APP,
    DIGEST,
    FIN,
    FIN2,
    GOV,
    NOW,
    OFF,
    OWNER,
    VA,
    Town,
    assess,
    claim,
    decide,
    july,
    minutes,
    money,
    paid,
    pay,
    requisition,
    serve,
    served,
)

LONGER = replace(AGAIN, until=july(25), days=8)
PAY, LOOK, DECIDE = "claim.pay_wait", "claim.look_wait", "K-27"


def own(**changed: Any) -> Any:
    """The owner claims for later days of the same thing."""
    return requisition(**{"claim": "CL-OWN", "since": july(21), "until": july(22), "damage": money("0")} | changed)


def back(town: Town, fact: PropertyReturned) -> Decided:
    """What the one command of a return comes to."""
    (command,) = said_of(fact)
    return town.do(command)


def walked(town: Town, claim: str, *steps: Any) -> Town:
    for step in steps:
        town.do(step(claim=claim))
    return town


def anew(claim: str = "CL-R", **changed: Any) -> ReassessClaim:
    return ReassessClaim(by=OFF, now=NOW, claim=claim, **changed)


def test_what_is_claimed_again_for_longer_takes_the_days_of_the_owners_other_claim():
    town = claimed(assess, decide, serve, pay)
    town.do(own())
    follow(town, OUT)
    town.do(reconsider(claim="CL-R"))
    assert back(town, LONGER).flags == ("Q-TRIAGE",)
    walked(town, "CL-R", anew, decide, serve, pay)
    assert town.claim("CL-R").paid == money("3200.00")
    assert "CL-R" in refused(town, assess(claim="CL-OWN"), WrongState, "claim.once").cure
    walked(town, "CL-OWN", lambda claim: assess(claim=claim, amount=money("0"), reason="it is in the other claim"))
    assert town.do(decide(claim="CL-OWN", reason="it is in the other claim")).events[0].over
    assert not back(town, LONGER).events, "said again it changes nothing"


def test_what_the_owner_was_paid_in_another_claim_is_not_paid_again():
    town = claimed(assess, decide, serve, pay)
    walked(town, "CL-OWN", lambda claim: own(), assess, decide, serve, pay)
    follow(town, OUT)
    town.do(reconsider(claim="CL-R"))
    follow(town, LONGER)
    walked(town, "CL-R", anew, decide, serve)
    assert "CL-OWN" in refused(town, pay(claim="CL-R"), NotAllowed, "two.persons").cure
    assert town.do(reconsider(claim="CL-OWN")).events[0].ground is Ground.ANOTHERS
    walked(
        town,
        "CL-OWN",
        lambda claim: anew(claim, amount=money("0"), reason="paid by the other"),
        lambda claim: decide(claim=claim, reason="paid by the other"),
        serve,
    )
    town.do(CorrectPayment(by=FIN, cosigner=FIN2, now=NOW, claim="CL-OWN", amount=town.claim("CL-OWN").paid, reason="it came back"))
    assert town.do(pay(claim="CL-R")).events[0].amount == money("1750.00")
    assert town.claim("CL-OWN").paid == 0


@pytest.mark.parametrize("named", ["CL-R", "CL-OWN", "CL-NEW"])
def test_whichever_claim_is_named_every_claim_for_the_thing_waits_and_the_systems_own_is_restated(named: str):
    town = claimed(assess, decide, serve, pay)
    town.do(own())
    assert {one.claim for one in follow(town, replace(OUT, claim=named))} == {"CL-R", "CL-OWN"}
    restated = [one for one in back(town, replace(LONGER, claim=named)).events if isinstance(one, ClaimRestated)]
    assert {one.claim: one.figures.days for one in restated} == {"CL-R": 8, "CL-OWN": 2}
    assert town.claim("CL-R").covers == (Period(july(18), july(25)),) and town.claim("CL-OWN").doubt is None
    refused(town, assess(claim="CL-OWN"), WrongState, "claim.once")


def test_a_claim_for_another_thing_is_never_doubted():
    town = Town()
    town.do(requisition(by=replace(OWNER, actor="OW-2"), claimant="OW-2", item="RE-2"))
    follow(town, RETURNED)
    walked(town, "CL-R", assess, decide, serve)
    (doubted,) = follow(town, OUT)
    assert doubted.claim.startswith("SYS-") and doubted.claimant == "OW-1"
    refused(town, assess(claim=doubted.claim), WrongState, "claim.not_back")
    assert town.do(pay(claim="CL-R")).events


def test_the_owners_own_claim_waits_too_and_goes_on_as_it_was_stated():
    town = Town()
    town.do(requisition(claim="CL-OWN"))
    assert back(town, RETURNED).events[0].claim == "CL-OWN", "it is told of it"
    assert [one.claim for one in follow(town, OUT)] == ["CL-OWN"]
    refused(town, assess(claim="CL-OWN"), WrongState, "claim.not_back")
    again = back(town, AGAIN).events[0]
    assert again.claim == "CL-OWN" and again.figures.damage == money("650.00")
    assert town.claim("CL-OWN").status == COMPLETE and town.claim("CL-OWN").clocks.runs(DECIDE)
    assert town.do(assess(claim="CL-OWN")).events[0].amount == money("1450.00")


def test_where_only_other_days_were_claimed_by_the_owner_the_rest_is_claimed_for_them():
    town = Town()
    town.do(own(since=july(1), until=july(2)))
    follow(town, OUT)
    told = {type(one): one.claim for one in back(town, AGAIN).events}
    assert (told[ClaimRestated], told[ClaimOpened]) == ("CL-OWN", "CL-R")
    assert town.do(assess(claim="CL-OWN")).events and town.do(assess(claim="CL-R")).events


@pytest.mark.parametrize("named", [None, "CL-OWN", "CL-NEW"])
def test_what_was_lent_and_comes_back_whole_leaves_no_claim_waiting_for_ever(named: str | None):
    town = Town()
    town.do(own())
    assert follow(town, replace(OUT, claim=None))
    again = back(town, replace(AGAIN, tariff="", claim=named)).events[0]
    assert again.claim == "CL-OWN" and town.do(assess(claim="CL-OWN", reason="paid for while it was out")).events


def test_what_was_given_up_meanwhile_stays_given_up_and_may_be_claimed_once():
    town = claimed()
    follow(town, OUT)
    town.do(WithdrawClaim(by=OWNER, now=NOW, claim="CL-R"))
    assert not follow(town, AGAIN) and town.claim("CL-R").status == WITHDRAWN
    refused(town, assess(claim="CL-R"), WrongState, "claim.state")
    walked(town, "CL-OWN", lambda claim: own(since=july(18), days=money("4")), assess, decide, serve, pay)
    assert town.claim("CL-OWN").paid == money("1600.00")


def test_figures_that_who_claims_stated_meanwhile_are_not_dropped_unseen():
    town = claimed()
    follow(town, OUT)
    proof = (Proof("damage_report", DIGEST),)
    town.do(AddEvidence(by=OWNER, now=NOW, claim="CL-R", damage=money("900"), evidence=proof))
    assert not town.claim("CL-R").clocks.runs(DECIDE), "nobody may assess it yet"
    assert back(town, AGAIN).flags == ("Q-TRIAGE",)
    follow(town, OUT)
    assert back(town, LONGER).flags == (), "nobody stated anything since"


def test_what_was_agreed_on_below_what_was_paid_is_written_down_as_it_comes_back():
    town = paid()
    corrected(town, (18, 9))
    walked(town, "CL-A", lambda claim: reconsider(), anew)
    town.do(SettleClaim(by=APP, now=NOW, claim="CL-A", amount=money("200"), document=DIGEST))
    assert town.claim().status == SETTLED and town.claim().clocks.runs("claim.recover_wait")
    town.do(CorrectPayment(by=FIN, cosigner=FIN2, now=NOW, claim="CL-A", amount=money("126.50"), reason="it came back"))
    assert town.claim().status == PAID and town.claim().owed == 0 and not town.claim().clocks.runs("claim.recover_wait")


def test_nothing_is_asked_back_any_more_when_they_agree_on_what_was_paid():
    town = paid()
    corrected(town, (18, 9))
    walked(town, "CL-A", lambda claim: reconsider(), anew, decide, serve)
    assert town.claim().clocks.runs("claim.recover_wait")
    corrected(town, (18, 9), (19, 10.5), (20, 8), revision=3)
    walked(town, "CL-A", anew)
    town.do(SettleClaim(by=APP, now=NOW, claim="CL-A", amount=town.claim().assessed, document=DIGEST))
    assert not town.claim().clocks.open()


def two_days() -> Town:
    """Two claims of one call-up, each for its day, both served."""
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 9), (19, 10.5), (20, 9)))
    town.do(claim(since=july(18), until=july(18)))
    town.do(claim(claim="CL-B", since=july(20), until=july(20)))
    for name in ("CL-A", "CL-B"):
        walked(town, name, assess, decide, serve)
    return town


def test_less_on_a_day_of_one_claim_stops_no_other():
    town = two_days()
    assert [one.claim for one in corrected(town, (18, 9), (19, 10.5), (20, 4))] == ["CL-B"]
    refused(town, pay(claim="CL-B"), WrongState, "claim.doubted")
    assert town.do(pay()).events


def test_a_correction_that_listed_no_claim_stops_none():
    town = two_days()
    town.settled("V-A", minutes("V-A", (18, 9), (19, 10.5), (20, 4)), revision=2)
    told = town.past["entitlement-V-A.INC-1"]
    told[:] = [replace(one, doubted=()) if isinstance(one, EntitlementRecorded) else one for one in told]
    assert town.do(pay(claim="CL-B")).events


def test_no_time_runs_for_who_may_not_act():
    town = served()
    corrected(town, (18, 8), (19, 10.5))
    assert town.claim().clocks.runs(LOOK) and not town.claim().clocks.runs(PAY)
    town.do(FileAppeal(by=VA, now=NOW, claim="CL-A", reason="too little"))
    assert not town.claim().clocks.runs(LOOK), "the reviewing organ speaks first"
    town.do(RecordAppealResult(by=GOV, now=NOW, claim="CL-A", outcome=AppealOutcome.UPHELD, document=DIGEST))
    assert town.claim().clocks.runs(LOOK) and not town.claim().clocks.runs(PAY)
    town.do(reconsider(Become.STANDS, by=APP, reason="still a full day"))
    assert town.claim().status == SERVED and [due.key for due in town.claim().clocks.open()] == [PAY]
    assert town.do(pay()).events and not town.claim().clocks.open()


def test_an_annulled_decision_on_what_is_out_waits_until_it_is_back():
    town = claimed(assess, decide, serve)
    town.do(FileAppeal(by=OWNER, now=NOW, claim="CL-R", reason="too little"))
    (doubted,) = follow(town, OUT)
    assert not doubted.clocks and doubted.stopped == (PAY,)
    town.do(RecordAppealResult(by=GOV, now=NOW, claim="CL-R", outcome=AppealOutcome.ANNULLED, document=DIGEST))
    assert not town.claim("CL-R").clocks.open()
    follow(town, AGAIN)
    assert [due.key for due in town.claim("CL-R").clocks.open()] == [DECIDE]


def test_a_claim_that_names_no_incident_goes_on_when_the_thing_is_back():
    town = Town()
    town.do(own(incident=None, since=july(18), until=july(25)))
    follow(town, replace(OUT, claim="CL-OWN"))
    assert town.claim("CL-OWN").doubt is Ground.NOT_BACK
    back(town, replace(LONGER, claim="CL-OWN"))
    assert town.claim("CL-OWN").doubt is None
