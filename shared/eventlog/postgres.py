"""The log of several machines: one schema of a PostgreSQL database; the pen is the lock on the head's row, every commit is synced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakSet

import psycopg

from shared.eventlog.chain import seal_all
from shared.eventlog.parking import Parking
from shared.eventlog.ports import Attempt, Handled, Head, New
from shared.eventlog.postgres_schema import GUARDS, MISSING, REFUSE, statements
from shared.eventlog.postgres_session import Sessions
from shared.kernel.envelope import Recorded, genesis
from shared.sql.ports import StorageFailed
from shared.sql.postgres import PgConnection, Schema
from shared.sql.sessions import AS_OWNER, USUAL, Limits, Session, quoted

EVENT = "position, stream, version, type, record, chain"
HEAD = "SELECT position, chain, time FROM head"
BULK = 256  # events from which on a COPY, with its two messages more, takes less than arrays
# One statement, so one message to the server and back: all of it is stored, or nothing is.
APPEND = """
WITH e AS (INSERT INTO event SELECT * FROM unnest(%b::bigint[], %b::text[], %b::bigint[], %b::text[], %b::bytea[], %b::bytea[])),
  c AS (INSERT INTO command SELECT * FROM unnest(%b::uuid[], %b::bytea[], %b::text[], %b::bigint[], %b::bytea[])),
  a AS (INSERT INTO attempt (at, command, actor, division, code, rule, stream)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[]))
UPDATE head SET position = %b, chain = %b, time = %b WHERE position < %b"""

RIGHTS = """
SELECT count(*) FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = %s AND has_schema_privilege(n.oid, 'USAGE') AND (
  t.relname = 'event' AND has_table_privilege(t.oid, 'INSERT') OR t.relname = 'head' AND has_table_privilege(t.oid, 'UPDATE'))"""


class PostgresLog:
    """One log in one schema. Safe to use from any thread and any number of processes and machines."""

    def __init__(self, dsn: str, name: str, *, read_only: bool = False, limits: Limits = USUAL) -> None:
        """`read_only` looks at a log as it is: for tools, which must not mend what they are to find."""
        self.name, self._dsn = name, dsn
        self._parking: WeakSet[PgConnection] = WeakSet()  # those given out and not closed since
        self._sessions = Sessions(dsn, name, read_only=read_only, limits=limits)
        if not read_only:
            with self._sessions.use() as db:
                create(db, name)

    def unguarded(self) -> list[str]:
        """Tables whose rows could be changed, because somebody took their guard away or changed it; empty when all is well."""
        return sorted({row[0].partition("_")[0] for row in self._rows(MISSING, (list(GUARDS), quoted(self.name), REFUSE))})

    def last_handled(self) -> int:
        """The furthest position any handled command names: a witness of the log's end beside its head."""
        position: int = self._rows("SELECT coalesce(max(position), 0) FROM command")[0][0]
        return position

    def head(self) -> Head:
        return _head(self._rows(HEAD), self.name)

    @contextmanager
    def pen(self) -> Iterator[PostgresPen]:
        with self._sessions.use() as db:
            try:
                # Both in one message. Who waited for the lock is given the row as its last holder left it.
                taken = db.execute(f"BEGIN; {HEAD} FOR UPDATE", prepare=False)
                taken.nextset()
                pen = PostgresPen(db, _head(taken.fetchall(), self.name))
                yield pen
                if pen.spoiled:
                    raise StorageFailed("an append under this pen failed: nothing of it is stored")
                db.execute("COMMIT", prepare=False)
            except BaseException:
                with suppress(psycopg.Error):  # a broken connection has rolled back by itself
                    db.rollback()
                raise

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return self._events("WHERE position > %b ORDER BY position LIMIT %b", (after, limit))

    def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        return self._events("WHERE stream = %b AND version > %b ORDER BY version", (stream, after))

    def streams(self, streams: Sequence[str]) -> list[Recorded]:
        return self._events("WHERE stream = ANY(%b) ORDER BY stream, version", (list(streams),))

    def chain_at(self, position: int) -> bytes | None:
        found = self._rows("SELECT chain FROM event WHERE position = %b", (position,))
        return found[0][0] if found else None

    def cursor(self, reader: str, log: str) -> tuple[int, bytes] | None:
        found = self._rows("SELECT position, chain FROM cursor WHERE reader = %b AND log = %b", (reader, log))
        return (found[0][0], found[0][1]) if found else None

    def save_cursor(self, reader: str, log: str, position: int, chain: bytes) -> None:
        upsert = "INSERT INTO cursor VALUES (%b, %b, %b, %b) ON CONFLICT (reader, log) DO UPDATE SET (position, chain) = (%b, %b)"
        with self._sessions.use() as db:
            db.execute(upsert, (reader, log, position, chain, position, chain))

    def cursors(self) -> list[tuple[str, str, int, bytes]]:
        """(reader, log, position, chain) of all, sorted."""
        rows = self._rows("SELECT reader, log, position, chain FROM cursor ORDER BY reader, log")
        return [(reader, log, position, chain) for reader, log, position, chain in rows]

    def outcomes(self, after: UUID, limit: int) -> list[Handled]:
        """What became of commands, in the order of their ids, after an id."""
        asked = "SELECT id, fingerprint, outcome, position, answer FROM command WHERE id > %b ORDER BY id LIMIT %b"
        return [Handled(*row) for row in self._rows(asked, (after, limit))]

    def parking(self) -> Parking:
        db = Schema(self._dsn, self.name).connect()
        self._parking.add(db)
        return Parking(db)

    def attempts(self, limit: int = 100) -> list[Attempt]:
        """The newest refused attempts first, for the auditor."""
        rows = self._rows("SELECT at, command, actor, division, code, rule, stream FROM attempt ORDER BY n DESC LIMIT %b", (limit,))
        return [Attempt(datetime.fromisoformat(row[0]), *row[1:]) for row in rows]

    def close(self) -> None:
        self._sessions.close()
        for db in self._parking:
            db.close()

    def _events(self, which: str, values: Sequence[Any]) -> list[Recorded]:
        return [Recorded(*row) for row in self._rows(f"SELECT {EVENT} FROM event {which}", values)]

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._sessions.use() as db:
            return db.execute(sql.encode(), values, binary=True).fetchall()


class PostgresPen:
    """The right to append, inside one transaction that holds the head's row."""

    def __init__(self, db: Session, head: Head) -> None:
        self._db, self._head = db, head
        self.spoiled = False  # an append failed half-way; whoever caught that still cannot commit the half

    @property
    def head(self) -> Head:
        return self._head

    def handled(self, ids: Sequence[UUID]) -> dict[UUID, Handled]:
        if not ids:
            return {}
        asked = "SELECT id, fingerprint, outcome, position, answer FROM command WHERE id = ANY(%b)"
        return {row[0]: Handled(*row) for row in self._db.execute(asked, (list(ids),), binary=True)}

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
        head = Head(sealed[-1].position, sealed[-1].chain, time or self._head.time) if sealed else self._head
        rows = [(r.position, r.stream, r.version, r.type, r.record, r.chain) for r in sealed]
        if len(rows) >= BULK:
            self._copy(rows)
            rows = []
        columns = (
            *_columns(rows, 6),
            *_columns([(h.id, h.fingerprint, h.outcome, h.position, h.answer) for h in handled], 5),
            *_columns([(a.at.isoformat(), a.command, a.actor, a.division, a.code, a.rule, a.stream) for a in attempts], 7),
        )
        told = None if head.time is None else head.time.isoformat()
        self._db.execute(APPEND, (*columns, head.position, head.chain, told, head.position))
        self._head = head
        return sealed

    def _copy(self, rows: Sequence[tuple[Any, ...]]) -> None:
        with self._db.cursor() as cursor, cursor.copy("COPY event FROM STDIN (FORMAT BINARY)") as copying:
            copying.set_types(("int8", "text", "int8", "text", "bytea", "bytea"))
            for row in rows:
                copying.write_row(row)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def create(db: Session, name: str) -> None:
    """Make the schema and its tables when they are not there; who opens a new log at the same time waits."""
    if not _there(db, name):
        db.execute(AS_OWNER, (name,))
        with db.transaction():
            db.execute("SELECT pg_advisory_xact_lock(hashtextextended('ortoo log ' || %s, 0))", (name,))
            if not _there(db, name):
                db.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}".encode())
                for statement in statements():
                    db.execute(statement.encode(), prepare=False)
                db.execute("INSERT INTO head VALUES (%s, 0, %s, NULL)", (name, genesis(name)))
    if db.execute(RIGHTS, (name,)).fetchone() != (2,):
        raise StorageFailed(f'the role may not write the schema {name}: GRANT it, or ALTER SCHEMA "{name}" OWNER TO the role')


def _there(db: Session, name: str) -> bool:
    """Asked of the catalogue's rows: a look-up by name may remember what was not there before it waited."""
    return db.execute("SELECT FROM pg_tables WHERE schemaname = %s AND tablename = 'head'", (name,)).rowcount == 1


def _head(rows: list[tuple[Any, ...]], name: str) -> Head:
    if len(rows) != 1:
        raise StorageFailed(f"the schema {name} holds no head, or several: it was changed by hand, restore the database")
    position, chain, time = rows[0]
    return Head(position, chain, None if time is None else datetime.fromisoformat(time))
