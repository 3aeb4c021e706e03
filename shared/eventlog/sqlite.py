"""The log of one machine: one SQLite file, the pen is BEGIN IMMEDIATE, every commit is synced (WAL, synchronous=FULL)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from shared.eventlog.chain import seal_all
from shared.eventlog.parking import Parking
from shared.eventlog.ports import Attempt, Handled, Head, New
from shared.eventlog.schema import NAMES, statements
from shared.kernel.envelope import Recorded, genesis
from shared.sql.ports import StorageFailed
from shared.sql.sqlite import Connect, connect, opened, storage

EVENT = "position, stream, version, type, record, chain"
UNWRITABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
CACHE_KB = 64 * 1024  # of the connection that writes


def for_writing(db: sqlite3.Connection) -> None:
    """The index of command ids is random: with SQLite's 2 MB of cache every insert soon reads a page from the file."""
    db.execute(f"PRAGMA cache_size = -{CACHE_KB}")


def _looking(path: Path, synchronous: str = "") -> sqlite3.Connection:
    try:
        db = opened(path)
        db.execute("SELECT 1 FROM head").fetchone()
    except StorageFailed as refused:
        if getattr(refused.__cause__, "sqlite_errorcode", 0) & 0xFF not in UNWRITABLE:
            raise
        ahead = path.with_name(f"{path.name}-wal")
        if ahead.exists() and ahead.stat().st_size:  # what was committed last lies there, and would not be read
            raise StorageFailed(f"{path.parent} cannot be written: copy {path.name} and {ahead.name} to a place that can") from refused
        # a copy on a medium that cannot be written: nobody else writes it either
        db = sqlite3.connect(f"file:{path}?immutable=1", uri=True, check_same_thread=False, isolation_level=None)
    return db


class SqliteLog:
    """One log in one file. Safe to use from any thread and any number of processes; one connection per thread."""

    def __init__(self, path: Path, name: str, connect: Connect = connect, *, read_only: bool = False) -> None:
        """`read_only` looks at a log as it is: for tools, which must not mend what they are to find."""
        self.path, self.name = path, name
        self._connect = _looking if read_only else connect
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        if not read_only:
            self._create()

    def _create(self) -> None:
        path, name = self.path, self.name
        with storage():
            db = self._db
            for statement in statements():
                db.execute(statement)
            db.execute("INSERT OR IGNORE INTO head VALUES (?, 0, ?, NULL)", (name, genesis(name)))
            if db.execute("SELECT count(*) FROM head").fetchone()[0] != 1:
                raise StorageFailed(f"{path} holds another log than {name}")

    @property
    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._connect(self.path)
            self._local.db = db
            self._open.append(db)
        return db

    def unguarded(self) -> list[str]:
        """Tables whose rows could be changed, because somebody took their guard away; empty when all is well."""
        with storage():
            there = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
        return sorted({name.partition("_")[0] for name in NAMES if name not in there})

    def last_handled(self) -> int:
        """The furthest position any handled command names: a witness of the log's end beside its head."""
        with storage():
            position: int = self._db.execute("SELECT coalesce(max(position), 0) FROM command").fetchone()[0]
            return position

    def head(self) -> Head:
        with storage():
            return _head(self._db)

    @contextmanager
    def pen(self) -> Iterator[SqlitePen]:
        with storage():
            db = self._db
            if not getattr(self._local, "writes", False):
                self._local.writes = True
                for_writing(db)
            db.execute("BEGIN IMMEDIATE")
            try:
                pen = SqlitePen(db, self.name)
                yield pen
                if pen.spoiled:
                    raise StorageFailed("an append under this pen failed: nothing of it is stored")
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        with storage():
            rows = self._db.execute(f"SELECT {EVENT} FROM event WHERE position > ? ORDER BY position LIMIT ?", (after, limit))
            return [Recorded(*row) for row in rows]

    def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        with storage():
            rows = self._db.execute(f"SELECT {EVENT} FROM event WHERE stream = ? AND version > ? ORDER BY version", (stream, after))
            return [Recorded(*row) for row in rows]

    def streams(self, streams: Sequence[str]) -> list[Recorded]:
        found: list[Recorded] = []
        with storage():
            for start in range(0, len(streams), 500):
                part = streams[start : start + 500]
                marks = ",".join("?" * len(part))
                rows = self._db.execute(f"SELECT {EVENT} FROM event WHERE stream IN ({marks}) ORDER BY stream, version", part)
                found += [Recorded(*row) for row in rows]
        return found

    def chain_at(self, position: int) -> bytes | None:
        with storage():
            row: tuple[bytes] | None = self._db.execute("SELECT chain FROM event WHERE position = ?", (position,)).fetchone()
            return row[0] if row else None

    def cursor(self, reader: str, log: str) -> tuple[int, bytes] | None:
        with storage():
            row: tuple[int, bytes] | None = self._db.execute(
                "SELECT position, chain FROM cursor WHERE reader = ? AND log = ?", (reader, log)
            ).fetchone()
            return row

    def save_cursor(self, reader: str, log: str, position: int, chain: bytes) -> None:
        with storage():
            self._db.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?)", (reader, log, position, chain))

    def cursors(self) -> list[tuple[str, str, int, bytes]]:
        """(reader, log, position, chain) of all, sorted."""
        with storage():
            return self._db.execute("SELECT reader, log, position, chain FROM cursor ORDER BY reader, log").fetchall()

    def outcomes(self, after: UUID, limit: int) -> list[Handled]:
        """What became of commands, in the order of their ids, after an id."""
        asked = "SELECT id, fingerprint, outcome, position, answer FROM command WHERE id > ? ORDER BY id LIMIT ?"
        with storage():
            return [Handled(UUID(bytes=row[0]), *row[1:]) for row in self._db.execute(asked, (after.bytes, limit))]

    def parking(self) -> Parking:
        with storage():
            db = self._connect(self.path)
            self._open.append(db)
            return Parking(db)

    def attempts(self, limit: int = 100) -> list[Attempt]:
        """The newest refused attempts first, for the auditor."""
        with storage():
            rows = self._db.execute(
                "SELECT at, command, actor, division, code, rule, stream FROM attempt ORDER BY n DESC LIMIT ?", (limit,)
            )
            return [Attempt(datetime.fromisoformat(row[0]), *row[1:]) for row in rows]

    def close(self) -> None:
        """Close every thread's connection; the last one folds the write-ahead log back into the file."""
        for db in self._open:
            db.close()
        self._open.clear()
        self._local = threading.local()


class SqlitePen:
    """The right to append, inside one BEGIN IMMEDIATE transaction."""

    def __init__(self, db: sqlite3.Connection, name: str) -> None:
        self._db, self._name = db, name
        self._head = _head(db)
        self.appended: list[Recorded] | None = None  # only kept for who asks: a whole log may be written under one pen
        self.spoiled = False  # an append failed half-way; whoever caught that still cannot commit the half

    @property
    def head(self) -> Head:
        return self._head

    def handled(self, ids: Sequence[UUID]) -> dict[UUID, Handled]:
        found = {}
        for start in range(0, len(ids), 500):
            part = [id.bytes for id in ids[start : start + 500]]
            marks = ",".join("?" * len(part))
            for row in self._db.execute(f"SELECT id, fingerprint, outcome, position, answer FROM command WHERE id IN ({marks})", part):
                known = Handled(UUID(bytes=row[0]), *row[1:])
                found[known.id] = known
        return found

    def append(
        self, events: Sequence[New], handled: Sequence[Handled] = (), attempts: Sequence[Attempt] = (), time: datetime | None = None
    ) -> list[Recorded]:
        try:
            return self._append(events, handled, attempts, time)
        except BaseException:
            self.spoiled = True
            raise

    def _append(
        self, events: Sequence[New], handled: Sequence[Handled], attempts: Sequence[Attempt], time: datetime | None
    ) -> list[Recorded]:
        sealed = seal_all(self._head, events)
        db = self._db
        if sealed:
            db.executemany(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)",
                [(r.position, r.stream, r.version, r.type, r.record, r.chain) for r in sealed],
            )
            self._head = Head(sealed[-1].position, sealed[-1].chain, time or self._head.time)
            if self.appended is not None:
                self.appended += sealed
            db.execute(
                "UPDATE head SET position = ?, chain = ?, time = ? WHERE log = ?",
                (self._head.position, self._head.chain, None if self._head.time is None else self._head.time.isoformat(), self._name),
            )
        if handled:
            db.executemany(
                "INSERT INTO command VALUES (?, ?, ?, ?, ?)",
                [(h.id.bytes, h.fingerprint, h.outcome, h.position, h.answer) for h in handled],
            )
        if attempts:
            db.executemany(
                "INSERT INTO attempt (at, command, actor, division, code, rule, stream) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(a.at.isoformat(), a.command, a.actor, a.division, a.code, a.rule, a.stream) for a in attempts],
            )
        return sealed


def _head(db: sqlite3.Connection) -> Head:
    position, chain, time = db.execute("SELECT position, chain, time FROM head").fetchone()
    return Head(position, chain, None if time is None else datetime.fromisoformat(time))
