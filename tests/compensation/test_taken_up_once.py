"""One claim takes up what a fact says, by its tariff and for its payer; what differs is answered for; an old fact counts nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.compensation.deciders.claims.commands import AddEvidence, Proof, ReassessClaim, WithdrawClaim
from services.compensation.deciders.claims.state import COMPLETE, NEW, OPENED, REOPENED
from services.compensation.events.figures import Period
from services.compensation.events.ground import ClaimRestated, Ground
from services.compensation.events.ground import Outcome as Become
from services.compensation.policies import POLICIES
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from shared.kernel.events import family, type_of
from tests.compensation.test_reconsidering import AGAIN, OUT, reconsider, refused
from tests.compensation.test_taken_up import SECOND, owned, rows, said, said_out, told
from tests.compensation.test_takings import LOST, RETURNED
from tests.compensation.world import AREA, DIGEST, NOW, OFF, OWNER, RULES, Town, assess, decide, july, money, pay, requisition, serve
from tests.rulebook import FakeRules

DECIDE = "K-27"
EMPTY: dict[str, Any] = {"days": None, "damage": None, "evidence": ()}
FAR = replace(OFF, actor="X.OFF", division="150100")
RATES = {"requisition": {"per_day": 100}, "requisition_vehicle": {"per_day": 900}}
RATED = FakeRules(RULES.values | {"compensation.tariffs": dict(RULES.value("compensation.tariffs")) | RATES})


def paid(town: Town, *claims: str) -> Town:
    """What is owed is paid in each of these, as assessed."""
    for claim in claims:
        for step in (lambda claim: assess(claim=claim, reason="as it is counted"), decide, serve, pay):
            town.do(step(claim=claim))
    return town


def later(command: Any, hours: int) -> Any:
    """The same, of another time."""
    return replace(command, now=NOW + timedelta(hours=hours))


@pytest.mark.parametrize("stated", [EMPTY, {"days": money("1"), "damage": money("650")}])
def test_of_several_claims_of_the_owner_one_takes_the_return_up_and_it_is_paid_once(stated: dict[str, Any]):
    town = Town()
    for claim, day in (("CL-1", 18), ("CL-2", 19), ("CL-3", 1)):
        town.do(requisition(claim=claim, since=july(day), until=july(day), **stated))
    assert town.do(said(RETURNED)).flags == ("Q-TRIAGE",)
    assert not town.do(said(RETURNED)).events
    assert town.claim("CL-1").covers == (Period(july(18), july(20)),) and town.claim("CL-2").covers == (Period(july(19), july(19)),)
    assert set(town.state("once-requisition.RE-1").claims) == {"CL-1", "CL-3"}, "days of before are others"
    with pytest.raises(WrongState):
        town.do(assess(claim="CL-2", reason="so"))
    assert town.do(assess(claim="CL-2", amount=money("0"), reason="it is in the first")).events
    assert rows(town, "CL-2")["otherwise"][0]["figures"]["damage"] == "650.00" and town.claim("CL-3").heard == town.claim("CL-2").heard
    assert paid(town, "CL-1").claim("CL-1").paid == (money("1450.00") if stated is EMPTY else money("1050.00"))


def test_what_was_paid_for_one_day_before_is_not_paid_again_by_the_claim_that_has_them_all():
    town = Town()
    for claim, day in (("CL-1", 18), ("CL-2", 19)):
        town.do(requisition(claim=claim, since=july(day), until=july(day), days=money("1"), damage=money("0")))
    paid(town, "CL-2")
    town.do(said(RETURNED))
    assert town.claim("CL-2").doubt is Ground.FIGURES and not town.state("once-requisition.RE-1").covers("CL-2")
    for step in (lambda claim: assess(claim=claim, reason="so"), decide, serve):
        town.do(step(claim="CL-1"))
    assert "CL-2" in refused(town, pay(claim="CL-1"), NotAllowed, "two.persons").cure


def test_until_who_claims_states_figures_the_newest_fact_is_counted():
    town = owned(**EMPTY)
    told(town)
    town.do(said_out())
    again = told(town, AGAIN, SECOND)[ClaimRestated]
    assert (again.figures.days, again.figures.damage, again.otherwise) == (4, 0, None)
    assert paid(town, "CL-OWN").claim("CL-OWN").paid == money("1600.00")


def test_what_who_claims_stated_since_is_kept():
    town = owned(**EMPTY)
    told(town)
    proof = (Proof("damage_report", DIGEST),)
    town.do(AddEvidence(by=OWNER, now=NOW, claim="CL-OWN", damage=money("900"), evidence=proof))
    town.do(said_out())
    again = told(town, AGAIN, SECOND)[ClaimRestated]
    assert again.figures.damage == money("900.00") and again.otherwise.figures.days == 4


@pytest.mark.parametrize(
    ("named", "stated", "counted", "beside"),
    [
        ("requisition_boat", EMPTY, "requisition_boat", None),
        ("requisition_vehicle", EMPTY, "requisition_boat", "requisition_vehicle"),
        (None, EMPTY, "requisition_boat", None),
        (None, {}, "requisition_boat", None),
        ("requisition_vehicle", {}, "requisition_vehicle", "requisition_boat"),
    ],
)
def test_the_tariff_that_the_return_names_is_counted_or_shown(named: Any, stated: dict[str, Any], counted: str, beside: str | None):
    town = Town(RATED)
    town.do(requisition(claim="CL-OWN", tariff=named, **stated))
    otherwise = told(town)[ClaimRestated].otherwise
    assert (otherwise and otherwise.tariff) == beside and town.claim("CL-OWN").tariff == counted
    shown = rows(town, "CL-OWN")
    assert shown["tariff"] == counted and [one["tariff"] for one in shown["otherwise"]] == ([beside] if beside else [])
    if beside is not None:
        refused(town, assess(claim="CL-OWN"), RuleBroken, "claim.otherwise")
    rate = 900 if counted == "requisition_vehicle" else 400
    assert town.do(assess(claim="CL-OWN", reason="so it was used")).events[0].amount == 2 * rate + 650


def test_what_differs_is_answered_for_by_who_assesses():
    town = owned()
    told(town)
    assert rows(town, "CL-OWN")["differs"] is True
    assert "GetClaim" in refused(town, assess(claim="CL-OWN"), RuleBroken, "claim.otherwise").cure
    assert town.do(assess(claim="CL-OWN", reason="the owner claims no damage")).events
    assert rows(town, "CL-OWN")["differs"] is False and town.do(assess(claim="CL-OWN")).events, "once"


def test_what_differs_is_answered_for_by_two_where_it_was_decided():
    town = owned(assess, decide, serve)
    told(town)
    assert rows(town, "CL-OWN")["differs"] is True
    town.do(reconsider(Become.STANDS, claim="CL-OWN"))
    assert rows(town, "CL-OWN")["differs"] is False and not town.claim("CL-OWN").differs
    town = owned(assess, decide, serve)
    told(town)
    town.do(reconsider(claim="CL-OWN"))
    refused(town, ReassessClaim(by=OFF, now=NOW, claim="CL-OWN"), RuleBroken, "claim.otherwise")


def test_a_claim_an_officer_entered_elsewhere_is_counted_from_the_fact_and_paid_by_who_took_it():
    town = Town()
    small: dict[str, Any] = {"days": money("1"), "damage": money("0"), "since": july(18), "until": july(18)}
    town.do(requisition(by=FAR, on_behalf="asked by phone", claim="CL-OFF", **small))
    again = told(town, LOST)[ClaimRestated]
    assert (again.figures.loss, again.missing, again.payer) == (money("30000.00"), ("valuation",), AREA)
    assert again.otherwise.figures.days == 1 and again.stopped == (DECIDE,)
    claim = town.claim("CL-OFF")
    assert (claim.status, claim.payer, claim.division) == (OPENED, AREA, AREA) and town.claim("CL-R").status == NEW
    assert rows(town, "CL-OFF")["payer"] == AREA


def test_a_claim_an_officer_entered_where_it_was_taken_keeps_what_was_stated():
    town = Town()
    town.do(requisition(by=OFF, on_behalf="cannot write", claim="CL-OFF", damage=money("0")))
    again = told(town)[ClaimRestated]
    assert again.figures.damage == 0 and again.payer is None and again.otherwise.figures.damage == money("650.00")


def test_one_policy_hears_of_returns_losses_and_corrections_so_that_they_park_together():
    heard = [[one.name for one in POLICIES if family(type_of(fact)) in one.listens] for fact in (RETURNED, LOST, OUT)]
    assert heard == [["when_property_returned_then_open_the_claim"]] * 3, "the name by which older logs parked"


def test_a_return_that_was_parked_counts_nothing_after_a_newer_loss():
    town = Town()
    town.do(later(said(replace(LOST, until=july(25)), SECOND), 5))
    before = town.claim("CL-R")
    again = told(town)[ClaimRestated]
    after = town.claim("CL-R")
    assert (after.status, after.figures, after.covers, after.missing) == (OPENED, before.figures, before.covers, ("valuation",))
    assert again.late and again.otherwise.figures.damage == money("650.00") and not town.claim("CL-R").clocks.runs(DECIDE)


def test_corrected_between_park_and_replay_it_waits_until_it_is_back():
    town = owned(**EMPTY)
    town.do(later(said_out(), 5))
    again = told(town)[ClaimRestated]
    assert again.late and town.claim("CL-OWN").doubt is Ground.NOT_BACK and not town.claim("CL-OWN").clocks.runs(DECIDE)
    refused(town, assess(claim="CL-OWN", reason="so"), WrongState, "claim.incomplete")
    assert rows(town, "CL-OWN")["doubt"] == "not_back"
    town.do(later(said(AGAIN, SECOND), 9))
    assert town.claim("CL-OWN").doubt is None and town.claim("CL-OWN").figures.days == 4


def test_corrected_between_park_and_replay_nothing_is_opened_for_what_was_given_up_since():
    town = owned(**EMPTY, claim="CL-R")
    town.do(later(said_out(), 5))
    town.do(WithdrawClaim(by=OWNER, now=NOW, claim="CL-R"))
    assert not town.do(said(RETURNED)).events


def test_a_late_return_of_what_was_decided_on_a_newer_one_is_looked_at_by_two():
    town = Town()
    town.do(later(said(replace(RETURNED, days=3, until=july(21)), SECOND), 5))
    paid(town, "CL-R")
    told(town)
    assert (town.claim("CL-R").doubt, town.claim("CL-R").figures.days, rows(town, "CL-R")["doubt"]) == (Ground.FIGURES, 3, "figures")


def test_a_late_correction_makes_nothing_wait_that_is_back():
    town = Town()
    town.do(later(said(RETURNED), 5))
    assert not town.do(said_out()).events
    assert town.do(later(said_out(), 6)).events


def test_what_the_owner_claims_beside_the_waiting_claim_of_the_system_is_told_and_not_dropped():
    town = Town()
    told(town)
    town.do(said_out())
    town.do(requisition(claim="CL-NEW", since=july(21), until=july(22), damage=money("9000")))
    facts = town.do(said(AGAIN, SECOND)).events
    assert {one.claim: one.otherwise is not None for one in facts if isinstance(one, ClaimRestated)} == {"CL-R": False, "CL-NEW": True}
    shown = rows(town, "CL-NEW")
    assert shown["differs"] and shown["figures"]["damage"] == "9000.00" and shown["otherwise"][0]["figures"]["days"] == "4.00"


def test_what_was_set_back_and_lacked_its_valuation_is_to_be_decided_once_that_is_brought():
    town = Town()
    told(town)
    for step in (assess, decide):
        town.do(step(claim="CL-R"))
    town.do(said_out())
    town.do(reconsider(claim="CL-R"))
    told(town, replace(LOST, until=july(25)), SECOND)
    assert town.claim("CL-R").status == REOPENED and not town.claim("CL-R").clocks.runs(DECIDE)
    bring = AddEvidence(by=OWNER, now=NOW, claim="CL-R", evidence=(Proof("valuation", DIGEST),))
    assert [due.key for due in town.do(bring).events[0].clocks] == [DECIDE]
    assert not town.do(bring).events[0].clocks, "it runs already"


def test_what_was_lent_and_is_back_whole_is_said_to_who_waits_for_the_claim_it_named():
    town = Town()
    town.do(requisition(since=july(1), until=july(2)))
    for step in (assess, decide, serve):
        town.do(step(claim="CL-R"))
    whole = replace(RETURNED, tariff="", damage=money("0"))
    again = told(town, whole)[ClaimRestated]
    assert (again.claim, again.figures, again.otherwise) == ("CL-R", town.claim("CL-R").figures, None)
    assert town.claim("CL-R").doubt is Ground.FIGURES, "two look at it, and it is decided again"
    town.do(reconsider(Become.STANDS, claim="CL-R"))
    assert not town.do(said(whole)).events


def test_days_that_overlap_are_shown_as_one_period():
    town = owned(since=july(20), until=july(24))
    told(town)
    assert town.claim("CL-OWN").covers == (Period(july(18), july(24)),)
    assert Period(july(1), None).spanning(Period(None, july(2))) == Period() == Period().spanning(Period(july(1), july(2)))


def test_a_claim_that_nothing_was_stated_in_may_come_to_nothing():
    town = owned(**EMPTY)
    told(town, replace(RETURNED, tariff="", damage=money("0")))
    assert town.claim("CL-OWN").status == COMPLETE
    assert town.do(assess(claim="CL-OWN")).events[0].amount == 0
