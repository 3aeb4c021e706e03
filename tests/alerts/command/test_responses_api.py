"""Plans and responses at a real node: shape and rule, who may, what is asked and who sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Post, fresh, problem, started

OFFICER, CITY_OFFICER = Post("B.OFF", "EMD.officer"), Post("C.OFF", "EMD.officer", "150700")
B_HQ, C_HQ = Post("B.HQ", "HQ"), Post("C.HQ", "HQ", "150700")
NEIGHBOUR, VOLUNTEER = Post("A.DUTY", "EMD.duty", "150721"), Post("V-1", "VOL")
AT = "2021-07-18T14:10:00+08:00"


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with started(tmp_path_factory.mktemp("responses") / "data", "--story-clock") as running:
        send(running, "/incidents", Post("B.DUTY", "EMD.duty"), {"incident": "INC-1", "type": "NAT.DAM", "division": "150722"})
        send(running, "/adopted-plans", OFFICER, plan())
        yield running


def plan(name: str = "PLAN-B", **said: Any) -> dict[str, Any]:
    authority = {"roles": ["HQ"], "division": "150722"}
    whole = {"type": "special", "hazard": "flood", "reference": "issued 2020", "owner": "150722"}
    return {"plan": name, **whole, "levels": [{"level": level, "authority": authority} for level in (1, 2, 3, 4)], **said}


def send(node, path, who, body, status=201):
    made = node.post(f"/api/alerts{path}", who, body, Ortoo_At=AT)
    assert made.status_code == status, made.text
    return made


def activate(node, **said: Any) -> str:
    """A response of the banner to an incident of its own."""
    incident, activation = fresh("INC"), fresh("ACT")
    send(node, "/incidents", OFFICER, {"incident": incident, "type": "NAT.FLOOD", "division": "150722"})
    body = {
        "activation": activation,
        "incident": incident,
        "plan": "PLAN-B",
        "level": 2,
        "matter": "flood",
        "measures": ["M-1 move people"],
    }
    made = send(node, "/responses", B_HQ, body | {"expected_end": "2021-07-22T12:00:00+08:00"} | said)
    assert made.json()["events"] == ["alerts.response.activated.v1"]
    node.settle(made.headers["Ortoo-Position"], "/api/alerts/responses", B_HQ)
    return activation


@pytest.mark.parametrize("wrong", [{"metric": "moon"}, {"level": 5}, {"level": "II"}, {"metric": "colour", "colour": "pink"}])
def test_an_unknown_metric_level_or_colour_is_a_fault_of_shape(node, wrong):
    body = {"trigger": "T-1", "level": 2, "metric": "dead", "at_least": 3}
    problem(node.post("/api/alerts/plans/PLAN-B/triggers", OFFICER, body | wrong), 400, "malformed", "schema")
    assert node.post("/api/alerts/plans/PLAN-B/triggers", OFFICER, body).status_code in (200, 201)


def test_what_the_law_asks_for_is_a_fault_of_rule(node):
    refused = node.post("/api/alerts/responses", B_HQ, {"activation": "ACT-0", "plan": "PLAN-B"})
    problem(refused, 422, "rule_broken", "ERL-72.2")
    assert len(refused.json()["failures"]) == 5
    problem(node.post("/api/alerts/responses", OFFICER, {"activation": "ACT-0", "plan": "PLAN-B"}), 403, "not_allowed", "ERL-72.1")
    problem(node.post("/api/alerts/responses", VOLUNTEER, {"activation": "ACT-0", "plan": "PLAN-B"}), 403, "not_allowed", "ERL-72.1")
    problem(node.post("/api/alerts/responses", B_HQ, {"activation": "ACT-0", "plan": "PLAN-X"}), 404, "not_found", "reference")


def test_a_second_response_of_the_same_plan_is_refused_and_a_second_plan_too(node):
    activation = activate(node)
    incident = node.get(f"/api/alerts/responses/{activation}", B_HQ).json()["incident"]
    body = {"activation": fresh("ACT"), "incident": incident, "plan": "PLAN-B", "level": 1, "matter": "flood", "measures": ["M-1 a"]}
    again = node.post("/api/alerts/responses", B_HQ, body | {"expected_end": "2021-07-22T12:00:00+08:00"})
    problem(again, 409, "wrong_state", "RA-04")
    problem(node.post("/api/alerts/adopted-plans", OFFICER, plan("PLAN-B2")), 409, "wrong_state", "plan.one_version")


def test_responses_are_shown_to_their_line_and_to_nobody_beside_it(node):
    activation = activate(node)
    shown = node.get(f"/api/alerts/responses/{activation}", C_HQ).json()
    assert (shown["level"], shown["state"], shown["outside"]) == (2, "open", False)
    assert [one["measure"] for one in shown["measures"]] == ["M-1"] and "150000.alerts" in shown["positions"]
    assert activation in {row["activation"] for row in node.get("/api/alerts/responses", C_HQ, state="open").json()["items"]}
    for stranger in (NEIGHBOUR, VOLUNTEER):
        assert node.get("/api/alerts/responses", stranger).json()["items"] == []
        problem(node.get(f"/api/alerts/responses/{activation}", stranger), 404, "not_found", "reference")
    assert node.get("/api/alerts/responses").status_code == 401
    first = node.get("/api/alerts/responses", B_HQ, limit=1).json()
    assert len(first["items"]) == 1 and first["next"] is not None


def test_the_library_is_shown_with_what_holds(node):
    row = node.get("/api/alerts/plans/PLAN-B", C_HQ).json()
    assert (row["state"], row["version"], row["draft"]) == ("issued", 1, None)
    assert row["in_force"]["levels"][0]["authority"] == {"roles": ["HQ"], "division": "150722", "organ": None}
    assert {one["plan"] for one in node.get("/api/alerts/plans", B_HQ).json()["items"]} >= {"PLAN-B"}
    assert node.get("/api/alerts/plans", NEIGHBOUR).json()["items"] == []
    problem(node.get("/api/alerts/plans/PLAN-B", NEIGHBOUR), 404, "not_found", "reference")


def test_an_urgent_period_is_declared_shown_and_ended(node):
    body = {"river": "西瓦尔图河", "until": "2021-07-20T20:00:00+08:00", "ground": "grave_danger"}
    made = send(node, "/urgent-flood-periods", B_HQ, body)
    period = made.json()["period"]
    asked = node.settle(made.headers["Ortoo-Position"], "/api/alerts/urgent-periods?open=true", C_HQ).json()["items"]
    assert [(one["period"], one["powers"]) for one in asked] == [(period, ["FCL-45"])]
    problem(node.post("/api/alerts/urgent-flood-periods", CITY_OFFICER, body), 403, "not_allowed", "FCL-41")
    ended = send(node, f"/urgent-periods/{period}/end", B_HQ, {"reason": "falling"})
    assert node.settle(ended.headers["Ortoo-Position"], "/api/alerts/urgent-periods?open=true", C_HQ).json()["items"] == []
