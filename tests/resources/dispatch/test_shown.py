"""The city's shipment over HTTP: who may, who sees it, what is shown, what policies and clocks add."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.resources.node import Node, running
from tests.resources.requests.test_shown import API, APP, CITY_APP, CITY_OFF, KEEPER, OFF, REGION_APP, TOWN, furnished
from tests.support import Post

POINT, CITY_KEEPER, NEXT_KEEPER = Post("W.FP", "WHK"), Post("W.HL", "WHK", "150700"), Post("W.AR", "WHK", "150721")
TRANSPORT = Post("R.TRN", "TRN", "150000")
OTHER_CITY = Post("T.OFF", "EMD.officer", "150500")
CITY_TRANSPORT, CITIZEN = Post("C.TRN", "TRN", "150700"), Post("CIT.1", "CIT")
VILLAGE, NEXT_APP = Post("G.COM", "L5.committee", "150722106"), Post("A.APP", "EMD.approver", "150721")
ITEMS = {"QUILT": 400, "WATER": 3000, "FOOD": 3000}
SHIP = f"{API}/shipments"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(tmp_path_factory.mktemp("node")) as made:
        furnished(made)
        where = {"place": "150722106", "receiver": "W.FP", "to_store": "FP-XW", "incident": "INC-1", "people": 1200}
        made.done(f"{API}/requests", TOWN, request="SR-1", items=ITEMS, needed_by="2021-07-19T08:00:00+08:00", **where)
        made.done(f"{API}/requests/SR-1/assessment", OFF, vulnerable={"elderly": "test"})
        made.done(f"{API}/requests/SR-1/forwarding", OFF, to="150700", reason="kept for the dam")
        made.done(f"{API}/allocations", CITY_APP, allocation="AC-HL", request="SR-1", store="WH-HL", items=ITEMS)
        made.done(f"{API}/vehicles/TRUCK-2", CITY_OFF, plate="TEST-2", owner="150700")
        yield made


def test_only_the_owners_approver_orders_and_only_keepers_of_the_store_pick(node: Node):
    order = {"shipment": "SP-2", "allocation": "AC-HL", "vehicle": "TRUCK-2", "to_store": "FP-XW", "receiver": "W.FP"}
    for who in (APP, NEXT_APP, CITY_OFF, CITY_KEEPER):
        assert node.refused(SHIP, who, **order) == (403, "matrix.3.27")
    made = node.done(SHIP, CITY_APP, **order)
    assert made["events"] == ["resources.shipment.ordered.v1"]
    for who in (KEEPER, NEXT_KEEPER, CITY_OFF, CITIZEN):
        assert node.refused(f"{SHIP}/SP-2/pick", who)[0] == 403
    node.done(f"{SHIP}/SP-2/pick", CITY_KEEPER)
    shown = node.get(f"{SHIP}/SP-2", CITY_KEEPER)
    assert shown["state"] == "Picked"
    assert [act["type"].split(".")[-2] for act in shown["acts"]] == ["ordered", "picked"]
    assert shown["pick_list"][""] == {"HL-QUILT-1": 400, "HL-WATER-1": 3000, "HL-FOOD-1": 3000}


def test_the_load_is_one_commit_and_the_region_issues_the_pass(node: Node):
    loaded = node.done(f"{SHIP}/SP-2/load", CITY_KEEPER)
    assert loaded["events"] == ["resources.shipment.loaded.v1"] + ["resources.stock.issued.v1"] * 3
    assert node.refused(f"{SHIP}/SP-2/pass", CITY_TRANSPORT, route="G111") == (403, "HWY-7")
    node.done(f"{SHIP}/SP-2/pass", TRANSPORT, route="G111, toll free")
    node.done(f"{SHIP}/SP-2/departure", CITY_KEEPER)
    for way in ("reroute", "return"):
        for who in (POINT, APP, NEXT_KEEPER, CITIZEN):
            assert node.refused(f"{SHIP}/SP-2/{way}", who, reason="x") == (403, "matrix.3.27")
    node.done(f"{SHIP}/SP-2/reroute", CITY_KEEPER, reason="G111 cut", via="detour")
    node.done(f"{SHIP}/SP-2/positions", CITY_KEEPER, lat=48.5, lon=124.5)
    shown = node.get(f"{SHIP}/SP-2", POINT)
    assert (shown["state"], shown["via"], shown["route"], shown["overdue"]) == ("Rerouted", "detour", "G111, toll free", False)
    assert shown["loaded"] == 6400


def test_both_ends_see_what_is_under_way_and_nobody_else(node: Node):
    for who in (POINT, CITY_KEEPER, REGION_APP, TOWN):
        assert [one["shipment"] for one in node.get(SHIP, who, to_store="FP-XW")["items"]] == ["SP-2"], who
    assert node.get(SHIP, OTHER_CITY)["items"] == []
    assert node.ask("GET", f"{SHIP}/SP-2", OTHER_CITY).status_code == 404
    assert node.ask("GET", SHIP, CITIZEN).status_code == 403
    assert node.get(f"{API}/in-transit/FP-XW", POINT)["to"] == {"items": ITEMS, "shipments": ["SP-2"]}
    assert node.get(f"{API}/vehicles", CITY_OFF)["items"][0]["shipment"] == "SP-2"
    assert node.get(f"{API}/vehicles", CITY_OFF, free=True)["items"] == []
    assert node.get(f"{API}/vehicles", OTHER_CITY)["items"] == []


def test_an_overdue_shipment_raises_one_alarm(node: Node):
    node.at = "2021-07-21T08:00:00+08:00"
    assert [one["shipment"] for one in node.get(SHIP, POINT, overdue=True)["items"]] == ["SP-2"]
    tasks = node.get(f"{API}/tasks", CITY_OFF, done=False)["items"]
    assert [one["task"] for one in tasks] == ["overdue-arrival-SP-2"]
    assert node.get(f"{API}/tasks", CITY_OFF, mine=True)["items"] == tasks
    assert node.get(f"{API}/tasks", OTHER_CITY)["items"] == []
    node.done(f"{SHIP}/SP-2/arrival", POINT)
    assert node.get(f"{API}/tasks", CITY_OFF, done=False)["items"] == []
    assert node.get(f"{API}/vehicles", CITY_OFF, free=True)["items"][0]["vehicle"] == "TRUCK-2"


def test_the_named_receiver_counts_and_the_sender_sees_the_difference(node: Node):
    counts = {"short": {"HL-QUILT-1": 4, "HL-FOOD-1": 50}, "damaged": {"HL-WATER-1": 60}}
    assert node.refused(f"{SHIP}/SP-2/receipt", NEXT_KEEPER) == (403, "receiver.named")
    assert node.refused(f"{SHIP}/SP-2/receipt", KEEPER) == (403, "receiver.named")
    assert node.refused(f"{SHIP}/SP-2/receipt", POINT, **counts, received={"HL-QUILT-1": 400}) == (422, "receipt.balance")
    for no_count in (0.5, True, "12"):
        assert node.post(f"{SHIP}/SP-2/receipt", POINT, short={"HL-QUILT-1": no_count}).status_code == 400
    made = node.done(f"{SHIP}/SP-2/receipt", POINT, result="short", **counts)
    received = ["resources.stock.received.v1"] * 3
    assert made["events"] == ["resources.shipment.received.v1", *received, "resources.shipment.discrepancy_found.v1"]
    shown = node.get(f"{SHIP}/SP-2", CITY_KEEPER)
    assert (shown["state"], shown["short"], shown["damaged"], shown["over"]) == ("Received short", 54, 60, False)
    assert node.get(f"{API}/in-transit/FP-XW", POINT)["to"]["items"] == {"QUILT": 4, "FOOD": 50}
    assert [one["task"] for one in node.get(f"{API}/tasks", CITY_OFF, done=False)["items"]] == ["discrepancy-SP-2"]


def test_what_was_short_is_accounted_for_by_the_owners_approver(node: Node):
    parts = {"not_loaded": {"HL-FOOD-1": 50}, "lost": {"HL-QUILT-1": 4}, "counted_by": "W.HL", "approver": "C.APP"}
    assert node.refused(f"{SHIP}/SP-2/resolution", APP, **parts)[0] == 403
    assert node.refused(f"{SHIP}/SP-2/resolution", CITY_APP, **parts | {"counted_by": "NO.SUCH"}) == (403, "two.persons")
    made = node.ask("POST", f"{SHIP}/SP-2/resolution", CITY_APP, beside=CITY_KEEPER, json=parts).json()
    node.opened.host.settle()
    assert made["events"] == ["resources.stock.returned.v1", "resources.stock.lost.v1", "resources.shipment.reconciled.v1"]
    assert node.get(f"{SHIP}/SP-2", CITY_KEEPER)["state"] == "Reconciled"
    assert node.get(f"{API}/in-transit/FP-XW", POINT)["to"]["items"] == {}
    assert node.get(f"{API}/tasks", CITY_OFF, done=False)["items"] == []
    assert node.get(f"{API}/stock/WH-HL", CITY_KEEPER)["HL-FOOD-1"]["available"] == 50


def test_what_is_handed_out_is_shown_by_headcount_and_lots(node: Node):
    out = {"distribution": "DI-1", "store": "FP-XW", "people": 480, "items": {"QUILT": 300}}
    for who in (NEXT_KEEPER, CITY_KEEPER, CITIZEN):
        assert node.refused(f"{API}/distributions", who, **out) == (403, "matrix.3.27")
    elsewhere = Post("G.COM2", "L5.committee", "150722100")  # under the same owner, and the point does not stand there
    assert node.refused(f"{API}/distributions", elsewhere, **out) == (403, "matrix.3.27")
    made = node.done(f"{API}/distributions", VILLAGE, **out | {"distribution": "DI-2"})
    assert (made["events"], made["lots"]) == (["resources.supplies.distributed.v1"], {"HL-QUILT-1": 300})
    shown = node.get(f"{API}/distributions", POINT, store="FP-XW")["items"][0]
    assert (shown["people"], shown["items"], shown["requests"]) == (480, {"QUILT": 300}, {"SR-1": {"QUILT": 300}})
    node.done(f"{API}/distributions/DI-2/reversal", OFF, reason="a wrong number")
    assert node.get(f"{API}/distributions", POINT, store="FP-XW")["items"][0]["reversed"]
