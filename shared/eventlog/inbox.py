"""The inbox: a neighbour's log as it came over a topic, in the same tables. What does not follow is named with its place, never stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shared.eventlog.chain import Cursor, verbatim
from shared.eventlog.ports import EventStore, Fault, Head
from shared.eventlog.sqlite import SqliteLog
from shared.kernel.envelope import Recorded, carried
from shared.kernel.errors import LogFork, LogGap, Unreadable
from shared.sql.ports import Database, LogBusy, StorageFailed
from shared.sql.sqlite import Connect, File, connect

TOPIC = "topic"  # the reader whose cursor is the offset
SCHEMA = """CREATE TABLE IF NOT EXISTS inbox_fault (
  at INTEGER NOT NULL, kind TEXT NOT NULL, words TEXT NOT NULL, cure TEXT NOT NULL, since TEXT NOT NULL, ended TEXT,
  passed INTEGER NOT NULL, PRIMARY KEY (at, kind))"""
NOTE = """INSERT INTO inbox_fault VALUES (?, ?, ?, ?, ?, NULL, 0) ON CONFLICT (at, kind) DO UPDATE SET words = excluded.words,
  since = CASE WHEN inbox_fault.ended IS NULL THEN inbox_fault.since ELSE excluded.since END, ended = NULL"""
NEWEST = "ORDER BY since DESC, at DESC LIMIT 100"
ERRORS: dict[str, type[Exception]] = {"unreadable": Unreadable, "gap": LogGap, "fork": LogFork}
CURES = {
    "unreadable": "see who else may write to the topic, then `ortoo inbox pass {log} {offset}`: the chain proves that nothing is missing",
    "gap": "it is read again; if it stays, delete the topic and make it again: its relay sends everything, and what is here is skipped",
    "fork": "ask `ortoo doctor`. It names no log.older for this inbox: this record is forged, `ortoo inbox pass {log} {offset}`. It does: "
    "what was received before is forged, `ortoo inbox drop SERVICE {log}`, or {log} was restored or its node copied: docs/runbook.md",
}


@dataclass(frozen=True, slots=True)
class Received:
    """What records come to: the events that follow, where to read on, and what stopped it there."""

    fresh: list[Recorded]
    offset: int
    fault: Fault | None = None


def received(
    log: str,
    head: Head,
    records: Sequence[tuple[int, bytes]],
    chain_at: Callable[[int], bytes | None],
    passed: Collection[int] = (),
) -> Received:
    """Check records, given with their offsets, against the end of an inbox. Seen: skip. Next and chained: take. Else stop before it."""
    cursor = Cursor(head.position, head.chain)
    fresh: list[Recorded] = []
    offset = 0
    for offset, value in records:
        if offset in passed:
            continue
        try:
            recorded = carried(log, value)
            if recorded.position > cursor.position:
                fresh += cursor.follow([recorded])
                continue
            own = fresh[recorded.position - head.position - 1].chain if recorded.position > head.position else chain_at(recorded.position)
            if own != recorded.chain:
                raise LogFork(f"position {recorded.position} is another event here")
        except (Unreadable, LogGap, LogFork) as error:
            return Received(fresh, offset, _fault(log, offset, error))
    return Received(fresh, offset + 1)


def _fault(log: str, offset: int, error: Exception) -> Fault:
    kind = next(kind for kind, of in ERRORS.items() if isinstance(error, of))
    return Fault(kind, offset, f"offset {offset} of the topic {log}: {error}", CURES[kind].format(log=log, offset=offset))


class StoredInbox:
    """An inbox in the tables of a log, whose pen makes each batch whole and one importer wait for another."""

    def __init__(self, log: EventStore, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.name = log.name
        self._log, self._database, self._clock = log, database, clock
        with closing(database.connect()) as db:
            db.executescript(SCHEMA)
            self._passed = {row[0] for row in db.execute("SELECT at FROM inbox_fault WHERE passed = 1")}
            self._standing = db.execute("SELECT count(*) FROM inbox_fault WHERE ended IS NULL").fetchone()[0] > 0

    def head(self) -> Head:
        return self._log.head()

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return self._log.read(after, limit)

    def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        return self._log.stream(stream, after)

    def chain_at(self, position: int) -> bytes | None:
        return self._log.chain_at(position)

    def offset(self) -> int:
        kept = self._log.cursor(TOPIC, self.name)
        return kept[0] if kept else 0

    def store(self, records: Sequence[tuple[int, bytes]]) -> int:
        if not records:
            return 0
        found, chain = self._append(records)
        self._log.save_cursor(TOPIC, self.name, found.offset, chain)  # behind after a crash: some are read again, and skipped
        if found.fault is not None:
            self._note(found.fault)
            raise ERRORS[found.fault.kind](f"{found.fault.words}; {found.fault.cure}")
        if self._standing:
            self._end(found.offset)
        return len(found.fresh)

    def rewind(self, offset: int, words: str) -> None:
        with closing(self._database.connect()) as db:  # offsets of the topic that was mean nothing in the one that is
            db.execute("UPDATE inbox_fault SET passed = 0, ended = coalesce(ended, ?)", (self._clock().isoformat(),))
        self._passed.clear()
        self._note(Fault("restarted", offset, words, "it is read from its beginning: what is here is skipped, the chain proves the rest"))
        self._log.save_cursor(TOPIC, self.name, offset, self.head().chain)  # last: until it is done it is begun again

    def faults(self) -> list[Fault]:
        with closing(self._database.connect()) as db:
            rows = db.execute(f"SELECT kind, at, words, cure, since, ended FROM inbox_fault {NEWEST}").fetchall()
        return [
            Fault(kind, at, words, cure, datetime.fromisoformat(since), datetime.fromisoformat(ended) if ended else None)
            for kind, at, words, cure, since, ended in rows
        ]

    def pass_over(self, offset: int) -> bool:
        with closing(self._database.connect()) as db:
            stands = "at = ? AND ended IS NULL AND kind <> 'restarted'"
            told = db.execute(f"UPDATE inbox_fault SET passed = 1, ended = ? WHERE {stands}", (self._clock().isoformat(), offset))
            self._passed.add(offset)
            return told.rowcount > 0

    def close(self) -> None:
        self._log.close()

    def _append(self, records: Sequence[tuple[int, bytes]]) -> tuple[Received, bytes]:
        """All at once or, when the tables refuse a row of them, one by one up to that."""
        try:
            return self._together(records)
        except (LogBusy, StorageFailed):
            raise
        except Exception:  # of the driver: something is wrong with a row
            if len(records) == 1:
                fork = LogFork("its stream has that version already, or no table takes it")
                return Received([], records[0][0], _fault(self.name, records[0][0], fork)), self._log.head().chain
        fresh: list[Recorded] = []
        for record in records:
            found, chain = self._append([record])
            fresh += found.fresh
            if found.fault is not None:
                break
        return Received(fresh, found.offset, found.fault), chain

    def _together(self, records: Sequence[tuple[int, bytes]]) -> tuple[Received, bytes]:
        """Check without the pen, and again when another importer stored something meanwhile."""
        while True:
            head = self._log.head()
            found = received(self.name, head, records, self._log.chain_at, self._passed)
            if not found.fresh:
                return found, head.chain
            with self._log.pen() as pen:
                if pen.head.position == head.position:
                    last = pen.append([verbatim(recorded) for recorded in found.fresh], time=found.fresh[-1].envelope.time)[-1]
                    return found, last.chain

    def _note(self, fault: Fault) -> None:
        now = self._clock().isoformat()
        with closing(self._database.connect()) as db:
            db.execute(NOTE, (fault.offset, fault.kind, fault.words, fault.cure, now))
        self._standing = True

    def _end(self, offset: int) -> None:
        """What stopped it lies behind it."""
        with closing(self._database.connect()) as db:
            db.execute("UPDATE inbox_fault SET ended = ? WHERE ended IS NULL AND at < ?", (self._clock().isoformat(), offset))
            self._standing = db.execute("SELECT count(*) FROM inbox_fault WHERE ended IS NULL").fetchone()[0] > 0


class SqliteInbox(StoredInbox):
    """An inbox in one SQLite file."""

    def __init__(self, path: Path, name: str, connect: Connect = connect) -> None:
        super().__init__(SqliteLog(path, name, connect), File(path, connect))
