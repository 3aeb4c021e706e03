"""Refusals: one table of statuses, problem+json, all faults at once, and nothing of the caller's values in them."""

from __future__ import annotations

import json

import pytest

from shared.handling.pending import Busy, KeyReused
from shared.kernel.errors import Behind, Destroyed, Failure, LogFork, NotAllowed, NotFound, OnHold, RuleBroken, WrongState
from shared.sql.ports import LogBusy, NotReadable, StorageFailed
from shared.web.problems import STATUS, Malformed, TooLarge, TooMany, Unauthenticated
from shared.web.problems import problem as answered
from tests.support import ADMIN, AUTHOR, DUTY, NEIGHBOUR, SECOND, draft, fresh, problem

REFUSED = {
    Malformed: (400, "malformed"),
    Unauthenticated: (401, "unauthenticated"),
    NotAllowed: (403, "not_allowed"),
    NotFound: (404, "not_found"),
    WrongState: (409, "wrong_state"),
    Destroyed: (410, "destroyed"),
    TooLarge: (413, "too_large"),
    KeyReused: (422, "key_reused"),
    RuleBroken: (422, "rule_broken"),
    OnHold: (423, "on_hold"),
    TooMany: (429, "too_many"),
    Behind: (503, "behind"),
}
FAILED = {
    Busy(): (503, "busy"),
    LogBusy("database is locked"): (503, "busy"),
    StorageFailed("database or disk is full"): (503, "storage"),
    NotReadable("no such table: database"): (503, "rebuilding"),
    LogFork("two histories"): (503, "log_fork"),
    KeyError("V-A 13900000000"): (500, "bug"),
}


@pytest.mark.parametrize(
    "error", [kind(Failure("a.rule", "do this", "field")) for kind in REFUSED] + list(FAILED), ids=lambda e: type(e).__name__
)
def test_every_row_of_the_table_is_a_whole_problem(error):
    status, code = REFUSED.get(type(error)) or FAILED[error]
    answer = answered(error)
    said = json.loads(answer.body)
    assert (answer.status_code, said["status"], said["code"]) == (status, status, code)
    assert answer.media_type is None or "problem+json" in answer.headers["content-type"]
    assert said["rule"] and said["cure"] and said["failures"] and said["title"]
    assert "13900000000" not in answer.body.decode() and "database" not in answer.body.decode()
    assert ("retry-after" in answer.headers) == (status in (429, 503))


def test_the_table_holds_every_family_once():
    assert set(STATUS) == {*REFUSED, *(type(error) for error in FAILED if not isinstance(error, KeyError))}


def test_400_lists_every_fault_of_the_shape(node):
    said = problem(node.draft(colour="pink", number="three", starts="2026-07-18T02:30:00", surprise=1), 400, "malformed", "schema")
    assert {failure["field"] for failure in said["failures"]} >= {"colour", "number", "starts", "surprise"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe\x00", b"[" * 100_000, b'{"alert": NaN}', b'{"alert": "\\ud800"}']
)
def test_400_for_what_is_no_body(node, body):
    answer = node.http.post("/api/alerts/alerts", content=body, headers=node.signed(AUTHOR, Content_Type="application/json"))
    problem(answer, 400, "malformed")


def test_400_for_a_body_of_another_type(node):
    answer = node.http.post(
        "/api/alerts/alerts", content="alert=1", headers=node.signed(AUTHOR, Content_Type="application/x-www-form-urlencoded")
    )
    problem(answer, 400, "malformed")


def test_401_without_a_token(node):
    problem(node.draft(None), 401, "unauthenticated")


def test_403_for_a_foreign_division_comes_before_everything_else(node):
    alert = node.draft().json()["stream"].removeprefix("alert-")
    said = problem(node.post(f"/api/alerts/alerts/{alert}/approval", NEIGHBOUR), 403, "not_allowed")
    assert "150722 is neighbour to 150721" in said["cure"]


def test_403_for_a_wrong_role_names_who_may(node):
    alert = node.draft().json()["stream"].removeprefix("alert-")
    assert "SECT" in problem(node.post(f"/api/alerts/alerts/{alert}/approval", DUTY), 403, "not_allowed", "ERL-64")["cure"]


def test_404_for_what_is_unknown(node):
    problem(node.post("/api/alerts/alerts/NOBODY-MADE-THIS/approval", SECOND), 404, "not_found", "reference")
    problem(node.get("/api/alerts/alerts/NOBODY-MADE-THIS", DUTY), 404, "not_found", "reference")


@pytest.mark.parametrize("place", ["nobody/x/y/z", "alerts/nobody/150000.alerts/alert-1", "alerts/Series/150000.alerts/alert-1"])
def test_404_for_what_is_not_parked(node, place):
    problem(node.post(f"/api/node/parked/{place}/replay", ADMIN), 404, "not_found", "reference")


@pytest.mark.parametrize("path", ["/api/nothing", "/api/alerts/nothing/here", "/no-page"])
def test_404_and_405_of_the_framework_are_problems_too(node, path):
    problem(node.get(path, DUTY), 404, "not_found")


def test_405_is_a_problem_too(node):
    problem(node.http.delete("/api/alerts/alerts", headers=node.signed(DUTY)), 405, "method_not_allowed")


def test_409_for_the_wrong_state(node):
    alert = node.published()
    problem(node.post(f"/api/alerts/alerts/{alert}/approval", SECOND), 409, "wrong_state")


def test_422_lists_every_legal_field_that_is_missing(node):
    alert = fresh("AL")
    assert node.post("/api/alerts/alerts", AUTHOR, {"alert": alert, "hazard": "11B03", "areas": ["150722"]}).status_code == 201
    said = problem(node.post(f"/api/alerts/alerts/{alert}/approval", SECOND), 422, "rule_broken")
    assert len(said["failures"]) >= 5
    assert said["cure"] == "; ".join(failure["cure"] for failure in said["failures"])


def test_422_for_a_personal_value_in_free_text(node):
    said = problem(node.draft(cautions="call 13912345678"), 422, "rule_broken", "PIPL-5")
    assert "13912345678" not in json.dumps(said)


@pytest.mark.parametrize("field", ["starts", "valid_to"])
@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-07-18T02:30:00", "18 July", 10**30])
def test_a_time_that_cannot_be_told_in_every_zone_is_malformed(node, field, time):
    assert problem(node.draft(**{field: time}), 400, "malformed", "schema")["failures"][0]["field"] == field


def test_a_number_too_large_to_keep_is_malformed(node):
    for number in (2**63, 2**64, 10**30, -(10**30)):
        answer = node.draft(number=number)
        assert answer.status_code in (400, 422), (number, answer.text)


def test_no_answer_may_be_sniffed_or_framed(node):
    for answer in (node.get("/"), node.draft(), node.get("/api/nothing"), node.http.post("/api/alerts/alerts", content=b"x" * 2_000_000)):
        assert answer.headers["x-content-type-options"] == "nosniff", answer.url
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_draft_sent_twice_without_a_key_is_two_commands(node):
    body = draft()
    assert node.post("/api/alerts/alerts", AUTHOR, body).status_code == 201
    problem(node.post("/api/alerts/alerts", AUTHOR, body), 409, "wrong_state")


def test_who_lacks_a_second_signature_is_told_where_it_goes():
    told = json.loads(answered(NotAllowed(Failure("two.persons", "a second person signs too"))).body)
    assert "Ortoo-Cosigner" in told["cure"] and "Ortoo-Cosigner" in told["failures"][0]["cure"]
    other = json.loads(answered(NotAllowed(Failure("two.persons", "another decides than who asked for it"))).body)
    assert "Ortoo-Cosigner" not in other["cure"]
