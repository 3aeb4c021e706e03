"""Who signs for goods, what is looked at, and that a cure says what is true."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.resources.deciders.stock import commands as c
from services.resources.events.goods import Source
from services.resources.events.masters import WarehouseClosed
from services.resources.events.stock import StockReturned
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.stock.shelf import SIGNED, issue, opening, receive, refused, reverse, town_with_water
from tests.resources.world import AREA, KEEPER, NOW, OFF, SECOND, Town, july, stocked_town, warehouse

STRANGER = Signature("W.NJ", ("WHK",), AREA, 3)


def kept() -> Town:
    """WH-NJ names who keeps it."""
    town = stocked_town()
    town.do(warehouse("WH-NJ", keepers=("W.MD2",)))
    return town


def test_where_keepers_are_named_no_other_keeper_signs_first():
    town = kept()
    said: dict[str, Any] = {"store": "WH-NJ", "position": "A-01"}
    refused(town, receive("L-1", 5, **said, by=STRANGER), NotAllowed, "store.keeper", "kept by W.MD1, W.MD2")
    for lot, by in (("L-1", KEEPER), ("L-2", SECOND), ("L-3", OFF)):
        assert town.do(receive(lot, 5, **said, by=by)).events
    refused(town, issue("WATER", 5, store="WH-NJ", by=STRANGER), NotAllowed, "store.keeper")
    lent = {"loan": "LN-1", "store": "WH-NJ", "lots": {"L-1": 1}, "to": "150721", "due_at": NOW + timedelta(days=1), "cause": "INC-1"}
    refused(town, c.LendStock(by=STRANGER, now=NOW, **lent), NotAllowed, "store.keeper")
    assert town.do(c.LendStock(by=SECOND, now=NOW, **lent)).events
    back = c.ReturnLoan(by=KEEPER, cosigner=SECOND, now=NOW, loan="LN-1", lot="L-1", lost=1)
    told = [fact for fact in town.do(back).events if isinstance(fact, StockReturned)]
    assert [fact.second for fact in told] == ["W.MD2"]


def test_among_lots_that_last_equally_long_any_is_taken_by_hand():
    town = stocked_town()
    for lot, expires in (("A", None), ("B", None), ("C", july(30)), ("D", july(30))):
        town.do(opening(lot, 10, expires=expires))
    refused(town, issue(None, None, lots={"B": 1}), RuleBroken, "stock.fefo", "C expires first")
    assert town.do(issue(None, None, lots={"D": 10})).answer == {"lots": {"D": 10}}
    town.do(issue(None, None, lots={"C": 10}))
    assert town.do(issue(None, None, lots={"B": 5})).answer == {"lots": {"B": 5}}
    assert town.do(issue("WATER", 5)).answer == {"lots": {"A": 5}}


def test_the_same_receipt_again_is_taken_and_looked_at():
    town = stocked_town()
    assert not town.do(receive("L-1", 5)).flags
    assert town.do(receive("L-1", 5, now=NOW + timedelta(minutes=15))).flags == ("Q-TRIAGE",)
    for other in ({"cause": "DN-2"}, {"qty": 6}, {"by": SECOND}, {"now": NOW + timedelta(minutes=31)}):
        assert not town.do(receive("L-1", **{"qty": 5} | other)).flags, other


def test_goods_that_come_expired_are_looked_at():
    town = stocked_town()
    assert town.do(receive("L-1", 5, expires=july(17))).flags == ("Q-TRIAGE",)
    assert not town.do(receive("L-2", 5, expires=july(18))).flags
    assert not town.do(receive("L-3", 5, expires=july(17), source=Source.OPENING)).flags


@pytest.mark.parametrize("lot", ["positions", "next"])
def test_no_lot_is_called_as_what_stands_beside_lots(lot: str):
    refused(stocked_town(), receive(lot, 5), RuleBroken, "lot.id", "another id")


def test_cures_say_what_is_true():
    town = town_with_water()
    town.do(receive("L-1", 5, "TENT"))
    error = refused(town, receive("L-1", 5), RuleBroken, "lot.once", "without an expiry date")
    assert "None" not in error.cure
    refused(town, receive("MD-WATER-1", 5, expires=date(2021, 7, 21)), RuleBroken, "lot.once", "good until 2021-07-20")
    put = c.PutAway(**SIGNED, store="WH-MD", lot="MD-WATER-1", position="B-01")
    refused(town, put, RuleBroken, "stock.nonneg", "of MD-WATER-1 0 are not put away yet: name from_position (1800 in A-01)")
    refused(town, reverse(99), NotFound, "reference", "WATER has the versions 1 to 2 in WH-MD")
    lack = refused(town, issue("WATER", 9999), RuleBroken, "stock.nonneg")
    assert lack.failures[0].field == "qty"
    town.past["store-FP-XW"].append(WarehouseClosed("FP-XW", "W.MD1", NOW))
    closed = refused(town, opening("L-9", 5, store="FP-XW"), WrongState, "store.state", "closed")
    assert "reopen" not in closed.cure


def test_an_unknown_item_hides_no_other_fault():
    error = refused(stocked_town(), receive("L-1", -1, "NOPE", cause=""), RuleBroken, "item.known")
    assert [fault.field for fault in error.failures] == ["item", "qty", "cause"]
    error = refused(stocked_town(), receive("L-1", 0, unit="barrel"), RuleBroken, "item.unit", "qty of WATER is a whole number")
    assert [fault.field for fault in error.failures] == ["unit", "qty"]
