"""Claims through HTTP: from the volunteers' log to the payment, who may, and who sees what."""

from __future__ import annotations

import pytest

from tests.compensation.node import day, filed, led, opened, settled
from tests.compensation.world import ACCOUNT, DIGEST
from tests.support import Post

VA, VB, LEADER = Post("V-A", "VOL"), Post("V-B", "VOL"), Post("TL.1", "TEAM", "150721")
OFF, APP, GOV = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.GOV", "GOV")
FIN, FIN2, AUDITOR = Post("B.FIN", "FIN"), Post("B.FIN2", "FIN"), Post("C.AUD", "AUD", "150700")
NEIGHBOUR, WAREHOUSE = Post("A.OFF", "EMD.officer", "150721"), Post("W.MD1", "WHK")


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("compensation") / "data") as desk:
        desk.tell(settled("V-A", day("V-A", 18, 9), day("V-A", 20, 10.5)), settled("V-G", day("V-G", 19, 5.25)))
        desk.tell(
            settled("SF-1", *(day(f"M-1{n}", date, 11) for n in range(1, 5) for date in (19, 20))), led("SF-1", "TL.1"), filed("SF-1")
        )
        desk.placed("INC-1")
        for claimant, who in (("V-A", VA), ("V-G", OFF), ("SF-1", LEADER)):
            desk.until(f"/records/{claimant}", who, lambda body: body["settled"])
        yield desk


def refused(answer, status, rule, cure=""):
    body = answer.json()
    assert (answer.status_code, body["rule"]) == (status, rule), body
    assert cure in body["cure"], body


def test_a_claim_goes_from_the_call_up_to_the_payment(node):
    body = {"claim": "CL-A", "claimant": "V-A", "incident": "INC-1", "receipts": 86.5, "account": ACCOUNT}
    made = node.post("/claims", VA, body)
    assert made.status_code == 201, made.text
    assert made.json()["events"] == ["compensation.claim.opened.v1"] and made.json()["missing"] == []
    refused(node.post("/claims", VA, body | {"claim": "CL-A2"}), 409, "claim.once", "CL-A covers this period")
    assessed = node.post("/claims/CL-A/assessment", OFF, {"amount": 326.5})
    assert assessed.json()["events"] == ["compensation.claim.assessed.v1"], assessed.text
    refused(node.post("/claims/CL-A/decision", OFF, {"amount": 326.5}), 403, "claim.assessor", "another officer decides")
    decided = node.post("/claims/CL-A/decision", APP, {"amount": 326.5, "remedy": "review within 60 days"})
    assert decided.json()["events"] == ["compensation.claim.decided.v1"], decided.text
    shown = node.until("/claims/CL-A", VA, lambda claim: claim["state"] == "served")
    assert (shown["decided"], shown["remedy"]["days"], shown["remedy"]["organ"]) == ("326.50", 60, "the government of 150722")
    assert [line["code"] for line in shown["lines"]] == ["full_day", "receipts"]
    refused(node.post("/claims/CL-A/payment", FIN, {"amount": 400.0}), 422, "amount", "decided 326.50")
    paid = node.post("/claims/CL-A/payment", FIN, {"amount": 326.5})
    assert paid.json()["events"] == ["compensation.claim.paid.v1"], paid.text
    record = node.until("/records/V-A", VA, lambda body: body["paid"] == "326.50")
    assert record["decided"] == "326.50" and record["settled"][0]["minutes"] == 1170
    acts = node.get("/claims/CL-A", AUDITOR).json()["acts"]
    assert [act["type"].split(".")[2] for act in acts] == ["opened", "assessed", "decided", "served", "paid"]
    assert ACCOUNT not in node.get("/claims/CL-A", AUDITOR).text


def test_a_leader_claims_for_the_force_from_another_banner(node):
    body = {"claim": "CL-S1", "claimant": "SF-1", "incident": "INC-1", "km": 380, "boat_hours": 9}
    refused(node.post("/claims", VB, body), 403, "claim.own")
    assert node.post("/claims", LEADER, body).status_code == 201
    assessed = node.post("/claims/CL-S1/assessment", OFF)
    assert assessed.json()["computed"] == "3520.00", assessed.text
    node.until("/claims/CL-S1", LEADER, lambda claim: claim["state"] == "assessed")
    refused(node.post("/claims/CL-S1/assessment", NEIGHBOUR), 403, "matrix.3.27")


def test_an_early_claim_is_told_what_is_missing_and_goes_on_by_itself(node):
    body = {"claim": "CL-B", "claimant": "V-B", "incident": "INC-1", "receipts": 600}
    made = node.post("/claims", VB, body).json()
    assert (made["flags"], made["missing"]) == (["A-INCOMPLETE"], ["entitlement", "receipts", "account"])
    refused(node.post("/claims/CL-B/assessment", OFF), 409, "claim.incomplete", "entitlement, receipts")
    node.post("/claims/CL-B/evidence", VB, {"evidence": [{"kind": "receipts", "document": DIGEST}], "account": "cash"})
    node.tell(settled("V-B", day("V-B", 19, 6)))
    proof = node.until("/claims/CL-B/evidence", VB, lambda body: body["complete"])
    assert proof["evidence"] == [{"kind": "receipts", "document": DIGEST}]
    assert node.post("/claims/CL-B/assessment", OFF).json()["computed"] == "720.00"


def test_who_sees_a_claim(node):
    node.post("/claims", OFF, {"claim": "CL-G", "claimant": "V-G", "incident": "INC-1", "on_behalf": "has no phone"})
    node.until("/claims/CL-G", OFF, lambda claim: claim["entered_by"] == "B.OFF")
    for who in (APP, FIN, AUDITOR):
        assert node.get("/claims/CL-G", who).status_code == 200, who
    for who in (VA, NEIGHBOUR, LEADER):
        assert node.get("/claims/CL-G", who).status_code == 404, who
    refused(node.get("/claims/CL-G", WAREHOUSE), 403, "matrix.3.27")
    assert {item["claimant"] for item in node.get("/claims", VA).json()["items"]} == {"V-A"}
    assert {item["claimant"] for item in node.get("/claims", LEADER).json()["items"]} == {"SF-1"}
    assert node.get("/records/V-G", VA).status_code == 404


def test_officers_of_another_line_leave_a_claim_alone(node):
    far = Post("X.L5", "L5.committee", "150784")
    acts = {"evidence": {"account": ACCOUNT}, "withdrawal": {"on_behalf": "so"}, "appeal": {"reason": "so"}}
    for path, body in acts.items():
        refused(node.post(f"/claims/CL-A/{path}", far, body), 403, "claim.own")
    refused(node.post("/claims/CL-G/evidence", OFF, {"account": ACCOUNT}), 403, "two.persons", "a second person signs")


def test_totals_and_lists_name_positions_and_filter(node):
    node.post("/claims", Post("OW-1", "CIT"), {"claim": "CL-R", "claimant": "OW-1", "kind": "requisition", "item": "RE-1", "days": "2"})
    node.until("/claims/CL-R", OFF, lambda claim: claim["missing"])
    assert node.get("/claims", OFF, kind="requisition").json()["items"][0]["claim"] == "CL-R"
    assert node.get("/claims", OFF, overdue=True).json()["items"] == []
    totals = node.get("/totals", FIN).json()
    assert totals["claims"] >= 1 and totals["positions"] and "claimant" not in str(totals["items"])
    refused(node.get("/totals", VA), 403, "RQ-06")


def test_a_tariff_is_set_shown_and_repeated_without_effect(node):
    body = {"since": "2021-01-01", "source": "assumed default", "per_day": 400.0}
    assert node.post("/tariffs/150722/requisition_boat", FIN, body).status_code == 201
    assert node.post("/tariffs/150722/requisition_boat", FIN, body).json()["events"] == []
    refused(node.post("/tariffs/150721/requisition_boat", FIN, body), 403, "matrix.3.27")
    node.until("/tariffs", VA, lambda body: any(item["rates"] == {"per_day": "400.0"} for item in body["items"]))


@pytest.mark.parametrize("receipts", ["NaN", "Infinity", "x", {}, "1e999999999"])
def test_what_is_no_number_is_refused(node, receipts):
    answer = node.post("/claims", VA, {"claim": "CL-N", "claimant": "V-A", "incident": "INC-9", "receipts": receipts})
    assert answer.status_code in (400, 422), answer.text


def test_content_where_a_reference_belongs_is_refused(node):
    body = {"claim": "CL-P", "claimant": "V-A", "incident": "INC-9", "account": "6222020200112233445"}
    refused(node.post("/claims", VA, body), 422, "PIPL-5")
    refused(node.post("/claims", VA, body | {"account": None, "claim": "13800138000"}), 422, "PIPL-5")


def test_a_reversal_is_signed_by_two(node):
    reversal = {"amount": 326.5, "reason": "account closed"}
    refused(node.post("/claims/CL-A/payment-correction", FIN, reversal), 403, "two.persons")
    assert node.post("/claims/CL-A/payment-correction", FIN, reversal, FIN2).status_code == 201
    node.until("/claims/CL-A", GOV, lambda claim: claim["state"] == "served" and claim["paid"] == "0.00")
