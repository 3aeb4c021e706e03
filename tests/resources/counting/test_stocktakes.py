"""Stocktakes: counted blind, counted again where goods moved, posted by two persons or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.stock.moving import reserve
from services.resources.deciders.stocktakes import commands as c
from services.resources.deciders.stocktakes.state import Stocktake
from services.resources.events import stock as s
from services.resources.events import stocktake as t
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.stock.shelf import SIGNED, buckets, issue, kinds, opening, recall, refused, stock, town_with_water
from tests.resources.world import NOW, SECOND, Town, warehouse

THIRD = Signature("W.MD3", ("WHK",), "150722", 3)


def open_it(**changed: Any) -> c.OpenStocktake:
    return c.OpenStocktake(**SIGNED | {"stocktake": "ST-1", "store": "WH-MD"} | changed)


def count(lot: str, qty: int, position: str | None = None, **changed: Any) -> c.CountLine:
    return c.CountLine(**SIGNED | {"stocktake": "ST-1", "lot": lot, "qty": qty, "position": position} | changed)


def close() -> c.CloseCount:
    return c.CloseCount(**SIGNED, stocktake="ST-1")


def post(**changed: Any) -> c.PostStocktake:
    return c.PostStocktake(**SIGNED | {"stocktake": "ST-1", "reason": "counted", "cosigner": THIRD} | changed)


def taken(town: Town) -> Stocktake:
    found: Stocktake = town.state("stocktake-ST-1")
    return found


def counted_town(*counts: tuple[str, int]) -> Town:
    """Everything counted; what is not named as the books say."""
    town = town_with_water()
    town.do(open_it())
    for lot, qty in ({"MD-WATER-1": 1800, "MD-WATER-2": 2400, "MD-FOOD-0": 200} | dict(counts)).items():
        town.do(count(lot, qty))
    return town


def test_what_is_counted_stands_beside_what_the_books_said():
    town = town_with_water()
    town.do(open_it())
    decided = town.do(count("MD-WATER-1", 150, unit="carton"))
    assert decided.events == [t.LineCounted("ST-1", "WH-MD", "WATER", "MD-WATER-1", None, 1800, 1800, 2, 1, "W.MD1", NOW)]
    assert decided.answer == {"count": 1}  # blind


def test_who_counts_with_the_books_open_is_told():
    town = town_with_water()
    town.do(open_it(blind=False))
    assert town.do(count("MD-WATER-1", 1)).answer == {"count": 1, "expected": 1800}


def test_the_same_scan_again_changes_nothing_and_another_persons_is_a_recount():
    town = counted_town()
    assert town.do(count("MD-WATER-1", 1800)).events == []
    assert town.do(count("MD-WATER-1", 1800, by=SECOND)).answer == {"count": 2}
    assert town.do(count("MD-WATER-1", 1799, by=SECOND)).answer == {"count": 3}
    assert taken(town).counters == {"W.MD1", "W.MD2"}
    assert taken(town).lines["MD-WATER-1", None].qty == 1799


def test_the_books_follow_the_shelf():
    town = counted_town(("MD-WATER-1", 1790), ("MD-WATER-2", 2403))
    assert town.do(close()).answer["differences"] == [
        {"lot": "MD-WATER-1", "position": None, "difference": -10},
        {"lot": "MD-WATER-2", "position": None, "difference": 3},
    ]
    decided = town.do(post())
    assert [(fact.lot, fact.difference) for fact in decided.events[1:]] == [("MD-WATER-2", 3), ("MD-WATER-1", -10)]
    assert (buckets(town, "MD-WATER-1"), buckets(town, "MD-WATER-2")) == ((1790, 0, 0), (2403, 0, 0))
    assert stock(town).ledger.outside["found"] == 7
    assert decided.answer == {"adjusted": 2, "above": []}
    assert taken(town).status == "posted"


def test_nothing_differs_and_nothing_moves():
    town = counted_town()
    town.do(close())
    assert kinds(town.do(post())) == ["StocktakePosted"]


def test_a_difference_above_tolerance_is_named():
    town = counted_town(("MD-WATER-1", 1782), ("MD-WATER-2", 2375))  # 18 of 1,800 are one in a hundred; 25 of 2,400 are more
    town.do(close())
    assert town.do(post()).events[0].above == ("MD-WATER-2",)


def test_counting_is_not_over_before_everything_was_counted():
    town = town_with_water()
    town.do(open_it())
    town.do(count("MD-WATER-1", 1800))
    error = refused(town, close(), RuleBroken, "stocktake.uncounted", "say 0")
    assert {fault.cure.split(":")[0] for fault in error.failures} == {"MD-WATER-2", "MD-FOOD-0"}
    town.do(count("MD-WATER-2", 0))
    town.do(count("MD-FOOD-0", 0))
    assert len(town.do(close()).answer["differences"]) == 2


def test_what_moved_during_the_count_is_counted_again():
    town = counted_town(("MD-WATER-1", 1790))
    town.do(issue("WATER", 100))
    assert town.do(close()).answer["moved"] == ["MD-WATER-1"]
    refused(town, post(), RuleBroken, "stocktake.moved", "count it again")
    town.do(count("MD-WATER-1", 1690))
    refused(town, post(), WrongState, "stocktake.state")
    town.do(close())
    assert [fact.difference for fact in town.do(post()).events[1:]] == [-10]


def test_what_moved_after_it_was_closed_is_not_posted():
    town = counted_town(("MD-WATER-1", 1790))
    town.do(close())
    town.do(opening("MD-WATER-1", 5, expires=stock(town).lots["MD-WATER-1"].expires))
    refused(town, post(), RuleBroken, "stocktake.moved")


def test_a_promise_moves_nothing():
    town = counted_town(("MD-WATER-1", 1790))
    facts = reserve(stock(town), {"MD-WATER-1": 5}, "AL-1", town_command())
    town.past["stock-WH-MD.WATER"] += [fact for _, fact in facts]
    assert town.do(close()).answer["moved"] == []
    town.do(post())
    assert buckets(town, "MD-WATER-1") == (1785, 5, 0)


def town_command() -> c.CloseCount:
    return close()


def test_what_is_promised_and_missing_is_settled_first():
    town = counted_town(("MD-WATER-1", 1))
    town.past["stock-WH-MD.WATER"] += [f for _, f in reserve(stock(town), {"MD-WATER-1": 1799}, "AL-1", close())]
    town.do(close())
    refused(town, post(), RuleBroken, "stock.nonneg", "1 are not promised")


@pytest.mark.parametrize("cosigner", [None, SIGNED["by"]])
def test_two_persons(cosigner):
    town = counted_town()
    town.do(close())
    refused(town, post(cosigner=cosigner), NotAllowed, "two.persons")


def test_who_counted_does_not_approve():
    town = counted_town()
    town.do(count("MD-WATER-1", 1800, by=SECOND))
    town.do(close())
    refused(town, post(cosigner=SECOND), NotAllowed, "two.persons", "counted nothing")
    refused(town, post(reason=" "), RuleBroken, "stock.reason")


def test_a_cycle_count_of_a_position():
    town = town_with_water()
    town.do(open_it(positions=("A-01",)))
    refused(town, count("MD-WATER-1", 1), RuleBroken, "stocktake.scope", "A-01")
    refused(town, count("MD-WATER-2", 1, "B-01"), RuleBroken, "store.position")
    refused(town, close(), RuleBroken, "stocktake.uncounted", "MD-WATER-1 in A-01")
    town.do(count("MD-WATER-1", 1700, "A-01"))
    town.do(count("MD-WATER-2", 20, "A-01"))  # lies where the books do not know it
    town.do(close())
    town.do(post())
    assert stock(town).shelves["MD-WATER-2"] == {"B-01": 2400, "A-01": 20}
    assert stock(town).shelves["MD-WATER-1"] == {"A-01": 1700}


def test_a_cycle_count_of_items():
    town = town_with_water()
    refused(town, open_it(items=("BED",), positions=("Z-9",)), RuleBroken, "store.position", "never lay")
    town.do(open_it(items=("FOOD",)))
    refused(town, count("MD-WATER-1", 1), RuleBroken, "stocktake.scope")
    town.do(count("MD-FOOD-0", 210))
    town.do(close())
    assert kinds(town.do(post())) == ["StocktakePosted", "StockAdjusted", "StockQuarantined"]  # it expired
    assert buckets(town, "MD-FOOD-0", "FOOD") == (0, 0, 210)


def test_a_recalled_lot_that_was_found_lies_apart():
    town = town_with_water()
    town.do(recall())
    town.do(open_it(items=("WATER",)))
    town.do(count("MD-WATER-1", 1800))
    town.do(count("MD-WATER-2", 2405))
    town.do(close())
    town.do(post())
    assert buckets(town, "MD-WATER-2") == (0, 0, 2405)


@pytest.mark.parametrize(
    ("command", "kind", "rule"),
    [
        (count("NOBODY-1", 1), RuleBroken, "reference"),
        (count("MD-WATER-1", -1), RuleBroken, "stock.quantity"),
        (count("MD-WATER-1", 1, unit="bale"), RuleBroken, "item.unit"),
        (count("MD-WATER-1", 1, "Z-9"), RuleBroken, "store.position"),
        (open_it(), WrongState, "stocktake.state"),
        (post(), WrongState, "stocktake.state"),
        (c.CancelStocktake(**SIGNED, stocktake="ST-1"), RuleBroken, "stocktake.reason"),
    ],
)
def test_what_is_refused(command, kind, rule):
    town = town_with_water()
    town.do(open_it())
    refused(town, command, kind, rule)


def test_a_lot_is_counted_as_a_whole_or_by_positions():
    town = town_with_water()
    town.do(open_it())
    town.do(count("MD-WATER-1", 1, "A-01"))
    refused(town, count("MD-WATER-1", 1), RuleBroken, "stocktake.line", "by positions")
    town.do(count("MD-WATER-2", 1))
    refused(town, count("MD-WATER-2", 1, "B-01"), RuleBroken, "stocktake.line", "as a whole")


def test_a_sheet_is_counted_whole_or_not():
    town = town_with_water()
    town.do(open_it())
    good, bad = c.Counted("MD-WATER-1", 1800), c.Counted("NOBODY-1", 1)
    error = refused(town, c.CountMany(**SIGNED, stocktake="ST-1", lines=(good, bad)), RuleBroken, "reference")
    assert error.failures[0].field == "lines.1.lot"
    more = c.Counted("MD-WATER-2", 200, None, "carton")
    assert town.do(c.CountMany(**SIGNED, stocktake="ST-1", lines=(good, more))).answer == {"counted": 2}


def test_cancelled_is_over():
    town = counted_town(("MD-WATER-1", 1))
    town.do(c.CancelStocktake(**SIGNED, stocktake="ST-1", reason="flood"))
    refused(town, close(), WrongState, "stocktake.state")
    assert not [fact for fact in town.past["stock-WH-MD.WATER"] if isinstance(fact, s.StockAdjusted)]


def test_a_store_nobody_knows():
    refused(town_with_water(), open_it(store="WH-99"), NotFound, "reference")


def test_what_lay_apart_and_is_missing_does_not_stop_the_count():
    """Nobody can tell which of them is gone: first what was available, then what lay apart."""
    town = town_with_water()
    town.do(recall("MD-WATER-2"))
    town.do(open_it())
    for lot, qty in {"MD-WATER-1": 1800, "MD-WATER-2": 2399, "MD-FOOD-0": 200}.items():
        town.do(count(lot, qty))
    town.do(close())
    [adjusted] = [fact for fact in town.do(post()).events if isinstance(fact, s.StockAdjusted)]
    assert (adjusted.difference, adjusted.apart) == (-1, 1)
    assert buckets(town, "MD-WATER-2") == (0, 0, 2399)
    assert stock(town).ledger.outside["found"] == 1


def test_what_is_open_is_not_opened_again():
    town = town_with_water()
    town.do(open_it())
    refused(town, open_it(), WrongState, "stocktake.state", "OpenStocktake is for: new; this is")


def test_a_sheet_has_a_line_and_nothing_is_a_count():
    town = town_with_water()
    town.do(open_it())
    refused(town, c.CountMany(**SIGNED, stocktake="ST-1", lines=()), RuleBroken, "stocktake.line", "name a line")
    refused(town, count("MD-WATER-1", -3), RuleBroken, "stock.quantity", "0 when nothing is there")


def test_where_keepers_are_named_nobody_else_counts_or_posts():
    town = counted_town(("MD-WATER-1", 1790))
    town.do(warehouse(keepers=("W.MD2",)))
    sheet = c.CountMany(by=THIRD, now=NOW, stocktake="ST-1", lines=(c.Counted("MD-WATER-1", 5),))
    gone = c.CancelStocktake(by=THIRD, now=NOW, stocktake="ST-1", reason="late")
    for command in (open_it(stocktake="ST-2", by=THIRD), count("MD-WATER-1", 5, by=THIRD), sheet, gone):
        refused(town, command, NotAllowed, "store.keeper", "WH-MD is kept by W.MD1, W.MD2")
    refused(town, c.CloseCount(by=THIRD, now=NOW, stocktake="ST-1"), NotAllowed, "store.keeper")
    town.do(close())
    refused(town, post(by=THIRD, cosigner=SECOND), NotAllowed, "store.keeper")
    assert town.do(post()).events  # the second person is another, who counted nothing
