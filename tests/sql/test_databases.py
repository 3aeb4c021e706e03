"""A table behaves alike whichever database holds it; every test runs on both."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest

from shared.sql.pool import Pool, transaction
from shared.sql.ports import LogBusy, NotReadable, StorageFailed

ITEMS = """
CREATE TABLE IF NOT EXISTS item (name TEXT PRIMARY KEY, count INTEGER NOT NULL, weight REAL, body BLOB) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS item_count ON item (count)"""
PUT = "INSERT INTO item VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET count = excluded.count"


WRONG = (sqlite3.IntegrityError, sqlite3.DataError, psycopg.IntegrityError, psycopg.ProgrammingError, StorageFailed)
"""What a row that does not fit raises: each database has its own name for it."""


@pytest.fixture
def db(database):
    db = database.connect()
    db.executescript(ITEMS)
    yield db
    db.close()


def put(db, name, count=1):
    db.execute(PUT, (name, count, None, None))


def names(database):
    return [row["name"] for row in database.look().execute("SELECT name FROM item ORDER BY name")]


def test_values_come_back_as_they_were(database, db):
    rows = [("a", 2**62, 0.1, b"\x00\xff"), ("b", -1, None, b""), ("蒙古 ᠮᠣᠩᠭᠣᠯ 🐎 \\ ' \" ? :x % $1", True, 1e300, None)]
    db.executemany(PUT, rows)
    assert sorted((*row,) for row in database.look().execute("SELECT * FROM item")) == sorted(rows)


@pytest.mark.parametrize("number", [0, 1, 2, 3, 63, 64, 65, 200])
def test_many_rows_are_written_as_they_would_be_one_by_one(db, number):
    rows = [(f"item {n % 150}", n, n / 2, b"x" * n) for n in range(number)]  # the last of a name counts
    db.executemany(PUT, iter(rows))
    found = {row[0]: row[1] for row in db.execute("SELECT name, count FROM item").fetchall()}
    assert found == {name: count for name, count, *_ in rows}


def test_a_row_with_too_few_values_is_refused_and_large_values_come_through(database, db):
    for rows in ([("a", 1, None, None), ("b", 2, None)], [("a", 1, None, None), ("b", 2, None, None, 3), ("c", 1, None)]):
        with pytest.raises(WRONG), transaction(db):
            db.executemany("INSERT INTO item VALUES (?, ?, ?, ?)", rows)
        assert names(database) == []
    large = [(f"item {n}", n, None, bytes([n]) * 100_000) for n in range(5)]
    db.executemany(PUT, large)
    assert sorted((*row,) for row in database.look().execute("SELECT * FROM item")) == large


def test_of_many_rows_in_a_transaction_none_stays_when_one_does_not_fit(database, db):
    rows = [(f"item {n}", n, None, None) for n in range(90)]
    for wrong in (3, 64, 89):
        with pytest.raises(WRONG), transaction(db):
            db.executemany(
                "INSERT INTO item VALUES (?, ?, ?, ?)", [*rows[:wrong], ("item 0" if wrong else "", None, None, None), *rows[wrong:]]
            )
        assert names(database) == []


def test_a_row_is_read_by_number_and_by_name(database, db):
    put(db, "tent", 3)
    row = database.look().execute("SELECT name, count FROM item").fetchone()
    assert (row[0], row["count"], dict(row), [*row]) == ("tent", 3, {"name": "tent", "count": 3}, ["tent", 3])


def test_a_value_may_be_named_and_said_twice(db):
    db.execute("INSERT INTO item VALUES (:name, :n, :n, NULL)", {"name": "tent", "n": 7, "unused": 1})
    assert db.execute("SELECT count, weight FROM item WHERE name = :name", {"name": "tent"}).fetchone() == (7, 7.0)


def test_marks_inside_a_text_are_text(db):
    assert db.execute("SELECT '? :name ''?''' || ? || \"name\" FROM (SELECT 'x' AS name) AS t", ("!",)).fetchone()[0] == "? :name '?'!x"


def test_text_is_ordered_byte_by_byte(database, db):
    db.executemany(PUT, [(name, 1, None, None) for name in ("b", "B", "a_", "a", "A", "a1", "é")])
    assert names(database) == ["A", "B", "a", "a1", "a_", "b", "é"]


def test_what_is_put_twice_is_there_once(database, db):
    put(db, "tent", 1)
    put(db, "tent", 2)
    assert [(*row,) for row in database.look().execute("SELECT name, count FROM item")] == [("tent", 2)]


def test_how_many_rows_were_changed_is_told(db):
    db.executemany(PUT, [(name, 1, None, None) for name in "abc"])
    assert db.execute("UPDATE item SET count = 2 WHERE name < 'c'").rowcount == 2
    assert db.execute("UPDATE item SET count = 2 WHERE name = 'z'").rowcount == 0


def test_a_transaction_is_seen_whole_or_not_at_all(database, db):
    with transaction(db):
        put(db, "a")
        put(db, "b")
        assert db.in_transaction and names(database) == []
    assert not db.in_transaction and names(database) == ["a", "b"]
    with pytest.raises(KeyError), transaction(db):
        put(db, "c")
        raise KeyError
    assert not db.in_transaction and names(database) == ["a", "b"]


def test_after_a_refused_row_nothing_of_its_transaction_is_there(database, db):
    put(db, "a")
    refused = []
    with pytest.raises(Exception, match=r"unique|UNIQUE|NOT NULL|not-null"), transaction(db):
        put(db, "b")
        db.execute("INSERT INTO item VALUES ('a', 1, NULL, NULL)")
    refused += names(database)
    with pytest.raises(Exception, match=r"unique|UNIQUE|NOT NULL|not-null"), transaction(db):
        db.executemany("INSERT INTO item VALUES (?, ?, NULL, NULL)", [("c", 1), ("d", None)])
    assert refused == names(database) == ["a"]
    put(db, "e")
    assert names(database) == ["a", "e"]


def test_a_transaction_keeps_others_waiting_who_are_told_when_it_takes_too_long(databases, monkeypatch):
    from shared.sql import sessions, sqlite

    monkeypatch.setattr(sqlite, "BUSY_MS", 200)
    monkeypatch.setattr(sessions, "USUAL", sessions.Limits(wait_ms=200))
    database = databases.at("busy")
    first, second = database.connect(), database.connect()
    first.executescript(ITEMS)
    put(first, "tent")
    with transaction(first):
        put(first, "tent", 2)
        with pytest.raises(LogBusy), transaction(second):
            put(second, "tent", 3)
    with transaction(second):
        put(second, "tent", 4)
    assert first.execute("SELECT count FROM item").fetchone()[0] == 4


def test_a_statement_that_cannot_be_done_is_a_failure_of_storage(db):
    for broken in ("SELECT * FROM nothing", "SELEC", "SELECT nothing FROM item"):
        with pytest.raises(StorageFailed):
            db.execute(broken)
    with pytest.raises(StorageFailed):
        db.executescript("CREATE TABLE item (x)")
    put(db, "a")


def test_who_looks_cannot_write_and_is_told_what_is_not_there(database, db):
    look = database.look()
    with pytest.raises(NotReadable):
        put(look, "a")
    with pytest.raises(NotReadable):
        look.execute("SELECT * FROM nothing")
    assert names(database) == []


@pytest.mark.parametrize("race", range(5))
def test_many_may_make_the_same_tables_at_once(databases, race):
    start = Barrier(6, timeout=20)

    def make(n):
        database = databases.at(f"new {race}")
        start.wait()
        db = database.connect()
        db.executescript(ITEMS)
        put(db, f"n{n}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(make, range(6)))
    assert names(databases.at(f"new {race}")) == [f"n{n}" for n in range(6)]


def test_databases_are_apart_and_known_by_name(databases):
    for name in ("150000.alerts", "b"):
        db = databases.at(name).connect()
        db.executescript(ITEMS)
        put(db, name)
        db.close()
    assert databases.names() == ["150000.alerts", "b"]
    assert names(databases.at("150000.alerts")) == ["150000.alerts"]
    databases.drop("b")
    databases.drop("never there")
    assert databases.names() == ["150000.alerts"]


def test_what_is_marked_whole_stays_so_and_the_later_one_sorts_last(databases):
    first, second = databases.at("z-first"), databases.at("a-second")
    assert first.marked() is second.marked() is None
    for database in (first, second):
        database.connect().executescript(ITEMS)
        assert database.marked() is None
        database.mark()
    again = [databases.at(name).marked() for name in ("z-first", "a-second")]
    assert None not in again and again == sorted(again)


def test_a_pool_gives_each_unit_of_work_a_connection_of_its_own_and_keeps_it_for_the_next(database, db):
    opened = []

    def connect():
        opened.append(1)
        return database.connect()

    pool = Pool(connect)
    for n in range(20):
        with pool.transaction() as mine:
            put(mine, f"n{n:02}")
    with pool.use() as one, pool.use() as two:
        assert one is not two
    assert (len(opened), len(names(database))) == (2, 20)
    with pytest.raises(KeyError), pool.transaction() as mine:
        put(mine, "never")
        raise KeyError
    assert "never" not in names(database)
    pool.close()


def test_a_connection_left_inside_a_transaction_is_not_given_to_the_next(database, db):
    pool = Pool(database.connect)
    with pool.use() as left:
        left.execute("BEGIN IMMEDIATE")
        put(left, "never")
    with pool.use() as next_:
        assert next_ is not left and not next_.in_transaction
        put(next_, "a")
    assert names(database) == ["a"]


def test_a_turn_is_held_by_whoever_writes_through_it(database):
    turn = database.turn(durable=False)
    assert turn.held() and turn.held()
    turn.connection.executescript(ITEMS)
    put(turn.connection, "a")
    assert names(database) == ["a"]
    turn.close()
    again = database.turn()
    assert again.held()
    again.close()
