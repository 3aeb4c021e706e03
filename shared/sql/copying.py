"""The tables of a store moved to another database, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.sql.pool import transaction
from shared.sql.ports import Connection, Database, StorageFailed
from shared.sql.sqlite import File

CHUNK = 1_000  # rows to one statement
COPIED = "CREATE TABLE IF NOT EXISTS copied (one INTEGER PRIMARY KEY, digest BLOB NOT NULL)"  # beside what a copy wrote, its content
NOTE = "INSERT INTO copied VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET digest = excluded.digest"
Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class _Table:
    columns: tuple[str, ...]
    key: tuple[str, ...]


Tables = Mapping[str, _Table]


def copy_store(source: File, target: Database, make: Callable[[Database], Any], progress: Callable[[int], None] = lambda _: None) -> Counts:
    """Copy every table, in one transaction, into a store that holds nothing yet, or nothing but what a copy wrote before.

    `make` opens a store, which makes its tables. Nobody may write to the source meanwhile. Returns the rows of each table.
    """
    make(source), make(target)
    with closing(source.connect()) as ours, closing(target.connect()) as theirs:
        tables = _tables(ours)
        content, there = _digest(ours, tables), _digest(theirs, tables)
        if there != content:
            theirs.executescript(COPIED)
            known = [row[0] for row in theirs.execute("SELECT digest FROM copied").fetchall()]
            if there not in (*known, _made_new(make, tables)):
                raise StorageFailed(f"the store {target.name} there is not empty: copy into a new database, or drop that schema")
            with transaction(theirs):
                _fill(ours, theirs, tables, progress)
                if _digest(theirs, tables) != content:
                    raise StorageFailed(f"the store {target.name} there does not become what it is here: nothing of it was copied")
                theirs.execute(NOTE, (content,))
        return {table: ours.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def _fill(ours: Connection, theirs: Connection, tables: Tables, progress: Callable[[int], None]) -> None:
    done = 0
    for name, table in tables.items():
        theirs.execute(f"DELETE FROM {name}")  # what a new store begins with, or what was copied before
        insert = f"INSERT INTO {name} ({', '.join(table.columns)}) VALUES ({', '.join('?' * len(table.columns))})"
        for rows in _rows(ours, name, table):
            theirs.executemany(insert, rows)
            progress(done := done + len(rows))


def _made_new(make: Callable[[Database], Any], tables: Tables) -> bytes:
    """The content of a store that nobody has used yet."""
    with TemporaryDirectory() as folder:
        database = File(Path(folder) / "new.db")
        make(database)
        with closing(database.connect()) as db:
            return _digest(db, tables)


def _tables(db: Connection) -> Tables:
    found = {}
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    for (name,) in db.execute(named).fetchall():
        told = db.execute(f"PRAGMA table_info({name})").fetchall()
        found[name] = _Table(tuple(row[1] for row in told), tuple(row[1] for row in sorted(told, key=lambda row: row[5]) if row[5]))
    return found


def _digest(db: Connection, tables: Tables) -> bytes:
    """Of everything in the tables, whichever database holds them."""
    digest = sha256()
    for name, table in tables.items():
        digest.update(name.encode())
        for rows in _rows(db, name, table):
            for row in rows:
                digest.update(repr([_kept(value) for value in row]).encode())
    return digest.digest()


def _kept(value: Any) -> Any:
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value  # no text of PostgreSQL holds a zero


def _rows(db: Connection, name: str, table: _Table) -> Iterator[list[Any]]:
    """All rows in the order of their key, some at a time."""
    columns, key = ", ".join(table.columns), ", ".join(table.key)
    places = [table.columns.index(column) for column in table.key]
    after, last = "", ()
    while rows := db.execute(f"SELECT {columns} FROM {name}{after} ORDER BY {key} LIMIT {CHUNK}", last).fetchall():
        yield rows
        after = f" WHERE ({key}) > ({', '.join('?' * len(places))})"
        last = tuple(rows[-1][place] for place in places)
