"""Five hundred reports of one fact at a real node: none is lost, one piece of work is made of them, and who sends too often is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support import Node, Post, started
from tests.waiting import until

AREA, OTHER, FACT = "150722", "150721", "the water is over the bridge"
REGION, CITIZEN = Post("R.DUTY", "EMD.duty", "150000"), Post("CIT-1", "CIT")
AT = "2021-07-18T14:10:00+08:00"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with started(tmp_path_factory.mktemp("flood") / "data", "--story-clock") as running:
        assert running.http.get("/api/alerts/board", headers=running.signed(REGION, Ortoo_At=AT)).status_code == 200
        yield running


def waiting(node: Node, place: str) -> list[str]:
    """The reports from a place that wait under the one matter there is."""
    items = [row for row in node.get("/api/alerts/triage", REGION, limit=500).json()["items"] if f".{place}." in row["triage"]]
    assert len(items) <= 1
    return [report for row in items for report in row["reports"]]


def test_five_hundred_reports_in_a_minute_are_all_there_and_one_task(node: Node) -> None:
    told = [node.post("/api/alerts/reports", CITIZEN, {"text": f"{FACT} ({n})", "place": AREA}) for n in range(500)]
    assert Counter(answer.status_code for answer in told) == {201: 500}
    sent = {answer.json()["report"] for answer in told}
    assert len(sent) == 500 and len({answer.json()["cluster"] for answer in told}) == 1
    until(lambda: set(waiting(node, AREA)) == sent)
    tasks = node.get("/api/alerts/tasks", REGION, limit=500).json()["items"]
    assert [task["kind"] for task in tasks] == ["verify_report"]


def test_who_floods_without_a_token_is_told_to_come_back_and_what_was_taken_is_kept(node: Node) -> None:
    told = [node.post("/api/alerts/reports", None, {"text": f"{FACT}: {n}", "place": OTHER}) for n in range(40)]
    taken = {answer.json()["report"] for answer in told if answer.status_code == 201}
    refused = [answer for answer in told if answer.status_code == 429]
    assert taken and refused and len(taken) + len(refused) == 40
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    until(lambda: set(waiting(node, OTHER)) == taken)
