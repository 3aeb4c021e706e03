"""The unit of work: it sees its own writes, writes each row once, and forgets what was rolled back."""

from __future__ import annotations

import pytest

from shared.handling.declare import Table
from shared.handling.rows import UnitOfWork

ITEMS = Table("items", ("place", "item"), {"place": "TEXT", "item": "TEXT", "count": "INTEGER", "note": "TEXT"}, indexes=(("count",),))


@pytest.fixture
def db(database):
    db = database.connect()
    for statement in ITEMS.ddl():
        db.execute(statement)
    return db


@pytest.fixture
def rows(db):
    return UnitOfWork(db)


def stored(db):
    return db.execute("SELECT * FROM items ORDER BY place, item").fetchall()


def test_it_sees_its_own_writes_before_they_are_stored(db, rows):
    rows.put(ITEMS, place="p", item="a", count=1)
    rows.change(ITEMS, "p", "a", count=2)
    assert rows.get(ITEMS, "p", "a")["count"] == 2
    assert stored(db) == []
    rows.flush()
    assert stored(db) == [("p", "a", 2, None)]


def test_it_reads_through_to_what_is_stored(db, rows):
    db.execute("INSERT INTO items VALUES ('p', 'a', 7, 'n')")
    rows.change(ITEMS, "p", "a", count=8)
    rows.flush()
    assert stored(db) == [("p", "a", 8, "n")]


def test_a_change_to_a_row_that_is_not_there_makes_none(db, rows):
    rows.change(ITEMS, "p", "none", count=1)
    rows.flush()
    assert stored(db) == []


def test_put_and_delete_in_any_order_leave_the_last_word(db, rows):
    db.execute("INSERT INTO items VALUES ('p', 'old', 1, '')")
    rows.delete(ITEMS, "p", "old")
    rows.put(ITEMS, place="p", item="new", count=1)
    rows.delete(ITEMS, "p", "new")
    rows.put(ITEMS, place="p", item="back", count=1)
    rows.delete(ITEMS, "p", "back")
    rows.put(ITEMS, place="p", item="back", count=5)
    assert rows.get(ITEMS, "p", "old") is None
    rows.flush()
    assert stored(db) == [("p", "back", 5, None)]


def test_what_is_handed_out_can_be_changed_without_changing_the_row(rows):
    rows.put(ITEMS, place="p", item="a", count=1)
    rows.get(ITEMS, "p", "a")["count"] = 99
    assert rows.get(ITEMS, "p", "a")["count"] == 1


def test_what_was_rolled_back_is_forgotten(db, rows):
    rows.put(ITEMS, place="p", item="a", count=1)
    rows.forget()
    rows.flush()
    assert stored(db) == [] and rows.get(ITEMS, "p", "a") is None
