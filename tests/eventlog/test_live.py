"""The log of a running node: the suite of its ports, and that what memory answers is what the file would."""

from __future__ import annotations

from functools import partial

import pytest

from shared.eventlog.chain import Cursor
from shared.eventlog.live import LiveLog, Tail
from shared.eventlog.sqlite import SqliteLog
from shared.kernel.envelope import Recorded, genesis
from shared.kernel.errors import LogFork
from shared.testing.conformance import StoreConformance
from shared.testing.conformance_feed import FeedConformance
from shared.testing.facts import new, put, run_of
from tests.eventlog.test_sqlite import NAME, SqliteVandal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.db"


@pytest.fixture
def log(path):
    return LiveLog(path, NAME)


class TestLiveLog(StoreConformance):
    @pytest.fixture
    def open_log(self, path):
        return partial(LiveLog, path, NAME)

    @pytest.fixture
    def vandal(self, path):
        return SqliteVandal(path)


class TestLiveFeed(FeedConformance):
    @pytest.fixture
    def feed(self, log):
        return log, lambda: put(log, new(NAME, "a-1", log.head().position + 1))


def rows(events):
    return [(e.position, e.stream, e.version, e.type, e.record, e.chain) for e in events]


def some(first, number, size=10):
    return [Recorded(position, "a-1", position, "t.v1", b"x" * size, b"") for position in range(first, first + number)]


def test_every_reader_gets_the_same_events_decoded_once(log):
    put(log, *run_of(NAME, "a-1", 1, 5))
    first, second = log.read(2), log.read(2)
    assert [e.position for e in first] == [3, 4, 5]
    assert all(one is other for one, other in zip(first, second, strict=True))


def test_memory_and_file_answer_alike_wherever_one_asks(log, path):
    file = SqliteLog(path, NAME)
    put(log, *run_of(NAME, "a-1", 1, 5))
    put(log, *run_of(NAME, "b-1", 1, 5))
    for after in range(12):
        for limit in (1, 3, 1000):
            assert rows(log.read(after, limit)) == rows(file.read(after, limit))


def test_what_another_process_wrote_in_between_is_not_left_out(log, path):
    other = SqliteLog(path, NAME)
    put(log, *run_of(NAME, "a-1", 1, 3))
    put(other, *run_of(NAME, "b-1", 1, 2))
    assert [e.position for e in log.read(3)] == [4, 5]  # from the file: memory ends before
    put(log, *run_of(NAME, "c-1", 1, 2))
    for after in range(8):
        assert rows(log.read(after)) == rows(other.read(after))


def test_what_was_rolled_back_is_never_read(log):
    put(log, *run_of(NAME, "a-1", 1, 2))
    with pytest.raises(RuntimeError), log.pen() as pen:
        pen.append(run_of(NAME, "b-1", 1, 2))
        raise RuntimeError
    assert log.read(2) == []
    put(log, *run_of(NAME, "c-1", 1, 1))
    assert [e.stream for e in log.read(2)] == ["c-1"]


def test_two_appends_under_one_pen_are_one_run(log):
    with log.pen() as pen:
        pen.append(run_of(NAME, "a-1", 1, 2))
        pen.append(run_of(NAME, "b-1", 1, 2))
    assert [e.position for e in log.read(1)] == [2, 3, 4]


def test_a_tail_keeps_the_newest_by_number_and_by_bytes():
    tail = Tail(most=10, bytes=1_000)
    for first in range(1, 101, 5):
        tail.committed(some(first, 5), first + 4)
    assert tail.after(50, 1) is None  # forgotten: the file is asked
    assert [e.position for e in tail.after(95, 2)] == [96, 97]
    assert tail.after(100, 5) is None  # somebody else may have gone on
    tail.committed(some(101, 5, size=900), 105)
    assert [e.position for e in tail.after(104, 9)] == [105]
    assert tail.after(103, 9) is None


def test_a_gap_forgets_what_was_before_it():
    tail = Tail()
    tail.committed(some(1, 3), 3)
    tail.committed(some(7, 2), 8)
    assert tail.after(2, 5) is None
    assert [e.position for e in tail.after(6, 5)] == [7, 8]


def test_who_is_level_with_a_log_that_only_this_process_writes_asks_no_file(path, monkeypatch):
    put(SqliteLog(path, NAME), *run_of(NAME, "a-1", 1, 3))
    log, file = LiveLog(path, NAME, alone=True), SqliteLog(path, NAME)
    for last in (3, 5):
        for after in range(last + 3):
            assert rows(log.read(after)) == rows(file.read(after))
        with monkeypatch.context() as patched:
            patched.setattr(SqliteLog, "read", None)
            assert log.read(last) == []
        put(log, *run_of(NAME, f"b-{last}", 1, 2))


def test_what_was_rolled_back_moves_no_end(path):
    log = LiveLog(path, NAME, alone=True)
    with pytest.raises(RuntimeError), log.pen() as pen:
        pen.append(run_of(NAME, "a-1", 1, 2))
        raise RuntimeError
    assert log.read(0) == []
    put(log, *run_of(NAME, "a-1", 1, 1))
    assert [e.position for e in log.read(0)] == [1]


def test_that_an_event_followed_one_chain_proves_nothing_of_another(log):
    put(log, *run_of(NAME, "a-1", 1, 3))
    batch = log.read(0)
    for _ in range(2):
        assert Cursor(0, genesis(NAME)).follow(batch) == batch
    with pytest.raises(LogFork):
        Cursor(0, genesis("another")).follow(batch)
    forged = Recorded(2, "a-1", 2, batch[1].type, batch[1].record + b" ", batch[1].chain)
    with pytest.raises(LogFork):
        Cursor(0, genesis(NAME)).follow([batch[0], forged, batch[2]])


def test_a_commit_that_is_not_noted_here_is_found_in_the_file(path, monkeypatch):
    log = LiveLog(path, NAME, alone=True)
    with monkeypatch.context() as patched:
        patched.setattr(Tail, "committed", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            put(log, *run_of(NAME, "a-1", 1, 2))
    assert [e.position for e in log.read(0)] == [1, 2]
    put(log, *run_of(NAME, "b-1", 1, 1))
    assert [e.position for e in log.read(0)] == [1, 2, 3]
