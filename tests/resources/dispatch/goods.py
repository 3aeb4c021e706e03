"""A city store with goods promised to a request of a banner, a truck each, and the steps of a shipment as commands."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.resources.deciders.distributions.distribution import RecordDistribution
from services.resources.deciders.masters.vehicle import RegisterVehicle
from services.resources.deciders.shipments import commands as c
from services.resources.deciders.stock.commands import ReceiveLot
from services.resources.events import allocation as a
from services.resources.events import request as r
from services.resources.events import stock as k
from services.resources.events.masters import RequestAwaits
from shared.kernel.commands import Command, Signature
from tests.resources.requests.world import LINE
from tests.resources.world import AREA, CITY, CITY_APP, CITY_KEEPER, NOW, POINT, REGION, Town, at, stocked_town

LOTS = {  # of WH-HL: item, how much, until when
    "HL-QUILT-1": ("QUILT", 400, None),
    "HL-WATER-1": ("WATER", 3000, date(2021, 8, 5)),
    "HL-WATER-2": ("WATER", 1200, date(2022, 6, 30)),
    "HL-FOOD-1": ("FOOD", 3000, date(2021, 9, 15)),
}
ITEMS = {"QUILT": 400, "WATER": 4200, "FOOD": 3000}
TRANSPORT = Signature("R.TRN", ("TRN",), REGION, 1)
DRIVER = Signature("D.1", ("ENT",), CITY, 2)
CITY_SECOND = Signature("W.HL2", ("WHK",), CITY, 2)
SHORT = {"HL-QUILT-1": 4, "HL-FOOD-1": 50}
DAMAGED = {"HL-WATER-1": 60}


def promised(keep: int = 0) -> Town:
    """AC-HL holds everything of WH-HL for SR-1, whose goods come to FP-XW; `keep` of each lot stays free."""
    town = stocked_town()
    for lot, (item, qty, expires) in LOTS.items():
        said = {"source": k.Source.OPENING, "expires": expires, "position": "A-01"}
        town.do(ReceiveLot(by=CITY_KEEPER, now=NOW, store="WH-HL", item=item, lot=lot, qty=qty + keep, **said))
        held = k.StockReserved("WH-HL", item, lot, qty, "AC-HL", "C.APP", NOW)
        town.past[f"stock-WH-HL.{item}"].append(held)
    lines = tuple(a.AllocatedLot(item, lot, qty) for lot, (item, qty, _) in LOTS.items())
    asked = {"incident": "INC-1", "division": "150722106", "receiver": "W.FP", "to_store": "FP-XW", "people": 1200}
    town.past["request-SR-1"] = [
        r.SupplyRequested(
            request="SR-1",
            needed_by=NOW,
            items=ITEMS,
            priority=r.Priority.URGENT,
            ahead="",
            triage=(),
            line=LINE,
            by="T.XW",
            at=NOW,
            **asked,
        ),
        r.SupplyAllocated("SR-1", "AC-HL", ITEMS, NOW),
    ]
    town.past["store-FP-XW"].append(RequestAwaits("FP-XW", "SR-1", NOW))
    town.past["allocation-AC-HL"] = [allocated(lines)]
    for vehicle, owner in (("TRUCK-2", CITY), ("TRUCK-3", AREA)):
        town.do(RegisterVehicle(by=CITY_APP, now=NOW, vehicle=vehicle, plate=f"TEST-{vehicle[-1]}", owner=owner))
    return town


def allocated(lines: tuple[a.AllocatedLot, ...], **changed: Any) -> a.AllocationMade:
    said: dict[str, Any] = {
        "allocation": "AC-HL",
        "request": "SR-1",
        "incident": "INC-1",
        "store": "WH-HL",
        "owner": CITY,
        "level": 2,
        "lines": lines,
        "to_store": "FP-XW",
        "receiver": "W.FP",
        "scarcity": "none@1",
        "inputs": {},
        "reason": "",
        "by": "C.APP",
        "at": NOW,
    }
    return a.AllocationMade(**said | changed)


def order(**changed: Any) -> c.OrderDispatch:
    said: dict[str, Any] = {"by": CITY_APP, "now": at("17:36"), "shipment": "SP-2", "allocation": "AC-HL", "vehicle": "TRUCK-2"}
    return c.OrderDispatch(**said | changed)


def step(kind: type[Command], by: Signature = CITY_KEEPER, clock: str = "19:00", day: int = 18, **more: Any) -> Command:
    """A command on SP-2."""
    return kind(**{"by": by, "now": at(clock, day), "shipment": "SP-2"} | more)


def ordered(**changed: Any) -> Town:
    town = promised()
    town.do(order(**changed))
    return town


def loaded(**changed: Any) -> Town:
    town = ordered(**changed)
    town.do(step(c.ConfirmPick, clock="18:20"))
    town.do(step(c.ConfirmLoad))
    return town


def under_way(**changed: Any) -> Town:
    town = loaded(**changed)
    town.do(step(c.Depart, clock="19:30"))
    return town


def arrived(**changed: Any) -> Town:
    town = under_way(**changed)
    town.do(step(c.Arrive, POINT, "06:30", 19))
    return town


def receipt(**changed: Any) -> c.ConfirmReceipt:
    return c.ConfirmReceipt(**{"by": POINT, "now": at("07:00", 19), "shipment": "SP-2"} | changed)


def short() -> Town:
    """Received with a shortage and with damage, as the story has it."""
    town = arrived()
    town.do(receipt(short=SHORT, damaged=DAMAGED))
    return town


def full() -> Town:
    town = arrived()
    town.do(receipt())
    return town


def resolve(**changed: Any) -> c.ResolveDiscrepancy:
    said: dict[str, Any] = {"by": CITY_APP, "now": at("13:00", 19), "shipment": "SP-2", "counted_by": "W.HL", "cosigner": CITY_KEEPER}
    return c.ResolveDiscrepancy(**said | {"not_loaded": {"HL-FOOD-1": 50}, "lost": {"HL-QUILT-1": 4}} | changed)


def hand_out(**changed: Any) -> RecordDistribution:
    said: dict[str, Any] = {"by": POINT, "now": at("07:30", 19), "distribution": "DI-1", "store": "FP-XW", "people": 480}
    return RecordDistribution(**said | {"items": {"QUILT": 300, "WATER": 3500}} | changed)


def transit(town: Town) -> dict[str, int]:
    """What is under way by the ledgers of all stores together: their transit accounts, which owe what the road holds."""
    held: dict[str, int] = {}
    for stream in town.past:
        if stream.startswith("stock-"):
            stock = town.state(stream)
            if amount := stock.ledger.total("transit"):
                held[stock.item] = held.get(stock.item, 0) + amount
    return {item: amount for item, amount in held.items() if amount}
