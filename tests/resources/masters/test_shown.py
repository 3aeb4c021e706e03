"""Masters and availability through HTTP: who may, who sees what, and that everything agrees with what happened."""

from __future__ import annotations

import pytest

from tests.resources.node import running
from tests.support import Post

OFF, APP, KEEPER = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("W.MD1", "WHK")
CITY_OFF, CITY_KEEPER = Post("C.OFF", "EMD.officer", "150700"), Post("W.HL", "WHK", "150700")
NEXT_OFF, REGION, VOLUNTEER = Post("A.OFF", "EMD.officer", "150721"), Post("R.APP", "EMD.approver", "150000"), Post("V-A", "VOL")
BASE = "resources"
ITEMS = {
    "TENT": ("1999901", "帐篷", "tent", "piece", True),
    "BED": ("1999902", "折叠床", "folding bed", "piece", True),
    "QUILT": ("1999903", "棉被", "quilt", "piece", False),
    "WATER": ("1999904", "饮用水", "drinking water", "litre", False),
    "FOOD": ("1999905", "方便食品", "ready food", "meal", False),
    "SAND": ("3999901", "沙袋", "sandbag", "piece", False),
}


def receive(node, who, store, item, lot, qty, **more):
    said = {"store": store, "item": item, "lot": lot, "qty": qty, "source": "opening", "cause": "books"}
    return node.done(f"{BASE}/stock/receipts", who, **said | more)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with running(tmp_path_factory.mktemp("masters") / "data") as node:
        for item, (code, zh, en, unit, reusable) in ITEMS.items():
            said = {"item": item, "code": code, "zh": zh, "en": en, "unit": unit, "reusable": reusable}
            more = {"packs": {"carton": 12}, "synonyms": ["矿泉水"], "thresholds": [{"level": None, "low": 500}]} if item == "WATER" else {}
            node.done(f"{BASE}/items", OFF, **said | more)
        store = {"owner": "150722", "place": "150722", "custodian": "W.MD1", "positions": ["A-01"]}
        node.done(f"{BASE}/warehouses", OFF, store="WH-MD", **store)
        node.done(f"{BASE}/warehouses", OFF, store="FP-XW", **store | {"kind": "forward_point", "parent": "WH-MD", "place": "150722"})
        city = {"owner": "150700", "place": "150702", "custodian": "W.HL", "contact": "C.DUTY"}
        node.done(f"{BASE}/warehouses", CITY_OFF, store="WH-HL", **city)
        node.done(f"{BASE}/warehouses", NEXT_OFF, store="WH-AR", owner="150721", place="150721", custodian="W.AR")
        receive(node, KEEPER, "WH-MD", "WATER", "MD-WATER-1", 480, expires="2021-08-01")
        receive(node, KEEPER, "WH-MD", "WATER", "MD-WATER-2", 10, damaged=5)
        receive(node, KEEPER, "WH-MD", "TENT", "HL-TENT-9", 30, owner="150700")
        receive(node, CITY_KEEPER, "WH-HL", "TENT", "HL-TENT-1", 80)
        yield node


def named(body):
    return [one["item"] for one in body["items"]]


@pytest.mark.parametrize("search", ["饮用", "DRINKING", "矿泉", "1999904", "wat"])
def test_an_item_is_found_by_any_of_its_names_and_its_code(node, search):
    assert named(node.get(f"{BASE}/items", VOLUNTEER, search=search)) == ["WATER"]


def test_a_sign_of_the_search_is_no_pattern(node):
    assert named(node.get(f"{BASE}/items", VOLUNTEER, search="%")) == []
    assert named(node.get(f"{BASE}/items", VOLUNTEER, search="_")) == []


def test_the_catalogue_is_read_in_pages(node):
    first = node.get(f"{BASE}/items", OFF, limit=4)
    rest = node.get(f"{BASE}/items", OFF, limit=4, before=first["next"])
    assert sorted(named(first) + named(rest)) == sorted(ITEMS)
    assert rest["next"] is None


def test_an_item_says_how_a_quantity_is_packed(node):
    body = node.get(f"{BASE}/items/WATER", OFF, qty=130)
    assert (body["unit"], body["version"], body["packed"]) == ("litre", 1, {"carton": 10, "litre": 10})
    assert node.ask("GET", f"{BASE}/items/NONE", OFF).status_code == 404


def test_the_level_of_a_store_comes_from_the_division_tree(node):
    body = node.get(f"{BASE}/warehouses/WH-HL", CITY_OFF)
    assert (body["level"], body["owner"], body["contact"], body["status"]) == (2, "150700", "C.DUTY", "in_service")
    shown = node.get(f"{BASE}/warehouses/WH-MD", OFF)
    assert (shown["level"], shown["bins"]) == (3, ["A-01"])
    assert "150000.resources" in shown["positions"]  # of the logs, as in every answer


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({"place": "999999"}, (422, "store.place")),
        ({"owner": "999999"}, (403, "matrix.3.27")),
        ({"owner": "150721"}, (403, "matrix.3.27")),
        ({"capacity": {"TENT": -1}}, (400, "store.capacity")),
        ({"capacity": {"TENT": 1.5}}, (400, None)),
        ({"level": 1}, (400, None)),
    ],
)
def test_a_store_is_not_registered_with_this(node, changed, answer):
    said = {"store": "WH-X", "owner": "150722", "place": "150722", "custodian": "W.MD1"}
    status, rule = node.refused(f"{BASE}/warehouses", OFF, **said | changed)
    assert status == answer[0]
    assert answer[1] is None or rule == answer[1]


@pytest.mark.parametrize(
    ("path", "who", "body"),
    [
        ("items", KEEPER, {"item": "X"}),
        ("items", CITY_KEEPER, {"item": "WATER"}),
        ("items/WATER/retirement", NEXT_OFF, {"reason": "x"}),
        ("warehouses", KEEPER, {"store": "WH-X", "owner": "150722"}),
        ("warehouses/WH-MD/closing", OFF, {}),
        ("warehouses/WH-MD/closing", CITY_OFF, {}),
        ("warehouses/WH-MD/restriction", CITY_KEEPER, {"reason": "x"}),
        ("warehouses/WH-MD/reopening", KEEPER, {}),
        ("norms", KEEPER, {"item": "WATER", "division": "150722", "minimum": 1, "source": "plan"}),
        ("norms", OFF, {"item": "WATER", "store": "WH-HL", "minimum": 1, "source": "plan"}),
        ("norms", REGION, {"item": "WATER", "division": "150722", "minimum": 1, "source": "plan"}),
    ],
)
def test_who_may_not_keep_the_masters(node, path, who, body):
    assert node.refused(f"{BASE}/{path}", who, **body)[0] == 403


def test_stores_are_seen_by_their_own_line(node):
    stores = {who.actor: {one["store"] for one in node.get(f"{BASE}/warehouses", who)["items"]} for who in (OFF, CITY_OFF, NEXT_OFF)}
    assert "WH-AR" not in stores["B.OFF"] and "WH-MD" not in stores["A.OFF"]
    assert {"WH-MD", "FP-XW", "WH-HL", "WH-AR"} <= stores["C.OFF"]
    assert node.ask("GET", f"{BASE}/warehouses/WH-AR", OFF).status_code == 404
    assert node.ask("GET", f"{BASE}/warehouses", VOLUNTEER).status_code == 403


def test_what_people_want_is_counted_by_the_default_where_no_norm_is_set(node):
    body = node.get(f"{BASE}/planning/needs", CITY_OFF, people=1200, days=3)
    found = {item: body[item] for item in ITEMS if item in body}
    assert found == {"TENT": 300, "BED": 1200, "QUILT": 1200, "WATER": 10800, "FOOD": 10800}
    assert set(body["norms"].values()) == {"need.norms"}


def test_the_nearest_norm_up_the_tree_counts(node):
    norm = {"item": "SAND", "per": "people", "source": "plan 1"}
    node.done(f"{BASE}/norms", CITY_OFF, division="150700", divide_up=10, **norm)
    node.done(f"{BASE}/norms", APP, division="150722", times=2, **norm)
    ask = {"people": 15, "days": 1}
    assert [node.get(f"{BASE}/planning/needs", who, **ask)["SAND"] for who in (OFF, NEXT_OFF, CITY_OFF)] == [30, 2, 2]
    assert node.get(f"{BASE}/planning/needs", OFF, **ask)["norms"]["SAND"] == "150722"


def cell(node, store, item, who=CITY_OFF):
    return next(one for one in node.get(f"{BASE}/availability", who)["items"] if (one["store"], one["item"]) == (store, item))


def test_a_cell_says_what_there_is_and_when_the_first_of_it_expires(node):
    found = {"on_hand": 495, "held": 0, "available": 490, "quarantined": 5, "incoming": 0, "expires": "2021-08-01"}
    assert cell(node, "WH-MD", "WATER") == {"item": "WATER", "store": "WH-MD", **found}


def test_cells_come_in_pages_and_all_at_once(node):
    pages, after = [], None
    while True:
        body = node.get(f"{BASE}/availability", CITY_OFF, limit=1, **({"after": after} if after else {}))
        pages += body["items"]
        if (after := body["next"]) is None:
            break
    whole = node.get(f"{BASE}/availability/matrix", CITY_OFF)
    assert [dict(zip(whole["columns"], one, strict=True)) for one in whole["cells"]] == pages
    assert [(one["item"], one["store"]) for one in pages] == [("TENT", "WH-HL"), ("TENT", "WH-MD"), ("WATER", "WH-MD")]
    assert node.ask("GET", f"{BASE}/availability", CITY_OFF, params={"after": "nonsense"}).status_code == 400


@pytest.mark.parametrize(
    ("asked", "cells"),
    [
        ({"item": "TENT"}, 2),
        ({"store": "WH-HL"}, 1),
        ({"division": "150722"}, 2),
        ({"division": "150702"}, 1),
        ({"expiring": 13}, 0),
        ({"expiring": 14}, 1),
    ],
)
def test_cells_are_chosen_by_item_store_division_and_date(node, asked, cells):
    assert len(node.get(f"{BASE}/availability", CITY_OFF, **asked)["items"]) == cells


def test_a_neighbour_sees_no_cell(node):
    assert {one["store"] for one in node.get(f"{BASE}/availability", NEXT_OFF)["items"]} == {"WH-HL"}  # of the city above
    assert {one[1] for one in node.get(f"{BASE}/availability/matrix", NEXT_OFF)["cells"]} == {"WH-HL"}


def test_callable_supply_has_four_titles_and_lead_times(node):
    thing = {"item": "TENT", "name": "party tent", "owner": "OW-1", "place": "150722", "quantity": 4}
    node.done(f"{BASE}/requisitionable-property/PR-1", OFF, **thing)
    body = node.get(f"{BASE}/callable-supply/TENT", CITY_OFF, place="150722")
    assert [(one["store"], one["available"]) for one in body["own"]] == [("WH-HL", 80)]
    assert [(one["store"], one["owner"], one["available"]) for one in body["entrusted"]] == [("WH-MD", "150700", 30)]
    assert [(one["property"], one["quantity"]) for one in body["requisitionable"]] == [("PR-1", 4)]
    assert body["contracted"] == []
    assert body["totals"] == {"own": 80, "entrusted": 30, "contracted_per_day": 0, "requisitionable": 4}
    near, far = body["entrusted"][0]["lead_hours"], body["own"][0]["lead_hours"]
    assert 2 < near < far
    assert node.ask("GET", f"{BASE}/callable-supply/TENT", CITY_OFF, params={"place": "999999"}).status_code == 404


def notices(node, who=OFF, **asked):
    return node.get(f"{BASE}/notices", who, **asked)["items"]


def test_a_store_that_is_short_is_listed_and_was_told_of_once(node):
    (low,) = notices(node, kind="low")
    assert (low["store"], low["item"], low["amount"], low["bound"], low["unit"]) == ("WH-MD", "WATER", 490, 500, "litre")
    assert low["told_at"]
    assert node.types("notice-WH-MD.WATER").count("resources.notice.raised.v1") == 3  # low, and the lot that expires by both thresholds
    receive(node, KEEPER, "WH-MD", "WATER", "MD-WATER-2", 1)
    assert node.types("notice-WH-MD.WATER").count("resources.notice.raised.v1") == 3


def test_what_expires_is_listed_by_both_thresholds(node):
    found = {one["kind"]: one for one in notices(node, item="WATER") if one["kind"] in ("expiring", "pressing")}
    assert {kind: (one["lots"], one["bound"]) for kind, one in found.items()} == {
        "expiring": (["MD-WATER-1"], 90),
        "pressing": (["MD-WATER-1"], 30),
    }


def test_a_norm_that_is_not_kept_is_a_gap_of_its_division(node):
    node.done(f"{BASE}/norms", APP, item="FOOD", division="150722", minimum=7, source="plan 2")
    (gap,) = notices(node, kind="norm_gap")
    assert (gap["division"], gap["item"], gap["amount"], gap["bound"], gap["source"]) == ("150722", "FOOD", 0, 7, "plan 2")
    node.done(f"{BASE}/norms", APP, item="FOOD", store="WH-MD", minimum=3, source="plan 2")
    assert [(one["item"], one["amount"], one["bound"]) for one in notices(node, kind="low", item="FOOD")] == [("FOOD", 0, 3)]


def test_a_store_is_closed_when_it_is_empty(node):
    receive(node, KEEPER, "FP-XW", "SAND", "MD-SAND-1", 3)
    refused = node.post(f"{BASE}/warehouses/FP-XW/closing", APP)
    assert (refused.status_code, refused.json()["rule"]) == (422, "zero.balance")
    assert refused.json()["cure"].startswith("3 piece of SAND are still there")
    moved = {"from_store": "FP-XW", "to_store": "WH-MD", "lots": {"MD-SAND-1": 3}, "receiver": "W.MD1"}
    node.done(f"{BASE}/stock/transfers", KEEPER, **moved)
    assert node.done(f"{BASE}/warehouses/FP-XW/closing", APP)["events"] == ["resources.warehouse.closed.v1"]
    assert node.get(f"{BASE}/warehouses/FP-XW", OFF)["status"] == "closed"


def test_goods_of_another_owner_are_listed_once_they_should_be_back(node):
    assert notices(node, kind="entrusted") == []
    node.at = "2021-08-18T16:00:00+08:00"  # the clock never goes back: this is the last test
    (one,) = notices(node, kind="entrusted")
    assert (one["store"], one["owner"], one["amount"], one["lots"]) == ("WH-MD", "150700", 30, ["HL-TENT-9"])
    (gone,) = [one for one in notices(node, item="WATER") if "MD-WATER-1" in one.get("lots", ())]  # neither expiring nor pressing any more
    assert (gone["kind"], gone["lots"], gone["expires"], bool(gone["told_at"])) == ("expired", ["MD-WATER-1"], "2021-08-01", True)
