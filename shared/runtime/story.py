"""The story's clock of a cluster: it lies in a database that every process reaches, and a request that moves it waits until all is done.

Each service and the front say to which position of every log all was done that followed, and under which question. When all of them
answered a question that was asked after the clock was moved, and name the same positions, nothing is on its way any more: whoever
would still write had to be woken by an event that the others have not seen either, or by the clock. Who asked notes that it was settled,
and until somebody asks again nobody has to find out anything.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, tzinfo

from shared.sql.pool import Pool, transaction
from shared.sql.ports import Database, StorageFailed

SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (one INTEGER PRIMARY KEY, now TEXT NOT NULL, asked INTEGER NOT NULL, settled INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS done (name TEXT PRIMARY KEY, asked INTEGER NOT NULL, positions TEXT NOT NULL);
"""
SETTLE_S = 20.0
LOOK_S = 0.005


class StoryBoard:
    """The clock, the question, and the answers of `names`."""

    story = True

    def __init__(self, database: Database, names: Collection[str], begins: datetime, zone: tzinfo) -> None:
        self._pool, self._names, self._zone = Pool(database.connect), frozenset(names), zone
        self._told: tuple[int, Mapping[str, int]] | None = None
        self.waits = False
        """Somebody waited for an answer, when it was last looked."""
        with self._pool.use() as db:
            db.executescript(SCHEMA)
            db.execute("INSERT INTO clock VALUES (1, ?, 0, 0) ON CONFLICT (one) DO NOTHING", (_text(begins),))
        self._now = begins.astimezone(zone)
        self.look()

    def now(self) -> datetime:
        return self._now

    def look(self) -> int:
        """Take over the time; the number of the question that stands."""
        with self._pool.use() as db:
            now, asked, settled = db.execute("SELECT now, asked, settled FROM clock").fetchone()
        self._now, self.waits = max(self._now, datetime.fromisoformat(now).astimezone(self._zone)), settled < asked
        return int(asked)

    def looked(self) -> datetime:
        """The time as it stands, for who does not look by the way."""
        self.look()
        return self._now

    def tell(self, name: str, asked: int, positions: Mapping[str, int]) -> None:
        """To these positions all was done that followed, by the time of this question."""
        if self._told == (asked, positions):
            return
        row = (name, asked, json.dumps(positions))
        with self._pool.use() as db:
            changed = "asked = excluded.asked, positions = excluded.positions"
            db.execute(f"INSERT INTO done VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET {changed}", row)
        self._told = asked, dict(positions)

    def move(self, to: datetime) -> None:
        """Move the clock on, never back, and wait until all is done."""
        with self._pool.use() as db, transaction(db):
            db.execute("UPDATE clock SET now = CASE WHEN now < ? THEN ? ELSE now END, asked = asked + 1", (_text(to), _text(to)))
            asked = int(db.execute("SELECT asked FROM clock").fetchone()[0])
        self.look()
        deadline = time.monotonic() + SETTLE_S
        while late := self._late(asked):
            if time.monotonic() > deadline:
                raise StorageFailed(f"the cluster did not run dry in time: {late}")
            time.sleep(LOOK_S)
        with self._pool.use() as db:
            db.execute("UPDATE clock SET settled = ? WHERE settled < ?", (asked, asked))

    def _late(self, asked: int) -> str | None:
        with self._pool.use() as db:
            rows = db.execute("SELECT name, positions FROM done WHERE asked >= ?", (asked,)).fetchall()
        answered = {name: json.loads(positions) for name, positions in rows}
        if silent := self._names - set(answered):
            return f"nothing heard of {', '.join(sorted(silent))}"
        logs: dict[str, set[int]] = {}
        for positions in answered.values():
            for log, position in positions.items():
                logs.setdefault(log, set()).add(position)
        apart = [log for log, at in logs.items() if len(at) > 1]
        return f"not everybody is level with {', '.join(sorted(apart))}" if apart else None


def _text(at: datetime) -> str:
    """Sorts by time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
