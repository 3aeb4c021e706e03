"""A store copied to another database: what is there is compared by its content."""

from __future__ import annotations

from contextlib import closing

import pytest

from shared.sql import copying
from shared.sql.copying import copy_store
from shared.sql.ports import StorageFailed
from shared.sql.postgres import Schema
from shared.sql.sqlite import File

TABLES = """CREATE TABLE IF NOT EXISTS item (kind TEXT, name TEXT, body BLOB, many INTEGER, PRIMARY KEY (kind, name));
CREATE TABLE IF NOT EXISTS counted (what TEXT PRIMARY KEY, last REAL)"""


def make(database):
    with closing(database.connect()) as db:
        db.executescript(TABLES)
        db.execute("INSERT INTO counted VALUES ('items', 0.5) ON CONFLICT DO NOTHING")


def change(database, *statements):
    with closing(database.connect()) as db:
        for statement in statements:
            db.execute(statement)


def content(database):
    with closing(database.connect()) as db:
        return [tuple(row) for row in db.execute("SELECT kind, name, body, many FROM item ORDER BY kind, name").fetchall()]


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "CHUNK", 3)
    database = File(tmp_path / "store.db")
    make(database)
    rows = [("a" if n < 5 else "预", f"n{n}", bytes([n]), n if n else None) for n in range(10)]
    with closing(database.connect()) as db:
        db.executemany("INSERT INTO item VALUES (?, ?, ?, ?)", rows)
    return database


@pytest.fixture
def target(pg):
    return Schema(pg, "store")


def test_all_rows_are_there_and_a_copy_that_is_there_is_one(source, target):
    for _ in range(2):
        assert copy_store(source, target, make) == {"counted": 1, "item": 10}
        assert content(target) == content(source)


def test_a_stale_copy_with_as_many_rows_is_no_copy_and_is_made_anew(source, target):
    copy_store(source, target, make)
    change(
        source,
        "UPDATE item SET many = 99 WHERE name = 'n3'",
        "DELETE FROM item WHERE name = 'n4'",
        "INSERT INTO item VALUES ('z', '', x'', 1)",
    )
    copy_store(source, target, make)
    assert content(target) == content(source)


@pytest.mark.parametrize("statement", ["UPDATE item SET many = 7 WHERE name = 'n3'", "DELETE FROM item WHERE name = 'n3'"])
def test_a_copy_that_was_written_to_since_is_left_as_it_is(source, target, statement):
    copy_store(source, target, make)
    change(target, statement)
    before = content(target)
    with pytest.raises(StorageFailed, match="is not empty: copy into a new database"):
        copy_store(source, target, make)
    assert content(target) == before
