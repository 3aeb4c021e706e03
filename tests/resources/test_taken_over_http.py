"""Property taken and goods called off at a whole node: alerts opens the power, what comes back is claimed for, each sees the own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest

from tests.resources.node import Node, running
from tests.support import Post

API, CLAIMS = "resources", "compensation"
OFF, APP, FIN = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.FIN", "FIN")
HQ, ICP, AUD, KEEPER = Post("B.HQ", "HQ"), Post("B.ICP", "ICP"), Post("B.AUD", "AUD"), Post("W.FP", "WHK")
OWNER, STRANGER, FOOD, OTHER = Post("OW-1", "CIT"), Post("OW-2", "CIT"), Post("ENT.FOOD", "ENT"), Post("ENT.OTHER", "ENT")
DPO, CITY = Post("C.DPO", "DPO", "150700"), Post("C.GOV", "GOV", "150700")
OWNER_NAME, NEW_NAME, ACCOUNT = "Visibly Owner", "Plainly Owner", "6222995550001117779"
NEXT = Post("A.OFF", "EMD.officer", "150721")
BOAT = {"subject": "OW-1", "item": "boat TEST-BOAT-1", "incident": "INC-1", "value": 30000, "purpose": "requisition"}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("node")
    with running(folder) as made:
        loader = Post("LOADER", "EMD.officer", "150000")
        made.done("alerts/incidents", Post("B.DUTY", "EMD.duty"), incident="INC-1", type="NAT.DAM", division="150722", known_at=made.at)
        made.done(f"{API}/items", loader, item="FOOD", code="1999905", unit="meal", zh="方便食品")
        store = {"owner": "150722", "place": "150722", "custodian": "W.FP", "positions": ["F-01"]}
        made.done(f"{API}/warehouses", OFF, store="FP-XW", **store)
        yield made
        made.opened.host.settle()
        files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        assert files and not any(value.encode() in raw for raw in files for value in (OWNER_NAME, NEW_NAME, ACCOUNT))


def one(node: Node, path: str, who: Post, **params: Any) -> list[Any]:
    items: list[Any] = node.get(f"{API}/{path}", who, **params)["items"]
    return items


def test_a_boat_is_taken_in_an_urgent_period_given_back_paid_for_and_closed(node: Node):
    node.done(f"{API}/requisitions", OFF, requisition="RE-1", basis="FCL-45", **BOAT)
    for paper in ("certificate", "certificate.pdf"):  # asked for is nothing yet
        assert "no certificate" in node.ask("GET", f"{API}/requisitions/RE-1/{paper}", OWNER).json()["cure"]
    approval = f"{API}/requisitions/RE-1/approval"
    assert node.refused(approval, HQ) == (422, "RQ-02")
    assert node.refused(approval, OFF)[0] == 403
    node.done("alerts/urgent-flood-periods", HQ, river="西瓦尔图河", until="2021-07-20T20:00:00+08:00")
    node.done(approval, HQ)
    assert node.types("requisition-RE-1")[-1] == "resources.requisition.notice_served.v1"
    node.done(f"{API}/requisitions/RE-1/taking", ICP, condition="good")
    assert [row["requisition"] for row in one(node, "requisitions", AUD, open=True)] == ["RE-1"]
    paper = node.get(f"{API}/requisitions/RE-1/certificate", OWNER)
    assert paper["wanted"]["item"] == "boat TEST-BOAT-1" and paper["taken"]["condition"] == "good" and paper["returned"] is None
    assert paper["approved"]["by"] == "B.HQ" and paper["notice"]["remedy"]["days"] == 60 and "line" not in paper["wanted"]
    node.at = "2021-07-20T17:00:00+08:00"
    node.done(f"{API}/requisitions/RE-1/return", ICP, days=2, condition="hull damaged", damage=650, claim="CL-R")
    assert one(node, "requisitions", AUD, open=True) == []
    assert node.refused(f"{API}/requisitions/RE-1/closing", APP) == (422, "ERL-12")
    assert node.done(f"{CLAIMS}/claims/CL-R/assessment", OFF)["computed"] == "1450.00"
    node.done(f"{CLAIMS}/claims/CL-R/decision", APP)
    node.done(f"{API}/requisitions/RE-1/closing", APP)
    shown = node.get(f"{API}/requisitions/RE-1", OWNER)
    assert (shown["state"], shown["claim"], shown["decided"]) == ("closed", "CL-R", True)
    assert shown["acts"][-1]["type"] == "resources.requisition.closed.v1"


def test_what_an_owner_has_is_seen_by_the_owner_and_the_staff_of_the_line(node: Node):
    node.done(f"{API}/requisitions/lent", ICP, requisition="RE-L", condition="good", **BOAT | {"subject": "OW-2", "item": "pump"})
    assert {row["requisition"] for row in one(node, "requisitions", STRANGER)} == {"RE-L"}
    assert "RE-L" not in {row["requisition"] for row in one(node, "requisitions", OWNER)}
    assert one(node, "requisitions", NEXT) == []
    for path in ("requisitions/RE-L", "requisitions/RE-L/certificate"):
        assert node.ask("GET", f"{API}/{path}", OWNER).status_code == 404
    assert node.ask("GET", f"{API}/requisitions", FIN).status_code == 403


def test_the_values_of_an_owner_go_into_the_vault_and_stand_in_no_text(node: Node):
    said = BOAT | {"requisition": "RE-V", "subject": "OW-3", "item": "truck TEST-0003", "basis": "ERL-12"}
    values = {"values": {"name": OWNER_NAME, "account": ACCOUNT}}
    assert node.refused(f"{API}/requisitions", OFF, **said, **values) == (422, "PIPL-55")
    at = "privacy/modules/requisition/assessments"
    node.done(at, DPO, assessment="PIA-1", lawfulness="stand-in", risks="stand-in", protection="stand-in")
    node.done(f"{at}/PIA-1/approval", CITY)
    assert node.refused(f"{API}/requisitions", OFF, **said | {"item": f"truck of {OWNER_NAME}"}, **values) == (422, "PIPL-5")
    assert node.refused(f"{API}/requisitions", OFF, **said, values={"iris": "x"}) == (422, "PIPL-6")
    assert node.refused(f"{API}/requisitions", OFF, **said, person="by hand")[0] == 400
    node.done(f"{API}/requisitions", OFF, **said, **values)
    [held] = [one.event for one in node.opened.host.history("privacy", "person-OW-3") if hasattr(one.event, "copied_from")]
    assert (held.purpose, held.incident, held.fields, held.ref is None) == ("requisition", "INC-1", ("name", "account"), False)
    reading = {"subject": "OW-3", "field": "account", "purpose": "requisition", "incident": "INC-1"}
    assert ACCOUNT in str(node.done("privacy/readings", FIN, **reading))


def printed(node: Node, who: Post, reading: str | None = None) -> tuple[int, str]:
    """The status, and the text of the certificate or the rule that refused it."""
    got = node.ask("GET", f"{API}/requisitions/RE-V/certificate.pdf", who, params={"reading": reading} if reading else {})
    if got.status_code != 200:
        return got.status_code, got.json()["rule"]
    return 200, pypdfium2.PdfDocument(got.content)[0].get_textpage().get_text_range()


def test_a_certificate_carries_the_name_for_who_just_read_it_and_for_nobody_else(node: Node):
    node.done(f"{API}/requisitions/RE-V/approval", HQ, necessity="the road is cut, no other truck")
    asked = {"subject": "OW-3", "purpose": "requisition", "incident": "INC-1"}
    read = node.done("privacy/readings", OFF, field="name", **asked)["position"]
    other = node.done("privacy/readings", OFF, field="account", **asked)["position"]
    status, plain = printed(node, OFF)
    assert status == 200 and OWNER_NAME not in plain and "OW-3" in plain
    status, named = printed(node, OFF, f"150000.privacy:{read}")
    assert status == 200 and f"{OWNER_NAME} (OW-3)" in named
    assert printed(node, HQ, f"150000.privacy:{read}") == (403, "PIPL-51")
    assert printed(node, OFF, f"150000.privacy:{other}") == (404, "reference")
    assert printed(node, OFF, "150000.privacy:x") == (400, "position")
    node.done("privacy/people/OW-3/corrections", OFF, purpose="requisition", incident="INC-1", reason="misheard", values={"name": NEW_NAME})
    again = node.done("privacy/readings", OFF, field="name", **asked)["position"]
    assert f"{NEW_NAME} (OW-3)" in printed(node, OFF, f"150000.privacy:{again}")[1]
    node.at = node.at.replace("T17:00", "T17:20")
    assert printed(node, OFF, f"150000.privacy:{again}") == (403, "PIPL-51")


def test_paper_and_return_that_are_owed_stand_in_a_list_for_auditors(node: Node):
    need = {"basis": "ERL-12", "ordered_by": "B.HQ", "necessity": "people on a roof, no other truck", "condition": "good"}
    node.done(f"{API}/requisitions/oral", ICP, requisition="RE-O", **BOAT | {"item": "truck TEST-0009"}, **need)
    assert one(node, "requisitions", AUD, overdue=True) == []
    node.at = "2021-07-23T18:00:00+08:00"
    [late] = one(node, "requisitions", AUD, overdue=True)
    assert (late["requisition"], late["overdue"], late["papered"]) == ("RE-O", ["K-25"], False)
    assert "resources.clock.missed.v1" in node.types("requisition-RE-O")
    node.done(f"{API}/requisitions/RE-O/paper", APP)
    assert one(node, "requisitions", AUD, overdue=True) == []
    assert node.get(f"{API}/requisitions/RE-O/certificate", OWNER)["oral"]["ordered_by"] == "B.HQ"
    node.done(f"{API}/requisitions/RE-O/loss", ICP, reason="swept away")
    assert node.get(f"{API}/requisitions/RE-O", AUD)["state"] == "lost"
    assert node.get(f"{CLAIMS}/claims/CL-RE-O", OFF)["missing"] == ["valuation", "account"]


def test_whoever_took_the_id_of_the_claim_before_the_owner_has_one(node: Node):
    lent = BOAT | {"item": "boat TEST-BOAT-2"}
    node.done(f"{API}/requisitions/lent", ICP, requisition="RE-M", condition="good", **lent)
    taken = {"claim": "CL-RE-M", "claimant": "OW-2", "kind": "requisition", "item": "RE-M", "incident": "INC-1"}
    node.done(f"{CLAIMS}/claims", STRANGER, **taken)
    assert node.get(f"{API}/requisitions/RE-M", OWNER)["claim"] is None, "a stranger's claim is none of the requisition"
    node.done(f"{API}/requisitions/RE-M/return", ICP, condition="hull damaged", damage=650)
    own = node.get(f"{API}/requisitions/RE-M", OWNER)["claim"]
    assert own.startswith("SYS-") and node.get(f"{CLAIMS}/claims/{own}", OWNER)["claimant"] == "OW-1"
    assert node.refused(f"{CLAIMS}/claims", STRANGER, **taken | {"claim": "SYS-1", "item": "RE-9"}) == (422, "claim.id")
    node.done(f"{CLAIMS}/claims/{own}/assessment", OFF)
    node.done(f"{CLAIMS}/claims/{own}/decision", APP)
    node.done(f"{API}/requisitions/RE-M/closing", APP)


def called_on(node: Node, who: Post = OFF) -> dict[str, Any]:
    """What can be had of FOOD beside what lies in stores; each total is of what is free."""
    body = node.get(f"{API}/callable-supply/FOOD", who, place="150722")
    things = [(row["property"], row["quantity"], row["free"]) for row in body["requisitionable"]]
    contracts = {row["agreement"]: list(row["free"].values()) for row in body["contracted"]}
    assert body["totals"]["requisitionable"] == sum(free for *_, free in things)
    assert body["totals"]["contracted_per_day"] == sum(free[0] for free in contracts.values())
    return {"requisitionable": things, "contracted": contracts}


def test_registered_property_says_what_is_taken_of_it(node: Node):
    register = {"item": "FOOD", "owner": "OW-1", "place": "150722", "quantity": 500, "name": "grain store"}
    node.done(f"{API}/requisitionable-property/PP-1", OFF, **register)
    [listed] = one(node, "requisitionable-property", HQ, item="FOOD")
    assert (listed["name"], listed["quantity"], listed["taken_by"]) == ("grain store", 500, None)
    assert called_on(node)["requisitionable"] == [("PP-1", 500, 500)]
    lent = {name: BOAT[name] for name in ("incident", "value", "purpose")}
    node.done(f"{API}/requisitions/lent", ICP, requisition="RE-P", property="PP-1", condition="good", **lent)
    assert one(node, "requisitionable-property", HQ)[0]["taken_by"] == "RE-P"
    assert called_on(node)["requisitionable"] == [("PP-1", 500, 0)]
    node.done(f"{API}/requisitions/RE-P/return", ICP, condition="good")
    assert called_on(node)["requisitionable"] == [("PP-1", 500, 500)]
    words = {"subject": "OW-1", "item": "Grain Store", "requisition": "RE-Q"}  # not by its id
    node.done(f"{API}/requisitions", OFF, **BOAT | {"basis": "ERL-12"} | words)
    assert called_on(node)["requisitionable"] == [("PP-1", 500, 500)]
    node.done(f"{API}/requisitions/RE-Q/approval", HQ, necessity="no other grain")
    assert called_on(node)["requisitionable"] == [("PP-1", 500, 0)]
    node.done(f"{API}/requisitions/RE-Q/revocation", HQ, reason="not needed")
    assert called_on(node)["requisitionable"] == [("PP-1", 500, 500)]
    node.done(f"{API}/requisitionable-property/PP-1/retirement", OFF, reason="sold")
    assert one(node, "requisitionable-property", HQ) == []
    assert node.ask("GET", f"{API}/requisitionable-property", OWNER).status_code == 403


def test_goods_are_called_off_delivered_checked_and_paid(node: Node):
    terms = {"capacity_per_day": 2000, "lead_days": 1, "price": "12.00", "valid_to": "2022-06-30"}
    node.done(f"{API}/agreements", APP, agreement="AG-1", item="FOOD", **{"with": "ENT.FOOD"}, owner="150722", **terms)
    assert called_on(node)["contracted"] == {"AG-1": [2000] * 7}
    assert called_on(node, NEXT)["contracted"] == {}
    assert node.refused(f"{API}/call-offs", APP, call_off="CO-1", agreement="AG-1", qty=2500, days=1) == (422, "capacity")
    assert node.refused(f"{API}/call-offs", NEXT, call_off="CO-1", agreement="AG-1", qty=1, days=1, to_store="FP-XW")[0] == 403
    node.done(f"{API}/call-offs", APP, call_off="CO-1", agreement="AG-1", qty=2500, days=2, to_store="FP-XW")
    assert node.refused(f"{API}/call-offs/CO-1/acceptance", OTHER) == (403, "call_off.supplier")
    assert called_on(node)["contracted"] == {"AG-1": [0, 1500, *[2000] * 5]}
    node.done(f"{API}/call-offs/CO-1/acceptance", FOOD)
    [agreement] = one(node, "agreements", FOOD)
    assert sum(agreement["taken"].values()) == 2500 and agreement["terms"]["price"] == "12.00"
    assert one(node, "agreements", OTHER) == [] and one(node, "agreements", NEXT) == []
    node.done(f"{API}/call-offs/CO-1/deliveries", FOOD, lot="AG-FOOD-1", qty=2000, expires="2021-08-20")
    node.done(f"{API}/call-offs/CO-1/quality", KEEPER, lot="AG-FOOD-1", passed=1960, failed=40, reason="wet")
    assert node.refused(f"{API}/call-offs/CO-1/payments", FIN, amount=24000) == (422, "amount")
    node.done(f"{API}/call-offs/CO-1/payments", FIN, amount=23520)
    shown = node.get(f"{API}/call-offs/CO-1", FOOD)
    assert (shown["passed"], shown["missing"], shown["paid"], shown["owed"]) == (1960, 540, "23520.00", "0.00")
    assert shown["lots"]["AG-FOOD-1"] == {"qty": 2000, "passed": 1960, "failed": 40, "store": "FP-XW", "reason": "wet"}
    assert node.ask("GET", f"{API}/call-offs/CO-1", OTHER).status_code == 404
    node.at = "2021-07-28T18:00:00+08:00"
    assert one(node, "call-offs", AUD, overdue=True)[0]["overdue"] == ["call_off.due"]
    node.done(f"{API}/call-offs/CO-1/default", APP, reason="the rest did not come")
    assert one(node, "call-offs", AUD, overdue=True) == []


def test_an_agreement_ended_in_the_public_interest_opens_a_claim_of_the_supplier(node: Node):
    node.done(f"{API}/agreements/AG-1/termination", APP, ground="public_interest", reason="the plan changed", loss=5000)
    claim = node.get(f"{CLAIMS}/claims/CL-AG-1.1", OFF)
    assert (claim["kind"], claim["claimant"], claim["missing"]) == ("agreement_change", "ENT.FOOD", ["valuation", "account"])
    assert one(node, "agreements", AUD, state="terminated")[0]["agreement"] == "AG-1"


def test_purchases_without_a_tender_stand_in_a_list_with_their_ground(node: Node):
    bought = {"item": "pumps", "qty": 4, "price": 2000, "supplier": "ENT.PUMP", "reason": "the water rises"}
    assert node.refused(f"{API}/procurements", FIN, procurement="PR-1", **bought) == (422, "GPL-42")
    node.done(f"{API}/procurements", FIN, procurement="PR-1", ground="disaster", incident="INC-1", **bought)
    [kept] = one(node, "procurements", AUD, ground="disaster")
    assert (kept["article"], kept["keep_until"]) == ("GPL-85", "2036-07-28")
    assert one(node, "procurements", NEXT) == []
