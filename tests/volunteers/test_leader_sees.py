"""Whose hours a leader sees: of who came with the own force, and of nobody else; who writes hours down, and who ends a call-up."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support import Node, Post, started
from tests.volunteers.opening import opened

AT = "2021-07-17T08:00:00+08:00"
OFFICER, SECOND, LEAD = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.LEAD", "TASK.lead")
STRANGER, ELSEWHERE = Post("TL.9", "TEAM", "150784"), Post("X.LEAD", "TASK.lead", "150784")
RULES = Path(__file__).parents[2] / "services/volunteers/rules/permissions/callups.toml"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with started(tmp_path_factory.mktemp("led") / "data", "--story-clock") as running:
        opened(running, AT)
        person = {"volunteer": "V-A", "division": "150722", "name": "Visibly False", "phone": "13800100002", "adult": True, "fit": True}
        send(running, "/volunteers", OFFICER, person | {"risk_text": 1, "notice": "register/1", "consent": True})
        send(running, "/volunteers/V-A/identity", SECOND, {"adult": True})
        send(running, "/volunteers/V-A/review", SECOND, {})
        send(running, "/volunteers/V-A/trainings", OFFICER, {"training": "basic"})
        policy = {"insurer": "x", "number": "n", "risk": "rescue", "amount": "1", "territory": "150722", "payer": "x", "group": ["V-A"]}
        period = {"from": "2021-07-01T00:00:00+08:00", "to": "2021-07-31T00:00:00+08:00"}
        send(running, "/policies", OFFICER, policy | period | {"policy": "POL-1"})
        send(running, "/self-arrivals", LEAD, {"volunteer": "V-A", "incident": "INC-1"})
        yield running


def send(node: Node, path: str, who: Post, body: dict[str, Any], status: int = 201) -> Any:
    made = node.post(f"/api/volunteers{path}", who, body, Ortoo_At=AT)
    assert made.status_code == status, made.text
    return made


def test_a_filing_opens_nobody_s_record(node: Node) -> None:
    filing = {"name": "n", "disciplines": ["WATER"], "home": "150784", "leader": "TL.9", "contact_24h": True, "registration": "r"}
    filing |= {"self_sufficiency_days": 1, "members": [{"member": "V-A", "adult": True, "trained": True}]}
    told = send(node, "/forces", STRANGER, filing | {"force": "V-A"}, 409).json()
    assert told["rule"] == "force.id"
    send(node, "/forces", STRANGER, filing | {"force": "SF-9"})
    send(node, "/check-ins", ELSEWHERE, {"people": ["V-A"], "incident": "INC-1"}, 403)
    send(node, "/check-ins", LEAD, {"people": ["V-A"], "incident": "INC-1"})
    for path in ("shifts", "certificates"):
        answer = node.http.get(f"/api/volunteers/{path}?person=V-A", headers=node.signed(STRANGER, Ortoo_At=AT))
        assert answer.status_code == 200 and answer.json()["items"] == []
    hours = node.http.get("/api/volunteers/hours?person=V-A", headers=node.signed(STRANGER, Ortoo_At=AT)).json()
    assert hours["persons"] == {}
    record = node.http.get("/api/volunteers/people/SF-9/record", headers=node.signed(STRANGER, Ortoo_At=AT)).json()
    assert record["people"] == [] and record["shifts"] == []


def test_nobody_below_ends_a_call_up_of_those_above() -> None:
    rows = tomllib.loads(RULES.read_text())["command"]["StandDown"]["may"]
    assert all("above" not in row["areas"] for row in rows)


def test_the_desk_that_certifies_sees_what_it_certified(node: Node) -> None:
    later, civil = "2021-07-17T12:00:00+08:00", Post("B.CIV", "CIV")
    for path, who, body in (("check-outs", LEAD, {"people": ["V-A"]}), ("certificates", civil, {"volunteer": "V-A"})):
        made = node.post(f"/api/volunteers/{path}", who, body, Ortoo_At=later)
        assert made.status_code == 201, made.text
    for who, seen in ((civil, 1), (OFFICER, 1), (Post("A.CIV", "CIV", "150721"), 0)):
        shown = node.settle(made.headers["Ortoo-Position"], "/api/volunteers/certificates?person=V-A", who).json()
        assert len(shown["items"]) == seen, who
