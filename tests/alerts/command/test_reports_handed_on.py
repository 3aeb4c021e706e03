"""Who a report reaches reads it: whom it was transferred to, and who leads the incident that its numbers are about."""

from __future__ import annotations

import json

import pytest

from tests.support import Post, problem, started
from tests.waiting import until

DUTY, CITY, NEIGHBOUR = Post("B.DUTY", "EMD.duty"), Post("C.DUTY", "EMD.duty", "150700"), Post("A.DUTY", "EMD.duty", "150721")
STRANGER, PLANT = Post("X.DUTY", "EMD.duty", "150421"), Post("E.PLANT", "ENT", "150421")
NUMBERS = {"kind": "FIRST", "to": "150700", "type": "ACC.HAZCHEM", "figures": {"dead": 55, "missing": 0}}


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with started(tmp_path_factory.mktemp("handed-on") / "data") as running:
        yield running


def seen(node, sent, path, who):
    assert sent.status_code == 201, sent.text
    return node.settle(sent.headers["Ortoo-Position"], f"/api/alerts{path}", who)


def test_whom_a_report_is_transferred_to_reads_confirms_and_reports_it(node):
    said = {"place": "150722", "text": "smoke beyond the river"}
    number = node.post("/api/alerts/reports", None, said).json()["report"]
    problem(node.get(f"/api/alerts/reports/{number}", NEIGHBOUR), 404, "not_found", "reference")
    sent = node.post(f"/api/alerts/reports/{number}/transfer", DUTY, {"to": "150721", "reason": "their bank"})
    assert seen(node, sent, f"/reports/{number}", NEIGHBOUR).json()["transferred_to"] == "150721"
    assert number in {row["report"] for row in node.get("/api/alerts/reports", NEIGHBOUR).json()["items"]}
    problem(node.get(f"/api/alerts/reports/{number}", STRANGER), 404, "not_found", "reference")

    asked = {"subject": number, "purpose": "report.words"}
    read = until(lambda: (told := node.post("/api/privacy/readings", NEIGHBOUR, asked)).status_code == 201 and told)
    assert json.loads(read.json()["words"])["text"] == said["text"]
    problem(node.post("/api/privacy/readings", STRANGER, asked), 403, "not_allowed", "ERL-84")
    problem(node.post(f"/api/alerts/reports/{number}/acknowledgement", DUTY, {}), 403, "not_allowed")
    assert node.post(f"/api/alerts/reports/{number}/acknowledgement", NEIGHBOUR, {}).status_code == 201
    assert node.post(f"/api/alerts/reports/{number}/hops", NEIGHBOUR, {"kind": "FIRST", "to": "150700"}).status_code == 201


@pytest.mark.parametrize("who", [NEIGHBOUR, STRANGER, PLANT])
def test_who_leads_an_incident_sees_what_others_say_of_it_and_settles_that(node, who):
    incident, report = f"IX-{who.actor}", f"RX-{who.actor}"
    begun = {"incident": incident, "type": "ACC.HAZCHEM", "division": "150722", "separate": "another"}
    assert node.post("/api/alerts/incidents", DUTY, begun).status_code == 201
    sent = node.post(f"/api/alerts/reports/{report}/hops", who, NUMBERS | {"incident": incident, "to": "150000"})
    assert "Q-TRIAGE" in sent.json()["flags"]
    assert seen(node, sent, f"/reports/{report}", DUTY).json()["doubts"] == ["outside"]
    waits = until(lambda: next((one for one in node.get("/api/alerts/triage", DUTY).json()["items"] if one["incident"] == incident), None))
    problem(node.post(f"/api/alerts/triage/{waits['triage']}/resolution", STRANGER, {"finding": "confirmed"}), 403, "not_allowed")
    told = node.get(f"/api/alerts/incidents/{incident}/figures", DUTY).json()["figures"]["dead"]
    assert (told["value"], [one["report"] for one in told["in_doubt"]]) == (None, [report])
    assert node.get(f"/api/alerts/incidents/{incident}", DUTY).json()["grade"] is None
    assert node.post(f"/api/alerts/triage/{waits['triage']}/resolution", DUTY, {"finding": "confirmed"}).status_code == 201
    until(lambda: node.get(f"/api/alerts/incidents/{incident}", DUTY).json()["grade"] == "SPECIAL_MAJOR")


def test_a_superior_is_not_outside(node):
    begun = {"incident": "IX-C", "type": "ACC.HAZCHEM", "division": "150722"}
    assert node.post("/api/alerts/incidents", DUTY, begun).status_code == 201
    sent = node.post("/api/alerts/reports/RX-C/hops", CITY, NUMBERS | {"incident": "IX-C", "to": "150000"})
    assert "Q-TRIAGE" not in sent.json()["flags"]


def test_the_words_of_a_report_found_true_belong_to_its_incident(node):
    told = node.post("/api/alerts/reports", None, {"place": "150722", "text": "gas in the street", "type": "ACC.FIRE"}).json()
    assert node.post("/api/alerts/incidents", DUTY, {"incident": "IX-W", "type": "ACC.FIRE", "division": "150722"}).status_code == 201
    until(lambda: any(one["triage"] == told["cluster"] for one in node.get("/api/alerts/triage", DUTY).json()["items"]))
    found = {"finding": "confirmed", "incident": "IX-W"}
    assert node.post(f"/api/alerts/triage/{told['cluster']}/resolution", DUTY, found).status_code == 201
    attached = {"type": "privacy.personal_data.attached", "limit": 50}
    until(lambda: told["report"] in node.get("/api/events", DUTY, **attached).text)
