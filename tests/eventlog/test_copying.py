"""A log copied from SQLite to PostgreSQL: all of it, once, and into nothing but an empty log."""

from __future__ import annotations

import sqlite3
from uuid import UUID, uuid5

import pytest

from shared.eventlog.copying import CHUNK, FIRST, CopyFailed, copy_log
from shared.eventlog.ports import Attempt, Handled
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.sqlite import SqliteLog
from shared.testing.facts import AT, all_of, new, put, run_of

NAME = "150000.alerts"
EVENTS = CHUNK + 7


@pytest.fixture
def source(tmp_path):
    """A log with more than a chunk of everything."""
    log = SqliteLog(tmp_path / "log.db", NAME)
    told = [Handled(uuid5(UUID(int=1), str(n)), bytes([n % 256]), "accepted", n + 1, b'{"n":1}') for n in range(EVENTS)]
    refused = [Attempt(AT, f"X{n}", "EMD-1", None, "not_allowed", "matrix.3.27", None) for n in range(3)]
    with log.pen() as pen:
        pen.append(run_of(NAME, "预警-1", 1, EVENTS, "暴雨"), told, refused, AT)
    for reader in ("policies", "when_a_thing_then_another"):
        log.save_cursor(reader, NAME, 5, log.chain_at(5))
    parking = log.parking()
    for recorded in log.read(3, 3):
        parking.park("when_a_thing_then_another", NAME, recorded, f"no {recorded.position}")
    yield log
    log.close()


@pytest.fixture
def target(pg):
    log = PostgresLog(pg, NAME)
    yield log
    log.close()


def test_all_of_a_log_is_there_byte_by_byte(source, target):
    done = []
    copy_log(source, target, done.append)
    assert [r.cloud_event() for r in all_of(target)] == [r.cloud_event() for r in all_of(source)]
    assert target.head() == source.head()
    assert target.attempts() == source.attempts() and len(target.attempts()) == 3
    assert target.cursors() == source.cursors() and len(target.cursors()) == 2
    assert target.parking().listed() == source.parking().listed() and len(target.parking().listed()) == 3
    known = source.outcomes(FIRST, 2 * EVENTS)
    with target.pen() as pen:
        assert pen.handled([each.id for each in known]) == {each.id: each for each in known}
    assert done == sorted(done) and done[-1] == 2 * EVENTS
    put(target, new(NAME, "预警-1", EVENTS + 1))


def test_an_empty_log_is_copied_too(tmp_path, target):
    copy_log(SqliteLog(tmp_path / "empty.db", NAME), target)
    assert target.head().position == 0


@pytest.mark.parametrize("stops_at", [CHUNK, EVENTS, EVENTS + CHUNK])
def test_a_copy_that_was_broken_off_begins_again(source, target, stops_at):
    class Stopped(Exception):
        pass

    def stop(done):
        if done >= stops_at:
            raise Stopped

    with pytest.raises(Stopped):
        copy_log(source, target, stop)
    assert target.head().position == 0 and target.outcomes(FIRST, 1) == []
    copy_log(source, target)
    copy_log(source, target)  # and a second time it is there already
    assert target.head() == source.head()


def test_a_log_that_holds_something_else_is_left_alone(source, target):
    put(target, new(NAME, "b-1", 1, "other"))
    with pytest.raises(CopyFailed, match="not empty"):
        copy_log(source, target)
    assert target.head().position == 1


def test_a_copy_that_was_written_to_is_no_copy(source, target):
    copy_log(source, target)
    target.save_cursor("policies", NAME, 6, b"c")
    with pytest.raises(CopyFailed, match="cursors"):
        copy_log(source, target)
    put(target, new(NAME, "b-1", 1))
    with pytest.raises(CopyFailed, match="not empty"):
        copy_log(source, target)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE event SET record = CAST(replace(CAST(record AS TEXT), '暴雨', '小雨') AS BLOB) WHERE position = 4",
        "DELETE FROM event WHERE position = 9",
    ],
)
def test_nothing_is_copied_from_a_broken_log(source, target, damage):
    with sqlite3.connect(source.path) as db:
        db.execute("DROP TRIGGER event_no_update")
        db.execute("DROP TRIGGER event_no_delete")
        assert db.execute(damage).rowcount == 1
    with pytest.raises(CopyFailed, match="is broken"):
        copy_log(source, target)
    assert target.head().position == 0


@pytest.mark.parametrize("head", ["", "UPDATE head SET position = 100, chain = (SELECT chain FROM event WHERE position = 100)"])
def test_a_log_whose_tail_was_cut_is_not_taken_for_whole(source, target, head):
    with sqlite3.connect(source.path) as db:
        db.execute("DROP TRIGGER event_no_delete")
        db.execute("DROP TRIGGER head_no_return")
        db.execute("DELETE FROM event WHERE position > 100")
        db.execute(head)
    with pytest.raises(CopyFailed, match="cut off after position 100"):
        copy_log(source, target)
    assert target.head().position == 0


def test_a_log_without_events_is_copied_again_and_again(tmp_path, target):
    log = SqliteLog(tmp_path / "refused.db", NAME)
    with log.pen() as pen:
        pen.append([], attempts=[Attempt(AT, "X", "EMD-1", None, "not_allowed", "matrix.3.27", None)])
    for _ in range(2):
        copy_log(log, target)
        assert target.attempts() == log.attempts()
    with target.pen() as pen:
        pen.append([], attempts=log.attempts())
    with pytest.raises(CopyFailed, match="attempts"):
        copy_log(log, target)
