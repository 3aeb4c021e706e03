"""Bodies that are half, too large, hostile or unreadable: a clear answer, and a warning is never lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support import DUTY, cap, half_open, problem


def test_a_half_sent_body_is_no_command_and_holds_nobody_up(node):
    waiting = half_open(node)
    before = node.get("/api/events", DUTY, after="now").headers["ortoo-vector"]
    assert node.draft().status_code == 201
    waiting.close()
    time.sleep(0.2)
    later = node.get("/api/events", DUTY, after=before).json()
    assert [event["type"] for event in later] == ["alerts.alert.drafted.v1"]


def chunks(size, piece=b"x" * 65_536):
    for _ in range(size // len(piece) + 1):
        yield piece


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_a_body_over_the_limit_is_413(node, announced):
    headers = node.signed(DUTY, Content_Type="application/json")
    for path, size in (("/api/alerts/alerts", 1024 * 1024), ("/api/alerts/imports", 8 * 1024 * 1024)):
        body = b"x" * (size + 70_000) if announced else chunks(size + 70_000)
        said = problem(node.http.post(path, content=body, headers=headers), 413, "too_large")
        assert str(size) in said["cure"]
    assert node.draft().status_code == 201
    large = cap(event="x" * 1_500_000)
    assert node.take(large).status_code in (201, 202), "a warning may be larger than a command"


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + "]><alert>&j;</alert>"
)
FILE = '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + cap("XXE").replace("Hailar", "&x;")


def test_bad_messages_are_put_aside_or_taken_with_faults_and_never_lost(node):
    for body, outcomes in (
        (LAUGHS, {"quarantined"}),
        (FILE, {"quarantined"}),
        (b"\xff\xfe" + cap().encode("utf-16-le"), {"accepted", "accepted_with_faults"}),
        (cap(area="海拉尔").encode("gb18030"), {"accepted_with_faults", "quarantined"}),
        (b"\x00\x01\x02" * 50, {"quarantined"}),
        (cap(sent="2099-01-01T00:00:00+08:00"), {"accepted", "accepted_with_faults"}),
        (cap(sent="tomorrow"), {"quarantined", "accepted_with_faults"}),
        ("{", {"quarantined"}),
        ('{"alertid": "x"}', {"quarantined"}),
    ):
        taken = node.take(body)
        assert taken.status_code in (201, 202), (body[:80], taken.text)
        assert taken.json()["outcome"] in outcomes, (body[:80], taken.text)
        assert "localhost" not in taken.text and Path("/etc/hostname").read_text().strip() not in taken.text
        again = node.take(body)
        assert (again.status_code, again.json()["outcome"]) == (200, "repeated"), (body[:80], again.text)


def test_a_form_that_is_too_large_is_answered_with_a_page(node):
    large = node.http.post("/volunteer", content=b"x" * 20_000_000, headers={"Accept": "text/html", "Content-Type": "multipart/form-data"})
    assert large.status_code == 413 and large.headers["content-type"].startswith("text/html")
    assert "Too large" in large.text and "MB" in large.text


@pytest.mark.parametrize(
    ("body", "kind", "cure"),
    [
        (b'{"alert": "AL-1"}', "text/plain", "send a JSON object, with Content-Type: application/json"),
        (b"[1]", "application/json", "send a JSON object, with Content-Type: application/json"),
        ('{"alert": "\u7ea2"}'.encode("gb18030"), "application/json", "the body is no JSON in UTF-8: send it as such"),
    ],
    ids=["text", "list", "gb18030"],
)
def test_what_is_no_object_of_json_is_told_what_is(node, body, kind, cure):
    answer = node.http.post("/api/alerts/alerts", content=body, headers=node.signed(DUTY, Content_Type=kind))
    assert problem(answer, 400, "malformed")["cure"] == cure
