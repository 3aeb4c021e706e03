"""What waits to go out, how often it was tried, and how far the log was read: one database beside the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.handling.timers import utc
from shared.reach.ports import Delivery, Dropped, Letter, Told
from shared.sql.pool import transaction
from shared.sql.ports import Database

# `alert` is whatever the letter is about: the first letters were of warnings.
SCHEMA = """
CREATE TABLE IF NOT EXISTS letter (
    position INTEGER PRIMARY KEY, event TEXT NOT NULL, alert TEXT NOT NULL, recipient TEXT NOT NULL, channel TEXT NOT NULL,
    identifier TEXT NOT NULL, division TEXT, attempts INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL DEFAULT '',
    state TEXT, detail TEXT);
CREATE INDEX IF NOT EXISTS letter_turn ON letter (recipient, channel, position) WHERE state IS NULL;
CREATE INDEX IF NOT EXISTS letter_settled ON letter (position) WHERE state IS NOT NULL;
CREATE TABLE IF NOT EXISTS cursor (log TEXT PRIMARY KEY, position INTEGER NOT NULL, chain BLOB NOT NULL);
"""
_COLUMNS = "position, event, alert, recipient, channel, identifier, division, attempts"
# One at a time to each recipient over each channel, the oldest first: whoever cannot be reached holds up nobody else.
_DUE = f"""SELECT {_COLUMNS} FROM letter l WHERE state IS NULL AND next_at <= ? AND NOT EXISTS (
    SELECT 1 FROM letter e WHERE e.state IS NULL AND e.recipient = l.recipient AND e.channel = l.channel AND e.position < l.position)
    ORDER BY position LIMIT ?"""
_OLDER = f"""SELECT {_COLUMNS} FROM letter l WHERE state IS NULL AND EXISTS (
    SELECT 1 FROM letter n WHERE n.state IS NULL AND n.recipient = l.recipient AND n.channel = l.channel AND n.alert = l.alert
    AND n.position > l.position)"""
_KEEP = """INSERT INTO letter (position, event, alert, recipient, channel, identifier, division) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (position) DO NOTHING"""
_DROP = "DELETE FROM letter WHERE alert = ? AND recipient = ? AND channel = ? AND identifier = ?"
_END = "UPDATE letter SET state = ?, detail = ? WHERE alert = ? AND recipient = ? AND channel = ? AND state IS NULL"
_MOVE = "INSERT INTO cursor VALUES (?, ?, ?) ON CONFLICT (log) DO UPDATE SET position = excluded.position, chain = excluded.chain"


@dataclass(frozen=True, slots=True)
class Settled:
    """A letter whose fate is known here and not yet on the log."""

    letter: Letter
    state: Delivery
    detail: str


class Queue:
    """Used by one thread at a time. Every method is one durable step."""

    def __init__(self, database: Database) -> None:
        self._db = database.connect()
        self._db.executescript(SCHEMA)

    def cursor(self, log: str) -> tuple[int, bytes] | None:
        """How far a log was read."""
        row: tuple[int, bytes] | None = self._db.execute("SELECT position, chain FROM cursor WHERE log = ?", (log,)).fetchone()
        return row

    def take(self, noted: Iterable[Letter | Told | Dropped], log: str, position: int, chain: bytes) -> None:
        """Keep what was queued, drop what was told since, settle what is dropped, in their order, and where we are, together."""
        with transaction(self._db) as db:
            for one in noted:
                if isinstance(one, Told):
                    db.execute(_DROP, one)
                elif isinstance(one, Dropped):
                    db.execute(_END, (Delivery.FAILED.value, one.why, one.about, one.recipient, one.channel))
                else:
                    db.execute(_KEEP, (one.position, one.event, one.about, one.recipient, str(one.channel), one.identifier, one.division))
            db.execute(_MOVE, (log, position, chain))

    def due(self, now: datetime, limit: int) -> list[Letter]:
        """Whose turn it is."""
        return self._letters(_DUE, (utc(now), limit))

    def outdated(self) -> list[Letter]:
        """Letters behind which a newer one about the same waits for the same recipient."""
        return self._letters(_OLDER, ())

    def later(self, letter: Letter, attempts: int, at: datetime) -> None:
        """An attempt failed; the next is at `at`."""
        self._change("UPDATE letter SET attempts = ?, next_at = ? WHERE position = ?", attempts, utc(at), letter.position)

    def settle(self, letter: Letter, state: Delivery, detail: str) -> None:
        """Its fate is known; it stays until the log has it."""
        self._change("UPDATE letter SET state = ?, detail = ? WHERE position = ?", state.value, detail, letter.position)

    def settled(self, limit: int) -> list[Settled]:
        """What the log has still to be told."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS}, state, detail FROM letter WHERE state IS NOT NULL ORDER BY position LIMIT ?", (limit,)
        ).fetchall()
        return [Settled(_letter(row[:-2]), Delivery(row[-2]), row[-1]) for row in rows]

    def drop(self, position: int) -> None:
        """The log has it."""
        self._change("DELETE FROM letter WHERE position = ?", position)

    def waiting(self) -> int:
        """Letters whose fate the log does not know."""
        return int(self._db.execute("SELECT count(*) FROM letter").fetchone()[0])

    def close(self) -> None:
        self._db.close()

    def _letters(self, sql: str, values: tuple[object, ...]) -> list[Letter]:
        return [_letter(row) for row in self._db.execute(sql, values).fetchall()]

    def _change(self, sql: str, *values: object) -> None:
        self._db.execute(sql, values)


def _letter(row: tuple[int, str, str, str, str, str, str | None, int]) -> Letter:
    return Letter(*row)
