"""What operators see, over HTTP: lots with their shelves, the stock card, the accounts, loans; and what a scan is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.resources.node import Node, running
from tests.support import Post

KEEPER, SECOND, POINT = Post("W.MD1", "WHK"), Post("W.MD2", "WHK"), Post("W.FP", "WHK")
OFFICER, NEXT, CITY = Post("B.OFF", "EMD.officer"), Post("W.AR", "WHK", "150721"), Post("C.OFF", "EMD.officer", "150700")
STORES = {"WH-MD": ("150722", "W.MD1", ["A-01", "B-01"]), "FP-XW": ("150722", "W.FP", ["F-01"])}
ITEMS = {"WATER": ("1999904", "饮用水", "litre", {"carton": 12}), "TENT": ("1999901", "帐篷", "piece", {})}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(tmp_path_factory.mktemp("stock")) as made:
        for item, (code, zh, unit, packs) in ITEMS.items():
            made.done("resources/items", OFFICER, item=item, code=code, zh=zh, unit=unit, packs=packs)
        for store, (place, custodian, positions) in STORES.items():
            said: dict[str, Any] = {"owner": "150722", "place": place, "custodian": custodian, "positions": positions}
            said |= {"kind": "forward_point", "parent": "WH-MD"} if store == "FP-XW" else {}
            made.done("resources/warehouses", OFFICER, store=store, **said)
        _worked(made)
        yield made


def _worked(node: Node) -> None:
    water = {"store": "WH-MD", "item": "WATER", "lot": "MD-WATER-1", "qty": 150, "unit": "carton", "expires": "2021-07-25"}
    node.done("resources/stock/receipts", KEEPER, **water, source="opening", position="A-01")
    node.done("resources/stock/receipts", KEEPER, store="WH-MD", item="TENT", lot="MD-TENT-1", qty=20, cause="DN-1", damaged=2)
    node.done("resources/stock/issues", KEEPER, store="WH-MD", item="WATER", qty=300, cause="INC-1")
    lots = {"MD-WATER-1": 500}
    node.done("resources/stock/transfers", KEEPER, from_store="WH-MD", to_store="FP-XW", lots=lots, receiver="W.FP", position="F-01")
    lent = {"loan": "LN-1", "store": "WH-MD", "lots": {"MD-TENT-1": 20}, "to": "150721", "due_at": "2021-07-20T08:00:00+08:00"}
    node.done("resources/stock/loans", KEEPER, **lent, cause="INC-1")
    node.done("resources/stock/reversals", KEEPER, store="WH-MD", item="WATER", version=2, reason="not picked up")


def test_a_scan_is_answered_with_its_lots_and_without_notes_of_other_streams(node: Node) -> None:
    answer = node.done("resources/stock/receipts", KEEPER, store="WH-MD", item="TENT", lot="MD-TENT-9", qty=3, cause="DN-9")
    assert answer["events"] == ["resources.stock.received.v1"]
    assert answer["lots"] == {"MD-TENT-9": 3}
    assert answer["stream"] == "stock-WH-MD.TENT"
    moved = {"from_store": "WH-MD", "to_store": "FP-XW", "lots": {"MD-TENT-9": 3}, "receiver": "W.FP"}
    assert node.done("resources/stock/transfers", KEEPER, **moved)["events"] == ["resources.stock.transferred.v1"]


def test_a_store_shows_every_lot_also_where_nothing_is_left(node: Node) -> None:
    shown = node.get("resources/stock/WH-MD", KEEPER)
    water = {"available": 1300, "reserved": 0, "quarantined": 0, "on_hand": 1300, "shelves": {"A-01": 1300}, "expires": "2021-07-25"}
    assert water.items() <= shown["MD-WATER-1"].items()
    assert (shown["MD-TENT-1"]["available"], shown["MD-TENT-1"]["quarantined"]) == (0, 2)
    assert node.get("resources/stock/FP-XW", POINT)["MD-WATER-1"]["shelves"] == {"F-01": 500}
    assert "MD-TENT-9" not in node.get("resources/stock/WH-MD", KEEPER, stocked=True)
    assert set(node.get("resources/stock/WH-MD", KEEPER, item="WATER")) == {"MD-WATER-1", "positions"}
    assert "MD-TENT-1" not in node.get("resources/stock/WH-MD", KEEPER, after="MD-TENT-1")


def test_the_organs_above_see_it_and_a_neighbour_does_not(node: Node) -> None:
    assert "MD-WATER-1" in node.get("resources/stock/WH-MD", CITY)
    for path in ("resources/stock/WH-MD", "resources/lots/MD-WATER-1"):
        assert node.ask("GET", path, NEXT).status_code == 404
    assert not node.get("resources/movements", NEXT, store="WH-MD")["items"]
    assert not node.get("resources/accounts", NEXT)["accounts"]
    assert node.ask("GET", "resources/stock/WH-MD", Post("V-1", "VOL")).status_code == 403


def test_a_lot_is_found_in_every_store(node: Node) -> None:
    found = node.get("resources/lots/MD-WATER-1", KEEPER)["stores"]
    assert {store: row["available"] for store, row in found.items()} == {"WH-MD": 1300, "FP-XW": 500}


def test_the_card_says_what_moved_why_and_what_was_left(node: Node) -> None:
    card = node.get("resources/movements", KEEPER, store="WH-MD", item="WATER")["items"]
    assert [(row["version"], row["change"], row["balance"], row["reversed"]) for row in card] == [
        (4, 300, 1300, None),
        (3, -500, 1000, None),
        (2, -300, 1500, 4),
        (1, 1800, 1800, None),
    ]
    assert [(row["other"], row["cause"]) for row in card] == [
        ("people", "INC-1"),
        ("stores", "FP-XW"),
        ("people", "INC-1"),
        ("opening", "opening"),
    ]
    assert card[0]["by"] == "W.MD1"
    assert [row["reverses"] for row in card] == [2, None, None, None]
    first = node.get("resources/movements", KEEPER, lot="MD-WATER-1", limit=2)
    assert first["next"] and len(first["items"]) == 2
    assert len(node.get("resources/movements", KEEPER, lot="MD-WATER-1", before=first["next"])["items"]) == 3


def test_both_sides_of_the_accounts_are_equal(node: Node) -> None:
    found = node.get("resources/accounts", KEEPER)["accounts"]
    assert found["WATER"]["opening"] == found["WATER"]["stock"] == 1800
    assert (found["TENT"]["supplier"], found["TENT"]["stock"], found["TENT"]["borrower"]) == (25, 5, 20)
    for sums in found.values():
        gave = sum(sums[name] for name in ("opening", "supplier", "donor", "owner", "found"))
        went = sum(sums[name] for name in ("stock", "people", "lost", "written_off", "borrower", "transit", "stores"))
        assert gave == went
    assert list(node.get("resources/accounts", KEEPER, item="TENT", store="FP-XW")["accounts"]) == ["TENT"]


def test_an_overdue_loan_is_shown_and_told(node: Node) -> None:
    [loan] = node.get("resources/loans", KEEPER, store="WH-MD")["items"]
    assert (loan["out"], loan["overdue"]) == ({"MD-TENT-1": 20}, False)
    assert not node.get("resources/loans", KEEPER, overdue=True)["items"]
    node.at = "2021-07-20T08:00:00+08:00"
    assert [one["loan"] for one in node.get("resources/loans", KEEPER, overdue=True)["items"]] == ["LN-1"]
    assert node.types("loan-LN-1")[-1] == "resources.clock.missed.v1"
    node.done("resources/stock/loan-returns", KEEPER, loan="LN-1", lot="MD-TENT-1", good=20)
    assert node.get("resources/loans", KEEPER)["items"][0]["over"]


def test_the_clock_sets_apart_what_expired_in_every_store(node: Node) -> None:
    node.at = "2021-07-26T00:00:00+08:00"
    for store, who in (("WH-MD", KEEPER), ("FP-XW", POINT)):
        row = node.get(f"resources/stock/{store}", who)["MD-WATER-1"]
        assert row["available"] == 0 < row["quarantined"]
        assert row["expired"]
    assert node.types("lot-MD-WATER-1")[-1] == "resources.lot.expired.v1"


def test_a_recall_is_shown_in_every_store(node: Node) -> None:
    node.done("resources/stock/recalls", Post("B.RSV", "RSV"), lot="MD-TENT-9", reason="notice 1")
    assert node.get("resources/stock/FP-XW", POINT)["MD-TENT-9"]["recalled"] == "notice 1"


@pytest.mark.parametrize(
    ("changed", "status", "rule"),
    [
        ({"qty": 1.5}, 400, None),
        ({"qty": 2.0}, 400, None),  # nor does it count what is no count
        ({"qty": "12"}, 400, None),
        ({"qty": True}, 400, None),
        ({"qty": 2**53 + 1}, 400, None),
        ({"damaged": -1}, 422, "stock.quantity"),
        ({"position": "Z-9"}, 422, "store.position"),
        ({"cause": "x" * 10_001}, 422, "text.length"),
        ({"qty": "many"}, 400, None),
        ({"colour": "red"}, 400, None),
        ({"source": "stolen"}, 400, None),
        ({"qty": -1}, 422, "stock.quantity"),
        ({"unit": "barrel"}, 422, "item.unit"),
        ({"item": "GOLD"}, 422, "item.known"),
        ({"store": "WH-99"}, 404, "reference"),
        ({"lot": "13800138000"}, 422, "PIPL-5"),
    ],
)
def test_a_scan_that_is_wrong_is_refused(node: Node, changed: dict[str, Any], status: int, rule: str | None) -> None:
    said: dict[str, Any] = {"store": "WH-MD", "item": "WATER", "lot": "L-1", "qty": 1, "cause": "DN-1"}
    found, named = node.refused("resources/stock/receipts", KEEPER, **said | changed)
    assert (found, named if rule else None) == (status, rule)


def test_a_store_of_another_authority_is_not_ones_own(node: Node) -> None:
    said = {"store": "WH-MD", "item": "WATER", "lot": "L-1", "qty": 1, "cause": "DN-1"}
    assert node.refused("resources/stock/receipts", NEXT, **said) == (403, "matrix.3.27")
