"""Stores: registered and changed, inspected, restricted, reopened, closed empty."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.resources.deciders.masters.store import store_of
from services.resources.deciders.masters.warehouse import (
    CloseWarehouse,
    InspectWarehouse,
    ReopenWarehouse,
    RestrictWarehouse,
)
from services.resources.events import masters as m
from services.resources.events import stock as s
from services.resources.events.allocation import AllocationCancelled, AllocationMade
from services.resources.events.request import Priority, SupplyAllocated, SupplyDelivered, SupplyRequested
from shared.kernel.errors import NotFound, RuleBroken, WrongState
from tests.resources.world import APP, AREA, CITY, KEEPER, NOW, at, july, point, stocked_town, warehouse


def refused(town, command, *rules, kind=RuleBroken):
    with pytest.raises(kind) as refusal:
        town.do(command)
    assert [fault.rule for fault in refusal.value.failures] == list(rules), refusal.value.failures
    assert all(fault.cure for fault in refusal.value.failures)
    return refusal.value


def close(store="FP-XW", **changed):
    return CloseWarehouse(**{"by": APP, "now": NOW, "store": store} | changed)


def lay(town, store, item, **lots):
    """So much of each lot, as if received."""
    noted = town.past.setdefault(f"store-{store}", [])
    if item not in town.state(f"store-{store}").items:
        noted.append(m.ItemHeld(store, item, NOW))
    for lot, qty in lots.items():
        fact = s.StockReceived(store, item, lot.replace("_", "-"), qty, s.Source.OPENING, "books", None, "W.MD1", NOW, AREA)
        town.past.setdefault(f"stock-{store}.{item}", []).append(fact)


def test_a_store_has_owner_level_place_custodian_and_a_post_that_answers():
    town = stocked_town()
    (fact,) = town.do(warehouse("WH-NJ", contact="B.DUTY", keepers=("W.MD2",), capacity={"TENT": 500})).events
    assert (fact.owner, fact.level, fact.place, fact.custodian, fact.contact) == (AREA, 3, "150722100", "W.MD1", "B.DUTY")
    assert (fact.keepers, fact.capacity) == (("W.MD2",), {"TENT": 500})


def test_the_custodian_answers_unless_another_post_is_named():
    assert stocked_town().state("store-WH-MD").contact == "W.MD1"


def test_the_same_again_is_nothing_and_otherwise_it_is_changed():
    town = stocked_town()
    assert town.do(warehouse()).events == []
    (fact,) = town.do(warehouse(custodian="W.MD2")).events
    assert fact.custodian == "W.MD2"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"owner": None}, "store.owner"),
        ({"level": None}, "store.owner"),
        ({"place": None}, "store.place"),
        ({"placed": False}, "store.place"),
        ({"custodian": None}, "store.custodian"),
        ({"custodian": "13800000000"}, "store.custodian"),
        ({"contact": "0470-1234567"}, "store.contact"),
        ({"contact": ""}, "store.contact"),
        ({"keepers": ("W.MD2", "12345")}, "store.keepers"),
        ({"parent": "WH-HL"}, "store.parent"),
        ({"positions": ("A-01", "A-01")}, "store.positions"),
        ({"positions": (" ",)}, "store.positions"),
        ({"capacity": {"TENT": -1}}, "store.capacity"),
        ({"capacity": {"NONE": 1}}, "item.known"),
    ],
)
def test_what_is_missing_or_wrong_in_a_store_is_named(changed, rule):
    refused(stocked_town(), warehouse("WH-NEW", **changed), rule)


def test_every_fault_is_named_at_once():
    command = warehouse("WH-NEW", owner=None, place=None, custodian=None, positions=("A", "A"), capacity={"NONE": -1})
    rules = ("store.owner", "store.custodian", "store.place", "store.positions", "store.capacity", "item.known")
    refused(stocked_town(), command, *rules)


def test_owner_and_kind_stay():
    town = stocked_town()
    refused(town, warehouse(owner=CITY), "store.owner")
    refused(town, point(kind=m.StoreKind.WAREHOUSE, parent=None), "store.kind")


@pytest.mark.parametrize("parent", [None, "WH-NONE", "FP-XW", "FP-NEW"])
def test_a_forward_point_has_a_warehouse_as_its_parent(parent):
    refused(stocked_town(), point("FP-NEW", parent=parent), "store.parent")


def test_a_forward_point_is_of_its_parents_owner():
    refused(stocked_town(), point("FP-NEW", parent="WH-HL"), "store.parent")


def test_a_forward_point_may_change_its_parent():
    town = stocked_town()
    town.do(warehouse("WH-NJ"))
    facts = town.do(point(parent="WH-NJ")).events
    assert [type(fact) for fact in facts] == [m.WarehouseRegistered, m.PointDetached, m.PointAttached]
    assert (town.state("store-WH-MD").points, town.state("store-WH-NJ").points) == ((), ("FP-XW",))


def test_a_position_goes_only_when_nothing_lies_there():
    town = stocked_town()
    lay(town, "WH-MD", "WATER", MD_WATER_1=10)
    town.past["stock-WH-MD.WATER"].append(s.StockMoved("WH-MD", "WATER", "MD-WATER-1", 10, None, "B-01", "W.MD1", NOW))
    error = refused(town, warehouse(positions=("A-01",)), "store.positions")
    assert error.cure == "WATER lies at B-01: put it elsewhere first"
    assert town.do(warehouse(positions=("B-01",))).events


def test_an_inspection_is_kept_and_what_is_not_fit_is_restricted():
    town = stocked_town()
    command = InspectWarehouse(by=KEEPER, now=NOW, store="WH-MD", next=july(31))
    assert town.do(command).events == [m.WarehouseInspected("WH-MD", True, "", july(31), "W.MD1", NOW)]
    bad = replace(command, fit=False, findings="roof leaks", next=None)
    assert [type(fact) for fact in town.do(bad).events] == [m.WarehouseInspected, m.WarehouseRestricted]
    assert [type(fact) for fact in town.do(bad).events] == [m.WarehouseInspected]
    with pytest.raises(WrongState):
        store_of("WH-MD", {"store-WH-MD": town.state("store-WH-MD")})


def test_an_inspection_that_finds_something_says_what_and_the_next_is_later():
    town = stocked_town()
    refused(town, InspectWarehouse(by=KEEPER, now=NOW, store="WH-MD", fit=False), "store.findings")
    refused(town, InspectWarehouse(by=KEEPER, now=NOW, store="WH-MD", next=july(18)), "store.next")


def test_a_store_is_restricted_with_a_reason_and_reopened():
    town = stocked_town()
    refused(town, RestrictWarehouse(by=KEEPER, now=NOW, store="WH-MD"), "store.reason")
    refused(town, ReopenWarehouse(by=APP, now=NOW, store="WH-MD"), "store.state", kind=WrongState)
    town.do(RestrictWarehouse(by=KEEPER, now=NOW, store="WH-MD", reason="water in the hall"))
    refused(town, RestrictWarehouse(by=KEEPER, now=NOW, store="WH-MD", reason="again"), "store.state", kind=WrongState)
    assert town.do(ReopenWarehouse(by=APP, now=NOW, store="WH-MD")).events == [m.WarehouseReopened("WH-MD", "B.APP", NOW)]


def test_an_empty_store_is_closed_for_good():
    town = stocked_town()
    facts = town.do(close()).events
    assert [type(fact) for fact in facts] == [m.WarehouseClosed, m.PointDetached]
    for command in (point(), close(), RestrictWarehouse(by=APP, now=NOW, store="FP-XW", reason="closed")):
        refused(town, command, "store.state", kind=WrongState)


def test_a_store_nobody_registered_is_unknown():
    for command in (close("WH-NONE"), RestrictWarehouse(by=APP, now=NOW, store="WH-NONE", reason="fire")):
        refused(stocked_town(), command, "reference", kind=NotFound)


def test_a_store_is_closed_empty_and_told_item_by_item_what_is_still_there():
    town = stocked_town()
    lay(town, "FP-XW", "WATER", HL_WATER_2=500, HL_WATER_3=28)
    lay(town, "FP-XW", "FOOD", RG_FOOD_1=10)
    error = refused(town, close(), "zero.balance")
    assert error.cure.startswith("528 litre of WATER and 10 meal of FOOD are still there")


def test_what_is_reserved_or_apart_is_still_there_and_what_went_is_not():
    town = stocked_town()
    lay(town, "FP-XW", "TENT", MD_TENT_1=1)
    assert refused(town, close(), "zero.balance").cure.startswith("1 piece of TENT is still there")
    town.past["stock-FP-XW.TENT"].append(s.StockQuarantined("FP-XW", "TENT", "MD-TENT-1", 1, "torn", "W.FP", NOW))
    refused(town, close(), "zero.balance")
    town.past["stock-FP-XW.TENT"].append(s.StockWrittenOff("FP-XW", "TENT", "MD-TENT-1", 1, 1, "torn", "W.FP", "W.MD1", NOW))
    assert town.do(close()).events


def test_a_warehouse_with_forward_points_is_not_closed():
    town = stocked_town()
    refused(town, close("WH-MD"), "store.points")
    town.do(close())
    assert town.do(close("WH-MD")).events


def awaited(town):
    """SR-1 asks for water to FP-XW, and AC-1 promises all of it."""
    line, until = (AREA, CITY), at("20:00")
    asked = SupplyRequested("SR-1", "INC-1", AREA, line, "W.FP", "FP-XW", 10, until, {"WATER": 60}, Priority.ROUTINE, "", (), "T.XW", NOW)
    town.past["request-SR-1"] = [asked]
    town.past["store-FP-XW"].append(m.RequestAwaits("FP-XW", "SR-1", NOW))


def allocated(town):
    made = AllocationMade("AC-1", "SR-1", "INC-1", "WH-MD", AREA, 3, (), "FP-XW", "W.FP", "rule@1", {}, "", "B.APP", NOW)
    town.past["allocation-AC-1"] = [made]
    town.past["request-SR-1"].append(SupplyAllocated("SR-1", "AC-1", {"WATER": 60}, NOW))
    town.past["request-SR-1"].append(SupplyDelivered("SR-1", "SP-0", {"WATER": 1}, NOW))


def test_a_store_is_not_closed_while_a_request_for_it_waits():
    town = stocked_town()
    awaited(town)
    assert "what request SR-1 asks for is on its way here" in refused(town, close(), "zero.balance").cure


def test_a_store_is_not_closed_while_goods_are_promised_to_it():
    town = stocked_town()
    awaited(town)
    allocated(town)
    assert "allocation AC-1 is on its way here" in refused(town, close(), "zero.balance").cure
    town.past["allocation-AC-1"].append(AllocationCancelled("AC-1", "SR-1", None, "not needed", "B.APP", NOW))
    assert town.do(close()).answer == {"requests": ["SR-1"]}


def test_a_request_that_is_over_does_not_stand_against_closing():
    town = stocked_town()
    awaited(town)
    town.past["store-FP-XW"].append(m.RequestOver("FP-XW", "SR-1", NOW))
    assert town.do(close()).events


def test_neither_store_of_a_shipment_is_closed_before_it_is_over():
    """Also when the request it was for is over: what comes, comes back or is found again needs a place to be put down."""
    town = stocked_town()
    for store in ("FP-XW", "WH-HL"):
        town.past[f"store-{store}"] += [m.ShipmentNoted(store, "SP-1", NOW), m.ShipmentNoted(store, "SP-2", NOW)]
        town.past[f"store-{store}"].append(m.ShipmentSettled(store, "SP-2", NOW))
        fault = refused(town, close(store), "zero.balance")
        assert "shipment SP-1 is under way" in fault.cure and "SP-2" not in fault.cure
        town.past[f"store-{store}"].append(m.ShipmentSettled(store, "SP-1", NOW))
        assert town.do(close(store)).events


def test_a_store_is_not_closed_while_something_of_it_is_lent():
    town = stocked_town()
    lay(town, "FP-XW", "TENT", T_1=2)
    lent = s.StockIssued("FP-XW", "TENT", "T-1", 2, s.Use.BORROWER, "LN-1", None, "W.FP", NOW)
    town.past["stock-FP-XW.TENT"].append(lent)
    assert "2 piece of TENT are lent out" in refused(town, close(), "zero.balance").cure
    back = s.StockReturned("FP-XW", "TENT", "T-1", 0, 0, 2, s.From.BORROWER, "LN-1", None, "W.FP", NOW)
    town.past["stock-FP-XW.TENT"].append(back)
    assert town.do(close()).events
