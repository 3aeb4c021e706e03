"""Goods leave: used up, moved, written off, lost, set apart (domain 3.8, SU-07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.resources.deciders.masters.warehouse import CloseWarehouse, RestrictWarehouse
from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.moving import reserve
from services.resources.deciders.streams import lot_stream
from services.resources.events.goods import Bucket, Use
from services.resources.events.stock import StockIssued, StockTakenOver, StockWrittenOff
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.stock.shelf import (
    SIGNED,
    buckets,
    issue,
    kinds,
    lose,
    opening,
    receive,
    refused,
    stock,
    town_with_water,
    transfer,
    write_off,
)
from tests.resources.world import CITY, KEEPER, NOW, OFF, Town, stocked_town


def reserved(town: Town, lot: str, qty: int, item: str = "WATER") -> None:
    for stream, fact in reserve(stock(town, item), {lot: qty}, "AC-MD", issue()):
        town.past[stream].append(fact)


def test_supply_04_no_more_is_issued_than_there_is():
    town = stocked_town()
    town.do(opening("MD-SAND-1", 4000, "SAND"))
    refused(town, issue("SAND", 5000), RuleBroken, "stock.nonneg", "available 4000")


def test_supply_05_an_issue_names_the_lots_it_took():
    town = stocked_town()
    town.do(opening("MD-SAND-1", 4000, "SAND"))
    decided = town.do(issue("SAND", 1500))
    assert decided.events == [StockIssued("WH-MD", "SAND", "MD-SAND-1", 1500, Use.SITE, "INC-1", None, "W.MD1", NOW)]
    assert decided.answer == {"lots": {"MD-SAND-1": 1500}}
    assert stock(town, "SAND").ledger.outside == {"opening": -4000, "people": 1500}


def test_what_expires_first_goes_first_over_several_lots():
    town = town_with_water()
    assert town.do(issue("WATER", 2000)).answer == {"lots": {"MD-WATER-1": 1800, "MD-WATER-2": 200}}


def test_packs_are_issued_as_packs():
    assert town_with_water().do(issue("WATER", 2, unit="carton")).answer == {"lots": {"MD-WATER-1": 24}}


def test_expired_goods_are_never_chosen_and_never_taken():
    town = town_with_water()
    refused(town, issue("FOOD", 1), RuleBroken, "stock.nonneg", "available 0")
    named = issue(None, lots={"MD-FOOD-0": 1}, reason="hungry")
    refused(town, named, RuleBroken, "stock.expired", "MD-FOOD-0 expired on 2021-06-30")


def test_a_scan_names_lots_alone_and_out_of_order_needs_a_reason():
    town = town_with_water()
    named = issue(None, lots={"MD-WATER-2": 10})
    refused(town, named, RuleBroken, "stock.fefo", "MD-WATER-1 expires first; take it or give a reason")
    assert town.do(replace(named, reason="at the door")).answer == {"lots": {"MD-WATER-2": 10}}
    assert town.do(issue(None, lots={"MD-WATER-1": 10})).answer == {"lots": {"MD-WATER-1": 10}}


def test_what_is_reserved_is_nobody_elses():
    town = town_with_water()
    reserved(town, "MD-WATER-1", 1800)
    refused(town, issue(None, lots={"MD-WATER-1": 1}), RuleBroken, "stock.nonneg", "MD-WATER-1 is reserved for AC-MD: available 0")
    assert town.do(issue("WATER", 10)).answer == {"lots": {"MD-WATER-2": 10}}


def test_goods_given_for_a_place_go_only_there():
    town = stocked_town()
    town.do(receive("L-1", 5, intent="150722106"))
    refused(town, issue("WATER", 1), RuleBroken, "stock.nonneg")
    refused(town, issue(None, lots={"L-1": 1}), RuleBroken, "NDR-24.2", "150722106")
    assert town.do(issue("WATER", 1, place="150722106", placed=True)).answer == {"lots": {"L-1": 1}}


def test_what_people_get_is_handed_out_with_place_and_headcount():
    """An issue knows neither: it is for what a site uses up."""
    town = town_with_water()
    refused(town, issue("WATER", 1, to=Use.PEOPLE, place="150722106"), RuleBroken, "stock.elsewhere", "RecordDistribution")
    error = refused(town, issue("WATER", 10**7, cause="", place="999999"), RuleBroken, "stock.cause")
    assert [fault.rule for fault in error.failures] == ["stock.cause", "stock.place", "stock.nonneg"]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"qty": None}, "stock.quantity"),
        ({"qty": 0}, "stock.quantity"),
        ({"qty": -3}, "stock.quantity"),
        ({"item": None, "qty": 1}, "item.known"),
        ({"item": "GOLD", "qty": 1}, "item.known"),
        ({"qty": 1, "unit": "barrel"}, "item.unit"),
        ({"qty": 1, "cause": ""}, "stock.cause"),
        ({"qty": 1, "to": Use.TRANSIT}, "stock.elsewhere"),
        ({"qty": 1, "to": Use.BORROWER}, "stock.elsewhere"),
        ({"lots": {"MD-WATER-1": 0}}, "stock.quantity"),
        ({"lots": {"MD-WATER-1": 5}, "qty": 6}, "stock.quantity"),
        ({"lots": {"MD-FOOD-0": 5}}, "lot.item"),
    ],
)
def test_an_issue_that_is_wrong_is_refused(changed: dict[str, Any], rule):
    refused(town_with_water(), issue(**changed), RuleBroken, rule)


def test_an_issue_of_an_unknown_lot_or_store_is_not_found():
    town = town_with_water()
    refused(town, issue(None, lots={"L-9": 1}), NotFound, "reference")
    refused(town, issue("WATER", 1, store="WH-99"), NotFound, "reference")


def test_a_restricted_store_still_gives_and_a_closed_one_does_not():
    town = town_with_water()
    town.do(RestrictWarehouse(by=OFF, now=NOW, store="WH-MD", reason="roof"))
    town.do(issue("WATER", 1))
    town.do(CloseWarehouse(by=OFF, now=NOW, store="FP-XW", reason="over"))
    refused(town, issue("WATER", 1, store="FP-XW"), WrongState, "store.state")


def test_ship_33_a_transfer_writes_both_sides_in_one_act():
    town = town_with_water()
    decided = town.do(transfer({"MD-WATER-2": 528, "MD-WATER-1": 10}, position="F-01"))
    assert kinds(decided)[:4] == ["StockTransferred", "StockTransferred", "StockTakenOver", "LotHeld"]
    came = next(fact for fact in decided.events if isinstance(fact, StockTakenOver))
    assert (came.store, came.from_store, came.expires, came.division) == ("FP-XW", "WH-MD", date(2022, 3, 31), "150722")
    assert buckets(town, "MD-WATER-2") == (1872, 0, 0)
    assert buckets(town, "MD-WATER-2", store="FP-XW") == (528, 0, 0)
    assert stock(town, store="FP-XW").shelves["MD-WATER-2"] == {"F-01": 528}
    assert town.state(lot_stream("MD-WATER-2")).stores == ("WH-MD", "FP-XW")
    back = transfer({"MD-WATER-2": 528}, from_store="FP-XW", to_store="WH-MD", receiver="W.MD1")
    assert kinds(town.do(back)) == ["StockTransferred", "StockTakenOver"]
    assert stock(town, store="FP-XW").on_hand("MD-WATER-2") == 0
    assert stock(town).ledger.outside["stores"] + stock(town, store="FP-XW").ledger.outside["stores"] == 0


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"to_store": "WH-HL", "receiver": "W.HL"}, "stock.owner"),
        ({"to_store": "WH-MD", "receiver": "W.MD1"}, "stock.owner"),
        ({"receiver": "W.AR"}, "receiver.named"),
        ({"position": "Z-9"}, "store.position"),
        ({"lots": {}}, "stock.quantity"),
        ({"lots": {"MD-WATER-1": 0}}, "stock.quantity"),
        ({"lots": {"MD-WATER-1": 1801}}, "stock.nonneg"),
        ({"lots": {"MD-FOOD-0": 5}}, "stock.expired"),
    ],
)
def test_a_transfer_that_is_wrong_is_refused(changed: dict[str, Any], rule):
    refused(town_with_water(), transfer(**{"lots": {"MD-WATER-1": 5}} | changed), RuleBroken, rule)


def test_goods_of_another_authority_are_dispatched():
    town = town_with_water()
    refused(town, transfer({"MD-WATER-1": 5}, to_store="WH-HL"), RuleBroken, "stock.owner", f"WH-HL belongs to {CITY}")
    error = refused(town, transfer({"MD-WATER-1": 5}, to_store="WH-HL"), RuleBroken, "stock.owner", "order a dispatch")
    assert len(error.failures) == 1
    refused(town, transfer({"L-9": 5}), NotFound, "reference")


def test_a_restricted_store_takes_no_transfer():
    town = town_with_water()
    town.do(RestrictWarehouse(by=OFF, now=NOW, store="FP-XW", reason="roof"))
    refused(town, transfer({"MD-WATER-1": 5}), WrongState, "store.state")


def test_ship_30_31_a_write_off_needs_two_and_takes_first_what_lies_apart():
    town = town_with_water()
    for cosigner in (None, KEEPER):
        alone = write_off("MD-FOOD-0", 200, reason="expired", cosigner=cosigner)
        refused(town, alone, NotAllowed, "two.persons", "second person")
    town.do(receive("L-1", 50, "FOOD", damaged=8))
    decided = town.do(write_off("MD-FOOD-0", 200, reason="expired"))
    assert decided.events == [StockWrittenOff("WH-MD", "FOOD", "MD-FOOD-0", 200, 200, "expired", "W.MD1", "W.MD2", NOW)]
    town.do(write_off("L-1", 10))
    assert buckets(town, "L-1", "FOOD") == (48, 0, 0)
    assert stock(town, "FOOD").ledger.outside["written_off"] == 210


def test_what_is_reserved_is_never_written_off_or_lost():
    town = town_with_water()
    reserved(town, "MD-WATER-1", 1700)
    refused(town, write_off("MD-WATER-1", 101), RuleBroken, "stock.nonneg", "reserved 1700 for AC-MD")
    refused(town, lose("MD-WATER-1", 101), RuleBroken, "stock.nonneg")
    refused(town, lose("MD-WATER-1", 1, bucket=Bucket.RESERVED), RuleBroken, "stock.nonneg", "cancel its allocation")
    town.do(write_off("MD-WATER-1", 100))
    assert buckets(town, "MD-WATER-1") == (0, 1700, 0)


@pytest.mark.parametrize(
    ("changed", "rule"), [({"reason": ""}, "stock.reason"), ({"qty": 0}, "stock.quantity"), ({"qty": -1}, "stock.quantity")]
)
def test_a_write_off_that_is_wrong_is_refused(changed: dict[str, Any], rule):
    refused(town_with_water(), write_off(**{"lot": "MD-WATER-1", "qty": 1} | changed), RuleBroken, rule)


def test_a_loss_needs_two_a_cause_and_a_reason():
    town = town_with_water()
    refused(town, lose("MD-WATER-1", 5, cosigner=None), NotAllowed, "two.persons")
    refused(town, lose("MD-WATER-1", 5, cause=""), RuleBroken, "stock.cause")
    refused(town, lose("MD-WATER-1", 5, reason=""), RuleBroken, "stock.reason")
    refused(town, lose("MD-WATER-1", -5), RuleBroken, "stock.quantity")
    refused(town, lose("MD-WATER-1", 5, bucket=Bucket.QUARANTINED), RuleBroken, "stock.nonneg", "apart 0")
    refused(town, lose("L-9", 5), NotFound, "reference")
    town.do(lose("MD-WATER-1", 5))
    town.do(lose("MD-FOOD-0", 5, bucket=Bucket.QUARANTINED))
    assert buckets(town, "MD-WATER-1") == (1795, 0, 0)
    assert stock(town, "FOOD").ledger.outside["lost"] == 5


def test_a_suspect_lot_lies_apart():
    town = town_with_water()
    apart = c.QuarantineLot(**SIGNED, store="WH-MD", lot="MD-WATER-1", reason="leak")
    town.do(replace(apart, qty=100))
    assert buckets(town, "MD-WATER-1") == (1700, 0, 100)
    town.do(apart)
    assert buckets(town, "MD-WATER-1") == (0, 0, 1800)
    refused(town, apart, RuleBroken, "stock.nonneg", "available 0")
    refused(town, replace(apart, lot="MD-WATER-2", qty=2401), RuleBroken, "stock.nonneg")
    refused(town, replace(apart, lot="MD-WATER-2", reason=""), RuleBroken, "stock.reason")
