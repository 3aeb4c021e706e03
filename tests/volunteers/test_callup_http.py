"""A hundred volunteers answer over HTTP at the same moment for four places; and what nobody may answer."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.support import Node, Post, problem, started
from tests.volunteers.opening import opened
from tests.waiting import PATIENCE_S

OFFICER, SECOND, HQ = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.HQ", "HQ")
CITY, DUTY, NEIGHBOUR = Post("C.OFF", "EMD.officer", "150700"), Post("B.DUTY", "EMD.duty"), Post("A.OFF", "EMD.officer", "150721")
FIRE = "INC-FIRE"
AT = "2021-07-17T08:00:00+08:00"
NAMES = tuple(f"V-{n}" for n in range(100))
SAID = {"incident": "INC-1", "place": "150722", "task": "unloading", "risk_text": 1}
PERIOD = {"from": "2021-07-19T08:00:00+08:00", "to": "2021-07-19T20:00:00+08:00"}
LATER = {"from": "2021-07-20T08:00:00+08:00", "to": "2021-07-20T20:00:00+08:00"}
YES = {"answer": "accept", "risk_text": 1}


def send(node: Node, path: str, who: Post, body: dict[str, Any], http: httpx.Client | None = None) -> httpx.Response:
    return (http or node.http).post(f"/api/volunteers{path}", json=body, headers=node.signed(who, Ortoo_At=AT))


def done(node: Node, path: str, who: Post, body: dict[str, Any]) -> httpx.Response:
    made = send(node, path, who, body)
    assert made.status_code == 201, made.text
    return made


def registered(node: Node, name: str) -> None:
    told = {"name": "Visibly False", "phone": f"TEST-000-{name}", "adult": True, "fit": True}
    agreed = {"risk_text": 1, "notice": "register/1", "consent": True}
    done(node, "/volunteers", OFFICER, {"volunteer": name, "division": "150722", **told, **agreed})
    done(node, f"/volunteers/{name}/identity", SECOND, {"adult": True})
    done(node, f"/volunteers/{name}/review", SECOND, {})
    done(node, f"/volunteers/{name}/trainings", OFFICER, {"training": "basic"})


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with started(tmp_path_factory.mktemp("race") / "data", "--story-clock") as running:
        opened(running, AT)
        for incident, kind in (("INC-1", "NAT.DAM"), (FIRE, "NAT.GRASS_FIRE")):
            told = {"incident": incident, "type": kind, "division": "150722"}
            made = running.post("/api/alerts/incidents", DUTY, told, Ortoo_At=AT)
            assert made.status_code == 201, made.text
        for name in NAMES:
            registered(running, name)
        terms = {"insurer": "an insurer", "number": "N-1", "risk": "rescue", "amount": "100000", "territory": "150700", "payer": "150700"}
        until = {"from": "2021-07-01T00:00:00+08:00", "to": "2021-07-31T23:59:59+08:00"}
        done(running, "/policies", CITY, {"policy": "POL-1", **terms, **until})
        for some in (NAMES[:50], NAMES[50:]):
            linked = done(running, "/policies/POL-1/persons", CITY, {"group": list(some)})
        for position in (made.headers["Ortoo-Position"], linked.headers["Ortoo-Position"]):
            running.settle(position, "/api/volunteers/policies", CITY)
        yield running


def test_a_hundred_answers_at_once_over_http_for_four_places_are_exactly_four(node: Node) -> None:
    done(node, "/call-ups/CU-1/offers", OFFICER, {"volunteers": list(NAMES), "quota": 4, **SAID, **PERIOD})
    tokens = {name: node.signed(Post(name, "VOL")) for name in NAMES}  # minted before the start
    start = threading.Barrier(len(NAMES))

    def answer(name: str) -> httpx.Response:
        with httpx.Client(base_url=node.url, timeout=PATIENCE_S) as http:
            start.wait(PATIENCE_S)
            return http.post("/api/volunteers/call-ups/CU-1/answers", json=YES, headers={**tokens[name], "Ortoo-At": AT})

    with ThreadPoolExecutor(len(NAMES)) as people:
        told = list(people.map(answer, NAMES))
    assert Counter(one.status_code for one in told) == {201: 4, 409: 96}, {one.text for one in told}
    for one in told:
        if one.status_code == 409:
            problem(one, 409, "wrong_state", "callup.quota")
    last = next(one.headers["Ortoo-Position"] for one in told if one.status_code == 201)
    shown = node.settle(last, "/api/volunteers/call-ups/CU-1", OFFICER).json()
    assert (shown["asked"], shown["accepted"], shown["filled"]) == (100, 4, True), shown


def test_a_volunteer_answers_for_nobody_else(node: Node) -> None:
    done(node, "/call-ups/CU-2/offers", OFFICER, {"volunteers": ["V-98", "V-99"], "quota": 1, **SAID, **LATER})
    refused = send(node, "/call-ups/CU-2/answers", Post("V-98", "VOL"), {"volunteer": "V-99", **YES})
    problem(refused, 403, "not_allowed", "callup.self")


def test_an_answer_after_the_close_is_told_that_it_is_over(node: Node) -> None:
    done(node, "/call-ups/CU-3/offers", OFFICER, {"volunteers": ["V-97"], "quota": 1, **SAID, **LATER})
    done(node, "/call-ups/CU-3/cancellation", HQ, {"reason": "the water fell"})
    for said in (YES, {"answer": "decline"}):
        problem(send(node, "/call-ups/CU-3/answers", Post("V-97", "VOL"), said), 409, "wrong_state", "callup.over")


def test_the_hazard_of_a_call_up_is_that_of_its_incident(node: Node) -> None:
    done(node, "/volunteers/V-96/fitness", OFFICER, {"fit": True, "excluded": ["GRASS_FIRE"]})
    fire = {**SAID, **LATER, "incident": FIRE, "volunteers": ["V-96"]}
    problem(send(node, "/call-ups/CU-4/offers", OFFICER, fire | {"hazard": "GRASS-FIRE"}), 400, "malformed", "schema")
    problem(send(node, "/call-ups/CU-4/offers", OFFICER, fire | {"hazard": "FOREST_FIRE"}), 422, "rule_broken", "callup.hazard")
    problem(send(node, "/call-ups/CU-4/offers", OFFICER, fire | {"incident": "NOPE"}), 404, "not_found", "reference")
    done(node, "/call-ups/CU-4/offers", OFFICER, fire)
    assert done(node, "/call-ups/CU-4/answers", Post("V-96", "VOL"), YES).json()["failures"] == ["GFR-31.2"]
    problem(send(node, "/call-ups/CU-4/departures", Post("V-96", "VOL"), {}), 422, "rule_broken", "GFR-31.2")


def test_the_desk_at_home_notes_what_it_is_told_on_the_phone(node: Node) -> None:
    there = {**SAID, **LATER, "place": "150721", "volunteers": ["V-95"]}
    done(node, "/call-ups/CU-5/offers", CITY, there)
    told = {"volunteer": "V-95", "channel": "phone", **YES}
    problem(send(node, "/call-ups/CU-5/answers", NEIGHBOUR, told), 403, "not_allowed", "VSR-25")
    done(node, "/call-ups/CU-5/answers", OFFICER, told)


def test_a_policy_covers_a_hundred_people_at_once(node: Node) -> None:
    terms = {"insurer": "an insurer", "number": "N-2", "risk": "rescue", "amount": "100000", "territory": "150700", "payer": "150700"}
    until = {"from": "2021-08-01T00:00:00+08:00", "to": "2021-08-31T23:59:59+08:00"}
    done(node, "/policies", CITY, {"policy": "POL-2", **terms, **until, "group": list(NAMES)})


def test_civil_affairs_see_the_harm_of_their_area(node: Node) -> None:
    made = done(node, "/injuries", OFFICER, {"injury": "IN-1", "person": "V-95", "harm": "injured"})
    for who, seen in ((Post("B.CIV", "CIV"), 1), (Post("A.CIV", "CIV", "150721"), 0)):
        shown = node.settle(made.headers["Ortoo-Position"], "/api/volunteers/injuries", who).json()
        assert len(shown["items"]) == seen, who


def test_a_paper_is_named_without_anybody_s_number(node: Node) -> None:
    seen = {"training": "radio", "document": "13847012345"}
    problem(send(node, "/volunteers/V-95/trainings", OFFICER, seen), 422, "rule_broken", "PIPL-5")
    done(node, "/volunteers/V-95/trainings", OFFICER, seen | {"document": "13847012345a" + "0" * 52})
