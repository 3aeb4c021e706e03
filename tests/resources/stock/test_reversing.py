"""Undo: the exact opposite, named by version, once, and only where nothing else hangs on it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.resources.deciders.distributions.distribution import RecordDistribution, ReverseDistribution
from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.moving import issue as issued
from services.resources.deciders.stock.moving import release, reserve
from services.resources.deciders.stock.state import UNDO
from services.resources.events import stock as s
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.stock.shelf import (
    SIGNED,
    bring_back,
    buckets,
    issue,
    lose,
    opening,
    recall,
    receive,
    refused,
    reverse,
    stock,
    town_with_water,
    transfer,
    write_off,
)
from tests.resources.world import NOW, SECOND, Town, at, stocked_town


def test_a_receipt_is_taken_back_where_it_lay():
    town = stocked_town()
    town.do(receive("L-1", 50, position="A-01"))
    town.do(receive("L-1", 20, position="B-01"))
    decided = town.do(reverse(2))
    assert decided.events == [
        s.StockReversed(
            "WH-MD",
            "WATER",
            "L-1",
            2,
            "resources.stock.received.v1",
            (("supplier", 20), ("available", -20)),
            "wrong shelf",
            "W.MD1",
            None,
            NOW,
            "B-01",
            None,
            "150722",
            None,
        )
    ]
    assert stock(town).shelves == {"L-1": {"A-01": 50}}
    assert stock(town).ledger.outside == {"supplier": -50}


def test_what_was_issued_comes_back_with_its_date():
    town = town_with_water()
    town.do(issue("WATER", 1800))
    assert "MD-WATER-1" not in stock(town).lots
    town.do(reverse(3))
    assert buckets(town, "MD-WATER-1") == (1800, 0, 0)
    assert stock(town).order[0] == "MD-WATER-1"


def test_once():
    town = town_with_water()
    town.do(issue("WATER", 10))
    town.do(reverse(3))
    refused(town, reverse(3), WrongState, "stock.reversed")
    refused(town, reverse(4), RuleBroken, "stock.elsewhere", "anew")


def test_nothing_goes_below_zero():
    town = stocked_town()
    town.do(receive("L-1", 50))
    town.do(issue("WATER", 10))
    refused(town, reverse(1), RuleBroken, "stock.nonneg", "take back first")
    town.do(reverse(2))
    town.do(reverse(1))
    assert stock(town).ledger.empty


def test_what_two_signed_two_take_back():
    town = town_with_water()
    town.do(write_off("MD-WATER-1", 5))
    town.do(lose("MD-WATER-1", 5))
    for version in (3, 4):
        refused(town, reverse(version), NotAllowed, "two.persons")
        town.do(reverse(version, cosigner=SECOND))
    assert buckets(town, "MD-WATER-1") == (1800, 0, 0)


def test_what_is_recalled_or_expired_meanwhile_is_not_made_available():
    town = town_with_water()
    town.do(issue("WATER", 10))
    refused(town, reverse(3, now=at("08:00", 21)), RuleBroken, "stock.expired")
    town.do(recall("MD-WATER-1"))
    refused(town, reverse(3), RuleBroken, "stock.expired")


def test_a_reason_and_a_known_version():
    town = town_with_water()
    refused(town, reverse(1, reason=" "), RuleBroken, "stock.reason")
    refused(town, reverse(9), NotFound, "reference")
    refused(town, reverse(1, store="WH-99"), NotFound, "reference")


def test_only_the_last_movements():
    town = town_with_water()
    for _ in range(UNDO):
        town.do(issue("WATER", 1))
    refused(town, reverse(1), NotFound, "reference", "corrected by a count")
    town.do(reverse(UNDO + 2))
    town.do(reverse(4))


def kept(town: Town, *facts: tuple[str, Any]) -> None:
    for stream, fact in facts:
        town.past[stream].append(fact)


def test_what_others_move_is_undone_by_their_own_commands():
    town = town_with_water()
    command, water = issue(), stock(town)
    kept(town, *reserve(water, {"MD-WATER-1": 5}, "AC-1", command))
    refused(town, reverse(3), RuleBroken, "stock.elsewhere", "CancelAllocation")
    kept(town, *release(stock(town), "AC-1", "over", command))
    refused(town, reverse(4), RuleBroken, "stock.elsewhere", "Allocate")
    kept(town, *issued(stock(town), {"MD-WATER-1": 5}, s.Use.TRANSIT, "SP-1", command))
    refused(town, reverse(5), RuleBroken, "stock.elsewhere", "shipment")
    town.do(transfer({"MD-WATER-1": 5}))
    refused(town, reverse(6), RuleBroken, "stock.elsewhere", "TransferStock")
    refused(town, reverse(1, store="FP-XW"), RuleBroken, "stock.elsewhere", "TransferStock")
    town.do(c.PutAway(**SIGNED, store="WH-MD", lot="MD-WATER-1", position="B-01", from_position="A-01", qty=1))
    refused(town, reverse(7), RuleBroken, "stock.elsewhere", "PutAway")
    town.do(c.QuarantineLot(**SIGNED, store="WH-MD", lot="MD-WATER-1", qty=1, reason="leak"))
    refused(town, reverse(8), RuleBroken, "stock.elsewhere", "PassQuality")


@pytest.mark.parametrize(
    ("source", "command"),
    [(s.Source.TRANSFER, "ResolveDiscrepancy"), (s.Source.DONATION, "ChangePurpose"), (s.Source.AGREEMENT, "the act it came with")],
)
def test_what_came_with_a_shipment_a_gift_or_a_call_off_is_theirs(source, command):
    town = stocked_town()
    town.do(receive("L-1", 5))
    fact = s.StockReceived("WH-MD", "WATER", "L-2", 5, source, "SP-1", None, "W.MD1", NOW)
    kept(town, ("stock-WH-MD.WATER", fact))
    refused(town, reverse(2), RuleBroken, "stock.elsewhere", command)


def test_what_else_an_operator_enters_is_undone():
    town = stocked_town()
    town.do(opening("L-1", 50, expires=date(2022, 1, 1), pending=True))
    town.do(c.PassQuality(**SIGNED, store="WH-MD", lot="L-1", cause="LAB-1"))
    town.do(reverse(2))
    assert buckets(town, "L-1") == (0, 0, 50)
    town.do(bring_back("RT-1", 5, 2, 1, cosigner=SECOND))
    town.do(reverse(1, "TENT"))
    assert stock(town, "TENT").ledger.outside == {"people": 0, "lost": 0}
    town.do(receive("L-2", 5, pending=True))
    town.do(c.FailQuality(**SIGNED, store="WH-MD", lot="L-2", reason="smell", to_supplier=True))
    town.do(reverse(5))
    assert buckets(town, "L-2") == (0, 0, 5)


def test_what_a_reversed_distribution_brought_back_is_not_taken_back_by_hand():
    """The distribution stays reversed: the goods would be gone with nothing that says where."""
    town = town_with_water()
    said: dict[str, Any] = {"by": SIGNED["by"], "now": NOW, "distribution": "DI-1"}
    town.do(RecordDistribution(**said, store="WH-MD", people=10, items={"WATER": 100}))
    town.do(ReverseDistribution(**said, reason="wrong day"))
    version = stock(town).recent[-1].version
    refused(town, reverse(version), RuleBroken, "stock.elsewhere", "RecordDistribution")
    town.do(bring_back("MD-WATER-2", 5, item="WATER", cosigner=SECOND))
    assert town.do(reverse(version + 1)).events


def test_what_came_back_does_not_come_back_again():
    """Returned by hand, then the issue or the hand-out taken back as well: that would be goods from nothing."""
    town = town_with_water()
    town.do(issue("WATER", 11))
    version = stock(town).version
    town.do(bring_back("RT-1", 11, item="WATER"))
    refused(town, reverse(version), RuleBroken, "stock.nonneg", "people have 0")
    said: dict[str, Any] = {"by": SIGNED["by"], "now": NOW, "distribution": "DI-2"}
    town.do(RecordDistribution(**said, store="WH-MD", people=10, items={"WATER": 100}))
    town.do(bring_back("RT-1", 1, item="WATER"))
    undo = ReverseDistribution(**said, reason="wrong day")
    refused(town, undo, RuleBroken, "stock.nonneg", "people have 99")
    town.do(reverse(stock(town).version))
    assert town.do(undo).events
