"""Over HTTP: goods go to a store of the own line, to a place that is one, and what people get is counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.resources.node import Node, running
from tests.support import Post

API = "resources"
OFF, APP, KEEPER = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("W.MD1", "WHK")
CITY_OFF, CITY_APP = Post("C.OFF", "EMD.officer", "150700"), Post("C.APP", "EMD.approver", "150700")
NEXT_OFF, TOWN = Post("A.OFF", "EMD.officer", "150721"), Post("T.XW", "L4.office")
UNTIL = "2021-07-20T08:00:00+08:00"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("going")
    with running(folder) as opened:
        tent = {"item": "TENT", "code": "1999901", "zh": "帐篷", "unit": "piece", "reusable": True}
        opened.done(f"{API}/items", OFF, **tent)
        for store, owner, who in (("WH-MD", "150722", OFF), ("WH-HL", "150700", CITY_OFF), ("NW-1", "150721", NEXT_OFF)):
            opened.done(f"{API}/warehouses", who, store=store, owner=owner, place=owner, custodian="W.MD1")
        opened.done(f"{API}/stock/receipts", KEEPER, store="WH-MD", item="TENT", lot="T-1", qty=20, source="opening")
        yield opened


def asked(request: str, **changed: Any) -> dict[str, Any]:
    said = {"request": request, "ahead": "snow is forecast", "place": "150722", "receiver": "T.XW", "people": 20}
    return said | {"needed_by": UNTIL, "items": {"TENT": 5}} | changed


def test_a_request_names_a_store_of_the_line_of_its_place(node: Node) -> None:
    answer = node.post(f"{API}/requests", TOWN, **asked("SR-1", to_store="NW-1"))
    assert (answer.status_code, answer.json()["rule"]) == (422, "store.line")
    assert "let 150721 ask for the goods itself" in answer.json()["cure"]
    for n, store in enumerate(("WH-MD", "WH-HL", None)):
        node.done(f"{API}/requests", TOWN, **asked(f"SR-{n}", to_store=store))
    node.done(f"{API}/requests", CITY_OFF, **asked("SR-C", place="150700", to_store="NW-1"))  # below who asks


def test_an_order_sends_nothing_to_who_did_not_ask(node: Node) -> None:
    node.done(f"{API}/requests/SR-2/assessment", OFF)
    node.done(f"{API}/allocations", APP, allocation="AC-1", request="SR-2", store="WH-MD", items={"TENT": 5})
    order = {"shipment": "SP-1", "allocation": "AC-1"}
    assert node.refused(f"{API}/shipments", APP, **order, to_store="NW-1") == (422, "store.line")
    node.done(f"{API}/shipments", APP, **order, to_store="WH-HL")


def test_a_call_off_goes_to_a_store_of_the_own_line(node: Node) -> None:
    terms = {"agreement": "AG-1", "item": "TENT", "with": "ENT.T", "capacity_per_day": 10, "price": 300, "valid_to": "2021-12-31"}
    node.done(f"{API}/agreements", CITY_APP, **terms, owner="150700")
    node.done(f"{API}/agreements", APP, **terms | {"agreement": "AG-2"}, owner="150722")
    call = {"qty": 5, "days": 1, "to_store": "NW-1"}
    assert node.refused(f"{API}/call-offs", APP, call_off="CO-2", agreement="AG-2", **call) == (422, "store.line")
    node.done(f"{API}/call-offs", CITY_APP, call_off="CO-1", agreement="AG-1", **call)


def test_no_body_says_itself_that_a_store_is_near(node: Node) -> None:
    assert node.post(f"{API}/requests", TOWN, **asked("SR-9", to_store="NW-1"), near=True).status_code == 400
    assert node.post(f"{API}/stock/issues", KEEPER, store="WH-MD", item="TENT", qty=1, cause="c", placed=True).status_code == 400


def test_what_people_get_is_counted_where_they_are(node: Node) -> None:
    issue = {"store": "WH-MD", "item": "TENT", "qty": 1, "cause": "c"}
    assert node.refused(f"{API}/stock/issues", KEEPER, **issue, to="people", place="150722") == (422, "stock.elsewhere")
    assert node.refused(f"{API}/stock/issues", KEEPER, **issue, place="999999") == (422, "stock.place")
    node.done(f"{API}/stock/issues", KEEPER, **issue, place="150722")
    given: dict[str, Any] = {"distribution": "DI-1", "store": "WH-MD", "people": 4, "items": {"TENT": 1}}
    assert node.refused(f"{API}/distributions", KEEPER, **given, place="999999") == (422, "stock.place")
    turn = {"place": "150722", "households": ["H-1", "H-1"], "period": "2021-07"}
    assert node.refused(f"{API}/distributions", KEEPER, **given, **turn) == (422, "distribution.household")
    node.done(f"{API}/households", TOWN, household="H-1", village="150722", persons=4)
    node.done(f"{API}/distributions", KEEPER, **given, **turn)
    [shown] = node.get(f"{API}/distributions", OFF)["items"]
    assert shown["households"] == 1
