"""The SQLite log: the suite of its ports, and what is its own."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest

import shared.sql.sqlite as adapter
from shared.eventlog.ports import Attempt, Handled
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from shared.sql.ports import LogBusy, StorageFailed
from shared.testing.conformance import StoreConformance
from shared.testing.conformance_feed import FeedConformance
from shared.testing.facts import AT, all_of, new, put, run_of

NAME = "150000.alerts"


class SqliteVandal:
    def __init__(self, path) -> None:
        self._path = path

    def change(self, position):
        self._run(
            "DROP TRIGGER event_no_update",
            f"UPDATE event SET record = CAST(replace(record, 'urn:ortoo', 'urn:0rtoo') AS BLOB) WHERE position = {position}",
        )

    def cut(self, position):
        self._run("DROP TRIGGER event_no_delete", f"DELETE FROM event WHERE position > {position}")

    def update(self):
        self._run("UPDATE event SET type = 'other' WHERE position = 1")

    def delete(self):
        self._run("DELETE FROM event WHERE position = 1")

    def _run(self, *statements):
        db = sqlite3.connect(self._path, isolation_level=None)
        try:
            for statement in statements:
                db.execute(statement)
        finally:
            db.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.db"


@pytest.fixture
def log(path):
    return SqliteLog(path, NAME)


class TestSqliteLog(StoreConformance):
    @pytest.fixture
    def open_log(self, path):
        return partial(SqliteLog, path, NAME)

    @pytest.fixture
    def vandal(self, path):
        return SqliteVandal(path)


class TestSqliteFeed(FeedConformance):
    @pytest.fixture
    def feed(self, log):
        return log, lambda: put(log, new(NAME, "a-1", log.head().position + 1))


@pytest.mark.parametrize("table", ["event", "command", "attempt"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET rowid = rowid", "DELETE FROM {}"])
def test_no_row_of_the_record_can_be_changed_or_deleted(log, path, table, verb):
    with log.pen() as pen:
        handled = [Handled(UUID(int=1), b"f", "accepted", 1, b"{}")]
        pen.append([new(NAME, "a-1", 1)], handled, [Attempt(AT, "X", "A", None, "c", "r", None)], AT)
    column = {"event": "type", "command": "outcome", "attempt": "code"}[table]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        sqlite3.connect(path).execute(verb.format(table).replace("rowid", column))


def test_a_replaced_record_is_found_by_verify(log, path):
    put(log, *run_of(NAME, "a-1", 1, 5))
    forged = log.read(1, 1)[0].record.replace(b'"said":""', b'"said":"!"')
    db = sqlite3.connect(path)
    db.execute("DROP TRIGGER event_no_replace")
    db.execute("INSERT OR REPLACE INTO event SELECT position, stream, version, type, ?, chain FROM event WHERE position = 2", (forged,))
    db.commit()
    assert verify(log).position == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET stream = 'b-1' WHERE position = 3",
        "UPDATE event SET type = 'testing.thing.other.v1' WHERE position = 3",
        "UPDATE event SET version = 9 WHERE position = 3",
        "UPDATE event SET chain = zeroblob(32) WHERE position = 3",
        "UPDATE event SET record = 'text' WHERE position = 3",
        "UPDATE event SET record = CAST('{}' AS BLOB) WHERE position = 3",
        "DELETE FROM event WHERE position = 3",
        "UPDATE event SET position = 99 WHERE position = 3",
    ],
)
def test_whatever_is_changed_in_a_row_is_named_by_its_position(log, path, change):
    put(log, *run_of(NAME, "a-1", 1, 5))
    SqliteVandal(path)._run("DROP TRIGGER event_no_update", "DROP TRIGGER event_no_delete", change)
    verdict = verify(log)
    assert verdict.position == 2
    assert verdict.fault.startswith("position 3")


def test_a_moved_head_is_noticed(log, path):
    put(log, *run_of(NAME, "a-1", 1, 5))
    with pytest.raises(sqlite3.IntegrityError, match="only goes forward"):
        SqliteVandal(path)._run("UPDATE head SET position = 4")
    SqliteVandal(path)._run("DROP TRIGGER head_no_return", "UPDATE head SET position = 4")
    assert verify(log).fault is not None


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO event SELECT position, stream, version, type, x'00', chain FROM event WHERE position = 2",
        "INSERT OR REPLACE INTO event SELECT 6, stream, version, type, record, chain FROM event WHERE position = 2",
        "INSERT OR REPLACE INTO command VALUES (x'01', x'00', 'accepted', 1, x'00')",
        "DELETE FROM head",
    ],
)
def test_replacing_is_no_way_around(log, path, statement):
    put(log, *run_of(NAME, "a-1", 1, 5))
    SqliteVandal(path)._run("INSERT INTO command VALUES (x'01', x'ff', 'accepted', 5, x'ff')")
    with pytest.raises(sqlite3.IntegrityError):
        SqliteVandal(path)._run(statement)
    assert verify(log).fault is None and log.unguarded() == []


def test_a_log_that_grows_while_it_is_verified_is_whole(log):
    put(log, *run_of(NAME, "a-1", 1, 5))
    late = iter([6])

    def grow(position):
        for version in late:
            put(log, new(NAME, "a-1", version))

    verdict = verify(log, progress=grow)
    assert (verdict.fault, verdict.position) == (None, 6)


@pytest.mark.parametrize("race", range(10))
def test_many_may_open_a_new_log_at_once(path, race):
    start = Barrier(8, timeout=20)

    def open_it(_):
        start.wait()
        return SqliteLog(path, NAME).head().position

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_it, range(8))) == [0] * 8


def test_who_cannot_have_the_pen_in_time_is_told_it_is_busy(path, monkeypatch):
    monkeypatch.setattr(adapter, "BUSY_MS", 50)
    first, second = SqliteLog(path, NAME), SqliteLog(path, NAME)
    with first.pen() as pen:
        pen.append([new(NAME, "a-1", 1)])
        with pytest.raises(LogBusy), second.pen():
            pass
    with second.pen() as pen:
        assert pen.head.position == 1


def test_a_full_disk_stores_nothing_of_a_batch_and_breaks_nothing(path):
    log = SqliteLog(path, NAME)
    put(log, *run_of(NAME, "a-1", 1, 5))
    log._db.execute(f"PRAGMA max_page_count = {log._db.execute('PRAGMA page_count').fetchone()[0] + 2}")
    with pytest.raises(StorageFailed):
        put(log, *run_of(NAME, "big-1", 1, 200, "x" * 2_000))
    assert len(all_of(log)) == 5
    log._db.execute("PRAGMA max_page_count = 1000000")
    put(log, new(NAME, "a-1", 6))
    assert (verify(log).fault, verify(log).position) == (None, 6)


def test_a_file_that_holds_another_log_is_refused(path):
    SqliteLog(path, NAME).close()
    with pytest.raises(StorageFailed, match="another log"):
        SqliteLog(path, "650000.alerts")


def test_a_file_that_is_no_log_is_refused(path):
    path.write_bytes(b"not a database" * 1_000)
    with pytest.raises(StorageFailed):
        SqliteLog(path, NAME)
