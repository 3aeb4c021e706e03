"""`StreamEvents`: live, filtered, bounded; whoever comes back with `Last-Event-ID` has missed nothing and sees nothing twice."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from shared.web.filters import Filter
from tests.support import AUTHOR, DUTY, NEIGHBOUR, Node, Post, cap, fresh, problem
from tests.waiting import PATIENCE_S, until

QUIET_S = 0.5  # nothing for so long is nothing


class Live:
    """An open stream and its events one by one."""

    def __init__(self, line: HTTPConnection) -> None:
        self._line, self._answer = line, line.getresponse()
        assert self._answer.status == 200
        assert (self._answer.getheader("content-type") or "").startswith("text/event-stream")
        while self._answer.readline() != b"\n":  # the opening: where the stream begins
            pass

    def take(self, count: int) -> list[dict[str, str]]:
        """So many, however long they take."""
        return [self._next() for _ in range(count)]

    def rest(self) -> list[dict[str, str]]:
        """All until nothing comes any more; the stream is of no use afterwards."""
        assert self._line.sock is not None
        self._line.sock.settimeout(QUIET_S)
        found = []
        try:
            while True:
                found.append(self._next())
        except (TimeoutError, EOFError):
            return found

    def all(self, count: int) -> list[dict[str, str]]:
        """So many, and whatever comes after them."""
        return self.take(count) + self.rest()

    def _next(self) -> dict[str, str]:
        event: dict[str, str] = {}
        while line := self._answer.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if line == "\n" and "data" in event:
                return event
            if name in ("id", "event", "data"):
                event[name] = value
        raise EOFError


@contextmanager
def live(node: Node, who: Post | None = DUTY, last: str | None = None, **asked: str) -> Iterator[Live]:
    with closing(HTTPConnection(node.url.removeprefix("http://"), timeout=PATIENCE_S)) as line:
        headers = node.signed(who, **({"Last_Event_ID": last} if last else {}))
        line.request("GET", f"/api/events/stream?{urlencode(asked)}", headers=headers)
        yield Live(line)


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
        "all": ({}, [here, there, here]),
        "city": ({"division": "150700"}, [here, there, here]),
        "banner": ({"division": "150722"}, [here, here]),
        "family": ({"type": "alerts.alert.revised"}, [here]),
        "service": ({"type": "alerts.alert"}, [here, there, here]),
        "half a word": ({"type": "alerts.al"}, []),
        "incident": ({"incident": incident}, [here, here]),
        "nothing": ({"incident": "NOBODY"}, []),
    }

    def streams_of(name: str) -> list[str]:
        asked, wanted = filters[name]
        with live(node, province, begin, **asked) as stream:
            return [alert_of(event) for event in stream.all(len(wanted))]

    with ThreadPoolExecutor(len(filters)) as pool:
        seen = dict(zip(filters, pool.map(streams_of, filters), strict=True))
    assert seen == {name: wanted for name, (_, wanted) in filters.items()}


def test_anybody_sees_what_is_public_and_a_neighbour_nothing_of_ours(node):
    begin = head(node)
    node.draft()
    taken = node.take(cap()).json()["stream"]
    for who in (None, NEIGHBOUR):
        with live(node, who, begin) as stream:
            assert [alert_of(event) for event in stream.all(1)] == [taken]


def test_two_posts_of_one_division_share_nothing_they_may_not_both_see(node):
    """Events are encoded once for callers who see the same: division and roles, not a guess about them."""
    assert Filter(circle=("150722", ("SECT.weather",))) != Filter(circle=("150722", ("VOL",)))
    begin = head(node)
    with live(node, AUTHOR, begin) as first, live(node, Post("V-1", "VOL"), begin) as second, live(node, None, begin) as anybody:
        node.draft()
        assert len(first.take(1)) == 1
        assert second.rest() == [] and anybody.rest() == []


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
        got += stream.all(len(made) - len(got))
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


def test_a_client_that_leaves_is_forgotten(node):
    until(lambda: metric(node, "ortoo_sse_clients") == 0)
    with live(node), live(node, None):
        until(lambda: metric(node, "ortoo_sse_clients") == 2)
    until(lambda: metric(node, "ortoo_sse_clients") == 0)


def test_a_client_that_does_not_read_is_closed_and_resumes(node):
    closed = metric(node, "ortoo_sse_closed_slow_total")
    begin, made = head(node), []
    text = "𠮷" * 10_000  # 40 kB, three times: fills the buffers of the kernel and the server soon
    with live(node, last=begin, type="alerts.alert") as stream:
        for _ in range(200):
            made.append(node.draft(cautions=text, measures=text, headline=text).json()["stream"])
            if metric(node, "ortoo_sse_closed_slow_total") > closed:
                break
            time.sleep(0.05)
        assert metric(node, "ortoo_sse_closed_slow_total") == closed + 1
        got = stream.rest()  # what was sent before it was closed
    assert len(got) < len(made)
    while len(got) < len(made):
        with live(node, last=got[-1]["id"] if got else begin, type="alerts.alert") as stream:
            got += stream.all(1)
    assert [alert_of(event) for event in got] == made


def test_everybody_is_told_of_a_release_when_it_goes_out_and_of_nothing_before(node):
    spokesperson, officer, government = (Post(f"B.{role}", role, DUTY.division) for role in ("PIO", "EMD.officer", "GOV"))
    name, path = fresh("RL"), "/api/alerts/releases"
    with live(node, None, type="alerts.bulletin") as told, live(node, None, type="alerts.release") as inner:
        said = [node.post(path, spokesperson, {"release": name, "kind": "measure", "text": "the road is closed"})]
        said.append(node.post(f"{path}/{name}/review", officer, {"secret": "none", "privacy": "none"}))
        said.append(node.post(f"{path}/{name}/approval", government, {}))
        said.append(node.post(f"{path}/{name}/publication", spokesperson, {}))
        assert [answer.status_code for answer in said] == [201] * 4, [answer.text for answer in said]
        (posted,) = told.take(1)
        assert posted["event"] == "alerts.bulletin.posted.v1" and json.loads(posted["data"])["data"]["release"] == name
        assert inner.rest() == []
