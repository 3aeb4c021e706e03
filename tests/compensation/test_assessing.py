"""The amount is the formula's, line by line; another officer decides, names the remedy, and the decision is served."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.compensation.deciders.claims.amounts import Counted, lines, total
from services.compensation.deciders.claims.commands import EscalateClaimClock, SettleClaim
from services.compensation.deciders.claims.state import DECIDED, PAID, SERVED, SETTLED
from services.compensation.deciders.tariff import SetTariff
from services.compensation.events.claim import ClaimAssessed
from services.compensation.events.clock import ClockMissed
from services.compensation.events.decision import ClaimDecided, DecisionServed, Manner, Outcome
from services.compensation.events.figures import ClaimKind, Figures, Line
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.compensation.test_opening import refused
from tests.compensation.world import (
    ACCOUNT,
    APP,
    DIGEST,
    FIN,
    GOV,
    LEADER,
    NOW,
    OFF,
    OFF2,
    RULES,
    VA,
    Town,
    assess,
    assessed,
    at,
    claim,
    decide,
    july,
    minutes,
    money,
    pay,
    requisition,
    serve,
    served,
)
from tests.rulebook import FakeRules

# claim, claimant, days of each person, figures, amount: the story's `expected.compensation`
STORY: tuple[tuple[str, str, dict[str, tuple[tuple[int, float], ...]], dict[str, str], str], ...] = (
    ("CL-A", "V-A", {"V-A": ((18, 9), (20, 10.5))}, {"receipts": "86.5"}, "326.50"),
    ("CL-C", "V-C", {"V-C": ((19, 11), (20, 11))}, {"receipts": "0"}, "240.00"),
    ("CL-F", "V-F", {"V-F": ((19, 6), (20, 8))}, {"receipts": "42.0"}, "282.00"),
    ("CL-G", "V-G", {"V-G": ((19, 5.25),)}, {"receipts": "0"}, "60.00"),
    ("CL-S1", "SF-1", {f"M-1{n}": ((19, 11), (20, 11)) for n in range(1, 5)}, {"km": "380", "boat_hours": "9"}, "3520.00"),
    ("CL-S2", "SF-2", {f"M-2{n}": ((19, 6), (20, 8)) for n in range(1, 4)}, {"km": "620", "boat_hours": "0"}, "2130.00"),
)


@pytest.mark.parametrize(("name", "claimant", "worked", "stated", "amount"), STORY, ids=[row[0] for row in STORY])
def test_the_amounts_of_the_story(name: str, claimant: str, worked: Any, stated: Any, amount: str):
    town = Town()
    town.led("SF-1", "TL.1")
    town.led("SF-2", "TL.2")
    town.settled(claimant, tuple(day for person, days in worked.items() for day in minutes(person, *days)))
    leaders = {"SF-1": LEADER, "SF-2": replace(LEADER, actor="TL.2")}
    by = leaders.get(claimant, replace(VA, actor=claimant))
    town.do(claim(by=by, claim=name, claimant=claimant, **{key: money(value) for key, value in stated.items()}))
    (fact,) = town.do(assess(claim=name, amount=money(amount))).events
    assert isinstance(fact, ClaimAssessed) and str(fact.computed) == str(fact.amount) == amount
    assert sum(line.amount for line in fact.lines) == fact.computed


def test_a_requisition_is_paid_for_days_of_use_and_damage():
    town = Town()
    town.do(requisition())
    (fact,) = town.do(assess(claim="CL-R")).events
    assert str(fact.amount) == "1450.00"
    assert fact.lines == (
        Line("days", money("2.00"), money("400.00"), money("800.00")),
        Line("damage", money("1"), money("650.00"), money("650.00")),
    )


@pytest.mark.parametrize(("hours", "code"), [(5.99, "half_day"), (6, "full_day"), (6.01, "full_day"), (0.02, "half_day")])
def test_a_day_is_full_from_exactly_six_hours_on(hours: float, code: str):
    town = Town()
    town.settled("V-A", minutes("V-A", (18, hours)))
    town.do(claim())
    (fact,) = town.do(assess()).events
    assert [line.code for line in fact.lines] == [code]


def test_two_call_ups_on_one_day_are_one_day():
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 3)))
    town.settled("V-A", minutes("V-A", (18, 3)), call_up="CU-2")
    town.do(claim())
    assert str(town.do(assess()).events[0].amount) == "120.00"


def test_a_corrected_call_up_replaces_what_it_came_to():
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 3)))
    town.do(claim())
    assert str(town.do(assess()).events[0].amount) == "60.00"
    town.settled("V-A", minutes("V-A", (18, 7)), revision=2)
    assert not town.settled("V-A", minutes("V-A", (18, 3))).events
    assert str(town.do(assess()).events[0].amount) == "120.00"


def test_another_amount_than_the_formula_needs_a_reason():
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 7)))
    town.do(claim())
    error = refused(town, assess(amount=money("100")), RuleBroken, "claim.reason")
    assert "120.00" in error.cure
    (fact,) = town.do(assess(amount=money("100"), reason="meals were provided")).events
    assert (str(fact.computed), str(fact.amount)) == ("120.00", "100.00")
    refused(town, assess(amount=money("1.001")), RuleBroken, "amount.form")


def test_nobody_assesses_the_own_claim_or_that_of_the_own_force():
    town = Town()
    town.led()
    town.settled("SF-1", minutes("M-11", (18, 7)))
    town.do(claim(by=LEADER, claim="CL-S1", claimant="SF-1"))
    leader = replace(LEADER, roles=("TEAM", "EMD.officer"))
    refused(town, assess(by=leader, claim="CL-S1"), NotAllowed, "claim.assessor")
    town.do(assess(claim="CL-S1"))
    refused(town, decide(by=replace(leader, roles=("EMD.approver",)), claim="CL-S1"), NotAllowed, "claim.assessor")


def test_a_tariff_of_the_division_that_pays_counts_for_its_days():
    town = Town()
    rates = {"full": money("150"), "half": money("75"), "full_from_h": money("8")}
    tariff = SetTariff(by=FIN, now=NOW, division="150722", tariff="volunteer_day", since=july(19), source="notice 1", **rates)
    assert town.do(tariff).events and not town.do(tariff).events
    town.settled("V-A", minutes("V-A", (18, 7), (19, 7), (20, 8)))
    town.do(claim())
    (fact,) = town.do(assess()).events
    assert [(line.code, str(line.rate)) for line in fact.lines] == [("full_day", "120.00"), ("full_day", "150.00"), ("half_day", "75.00")]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"since": None}, "tariff.since"),
        ({"source": None}, "tariff.source"),
        ({"per_day": None}, "tariff.rates"),
        ({"full": money("1")}, "tariff.days"),
        ({"per_day": money("-1")}, "amount.form"),
    ],
)
def test_a_tariff_says_from_when_on_what_and_how_much(changed: Any, rule: str):
    said = {"since": july(1), "source": "notice", "per_day": money("400")} | changed
    refused(Town(), SetTariff(by=FIN, now=NOW, division="150722", tariff="requisition_boat", **said), RuleBroken, rule)


def test_without_a_tariff_the_cure_says_which_rate_is_missing():
    town = Town()
    town.do(requisition(tariff="requisition_ox"))
    assert "per_day" in refused(town, assess(claim="CL-R"), RuleBroken, "claim.tariff").cure


def test_every_kind_has_its_formula():
    figures = Figures(*(money(n) for n in ("1", "2", "3", "4", "5", "6")))
    rates = {"full": money("100"), "half": money("50"), "full_from_h": money("6"), "per_km": money("1"), "boat_hour": money("10")}
    counted = Counted(minutes("P", (18, 7)), figures, lambda day: rates | {"per_day": money("20")}, july(18))
    sums = {kind: str(total(lines(kind, counted, RULES))) for kind in ClaimKind}
    assert sums == {
        ClaimKind.VOLUNTEER: "103.00",
        ClaimKind.FORCE: "133.00",
        ClaimKind.LABOUR: "81.00",
        ClaimKind.REQUISITION: "91.00",
        ClaimKind.AGREEMENT: "6.00",
        ClaimKind.LIVESTOCK: "6.00",
        ClaimKind.MEASURE: "6.00",
    }


def test_the_assessor_does_not_decide():
    error = refused(assessed(), decide(by=OFF), NotAllowed, "claim.assessor")
    assert "another officer decides" in error.cure
    both = replace(OFF, roles=("EMD.officer", "EMD.approver"))
    refused(assessed(), decide(by=both), NotAllowed, "claim.assessor")


def test_who_entered_it_does_not_decide_and_an_officer_without_the_power_neither():
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 7)))
    town.do(claim(by=replace(OFF2, roles=("EMD.approver",)), on_behalf="abroad"))
    town.do(assess())
    refused(town, decide(by=replace(OFF2, roles=("EMD.approver",))), NotAllowed, "claim.assessor")
    refused(assessed(), decide(by=OFF2), NotAllowed, "matrix.3.27")


def test_a_decision_names_amount_remedy_and_term():
    town = assessed()
    (fact,) = town.do(decide(amount=money("326.5"), remedy="review within 60 days")).events
    assert isinstance(fact, ClaimDecided) and fact.outcome is Outcome.GRANTED and str(fact.amount) == "326.50"
    assert (fact.remedy.days, fact.remedy.text, fact.remedy.article) == (60, "review within 60 days", "ARC-20")
    assert fact.remedy.organ == "the government of 150722" and fact.met == ("K-27",)
    assert town.claim().status == DECIDED
    by_government = assessed().do(decide(by=GOV)).events[0]
    assert by_government.remedy.organ == "the government above 150722" and "60" in by_government.remedy.text


@pytest.mark.parametrize(("amount", "outcome"), [("300", Outcome.PARTLY), ("0", Outcome.DENIED), ("400", Outcome.GRANTED)])
def test_less_more_or_nothing_needs_a_reason(amount: str, outcome: Outcome):
    refused(assessed(), decide(amount=money(amount)), RuleBroken, "claim.reason")
    second = GOV if outcome is Outcome.GRANTED else None
    (fact,) = assessed().do(decide(amount=money(amount), reason="as written", cosigner=second)).events
    assert (fact.outcome, fact.second) == (outcome, second and "B.GOV")


@pytest.mark.parametrize("second", [None, APP, OFF, VA])
def test_more_than_was_assessed_is_granted_by_two_who_may_decide(second: Signature | None):
    with pytest.raises(NotAllowed):
        assessed().do(decide(amount=money("100000"), reason="y", cosigner=second))


def test_a_decision_waits_for_an_assessment():
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 7)))
    town.do(claim())
    refused(town, decide(), WrongState, "claim.state")


def test_in_the_app_it_is_served_at_once_and_the_time_for_a_review_runs():
    town = assessed()
    town.do(decide())
    (fact,) = town.do(serve()).events
    assert isinstance(fact, DecisionServed) and fact.met == ("claim.serve_wait",)
    assert [due.rule for due in fact.clocks] == ["K-28.apply", "claim.pay_wait"]
    assert town.claim().status == SERVED and not town.do(serve()).events


def test_on_paper_nothing_is_served_by_itself_and_a_proof_is_kept():
    town = assessed()
    town.do(decide(manner=Manner.PAPER))
    assert not town.do(serve()).events
    refused(town, serve(by=OFF, manner=Manner.PAPER), RuleBroken, "ARC-20")
    (fact,) = town.do(serve(by=OFF, manner=Manner.PAPER, proof="receipt 12")).events
    assert fact.proof == "receipt 12"


def test_late_deadlines_are_told_once_and_an_unused_review_makes_it_final():
    town = assessed()
    late = at("09:00", 22).replace(month=12)
    (missed,) = town.do(EscalateClaimClock(by=OFF, now=late, claim="CL-A", key="K-27")).events
    assert isinstance(missed, ClockMissed) and missed.rule == "K-27"
    assert not town.do(EscalateClaimClock(by=OFF, now=late, claim="CL-A", key="K-27")).events
    paid_late = served()
    paid_late.do(EscalateClaimClock(by=OFF, now=late, claim="CL-A", key="K-28.apply"))
    assert paid_late.claim().status == SERVED
    assert not paid_late.do(EscalateClaimClock(by=OFF, now=late, claim="CL-A", key="K-28.apply")).events


def test_a_settlement_in_writing_takes_the_place_of_a_decision():
    town = assessed()
    said = {"by": APP, "now": NOW, "claim": "CL-A"}
    refused(town, SettleClaim(**said | {"by": OFF}, amount=money("300"), document=DIGEST), NotAllowed, "claim.assessor")
    assert len(refused(town, SettleClaim(**said), RuleBroken, "amount").failures) == 2
    town.do(SettleClaim(**said, amount=money("300"), document=DIGEST))
    assert town.claim().status == SETTLED
    town.do(pay(amount=money("300")))
    assert town.claim().status == PAID


def test_without_anybody_known_to_pay_nothing_is_assessed():
    town = Town(incidents=())
    town.settled("V-A", minutes("V-A", (18, 7)), payer=None)
    town.do(claim(by=replace(VA, division=None)))
    refused(town, assess(by=replace(OFF, division=None)), RuleBroken, "RQ-11")
    assert town.do(assess()).events[0].payer == "150722"


def test_thresholds_of_proof_are_rule_data():
    strict = dict(RULES.values) | {
        "compensation.evidence": [{"kind": "volunteer_call_up", "evidence": "receipts", "figure": "receipts", "above": 50}]
    }
    town = Town(FakeRules(strict))
    town.settled("V-A", minutes("V-A", (18, 7)))
    assert town.do(claim(receipts=money("50"), account=ACCOUNT)).answer == {"missing": []}
    town.settled("V-B", minutes("V-B", (18, 7)))
    other = claim(by=replace(VA, actor="V-B"), claim="CL-B", claimant="V-B", receipts=money("50.01"))
    assert town.do(other).answer == {"missing": ["receipts", "account"]}
