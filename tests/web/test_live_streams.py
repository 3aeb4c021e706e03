"""`StreamEvents`: live, filtered, bounded; whoever comes back with `Last-Event-ID` has missed nothing and sees nothing twice."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from shared.web.filters import Filter
from tests.support import AUTHOR, DUTY, NEIGHBOUR, Node, Post, cap, fresh, problem

QUIET_S = 1.0  # nothing for so long is nothing


@dataclass
class Live:
    """An open stream: its answer and its events one by one; None when nothing came for a second."""

    answer: httpx.Response
    events: Iterator[dict[str, str] | None]

    def take(self, count: int) -> list[dict[str, str]]:
        found = []
        while len(found) < count and (event := next(self.events)) is not None:
            found.append(event)
        return found

    def rest(self) -> list[dict[str, str]]:
        return self.take(10**9)


@contextmanager
def live(node: Node, who: Post | None = DUTY, last: str | None = None, **asked: str) -> Iterator[Live]:
    headers = node.signed(who, **({"Last_Event_ID": last} if last else {}))
    with (
        httpx.Client(base_url=node.url, timeout=httpx.Timeout(10, read=QUIET_S)) as client,
        client.stream("GET", "/api/events/stream", params=asked, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        while next(lines) != "":  # the opening: where the stream begins
            pass
        yield Live(answer, parsed(lines))


def parsed(lines: Iterator[str]) -> Iterator[dict[str, str] | None]:
    event: dict[str, str] = {}
    try:
        for line in lines:
            name, _, value = line.partition(": ")
            if line == "" and "data" in event:
                yield event
                event = {}
            elif name in ("id", "event", "data"):
                event[name] = value
    except httpx.ReadTimeout:
        pass
    yield None


def ids(events: list[dict[str, str]]) -> list[str]:
    return [json.loads(event["data"])["id"] for event in events]


def alert_of(event: dict[str, str]) -> str:
    return json.loads(event["data"])["streamid"]


def head(node: Node) -> str:
    return node.get("/api/events", DUTY, after="now").headers["ortoo-vector"]


def test_an_event_arrives_live_as_it_is_in_the_log(node):
    with live(node, last=head(node)) as stream:
        made = node.draft()
        (event,) = stream.take(1)
    data = json.loads(event["data"])
    assert event["event"] == data["type"] == "alerts.alert.drafted.v1"
    assert data["streamid"] == made.json()["stream"] and f"{data['log']}:{data['position']}" == made.headers["ortoo-position"]
    before = head(node)
    position = data["position"]
    asked = node.get("/api/events", DUTY, after=before.replace(before.split(".")[0], f"a{position - 1}"), limit=1)
    assert asked.json() == [data]
    assert event["id"].split(".")[0] == f"a{position}"


def test_the_filters_keep_to_division_type_and_incident(node):
    incident = fresh("INC")
    begin = head(node)
    here = node.draft(incident=incident).json()["stream"]
    there = node.draft(NEIGHBOUR, areas=["150721"]).json()["stream"]
    alert = here.removeprefix("alert-")
    node.post(f"/api/alerts/alerts/{alert}/revision", AUTHOR, {"cautions": "more rain"})
    province = Post("R.DUTY", "EMD.duty", "150000")
    filters = {
        "all": {},
        "city": {"division": "150700"},
        "banner": {"division": "150722"},
        "family": {"type": "alerts.alert.revised"},
        "service": {"type": "alerts.alert"},
        "half a word": {"type": "alerts.al"},
        "incident": {"incident": incident},
        "nothing": {"incident": "NOBODY"},
    }

    def streams_of(asked: dict[str, str]) -> list[str]:
        with live(node, province, begin, **asked) as stream:
            return [alert_of(event) for event in stream.rest()]

    with ThreadPoolExecutor() as pool:
        seen = dict(zip(filters, pool.map(streams_of, filters.values()), strict=True))
    assert seen["all"] == seen["city"] == seen["service"] == [here, there, here]
    assert seen["banner"] == seen["incident"] == [here, here]
    assert seen["family"] == [here]
    assert seen["half a word"] == seen["nothing"] == []


def test_anybody_sees_what_is_public_and_a_neighbour_nothing_of_ours(node):
    begin = head(node)
    node.draft()
    taken = node.take(cap()).json()["stream"]
    with live(node, None, begin) as stream:
        assert [alert_of(event) for event in stream.rest()] == [taken]
    with live(node, NEIGHBOUR, begin) as stream:
        assert [alert_of(event) for event in stream.rest()] == [taken]


def test_two_posts_of_one_division_share_nothing_they_may_not_both_see(node):
    """Events are encoded once for callers who see the same: division and roles, not a guess about them."""
    assert Filter(circle=("150722", ("SECT.weather",))) != Filter(circle=("150722", ("VOL",)))
    begin = head(node)
    with live(node, AUTHOR, begin) as first, live(node, Post("V-1", "VOL"), begin) as second, live(node, None, begin) as anybody:
        node.draft()
        assert len(first.take(1)) == 1
        assert second.take(1) == [] and anybody.take(1) == []


def test_a_broken_connection_resumes_without_loss_or_double(node):
    begin, stop = head(node), threading.Event()
    made: list[str] = []

    def traffic():
        while not stop.is_set():
            made.append(node.draft().json()["stream"])
            time.sleep(0.004)

    worker = threading.Thread(target=traffic)
    worker.start()
    got: list[dict[str, str]] = []
    last = begin
    try:
        for n in range(12):
            with live(node, last=last, type="alerts.alert") as stream:
                part = stream.take(1 + 7 * (n % 4))
            got += part
            last = got[-1]["id"]
    finally:
        stop.set()
        worker.join()
    with live(node, last=last, type="alerts.alert") as stream:
        got += stream.rest()
    assert [alert_of(event) for event in got] == made
    assert len(set(ids(got))) == len(got) > 60


def test_after_is_for_clients_that_cannot_send_headers(node):
    begin = head(node)
    made = node.draft().json()["stream"]
    with live(node, after=begin) as stream:
        assert [alert_of(event) for event in stream.take(1)] == [made]
    with live(node, after="now") as stream:
        assert stream.rest() == []
    oldest = node.get("/api/events", DUTY, after="0", limit=1).json()  # whoever wrote first at this node, it need not be for these eyes
    with live(node, after="0") as stream:
        assert [json.loads(event["data"]) for event in stream.take(1)] == oldest
    assert oldest[0]["position"] <= int(begin.split(".")[0].removeprefix("a")) + 1


@pytest.mark.parametrize("vector", ["x1", "a", "a1;r2", "a1.q7", "-1", "a99999999999999999999"])
def test_a_vector_that_is_none_is_malformed(node, vector):
    problem(node.get("/api/events/stream", DUTY, after=vector), 400, "malformed", "vector")
    problem(node.get("/api/events", DUTY, after=vector), 400, "malformed", "vector")


def metric(node: Node, name: str) -> float:
    return next(float(line.split()[-1]) for line in node.get("/metrics").text.splitlines() if line.startswith(name + " "))


def eventually(true: Callable[[], bool], within_s: float = 5.0) -> bool:
    end = time.monotonic() + within_s
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_a_client_that_leaves_is_forgotten(node):
    assert eventually(lambda: metric(node, "ortoo_sse_clients") == 0)
    with live(node), live(node, None):
        assert eventually(lambda: metric(node, "ortoo_sse_clients") == 2)
    assert eventually(lambda: metric(node, "ortoo_sse_clients") == 0)


def test_a_client_that_does_not_read_is_closed_and_resumes(node):
    closed = metric(node, "ortoo_sse_closed_slow_total")
    begin, made = head(node), []
    text = "x" * 200_000  # fills the buffers of the kernel and the server soon
    with live(node, last=begin, type="alerts.alert") as stream:
        for _ in range(200):
            made.append(node.draft(cautions=text).json()["stream"])
            if metric(node, "ortoo_sse_closed_slow_total") > closed:
                break
            time.sleep(0.05)
        assert metric(node, "ortoo_sse_closed_slow_total") == closed + 1
        got = stream.rest()  # what was sent before it was closed
    assert len(got) < len(made)
    while more := resumed(node, got[-1]["id"] if got else begin):
        got += more
    assert [alert_of(event) for event in got] == made


def resumed(node: Node, last: str) -> list[dict[str, str]]:
    with live(node, last=last, type="alerts.alert") as stream:
        return stream.rest()
