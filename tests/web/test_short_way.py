"""The short way of the hot commands says what the long way says."""

from __future__ import annotations

import pytest

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
