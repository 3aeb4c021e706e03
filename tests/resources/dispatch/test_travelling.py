"""On the road: who may say what, when it is expected, when somebody is alarmed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from services.resources.deciders.masters.warehouse import RestrictWarehouse
from services.resources.deciders.shipments import commands as c
from services.resources.events import shipment as s
from services.resources.events.clock import ClockMissed
from services.resources.events.vehicle import CarrierFreed
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.resources.dispatch.goods import DRIVER, TRANSPORT, arrived, loaded, ordered, step, under_way
from tests.resources.dispatch.test_leaving import refused, types
from tests.resources.world import APP, CITY_APP, NEXT_APP, POINT, RULES, SYS, TOWN, at

STRANGER = Signature("W.AR", ("WHK",), "150721", 3)


def test_a_pass_names_the_vehicle_the_route_and_an_approval_number():
    town = loaded()
    refused(town, step(c.IssueTransportPass, TRANSPORT), RuleBroken, "HWY-7")
    issued = town.do(step(c.IssueTransportPass, TRANSPORT, route="G111, toll free")).events[0]
    assert (issued.vehicle, issued.approval) == ("TRUCK-2", "150000-SP-2-202107181900")
    assert town.do(step(c.IssueTransportPass, TRANSPORT, route="G111", approval="HWY 2021-7")).events[0].approval == "HWY 2021-7"
    refused(ordered(vehicle=None), step(c.IssueTransportPass, TRANSPORT, route="G111"), RuleBroken, "HWY-7")


def test_it_is_expected_as_said_or_by_rule_and_overdue_some_time_later():
    by_rule = loaded().do(step(c.Depart)).events[0]
    assert by_rule.eta == at("19:00") + RULES.value("dispatch.travel")
    said = loaded().do(step(c.Depart, eta=at("23:00"))).events[0]
    assert said.clocks[0].due_at == at("23:00") + RULES.value("dispatch.arrival")
    refused(loaded(), step(c.Depart, eta=at("19:00")), RuleBroken, "dispatch.eta")
    refused(under_way(), step(c.Depart), WrongState, "shipment.state")


def test_it_is_escalated_once_and_only_when_it_is_overdue():
    town = under_way()
    due = town.state("shipment-SP-2").clocks.open()[0].due_at
    early = step(c.EscalateShipmentClock, SYS, key="arrival")
    assert town.do(early).events == []
    passed = c.EscalateShipmentClock(by=SYS, now=due, shipment="SP-2", key="arrival")
    assert types(town.do(passed)) == [ClockMissed]
    assert town.do(passed).events == []


def test_a_delay_moves_the_deadline_and_says_why_and_until_when():
    town = under_way()
    with pytest.raises(RuleBroken) as refusal:
        town.do(step(c.ReportDelay, clock="20:00"))
    assert [failure.rule for failure in refusal.value.failures] == ["shipment.reason", "dispatch.eta"]
    town.do(step(c.ReportDelay, clock="20:00", reason="mud", eta=at("20:00", 22)))
    shipment = town.state("shipment-SP-2")
    assert shipment.status == "delayed"
    assert shipment.clocks.open()[0].due_at == at("20:00", 22) + RULES.value("dispatch.arrival")


def test_another_way_keeps_the_time_unless_another_is_said():
    town = under_way()
    refused(town, step(c.Reroute, clock="20:30"), RuleBroken, "shipment.reason")
    rerouted = town.do(step(c.Reroute, clock="20:30", reason="G111 cut", via="detour")).events[0]
    assert rerouted.eta == town.state("shipment-SP-2").eta == at("19:30") + RULES.value("dispatch.travel")
    assert town.state("shipment-SP-2").status == "rerouted"


def test_positions_are_thinned_out_and_lie_on_the_earth():
    town = under_way()
    where = {"lat": Decimal("48.5"), "lon": Decimal("124.5")}
    assert types(town.do(step(c.ReportPosition, DRIVER, "20:00", **where))) == [s.PositionReported]
    assert town.do(step(c.ReportPosition, DRIVER, "20:09", **where)).events == []
    assert types(town.do(step(c.ReportPosition, DRIVER, "20:10", **where))) == [s.PositionReported]
    refused(town, step(c.ReportPosition, lat=Decimal(91), lon=Decimal(0)), RuleBroken, "position.range")


def test_only_who_has_to_do_with_it_reports():
    town = under_way()
    refused(town, step(c.Arrive, STRANGER), NotAllowed, "matrix.3.27")
    refused(town, step(c.ReportDelay, NEXT_APP, reason="x"), NotAllowed, "matrix.3.27")
    town.do(step(c.ReportDelay, APP, "20:00", reason="seen standing", eta=at("20:00", 20)))
    town.do(step(c.ReportPosition, TRANSPORT, "20:10", lat=Decimal(48), lon=Decimal(124)))


def test_on_arrival_the_vehicle_is_free_and_the_receiver_has_to_count():
    town = under_way(driver="D.1")
    decided = town.do(step(c.Arrive, POINT, "06:30", 19))
    assert types(decided) == [s.ShipmentArrived, CarrierFreed, CarrierFreed]
    shipment = town.state("shipment-SP-2")
    assert not decided.events[0].late
    assert [due.key for due in shipment.clocks.open()] == ["receipt"]
    assert town.state("vehicle-TRUCK-2").shipment is None
    refused(town, step(c.Arrive, POINT), WrongState, "shipment.state")


def test_late_is_counted_from_the_deadline():
    town = under_way()
    due = town.state("shipment-SP-2").clocks.open()[0].due_at
    assert town.do(c.Arrive(by=POINT, now=due + timedelta(minutes=1), shipment="SP-2")).events[0].late


def test_what_is_turned_back_goes_to_its_keeper_and_stays_turned_back():
    town = under_way()
    town.do(step(c.TurnBack, CITY_APP, "20:00", reason="bridge gone"))
    town.do(step(c.ReportDelay, CITY_APP, "20:10", reason="traffic", eta=at("22:00")))
    shipment = town.state("shipment-SP-2")
    assert (shipment.status, shipment.to_store, shipment.receiver) == ("turned back", "WH-HL", "W.HL")
    refused(arrived(), step(c.TurnBack, CITY_APP, reason="late"), WrongState, "shipment.state")


def test_both_stores_note_a_shipment_until_it_is_over_for_them():
    """So that neither is closed before: the point until it turned back, the store it left until it is there again."""
    town = under_way()
    noting = [town.state(f"store-{store}").shipments for store in ("WH-HL", "FP-XW")]
    assert noting == [("SP-2",), ("SP-2",)]
    town.do(step(c.TurnBack, clock="20:00", reason="bridge gone"))
    assert [town.state(f"store-{store}").shipments for store in ("WH-HL", "FP-XW")] == [("SP-2",), ()]
    town.do(step(c.Arrive, clock="23:00"))
    town.do(step(c.ConfirmReceipt, clock="23:30"))
    assert town.state("store-WH-HL").shipments == ()


def test_what_stands_at_a_store_restricted_meanwhile_is_counted_there():
    """Nothing new is sent there, but what came would else lie in transit for good."""
    town = arrived()
    town.do(RestrictWarehouse(by=APP, now=at("06:40", 19), store="FP-XW", reason="roof"))
    assert town.do(step(c.ConfirmReceipt, POINT, "07:00", 19)).events
    assert town.state("stock-FP-XW.QUILT").available("HL-QUILT-1") == 400


def test_goods_whose_receiver_is_not_there_are_received_by_another_who_is_named():
    town = arrived()
    said = {"clock": "07:00", "day": 19, "reason": "the keeper is ill"}
    refused(town, step(c.AmendDispatch, CITY_APP, vehicle="TRUCK-3", **said), RuleBroken, "shipment.change")
    town.do(step(c.AmendDispatch, CITY_APP, receiver="T.XW", **said))
    refused(town, step(c.ConfirmReceipt, POINT, "08:00", 19), NotAllowed, "receiver.named")
    assert town.do(step(c.ConfirmReceipt, TOWN, "08:00", 19)).events


def test_a_truck_that_broke_down_hands_over_to_another():
    town = under_way()
    town.do(step(c.AmendDispatch, CITY_APP, "20:00", vehicle="TRUCK-3", reason="broken axle"))
    assert (town.state("vehicle-TRUCK-2").shipment, town.state("vehicle-TRUCK-3").shipment) == (None, "SP-2")
