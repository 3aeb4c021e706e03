"""The reader: counts the logs, applies each event to the projections that listen, commits rows and cursors together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.eventlog.chain import Cursor
from shared.eventlog.parking import Parking
from shared.eventlog.ports import EventFeed
from shared.handling.declare import Projection, Service, Table
from shared.handling.rows import UnitOfWork
from shared.handling.timers import DueTable
from shared.kernel.envelope import Recorded, genesis
from shared.kernel.events import family
from shared.sql.pool import transaction
from shared.sql.ports import Connection, Database, LogBusy, StorageFailed

CHUNK = 1_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS reader_cursor (
  log TEXT PRIMARY KEY, position INTEGER NOT NULL, chain BLOB NOT NULL, replays INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS stopped (projection TEXT PRIMARY KEY, log TEXT NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL);
"""


def built(service: Service) -> list[Projection]:
    """Every projection a reader keeps, the table of deadlines among them."""
    due = [] if service.due is None else [DueTable(service.due, service.due_families)]
    return [*service.projections, *due]


def schema(service: Service) -> str:
    """All tables of a service's read models."""
    tables: list[Table] = [table for projection in built(service) for table in projection.tables]
    return SCHEMA + ";\n".join(statement for table in tables for statement in table.ddl())


def positions(db: Connection) -> Mapping[str, int]:
    """How far a read model has applied each log."""
    return {row[0]: row[1] for row in db.execute("SELECT log, position FROM reader_cursor")}


def stopped(db: Connection) -> list[tuple[str, str, int, str]]:
    """Projections of the own log that stand still: (projection, log, position, reason)."""
    return [(row[0], row[1], row[2], row[3]) for row in db.execute("SELECT projection, log, position, reason FROM stopped").fetchall()]


class Reader:
    """Of several processes over one read database one at a time counts. `step` from one thread; queries use connections of their own."""

    def __init__(self, service: Service, own: EventFeed, others: Sequence[EventFeed], database: Database) -> None:
        self.service, self.database = service, database
        self._own, self._feeds = own.name, {feed.name: feed for feed in (own, *others)}
        self._projections = {type(projection).__name__: projection for projection in built(service)}
        self._turn = database.turn(durable=False)  # a lost tail is read again: the log is the truth
        self._db = self._turn.connection
        self._rows, self.parking = UnitOfWork(self._db), Parking(self._db)
        self._term: int | None = None  # the turn in which what is remembered here was read
        self._listening: dict[str, list[Projection]] = {}
        self._known = False
        self._takes_turn()

    @property
    def counts(self) -> bool:
        """Whether this process has the turn to count."""
        return self._term is not None

    def positions(self) -> Mapping[str, int]:
        """How far each log is applied, by whichever process."""
        if not self.counts:
            return positions(self.database.look())
        return {name: cursor.position for name, cursor in self._cursors.items()}

    def step(self) -> bool:
        """Apply one chunk of each log. False when nothing was new or others count. LogGap: step again; LogFork: a person decides."""
        if not self._takes_turn():
            return False
        moved = False
        for name, feed in self._feeds.items():
            moved |= self._chunk(name, feed)
        return moved

    def _takes_turn(self) -> bool:
        held = False
        try:
            held = self._turn.held()
        finally:
            if not held:
                self._term = None
        if held and self._term != self._turn.term:
            self._db.executescript(schema(self.service))
            self._remember()
            self._term = self._turn.term
        return held

    def _remember(self) -> None:
        """What is remembered is what the database says: in a new turn, and after a rollback."""
        self._rows.forget()
        self.parking.reload()
        self._stopped = {row[0]: (row[1], row[2]) for row in self._db.execute("SELECT projection, log, position FROM stopped").fetchall()}
        start = [(log, 0, genesis(log)) for log in self._feeds]
        self._db.executemany("INSERT INTO reader_cursor (log, position, chain) VALUES (?, ?, ?) ON CONFLICT (log) DO NOTHING", start)
        rows = self._db.execute("SELECT log, position, chain, replays FROM reader_cursor").fetchall()
        self._cursors = {row[0]: Cursor(row[1], row[2]) for row in rows if row[0] in self._feeds}
        self._replays = {row[0]: row[3] for row in rows}
        self._known = True

    def _chunk(self, log: str, feed: EventFeed) -> bool:
        kept = self._cursors[log]
        cursor = Cursor(kept.position, kept.chain)
        batch = cursor.follow(feed.read(cursor.position, CHUNK))
        if not batch:
            return False
        refused: dict[tuple[str, int], str] = {}  # events of this chunk to park
        while (failed := self._transaction(log, batch, kept.position, cursor, refused)) is not None:
            projection, position, reason = failed  # its half-applied event was rolled back with the chunk; now it stops or parks there
            if log == self._own:
                row = (projection, log, position, reason)
                self._db.execute("INSERT INTO stopped VALUES (?, ?, ?, ?) ON CONFLICT (projection) DO NOTHING", row)
            else:
                refused[projection, position] = reason
        self._cursors[log] = cursor
        return True

    def _transaction(
        self, log: str, batch: Sequence[Recorded], after: int, cursor: Cursor, refused: Mapping[tuple[str, int], str]
    ) -> tuple[str, int, str] | None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            if not self._known:
                self._remember()
            self._advance(log, after, cursor)
            for recorded in batch:
                for projection in self._listeners(recorded.type):
                    failed = self._apply(projection, log, recorded, refused)
                    if failed is not None:
                        self._undo()
                        return failed
            self._rows.flush()
            self._db.execute("COMMIT")
        except BaseException:
            self._undo()
            raise
        return None

    def _advance(self, log: str, after: int, cursor: Cursor) -> None:
        """First of all, since it locks: of two processes that both believe it is their turn, one finds that the other was there."""
        moved = "UPDATE reader_cursor SET position = ?, chain = ? WHERE log = ? AND position = ? AND replays = ?"
        if self._db.execute(moved, (cursor.position, cursor.chain, log, after, self._replays[log])).rowcount != 1:
            self._term = None
            raise LogBusy(f"another process counted {log} meanwhile")

    def _undo(self) -> None:
        self._known = False
        self._rows.forget()
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

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
        except (LogBusy, StorageFailed):  # not the event's fault
            raise
        except Exception as error:  # any failure stops or parks, none is skipped
            return name, recorded.position, f"{recorded.type}: {type(error).__name__}: {error}"
        return None

    def replay(self, projection: str, log: str, stream: str) -> int:
        """Apply a parked stream in one transaction, whoever's turn it is; raises and keeps it parked when its cause is not cured."""
        target = self._projections[projection]
        self._takes_turn()
        try:
            with transaction(self._db) as db:
                db.execute("UPDATE reader_cursor SET replays = replays + 1 WHERE log = ?", (log,))  # who counts now reads its rows again
                self._remember()
                count = self.parking.replay(projection, log, stream, lambda r: target.apply(self._rows, r.event, r.envelope))
                self._rows.flush()
        except BaseException:
            self._undo()
            raise
        return count

    def close(self) -> None:
        self._turn.close()

    def _listeners(self, kind: str) -> list[Projection]:
        found = self._listening.get(kind)
        if found is None:
            found = self._listening[kind] = [p for p in self._projections.values() if family(kind) in p.listens]
        return found
