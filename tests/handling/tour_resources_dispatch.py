"""One accepted example of every command of dispatch: vehicles, shipments, distributions, tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from services.resources.deciders.allocations.commands import Allocate
from services.resources.deciders.distributions.distribution import RecordDistribution, ReverseDistribution
from services.resources.deciders.masters.vehicle import RegisterVehicle
from services.resources.deciders.relief.household import RegisterHousehold
from services.resources.deciders.requests.commands import AssessRequest, SubmitRequest
from services.resources.deciders.shipments import commands as c
from services.resources.deciders.stock.commands import ReceiveLot
from services.resources.deciders.task import AssignSupplyTask, CompleteSupplyTask, EscalateSupplyTaskClock
from services.resources.events.stock import Source
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk

AREA, CITY, REGION = "150722", "150700", "150000"
SYSTEM = Signature("SYS", ("SYS",), AREA)
TOWN = Signature("T.XW", ("L4.office",), "150722106", 4)
OFFICER = Signature("B.OFF", ("EMD.officer",), AREA, 3)
APPROVER = Signature("B.APP", ("EMD.approver",), AREA, 3)
KEEPER = Signature("W.MD1", ("WHK",), AREA, 3)
POINT = Signature("W.FP", ("WHK",), AREA, 3)
TRANSPORT = Signature("R.TRN", ("TRN",), REGION, 1)


def dispatch_tour(desk: Desk) -> Iterator[Command]:
    """One shipment to its reconciliation and what it brought handed out; one cancelled, one turned back, one lost, one overdue."""
    for vehicle in ("TRUCK-D1", "TRUCK-D2", "TRUCK-D3"):
        yield RegisterVehicle(by=OFFICER, now=desk.now, vehicle=vehicle, plate=f"TEST-{vehicle[-2:]}", owner=AREA)
    opening = {"source": Source.OPENING, "cause": "opening"}
    yield ReceiveLot(by=KEEPER, now=desk.now, store="WH-MD", item="QUILT", lot="DP-QUILT-1", qty=100, **opening)
    said = {"incident": "INC-1", "place": "150722106", "receiver": "W.FP", "to_store": "FP-XW", "people": 100, "line": (AREA, CITY, REGION)}
    until = desk.now + timedelta(days=1)
    yield SubmitRequest(by=TOWN, now=desk.now, request="SR-D1", needed_by=until, items={"QUILT": 100}, **said)
    yield AssessRequest(by=OFFICER, now=desk.now, request="SR-D1", vulnerable={"elderly": "some"})
    for n in range(1, 5):
        yield Allocate(by=APPROVER, now=desk.now, allocation=f"AC-D{n}", request="SR-D1", store="WH-MD", items={"QUILT": 20})
    yield from _through(desk)
    yield from _handed_out(desk)
    yield from _otherwise(desk)
    yield from _tasks(desk)


def _order(desk: Desk, n: int, vehicle: str) -> Command:
    return c.OrderDispatch(by=APPROVER, now=desk.now, shipment=f"SP-D{n}", allocation=f"AC-D{n}", vehicle=vehicle, driver=f"DR-{n}")


def _left(desk: Desk, n: int, vehicle: str) -> Iterator[Command]:
    keeper = {"by": KEEPER, "now": desk.now, "shipment": f"SP-D{n}"}
    yield _order(desk, n, vehicle)
    for kind in (c.ConfirmPick, c.ConfirmLoad, c.Depart):
        yield kind(**keeper)


def _through(desk: Desk) -> Iterator[Command]:
    keeper = {"by": KEEPER, "now": desk.now, "shipment": "SP-D1"}
    eta = desk.now + timedelta(hours=5)
    yield _order(desk, 1, "TRUCK-D1")
    yield c.AmendDispatch(by=APPROVER, now=desk.now, shipment="SP-D1", vehicle="TRUCK-D2", reason="it broke down")
    yield c.PickLine(**keeper, lot="DP-QUILT-1", qty=20, position="A-01")
    yield c.ConfirmPick(**keeper)
    yield c.ConfirmLoad(**keeper)
    yield c.IssueTransportPass(by=TRANSPORT, now=desk.now, shipment="SP-D1", route="priority, toll free")
    yield c.Depart(**keeper)
    yield c.ReportPosition(**keeper, lat=Decimal("48.5"), lon=Decimal("124.5"))
    yield c.ReportDelay(**keeper, reason="mud", eta=eta)
    yield c.Reroute(**keeper, reason="the road is cut", via="a detour")
    receiver = {"by": POINT, "now": desk.now, "shipment": "SP-D1"}
    yield c.Arrive(**receiver)
    yield c.ConfirmReceipt(**receiver, short={"DP-QUILT-1": 2}, damaged={"DP-QUILT-1": 1})
    yield c.ResolveDiscrepancy(by=APPROVER, now=desk.now, shipment="SP-D1", lost={"DP-QUILT-1": 2})


def _handed_out(desk: Desk) -> Iterator[Command]:
    yield RegisterHousehold(by=TOWN, now=desk.now, household="HH-D1", village="150722106", persons=4)
    out = {"store": "FP-XW", "people": 4, "items": {"QUILT": 4}, "households": ("HH-D1",), "period": "2026-03"}
    yield RecordDistribution(by=POINT, now=desk.now, distribution="DI-D1", **out)
    yield ReverseDistribution(by=OFFICER, now=desk.now, distribution="DI-D1", reason="five were handed out")


def _otherwise(desk: Desk) -> Iterator[Command]:
    yield _order(desk, 2, "TRUCK-D1")
    yield c.CancelDispatch(by=APPROVER, now=desk.now, shipment="SP-D2", reason="not needed")
    yield from _left(desk, 3, "TRUCK-D1")
    yield c.TurnBack(by=APPROVER, now=desk.now, shipment="SP-D3", reason="the bridge is gone")
    yield c.EscalateShipmentClock(by=SYSTEM, now=desk.now + timedelta(days=3), shipment="SP-D3", key="arrival")
    yield from _left(desk, 4, "TRUCK-D3")
    yield c.LoseShipment(by=APPROVER, cosigner=KEEPER, now=desk.now, shipment="SP-D4", reason="washed away")


def _tasks(desk: Desk) -> Iterator[Command]:
    for task in ("ST-D1", "ST-D2"):
        yield AssignSupplyTask(by=SYSTEM, now=desk.now, task=task, kind="look", roles=("EMD.officer",), division=AREA)
    yield CompleteSupplyTask(by=OFFICER, now=desk.now, task="ST-D1", outcome="found")
    yield EscalateSupplyTaskClock(by=SYSTEM, now=desk.now + timedelta(days=2), task="ST-D2", key="due")
