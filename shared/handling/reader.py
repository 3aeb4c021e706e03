"""The reader: counts the logs, applies each event to the projections that listen, commits rows and cursors together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.eventlog.chain import Cursor
from shared.eventlog.parking import Parking
from shared.eventlog.ports import EventFeed
from shared.eventlog.sqlite import Connect, connect
from shared.handling.declare import Projection, Service
from shared.handling.rows import SqliteRows
from shared.handling.timers import DueTable
from shared.kernel.envelope import Recorded, genesis
from shared.kernel.events import family

CHUNK = 1_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS reader_cursor (log TEXT PRIMARY KEY, position INTEGER NOT NULL, chain BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS stopped (projection TEXT PRIMARY KEY, log TEXT NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL);
"""


class Reader:
    """One per service and read database. `step` from one thread; queries use connections of their own."""

    def __init__(self, service: Service, own: EventFeed, others: Sequence[EventFeed], path: Path, connect: Connect = connect) -> None:
        self.service, self.path = service, path
        self._own, self._feeds = own.name, {feed.name: feed for feed in (own, *others)}
        self._projections: list[Projection] = list(service.projections)
        if service.due is not None:
            self._projections.append(DueTable(service.due, service.due_families))
        self._db = connect(path, synchronous="NORMAL")  # a lost tail is read again: the log is the truth
        self._create()
        self._rows = SqliteRows(self._db)
        self.parking = Parking(self._db)
        self._cursors = {name: self._stored_cursor(name) for name in self._feeds}
        self._stopped: dict[str, tuple[str, int]] = {
            row[0]: (row[1], row[2]) for row in self._db.execute("SELECT projection, log, position FROM stopped")
        }
        self._listening: dict[str, list[Projection]] = {}

    def positions(self) -> Mapping[str, int]:
        """How far each log is applied."""
        return {name: cursor.position for name, cursor in self._cursors.items()}

    def stopped(self) -> list[tuple[str, str, int, str]]:
        """Projections of the own log that stand still: (projection, log, position, reason)."""
        return self._db.execute("SELECT projection, log, position, reason FROM stopped").fetchall()

    def step(self) -> bool:
        """Apply one chunk of each log. False when nothing was new. LogGap: step again; LogFork: a person decides."""
        moved = False
        for name, feed in self._feeds.items():
            moved |= self._chunk(name, feed)
        return moved

    def _chunk(self, log: str, feed: EventFeed) -> bool:
        kept = self._cursors[log]
        cursor = Cursor(kept.position, kept.chain)
        batch = cursor.follow(feed.read(cursor.position, CHUNK))
        if not batch:
            return False
        refused: dict[tuple[str, int], str] = {}  # events of this chunk to park
        while (failed := self._transaction(log, batch, cursor, refused)) is not None:
            projection, position, reason = failed  # its half-applied event was rolled back with the chunk; now it stops or parks there
            if log == self._own:
                self._db.execute("INSERT OR REPLACE INTO stopped VALUES (?, ?, ?, ?)", (projection, log, position, reason))
                self._stopped[projection] = (log, position)
            else:
                refused[projection, position] = reason
        self._cursors[log] = cursor
        return True

    def _transaction(
        self, log: str, batch: Sequence[Recorded], cursor: Cursor, refused: Mapping[tuple[str, int], str]
    ) -> tuple[str, int, str] | None:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            for recorded in batch:
                for projection in self._listeners(recorded.type):
                    failed = self._apply(projection, log, recorded, refused)
                    if failed is not None:
                        self._undo()
                        return failed
            self._rows.flush()
            db.execute("INSERT OR REPLACE INTO reader_cursor VALUES (?, ?, ?)", (log, cursor.position, cursor.chain))
            db.execute("COMMIT")
        except BaseException:
            self._undo()
            raise
        return None

    def _undo(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._rows.forget()
        self.parking.reload()

    def _apply(
        self, projection: Projection, log: str, recorded: Recorded, refused: Mapping[tuple[str, int], str]
    ) -> tuple[str, int, str] | None:
        name = type(projection).__name__
        reason = refused.get((name, recorded.position)) if refused else None
        if reason is None and log != self._own and self.parking.holds(name, log, recorded.stream):
            reason = "follows a parked event"
        if reason is not None:
            self.parking.park(name, log, recorded, reason)
            return None
        stop = self._stopped.get(name)
        if stop is not None and stop[0] == log and recorded.position >= stop[1]:
            return None
        try:
            projection.apply(self._rows, recorded.event, recorded.envelope)
        except Exception as error:  # any failure stops or parks, none is skipped
            return name, recorded.position, f"{recorded.type}: {type(error).__name__}: {error}"
        return None

    def replay(self, projection: str, log: str, stream: str) -> int:
        """Apply a parked stream in one transaction; raises and keeps it parked when its cause is not cured."""
        target = next(p for p in self._projections if type(p).__name__ == projection)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            count = self.parking.replay(projection, log, stream, lambda r: target.apply(self._rows, r.event, r.envelope))
            self._rows.flush()
            self._db.execute("COMMIT")
        except BaseException:
            self._undo()
            raise
        return count

    def close(self) -> None:
        self._db.close()

    def _listeners(self, kind: str) -> list[Projection]:
        found = self._listening.get(kind)
        if found is None:
            found = self._listening[kind] = [p for p in self._projections if family(kind) in p.listens]
        return found

    def _create(self) -> None:
        self._db.executescript(SCHEMA)
        known = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        missing = [table for projection in self._projections for table in projection.tables if table.name not in known]
        if not missing:
            return
        self._db.execute("BEGIN IMMEDIATE")  # a table is there with its indexes or not at all, wherever the process dies
        for table in missing:
            for statement in table.ddl():
                self._db.execute(statement)
        self._db.execute("COMMIT")

    def _stored_cursor(self, log: str) -> Cursor:
        row: tuple[int, bytes] | None = self._db.execute("SELECT position, chain FROM reader_cursor WHERE log = ?", (log,)).fetchone()
        return Cursor(*row) if row else Cursor(0, genesis(log))
