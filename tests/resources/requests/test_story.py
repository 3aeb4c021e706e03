"""The story's request from the first line to its closing, step by step, decision by decision."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.requests import commands as c
from services.resources.events.request import SupplyDelivered, SupplyDistributed, SupplyForwarded
from shared.kernel.errors import NotAllowed, RuleBroken
from shared.kernel.events import is_guard, type_of
from tests.resources.requests.world import (
    allocate,
    ask_neighbour,
    asked,
    cancel,
    city_allocates,
    follows,
    forward,
    forwarded,
    loaded,
    refused,
)
from tests.resources.world import CITY_APP, CITY_OFF, NEXT_APP, OFF, REGION, REGION_APP, Town, at


def types(facts: Any) -> list[str]:
    """What the answer names: without the other sides."""
    return [name for fact in facts if not is_guard(name := type_of(fact))]


def made(*reserved: int) -> list[str]:
    return ["resources.allocation.made.v1"] + ["resources.stock.reserved.v1"] * sum(reserved)


@pytest.mark.parametrize(
    ("lots", "rule", "cure"),
    [
        ({"MD-WATER-2": 1800}, "stock.fefo", "MD-WATER-1 expires first; take it or give a reason"),
        ({"MD-FOOD-0": 200}, "stock.expired", "MD-FOOD-0 expired on 2021-06-30"),
    ],
)
def test_the_wrong_lot_is_refused(lots: dict[str, int], rule: str, cure: str):
    with pytest.raises(RuleBroken) as refusal:
        asked().do(allocate(lots=lots))
    assert refusal.value.rule == rule
    assert cure in refusal.value.cure


def test_the_own_store_gives_what_expires_first():
    town = asked()
    decided = town.do(allocate(items={"TENT": 120, "BED": 300, "QUILT": 500, "WATER": 3600, "FOOD": 900}))
    assert types(decided.events) == made(6)
    lots = {"MD-TENT-1": 120, "MD-BED-1": 300, "MD-QUILT-1": 500, "MD-WATER-1": 1800, "MD-WATER-2": 1800, "MD-FOOD-1": 900}
    assert decided.answer == {"lots": lots}
    water = town.state("stock-WH-MD.WATER")
    assert (water.available("MD-WATER-1"), water.reserved("MD-WATER-1")) == (0, 1800)
    assert (water.available("MD-WATER-2"), water.reserved("MD-WATER-2")) == (600, 1800)
    with pytest.raises(RuleBroken) as refusal:
        town.do(allocate("AC-MD2", lots={"MD-TENT-1": 20}))
    assert (refusal.value.rule, refusal.value.cure) == ("stock.nonneg", "MD-TENT-1 is reserved for AC-MD: available 0")


def test_forwarding_tells_what_is_still_open_and_what_the_own_stores_have():
    town = forwarded()
    told = next(fact for fact in town.past["request-SR-1"] if isinstance(fact, SupplyForwarded))
    remaining = {"TENT": 180, "BED": 900, "QUILT": 700, "WATER": 7200, "FOOD": 9900}
    assert town.state("request-SR-1").remaining == told.remaining == remaining
    empty = dict.fromkeys(("TENT", "BED", "QUILT", "FOOD"), 0)
    assert told.own_stock == {"WH-MD": empty | {"WATER": 600}, "FP-XW": empty | {"WATER": 0}}


def test_the_city_does_not_order_out_of_a_banners_store_but_asks():
    town = forwarded()
    assert town.do(city_allocates()).answer["lots"]["HL-WATER-1"] == 3000
    with pytest.raises(NotAllowed) as refusal:
        town.do(allocate("AC-AR", "WH-AR", by=CITY_APP, items={"TENT": 60}))
    assert refusal.value.rule == "matrix.3.27"
    assert refusal.value.cure == "WH-AR belongs to 150721: ask the neighbour, or an L1 order in a serious case"
    with pytest.raises(NotAllowed):
        town.do(allocate("AC-AR0", "WH-AR", by=NEXT_APP, items={"TENT": 90}))  # not asked yet
    assert types(town.do(ask_neighbour()).events) == ["resources.supply_request.neighbour_asked.v1"]
    assert town.do(allocate("AC-AR0", "WH-AR", by=NEXT_APP, items={"TENT": 90})).answer == {"lots": {"AR-TENT-1": 90}}
    freed = town.do(cancel("AC-AR0", by=NEXT_APP, reason="own reserve of 30 tents kept"))
    assert types(freed.events) == ["resources.allocation.cancelled.v1", "resources.stock.reservation_released.v1"]
    stock = town.state("stock-WH-AR.TENT")
    assert (stock.available("AR-TENT-1"), stock.reserved("AR-TENT-1")) == (90, 0)


def whole() -> Town:
    """Everything that four levels promise."""
    town = forwarded()
    town.do(city_allocates())
    town.do(ask_neighbour())
    town.do(allocate("AC-AR", "WH-AR", by=NEXT_APP, items={"TENT": 60, "QUILT": 100, "WATER": 1200, "FOOD": 1200}))
    town.do(forward(by=CITY_OFF, to=REGION, stores=("WH-HL",)))
    town.do(c.ApproveOrally(by=REGION_APP, now=at("17:30"), request="SR-1", channel="duty phone"))
    town.do(allocate("AC-RG", "WH-RG", by=REGION_APP, items={"TENT": 40, "BED": 400, "QUILT": 200, "WATER": 1800, "FOOD": 3200}))
    return town


def test_the_last_level_finds_the_shortage_once():
    town = whole()
    assert town.state("request-SR-1").remaining == {"TENT": 0, "BED": 0, "QUILT": 0, "WATER": 0, "FOOD": 2500}
    said = []
    for allocation in ("AC-HL", "AC-RG", "AC-RG"):
        (command,) = follows(town.past[f"allocation-{allocation}"][0])
        said += town.do(command).events
    assert types(said) == ["resources.supply_request.shortage_found.v1"]
    assert said[0].items == {"FOOD": 2500}


def test_it_closes_only_with_what_the_ledger_says():
    town = whole()
    for allocation in ("AC-MD", "AC-HL", "AC-AR", "AC-RG"):
        loaded(town, allocation)
    came = {"TENT": 300, "BED": 1200, "QUILT": 1196, "WATER": 10740, "FOOD": 10750}
    handed_out = {"TENT": 300, "BED": 1200, "QUILT": 1196, "WATER": 10800, "FOOD": 10800}
    town.past["request-SR-1"] += [
        SupplyDelivered("SR-1", "SP-1", came, at("09:00", 19)),
        SupplyDistributed("SR-1", "DI-1", handed_out, at("09:00", 20)),
    ]
    close = {"by": OFF, "now": at("11:10", 23), "request": "SR-1"}
    with pytest.raises(RuleBroken) as refusal:
        town.do(c.CloseRequest(**close, unmet={}, reason="over"))
    assert (refusal.value.rule, refusal.value.cure) == ("supply.unmet", "by what was delivered and handed out: QUILT: 4")
    assert refused(town, c.CloseRequest(**close, unmet={"QUILT": 4})) == ["supply.reason"]
    closed = town.do(c.CloseRequest(**close, unmet={"QUILT": 4}, reason="lost on the way, no longer needed"))
    assert types(closed.events) == ["resources.supply_request.closed.v1"]
    assert town.state("store-FP-XW").requests == ()
