"""The tables of a store moved to another database, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.sql.pool import transaction
from shared.sql.ports import Connection, Database, StorageFailed
from shared.sql.sqlite import File

CHUNK = 1_000  # rows to one statement
Counts = dict[str, int]


def copy_store(source: File, target: Database, make: Callable[[Database], Any], progress: Callable[[int], None] = lambda _: None) -> Counts:
    """Copy every table, in one transaction, into a store that holds nothing yet; one that holds as much is taken for the copy.

    `make` opens a store, which makes its tables. Nobody may write to the source meanwhile. Returns the rows of each table.
    """
    make(source), make(target)
    with closing(source.connect()) as ours, closing(target.connect()) as theirs:
        tables = _tables(ours)
        counts = _counts(ours, tables)
        held = _counts(theirs, tables)
        if held != counts:
            if _rows(theirs, tables) != _made_new(make, tables):
                raise StorageFailed(f"the store {target.name} there is not empty: copy into a new database, or drop that schema")
            with transaction(theirs):
                _fill(ours, theirs, tables, progress)
                held = _counts(theirs, tables)
                if held != counts:
                    raise StorageFailed(f"the store {target.name} holds {held} there and {counts} here: nothing of it was copied")
    return counts


def _fill(ours: Connection, theirs: Connection, tables: list[str], progress: Callable[[int], None]) -> None:
    done = 0
    for table in tables:
        columns = [row[1] for row in ours.execute(f"PRAGMA table_info({table})")]
        theirs.execute(f"DELETE FROM {table}")  # what a new store begins with
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        for rows in _chunks(ours.execute(f"SELECT {', '.join(columns)} FROM {table}").__iter__()):
            theirs.executemany(insert, rows)
            progress(done := done + len(rows))


def _made_new(make: Callable[[Database], Any], tables: list[str]) -> dict[str, list[Any]]:
    with TemporaryDirectory() as folder:
        database = File(Path(folder) / "new.db")
        make(database)
        with closing(database.connect()) as db:
            return _rows(db, tables)


def _tables(db: Connection) -> list[str]:
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [row[0] for row in db.execute(named).fetchall()]


def _counts(db: Connection, tables: list[str]) -> Counts:
    return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def _rows(db: Connection, tables: list[str]) -> dict[str, list[Any]]:
    """A few of each table: enough to tell whether somebody put any in."""
    return {table: [tuple(row) for row in db.execute(f"SELECT * FROM {table} LIMIT 10").fetchall()] for table in tables}


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := [row for _, row in zip(range(CHUNK), rows, strict=False)]:
        yield chunk
