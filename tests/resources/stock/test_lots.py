"""A lot wherever it lies: it expires, it is recalled (domain 3.8, SU-12, EQL-75.2)."""

from __future__ import annotations

from datetime import date

from services.resources.deciders.masters.lot import EXPIRY
from services.resources.deciders.stock.commands import SweepExpired
from services.resources.deciders.stock.moving import release, reserve
from services.resources.deciders.streams import allocation_stream, lot_stream, request_stream
from services.resources.events.allocation import AllocatedLot, AllocationCancelled, AllocationMade, AllocationReduced
from services.resources.events.masters import LotKnown
from services.resources.events.request import SupplyUnallocated
from services.resources.events.stock import ReservationReleased, StockQuarantined
from shared.kernel.errors import RuleBroken, WrongState
from tests.resources.stock.shelf import buckets, issue, kinds, recall, receive, refused, stock, town_with_water, transfer
from tests.resources.world import AREA, NOW, SYS, Town, at


def sweep(lot: str = "MD-WATER-1", day: int = 21) -> SweepExpired:
    return SweepExpired(by=SYS, now=at("00:00", day), lot=lot, key=EXPIRY)


def promised(town: Town, *lots: str, allocation: str = "AC-MD") -> None:
    """An allocation of a hundred of each lot."""
    lines = tuple(AllocatedLot("WATER", lot, 100) for lot in lots)
    made = AllocationMade(allocation, "SR-1", "INC-1", "WH-MD", AREA, 3, lines, "FP-XW", "W.FP", "first@1", {}, "", "B.APP", NOW)
    town.past.setdefault(allocation_stream(allocation), []).append(made)
    for lot in lots:
        town.past["stock-WH-MD.WATER"] += [fact for _, fact in reserve(stock(town), {lot: 100}, allocation, issue())]


def test_a_lot_is_known_with_the_clock_of_its_last_day():
    town = town_with_water()
    known = town.past[lot_stream("MD-WATER-1")][0]
    assert isinstance(known, LotKnown)
    assert [one.due_at for one in known.clocks] == [at("00:00", 21)]
    assert not town.past[lot_stream("MD-FOOD-0")][0].clocks  # expired before it came
    assert not town.do(receive("L-1", 5)).events[1].clocks
    assert not town.do(receive("L-2", 5, expires=date.max)).events[1].clocks


def test_what_expires_lies_apart_in_every_store():
    town = town_with_water()
    town.do(transfer({"MD-WATER-1": 300}))
    assert kinds(town.do(sweep(day=20))) == []
    assert kinds(town.do(sweep())) == ["LotExpired", "StockQuarantined", "StockQuarantined"]
    assert buckets(town, "MD-WATER-1") == (0, 0, 1500)
    assert buckets(town, "MD-WATER-1", store="FP-XW") == (0, 0, 300)
    assert buckets(town, "MD-WATER-2") == (2400, 0, 0)
    assert kinds(town.do(sweep())) == []


def test_a_sweep_says_once_that_a_lot_expired_though_nothing_is_left():
    town = town_with_water()
    town.do(issue("WATER", 1800))
    assert kinds(town.do(sweep())) == ["LotExpired"]
    assert kinds(town.do(sweep("L-99"))) == []


def test_what_was_reserved_lies_apart_once_it_is_free_after_its_last_day():
    town = town_with_water()
    promised(town, "MD-WATER-1")
    town.do(sweep())
    assert buckets(town, "MD-WATER-1") == (0, 100, 1700)
    facts = release(stock(town), "AC-MD", "cancelled", issue(now=at("09:00", 21)))
    assert [type(fact) for _, fact in facts] == [ReservationReleased, StockQuarantined]


def test_a_recall_reaches_every_store_and_frees_what_was_promised():
    town = town_with_water()
    town.do(transfer({"MD-WATER-2": 300}))
    promised(town, "MD-WATER-2", "MD-WATER-1")
    decided = town.do(recall())
    assert decided.answer == {"stores": ["WH-MD", "FP-XW"]}
    assert kinds(decided) == [
        "LotRecalled",
        "ReservationReleased",
        "AllocationReduced",
        "SupplyUnallocated",
        "StockQuarantined",
        "StockQuarantined",
    ]
    assert buckets(town, "MD-WATER-2") == (0, 0, 2100)
    assert buckets(town, "MD-WATER-2", store="FP-XW") == (0, 0, 300)
    assert buckets(town, "MD-WATER-1") == (1700, 100, 0)
    assert town.state(allocation_stream("AC-MD")).items == {"WATER": 100}
    told = town.past[request_stream("SR-1")][-1]
    assert told == SupplyUnallocated("SR-1", "AC-MD", {"WATER": 100}, NOW)


def test_an_allocation_of_nothing_but_the_lot_is_over():
    town = town_with_water()
    promised(town, "MD-WATER-2")
    facts = town.do(recall()).events
    assert [type(fact) for fact in facts if isinstance(fact, AllocationReduced | AllocationCancelled)] == [
        AllocationReduced,
        AllocationCancelled,
    ]


def test_a_reservation_whose_allocation_is_unknown_is_freed_too():
    town = town_with_water()
    town.past["stock-WH-MD.WATER"] += [fact for _, fact in reserve(stock(town), {"MD-WATER-2": 100}, "AC-9", issue())]
    town.do(recall())
    assert buckets(town, "MD-WATER-2") == (0, 0, 2400)


def test_a_recall_is_said_once_and_with_a_reason():
    town = town_with_water()
    refused(town, recall(reason=""), RuleBroken, "stock.reason")
    town.do(recall())
    refused(town, recall(), WrongState, "stock.recalled")
