"""A shipment until it leaves: ordered out of a reservation, picked, loaded; vehicles and drivers belong to one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.resources.deciders.allocations.commands import CancelAllocation
from services.resources.deciders.masters.vehicle import RegisterVehicle
from services.resources.deciders.shipments import commands as c
from services.resources.events import allocation as a
from services.resources.events import shipment as s
from services.resources.events import stock as k
from services.resources.events.masters import ShipmentNoted, ShipmentSettled
from services.resources.events.request import SupplyUnallocated
from services.resources.events.vehicle import CarrierEngaged, CarrierFreed
from shared.kernel.errors import DomainError, NotFound, RuleBroken, WrongState
from tests.resources.dispatch.goods import allocated, loaded, order, ordered, promised, step
from tests.resources.world import CITY, CITY_APP, CITY_KEEPER, NOW, SYS, Town, at


def types(decided: Any) -> list[type]:
    """Without what both stores note: test_stores says what that is for."""
    return [type(fact) for fact in decided.events if not isinstance(fact, ShipmentNoted | ShipmentSettled)]


def refused(town: Town, command: Any, kind: type[DomainError], rule: str) -> str:
    with pytest.raises(kind) as refusal:
        town.do(command)
    assert rule in [failure.rule for failure in refusal.value.failures]
    return str(refusal.value)


def test_an_order_takes_what_is_reserved_and_says_where_it_lies():
    town = promised()
    decided = town.do(order())
    assert types(decided) == [s.ShipmentOrdered, a.AllocationDispatched, CarrierEngaged]
    said = decided.events[0]
    assert {line.lot: line.qty for line in said.lines} == {
        "HL-QUILT-1": 400,
        "HL-WATER-1": 3000,
        "HL-WATER-2": 1200,
        "HL-FOOD-1": 3000,
    }
    assert said.pick_list == {"A-01": {"HL-QUILT-1": 400, "HL-WATER-1": 3000, "HL-WATER-2": 1200, "HL-FOOD-1": 3000}}
    assert (said.receiver, said.contact_from, said.contact_to, said.priority) == ("W.FP", "W.HL", "W.FP", "urgent")


def test_nothing_is_ordered_twice_or_without_a_reservation():
    town = ordered()
    refused(town, order(), WrongState, "shipment.state")
    refused(town, order(shipment="SP-9", vehicle=None), WrongState, "allocation.state")
    refused(town, order(shipment="SP-9", allocation="AC-NO"), NotFound, "reference")
    town.past["allocation-AC-0"] = [allocated((), allocation="AC-0")]
    refused(town, order(shipment="SP-9", allocation="AC-0", vehicle=None), RuleBroken, "stock.reserved")


def test_all_faults_of_an_order_are_told_at_once():
    town = promised()
    with pytest.raises(RuleBroken) as refusal:
        town.do(order(to_store="WH-MD", priority="soon"))
    assert [failure.rule for failure in refusal.value.failures] == ["dispatch.store", "dispatch.priority"]


def test_a_store_or_vehicle_that_nobody_knows_is_not_found():
    refused(promised(), order(vehicle="TRUCK-99"), NotFound, "reference")
    refused(promised(), order(to_store="WH-99"), NotFound, "reference")


def test_a_vehicle_or_driver_under_way_carries_nothing_else():
    town = ordered(driver="D.1")
    town.past["allocation-AC-2"] = [allocated(tuple(), allocation="AC-2")]
    with pytest.raises(WrongState) as refusal:
        town.do(order(shipment="SP-9", allocation="AC-2", driver="D.1"))
    assert [failure.field for failure in refusal.value.failures] == ["vehicle", "driver"]
    assert "engaged with SP-2" in str(refusal.value)
    town.do(step(c.CancelDispatch, CITY_APP, reason="road closed"))
    assert town.state("vehicle-TRUCK-2").shipment is None
    assert town.state("driver-D.1").shipment is None


def test_a_vehicle_takes_what_fits():
    town = promised()
    small = RegisterVehicle(by=CITY_APP, now=NOW, vehicle="TRUCK-2", plate="TEST-2", capacity={"QUILT": 800, "WATER": 8000})
    town.do(small)
    refused(town, order(), RuleBroken, "vehicle.capacity")
    town.do(replace(small, capacity={"QUILT": 800, "WATER": 8400}))
    town.do(order())


def test_a_vehicle_has_a_plate_and_whole_capacities():
    with pytest.raises(RuleBroken) as refusal:
        promised().do(RegisterVehicle(by=CITY_APP, now=NOW, vehicle="TRUCK-5", capacity={"TENT": 0}))
    assert [failure.rule for failure in refusal.value.failures] == ["vehicle.plate", "vehicle.capacity"]


def test_another_vehicle_frees_the_first_and_voids_the_pass():
    town = ordered()
    town.do(step(c.IssueTransportPass, route="G111"))
    decided = town.do(step(c.AmendDispatch, CITY_APP, vehicle="TRUCK-3", receiver="T.XW", reason="broke down"))
    assert types(decided) == [s.ShipmentAmended, CarrierFreed, CarrierEngaged]
    assert decided.events[0].pass_void
    shipment = town.state("shipment-SP-2")
    assert (shipment.vehicle, shipment.receiver, shipment.approval) == ("TRUCK-3", "T.XW", None)
    refused(town, step(c.AmendDispatch, CITY_APP), RuleBroken, "shipment.change")


def test_a_pick_is_whole_unless_a_reason_is_given():
    town = ordered()
    lots = {"HL-QUILT-1": 390, "HL-WATER-1": 3000, "HL-WATER-2": 1200, "HL-FOOD-1": 3000}
    assert "HL-QUILT-1 390 of 400" in refused(town, step(c.ConfirmPick, lots=lots), RuleBroken, "pick.short")
    refused(town, step(c.ConfirmPick, lots={"HL-QUILT-1": 401}), RuleBroken, "pick.balance")
    refused(town, step(c.ConfirmPick, lots={"MD-TENT-1": 1}), RuleBroken, "pick.lot")
    assert town.do(step(c.ConfirmPick, lots=lots, reason="ten are wet")).events[0].lots == lots


def test_scans_add_up_and_never_exceed_the_order():
    town = ordered()
    for _ in range(2):
        town.do(step(c.PickLine, lot="HL-QUILT-1", qty=150, position="A-01"))
    assert "300 of 400" in refused(town, step(c.PickLine, lot="HL-QUILT-1", qty=101), RuleBroken, "pick.balance")
    refused(town, step(c.PickLine, lot="HL-QUILT-1", qty=0), RuleBroken, "stock.quantity")
    refused(town, step(c.PickLine, lot="MD-TENT-1"), RuleBroken, "pick.lot")
    picked = town.do(step(c.ConfirmPick, reason="the truck is small")).events[0]
    assert picked.lots == {"HL-QUILT-1": 300}


def test_loading_takes_every_lot_out_of_its_reservation_in_one_commit():
    town = ordered()
    refused(town, step(c.ConfirmLoad), WrongState, "shipment.state")
    town.do(step(c.ConfirmPick))
    decided = town.do(step(c.ConfirmLoad))
    assert types(decided) == [s.ShipmentLoaded, *[k.StockIssued] * 4, a.AllocationLoaded]
    assert town.state("stock-WH-HL.WATER").ledger.empty
    assert town.state("allocation-AC-HL").status == "loaded"


def test_what_is_not_loaded_is_free_again_and_asked_for_again():
    town = ordered()
    town.do(step(c.ConfirmPick))
    lots = {"HL-QUILT-1": 400, "HL-WATER-1": 3000, "HL-FOOD-1": 3000}
    refused(town, step(c.ConfirmLoad, lots=lots), RuleBroken, "load.short")
    decided = town.do(step(c.ConfirmLoad, lots=lots, reason="the truck is full"))
    assert types(decided)[4:] == [k.ReservationReleased, a.AllocationLoaded, SupplyUnallocated]
    water = town.state("stock-WH-HL.WATER")
    assert (water.available("HL-WATER-2"), water.reserved("HL-WATER-2")) == (1200, 0)
    assert town.state("request-SR-1").remaining["WATER"] == 1200


def test_the_rest_may_be_kept_for_another_truck():
    town = ordered()
    town.do(step(c.ConfirmPick))
    town.do(step(c.ConfirmLoad, lots={"HL-QUILT-1": 400}, rest=s.Rest.KEEP, reason="the truck is full"))
    second = town.do(order(shipment="SP-5", vehicle="TRUCK-3")).events[0]
    assert [line.lot for line in second.lines] == ["HL-WATER-1", "HL-WATER-2", "HL-FOOD-1"]
    town.do(step(c.CancelDispatch, CITY_APP, shipment="SP-5", reason="no driver"))
    town.do(CancelAllocation(by=CITY_APP, now=NOW, allocation="AC-HL", reason="not needed"))
    assert town.state("request-SR-1").lines["QUILT"].allocated == 400
    assert town.state("request-SR-1").lines["FOOD"].allocated == 0


def test_nothing_expired_is_loaded_and_nothing_at_all_is_no_load():
    town = ordered()
    town.do(step(c.ConfirmPick))
    later = at("12:00", 18) + timedelta(days=25)
    refused(town, replace(step(c.ConfirmLoad), now=later), RuleBroken, "stock.expired")
    refused(town, step(c.ConfirmLoad, lots={}, reason="none"), RuleBroken, "load.empty")
    refused(town, step(c.ConfirmLoad, lots={"HL-QUILT-1": 401}), RuleBroken, "load.balance")


def test_a_cancelled_dispatch_leaves_the_allocation_its_reservation():
    town = ordered()
    refused(town, step(c.CancelDispatch, CITY_APP), RuleBroken, "shipment.reason")
    decided = town.do(step(c.CancelDispatch, CITY_APP, reason="road closed"))
    assert types(decided) == [s.ShipmentCancelled, a.AllocationUndispatched, CarrierFreed]
    assert town.state("stock-WH-HL.QUILT").held("AC-HL") == {"HL-QUILT-1": 400}
    town.do(order(shipment="SP-3"))
    refused(loaded(), step(c.CancelDispatch, CITY_APP, reason="late"), WrongState, "shipment.state")


def test_a_cancelled_allocation_takes_its_order_with_it_once():
    town = ordered()
    town.do(CancelAllocation(by=CITY_APP, now=NOW, allocation="AC-HL", reason="not needed"))
    town.do(step(c.ConfirmPick))
    refused(town, step(c.ConfirmLoad), RuleBroken, "stock.reserved")
    decided = town.do(step(c.CancelDispatch, SYS, reason="not needed"))
    assert types(decided) == [s.ShipmentCancelled, CarrierFreed]
    assert town.do(step(c.CancelDispatch, SYS, reason="not needed")).events == []


def test_what_expired_before_it_was_loaded_is_released_and_lies_apart():
    town = ordered()
    town.do(step(c.ConfirmPick, clock="18:20"))
    late = at("19:00", 18).replace(month=8)
    kept = {lot: qty for lot, qty in town.state("shipment-SP-2").lots.items() if lot != "HL-WATER-1"}
    town.do(c.ConfirmLoad(by=CITY_KEEPER, now=late, shipment="SP-2", lots=kept, reason="expired"))
    stock = town.state("stock-WH-HL.WATER")
    assert (stock.available("HL-WATER-1"), stock.quarantined("HL-WATER-1")) == (0, 3000)


def test_a_vehicle_copied_into_a_drill_is_free_there():
    """What it really carries is no shipment of the drill."""
    town = promised()
    town.past["vehicle-TRUCK-2"].append(CarrierEngaged("TRUCK-2", "SP-REAL", CITY, NOW))
    town.do(order())
    assert town.state("vehicle-TRUCK-2").shipment == "SP-2"
