"""Volunteers, forces and insurance at a real node: from registration to the list of candidates, and who sees what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Node, Post, problem, started
from tests.volunteers.opening import opened, register

OFFICER, SECOND, HQ = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.HQ", "HQ")
VOL_A, VOL_B, LEADER = Post("V-A", "VOL"), Post("V-B", "VOL"), Post("TL.1", "TEAM", "150721")
A_SECOND, NEIGHBOUR = Post("A.APP", "EMD.approver", "150721"), Post("A.HQ", "HQ", "150721")
AT = "2021-07-17T08:00:00+08:00"
PERIOD = {"from": "2021-07-19T06:00:00+08:00", "to": "2021-07-20T20:00:00+08:00"}
NAME, PHONE = "Visibly False", "TEST-000-A"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with started(tmp_path_factory.mktemp("people") / "data", "--story-clock") as running:
        refused = register(running, AT)
        assert refused.status_code == 422 and refused.json()["rule"] == "PIPL-55", refused.text
        opened(running, AT)
        for name in ("V-A", "V-B"):
            registered(running, name)
        filed(running)
        insured(running)
        yield running


def send(node: Node, path: str, who: Post, body: dict[str, Any], status: int = 201) -> Any:
    made = node.post(f"/api/volunteers{path}", who, body, Ortoo_At=AT)
    assert made.status_code == status, made.text
    return made


def registered(node: Node, name: str) -> None:
    told = {"name": NAME, "phone": PHONE, "adult": True, "fit": True, "skills": ["boat"], "languages": ["zh", "mn"]}
    agreed = {"risk_text": 1, "notice": "register/1", "consent": True}
    send(node, "/volunteers", OFFICER, {"volunteer": name, "division": "150722", **told, **agreed})
    send(node, f"/volunteers/{name}/identity", SECOND, {"adult": True})
    send(node, f"/volunteers/{name}/review", OFFICER, {}, 403)
    send(node, f"/volunteers/{name}/review", SECOND, {})
    send(node, f"/volunteers/{name}/trainings", OFFICER, {"training": "basic"})


def filed(node: Node) -> None:
    said = {"name": "Test Water Rescue Team A", "disciplines": ["WATER"], "home": "150721", "leader": LEADER.actor, "contact_24h": True}
    members = [{"member": "M-11", "adult": True, "trained": True}]
    send(node, "/forces", LEADER, {"force": "SF-1", **said, "members": members, "registration": "R-1", "self_sufficiency_days": 3})
    send(node, "/forces/SF-1/filing", A_SECOND, {"number": "F-1", "proof": "P-1"})


def insured(node: Node) -> None:
    city = Post("C.OFF", "EMD.officer", "150700")
    terms = {"insurer": "an insurer", "number": "N-1", "risk": "rescue", "amount": "100000", "territory": "150700", "payer": "150700"}
    until = {"from": "2021-07-01T00:00:00+08:00", "to": "2021-07-31T23:59:59+08:00"}
    send(node, "/policies", city, {"policy": "POL-1", **terms, **until})
    linked = send(node, "/policies/POL-1/persons", city, {"group": ["V-A"], "forces": ["SF-1"]})
    node.settle(linked.headers["Ortoo-Position"], "/api/volunteers/policies", city)


def ask(node: Node, path: str, who: Post | None, **how: Any) -> Any:
    return node.http.get(f"/api/volunteers{path}", params=how, headers=node.signed(who, Ortoo_At=AT))


def test_candidates_are_who_may_go_and_say_why(node: Node) -> None:
    told = ask(node, "/candidates", HQ, division="150722", **PERIOD, skill="boat", discipline="WATER").json()
    assert [one["volunteer"] for one in told["items"]] == ["V-A"]  # V-B is not insured
    assert (told["fitting"], told["items"][0]["distance_km"]) == (1, 0.0)
    assert [(one["force"], one["mode"]) for one in told["forces"]] == [("SF-1", "offer")]
    assert [(one["volunteer"], one["lacks"]) for one in told["lacking"]] == [("V-B", ["ERL-40.1", "VSR-15"])], (
        "the skill is declared, not certified"
    )


def test_a_leader_sees_what_covers_the_own_force_and_nothing_of_others(node: Node) -> None:
    (one,) = ask(node, "/policies", LEADER).json()["items"]
    assert (one["policy"], one["forces"], one["covered"]) == ("POL-1", ["SF-1"], [])
    assert ask(node, "/policies", Post("TL.9", "TEAM", "150721")).json()["items"] == []


def test_what_is_asked_for_makes_sense(node: Node) -> None:
    backwards = {"from": PERIOD["to"], "to": PERIOD["from"]}
    problem(ask(node, "/candidates", HQ, division="150722", **backwards), 422, "rule_broken", "candidates.period")
    problem(ask(node, "/candidates", HQ, division="nowhere", **PERIOD), 404, "not_found", "reference")
    problem(ask(node, "/candidates", HQ, division="150722", **PERIOD, hazard="LAVA"), 400, "malformed", "schema")
    problem(ask(node, "/candidates", VOL_A, division="150722", **PERIOD), 403, "not_allowed", "matrix.3.27")


def test_no_list_says_who_somebody_is(node: Node) -> None:
    for path in ("/volunteers", "/volunteers/V-A", "/forces", "/forces/SF-1", "/policies"):
        for who in (OFFICER, HQ, A_SECOND):
            said = ask(node, path, who).text
            assert NAME not in said and PHONE not in said and "person" not in said, path
    problem(ask(node, "/volunteers", VOL_A), 403, "not_allowed", "VSR-20")
    assert ask(node, "/volunteers", None).status_code == 401


def test_a_volunteer_sees_themself_and_nobody_else(node: Node) -> None:
    own = ask(node, "/volunteers/V-A", VOL_A).json()
    assert (own["status"], own["trained"], own["insured"], own["asked"]) == ("approved", True, True, "V-A")
    problem(ask(node, "/volunteers/V-A", VOL_B), 404, "not_found", "reference")
    problem(ask(node, "/volunteers/V-A", NEIGHBOUR), 404, "not_found", "reference")


def test_lists_are_filtered_by_place_skill_and_language(node: Node) -> None:
    def names(who: Post = OFFICER, **how: str) -> list[str]:
        return [one["volunteer"] for one in ask(node, "/volunteers", who, **how).json()["items"]]

    assert sorted(names()) == ["V-A", "V-B"] == sorted(names(skill="boat", language="mn", status="approved", division="150722"))
    assert names(skill="radio") == names(language="ru") == names(status="paused") == names(who=NEIGHBOUR) == []


def test_a_leader_sees_the_own_force(node: Node) -> None:
    assert [one["force"] for one in ask(node, "/forces", LEADER, discipline="WATER").json()["items"]] == ["SF-1"]
    assert ask(node, "/forces/SF-1", LEADER).json()["insured"] is True
    problem(ask(node, "/forces/SF-1", Post("TL.2", "TEAM", "150702")), 404, "not_found", "reference")


def test_a_volunteer_speaks_for_themself(node: Node) -> None:
    problem(node.post("/api/volunteers/volunteers/V-A/pause", VOL_B, {}), 403, "not_allowed", "volunteer.self")
    away = {"periods": [{"since": PERIOD["from"], "until": PERIOD["to"], "available": False}]}
    set_ = send(node, "/volunteers/V-B/availability", VOL_B, away)
    node.settle(set_.headers["Ortoo-Position"], "/api/volunteers/volunteers/V-B", VOL_B)
    assert ask(node, "/volunteers/V-B", VOL_B).json()["calendar"][0]["available"] is False
    problem(node.post("/api/volunteers/forces/SF-1/suspension", LEADER, {"reason": "x"}), 403, "not_allowed", "matrix.3.27")


def test_an_unknown_discipline_is_a_fault_of_shape_and_a_minor_one_of_rule(node: Node) -> None:
    problem(
        node.post("/api/volunteers/forces", LEADER, {"force": "SF-9", "home": "150721", "disciplines": ["MAGIC"]}),
        400,
        "malformed",
        "schema",
    )
    minor = {"members": [{"member": "M-99", "adult": False}]}
    problem(node.post("/api/volunteers/forces/SF-1/roster", LEADER, minor), 422, "rule_broken", "ERL-39.2")
    problem(
        node.post("/api/volunteers/policies/POL-1/persons", Post("C.OFF", "EMD.officer", "150700"), {"group": ["V-Z"]}),
        404,
        "not_found",
        "reference",
    )


def test_policies_that_end_soon_are_found(node: Node) -> None:
    assert [one["policy"] for one in ask(node, "/policies", HQ, ending=30).json()["items"]] == ["POL-1"]
    assert ask(node, "/policies", HQ, ending=1).json()["items"] == []


def test_a_force_shows_what_it_was_filed_with(node: Node) -> None:
    told = ask(node, "/forces/SF-1", A_SECOND).json()
    assert (told["registration"], told["host_unit"], told["self_sufficiency_days"], told["contact_24h"]) == ("R-1", None, 3, True)


def test_a_policy_holds_in_a_division_that_there_is(node: Node) -> None:
    terms = {"insurer": "an insurer", "number": "N-9", "risk": "office work only", "amount": "1", "territory": "999", "payer": "150700"}
    period = {"from": "2021-07-01T00:00:00+08:00", "to": "2021-07-31T23:59:59+08:00"}
    made = send(node, "/policies", Post("C.OFF", "EMD.officer", "150700"), {"policy": "POL-9", **terms, **period}, 422)
    assert [one["rule"] for one in made.json()["failures"]] == ["policy.risk", "policy.territory"]


def test_candidates_for_a_danger_are_insured_for_it(node: Node) -> None:
    told = ask(node, "/candidates", HQ, division="150722", **PERIOD, hazard="FOREST_FIRE").json()
    assert [one["volunteer"] for one in told["items"]] == ["V-A"]
