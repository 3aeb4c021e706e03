"""What is handed out: first expired first, against headcounts, against the oldest request; taken back by its opposite."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.resources.deciders.distributions.distribution import ReverseDistribution
from services.resources.deciders.relief.household import RegisterHousehold
from services.resources.deciders.stock.commands import RecallLot
from services.resources.events import distribution as d
from services.resources.events import request as r
from services.resources.events import stock as k
from services.resources.events.masters import RequestAwaits
from shared.kernel.errors import NotFound, RuleBroken, WrongState
from tests.resources.dispatch.goods import full, hand_out
from tests.resources.dispatch.test_leaving import refused, types
from tests.resources.world import APP, CITY_APP, NOW, TOWN, Town, at


def test_what_expires_first_goes_first_and_the_request_has_it():
    town = full()
    decided = town.do(hand_out())
    assert decided.answer["lots"] == {"HL-QUILT-1": 300, "HL-WATER-1": 3000, "HL-WATER-2": 500}
    assert types(decided) == [d.SuppliesDistributed, *[k.StockDistributed] * 3, r.SupplyDistributed]
    assert {item: line.distributed for item, line in town.state("request-SR-1").lines.items()} == {"QUILT": 300, "WATER": 3500, "FOOD": 0}
    refused(town, hand_out(), WrongState, "distribution.once")


def test_the_oldest_open_request_is_filled_first_and_what_is_beyond_counts_for_none():
    town = full()
    first = town.past["request-SR-1"][0]
    town.past["request-SR-2"] = [replace(first, request="SR-2", items={"QUILT": 50})]
    town.past["request-SR-0"] = [replace(first, request="SR-0"), r.RequestCancelled("SR-0", "over", (), (), "T.XW", NOW)]
    for request in ("SR-0", "SR-2"):
        town.past["store-FP-XW"].append(RequestAwaits("FP-XW", request, NOW))
    town.past["request-SR-1"].append(r.SupplyDistributed("SR-1", "DI-0", {"QUILT": 390}, NOW))
    counted = town.do(hand_out(items={"QUILT": 100})).events[0].requests
    assert counted == {"SR-1": {"QUILT": 10}, "SR-2": {"QUILT": 50}}


def test_what_stands_in_for_a_line_counts_for_it_when_it_is_handed_out():
    town = full()
    asked, promised = town.past["request-SR-1"][:2]
    stands = {"QUILT": r.StandIn("BED", 2, 1)}
    later = town.past["request-SR-1"][2:]
    town.past["request-SR-1"] = [replace(asked, items={"BED": 150, "QUILT": 100}), replace(promised, substitutes=stands), *later]
    assert town.do(hand_out(items={"QUILT": 300})).events[0].requests == {"SR-1": {"QUILT": 300}}
    lines = town.state("request-SR-1").lines
    assert (lines["BED"].stood, lines["BED"].stood_came, lines["BED"].unmet) == (150, 150, 0)
    assert town.do(hand_out(distribution="DI-2", items={"QUILT": 100})).events[0].requests == {"SR-1": {"QUILT": 100}}


def test_everything_that_is_missing_is_told_at_once():
    town = full()
    with pytest.raises(RuleBroken) as refusal:
        town.do(hand_out(people=None, items={"QUILT": 401, "TENT": 1, "WATER": -1}, households=("HH-1",), list_ref="a list"))
    rules = [failure.rule for failure in refusal.value.failures]
    assert rules == [
        "distribution.people",
        "distribution.turn",
        "PIPL-5",
        "stock.nonneg",
        "stock.nonneg",
        "stock.quantity",
        "distribution.household",
    ]
    assert "available 400 of QUILT, 401 are asked" in str(refusal.value)
    refused(town, hand_out(items={}), RuleBroken, "distribution.items")
    refused(town, hand_out(store="FP-99"), NotFound, "reference")
    assert "distribution-DI-1" not in town.past


def test_nothing_expired_is_handed_out():
    town = full()
    assert town.do(hand_out(now=at("08:00", 19).replace(month=8), items={"WATER": 900})).answer["lots"] == {"HL-WATER-2": 900}


def test_a_household_has_one_turn_in_a_period():
    town = registered("HH-1", "HH-2", "HH-3")
    turn = {"households": ("HH-1", "HH-2", "HH-1"), "period": "2021-07", "items": {"QUILT": 8}}
    assert town.do(hand_out(**turn)).events[0].households == ("HH-1", "HH-2")
    again = hand_out(distribution="DI-2", **turn)
    assert "HH-1 had its turn for 2021-07 with DI-1" in refused(town, again, RuleBroken, "distribution.turn")
    town.do(hand_out(distribution="DI-2", households=("HH-1",), period="2021-08", items={"QUILT": 8}))
    town.do(hand_out(distribution="DI-3", households=("HH-3",), period="2021-07", items={"QUILT": 8}))


def registered(*households: str) -> Town:
    """Received in full, and these households are known."""
    town = full()
    for household in households:
        town.do(RegisterHousehold(by=TOWN, now=NOW, household=household, village="150722106", persons=4))
    return town


def test_a_turn_is_of_a_household_that_is_known_in_a_month_that_is_one():
    town = registered("HH-1")
    with pytest.raises(RuleBroken) as error:
        town.do(hand_out(place="999999", households=("NOBODY", "HH-1", "NOBODY"), period="2026-13"))
    told = [(fault.rule, fault.field) for fault in error.value.failures]
    assert told == [("distribution.turn", "period"), ("stock.place", "place"), ("distribution.household", "households")]
    for no_day in ("2026-00", "2026-02-30"):
        refused(town, hand_out(households=("HH-1",), period=no_day), RuleBroken, "distribution.turn")
    for n, period in enumerate(("2026-12", "2026-02-28", "2026-W07", "spring")):
        moved = {"distribution": f"DI-{n}", "items": {"QUILT": 1}, "place": "150722106", "placed": True}
        assert town.do(hand_out(households=("HH-1",), period=period, **moved)).events


def test_a_list_of_persons_is_a_reference_into_the_vault():
    reference = "00000000-0000-5000-8000-000000000001"
    assert full().do(hand_out(list_ref=reference)).events[0].list_ref == reference


def test_what_was_recorded_wrongly_is_taken_back_by_its_opposite():
    town = registered("HH-1")
    before = {item: town.state(f"stock-FP-XW.{item}").ledger.inside for item in ("QUILT", "WATER")}
    town.do(hand_out(households=("HH-1",), period="2021-07"))
    wrong = ReverseDistribution(by=APP, now=at("09:00", 19), distribution="DI-1", reason="two days in one")
    refused(town, replace(wrong, reason=None), RuleBroken, "distribution.reason")
    decided = town.do(wrong)
    assert types(decided)[:4] == [d.DistributionReversed, *[k.StockReturned] * 3]
    assert {fact.cause for fact in decided.events[1:4]} == {"DI-1"}
    assert {item: town.state(f"stock-FP-XW.{item}").ledger.inside for item in before} == before
    assert all(line.distributed == 0 for line in town.state("request-SR-1").lines.values())
    refused(town, wrong, WrongState, "distribution.once")
    town.do(hand_out(distribution="DI-2", households=("HH-1",), period="2021-07"))


def test_what_was_recalled_or_expired_since_comes_back_apart():
    town = full()
    town.do(hand_out(items={"WATER": 3500}))
    town.do(RecallLot(by=CITY_APP, now=at("08:00", 19), lot="HL-WATER-2", reason="EQL notice"))
    town.do(ReverseDistribution(by=APP, now=at("09:00", 19).replace(month=8), distribution="DI-1", reason="two days in one"))
    stock = town.state("stock-FP-XW.WATER")
    assert [(stock.available(lot), stock.quarantined(lot)) for lot in ("HL-WATER-1", "HL-WATER-2")] == [(0, 3000), (0, 1200)]
