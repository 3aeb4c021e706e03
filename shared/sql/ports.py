"""What a table is reached through, whichever database holds it.

Statements are written in the part of SQL that SQLite and PostgreSQL share: `?` or `:name` for values, `INSERT ... ON CONFLICT`, no
scalar `max`. DDL is written with SQLite's types (TEXT, INTEGER, REAL, BLOB, `INTEGER PRIMARY KEY AUTOINCREMENT`, `WITHOUT ROWID`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol


class Cursor(Protocol):
    """The answer of one statement; rows are read by number, and by name from `Database.look()`."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """One session in autocommit; `BEGIN IMMEDIATE`, `COMMIT` and `ROLLBACK` are said as statements. Of one thread at a time."""

    @property
    def in_transaction(self) -> bool: ...
    def execute(self, sql: str, parameters: Any = (), /) -> Cursor: ...
    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor: ...
    def executescript(self, sql: str, /) -> Cursor: ...
    def close(self) -> None: ...


class Database(Protocol):
    """A place for tables: one SQLite file, or one schema of a PostgreSQL database. Made when it is not there."""

    name: str  # of the file without its ending, or of the schema

    def connect(self, *, durable: bool = True) -> Connection:
        """For writing. `durable`: a commit is on the disk before it returns; else the last ones may be lost with the machine's power."""
        ...

    def look(self) -> Connection:
        """For reading only; rows have names (`row["x"]`, `dict(row)`)."""
        ...


class Databases(Protocol):
    """The databases of one service or node, by name; what `sqlite.Files` and `postgres.Schemas` are."""

    def at(self, name: str) -> Database: ...
    def names(self) -> list[str]:
        """Those that exist, sorted."""
        ...

    def drop(self, name: str) -> None: ...
