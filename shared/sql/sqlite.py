"""SQLite: a database is a file, in WAL mode, used by the processes of one machine."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn, Protocol

from shared.sql.ports import LogBusy, NotReadable, StorageFailed

CHECKPOINT = 4_000  # pages (16 MB) between two copies from the write-ahead log: a page written often is copied back once
BUSY_MS = 5_000  # how long a writer waits for another before it gives up
STEPS = (64, 32, 16, 8, 4, 2)  # rows to one step; few sizes, so that statements are made ready once
LARGE = 64 * 1024  # bytes of a value: rows with such are steps of their own, since SQLite copies what one step is given
_ROW = re.compile(r"^\s*INSERT\b[^?]*\bVALUES (\(\?(?:, \?)*\))(?! *,)(?!.*(?:\?|\bRETURNING\b))", re.DOTALL)
_execute, _executemany, _executescript = sqlite3.Connection.execute, sqlite3.Connection.executemany, sqlite3.Connection.executescript


class SqliteConnection(sqlite3.Connection):
    """A connection whose statements raise LogBusy and StorageFailed."""

    failed: type[StorageFailed] = StorageFailed

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return _execute(self, sql, parameters)
        except sqlite3.Error as error:
            _tell(error, self.failed)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """As `sqlite3` has it, but up to 64 inserted rows are one step, stored whole or not at all: at every step the interpreter's lock
        is given away, and another thread keeps it as long as it has work. `rowcount` of what comes back says nothing."""
        rows = parameters if isinstance(parameters, list) else list(parameters)
        at, (width, steps) = 0, _many(sql)
        try:
            for size, statement in steps if len(rows) > 1 and _plain(rows, width) else ():
                while len(rows) - at >= size:
                    _execute(self, statement, tuple(chain.from_iterable(rows[at : at + size])))
                    at += size
            return _executemany(self, sql, rows[at:])
        except sqlite3.Error as error:
            _tell(error, self.failed)

    def executescript(self, sql: str, /) -> sqlite3.Cursor:
        try:
            return _executescript(self, sql)
        except sqlite3.Error as error:
            _tell(error, self.failed)


@lru_cache(1_000)
def _many(sql: str) -> tuple[int, list[tuple[int, str]]]:
    """How many values a row of an insert has, and the same insert of many rows, the most first; none of another statement."""
    row = _ROW.search(sql)
    if row is None:
        return 0, []
    return row[1].count("?"), [(size, f"{sql[: row.end()]}{f', {row[1]}' * (size - 1)}{sql[row.end() :]}") for size in STEPS]


def _plain(rows: Sequence[Any], width: int) -> bool:
    """As many values in each as are asked for, none of them large: else `sqlite3` says what is wrong, row by row."""
    return all(len(row) == width for row in rows) and not any(
        value.__class__ is bytes and len(value) > LARGE for row in rows for value in row
    )


class Looking(SqliteConnection):
    """A connection for queries."""

    failed = NotReadable


class Connect(Protocol):
    """Opens a connection for writing; the simulated host's have crash points."""

    def __call__(self, path: Path, synchronous: str = "FULL") -> sqlite3.Connection: ...


def connect(path: Path, synchronous: str = "FULL") -> sqlite3.Connection:
    """A connection in autocommit mode (transactions are written out), usable from the thread that holds it."""
    with storage():
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000, factory=SqliteConnection)
    _write_ahead(db)
    db.execute(f"PRAGMA synchronous = {synchronous}")
    db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
    return db


def _write_ahead(db: sqlite3.Connection) -> None:
    """Who opens a new file at the same time as somebody else is told at once that it is locked; SQLite does not wait by itself here."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except LogBusy:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)
        else:
            return


def opened(path: Path) -> sqlite3.Connection:
    """A read-only connection for queries."""
    with storage(NotReadable):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False, isolation_level=None, factory=Looking)
    db.row_factory = sqlite3.Row
    return db


@contextmanager
def storage(failed: type[StorageFailed] = StorageFailed) -> Iterator[None]:
    """SQLite's own errors as LogBusy or StorageFailed, for rows that are read one by one; a broken uniqueness passes through."""
    try:
        yield
    except sqlite3.Error as error:
        _tell(error, failed)


def _tell(error: sqlite3.Error, failed: type[StorageFailed]) -> NoReturn:
    if isinstance(error, sqlite3.IntegrityError | sqlite3.DataError | sqlite3.InterfaceError):
        raise error
    busy = isinstance(error, sqlite3.OperationalError) and ("locked" in str(error) or "busy" in str(error))
    raise (LogBusy if busy else failed)(str(error)) from error


class Alone:
    """The turn of who is the only process: a node's folder is locked."""

    term = 0

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def held(self) -> bool:
        return True

    def close(self) -> None:
        self.connection.close()


class File:
    """One SQLite file."""

    def __init__(self, path: Path, connect: Connect = connect) -> None:
        self.path, self.name, self._connect = path, path.stem, connect

    @property
    def place(self) -> str:
        return str(self.path.resolve())

    def connect(self, *, durable: bool = True, private: bool = False) -> sqlite3.Connection:
        db = self._connect(self.path, "FULL" if durable else "NORMAL")
        if private:
            for path in (self.path, self.path.with_name(f"{self.path.name}-wal"), self.path.with_name(f"{self.path.name}-shm")):
                with suppress(FileNotFoundError):
                    path.chmod(0o600)
            db.execute("PRAGMA secure_delete = ON")
        return db

    def scrub(self) -> None:
        """Pages without what was deleted are copied from the write-ahead log, and that is cut off. LogBusy: a reader did not let go."""
        with closing(self.connect(private=True)) as db:
            until = time.monotonic() + BUSY_MS / 1000
            while db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > until:
                    raise LogBusy(f"{self.path} is being read: its write-ahead log could not be cut off")
                time.sleep(0.005)

    def look(self) -> sqlite3.Connection:
        return opened(self.path)

    def turn(self, *, durable: bool = True) -> Alone:
        return Alone(self.connect(durable=durable))

    def mark(self) -> None:
        with closing(self.connect()) as db:
            db.execute("PRAGMA user_version = 1")

    def marked(self) -> str | None:
        if not self.path.exists():
            return None
        with closing(self.look()) as db:
            return f"{self.path.stat().st_mtime:020.6f}" if db.execute("PRAGMA user_version").fetchone()[0] else None


class Files:
    """The SQLite files of a folder."""

    shared = False

    def __init__(self, folder: Path, connect: Connect = connect) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._connect = folder, connect

    def at(self, name: str) -> File:
        return File(self._folder / f"{name}.db", self._connect)

    def names(self) -> list[str]:
        return sorted(path.stem for path in self._folder.glob("*.db"))

    def drop(self, name: str) -> None:
        for ending in (".db", ".db-wal", ".db-shm"):
            (self._folder / (name + ending)).unlink(missing_ok=True)
