"""What the proposal says, decided as it stands, is accepted: one rule, the same rivals, the same lots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.resources.node import Node, running
from tests.resources.requests.test_shown import API, APP, CITY_APP, KEEPER, OFF, TOWN, furnished

NEEDED = "2021-07-22T08:00:00+08:00"
FEW = [  # lots without a date, in the order in which they came
    {"lot": "Z-1", "qty": 10},
    {"lot": "M-1", "qty": 4},
    {"lot": "A-1", "qty": 2, "intent": "150722"},
    {"lot": "B-1", "qty": 3, "intent": "150700"},
]


@pytest.fixture
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(tmp_path_factory.mktemp("node")) as made:
        furnished(made)
        received(made, "WH-2", "SECOND-TENT", 4)
        yield made


def received(node: Node, store: str, lot: str, qty: int, item: str = "TENT", **more: Any) -> None:
    if store == "WH-2" and node.ask("GET", f"{API}/stores/WH-2", OFF).status_code != 200:
        node.done(f"{API}/warehouses", OFF, store="WH-2", owner="150722", place="150722", custodian=KEEPER.actor)
    said = {"store": store, "lot": lot, "item": item, "qty": qty, "source": "opening", "cause": "opening"}
    node.done(f"{API}/stock/receipts", KEEPER, **said, **more)


def asked(node: Node, request: str, items: dict[str, int], **more: Any) -> None:
    where = {"place": "150722106", "receiver": "W.FP", "to_store": "FP-XW", "incident": "INC-1", "people": 100}
    node.done(f"{API}/requests", TOWN, request=request, items=items, needed_by=NEEDED, **where | more)
    node.done(f"{API}/requests/{request}/assessment", OFF, vulnerable={"elderly": "test"})


def proposed(node: Node, request: str) -> dict[str, dict[str, dict[str, int]]]:
    """Store -> item -> lot -> quantity, of the stores of the own level."""
    shown = node.get(f"{API}/planning/allocation", OFF, request=request)
    return {one["store"]: one["items"] for one in shown["stores"] if one["ask"] == "nothing"}


@pytest.mark.parametrize("way", ["lots", "items", "stores"])
def test_what_two_requests_share_is_shared_alike(node: Node, way: str):
    for request in ("RC-21", "RC-22"):
        asked(node, request, {"TENT": 100})
    plan = proposed(node, "RC-21")
    assert plan == {"WH-MD": {"TENT": {"MD-TENT-1": 60}}, "WH-2": {"TENT": {"SECOND-TENT": 2}}}
    for n, (store, items) in enumerate(plan.items() if way != "stores" else ()):
        lots = {lot: qty for taken in items.values() for lot, qty in taken.items()}
        said = {"lots": lots} if way == "lots" else {"items": {item: sum(taken.values()) for item, taken in items.items()}}
        made = node.done(f"{API}/allocations", APP, allocation=f"AL-{n}", request="RC-21", store=store, **said)
        assert made["lots"] == lots
    if way == "stores":
        stores = {store: {item: sum(taken.values()) for item, taken in items.items()} for store, items in plan.items()}
        node.done(f"{API}/allocations", APP, allocation="AL-9", request="RC-21", stores=stores)
    assert node.get(f"{API}/requests/RC-21", OFF)["remaining"] == {"TENT": 38}


def test_the_proposal_takes_the_lots_the_decision_takes(node: Node):
    for one in FEW:
        received(node, "WH-2", item="BED", **one)
    asked(node, "RQ-2", {"BED": 15}, people=10)
    lots = node.done(f"{API}/allocations", APP, allocation="AL-1", request="RQ-2", store="WH-2", items={"BED": 15}, reason="near")["lots"]
    node.done(f"{API}/allocations/AL-1/cancellation", APP, reason="once more")
    assert lots == {"Z-1": 10, "M-1": 4, "A-1": 1}
    assert node.done(f"{API}/stock/issues", KEEPER, store="WH-2", lots={"Z-1": 10}, to="site", cause="dike", reason="all of it")
    received(node, "WH-2", "Z-1", 10, "BED")  # it comes again, after the others
    for store, items in proposed(node, "RQ-2").items():
        taken = items["BED"]
        said = {"allocation": f"AL-2-{store}", "request": "RQ-2", "store": store}
        made = node.done(f"{API}/allocations", APP, **said, items={"BED": sum(taken.values())})
        assert made["lots"] == taken


def test_what_is_over_by_the_day_it_is_needed_is_neither_proposed_nor_chosen(node: Node):
    asked(node, "RQ-3", {"WATER": 100})  # MD-WATER-1 is good until two days before
    assert proposed(node, "RQ-3") == {"WH-MD": {"WATER": {"MD-WATER-2": 100}}}
    said = {"request": "RQ-3", "store": "WH-MD"}
    early = {"allocation": "AL-1", "lots": {"MD-WATER-1": 10}}
    assert node.refused(f"{API}/allocations", APP, **said, **early) == (422, "stock.expired")
    node.done(f"{API}/allocations", APP, **said, **early, reason="drunk on the way there")
    made = node.done(f"{API}/allocations", APP, allocation="AL-2", **said, items={"WATER": 90})
    assert made["lots"] == {"MD-WATER-2": 90}


def test_only_who_asked_the_same_authority_is_weighed(node: Node):
    for request in ("RC-1", "RC-2"):
        asked(node, request, {"TENT": 300})
    node.done(f"{API}/requests/RC-1/forwarding", OFF, to="150700", reason="more is needed than there is")
    shown = node.get(f"{API}/planning/allocation", CITY_APP, request="RC-1")
    plan = {one["store"]: one["items"]["TENT"] for one in shown["stores"]}
    assert plan["WH-HL"] == {"HL-TENT-1": 80}  # the other did not ask the city
    node.done(f"{API}/allocations", CITY_APP, allocation="AL-1", request="RC-1", store="WH-HL", lots=plan["WH-HL"], reason="winter")
