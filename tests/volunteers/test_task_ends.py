"""Over HTTP: who leads in a call-up reads how to reach people while it concerns them, and no longer (ERL art. 84, PIPL art. 6)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support import Node, Post, problem, started
from tests.volunteers.opening import DPO, GOV, PARTS, opened

OFFICER, SECOND, HQ, LEAD = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.HQ", "HQ"), Post("B.LEAD", "TASK.lead")
PERIOD = {"from": "2021-07-19T08:00:00+08:00", "to": "2021-07-19T20:00:00+08:00"}
PHONES = {"V-A": "13800100002", "V-B": "13800100003"}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with started(tmp_path_factory.mktemp("tasks") / "data", "--story-clock") as running:
        opened(running, "2021-07-17T08:00:00+08:00")
        callup = "privacy/modules/callup/assessments"
        send(running, callup, DPO, {"assessment": "PIA-2", **PARTS})
        send(running, f"{callup}/PIA-2/approval", GOV, {})
        send(running, "alerts/incidents", Post("B.DUTY", "EMD.duty"), {"incident": "INC-1", "type": "NAT.DAM", "division": "150722"})
        for name, phone in PHONES.items():
            person = {"volunteer": name, "division": "150722", "name": "Visibly False", "phone": phone, "adult": True, "fit": True}
            send(running, "volunteers/volunteers", OFFICER, person | {"risk_text": 1, "notice": "register/1", "consent": True})
            send(running, f"volunteers/volunteers/{name}/identity", SECOND, {"adult": True})
            send(running, f"volunteers/volunteers/{name}/review", SECOND, {})
        yield running


def send(node: Node, path: str, who: Post, body: dict[str, Any], at: str = "2021-07-17T08:00:00+08:00") -> httpx.Response:
    made = node.post(f"/api/{path}", who, body, Ortoo_At=at)
    assert made.status_code == 201, made.text
    return made


def reading(node: Node, at: str, *names: str) -> httpx.Response:
    asked = {"subjects": list(names), "fields": ["phone"], "purpose": "callup.contact", "incident": "INC-1"}
    return node.post("/api/privacy/readings", LEAD, asked, Ortoo_At=at)


def test_who_never_answered_is_read_no_more_once_the_call_up_is_stood_down(node: Node) -> None:
    offer = {"volunteers": list(PHONES), "quota": 2, "incident": "INC-1", "place": "150722", "task": "unloading", "risk_text": 1, **PERIOD}
    send(node, "volunteers/call-ups/CU-1/offers", OFFICER, offer, "2021-07-18T08:00:00+08:00")
    read = reading(node, "2021-07-18T09:00:00+08:00", *PHONES)
    assert read.status_code == 201 and read.json()["values"] == {name: {"phone": phone} for name, phone in PHONES.items()}, read.text
    send(node, "volunteers/call-ups/CU-1/answers", Post("V-A", "VOL"), {"answer": "decline"}, "2021-07-18T09:10:00+08:00")
    refused = problem(reading(node, "2021-07-18T09:20:00+08:00", *PHONES), 403, "not_allowed", "PIPL-6")
    assert "V-A" in refused["cure"] and "purpose register" in refused["cure"]
    assert reading(node, "2021-07-18T09:21:00+08:00", "V-B").status_code == 201, "they are rung"
    send(node, "volunteers/call-ups/CU-1/standing-down", HQ, {"reason": "over"}, "2021-07-18T09:24:00+08:00")
    told = reading(node, "2021-07-18T09:40:00+08:00", "V-B")
    assert problem(told, 403, "not_allowed", "PIPL-6") and PHONES["V-B"] not in told.text
    send(node, "volunteers/self-arrivals", LEAD, {"volunteer": "V-B", "incident": "INC-1"}, "2021-07-18T09:45:00+08:00")
    assert reading(node, "2021-07-18T09:50:00+08:00", "V-B").status_code == 201, "they came all the same: nobody out there is hidden"
