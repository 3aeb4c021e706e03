"""Every query can be asked for a past moment: what was known then, to who may know it now."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.support import AUTHOR, DUTY, NEIGHBOUR, PASSER_BY, Node, Post, commanded
from tests.waiting import until


def moment() -> str:
    time.sleep(0.01)  # what is recorded from now on is later
    return datetime.now(UTC).isoformat()


def at(then: str, path: str) -> str:
    return f"/api/alerts/at/{quote(then, safe='')}{path}"


def past(node: Node, then: str, path: str, who: Post = DUTY) -> Any:
    """What is answered of then; while that is still being read, it is asked again."""
    return until(lambda: None if (answer := node.get(at(then, path), who)).status_code == 503 else answer)


def test_a_board_of_the_past_shows_what_was_known_then(node):
    second = AUTHOR._replace(actor="B.MET2", role="SECT.weather.approver")
    before = moment()
    alert = node.draft().json()["stream"].removeprefix("alert-")
    drafted = moment()
    for step in ("approval", "publication"):
        assert node.post(f"/api/alerts/alerts/{alert}/{step}", second).status_code == 201
    published = moment()
    cancelled = node.post(f"/api/alerts/alerts/{alert}/cancellation", second, {"reason": "over"})
    assert cancelled.status_code == 201

    assert past(node, before, f"/alerts/{alert}").status_code == 404
    assert past(node, drafted, f"/alerts/{alert}").json()["state"] == "drafted"
    assert past(node, published, f"/alerts/{alert}").json()["state"] == "published"
    boards = [past(node, then, "/board").json() for then in (before, drafted, published)]
    assert [board["alerts_published"] - boards[0]["alerts_published"] for board in boards] == [0, 0, 1]
    assert [board["positions"]["150000.alerts"] for board in boards] == sorted({board["positions"]["150000.alerts"] for board in boards})
    assert node.settle(cancelled.headers["Ortoo-Position"], f"/api/alerts/alerts/{alert}", DUTY).json()["state"] == "cancelled"


def test_the_past_is_for_who_may_see_it_today(node):
    alert = node.draft().json()["stream"].removeprefix("alert-")
    then = moment()
    assert past(node, then, f"/alerts/{alert}").status_code == 200
    for stranger in (NEIGHBOUR, PASSER_BY):
        assert past(node, then, f"/alerts/{alert}", stranger).status_code == 404
        assert node.get(f"/api/alerts/alerts/{alert}", stranger).status_code == 404


def test_the_past_is_not_for_anybody_since_it_has_to_be_built(node):
    assert node.get(at(moment(), "/alerts")).status_code == 401


def test_a_moment_without_offset_is_in_the_nodes_own_time(node):
    alert = node.draft().json()["stream"].removeprefix("alert-")
    own = (datetime.now(UTC) + timedelta(hours=8)).replace(tzinfo=None)
    assert past(node, own.isoformat(), f"/alerts/{alert}").status_code == 200
    assert past(node, (own - timedelta(hours=8)).isoformat(), f"/alerts/{alert}").status_code == 404


def test_ortoo_at_asks_any_query(node):
    alert = node.published()
    then = moment()
    assert past(node, then, "/board").status_code == 200
    board, shown = (commanded(node.folder, "at", then, *what, ORTOO_URL=node.url) for what in ((), ("GetAlert", f"alert={alert}")))
    assert (board.returncode, shown.returncode) == (0, 0), board.stderr + shown.stderr
    told = json.loads(board.stdout)
    assert told["alerts_published"] >= 1 and alert in [row["id"] for row in told["published"]]
    assert json.loads(shown.stdout)["state"] == "published"


def test_what_is_not_past_or_no_moment_is_said_so(node):
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for wrong, rule in ((ahead, "past"), ("yesterday", "schema")):
        refused = node.get(at(wrong, "/board"), DUTY)
        assert (refused.status_code, refused.json()["rule"]) == (400, rule)


def test_nothing_is_decided_in_the_past(node):
    refused = node.post(at(moment(), "/alerts"), AUTHOR, {})
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert refused.headers["Allow"] == "GET, HEAD"
