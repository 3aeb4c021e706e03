"""Whatever happens to shipments, nothing appears and nothing vanishes: over random histories, after every step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from services.resources.deciders.allocations.commands import CancelAllocation
from services.resources.deciders.shipments import commands as c
from services.resources.deciders.shipments.state import LOADED, MOVING, SHORT, Shipment
from services.resources.deciders.stock.entries import INSIDE
from services.resources.events import receipt as r
from services.resources.events import shipment as s
from services.resources.events.shipment import Rest
from shared.kernel.commands import Command
from shared.kernel.errors import DomainError
from tests.resources.dispatch.goods import CITY_SECOND, LOTS, hand_out, order, promised, transit
from tests.resources.world import APP, CITY_APP, CITY_KEEPER, POINT, Town, at

SHIPMENTS = ("SP-1", "SP-2", "SP-3")


def shipments(town: Town) -> list[Shipment]:
    return [town.state(f"shipment-{name}") for name in SHIPMENTS]


def under_way(shipment: Shipment) -> dict[str, int]:
    """What of it the road holds."""
    if shipment.status == SHORT:
        return dict(shipment.short)
    return shipment.lots if shipment.status in (LOADED, *MOVING, "arrived") else {}


def some(chance: Random, lots: dict[str, int], most: int = 60) -> dict[str, int]:
    return {lot: chance.randint(0, min(qty, most)) for lot, qty in lots.items() if chance.random() < 0.4}


def tried(chance: Random, town: Town, now: Any) -> list[Command]:
    """What somebody may try with one shipment, in any order; what ends it at once seldom comes first."""
    name = chance.choice(SHIPMENTS)
    shipment: Shipment = town.state(f"shipment-{name}")
    vehicle = chance.choice(("TRUCK-2", "TRUCK-3"))
    said: dict[str, Any] = {"now": now, "shipment": name}
    keeper, lots = said | {"by": CITY_KEEPER}, dict(shipment.lots)
    receiver = said | {"by": CITY_KEEPER if shipment.receiver == "W.HL" else POINT}
    short, damaged = some(chance, lots), some(chance, lots)
    lost = {lot: chance.randint(0, qty) for lot, qty in shipment.short.items()}
    rest = {lot: qty - lost[lot] for lot, qty in shipment.short.items()}
    steps: list[Command] = [
        order(shipment=name, vehicle=vehicle, now=now),
        c.ConfirmPick(**keeper, lots=lots | some(chance, lots, 4000), reason="counted"),
        c.ConfirmLoad(**keeper),
        c.ConfirmLoad(**keeper, lots=some(chance, dict(shipment.picked), 4000), rest=chance.choice(list(Rest)), reason="full"),
        c.Depart(**keeper),
        c.Reroute(**keeper, reason="cut"),
        c.Arrive(**receiver),
        c.ConfirmReceipt(**receiver),
        c.ConfirmReceipt(**receiver, short=short, damaged={lot: qty for lot, qty in damaged.items() if lot not in short}),
        c.ConfirmReceipt(**receiver, received=some(chance, lots, 4000), short=short),
        c.ResolveDiscrepancy(**said, by=CITY_APP, cosigner=CITY_KEEPER, lost=lost, **{chance.choice(("found", "not_loaded")): rest}),
        c.ResolveDiscrepancy(**said, by=APP, lost=lost),
        c.AmendDispatch(**said, by=CITY_APP, vehicle=vehicle, reason="broke down"),
        hand_out(distribution=f"DI-{now:%H%M}", now=now, items={"WATER": chance.randint(1, 900)}),
    ]
    ends: list[Command] = [
        c.TurnBack(**keeper, reason="bridge gone"),
        c.LoseShipment(**said, by=CITY_APP, cosigner=CITY_SECOND, reason="gone"),
        c.CancelDispatch(**said, by=CITY_APP, reason="not now"),
        CancelAllocation(by=CITY_APP, now=now, allocation="AC-HL", reason="not needed"),
    ]
    chance.shuffle(steps)
    return [*([chance.choice(ends)] if chance.random() < 0.06 else ()), *steps]


def history(seed: int) -> Iterator[tuple[Town, Command]]:
    """One accepted step after the other."""
    chance, town = Random(seed), promised()
    for minute in range(40):
        for command in tried(chance, town, at("18:00") + timedelta(minutes=minute)):
            try:
                town.do(command)
            except DomainError:
                continue
            yield town, command
            break


def balanced(town: Town) -> None:
    """The road holds what the ledgers sent and have not got back; nobody counted more or less than was loaded."""
    road: dict[str, int] = {}
    for shipment in shipments(town):
        for item, qty in shipment.items(under_way(shipment)).items():
            road[item] = road.get(item, 0) + qty
    assert transit(town) == road
    inside = gone = 0
    for stream in town.past:
        if stream.startswith("stock-"):
            ledger = town.state(stream).ledger
            kept = sum(ledger.total(account) for account in INSIDE)
            assert kept + sum(ledger.outside.values()) == 0, stream
            inside += kept
            gone += ledger.total("lost") + ledger.total("people")
    assert inside + gone + sum(road.values()) == sum(qty for _, qty, _ in LOTS.values())


def nothing_left_reserved(town: Town) -> None:
    """Once an allocation is loaded or cancelled no ledger holds anything for it."""
    if town.state("allocation-AC-HL").status in ("loaded", "cancelled"):
        assert [stream for stream in town.past if stream.startswith("stock-") and town.state(stream).held("AC-HL")] == []


def counted(town: Town) -> None:
    """Loaded = received + short + damaged, for every shipment and lot."""
    for name in SHIPMENTS:
        loaded: dict[str, int] = {}
        for fact in town.past.get(f"shipment-{name}", ()):
            if isinstance(fact, s.ShipmentLoaded):
                loaded = {line.lot: line.qty for line in fact.lines}
            if isinstance(fact, r.ShipmentReceived):
                parts = [{lot: part.get(lot, 0) for lot in loaded} for part in (fact.received, fact.short, fact.damaged)]
                assert loaded == {lot: sum(part[lot] for part in parts) for lot in loaded}
            if isinstance(fact, r.ShipmentReconciled):
                assert all(qty >= 0 for part in (fact.lost, fact.found, fact.not_loaded) for qty in part.values())


def test_no_history_of_shipments_makes_or_loses_goods():
    ends: set[str] = set()
    given: set[str] = set()
    for seed in range(14):
        town = promised()
        for town, command in history(seed):
            balanced(town)
            nothing_left_reserved(town)
            given.add(type(command).__name__)
            ends |= {shipment.status for shipment in shipments(town)}
        counted(town)
        for name in filter(None, (town.state(f"vehicle-{one}").shipment for one in ("TRUCK-2", "TRUCK-3"))):
            assert town.state(f"shipment-{name}").status in ("ordered", "picked", LOADED, *MOVING), "a vehicle is held for nothing"
    assert {"received", "received short", "reconciled", "cancelled", "lost", "turned back", "rerouted"} <= ends
    assert {"RecordDistribution", "ResolveDiscrepancy", "CancelAllocation"} <= given
