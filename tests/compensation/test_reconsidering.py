"""A decided claim whose ground is taken back is looked at by two; it stands, or is assessed anew. No money moves by itself."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from services.compensation.deciders.claims.commands import (
    CorrectPayment,
    DoubtClaim,
    FileAppeal,
    ReassessClaim,
    ReconsiderClaim,
    SettleClaim,
    WithdrawClaim,
)
from services.compensation.deciders.claims.state import ASSESSED, FINAL, PAID, REOPENED, SERVED, SETTLED
from services.compensation.events.decision import Manner, Outcome
from services.compensation.events.ground import ClaimDoubted, ClaimReconsidered, Ground
from services.compensation.events.ground import Outcome as Become
from services.compensation.events.payment import ClaimPaid
from services.compensation.policies import POLICIES
from services.resources.events.requisition import ReturnCorrected
from shared.kernel.commands import Command
from shared.kernel.errors import DomainError, NotAllowed, RuleBroken, WrongState
from shared.kernel.events import family, type_of
from tests.compensation.test_takings import RETURNED, contested
from tests.compensation.world import (
    APP,
    DIGEST,
    FIN,
    FIN2,
    GOV,
    NOW,
    OFF,
    OWNER,
    SYS,
    VA,
    Town,
    assess,
    assessed,
    decide,
    july,
    minutes,
    money,
    paid,
    pay,
    serve,
    served,
)

OUT = ReturnCorrected("RE-1", "INC-1", "CL-R", "it lies at the dam still", "B.ICP", "B.HQ", NOW)
AGAIN = replace(RETURNED, days=4, damage=money("0.00"), until=july(22))


def follow(town: Town, fact: Any) -> list[Any]:
    """What the policies make of a fact, done; answers what came of it."""
    envelope: Any = SimpleNamespace(time=NOW, division="150722", streamid="x-1", id="150000.compensation:9")
    heard = [one for one in POLICIES if family(type_of(fact)) in one.listens]
    return [said for one in heard for command in one.react(fact, envelope) for said in town.do(command).events]


def corrected(town: Town, *days: tuple[int, float], revision: int = 2) -> list[Any]:
    """The hours of V-A are put right, and whatever follows from it."""
    return [said for fact in town.settled("V-A", minutes("V-A", *days), revision=revision).events for said in follow(town, fact)]


def reconsider(outcome: Become | None = Become.SET_BACK, **changed: Any) -> ReconsiderClaim:
    said: dict[str, Any] = {"by": APP, "cosigner": GOV, "now": NOW, "claim": "CL-A", "reason": "the second day was another's"}
    return ReconsiderClaim(**said | {"outcome": outcome} | changed)


def refused(town: Town, command: Command, kind: type[DomainError], rule: str) -> DomainError:
    with pytest.raises(kind) as refusal:
        town.do(command)
    assert refusal.value.rule == rule, refusal.value.failures
    return refusal.value


def test_hours_that_were_put_right_downwards_put_a_decision_in_doubt():
    town = served()
    (doubted,) = corrected(town, (18, 9))
    assert isinstance(doubted, ClaimDoubted) and doubted.ground is Ground.HOURS and doubted.claimant == "V-A"
    assert [due.key for due in doubted.clocks] == ["claim.look_wait"] and doubted.source
    assert "ReconsiderClaim" in refused(town, pay(), WrongState, "claim.doubted").cure
    assert not town.do(DoubtClaim(by=SYS, now=NOW, claim="CL-A", ground=Ground.HOURS)).events, "once"


def test_no_payment_slips_through_before_the_doubt_is_written_down():
    town = served()
    town.settled("V-A", minutes("V-A", (18, 9)), revision=2)
    refused(town, pay(), WrongState, "claim.doubted")


def test_more_hours_put_nothing_in_doubt():
    town = served()
    assert not corrected(town, (18, 9), (19, 10.5), (20, 8))
    assert isinstance(town.do(pay()).events[0], ClaimPaid)


def test_what_is_not_decided_yet_is_assessed_anew_as_ever():
    town = assessed()
    assert not corrected(town, (18, 9))
    refused(town, decide(), WrongState, "claim.stale")


def test_two_set_it_back_and_it_is_decided_anew_with_its_remedy():
    town = served()
    corrected(town, (18, 9))
    (fact,) = town.do(reconsider()).events
    assert isinstance(fact, ClaimReconsidered) and (fact.by, fact.second, fact.manner) == ("B.APP", "B.GOV", Manner.IN_APP)
    assert not fact.over and [due.key for due in fact.clocks] == ["K-27"] and town.claim().status == REOPENED
    assert {"claim.look_wait", "K-28.apply"} == set(fact.stopped) and not town.claim().clocks.runs("claim.pay_wait")
    assert town.do(ReassessClaim(by=OFF, now=NOW, claim="CL-A")).events[0].amount == money("206.50")
    (decided,) = town.do(decide()).events
    assert decided.outcome is Outcome.GRANTED and decided.remedy.days == 60
    town.do(serve())
    assert town.do(pay()).events[0].amount == money("206.50")


def test_a_claim_with_nothing_left_of_it_ends_denied():
    town = served()
    corrected(town)
    town.do(reconsider())
    assert town.do(ReassessClaim(by=OFF, now=NOW, claim="CL-A", amount=money("0"), reason="never went")).events[0].amount == 0
    (decided,) = town.do(decide(reason="no service that day")).events
    assert decided.outcome is Outcome.DENIED and decided.over


def test_two_let_it_stand_and_it_is_paid():
    town = served()
    corrected(town, (18, 8), (19, 10.5))
    (fact,) = town.do(reconsider(Become.STANDS, reason="still a full day")).events
    assert fact.stopped == ("claim.look_wait",) and town.claim().status == SERVED
    assert town.do(pay()).events[0].amount == money("326.50")
    assert corrected(town, (18, 7), (19, 10.5), revision=3), "what changes after that is looked at again"


def test_what_was_paid_too_much_is_asked_back_and_written_down_when_it_came():
    town = paid()
    corrected(town, (18, 9))
    for command in (reconsider(), ReassessClaim(by=OFF, now=NOW, claim="CL-A")):
        town.do(command)
    (decided,) = town.do(decide()).events
    assert "claim.recover_wait" in {due.key for due in decided.clocks} and decided.over
    town.do(serve())
    assert town.claim().status == PAID and town.claim().owed == money("-120.00")
    refused(town, pay(), WrongState, "claim.state")
    back = CorrectPayment(by=FIN, cosigner=FIN2, now=NOW, claim="CL-A", amount=money("20"), reason="a part came back")
    assert town.do(back).events[0].met == ()
    assert town.do(replace(back, amount=money("100"), reason="the rest")).events[0].met == ("claim.recover_wait",)
    assert town.claim().over and not town.claim().clocks.runs("claim.recover_wait")


def test_it_needs_two_who_may_decide_and_took_no_part():
    town = served()
    corrected(town, (18, 9))
    refused(town, reconsider(cosigner=None), NotAllowed, "two.persons")
    refused(town, reconsider(cosigner=APP), NotAllowed, "two.persons")
    refused(town, reconsider(cosigner=FIN), NotAllowed, "matrix.3.27")
    refused(town, reconsider(by=OFF), NotAllowed, "claim.assessor")
    faults = refused(town, reconsider(None, reason=None, manner=Manner.PAPER), RuleBroken, "claim.reconsidered").failures
    assert [one.field for one in faults] == ["outcome", "reason", "proof"]


def test_a_decision_whose_ground_holds_is_not_taken_back():
    assert "review" in refused(served(), reconsider(), WrongState, "claim.state").cure
    refused(assessed(), reconsider(), WrongState, "claim.state")


def test_what_was_agreed_on_can_be_set_back_too():
    town = assessed()
    town.do(SettleClaim(by=APP, now=NOW, claim="CL-A", amount=money("300"), document=DIGEST))
    corrected(town, (18, 9))
    assert town.claim().status == SETTLED and town.claim().doubt is Ground.HOURS
    town.do(reconsider())
    town.do(ReassessClaim(by=OFF, now=NOW, claim="CL-A"))
    town.do(decide())
    assert not town.claim().settled and town.claim().decided == money("206.50")


def test_while_it_is_reviewed_the_reviewing_organ_speaks_first():
    town = served()
    town.do(FileAppeal(by=VA, now=NOW, claim="CL-A", reason="too little"))
    assert corrected(town, (18, 9))
    refused(town, reconsider(), WrongState, "claim.state")


def test_what_showed_to_be_anothers_after_it_was_decided_ends_denied():
    town, own = contested(assess, decide, serve)
    lost = [fact for fact in town.past["once-requisition.RE-1"] if fact.claim == "CL-2" and not fact.covers]
    (doubted,) = [said for fact in lost for said in follow(town, fact)]
    assert doubted.ground is Ground.ANOTHERS
    refused(town, reconsider(Become.STANDS, claim="CL-2"), RuleBroken, "claim.once")
    town.do(reconsider(claim="CL-2"))
    assert own in refused(town, ReassessClaim(by=OFF, now=NOW, claim="CL-2"), WrongState, "claim.once").cure
    town.do(ReassessClaim(by=OFF, now=NOW, claim="CL-2", amount=money("0")))
    (denied,) = town.do(decide(claim="CL-2", reason="it is the owner's")).events
    assert denied.outcome is Outcome.DENIED and denied.over
    assert town.do(pay(claim=own)).events


def test_what_showed_to_be_anothers_before_is_denied_without_waiting_for_who_claims():
    town, _ = contested()
    town.do(assess(claim="CL-2", amount=money("0")))
    refused(town, decide(claim="CL-2", amount=money("1"), reason="so"), WrongState, "claim.once")
    assert town.do(decide(claim="CL-2", reason="it is the owner's")).events[0].over
    given_up, _ = contested()
    given_up.do(WithdrawClaim(by=replace(OWNER, actor="OW-2"), now=NOW, claim="CL-2"))
    assert not given_up.do(DoubtClaim(by=SYS, now=NOW, claim="CL-2", ground=Ground.ANOTHERS)).events


def claimed(*steps: Any) -> Town:
    """The boat came back, and its claim went so far."""
    town = Town()
    follow(town, RETURNED)
    for step in steps:
        town.do(step(claim="CL-R"))
    return town


def test_a_return_that_was_corrected_stops_what_was_not_decided_until_it_is_back():
    town = claimed(assess)
    (doubted,) = follow(town, OUT)
    assert doubted.stopped == ("K-27",) and not doubted.clocks
    for command in (assess(claim="CL-R"), decide(claim="CL-R")):
        refused(town, command, WrongState, "claim.not_back")
    assert follow(town, AGAIN)
    assert town.claim("CL-R").status == ASSESSED and town.claim("CL-R").clocks.runs("K-27")
    refused(town, decide(claim="CL-R"), WrongState, "claim.stale")
    assert town.do(assess(claim="CL-R")).events[0].amount == money("1600.00")
    assert town.do(decide(claim="CL-R")).events
    assert not follow(town, AGAIN), "said again it changes nothing"


def test_a_paid_return_that_was_corrected_is_counted_anew_when_it_is_back():
    town = claimed(assess, decide, serve, pay)
    follow(town, OUT)
    refused(town, reconsider(Become.STANDS, claim="CL-R"), RuleBroken, "claim.reconsidered")
    (back,) = town.do(reconsider(claim="CL-R")).events
    assert not back.clocks and town.claim("CL-R").paid == money("1450.00")
    refused(town, ReassessClaim(by=OFF, now=NOW, claim="CL-R"), WrongState, "claim.not_back")
    follow(town, AGAIN)
    town.do(ReassessClaim(by=OFF, now=NOW, claim="CL-R"))
    town.do(decide(claim="CL-R"))
    town.do(serve(claim="CL-R"))
    assert town.do(pay(claim="CL-R")).events[0].amount == money("150.00")


def test_what_came_back_before_two_looked_at_it_is_still_looked_at():
    town = claimed(assess, decide, serve)
    follow(town, OUT)
    follow(town, AGAIN)
    assert town.claim("CL-R").doubt is Ground.FIGURES
    refused(town, pay(claim="CL-R"), WrongState, "claim.doubted")
    town.do(reconsider(claim="CL-R"))
    town.do(ReassessClaim(by=OFF, now=NOW, claim="CL-R"))
    town.do(decide(claim="CL-R"))
    town.do(serve(claim="CL-R"))
    assert town.do(pay(claim="CL-R")).events and town.claim("CL-R").status in (PAID, FINAL)
