"""The story's stores with their opening stock, and its request, for tests of requests and allocation."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from services.resources.deciders.allocations.commands import Allocate, CancelAllocation
from services.resources.deciders.requests import commands as c
from services.resources.deciders.stock.commands import ReceiveLot
from services.resources.events.allocation import AllocationDispatched, AllocationLoaded
from services.resources.events.stock import Source, StockIssued, Use
from services.resources.policies.requests import REQUESTS
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import DomainError
from shared.kernel.events import family, type_of
from tests.resources.world import (
    APP,
    AREA,
    CITY,
    CITY_APP,
    CITY_OFF,
    KEEPER,
    NEIGHBOUR,
    NOW,
    OFF,
    REGION,
    TOWN,
    Town,
    at,
    stocked_town,
    warehouse,
)

LINE = (AREA, CITY, REGION)
PLACE = "150722106"
NEXT_OFF = Signature("A.DUTY", ("EMD.duty",), NEIGHBOUR, 3)
ASKED = {"TENT": 300, "BED": 1200, "QUILT": 1200, "WATER": 10800, "FOOD": 10800}
LOTS = (  # store, lot, item, quantity, expires
    ("WH-MD", "MD-TENT-1", "TENT", 120, None),
    ("WH-MD", "MD-BED-1", "BED", 300, None),
    ("WH-MD", "MD-QUILT-1", "QUILT", 500, None),
    ("WH-MD", "MD-WATER-1", "WATER", 1800, "2021-07-20"),
    ("WH-MD", "MD-WATER-2", "WATER", 2400, "2022-03-31"),
    ("WH-MD", "MD-FOOD-0", "FOOD", 200, "2021-06-30"),
    ("WH-MD", "MD-FOOD-1", "FOOD", 900, "2021-07-25"),
    ("WH-AR", "AR-TENT-1", "TENT", 90, None),
    ("WH-AR", "AR-QUILT-1", "QUILT", 300, None),
    ("WH-AR", "AR-WATER-1", "WATER", 1500, "2021-12-31"),
    ("WH-AR", "AR-FOOD-1", "FOOD", 1200, "2021-10-31"),
    ("WH-HL", "HL-TENT-1", "TENT", 80, None),
    ("WH-HL", "HL-BED-1", "BED", 600, None),
    ("WH-HL", "HL-QUILT-1", "QUILT", 450, None),
    ("WH-HL", "HL-WATER-1", "WATER", 3000, "2021-08-05"),
    ("WH-HL", "HL-WATER-2", "WATER", 3000, "2022-06-30"),
    ("WH-HL", "HL-FOOD-1", "FOOD", 3000, "2021-09-15"),
    ("WH-RG", "RG-TENT-1", "TENT", 500, None),
    ("WH-RG", "RG-BED-1", "BED", 2000, None),
    ("WH-RG", "RG-QUILT-1", "QUILT", 3000, None),
    ("WH-RG", "RG-WATER-1", "WATER", 5000, "2022-01-31"),
    ("WH-RG", "RG-FOOD-1", "FOOD", 3200, "2021-12-15"),
)
EARLY = at("08:00", 17)


def stores() -> Town:
    """Four stores with their opening stock, and a point that waits for goods."""
    town = stocked_town()
    town.do(warehouse("WH-AR", owner=NEIGHBOUR, place="150721", custodian="W.AR"))
    town.do(warehouse("WH-RG", owner=REGION, place="150100", custodian="W.RG", level=1))
    for store, lot, item, qty, expires in LOTS:
        town.do(received(store, lot, item, qty, expires))
    return town


def received(store: str, lot: str, item: str, qty: int, expires: str | None = None, **changed: Any) -> ReceiveLot:
    said: dict[str, Any] = {"store": store, "lot": lot, "item": item, "qty": qty, "source": Source.OPENING, "cause": "opening"}
    until = date.fromisoformat(expires) if expires else None
    return ReceiveLot(**{"by": KEEPER, "now": EARLY} | said | {"expires": until} | changed)


def submit(request: str = "SR-1", **changed: Any) -> c.SubmitRequest:
    said: dict[str, Any] = {"incident": "INC-1", "place": PLACE, "receiver": "W.FP", "to_store": "FP-XW", "people": 1200, "line": LINE}
    more = {"needed_by": at("08:00", 19), "items": ASKED}
    return c.SubmitRequest(**{"by": TOWN, "now": NOW, "request": request} | said | more | changed)


def assess(request: str = "SR-1", **changed: Any) -> c.AssessRequest:
    return c.AssessRequest(**{"by": OFF, "now": NOW, "request": request, "vulnerable": {"elderly": "test"}} | changed)


def asked(request: str = "SR-1", **changed: Any) -> Town:
    """The request is submitted and assessed."""
    town = stores()
    town.do(submit(request, **changed))
    town.do(assess(request))
    return town


def allocate(allocation: str = "AC-MD", store: str | None = "WH-MD", **changed: Any) -> Allocate:
    return Allocate(**{"by": APP, "now": NOW, "allocation": allocation, "request": "SR-1", "store": store} | changed)


def forward(**changed: Any) -> c.ForwardUp:
    return c.ForwardUp(**{"by": OFF, "now": NOW, "request": "SR-1", "to": CITY, "stores": ("WH-MD", "FP-XW")} | changed)


def ask_neighbour(**changed: Any) -> c.AskNeighbour:
    return c.AskNeighbour(**{"by": CITY_OFF, "now": NOW, "request": "SR-1", "to": NEIGHBOUR, "stores": ("WH-HL",)} | changed)


def cancel(allocation: str = "AC-MD", **changed: Any) -> CancelAllocation:
    return CancelAllocation(**{"by": APP, "now": NOW, "allocation": allocation, "reason": "not needed"} | changed)


def forwarded() -> Town:
    """The banner promised what it has and forwarded the rest; the city has it."""
    town = asked()
    town.do(allocate(items={"TENT": 120, "BED": 300, "QUILT": 500, "WATER": 3600, "FOOD": 900}))
    town.do(forward())
    return town


def city_allocates(**changed: Any) -> Allocate:
    items = {"TENT": 80, "BED": 500, "QUILT": 400, "WATER": 4200, "FOOD": 3000}
    return allocate("AC-HL", "WH-HL", **{"by": CITY_APP, "items": items} | changed)


def loaded(town: Town, allocation: str, shipment: str = "SP-1") -> None:
    """What the dispatch writes when all of an allocation leaves its store."""
    known = town.state(f"allocation-{allocation}")
    for line in known.lines:
        gone = StockIssued(known.store, line.item, line.lot, line.qty, Use.TRANSIT, shipment, allocation, "W.MD1", NOW)
        town.past[f"stock-{known.store}.{line.item}"].append(gone)
    town.past[f"allocation-{allocation}"] += [AllocationDispatched(allocation, shipment, NOW), AllocationLoaded(allocation, shipment, NOW)]


def follows(event: Any, stream: str = "allocation-AC-MD") -> list[Any]:
    """The commands that follow from a fact of requests."""
    envelope: Any = SimpleNamespace(time=NOW, division=AREA, streamid=stream, correlationid="INC-1", id="150000.resources:1")
    return [command for one in REQUESTS if family(type_of(event)) in one.listens for command in one.react(event, envelope)]


def refused(town: Town, command: Command) -> list[str]:
    """The rules that stand against a command, in the order in which they are told."""
    with pytest.raises(DomainError) as refusal:
        town.do(command)
    return [fault.rule for fault in refusal.value.failures]
