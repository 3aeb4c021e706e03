"""Parked streams: an event a reader could not take is kept, in order, with all that follow it in its stream.

Other streams go on. A person sees the list with the reason, and replays a stream when its cause is cured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.kernel.envelope import Recorded
from shared.sql.ports import Connection

TABLE = """CREATE TABLE IF NOT EXISTS parked (
  reader TEXT NOT NULL, log TEXT NOT NULL, position INTEGER NOT NULL, stream TEXT NOT NULL, version INTEGER NOT NULL,
  type TEXT NOT NULL, record BLOB NOT NULL, chain BLOB NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (reader, log, position))"""


@dataclass(frozen=True, slots=True)
class Parked:
    """One event waiting, and why its stream waits."""

    reader: str
    log: str
    position: int
    stream: str
    type: str
    reason: str


class Parking:
    """The parked events in one database; writes belong to the caller's transaction."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        db.executescript(TABLE)
        self._streams: set[tuple[str, str, str]] = set()
        self.reload()

    def reload(self) -> None:
        """After a rollback: what is parked is what the database says."""
        self._streams = {(row[0], row[1], row[2]) for row in self._db.execute("SELECT DISTINCT reader, log, stream FROM parked")}

    def holds(self, reader: str, log: str, stream: str) -> bool:
        return bool(self._streams) and (reader, log, stream) in self._streams

    def park(self, reader: str, log: str, recorded: Recorded, reason: str) -> None:
        self._db.execute(
            "INSERT INTO parked VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                reader,
                log,
                recorded.position,
                recorded.stream,
                recorded.version,
                recorded.type,
                recorded.record,
                recorded.chain,
                reason,
            ),
        )
        self._streams.add((reader, log, recorded.stream))

    def replay(self, reader: str, log: str, stream: str, apply: Callable[[Recorded], None]) -> int:
        """Apply a parked stream in order and release it; an exception leaves all of it parked (the caller rolls back)."""
        waiting = self.waiting(reader, log, stream)
        for recorded in waiting:
            apply(recorded)
        self.release(reader, log, stream)
        return len(waiting)

    def waiting(self, reader: str, log: str, stream: str) -> list[Recorded]:
        """The parked events of one stream, in order."""
        rows = self._db.execute(
            "SELECT position, stream, version, type, record, chain FROM parked "
            "WHERE reader = ? AND log = ? AND stream = ? ORDER BY position",
            (reader, log, stream),
        )
        return [Recorded(*row) for row in rows]

    def release(self, reader: str, log: str, stream: str) -> None:
        self._db.execute("DELETE FROM parked WHERE reader = ? AND log = ? AND stream = ?", (reader, log, stream))
        self._streams.discard((reader, log, stream))

    def rename(self, reader: str, to: str, log: str) -> None:
        """What is parked for a reader that has another name now, or that another replaced, waits for that one, in order."""
        if not any(one[:2] == (reader, log) for one in self._streams):
            return
        kept = "SELECT 1 FROM parked AS own WHERE own.reader = ? AND own.log = parked.log AND own.position = parked.position"
        self._db.execute(f"UPDATE parked SET reader = ? WHERE reader = ? AND log = ? AND NOT EXISTS ({kept})", (to, reader, log, to))
        self._db.execute(f"DELETE FROM parked WHERE reader = ? AND log = ? AND EXISTS ({kept})", (reader, log, to))
        self.reload()

    def close(self) -> None:
        """Give the connection back."""
        self._db.close()

    def listed(self) -> list[Parked]:
        return parked(self._db)


def parked(db: Connection) -> list[Parked]:
    """What is parked in a database, in order."""
    rows = db.execute("SELECT reader, log, position, stream, type, reason FROM parked ORDER BY log, position, reader")
    return [Parked(*row) for row in rows]
