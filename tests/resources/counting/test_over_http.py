"""Stocktakes and files over HTTP: blind counts, previews that store nothing, files all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.resources.counting.books import csv, row, xlsx
from tests.resources.node import Node, running
from tests.support import Post

OFF, KEEPER, SECOND = Post("B.OFF", "EMD.officer"), Post("W.MD1", "WHK"), Post("W.MD2", "WHK")
NEXT, NEXT_OFF, APP = Post("A.WHK", "WHK", "150721"), Post("A.OFF", "EMD.officer", "150721"), Post("B.APP", "EMD.approver")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("counting")
    with running(folder) as opened:
        water = {"item": "WATER", "code": "1999904", "zh": "饮用水", "unit": "litre", "packs": {"carton": 12}, "reusable": False}
        opened.done("resources/items", OFF, **water)
        place = {"store": "WH-MD", "owner": "150722", "place": "150722", "custodian": "W.MD1", "positions": ["A-01", "B-01"]}
        opened.done("resources/warehouses", OFF, **place)
        opened.done("resources/warehouses", OFF, **place | {"store": "WH-OFF"})
        opened.done("resources/warehouses/WH-OFF/closing", APP)
        opened.done("resources/warehouses", NEXT_OFF, **place | {"store": "WH-AR", "owner": "150721", "place": "150721"})
        said: dict[str, Any] = {"store": "WH-MD", "item": "WATER", "lot": "L-1", "qty": 100, "source": "opening", "position": "A-01"}
        opened.done("resources/stock/receipts", KEEPER, **said)
        yield opened


def sent(node: Node, path: str, body: bytes, who: Post = KEEPER, **params: Any) -> Any:
    answer = node.ask("POST", f"resources/{path}", who, content=body, params=params)
    node.opened.host.settle()
    return answer


def test_counting_is_blind_until_it_is_over(node: Node) -> None:
    node.done("resources/stocktakes", KEEPER, stocktake="ST-1", store="WH-MD")
    made = node.done("resources/stocktakes/counts", KEEPER, stocktake="ST-1", lot="L-1", qty=90)
    assert (made["events"], made["count"], "expected" in made) == (["resources.stocktake.line_counted.v1"], 1, False)
    node.done("resources/stocktakes/counts", SECOND, stocktake="ST-1", lot="L-1", qty=98)
    shown = node.get("resources/stocktakes/ST-1", KEEPER)
    assert shown["status"] == "counting" and "expected" not in shown["lines"][0]
    assert [one["qty"] for one in shown["lines"][0]["counts"]] == [90, 98]
    node.done("resources/stocktakes/closings", KEEPER, stocktake="ST-1")
    [line] = node.get("resources/stocktakes/ST-1", KEEPER)["lines"]
    assert (line["expected"], line["difference"], line["moved"]) == (100, -2, False)


def test_what_moved_is_shown_and_counted_again_and_posted_by_two(node: Node) -> None:
    node.done("resources/stock/issues", KEEPER, store="WH-MD", item="WATER", qty=10, cause="INC-1")
    assert node.get("resources/stocktakes/ST-1", KEEPER)["lines"][0]["moved"]
    said = {"stocktake": "ST-1", "reason": "shelf was wet"}
    assert node.refused("resources/stocktakes/postings", KEEPER, **said) == (403, "two.persons")
    node.done("resources/stocktakes/counts", SECOND, stocktake="ST-1", lot="L-1", qty=80)
    node.done("resources/stocktakes/closings", KEEPER, stocktake="ST-1")
    token = node.opened.host.principals.mint("W.MD3", ("WHK",), "150722")
    own = node.opened.host.principals.mint(KEEPER.actor, (KEEPER.role,), KEEPER.division)
    headers = {"Authorization": f"Bearer {own}", "Ortoo-Cosigner": f"Bearer {token}", "Ortoo-At": node.at}
    posted = node.client.request("POST", "/api/resources/stocktakes/postings", headers=headers, json=said)
    assert posted.status_code == 201, posted.text
    assert posted.json()["events"] == ["resources.stocktake.posted.v1", "resources.stock.adjusted.v1"]
    node.opened.host.settle()
    assert node.get("resources/stock/WH-MD", KEEPER)["L-1"]["available"] == 80
    [task] = node.get("resources/tasks", OFF)["items"]
    assert (task["kind"], task["subject"]) == ("stocktake_inquiry", "stocktake-ST-1")
    shown = node.get("resources/stocktakes", KEEPER, store="WH-MD")["items"]
    assert [(one["status"], one["approved_by"]) for one in shown] == [("posted", "W.MD3")]


def test_a_neighbour_sees_and_counts_nothing(node: Node) -> None:
    assert node.ask("GET", "resources/stocktakes/ST-1", NEXT).status_code == 404
    assert not node.get("resources/stocktakes", NEXT)["items"]
    assert node.refused("resources/stocktakes", NEXT, stocktake="ST-9", store="WH-MD") == (403, "matrix.3.27")


def test_a_preview_says_everything_and_stores_nothing(node: Node) -> None:
    body = xlsx([row("F-1"), row("F-2", "10"), row("F-3", item="GOLD"), row("13800138000", 1)])
    seen = sent(node, "stock-files/previews", body).json()
    assert (seen["lines"], seen["stores"], seen["repeated"]) == (3, {"WH-MD": 3}, False)
    assert [(one["row"], one["column"], one["rule"]) for one in seen["faults"]] == [
        (3, "数量", "file.cell"),
        (4, "物资", "item.known"),
        (5, None, "PIPL-5"),
    ]
    assert not node.get("resources/stock-files", KEEPER)["items"]
    assert [one["rule"] for one in sent(node, "stock-files/previews", xlsx([row("F-1")]), NEXT).json()["faults"]] == ["matrix.3.27"]


def test_a_file_with_a_bad_line_is_refused_by_row_and_column(node: Node) -> None:
    answer = sent(node, "stock-files", xlsx([row("F-1"), row("F-2", position="Z-9"), row("F-3", -1)]))
    assert answer.status_code == 422
    assert [(one["rule"], one["field"]) for one in answer.json()["failures"]] == [
        ("store.position", "row 3, 货位"),
        ("stock.quantity", "row 4, 数量"),
    ]
    assert "F-1" not in node.get("resources/stock/WH-MD", KEEPER)
    assert sent(node, "stock-files", b"PK\x03\x04").json()["rule"] == "file.form"
    assert sent(node, "stock-files", xlsx([row("F-1")]), NEXT).status_code == 403


def test_a_cell_that_cannot_be_read_hides_nothing_else_of_its_row(node: Node) -> None:
    body = xlsx([row("F-1"), row("F-2", 2.5, "NOPE", position="Z-9"), row("F-3", 5, store="WH-99", unit="barrel")])
    wrong = [("file.cell", 3, "数量"), ("item.known", 3, "物资"), ("store.position", 3, "货位")]
    wrong += [("reference", 4, "仓库"), ("item.unit", 4, "单位")]
    seen = sent(node, "stock-files/previews", body).json()["faults"]
    assert sorted((one["rule"], one["row"], one["column"]) for one in seen) == sorted(wrong)
    answer = sent(node, "stock-files", body)
    assert answer.status_code == 422
    told = [(one["rule"], one["field"]) for one in answer.json()["failures"]]
    assert sorted(told) == sorted((rule, f"row {row}, {column}") for rule, row, column in wrong)


def test_headings_alone_are_no_file(node: Node) -> None:
    for stocktake in ({}, {"stocktake": "ST-1"}):
        heading = csv([], ("批号", "实盘数")) if stocktake else csv([])
        [fault] = sent(node, "stock-files/previews", heading.encode(), **stocktake).json()["faults"]
        answer = sent(node, "stock-files", heading.encode(), **stocktake)
        assert (fault["rule"], answer.status_code, answer.json()["rule"]) == ("import.lines", 422, "import.lines")


def test_a_file_for_a_store_is_sent_by_its_keeper(node: Node) -> None:
    place = {"store": "WH-K", "owner": "150722", "place": "150722", "custodian": "W.K", "keepers": ["W.K2"], "positions": ["A-01"]}
    node.done("resources/warehouses", OFF, **place)
    body = csv([row("K-1", store="WH-K"), row("F-1")]).encode()
    [fault] = sent(node, "stock-files/previews", body).json()["faults"]
    assert (fault["rule"], fault["row"], fault["column"]) == ("store.keeper", 2, "仓库")
    answer = sent(node, "stock-files", body).json()
    assert [(one["rule"], one["field"]) for one in answer["failures"]] == [("store.keeper", "row 2, 仓库")]
    one = {"store": "WH-K", "item": "WATER", "lot": "K-1", "qty": 1}
    assert node.refused("resources/stock/receipts/lines", KEEPER, lines=[one], cause="DN-1") == (403, "store.keeper")
    assert node.refused("resources/stocktakes", KEEPER, stocktake="ST-K", store="WH-K") == (403, "store.keeper")


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (xlsx([row("B-1"), row("B-2")], merged="A2:A3"), "file.merged"),
        (xlsx([row("B-1"), row("B-2", "=1+1")]), "file.formula"),
        (csv([row("B-1"), row("B-2", cause="=1+1")]).encode(), "file.formula"),
        (csv([row("B-1")]).encode("utf-16"), "file.form"),
        (csv([row("B-1")] * 20_000).encode(), "file.rows"),
        (csv([row("B-1"), row("B-2", 1.5)]).encode(), "file.cell"),
        (csv([row("B-1"), row("B-2", unit="barrel")]).encode(), "item.unit"),
        (csv([row("B-1"), row("B-2", store="WH-OFF")]).encode(), "store.state"),
        (csv([row("B-1"), row("B-2", store="WH-99")]).encode(), "reference"),
        (csv([row("B-1"), row("B-2", store="WH-AR")]).encode(), "matrix.3.27"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_of_a_file_that_is_wrong_nothing_is_received_and_the_cure_is_told(node: Node, body: bytes, rule: str) -> None:
    answer = sent(node, "stock-files", body)
    assert answer.status_code in (403, 404, 409, 422), answer.text
    assert rule in {one["rule"] for one in answer.json()["failures"]} and answer.json()["cure"]
    assert not {lot for lot in node.get("resources/stock/WH-MD", KEEPER) if lot.startswith("B-")}


def test_a_file_is_received_once_kept_and_taken_back(node: Node) -> None:
    body = csv([row("F-1", unit="carton"), row("F-2", 5)]).encode("gb18030")
    made = sent(node, "stock-files", body, name="入库.csv")
    assert made.status_code == 201, made.text
    assert made.json()["events"] == ["resources.stock_file.received.v1", *["resources.stock.received.v1"] * 2]
    again = sent(node, "stock-files", body, name="other.csv")
    assert (again.status_code, again.json()["outcome"], again.json()["lines"]) == (200, "repeated", 2)
    shown = node.get("resources/stock/WH-MD", KEEPER)
    assert (shown["F-1"]["available"], shown["F-2"]["available"]) == (120, 5)
    [kept] = node.get("resources/stock-files", KEEPER)["items"]
    content = node.opened.host.blobs.get(kept["content"])
    assert content is not None and content.decode().splitlines()[1].startswith("WH-MD,WATER,F-1,10,carton")
    assert sent(node, "stock-files/previews", body).json()["repeated"]
    file = made.json()["file"]
    assert node.refused(f"resources/stock-files/{file}/lines/3/undone", KEEPER, reason="x") == (404, "reference")
    node.done(f"resources/stock-files/{file}/lines/2/undone", KEEPER, reason="never came")
    assert [one["undone"] for one in node.get(f"resources/stock-files/{file}", KEEPER)["items"]] == [False, True]
    assert node.get("resources/stock-files", KEEPER)["items"][0]["undone"] == 1
    node.done("resources/stock-files/undone", KEEPER, file=made.json()["file"], reason="wrong month")
    assert node.get("resources/stock/WH-MD", KEEPER)["F-1"]["on_hand"] == 0
    assert node.get("resources/stock-files", KEEPER)["items"][0]["status"] == "undone"


def test_the_same_as_json(node: Node) -> None:
    lines = [{"store": "WH-MD", "item": "WATER", "lot": f"J-{n}", "qty": 1} for n in range(70)]
    made = node.done("resources/stock/receipts/lines", KEEPER, lines=lines, cause="DN-7")
    assert made["lines"] == 70
    assert node.post("resources/stock/receipts/lines", KEEPER, lines=lines, cause="DN-7").json()["outcome"] == "repeated"
    lines[3]["qty"] = 0
    failures = node.post("resources/stock/receipts/lines", KEEPER, lines=lines, cause="DN-7").json()["failures"]
    assert [one["field"] for one in failures] == ["lines.3.qty"]


def test_a_sheet_of_counts_is_a_file_too(node: Node) -> None:
    node.done("resources/stocktakes", KEEPER, stocktake="ST-2", store="WH-MD")
    sheet = "批号,实盘数,货位\nL-1,79,A-01\nJ-1,1,\n".encode()
    assert sent(node, "stock-files/previews", sheet, stocktake="ST-2").json()["faults"] == []
    assert sent(node, "stock-files", sheet, stocktake="ST-2").json()["counted"] == 2
    bad = sent(node, "stock-files", "批号,实盘数\nL-9,79\n".encode(), stocktake="ST-2").json()
    assert (bad["rule"], bad["failures"][0]["field"]) == ("reference", "row 2, 批号")


def test_a_personal_number_is_told_by_its_row(node: Node) -> None:
    body = csv([row("P-1"), row("P-2", cause="13800138000"), row("P-3")]).encode()
    refused = sent(node, "stock-files", body)
    assert refused.status_code == 422
    assert [(one["rule"], one["field"]) for one in refused.json()["failures"]] == [("PIPL-5", "row 3")]
    [told] = sent(node, "stock-files/previews", body).json()["faults"]
    assert (told["row"], told["rule"]) == (3, "PIPL-5")


def test_expired_goods_in_a_file_are_looked_at(node: Node) -> None:
    made = sent(node, "stock-files", csv([row("OLD-1", expires="2020-01-31")]).encode())
    assert made.status_code == 201 and made.json()["flags"] == ["Q-TRIAGE"]
    assert sent(node, "stock-files", csv([row("OLD-2", expires="2020-01-31")]).encode(), source="opening").json()["flags"] == []


def test_whoever_sends_goods_is_told_that_what_is_damaged_comes_on_top(node: Node) -> None:
    said = node.client.request("GET", "/openapi.json").json()["paths"]
    for path in ("stock/receipts", "stock/receipts/lines", "stock-files", "stock-files/previews"):
        assert "on top of" in " ".join(said[f"/api/resources/{path}"]["post"]["description"].split()), path
