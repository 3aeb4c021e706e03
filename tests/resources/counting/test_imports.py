"""Many lines as one: all or nothing, once, and taken back as a whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.imports import commands as c
from services.resources.deciders.imports.state import file_of
from services.resources.events.goods import Source
from services.resources.events.stock import StockReversed
from services.resources.events.stock_file import StockFileLineUndone
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.stock.shelf import SIGNED, buckets, issue, kinds, refused, reverse, stock, town_with_water
from tests.resources.world import SECOND, Town, july, point, stocked_town

DIGEST = "a" * 64


def line(lot: str, qty: int = 10, item: str = "WATER", **changed: Any) -> c.ReceiptLine:
    return c.ReceiptLine(**{"store": "WH-MD", "item": item, "lot": lot, "qty": qty, "cause": "DN-1"} | changed)


def many(*lines: c.ReceiptLine, **changed: Any) -> c.ReceiveMany:
    return c.ReceiveMany(**SIGNED | {"lines": lines, "digest": DIGEST, "name": "july.xlsx"} | changed)


def undo(**changed: Any) -> c.UndoImport:
    return c.UndoImport(**SIGNED | {"file": file_of(DIGEST), "reason": "wrong month"} | changed)


def undo_line(number: int, **changed: Any) -> c.UndoImportLine:
    return c.UndoImportLine(**SIGNED | {"file": file_of(DIGEST), "line": number, "reason": "never came"} | changed)


def books(town: Town) -> dict[str, Any]:
    return {stream: town.state(stream).ledger for stream in town.past if stream.startswith("stock-")}


def test_every_line_is_received_and_the_file_remembers_where():
    town = stocked_town()
    decided = town.do(
        many(line("L-1", 5, unit="carton", position="A-01"), line("T-1", 3, "TENT", damaged=2), line("L-1", 7, store="FP-XW"))
    )
    assert decided.answer == {"file": file_of(DIGEST), "lines": 3}
    assert (buckets(town, "L-1"), buckets(town, "T-1", "TENT"), buckets(town, "L-1", store="FP-XW")) == ((60, 0, 0), (3, 0, 2), (7, 0, 0))
    assert [(one.lot, one.version, one.good, one.apart) for one in town.state(f"import-{file_of(DIGEST)}").lines] == [
        ("L-1", 1, 60, 0),
        ("T-1", 1, 3, 2),
        ("L-1", 1, 7, 0),
    ]


def test_a_lot_may_come_in_several_lines():
    town = stocked_town()
    town.do(many(line("L-1", 5), line("L-1", 6), line("L-2", 1)))
    assert buckets(town, "L-1") == (11, 0, 0)
    assert [one.version for one in town.state(f"import-{file_of(DIGEST)}").lines] == [1, 2, 3]
    assert [fact.item for fact in town.past["store-WH-MD"] if type(fact).__name__ == "ItemHeld"] == ["WATER"]


def test_the_same_content_again_adds_nothing():
    town = stocked_town()
    town.do(many(line("L-1")))
    again = town.do(many(line("L-1")))
    assert again.events == [] and again.answer["outcome"] == "repeated"
    town.do(many(line("L-1"), digest="b" * 64))
    assert buckets(town, "L-1") == (20, 0, 0)


def test_one_bad_line_and_nothing_is_received():
    town = stocked_town()
    bad = [line("L-2", 0), line("L-3", item="GOLD"), line("L-4", store="WH-99"), line("L-5", unit="bale"), line("L-6", position="Z")]
    more = [line("张三"), line("L-8", cause=""), line("L-1", expires=july(30))]
    error = refused(town, many(line("L-1"), *bad, *more), RuleBroken, "stock.quantity")
    assert [fault.field for fault in error.failures] == [
        "lines.1.qty",
        "lines.2.item",
        "lines.3.store",
        "lines.4.unit",
        "lines.5.position",
        "lines.6.lot",
        "lines.7.cause",
        "lines.8.lot",
    ]


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (many(), "import.lines"),
        (many(*[line("L-1")] * 10_001), "import.lines"),
        (many(line("L-1"), source=Source.DONATION), "import.source"),
    ],
)
def test_what_is_refused_as_a_whole(command, rule):
    refused(stocked_town(), command, RuleBroken, rule)


def test_what_expired_lies_apart_and_an_opening_needs_no_document():
    town = stocked_town()
    town.do(many(line("L-1", expires=july(1), cause=""), source=Source.OPENING))
    assert buckets(town, "L-1") == (0, 0, 10)
    assert stock(town).ledger.outside == {"opening": -10}


def test_taken_back_nothing_is_left_of_it():
    town = town_with_water()
    before = books(town)
    town.do(
        many(
            line("L-1", 5),
            line("L-1", 6),
            line("MD-WATER-2", 100, expires=july(31).replace(year=2022, month=3)),
            line("T", 1, "TENT", damaged=1),
        )
    )
    decided = town.do(undo())
    assert kinds(decided) == ["StockFileUndone", *["StockReversed"] * 4]
    after = {stream: ledger for stream, ledger in books(town).items() if ledger.inside or stream in before}
    assert {stream: ledger.inside for stream, ledger in after.items()} == {stream: ledger.inside for stream, ledger in before.items()}
    assert stock(town).ledger.outside["supplier"] == 0
    refused(town, undo(), WrongState, "import.state")
    town.do(many(line("L-1", 5)))  # corrected, it may come again
    assert buckets(town, "L-1") == (5, 0, 0)


def test_what_was_moved_since_stands_against_it_line_by_line():
    town = stocked_town()
    town.do(many(line("L-1", 5), line("L-2", 6), line("L-2", 6)))
    town.do(issue("WATER", 6))
    error = refused(town, undo(), RuleBroken, "import.moved", "take back first")
    assert [fault.field for fault in error.failures] == ["line 1", "line 3"]
    refused(town, undo(reason=""), RuleBroken, "stock.reason")


def test_one_line_of_it_is_not_taken_back_beside_the_file():
    town = stocked_town()
    town.do(many(line("L-1", 5)))
    refused(town, reverse(1), RuleBroken, "stock.elsewhere")


def test_ten_thousand_lines():
    town = stocked_town()
    lines = [line(f"L-{n}", 1, ("WATER", "TENT", "BED")[n % 3], store=("WH-MD", "FP-XW")[n % 2]) for n in range(10_000)]
    decided = town.do(many(*lines))
    assert len(decided.events) > 20_000
    assert (
        sum(stock(town, item, store).ledger.total("available") for item in ("WATER", "TENT", "BED") for store in ("WH-MD", "FP-XW"))
        == 10_000
    )


def test_one_line_is_taken_back_by_an_entry_that_names_it_and_the_others_stay():
    town = stocked_town()
    town.do(many(line("L-1", 5), line("L-1", 6), line("T-1", 3, "TENT", damaged=2)))
    decided = town.do(undo_line(2))
    noted, back = decided.events
    assert isinstance(noted, StockFileLineUndone) and noted.line == 2
    assert isinstance(back, StockReversed) and (back.version, back.type, back.reason) == (2, "resources.stock.received.v1", "never came")
    assert decided.answer == {"file": file_of(DIGEST), "line": 2, "left": 2}
    assert (buckets(town, "L-1"), buckets(town, "T-1", "TENT")) == ((5, 0, 0), (3, 0, 2))
    refused(town, undo_line(2), WrongState, "import.state")
    assert town.do(many(line("L-1"))).answer["outcome"] == "repeated"
    town.do(undo_line(3))
    assert buckets(town, "T-1", "TENT") == (0, 0, 0)


def test_the_rest_is_taken_back_with_the_whole_or_line_by_line():
    whole, single = stocked_town(), stocked_town()
    for town in (whole, single):
        town.do(many(line("L-1", 5), line("L-2", 6)))
        town.do(undo_line(1))
    assert whole.do(undo()).answer["lines"] == 1
    single.do(undo_line(2))
    for town in (whole, single):
        assert all(not balance.inside for balance in books(town).values())
        refused(town, undo_line(1), WrongState, "import.state")
        assert town.do(many(line("L-1"))).events, "it may come again"


def test_a_line_that_was_moved_or_is_none_is_not_taken_back():
    town = stocked_town()
    town.do(many(line("L-1", 5), line("L-2", 6)))
    town.do(issue(lots={"L-2": 1}, reason="a box was opened"))
    assert refused(town, undo_line(2), RuleBroken, "import.moved").failures[0].field == "line 2"
    refused(town, undo_line(1, reason=""), RuleBroken, "stock.reason")
    for number in (0, 3):
        refused(town, undo_line(number), NotFound, "reference")
    assert town.do(undo_line(1)).events


def test_a_file_is_received_and_taken_back_by_who_keeps_each_store():
    town = stocked_town()
    town.do(point(keepers=("W.MD2",)))
    both = (line("L-1"), line("L-2", store="FP-XW"), line("L-3", item="GOLD"), line("L-4", store="FP-XW"))
    error = refused(town, many(*both), NotAllowed, "store.keeper", "FP-XW is kept by W.FP, W.MD2")
    assert [fault.field for fault in error.failures] == ["lines.1.store", "lines.3.store"]
    town.do(many(line("L-1"), line("L-2", store="FP-XW"), by=SECOND))
    for back in (undo(), undo_line(2)):
        refused(town, back, NotAllowed, "store.keeper")
    assert town.do(undo_line(1)).events
    assert town.do(undo(by=SECOND)).events


def test_an_unknown_store_or_item_hides_nothing_else_of_its_line():
    bad = (line("L-1", -1, store="WH-99", unit="barrel"), line("L-2", -1, "GOLD", cause="", position="Z-9"))
    error = refused(stocked_town(), many(*bad), RuleBroken, "reference")
    told = [fault.field for fault in error.failures]
    assert told == [
        *(f"lines.0.{one}" for one in ("store", "unit", "qty")),
        *(f"lines.1.{one}" for one in ("item", "qty", "cause", "position")),
    ]
