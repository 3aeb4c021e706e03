"""Over HTTP: a label is printed, scanned, asked about and worked with; each scan again answers the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.resources.api import papers
from services.resources.formats.codes import LOT, POSITION, SHIPMENT, STORE, Code
from tests.resources.node import Node, running
from tests.resources.papers.test_papers import pages
from tests.support import Post

OFF, KEEPER, AUDIT = Post("B.OFF", "EMD.officer"), Post("W.MD1", "WHK"), Post("B.AUD", "AUD")
NEXT = Post("A.WHK", "WHK", "150721")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("scans")
    with running(folder) as opened:
        water = {"item": "WATER", "code": "1999904", "zh": "饮用水", "en": "Drinking water", "unit": "litre", "packs": {"carton": 12}}
        opened.done("resources/items", OFF, **water)
        place = {"store": "WH-MD", "owner": "150722", "place": "150722", "custodian": "W.MD1", "positions": ["A-01", "B-01"]}
        opened.done("resources/warehouses", OFF, **place)
        said: dict[str, Any] = {"store": "WH-MD", "item": "WATER", "lot": "L-1", "qty": 100, "source": "opening", "position": "A-01"}
        opened.done("resources/stock/receipts", KEEPER, **said)
        yield opened


def scanned(node: Node, code: Code, who: Post = KEEPER, **params: str) -> Any:
    return node.get("resources/scans", who, code=code.text, **params)


def test_a_lot_says_what_it_is_and_what_may_be_done(node: Node) -> None:
    found = scanned(node, Code(LOT, ("L-1",)))
    assert (found["kind"], found["lot"], found["item"]) == ("lot", "L-1", "WATER")
    assert found["stores"]["WH-MD"]["shelves"] == {"A-01": 100}
    assert {"PutAway", "CountLine", "IssueStock"} <= set(found["may"])
    assert scanned(node, Code(LOT, ("L-1",)), AUDIT)["may"] == []
    assert scanned(node, Code(LOT, ("L-1",)), store="WH-MD")["lot"] == "L-1"


def test_a_position_says_what_lies_there_and_a_store_what_it_has(node: Node) -> None:
    found = scanned(node, Code(POSITION, ("WH-MD", "A-01")))
    assert (found["lots"], found["may"]) == ({"L-1": 100}, ["PutAway", "CountLine"])
    assert scanned(node, Code(STORE, ("WH-MD",)))["places"] == ["A-01", "B-01"]


@pytest.mark.parametrize(
    ("text", "who", "status"),
    [
        ("OR/L/L-1/22", KEEPER, 422),
        (Code(LOT, ("L-9",)).text, KEEPER, 404),
        (Code(POSITION, ("WH-MD", "Z-9")).text, KEEPER, 404),
        (Code(SHIPMENT, ("SH-9",)).text, KEEPER, 404),
        (Code(LOT, ("L-1",)).text, NEXT, 404),
        (Code(LOT, ("L-1",)).text, Post("V-1", "VOL"), 403),
    ],
)
def test_what_is_misread_unknown_or_not_for_the_caller(node: Node, text: str, who: Post, status: int) -> None:
    assert node.ask("GET", "resources/scans", who, params={"code": text}).status_code == status


def test_the_same_scan_again_answers_the_same(node: Node) -> None:
    token = node.opened.host.principals.mint(KEEPER.actor, (KEEPER.role,), KEEPER.division)
    headers = {"Authorization": f"Bearer {token}", "Ortoo-At": node.at, "Idempotency-Key": "scan-1"}
    body = {"store": "WH-MD", "lot": "L-1", "position": "B-01", "qty": 10, "from_position": "A-01"}
    first, again = (node.client.request("POST", "/api/resources/stock/put-aways", headers=headers, json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert {**again.json(), "outcome": "accepted"} == first.json()
    node.opened.host.settle()
    assert node.get("resources/stock/WH-MD", KEEPER)["L-1"]["shelves"] == {"A-01": 90, "B-01": 10}


def test_labels_are_printed_over_http_and_what_is_scanned_from_them_is_known(node: Node) -> None:
    answer = node.ask("GET", "resources/stock/WH-MD/labels.pdf", KEEPER, params={"lot": "L-1", "position": "A-01"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    [(text, codes)] = pages(answer.content)
    assert "饮用水" in text
    kinds = {node.get("resources/scans", KEEPER, code=code)["kind"] for _, code in codes}
    assert (len(codes), kinds) == (4, {"lot", "position"})


def test_papers_are_for_who_may_see_what_stands_on_them(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def kept(paper: Any) -> bytes:
        made.append(paper)
        return b"%PDF"

    monkeypatch.setattr(papers, "printed", kept)

    def asked(path: str, who: Post = KEEPER, **params: str) -> int:
        return int(node.ask("GET", f"resources/{path}", who, params=params).status_code)

    assert asked("stock/WH-MD/card.pdf", item="WATER", lang="en") == 200
    assert made[-1].pairs[1] == ("Item", "Drinking water WATER")
    assert asked("stock/WH-MD/labels.pdf") == 200
    assert [label.title for label in made[-1].labels] == ["L-1"]
    more = {"store": "WH-MD", "item": "WATER", "lot": "L-2", "qty": 1, "source": "opening", "cause": "opening"}
    node.done("resources/stock/receipts", KEEPER, **more)
    monkeypatch.setattr(papers, "LABELS", 1)  # on a paper
    assert asked("stock/WH-MD/labels.pdf") == asked("stock/WH-MD/labels.pdf", part="3") == 422
    assert asked("stock/WH-MD/labels.pdf", part="2") == 200
    assert [label.title for label in made[-1].labels] == ["L-2"]
    assert asked("stock/WH-MD/card.pdf", NEXT, item="WATER") == 404
    assert asked("stock/WH-MD/labels.pdf", lot="L-9") == 404
    assert asked("stock/WH-MD/card.pdf", item="TENT") == 404
    assert asked("stock/WH-MD/card.pdf", Post("V-1", "VOL"), item="WATER") == 403
    assert asked("shipments/SH-9/pick-list.pdf") == 404
    assert asked("requisitions/REQ-9/certificate.pdf", OFF) == 404
    assert asked("donations/DON-9/receipt.pdf", OFF) == 404
    assert asked("stock/WH-MD/card.pdf", item="WATER", lang="fr") == 400
