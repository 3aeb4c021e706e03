"""`ortoo feed tail`: every event once and in order; what is missing or does not follow is named, and nothing after it is shown."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from cloudevents.core.formats.json import JSONFormat

from services.client.feed import Access, Count, follow
from shared.kernel.envelope import Recorded
from shared.kernel.errors import LogGap
from tests.feeds import topic
from tests.feeds.world import FEED
from tests.support import ortoo


class Centre:
    """A command centre that reads an audience's topic."""

    def __init__(self, servers: str, folder: Path, audience: str) -> None:
        self.servers, self.folder, self.audience = servers, folder, audience

    def tail(self, *options: str, province: str = "150000") -> CompletedProcess[str]:
        return ortoo(self.folder, "feed", "tail", self.audience, *options, ORTOO_KAFKA=self.servers, ORTOO_PROVINCE=province)

    def shown(self, *options: str) -> list[str]:
        """The ids of what it prints, and how it ended."""
        done = self.tail("--json", *options)
        assert done.returncode == 0, done.stderr
        return [json.loads(line)["id"] for line in done.stdout.splitlines()]


@pytest.fixture
def audience() -> str:
    return f"B-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def events(tmp_path, audience) -> list[Recorded]:
    return topic.history(tmp_path / "node", audience)


@pytest.fixture
def centre(broker, tmp_path, audience) -> Centre:
    topic.make(broker, f"150000.to.{audience}")
    return Centre(broker, tmp_path, audience)


def ids(events: list[Recorded], *positions: int) -> list[str]:
    return [events[position - 1].id for position in positions]


def test_every_event_comes_once_though_some_were_sent_twice(centre, events):
    topic.send(centre.servers, events[0].envelope.log, [*events[:4], *events[2:], *events[5:]])
    assert centre.shown("--count", "7") == ids(events, *range(1, 8))
    said = centre.tail("--count", "7").stdout.splitlines()
    assert len(said) == 7 and all(event.id in line and event.stream in line for event, line in zip(events, said, strict=True))


def test_what_is_printed_as_json_is_read_by_the_cloudevents_library(centre, events):
    topic.send(centre.servers, events[0].envelope.log, events)
    lines = centre.tail("--json", "--count", "7").stdout.splitlines()
    read = [JSONFormat().read(None, line.encode()) for line in lines]
    assert [event.get_extension("origin") for event in read] == [event.envelope.origin for event in events]
    assert [event.get_type() for event in read] == [event.type for event in events]


@pytest.mark.parametrize("first", [1, 2, 5, 7])
def test_it_begins_where_it_is_told_to(centre, events, first):
    topic.send(centre.servers, events[0].envelope.log, [*events[:3], *events[:3], *events[3:]])
    assert centre.shown("--from", str(first), "--count", str(8 - first)) == ids(events, *range(first, 8))


def test_it_goes_on_behind_what_its_cursor_file_says(centre, events, tmp_path):
    cursor = str(tmp_path / "place.json")
    topic.send(centre.servers, events[0].envelope.log, events[:5])
    assert centre.shown("--cursor", cursor, "--count", "3") == ids(events, 1, 2, 3)
    topic.send(centre.servers, events[0].envelope.log, events[3:])
    assert centre.shown("--cursor", cursor, "--count", "4") == ids(events, 4, 5, 6, 7)


def test_a_topic_that_was_made_anew_is_read_on_where_the_cursor_is(centre, events):
    log = events[0].envelope.log
    topic.send(centre.servers, log, events[:3])  # shorter than it was, and still being filled
    following = follow(Access(centre.servers), log, Count(log, 5, events[4].chain))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(next, following)
        time.sleep(1)  # by now it reads
        topic.send(centre.servers, log, events[3:])
        assert first.result(30)["id"] == events[5].id
        assert pool.submit(next, following).result(30)["id"] == events[6].id
        pool.submit(following.close).result(30)


def refused(done: CompletedProcess[str], status: int, *words: str) -> list[str]:
    assert done.returncode == status, done.stderr
    assert all(word in done.stderr for word in words), done.stderr
    assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr
    return [json.loads(line)["id"] for line in done.stdout.splitlines()]


def test_a_gap_is_named_and_nothing_behind_it_is_shown(centre, events):
    topic.send(centre.servers, events[0].envelope.log, [*events[:3], *events[4:]])
    assert refused(centre.tail("--json"), 1, "gap", "after 3 came 5", "--from 4") == ids(events, 1, 2, 3)


@pytest.mark.parametrize("what", ["data", "chain"])
def test_a_forged_event_is_named_and_not_shown(centre, events, what):
    sent = events[3].cloud_event()
    forged = sent.replace(b'"said":"cap', b'"said":"map') if what == "data" else sent.replace(events[3].chain.hex().encode(), b"0" * 64)
    assert forged != sent
    topic.send(centre.servers, events[0].envelope.log, [*events[:3], forged, *events[4:]])
    assert refused(centre.tail("--json"), 1, "fork", "position 4") == ids(events, 1, 2, 3)


def test_another_history_than_the_one_the_cursor_knows_is_named(centre, events, tmp_path):
    cursor = tmp_path / "place.json"
    cursor.write_text(json.dumps({"position": 3, "chain": events[4].chain.hex()}))
    topic.send(centre.servers, events[0].envelope.log, events)
    assert refused(centre.tail("--json", "--cursor", str(cursor)), 1, "fork", "two histories") == []


@pytest.mark.parametrize("value", [b"", b"hello", b"[1, 2]", b'{"position": 1}', b"\xff\xfe"])
def test_a_record_that_is_no_event_is_named(centre, events, value):
    topic.send(centre.servers, events[0].envelope.log, [*events[:2], value])
    assert refused(centre.tail("--json"), 1, "unreadable", "not an event of a log") == ids(events, 1, 2)


def test_a_cursor_file_that_says_something_else_is_named(centre, tmp_path):
    (tmp_path / "place.json").write_text('{"position": "seven"}')
    refused(centre.tail("--cursor", str(tmp_path / "place.json")), 2, "does not say how far")


def test_a_topic_that_is_not_there_is_named(centre):
    refused(centre.tail(province="999999"), 2, "has no topic 999999.to.")


def test_a_broker_that_does_not_answer_is_named(tmp_path):
    refused(Centre("127.0.0.1:9", tmp_path, "B").tail(), 2, "127.0.0.1:9")


def test_a_topic_that_begins_too_late_is_a_gap(tmp_path):
    events = topic.history(tmp_path / "node", "B")
    count = Count(FEED, 3, None)
    with pytest.raises(LogGap, match="begins at 5, position 3 is not there"):
        count.take(events[4].cloud_event())


def test_a_password_is_not_printed():
    assert "secret" not in repr(Access("127.0.0.1:9092", "centre-B", "secret"))
