"""The story's request over HTTP: who may, what is filled in by the edge, what the tree, the lists and the proposal show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.resources.node import Node, running
from tests.resources.requests.world import ASKED, LOTS
from tests.support import Post

TOWN = Post("T.XW", "L4.office", "150722106")
OFF, APP = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver")
CITY_OFF, CITY_APP = Post("C.OFF", "EMD.officer", "150700"), Post("C.APP", "EMD.approver", "150700")
NEXT_APP, ELSEWHERE = Post("A.APP", "EMD.approver", "150721"), Post("Z.OFF", "EMD.officer", "150783")
REGION_APP, KEEPER = Post("R.APP", "EMD.approver", "150000"), Post("W.MD1", "WHK")
STORES = {  # store -> owner, place, keeper
    "WH-MD": ("150722", "150722100", "W.MD1"),
    "FP-XW": ("150722", "150722106", "W.FP"),
    "WH-HL": ("150700", "150702", "W.HL"),
    "WH-AR": ("150721", "150721", "W.AR"),
    "WH-RG": ("150000", "150100", "W.RG"),
}
CODES = {"TENT": "1999901", "BED": "1999902", "QUILT": "1999903", "WATER": "1999904", "FOOD": "1999905"}
FIRST = {"TENT": 120, "BED": 300, "QUILT": 500, "WATER": 3600, "FOOD": 900}
API = "resources"


def furnished(node: Node) -> None:
    """The story's incident, catalogue, stores and opening stock."""
    towns = [{"code": code, "zh": code, "en": code, "level": 4, "parent": "150722"} for code in ("150722100", "150722106")]
    node.done("registry/divisions/150000/units", Post("LOADER", "EMD.officer", "150000"), units=towns)
    node.done("alerts/incidents", Post("B.DUTY", "EMD.duty"), incident="INC-1", type="NAT.DAM", division="150722", known_at=node.at)
    for item, code in CODES.items():
        node.done(f"{API}/items", REGION_APP, item=item, code=code, unit="piece", zh=item)
    for store, (owner, place, keeper) in STORES.items():
        kind = {"kind": "forward_point", "parent": "WH-MD"} if store == "FP-XW" else {}
        officer = Post("OFF", "EMD.officer", owner)
        node.done(f"{API}/warehouses", officer, store=store, owner=owner, place=place, custodian=keeper, positions=["A-01"], **kind)
    for store, lot, item, qty, expires in LOTS:
        said = {"store": store, "lot": lot, "item": item, "qty": qty, "expires": expires, "source": "opening", "cause": "opening"}
        node.done(f"{API}/stock/receipts", Post(STORES[store][2], "WHK", STORES[store][0]), **said)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(tmp_path_factory.mktemp("node")) as made:
        furnished(made)
        where = {"place": "150722106", "receiver": "W.FP", "to_store": "FP-XW", "incident": "INC-1", "people": 1200}
        made.done(f"{API}/requests", TOWN, request="SR-1", items=ASKED, needed_by="2021-07-19T08:00:00+08:00", **where)
        made.done(f"{API}/requests/SR-1/assessment", OFF, vulnerable={"elderly": "test"})
        made.done(f"{API}/allocations", APP, allocation="AC-MD", request="SR-1", store="WH-MD", items=FIRST)
        made.done(f"{API}/requests/SR-1/forwarding", OFF, to="150700")
        yield made


def test_the_edge_knows_the_line_of_the_place_and_the_own_stores(node: Node):
    submitted, *_, forwarded = (one.event for one in node.opened.host.history("resources", "request-SR-1"))
    assert submitted.line == ("150722", "150700", "150000")
    assert set(forwarded.own_stock) == {"WH-MD", "FP-XW"}
    assert forwarded.own_stock["WH-MD"]["WATER"] == 600


def test_the_tree_shows_every_line_and_every_promise(node: Node):
    shown = node.get(f"{API}/requests/SR-1", CITY_OFF)
    assert shown["remaining"] == {"TENT": 180, "BED": 900, "QUILT": 700, "WATER": 7200, "FOOD": 9900}
    assert (shown["state"], shown["forwarded_to"], shown["unmet"]) == ("assessed", ["150700"], ASKED)
    none = {"raised": 0, "approved": None, "stood": 0, "delivered": 0, "distributed": 0}
    assert shown["lines"]["TENT"] == none | {"asked": 300, "allocated": 120, "remaining": 180, "unmet": 300}
    (made,) = shown["allocations"]
    assert (made["allocation"], made["state"], made["items"]) == ("AC-MD", "made", FIRST)
    assert (made["scarcity"], made["inputs"]["TENT"]["share"]) == ("supply.scarcity@1", 120)
    assert node.get(f"{API}/allocations/AC-MD", APP)["lots"]["MD-WATER-1"] == 1800


def test_the_proposal_names_the_stores_nearest_first_and_decides_nothing(node: Node):
    shown = node.get(f"{API}/planning/allocation", CITY_OFF, request="SR-1")
    assert (shown["proposed_stores"], shown["decides"]) == (["WH-HL", "WH-AR", "WH-RG"], False)
    assert [one["ask"] for one in shown["stores"]] == ["nothing", "neighbour", "forward"]
    assert shown["stores"][0]["items"]["WATER"] == {"HL-WATER-1": 3000, "HL-WATER-2": 3000}
    assert shown["stores"][2]["items"]["TENT"] == {"RG-TENT-1": 10}
    assert shown["unmet"] == {"FOOD": 2500}
    assert node.types("request-SR-1")[-1] == "resources.supply_request.forwarded.v1"


def test_a_division_nobody_knows_is_neither_asked_nor_counted_for(node: Node):
    asked = node.post(f"{API}/requests/SR-1/neighbours", CITY_OFF, to="999999", reason="near")
    assert (asked.status_code, asked.json()["rule"]) == (422, "supply.neighbour") and "999999 is no division" in asked.json()["cure"]
    got = node.ask("GET", f"{API}/planning/needs", OFF, params={"people": 3, "division": "999999"})
    assert got.status_code == 404 and "999999 is no division" in got.json()["cure"]


def test_only_the_own_line_and_who_was_asked_see_it(node: Node):
    for who in (NEXT_APP, ELSEWHERE):
        assert node.ask("GET", f"{API}/requests/SR-1", who).status_code == 404
        assert node.get(f"{API}/requests", who)["items"] == []
    order = {"allocation": "AC-AR", "request": "SR-1", "store": "WH-AR", "items": {"TENT": 60}}
    assert node.refused(f"{API}/allocations", CITY_APP, **order) == (403, "matrix.3.27")
    assert node.refused(f"{API}/allocations", NEXT_APP, **order) == (403, "matrix.3.27")
    node.done(f"{API}/allocations", CITY_APP, allocation="AC-HL", request="SR-1", store="WH-HL", items={"TENT": 80})
    node.done(f"{API}/requests/SR-1/neighbours", CITY_OFF, to="150721")
    assert node.get(f"{API}/requests/SR-1", NEXT_APP)["remaining"]["TENT"] == 100
    node.done(f"{API}/allocations", NEXT_APP, **order)
    assert node.ask("GET", f"{API}/requests/SR-1", ELSEWHERE).status_code == 404
    assert node.refused(f"{API}/requests/SR-1/cancellation", ELSEWHERE, reason="x") == (403, "matrix.3.27")
    assert node.refused(f"{API}/allocations", KEEPER, **order | {"allocation": "AC-9"}) == (403, "matrix.3.27")


def test_the_last_level_finds_the_shortage(node: Node):
    node.done(f"{API}/requests/SR-1/forwarding", CITY_OFF, to="150000")
    node.done(f"{API}/requests/SR-1/oral-approval", REGION_APP, channel="duty phone")
    node.done(f"{API}/allocations", REGION_APP, allocation="AC-RG", request="SR-1", store="WH-RG", items={"TENT": 40})
    assert node.types("request-SR-1")[-1] == "resources.supply_request.shortage_found.v1"
    assert node.get(f"{API}/requests/SR-1", TOWN)["shortage_found"]


def test_lists_are_by_incident_store_state_and_deadline(node: Node):
    def listed(**asked: object) -> list[str]:
        return [one["request"] for one in node.get(f"{API}/requests", OFF, **asked)["items"]]

    assert listed() == listed(open=True, incident="INC-1", store="FP-XW") == ["SR-1"]
    assert listed(open=False) == listed(incident="INC-9") == listed(store="WH-MD") == listed(overdue=True) == []
    node.at = "2021-07-20T17:00:00+08:00"
    (late,) = node.get(f"{API}/requests", OFF, overdue=True)["items"]
    assert set(late["overdue"]) == {"K-24", "needed_by"}
    assert node.types("allocation-AC-MD")[-1] == "resources.allocation.cancelled.v1"  # nobody dispatched it in a day
    node.done(f"{API}/requests/SR-1/paper", REGION_APP, document="D-1")
    assert listed(overdue=True) == ["SR-1"]
    node.done(f"{API}/requests/SR-1/cancellation", OFF, reason="people went home")
    assert listed(overdue=True) == listed(open=True) == []


def test_who_else_asked_the_same_authority_is_weighed_unasked(node: Node):
    said = {"place": "150722106", "receiver": "W.FP", "to_store": "FP-XW", "incident": "INC-1", "people": 100, "items": {"TENT": 100}}
    for request in ("SR-2", "SR-3"):
        node.done(f"{API}/requests", TOWN, request=request, needed_by="2021-07-22T08:00:00+08:00", **said)
        node.done(f"{API}/requests/{request}/assessment", OFF, vulnerable={"elderly": "test"})
    more = {"allocation": "AC-2", "request": "SR-2", "store": "WH-MD"}
    assert node.refused(f"{API}/allocations", APP, items={"TENT": 61}, **more) == (422, "supply.scarcity")  # of 120 there are
    node.done(f"{API}/allocations", APP, items={"TENT": 60}, **more)
    assert [one["request"] for one in node.get(f"{API}/allocations/AC-2", APP)["inputs"]["TENT"]["claims"]] == ["SR-2", "SR-3"]


def test_the_proposal_offers_what_the_catalogue_lets_stand_in_and_a_person_decides(node: Node):
    names = {"code": CODES["BED"], "unit": "piece", "zh": "BED", "substitutes": ["QUILT", "FOOD"]}
    node.done(f"{API}/items", REGION_APP, item="BED", conversions={"QUILT": {"units": 2, "stand_for": 1}}, **names)
    assert node.get(f"{API}/items/BED", OFF)["conversions"] == {"QUILT": {"units": 2, "stand_for": 1}}
    where = {"place": "150722106", "receiver": "W.FP", "to_store": "FP-XW", "incident": "INC-1", "people": 900}
    said = {"items": {"BED": 2950}, "needed_by": "2021-07-21T08:00:00+08:00", "priority": "life"}
    node.done(f"{API}/requests", TOWN, request="SR-4", **said, **where)
    node.done(f"{API}/requests/SR-4/assessment", OFF, vulnerable={"elderly": "test"})
    shown = node.get(f"{API}/planning/allocation", OFF, request="SR-4")
    assert shown["unmet"] == {"BED": 50} and "QUILT" not in str(shown["stores"])
    (first,) = shown["substitutes"]
    assert (first["item"], first["substitute"], first["qty"], first["covers"]) == ("BED", "QUILT", 100, 50)
    assert first["stores"][0]["items"] == {"QUILT": {"MD-QUILT-1": 100}} and shown["unconverted"] == []
    order = {"allocation": "AC-4", "request": "SR-4", "store": "WH-MD", "items": {"QUILT": 100}, "substitutes": {"QUILT": "BED"}}
    assert node.refused(f"{API}/allocations", APP, **order) == (422, "supply.substitute")
    node.done(f"{API}/allocations", APP, reason="no bed left anywhere", **order)
    stood = {"QUILT": {"item": "BED", "units": 2, "stand_for": 1}}
    assert node.get(f"{API}/allocations/AC-4", APP)["substitutes"] == stood
    told = node.get(f"{API}/requests/SR-4", OFF)
    assert told["substitutes"] == stood and told["lines"]["BED"]["stood"] == 50 and told["remaining"]["BED"] == 2900
    assert node.get(f"{API}/planning/allocation", OFF, request="SR-4")["unmet"] == {}
