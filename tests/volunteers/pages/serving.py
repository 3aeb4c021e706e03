"""Volunteers who are taken on, go and come back, through HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from tests.support import Node, Post, fresh
from tests.volunteers.pages.applicant import Applicant
from tests.waiting import until

OFFICER, SECOND, LEAD = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.LEAD", "TASK.lead")
DUTY = Post("B.DUTY", "EMD.duty")
CITY = Post("C.OFF", "EMD.officer", "150700")
AGAINST = ("Accident insurance", "Trained and passed")


def done(node: Node, path: str, who: Post, body: dict[str, Any]) -> httpx.Response:
    made = node.post(f"/api/volunteers{path}", who, body)
    assert made.status_code in (200, 201), made.text
    return made


def approved(node: Node, one: Applicant) -> None:
    done(node, f"/volunteers/{one.number}/fitness", OFFICER, {"fit": True})
    done(node, f"/volunteers/{one.number}/review", SECOND, {})


def press(one: Applicant, name: str, call_up: str, **said: str) -> httpx.Response:
    return one.act(name, call_up=call_up, **said)


def insured(node: Node, one: Applicant) -> None:
    done(node, f"/volunteers/{one.number}/trainings", OFFICER, {"training": "basic"})
    terms = {"insurer": "an insurer", "number": "N-1", "risk": "rescue", "amount": "100000", "territory": "150700", "payer": "150700"}
    period = {"from": Applicant.now.isoformat(), "to": (Applicant.now + timedelta(days=90)).isoformat()}
    policy = fresh("POL")
    done(node, "/policies", CITY, {"policy": policy, **terms, **period})
    done(node, f"/policies/{policy}/persons", CITY, {"group": [one.number]})


def asked_for(node: Node, one: Applicant, incident: str) -> str | None:
    """A call-up of today for the incident, once this service heard of it."""
    period = {"from": Applicant.now.isoformat(), "to": (Applicant.now + timedelta(hours=8)).isoformat()}
    said = {"volunteers": [one.number], "incident": incident, "place": "150722", "task": "t", "risk_text": 1, **period}
    call_up = fresh("CU")
    return call_up if node.post(f"/api/volunteers/call-ups/{call_up}/offers", OFFICER, said).status_code == 201 else None


def working(node: Node, one: Applicant) -> tuple[str, str]:
    """They accepted a call-up of today and work; the call-up and its incident."""
    insured(node, one)
    incident = fresh("INC")
    made = node.post("/api/alerts/incidents", DUTY, {"incident": incident, "type": "NAT.DAM", "division": "150722"})
    assert made.status_code == 201, made.text
    call_up = until(lambda: asked_for(node, one, incident), "the incident never came")
    until(lambda: not any(w in press(one, "acceptance", call_up, risk_text="1").text for w in AGAINST), "something stands against it")
    done(node, "/check-ins", LEAD, {"people": [one.number], "call_up": call_up})
    return call_up, incident


def ended(node: Node, one: Applicant) -> None:
    """An hour and a half later they went home, and opened their page again."""
    one.later(90 * 60)
    done(node, "/check-outs", LEAD, {"people": [one.number]})
    one.enter()
