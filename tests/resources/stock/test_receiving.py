"""Goods come in: received, checked, put away, brought back (domain 3.8, SU-07, EQL-75.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.resources.deciders.masters.warehouse import CloseWarehouse, RestrictWarehouse
from services.resources.deciders.stock import commands as c
from services.resources.deciders.streams import lot_stream
from services.resources.events.goods import From, Source
from services.resources.events.lot import LotHeld
from services.resources.events.masters import ItemHeld, LotKnown
from services.resources.events.stock import QualityPassed, ReturnedToSupplier, StockMoved, StockReceived, StockReturned
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.stock.shelf import SIGNED, bring_back, buckets, issue, kinds, opening, recall, receive, refused, stock, town_with_water
from tests.resources.world import AREA, CITY_OFF, KEEPER, NOW, OFF, POINT, SECOND, at, stocked_town


def test_goods_are_received_with_their_document_and_lie_where_they_were_put():
    town = stocked_town()
    decided = town.do(receive("L-1", 50, expires=date(2022, 1, 1), position="A-01"))
    assert kinds(decided) == ["StockReceived", "LotKnown", "ItemHeld"]
    assert decided.answer == {"lots": {"L-1": 50}, "apart": 0}
    assert buckets(town, "L-1") == (50, 0, 0)
    assert stock(town).shelves == {"L-1": {"A-01": 50}}
    assert stock(town).division == AREA
    assert stock(town).ledger.outside == {"supplier": -50}


def test_the_first_receipt_makes_the_ledger_and_the_second_only_adds():
    town = stocked_town()
    town.do(receive("L-1", 50))
    assert kinds(town.do(receive("L-1", 30))) == ["StockReceived"]
    assert kinds(town.do(receive("L-2", 30))) == ["StockReceived", "LotKnown"]
    assert buckets(town, "L-1") == (80, 0, 0)


def test_packs_are_exact_multiples():
    town = stocked_town()
    decided = town.do(receive("L-1", 5, unit="carton", damaged=1))
    assert decided.answer["lots"] == {"L-1": 72}
    assert buckets(town, "L-1") == (60, 0, 12)


@pytest.mark.parametrize(
    ("source", "account"),
    [
        (Source.OPENING, "opening"),
        (Source.PURCHASE, "supplier"),
        (Source.AGREEMENT, "supplier"),
        (Source.DONATION, "donor"),
        (Source.TRANSFER, "transit"),
        (Source.REQUISITION, "owner"),
    ],
)
def test_every_source_has_an_account_that_gave(source, account):
    town = stocked_town()
    town.do(receive("L-1", 7, source=source))
    assert stock(town).ledger.outside == {account: -7}


def test_what_is_pending_or_damaged_lies_apart():
    town = stocked_town()
    town.do(receive("L-1", 50, damaged=3, pending=True))
    town.do(receive("L-2", 0, damaged=3))
    assert buckets(town, "L-1") == (0, 0, 53)
    assert buckets(town, "L-2") == (0, 0, 3)


def test_what_expired_lies_apart_at_once_and_never_becomes_available():
    town = town_with_water()
    assert buckets(town, "MD-FOOD-0", "FOOD") == (0, 0, 200)
    refused(town, c.PassQuality(**SIGNED, store="WH-MD", lot="MD-FOOD-0", cause="LAB-1"), RuleBroken, "stock.expired", "2021-06-30")


def test_what_was_recalled_lies_apart_when_more_of_it_comes():
    town = town_with_water()
    town.do(recall("MD-WATER-2"))
    town.do(receive("MD-WATER-2", 10))
    assert buckets(town, "MD-WATER-2") == (0, 0, 2410)
    passing = c.PassQuality(**SIGNED, store="WH-MD", lot="MD-WATER-2", cause="LAB-1")
    refused(town, passing, RuleBroken, "stock.recalled")


def test_a_lot_keeps_its_owner_and_intent_and_notes_every_store_it_comes_to():
    town = stocked_town()
    town.do(receive("L-1", 5, owner="150700", intent="150722106", source=Source.DONATION))
    decided = town.do(receive("L-1", 5, store="FP-XW", source=Source.OPENING))
    assert kinds(decided) == ["StockReceived", "LotHeld", "ItemHeld"]
    fact = decided.events[0]
    assert isinstance(fact, StockReceived)
    assert (fact.owner, fact.intent) == ("150700", "150722106")
    assert town.state(lot_stream("L-1")).stores == ("WH-MD", "FP-XW")
    assert not any(
        isinstance(one, LotHeld | LotKnown | ItemHeld) for one in town.do(receive("L-1", 5, store="FP-XW", owner="150700")).events
    )


@pytest.mark.parametrize("changed", [{"owner": "150000"}, {"owner": "150700", "intent": "150722107"}, {}])
def test_what_is_of_others_or_for_others_is_not_mixed_into_a_lot(changed: dict[str, Any]):
    """Bought goods are the store's own unless it is said whose they are; a donor's wish is never lost in a lot."""
    town = stocked_town()
    town.do(receive("L-1", 5, owner="150700", intent="150722106", source=Source.DONATION))
    refused(town, receive("L-1", 5, **changed), RuleBroken, "lot.once", "L-1 is of 150700, given for 150722106")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"qty": 0}, "stock.quantity"),
        ({"qty": -5}, "stock.quantity"),
        ({"damaged": -1}, "stock.quantity"),
        ({"unit": "barrel"}, "item.unit"),
        ({"item": "GOLD"}, "item.known"),
        ({"position": "Z-99"}, "store.position"),
        ({"cause": " "}, "stock.cause"),
    ],
)
def test_a_receipt_that_is_wrong_is_refused(changed: dict[str, Any], rule):
    refused(stocked_town(), receive(**{"lot": "L-1", "qty": 5} | changed), RuleBroken, rule)


def test_all_faults_of_a_receipt_are_told_at_once():
    error = refused(stocked_town(), receive("L-1", -1, damaged=-2, position="Z-9", cause=""), RuleBroken, "stock.quantity")
    assert [fault.field for fault in error.failures] == ["qty", "damaged", "position", "cause"]


@pytest.mark.parametrize("changed", [{"item": "FOOD"}, {"expires": date(2022, 1, 2)}])
def test_one_lot_is_of_one_item_with_one_date(changed):
    town = stocked_town()
    town.do(receive("L-1", 5, expires=date(2022, 1, 1)))
    refused(town, receive(**{"lot": "L-1", "qty": 5} | changed), RuleBroken, "lot.once", "a lot of its own")


def test_an_unknown_restricted_or_closed_store_takes_nothing():
    town = stocked_town()
    refused(town, receive("L-1", 5, store="WH-99"), NotFound, "reference")
    town.do(RestrictWarehouse(by=OFF, now=NOW, store="WH-MD", reason="roof"))
    refused(town, receive("L-1", 5), WrongState, "store.state", "restricted")
    town.do(CloseWarehouse(by=CITY_OFF, now=NOW, store="WH-HL", reason="merged"))
    refused(town, receive("L-1", 5, store="WH-HL"), WrongState, "store.state", "closed")


def test_quality_passes_in_parts():
    town = stocked_town()
    town.do(receive("L-1", 50, pending=True))
    passed = c.PassQuality(**SIGNED, store="WH-MD", lot="L-1", qty=20, cause="LAB-1")
    assert town.do(passed).events == [QualityPassed("WH-MD", "WATER", "L-1", 20, "LAB-1", "W.MD1", NOW)]
    assert buckets(town, "L-1") == (20, 0, 30)
    refused(town, replace(passed, qty=31), RuleBroken, "stock.nonneg", "30 lie apart")
    refused(town, replace(passed, qty=-1), RuleBroken, "stock.nonneg")
    refused(town, replace(passed, cause=""), RuleBroken, "stock.cause")
    town.do(replace(passed, qty=None))
    assert buckets(town, "L-1") == (50, 0, 0)
    refused(town, passed, RuleBroken, "stock.nonneg")
    refused(town, replace(passed, lot="L-9"), NotFound, "reference")


def test_what_failed_stays_apart_and_passes_only_by_two():
    town = stocked_town()
    town.do(receive("L-1", 50, pending=True))
    failed = c.FailQuality(**SIGNED, store="WH-MD", lot="L-1", reason="smell")
    refused(town, replace(failed, reason=""), RuleBroken, "stock.reason")
    assert kinds(town.do(failed)) == ["QualityFailed"]
    assert buckets(town, "L-1") == (0, 0, 50)
    passed = c.PassQuality(**SIGNED, store="WH-MD", lot="L-1", cause="LAB-2")
    refused(town, passed, NotAllowed, "two.persons")
    town.do(replace(passed, cosigner=SECOND))
    assert buckets(town, "L-1") == (50, 0, 0)


def test_what_failed_goes_back_to_who_delivered_it():
    town = stocked_town()
    town.do(receive("L-1", 50, pending=True))
    town.do(opening("L-2", 50, pending=True))
    failed = c.FailQuality(**SIGNED, store="WH-MD", lot="L-1", reason="smell", to_supplier=True)
    assert town.do(failed).events == [ReturnedToSupplier("WH-MD", "WATER", "L-1", 50, Source.PURCHASE, "smell", "W.MD1", NOW)]
    assert stock(town).ledger.outside == {"supplier": 0, "opening": -50}
    refused(town, replace(failed, lot="L-2"), RuleBroken, "stock.supplier")


def test_goods_are_put_away_where_the_store_has_a_position():
    town = stocked_town()
    town.do(receive("L-1", 50))
    put = c.PutAway(**SIGNED, store="WH-MD", lot="L-1", position="A-01")
    assert town.do(replace(put, qty=20)).events == [StockMoved("WH-MD", "WATER", "L-1", 20, None, "A-01", "W.MD1", NOW)]
    town.do(put)
    town.do(replace(put, position="B-01", from_position="A-01", qty=5))
    assert stock(town).shelves == {"L-1": {"A-01": 45, "B-01": 5}}
    assert buckets(town, "L-1") == (50, 0, 0)
    refused(town, put, RuleBroken, "stock.nonneg")
    refused(town, replace(put, position="Z-9", from_position="A-01"), RuleBroken, "store.position")
    refused(town, replace(put, position="A-01", from_position="A-01"), RuleBroken, "store.position")
    refused(town, replace(put, position="B-01", from_position="A-01", qty=46), RuleBroken, "stock.nonneg", "there are 45 in A-01")
    refused(town, replace(put, lot="L-9"), NotFound, "reference")


def test_ship_29_goods_come_back_good_damaged_and_lost():
    town = stocked_town()
    town.do(opening("FP-TENT-1", 300, "TENT", store="FP-XW", by=POINT))
    town.do(issue("TENT", 300, store="FP-XW", by=POINT))
    decided = town.do(bring_back("RT-TENT-1", 290, 8, 2, position="B-01", now=at("09:00", 23)))
    back = decided.events[0]
    assert isinstance(back, StockReturned)
    assert (back.good, back.damaged, back.lost, back.owner) == (290, 8, 2, AREA)
    assert buckets(town, "RT-TENT-1", "TENT") == (290, 0, 8)
    assert stock(town, "TENT").ledger.outside == {"people": -300, "lost": 2}
    assert stock(town, "TENT", "FP-XW").ledger.outside == {"opening": -300, "people": 300}


def test_goods_never_come_from_nothing_by_one_person():
    """Out of the point and into the store that supplies it: what people have is counted over both, whatever the lot is called now."""
    town = stocked_town()
    town.do(opening("T-1", 20, "TENT", store="FP-XW", by=POINT))
    town.do(issue("TENT", 11, store="FP-XW", by=POINT))
    refused(town, bring_back("RT-1", 1000, cosigner=KEEPER), NotAllowed, "two.persons", "people have 11 of TENT")
    refused(town, bring_back("T-1", 10, 1, 1), NotAllowed, "two.persons", "12 come back")
    assert not town.do(bring_back("RT-1", 9, 1, 1)).flags
    refused(town, bring_back("T-1", 1), NotAllowed, "two.persons", "people have 0")
    decided = town.do(bring_back("T-1", 1, cosigner=SECOND))
    assert decided.flags == ("Q-TRIAGE",)
    assert getattr(decided.events[0], "second", None) == SECOND.actor


def test_goods_that_come_back_keep_their_owner():
    town = stocked_town()
    town.do(receive("L-1", 5, "TENT", owner="150700"))
    town.do(issue("TENT", 2))
    back = town.do(bring_back("L-1", 2, owner="150000")).events[0]
    assert isinstance(back, StockReturned)
    assert back.owner == "150700"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"good": 0}, "stock.quantity"),
        ({"good": 5, "lost": -1}, "stock.quantity"),
        ({"good": 5, "item": "GOLD"}, "item.known"),
        ({"good": 5, "position": "Z-9"}, "store.position"),
        ({"good": 5, "from_": From.TRANSIT}, "stock.elsewhere"),
        ({"good": 5, "from_": From.BORROWER}, "stock.elsewhere"),
        ({"good": 5, "expires": date(2021, 6, 1)}, "stock.expired"),
    ],
)
def test_a_return_that_is_wrong_is_refused(changed: dict[str, Any], rule):
    refused(stocked_town(), bring_back(**{"lot": "RT-1"} | changed), RuleBroken, rule)


def test_what_was_recalled_comes_back_as_damaged():
    town = town_with_water()
    town.do(issue(None, None, lots={"MD-WATER-2": 5}, reason="the truck stands there"))
    town.do(recall())
    refused(town, bring_back("MD-WATER-2", 5, item="WATER"), RuleBroken, "stock.recalled", "enter it as damaged")
    town.do(bring_back("MD-WATER-2", 0, 5, item="WATER"))
    assert buckets(town, "MD-WATER-2") == (0, 0, 2400)
