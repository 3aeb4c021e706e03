"""`Idempotency-Key`: the same command is answered the same. `Ortoo-Position`: a read waits for its own write."""

from __future__ import annotations

import threading
import time

import pytest

from tests.support import AUTHOR, DUTY, SECOND, draft, fresh, problem, started


def position(log_position: str) -> int:
    return int(log_position.rpartition(":")[2])


def test_a_repeat_gets_the_first_answer_again(node):
    key, body = fresh("key"), draft()
    first = node.post("/api/alerts/alerts", AUTHOR, body, Idempotency_Key=key)
    again = node.post("/api/alerts/alerts", AUTHOR, body, Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["outcome"] == "accepted" and again.json()["outcome"] == "repeated"
    assert {**first.json(), "outcome": "repeated"} == again.json()
    assert first.headers["ortoo-position"] == again.headers["ortoo-position"]


def test_a_repeat_is_answered_before_the_state_is_asked(node):
    key, alert = fresh("key"), node.draft().json()["stream"].removeprefix("alert-")
    assert node.post(f"/api/alerts/alerts/{alert}/approval", SECOND, Idempotency_Key=key).status_code == 201
    assert node.post(f"/api/alerts/alerts/{alert}/publication", SECOND).status_code == 201
    assert node.post(f"/api/alerts/alerts/{alert}/approval", SECOND, Idempotency_Key=key).json()["outcome"] == "repeated"


def test_a_key_with_another_body_path_or_second_signature_is_refused(node):
    key, body = fresh("key"), draft()
    assert node.post("/api/alerts/alerts", AUTHOR, body, Idempotency_Key=key).status_code == 201
    problem(node.post("/api/alerts/alerts", AUTHOR, {**body, "number": 2}, Idempotency_Key=key), 422, "key_reused", "idempotency.key")
    problem(node.post(f"/api/alerts/alerts/{body['alert']}/revision", AUTHOR, body, Idempotency_Key=key), 400, "malformed")
    problem(node.post(f"/api/alerts/alerts/{body['alert']}/revision", AUTHOR, {}, Idempotency_Key=key), 422, "key_reused")
    cosigned = node.post("/api/alerts/alerts", AUTHOR, body, Idempotency_Key=key, Ortoo_Cosigner=f"Bearer {node.token(SECOND)}")
    problem(cosigned, 422, "key_reused")


def test_the_key_belongs_to_who_sent_it(node):
    key, first, second = fresh("key"), draft(), draft()
    assert node.post("/api/alerts/alerts", AUTHOR, first, Idempotency_Key=key).status_code == 201
    assert node.post("/api/alerts/alerts", SECOND, second, Idempotency_Key=key).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_a_length(node, key):
    problem(node.draft(headers={"Idempotency-Key": key}), 400, "malformed", "idempotency.key")


def test_a_refusal_is_not_remembered(node):
    key, alert = fresh("key"), fresh("AL")
    problem(node.post(f"/api/alerts/alerts/{alert}/approval", SECOND, Idempotency_Key=key), 404, "not_found")
    assert node.draft(alert=alert).status_code == 201
    assert node.post(f"/api/alerts/alerts/{alert}/approval", SECOND, Idempotency_Key=key).status_code == 201


def test_a_hundred_repeats_at_once_count_once(node):
    key, body, answers = fresh("key"), draft(), []

    def send():
        answers.append(node.post("/api/alerts/alerts", AUTHOR, body, Idempotency_Key=key))

    threads = [threading.Thread(target=send) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted({answer.status_code for answer in answers}) == [200, 201]
    assert len([answer for answer in answers if answer.status_code == 201]) == 1
    assert len({answer.json()["command"] for answer in answers}) == 1


def test_a_repeat_after_a_restart_is_still_a_repeat(tmp_path):
    body = draft()
    with started(tmp_path / "data") as first:
        before = first.post("/api/alerts/alerts", AUTHOR, body, Idempotency_Key="k")
        assert before.status_code == 201
        token = first.token(AUTHOR)
    with started(tmp_path / "data") as second:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
        again = second.http.post("/api/alerts/alerts", json=body, headers=headers)
        assert again.status_code == 200 and again.json()["command"] == before.json()["command"]
        problem(second.http.post("/api/alerts/alerts", json={**body, "number": 1}, headers=headers), 422, "key_reused")


def test_a_read_sees_the_write_whose_position_it_sends(node):
    for _ in range(20):
        made = node.draft()
        stream = made.json()["stream"].removeprefix("alert-")
        seen = node.settle(made.headers["ortoo-position"], f"/api/alerts/alerts/{stream}", DUTY)
        assert seen.status_code == 200, seen.text
        assert seen.json()["positions"]["150000.alerts"] >= position(made.headers["ortoo-position"])


def test_a_position_that_never_comes_is_503_after_a_while(node):
    log, _, head = node.draft().headers["ortoo-position"].rpartition(":")
    since = time.monotonic()
    problem(node.read_at(f"{log}:{int(head) + 1_000_000}", "/api/alerts/alerts", DUTY), 503, "behind", "position")
    assert time.monotonic() - since > 1.5


def test_a_position_that_comes_while_waiting_is_waited_for(node):
    log, _, head = node.draft().headers["ortoo-position"].rpartition(":")
    later = threading.Timer(0.3, node.draft)
    later.start()
    assert node.settle(f"{log}:{int(head) + 1}", "/api/alerts/alerts", DUTY).status_code == 200
    later.join()


def test_a_position_is_a_log_and_a_number(node):
    log = "150000.alerts"
    for wrong in ("", "7", log, f"{log}:", f"{log}:x", f"{log}:-1", "nowhere:1", f"{log}:\xb2", f"{log}:{'9' * 5000}"):
        answer = node.http.get("/api/alerts/alerts", headers={**node.signed(DUTY), "Ortoo-Position": wrong.encode("latin-1")})
        problem(answer, 400, "malformed", "position")
