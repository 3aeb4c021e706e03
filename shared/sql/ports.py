"""What a table is reached through, whichever database holds it.

Statements are written in the part of SQL that SQLite and PostgreSQL share: `?` or `:name` for values, `INSERT ... ON CONFLICT`, no
scalar `max`. DDL is written with SQLite's types (TEXT, INTEGER, REAL, BLOB, `WITHOUT ROWID`) and says `IF NOT EXISTS`. Nothing counts
by a sequence: who reads on from a number would pass one that is still uncommitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol


class LogBusy(Exception):
    """A lock could not be taken in time: another writer holds it. Try again."""


class StorageFailed(Exception):
    """The database cannot be written or read now (disk full, read-only, damaged, away); nothing of the transaction was stored."""


class NotReadable(StorageFailed):
    """What answers queries cannot be read now: it is being built again, or its database is away."""


class Cursor(Protocol):
    """The answer of one statement; rows are read by number, and by name from `Database.look()`."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """One session in autocommit; `BEGIN IMMEDIATE`, `COMMIT` and `ROLLBACK` are said as statements. Of one thread at a time.

    Raises LogBusy and StorageFailed; what is wrong with a row itself (a broken uniqueness, a text no column takes) is the driver's error.
    """

    @property
    def in_transaction(self) -> bool: ...
    def execute(self, sql: str, parameters: Any = (), /) -> Cursor: ...
    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor: ...
    def executescript(self, sql: str, /) -> Cursor:
        """Several statements without values, such as a schema; safe when several processes start at once."""
        ...

    def close(self) -> None: ...


class Turn(Protocol):
    """The right to do something as the only process. What is done in turn is written through `connection`.

    A process that is stopped or cut off loses it: its session is ended, and with it what it had not committed.
    """

    @property
    def connection(self) -> Connection: ...
    @property
    def term(self) -> int:
        """Another number each time the turn was taken: whatever was remembered from before may have been changed by others since."""
        ...

    def held(self) -> bool:
        """Take it if it is free; False when another process has it. To be asked before each step, at least every few seconds."""
        ...

    def close(self) -> None: ...


class Database(Protocol):
    """A place for tables: one SQLite file, or one schema of a PostgreSQL database. Made when it is first written to."""

    @property
    def name(self) -> str:
        """Of the file without its ending, or of the schema."""
        ...

    @property
    def place(self) -> str:
        """Where it is, in words that no other database is described by."""
        ...

    def connect(self, *, durable: bool = True, private: bool = False) -> Connection:
        """For writing. `durable`: a commit is on the disk before it returns; else the last ones may be lost with the machine's power.

        `private`: no other user of the machine can read it, and what is deleted does not stay in it.
        """
        ...

    def scrub(self) -> None:
        """What was deleted through private connections is in none of its files any more, as far as the database can promise that."""
        ...

    def look(self) -> Connection:
        """For reading only; rows have names (`row["x"]`, `dict(row)`). Raises NotReadable."""
        ...

    def turn(self, *, durable: bool = True) -> Turn:
        """The right to be the only one who writes here."""
        ...

    def mark(self) -> None:
        """Note that it is whole now."""
        ...

    def marked(self) -> str | None:
        """When it was whole, as a text that sorts by time; None: never, or it is not there."""
        ...


class Databases(Protocol):
    """The databases of one kind by name, such as the read models of a node: what `sqlite.Files` and `postgres.Schemas` are."""

    shared: bool  # whether other processes, perhaps of another release, use them at the same time

    def at(self, name: str) -> Database: ...
    def names(self) -> list[str]:
        """Those that exist, sorted."""
        ...

    def drop(self, name: str) -> None:
        """Unless another process has its turn."""
        ...
