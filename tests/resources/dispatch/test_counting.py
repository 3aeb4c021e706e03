"""Receipt by the named receiver, to the piece; what is missing is accounted for by another person; losses need two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.resources.deciders.shipments import commands as c
from services.resources.deciders.stock.commands import RecallLot
from services.resources.events import receipt as r
from services.resources.events import stock as k
from services.resources.events.lot import LotHeld
from services.resources.events.masters import ItemHeld
from services.resources.events.request import SupplyDelivered, SupplyUnallocated
from services.resources.events.vehicle import CarrierFreed
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.resources.dispatch.goods import (
    CITY_SECOND,
    DAMAGED,
    ITEMS,
    SHORT,
    arrived,
    full,
    receipt,
    resolve,
    short,
    step,
    transit,
    under_way,
)
from tests.resources.dispatch.test_leaving import refused, types
from tests.resources.dispatch.test_travelling import STRANGER
from tests.resources.world import APP, AREA, CITY, CITY_APP, CITY_KEEPER, CITY_OFF, POINT, at, warehouse

QUIET = (ItemHeld, LotHeld, SupplyDelivered, SupplyUnallocated)  # guards and other sides: not in the answer


def told(decided) -> list[type]:
    return [kind for kind in types(decided) if kind not in QUIET]


def test_only_the_named_receiver_confirms():
    town = arrived()
    assert "receiver is W.FP" in refused(town, receipt(by=STRANGER), NotAllowed, "receiver.named")
    assert "receiver is W.FP" in refused(under_way(), receipt(by=APP), NotAllowed, "receiver.named")
    refused(under_way(), receipt(), WrongState, "shipment.state")


def test_a_full_receipt_needs_nothing_more():
    town = arrived()
    decided = town.do(receipt(result=r.Result.FULL))
    assert told(decided) == [r.ShipmentReceived, *[k.StockReceived] * 4]
    assert decided.events[0].over
    assert transit(town) == {}
    assert {item: line.delivered for item, line in town.state("request-SR-1").lines.items()} == ITEMS
    refused(town, resolve(), WrongState, "shipment.state")
    refused(town, receipt(), WrongState, "shipment.state")


def test_what_is_short_stays_in_transit_and_what_is_damaged_lies_apart():
    town = arrived()
    decided = town.do(receipt(result=r.Result.SHORT, short=SHORT, damaged=DAMAGED, photos=("0" * 64,)))
    assert told(decided) == [r.ShipmentReceived, *[k.StockReceived] * 4, r.DiscrepancyFound]
    assert (decided.answer["short"], decided.answer["damaged"]) == (54, 60)
    assert [fact.lot for fact in decided.events if isinstance(fact, k.StockReceived)] == [
        "HL-QUILT-1",
        "HL-WATER-1",
        "HL-WATER-2",
        "HL-FOOD-1",
    ]
    assert transit(town) == {"QUILT": 4, "FOOD": 50}
    water = town.state("stock-FP-XW.WATER")
    assert (water.available("HL-WATER-1"), water.quarantined("HL-WATER-1")) == (2940, 60)
    lines = town.state("request-SR-1").lines
    assert (lines["WATER"].delivered, lines["WATER"].remaining, lines["QUILT"].remaining) == (4140, 60, 0)


@pytest.mark.parametrize(
    ("counts", "cure"),
    [
        ({"short": SHORT, "received": {"HL-QUILT-1": 400}}, "400 + 4 is more than the 400 loaded"),
        ({"received": {"HL-QUILT-1": 390}}, "390 is less than the 400 loaded"),
        ({"short": {"HL-QUILT-1": 401}}, "401 is more than the 400 loaded"),
        ({"received": {"HL-QUILT-1": 300}, "short": {"HL-QUILT-1": 99}, "damaged": {"HL-QUILT-1": 2}}, "300 + 99 + 2 is more than"),
        ({"short": {"HL-QUILT-1": -1}}, "zero at least"),
        ({"damaged": {"MD-TENT-1": 1}}, "MD-TENT-1 was not loaded"),
    ],
)
def test_received_short_and_damaged_are_what_was_loaded(counts, cure):
    town = arrived()
    assert cure in refused(town, receipt(**counts), RuleBroken, "receipt.balance")
    assert town.state("stock-FP-XW.QUILT").ledger.empty


def test_the_result_agrees_with_the_counts_and_the_bin_exists():
    refused(arrived(), receipt(result=r.Result.FULL, short=SHORT), RuleBroken, "receipt.result")
    refused(arrived(), receipt(position="Z-99"), RuleBroken, "store.position")
    refused(arrived(), receipt(photos=("a picture of somebody",)), RuleBroken, "receipt.photos")
    assert arrived().do(receipt(damaged=DAMAGED)).answer["result"] == "damaged"


def test_a_lot_that_did_not_come_at_all_is_not_received():
    town = arrived()
    decided = town.do(receipt(short={"HL-QUILT-1": 400}))
    assert told(decided).count(k.StockReceived) == 3
    assert "HL-QUILT-1" not in decided.events[0].received


def test_a_lot_recalled_on_the_way_lies_apart():
    town = arrived()
    town.do(RecallLot(by=CITY_APP, cosigner=CITY_KEEPER, now=at("06:40", 19), lot="HL-FOOD-1", reason="batch spoiled"))
    town.do(receipt())
    food = town.state("stock-FP-XW.FOOD")
    assert (food.available("HL-FOOD-1"), food.quarantined("HL-FOOD-1")) == (0, 3000)


def test_every_missing_piece_is_accounted_for_in_the_order_of_the_story():
    town = short()
    decided = town.do(resolve())
    assert told(decided) == [k.StockReturned, k.StockLost, r.ShipmentReconciled]
    assert decided.events[1].second == "W.FP"
    assert transit(town) == {}
    assert town.state("stock-WH-HL.FOOD").available("HL-FOOD-1") == 50
    assert town.state("request-SR-1").remaining == {"QUILT": 4, "WATER": 60, "FOOD": 50}
    refused(town, resolve(), WrongState, "shipment.state")


def test_what_turned_up_later_is_received_there():
    town = short()
    decided = town.do(resolve(not_loaded={}, lost={}, found=SHORT))
    assert told(decided) == [k.StockReceived, k.StockReceived, r.ShipmentReconciled]
    assert town.state("request-SR-1").lines["FOOD"].delivered == 3000
    assert transit(town) == {}


@pytest.mark.parametrize(
    "parts",
    [
        {"lost": {}},
        {"lost": {"HL-QUILT-1": 3}},
        {"lost": {"HL-QUILT-1": 5}},
        {"lost": {"HL-QUILT-1": 4, "HL-WATER-1": 1}},
        {"found": {"HL-QUILT-1": 1}},
        {"lost": {"HL-QUILT-1": 5}, "found": {"HL-QUILT-1": -1}},
    ],
)
def test_neither_more_nor_less_than_what_is_short_is_accounted_for(parts):
    town = short()
    refused(town, resolve(**parts), RuleBroken, "receipt.balance")
    assert transit(town) == {"QUILT": 4, "FOOD": 50}


def test_who_received_counted_or_loaded_does_not_write_off_what_is_lost():
    town = short()
    for changed in ({"counted_by": "C.APP"}, {"approver": "W.HL"}, {"by": CITY_KEEPER}):
        refused(town, resolve(**changed), NotAllowed, "two.persons")


def test_what_was_never_loaded_was_counted_by_a_keeper_of_the_source():
    """Else goods that nobody saw are back in the books: a keeper the store names, or another who signs."""
    town = short()
    for nobody in (CITY_APP, replace(POINT, division=CITY)):
        refused(town, resolve(cosigner=nobody), NotAllowed, "two.persons")
    for named in (None, "NO.SUCH.POST", POINT.actor, CITY_APP.actor):
        refused(town, resolve(cosigner=None, counted_by=named, lost={}), NotAllowed, "two.persons")
    by_name = [fact for fact in short().do(resolve(cosigner=None)).events if isinstance(fact, r.ShipmentReconciled)]
    assert [fact.counted_by for fact in by_name] == ["W.HL"]
    for stranger in (POINT, APP, replace(CITY_KEEPER, division=AREA)):
        refused(town, resolve(cosigner=stranger), NotAllowed, "two.persons" if stranger is POINT else "store.keeper")
    refused(town, resolve(counted_by="NO.SUCH.POST"), RuleBroken, "discrepancy.count")
    refused(town, resolve(by=CITY_SECOND, counted_by=None, lost={}), NotAllowed, "matrix.3.27")
    told = [fact for fact in town.do(resolve(counted_by=None)).events if isinstance(fact, r.ShipmentReconciled)]
    assert [fact.counted_by for fact in told] == ["W.HL"]


def test_where_keepers_are_named_one_of_them_counts_what_was_never_loaded():
    town = short()
    town.do(warehouse("WH-HL", by=CITY_OFF, owner=CITY, place="150702", custodian="W.HL", level=2, keepers=("W.HL3",)))
    assert "W.HL, W.HL3" in refused(town, resolve(cosigner=CITY_SECOND), NotAllowed, "store.keeper")
    assert town.do(resolve(cosigner=CITY_KEEPER)).events


def test_a_lost_shipment_is_said_by_two_and_leaves_nothing_in_transit():
    town = under_way()
    refused(town, step(c.LoseShipment, CITY_APP, reason="washed away"), NotAllowed, "two.persons")
    refused(town, step(c.LoseShipment, CITY_APP, cosigner=CITY_APP, reason="washed away"), NotAllowed, "two.persons")
    refused(town, step(c.LoseShipment, CITY_APP, cosigner=CITY_SECOND), RuleBroken, "shipment.reason")
    decided = town.do(step(c.LoseShipment, CITY_APP, cosigner=CITY_SECOND, reason="washed away"))
    assert told(decided) == [r.ShipmentLost, *[k.StockLost] * 4, CarrierFreed]
    assert transit(town) == {}
    assert town.state("request-SR-1").remaining == ITEMS
    refused(arrived(), step(c.LoseShipment, CITY_APP, cosigner=CITY_SECOND, reason="late"), WrongState, "shipment.state")


def test_what_comes_back_is_available_again_and_was_not_delivered():
    town = under_way()
    town.do(step(c.TurnBack, CITY_APP, "20:00", reason="bridge gone"))
    town.do(step(c.Arrive, CITY_KEEPER, "21:00"))
    decided = town.do(step(c.ConfirmReceipt, CITY_KEEPER, "21:10", short={"HL-QUILT-1": 4}, damaged=DAMAGED))
    assert told(decided) == [r.ShipmentReceived, *[k.StockReturned] * 4, r.DiscrepancyFound]
    town.do(resolve(by=APP, not_loaded={}, lost={"HL-QUILT-1": 4}))
    water = town.state("stock-WH-HL.WATER")
    assert (water.available("HL-WATER-1"), water.quarantined("HL-WATER-1")) == (2940, 60)
    assert transit(town) == {}
    assert town.state("request-SR-1").remaining == ITEMS
    assert all(line.delivered == 0 for line in town.state("request-SR-1").lines.values())


def test_a_full_receipt_stays_a_receipt():
    assert full().state("shipment-SP-2").status == "received"
