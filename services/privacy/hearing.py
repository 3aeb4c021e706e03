"""What a neighbour's facts say of the vault, how far the vault was brought by each log, and what waits for its day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from services.alerts.events.report import ReportReceived
from services.volunteers.events.volunteer import SelfArrivalRegistered, VolunteerRegistered
from shared.eventlog.chain import Cursor
from shared.eventlog.ports import EventFeed
from shared.handling.timers import utc
from shared.kernel.envelope import genesis
from shared.kernel.errors import LogFork, LogGap
from shared.sql.pool import Pool
from shared.sql.ports import Database
from shared.vault.vault import Vault

CHUNK = 1_000
SCHEMA = "CREATE TABLE IF NOT EXISTS custodian (log TEXT PRIMARY KEY, position INTEGER NOT NULL, chain BLOB NOT NULL)"
SAVE = "INSERT INTO custodian VALUES (?, ?, ?) ON CONFLICT (log) DO UPDATE SET position = excluded.position, chain = excluded.chain"
DUE = """CREATE TABLE IF NOT EXISTS words_due (request TEXT PRIMARY KEY, run TEXT NOT NULL, root TEXT NOT NULL,
  done INTEGER NOT NULL)"""
WAIT = "INSERT INTO words_due VALUES (?, ?, ?, 0) ON CONFLICT (request) DO NOTHING"
NAMING = ("volunteers.volunteer.registered.", "volunteers.volunteer.self_arrival_registered.", "alerts.report.received.")


class Cursors:
    """How far the vault was brought, by log. They lie with the content."""

    def __init__(self, store: Database) -> None:
        self.pool = Pool(lambda: store.connect(private=True))
        """Of what else lies there."""
        with self.pool.use() as db:
            db.executescript(SCHEMA)

    def of(self, log: str) -> Cursor:
        """The log's beginning when it is new."""
        with self.pool.use() as db:
            row = db.execute("SELECT position, chain FROM custodian WHERE log = ?", (log,)).fetchone()
        return Cursor(row[0], bytes(row[1])) if row is not None else Cursor(0, genesis(log))

    def every(self) -> dict[str, int]:
        """The position of each log that was followed."""
        with self.pool.use() as db:
            return dict(db.execute("SELECT log, position FROM custodian").fetchall())

    def save(self, log: str, cursor: Cursor) -> None:
        with self.pool.use() as db:
            db.execute(SAVE, (log, cursor.position, cursor.chain))

    def close(self) -> None:
        """Give back the connection; what comes later has one of its own."""
        self.pool.close()


class Waiting(NamedTuple):
    """When the words of a request are destroyed, and the root that was in force when they began to wait: it does not stay."""

    run: datetime
    root: str


class Ending:
    """Rights requests whose words are due wait for the run that destroys all of them at once: each destruction replaces the root. They
    lie with the content, as the cursors do, so that a restored vault knows which of them are to be destroyed in it."""

    def __init__(self, cursors: Cursors) -> None:
        self._pool = cursors.pool
        self._waiting: dict[str, Waiting] | None = None
        with self._pool.use() as db:
            db.executescript(DUE)

    def wait(self, runs: Mapping[str, datetime], root: str) -> None:
        """These, by their request; who waits already goes on, and what is done stays done."""
        self._waiting = None
        with self._pool.transaction() as db:
            db.executemany(WAIT, [(request, utc(run), root) for request, run in runs.items()])

    def waiting(self) -> dict[str, Waiting]:
        """All that wait, the next first."""
        if self._waiting is None:
            with self._pool.use() as db:
                rows = db.execute("SELECT request, run, root FROM words_due WHERE done = 0 ORDER BY run, request").fetchall()
            self._waiting = {request: Waiting(datetime.fromisoformat(run), root) for request, run, root in rows}
        return self._waiting

    def done(self, requests: Iterable[str]) -> None:
        """Their words are destroyed, and no backup from before opens."""
        named = [(request,) for request in requests]
        self._waiting = None
        with self._pool.transaction() as db:
            db.executemany("UPDATE words_due SET done = 1 WHERE request = ?", named)

    def forget(self) -> None:
        """All of it: another log is followed from its beginning."""
        self._waiting = None
        with self._pool.use() as db:
            db.execute("DELETE FROM words_due")


class Heard:
    """Follows a neighbour's log: what its facts name is content, whether or not privacy could record it yet.

    A log that is `received` shows what happened until its last record; one that is read where it is written, until now.
    """

    def __init__(self, feed: EventFeed, vault: Vault, cursors: Cursors, received: bool = False) -> None:
        self._feed, self._vault, self._cursors, self._received = feed, vault, cursors, received
        self._cursor: Cursor | None = None
        self._last: datetime | None = None

    def step(self) -> bool:
        """False when there is nothing more to hear."""
        cursor = self._cursor or self._cursors.of(self._feed.name)
        moved = Cursor(cursor.position, cursor.chain)
        try:
            batch = moved.follow(self._feed.read(moved.position, CHUNK))
        except (LogFork, LogGap):  # the log is another than the one the vault was left with
            self._cursor = Cursor(0, genesis(self._feed.name))
            return True
        if batch:
            self._vault.confirm(dict(pair for one in batch if one.type.startswith(NAMING) and (pair := _named(one.event))))
            self._cursors.save(self._feed.name, moved)
            self._last = batch[-1].envelope.time
        self._cursor = moved
        return bool(batch)

    def until(self, now: datetime) -> datetime | None:
        """The moment up to which everything was heard; None before anything was."""
        return self._last if self._received else now


def _named(event: Any) -> tuple[str, str] | None:
    """The reference that a fact names, and of which subject it is."""
    match event:
        case VolunteerRegistered(person=str() as ref) | SelfArrivalRegistered(person=str() as ref):
            return ref, event.volunteer
        case ReportReceived(ref=str() as ref):
            return ref, event.report
    return None
