"""Every query can be asked for a past moment: what was known then, to who may know it now."""

from __future__ import annotations

import json
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.support import AUTHOR, DUTY, NEIGHBOUR, ORTOO, PASSER_BY


def moment() -> str:
    time.sleep(0.01)  # what is recorded from now on is later
    return datetime.now(UTC).isoformat()


def at(then: str, path: str) -> str:
    return f"/api/alerts/at/{quote(then, safe='')}{path}"


def test_a_board_of_the_past_shows_what_was_known_then(node):
    second = AUTHOR._replace(actor="B.MET2", role="SECT.weather.approver")
    before = moment()
    alert = node.draft().json()["stream"].removeprefix("alert-")
    drafted = moment()
    for step in ("approval", "publication"):
        assert node.post(f"/api/alerts/alerts/{alert}/{step}", second).status_code == 201
    published = moment()
    assert node.post(f"/api/alerts/alerts/{alert}/cancellation", second, {"reason": "over"}).status_code == 201

    assert node.get(at(before, f"/alerts/{alert}"), DUTY).status_code == 404
    assert node.get(at(drafted, f"/alerts/{alert}"), DUTY).json()["state"] == "drafted"
    assert node.get(at(published, f"/alerts/{alert}"), DUTY).json()["state"] == "published"
    boards = [node.get(at(then, "/board"), DUTY).json() for then in (before, drafted, published)]
    assert [board["alerts_published"] - boards[0]["alerts_published"] for board in boards] == [0, 0, 1]
    assert [board["positions"]["150000.alerts"] for board in boards] == sorted({board["positions"]["150000.alerts"] for board in boards})
    assert node.get(f"/api/alerts/alerts/{alert}", DUTY).json()["state"] == "cancelled"


def test_the_past_is_for_who_may_see_it_today(node):
    alert = node.draft().json()["stream"].removeprefix("alert-")
    then = moment()
    assert node.get(at(then, f"/alerts/{alert}"), DUTY).status_code == 200
    for stranger in (NEIGHBOUR, PASSER_BY):
        for path in (at(then, f"/alerts/{alert}"), f"/api/alerts/alerts/{alert}"):
            assert node.get(path, stranger).status_code == 404


def test_the_past_is_not_for_anybody_since_it_has_to_be_built(node):
    assert node.get(at(moment(), "/alerts")).status_code == 401


def test_a_moment_without_offset_is_in_the_nodes_own_time(node):
    alert = node.draft().json()["stream"].removeprefix("alert-")
    own = (datetime.now(UTC) + timedelta(hours=8)).replace(tzinfo=None)
    assert node.get(at(own.isoformat(), f"/alerts/{alert}"), DUTY).status_code == 200
    assert node.get(at((own - timedelta(hours=8)).isoformat(), f"/alerts/{alert}"), DUTY).status_code == 404


def test_ortoo_at_asks_any_query(node):
    alert = node.published()
    then = moment()
    asked = {"ORTOO_URL": node.url, "ORTOO_DATA": str(node.folder)}
    board = ortoo("at", then, **asked)
    assert board["alerts_published"] >= 1 and alert in [row["id"] for row in board["published"]]
    assert ortoo("at", then, "GetAlert", f"alert={alert}", **asked)["state"] == "published"


def ortoo(*arguments: str, **settings: str) -> Any:
    done = subprocess.run([ORTOO, *arguments], env={**os.environ, **settings}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_not_past_or_no_moment_is_said_so(node):
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for wrong, rule in ((ahead, "past"), ("yesterday", "schema")):
        refused = node.get(at(wrong, "/board"), DUTY)
        assert (refused.status_code, refused.json()["rule"]) == (400, rule)


def test_nothing_is_decided_in_the_past(node):
    refused = node.post(at(moment(), "/alerts"), AUTHOR, {})
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert refused.headers["Allow"] == "GET, HEAD"
