"""A log that is put back to an older copy while processes have it open, and a topic that holds what the log does not."""

from __future__ import annotations

import math
import shutil
from contextlib import closing, suppress
from uuid import UUID

import pytest

from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from shared.handling import writer
from shared.handling.relay import Relay
from shared.kernel.envelope import carried
from shared.kernel.errors import LogFork, Unreadable
from shared.runtime import guarded
from shared.runtime.guarded import Guarded
from shared.runtime.turns import InTurn
from shared.testing.facts import put, run_of
from tests.feeds.world import FEED, World, add, run_dry
from tests.handling.desk import NAME, Desk
from tests.hosts.test_turns import Turn

BACK = "was put back while it was open"
FIRST = r"The first such record: offset 2, position 3, [a-z.]+v1, 20\d\d-"


class Swapped(SqliteLog):
    """A log whose database somebody replaces behind the process's back."""

    def become(self, path) -> None:
        self.close()
        self.path = path


class Listed:
    """A topic as a list of records."""

    def __init__(self, *values, name=NAME) -> None:
        self.name, self.values = name, list(values)

    def last(self):
        found = []
        for value in self.values:
            with suppress(Unreadable):
                found.append(carried(self.name, value))
        return (found[-1].position, found[-1].chain) if found else None

    def send(self, records):
        self.values += [recorded.cloud_event() for recorded in records]
        return True

    def bounds(self):
        return 0, len(self.values)

    def read(self, offset, limit):
        return list(enumerate(self.values))[offset : offset + limit]

    def close(self):
        """Nothing is held."""


@pytest.fixture
def log(tmp_path):
    (tmp_path / "desk").mkdir()
    return Swapped(tmp_path / "desk" / "log.db", NAME)


def copied(log, to):
    log.close()
    return shutil.copy(log.path, to)


@pytest.mark.parametrize("rewritten", [0, 5], ids=["shorter", "as long, with other events"])
def test_a_writer_whose_log_was_put_back_decides_nothing_more(log, tmp_path, rewritten):
    desk = Desk(tmp_path / "desk", log=log)
    desk.receive()
    older = copied(log, tmp_path / "older.db")
    for _ in range(5):
        desk.receive()
    other = SqliteLog(older, NAME)
    put(other, *run_of(NAME, "item-other", 1, rewritten))
    before = other.head()
    log.become(older)
    for id in (900, 901):
        refused = desk.receive(id=UUID(int=id))
        assert isinstance(refused, LogFork) and BACK in str(refused)
    assert other.head() == before and verify(other).fault is None


def test_a_filter_whose_feed_log_was_put_back_gives_nothing_more(tmp_path):
    world = World(tmp_path / "node")
    filter = world.filter()
    add(world.alerts, "alert-1", "alert.published", count=3)
    run_dry(filter)
    filter.out = SqliteLog(tmp_path / "older.db", FEED)
    add(world.alerts, "alert-1", "alert.updated")
    with pytest.raises(LogFork, match=BACK):
        filter.step()
    assert filter.out.head().position == 0


def test_a_relay_whose_log_was_put_back_sends_nothing_more(log, tmp_path):
    put(log, *run_of(NAME, "a-1", 1, 2))
    older = copied(log, tmp_path / "older.db")
    put(log, *run_of(NAME, "a-1", 3, 3))
    relay = Relay(log, topic := Listed())
    while relay.step():
        pass
    log.become(older)
    put(log, *run_of(NAME, "a-1", 3, 4, "otherwise"))
    with pytest.raises(LogFork, match=BACK):
        relay.step()
    assert len(topic.values) == 5


def forged(log, position):
    """A record that says it is the log's, with a chain of its own."""
    return log.read(position - 1, 1)[0].cloud_event()[:-66] + b"0" * 64 + b'"}'


def test_a_forged_record_at_the_end_of_a_topic_is_no_restored_log(log):
    put(log, *run_of(NAME, "a-1", 1, 5))
    sent = [recorded.cloud_event() for recorded in log.read(0)]
    for last, ours in ((2, 5), (5, 4), (1, 0)):
        with closing(Relay(log, Listed(*sent[:ours], b"nonsense", forged(log, last)))) as relay:
            words = rf"offset {ours + 1} of the topic {NAME} is a record that follows from none.*forged.*make it again"
            with pytest.raises(LogFork, match=words):
                relay.step()


def test_a_topic_that_goes_on_where_the_log_ends_is_that_of_a_restored_log(log, tmp_path):
    put(log, *run_of(NAME, "a-1", 1, 2))
    restored = SqliteLog(copied(log, tmp_path / "older.db"), NAME)
    put(log, *run_of(NAME, "a-1", 3, 3))
    topic = Listed(*(recorded.cloud_event() for recorded in log.read(0)))
    with pytest.raises(LogFork, match=rf"ends with position 5, this log with 2: the log was restored.*or what follows was forged. {FIRST}"):
        Relay(restored, topic).step()
    put(restored, *run_of(NAME, "a-1", 3, 9, "otherwise"))
    with pytest.raises(LogFork, match=rf"another event at position 5: two copies.*or a record was forged. {FIRST}"):
        Relay(restored, topic).step()


def test_a_relay_goes_on_by_itself_once_its_topic_is_cured_and_never_when_its_log_was_put_back(log, tmp_path, monkeypatch):
    put(log, *run_of(NAME, "a-1", 1, 5))
    older = copied(log, tmp_path / "older.db")
    sent = [recorded.cloud_event() for recorded in log.read(0)]
    topic, of = Listed(*sent, forged(log, 5)), Guarded("desk")
    monkeypatch.setattr(guarded, "LOOK_AGAIN_S", math.inf)
    relaying = InTurn(Turn([]), lambda: Relay(log, topic), Relay.close, lambda: None)

    def step():
        of.guarded("relay", relaying.step)
        return of.faults.get("relay", "")

    assert "it was forged" in step()
    topic.values.clear()  # deleted, and made anew
    assert "it was forged" in step(), "it does not look all the time"
    monkeypatch.setattr(guarded, "LOOK_AGAIN_S", 0.0)
    of = Guarded("desk")
    topic.values[:] = [*sent, forged(log, 5)]
    assert "it was forged" in step()
    topic.values.clear()
    assert step() == "" and topic.values == sent
    put(log, *run_of(NAME, "a-1", 6, 2))
    assert step() == "" and len(topic.values) == 7
    log.become(older)
    for _ in range(2):
        assert BACK in step()
    topic.values.clear()
    assert BACK in step() and topic.values == []


def test_a_writer_that_is_far_behind_reads_on_without_the_pen(log, tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "FAR", 3)
    desk, other = Desk(tmp_path / "desk", log=log), Desk(tmp_path / "desk")
    desk.receive()
    for id in range(100, 120):
        other.receive(1, id=UUID(int=id))
    held, under = [], []
    pen, read = log.pen, log.read

    class Watched:
        def __enter__(self):
            self.inner = pen()
            held.append(1)
            return self.inner.__enter__()

        def __exit__(self, *error):
            held.pop()
            return self.inner.__exit__(*error)

    def watched(*asked):
        under.append(bool(held))
        return read(*asked)

    monkeypatch.setattr(log, "pen", Watched)
    monkeypatch.setattr(log, "read", watched)
    assert desk.receive().position == 22
    assert under == [False], "what the others wrote was read while they could write"
