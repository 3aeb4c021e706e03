"""The short way of commands says what the long way says."""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI
from starlette.requests import Request

from services.alerts.deciders.reports.commands import CorrectReport
from shared.web.commands import body_of
from shared.web.express import Paths, sent
from tests.support import DUTY

SHORT, LONG = "application/json", "application/vnd.ortoo+json"  # FastAPI reads both as JSON; only the first has a short way
CASES = {
    "accepted": ('{"alert": "%s", "hazard": "11B03", "areas": ["150722"], "cautions": "x"}', True),
    "a field nobody knows": ('{"alert": "%s", "hazzard": "11B03"}', True),
    "a field of another type": ('{"alert": "%s", "areas": 5}', True),
    "no JSON": ('{"alert": "%s"', True),
    "a rule against it": ('{"alert": "%s", "cautions": "13812345678"}', True),
    "nobody": ('{"alert": "%s", "hazard": "11B03"}', False),
}


@pytest.mark.parametrize("case", CASES)
def test_both_ways_give_the_same_answer(node, case):
    body, signed = CASES[case]
    answers = []
    for n, kind in enumerate((SHORT, LONG)):
        headers = node.signed(DUTY, Content_Type=kind) if signed else {"Content-Type": kind}
        answer = node.http.post("/api/alerts/alerts", content=body % f"AL-way-{len(case)}-{n}", headers=headers)
        said = {name: value for name, value in answer.json().items() if name not in ("stream", "position", "command")}
        answers.append((answer.status_code, answer.headers["content-type"], "content-security-policy" in answer.headers, said))
    assert answers[0] == answers[1]


def test_a_key_is_one_key_on_both_ways(node):
    first, again = (
        node.http.post(
            "/api/alerts/alerts",
            content='{"alert": "AL-both-ways"}',
            headers=node.signed(DUTY, Content_Type=kind, Idempotency_Key="both-ways"),
        )
        for kind in (SHORT, LONG)
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["position"] == again.json()["position"]


def revised(node, alert, kind, body="{}"):
    return node.http.post(f"/api/alerts/alerts/{alert}/revision", content=body, headers=node.signed(DUTY, Content_Type=kind))


@pytest.mark.parametrize("body", ['{"cautions": "y"}', '{"cautions": 5}', "{}", "", "[]"])
def test_so_does_a_command_with_its_subject_in_the_path(node, body):
    answers = []
    for kind in (SHORT, LONG):
        alert = node.draft().json()["stream"].removeprefix("alert-")
        answer = revised(node, alert, kind, body)
        told = {name: value for name, value in answer.json().items() if name not in ("stream", "position", "command")}
        answers.append((answer.status_code, answer.headers["content-type"], told))
    assert answers[0] == answers[1]


def test_a_subject_is_read_as_it_was_written(node):
    for kind in (SHORT, LONG):
        told = revised(node, "%E9%9B%A8 1", kind)
        assert (told.status_code, told.json()["failures"][0]["rule"]) == (404, "reference")
        assert "alert-雨 1" in told.json()["failures"][0]["cure"]


def test_a_value_of_several_kinds_is_read_alike(node):
    said = [
        node.http.post(
            "/api/alerts/reports/RP-way/correction",
            content='{"set": {"dead": "12", "loss_yuan": 100.00}, "reason": "typo"}',
            headers=node.signed(DUTY, Content_Type=kind),
        )
        for kind in (SHORT, LONG)
    ]
    assert (said[0].status_code, said[0].json()["failures"]) == (said[1].status_code, said[1].json()["failures"])
    kept = {field: [type(way(field)) for way in (sent_short, sent_long)] for field in ('"12"', "12", "100.00", "1e3", "null")}
    assert all(short is long for short, long in kept.values()), kept


def sent_short(value):
    body = f'{{"set": {{"dead": {value}}}, "reason": "typo"}}'.encode()
    request = Request({"type": "http", "headers": [(b"content-type", b"application/json")]})
    return sent(request, body, body_of(CorrectReport, without=("report",))).model_dump()["set"]["dead"]


def sent_long(value):
    body = json.loads(f'{{"set": {{"dead": {value}}}, "reason": "typo"}}')
    return body_of(CorrectReport, without=("report",)).model_validate(body).model_dump()["set"]["dead"]


@pytest.mark.parametrize(
    "path", ["/alerts/a%0Ab/revision", "/alerts//revision", "/alerts/AL-1/revision/", "/alerts/a%2Fb/revision", "/nothing/there"]
)
def test_no_other_path_is_taken_for_it(node, path):
    said = [node.http.post(f"/api/alerts{path}", content="{}", headers=node.signed(DUTY, Content_Type=kind)) for kind in (SHORT, LONG)]
    assert said[0].status_code == said[1].status_code in (307, 404, 405)


def test_a_parameter_nobody_reads_is_refused_on_both_ways(node):
    for kind in (SHORT, LONG):
        answer = node.http.post("/api/alerts/alerts?dry=1", content="{}", headers=node.signed(DUTY, Content_Type=kind))
        assert (answer.status_code, answer.json()["failures"][0]["field"]) == (400, "dry")


def test_what_spells_out_more_is_found_and_a_dead_end_is_nobodys():
    one, other = (FastAPI(), direct, None), (FastAPI(), direct, 1)
    paths = Paths([("/a/{x}/b/{y}", one), ("/a/all/b/c", other)])
    assert paths.find("/a/1/b/2") == (one, {"x": "1", "y": "2"})
    assert paths.find("/a/all/b/c") == (other, {})
    assert paths.find("/a/all/b/d") == (None, {})  # the long way knows it
    assert paths.find("/a/1/b") == paths.find("/a/1/b/2/3") == paths.find("/a//b/2") == paths.find("") == (None, {})


async def direct(request: Request, raw: bytes) -> None:
    return None
