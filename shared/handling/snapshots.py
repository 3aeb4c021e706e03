"""States of long streams, kept beside the log so that a ledger of a million movements opens at once. A cache: it may be deleted.

A snapshot counts only while the log holds the very event it was taken at, and while the code that made it is the same: after a
restored backup or an upgrade the history is folded again.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from shared.eventlog.ports import EventStore
from shared.handling.declare import Service
from shared.kernel.decider import Decider
from shared.kernel.decoding import read_json
from shared.kernel.envelope import Recorded
from shared.sql.pool import Pool
from shared.sql.ports import Database, LogBusy, StorageFailed

EVERY = 1_000  # events between two snapshots of a stream
SCHEMA = """CREATE TABLE IF NOT EXISTS snapshot (stream TEXT PRIMARY KEY, form TEXT NOT NULL, version INTEGER NOT NULL,
chain BLOB NOT NULL, state BLOB NOT NULL)"""
KEEP = """INSERT INTO snapshot VALUES (?, ?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE SET
form = excluded.form, version = excluded.version, chain = excluded.chain, state = excluded.state"""


class Snapshots:
    """Of the deciders that name the type of their state in `snapshot`. What cannot be kept or read is as good as none."""

    def __init__(self, database: Database, log: EventStore, every: int = EVERY) -> None:
        self._pool, self._log, self._every = Pool(database.connect), log, every
        self._forms: dict[str, str] = {}
        self._taken: dict[str, int] = {}  # stream -> version of its newest snapshot
        with suppress(StorageFailed, LogBusy), self._pool.use() as db:  # no node stands still because of a cache: it folds
            db.executescript(SCHEMA)

    def find(self, stream: str, decider: Decider[Any]) -> tuple[int, Any, Sequence[Recorded]] | None:
        """Version and state of the newest snapshot that still holds, and what happened since; None when there is none."""
        try:
            with self._pool.use() as db:
                row = db.execute("SELECT form, version, chain, state FROM snapshot WHERE stream = ?", (stream,)).fetchone()
            if decider.snapshot is None or row is None or row[0] != self._form(decider):
                return None
            version: int = row[1]
            at, *since = self._log.stream(stream, version - 1) or (None,)
            if at is None or at.version != version or at.chain != bytes(row[2]):
                return None
            state = read_json(row[3], decider.snapshot)
        except (StorageFailed, LogBusy, msgspec.MsgspecError):
            return None
        self._taken[stream] = version
        return version, state, since

    def note(self, stream: str, decider: Decider[Any], version: int, state: Any) -> None:
        """The stream stands at this version of the log; its state is kept when enough was added since the last time."""
        if version - self._taken.get(stream, 0) < self._every:
            return
        self._taken[stream] = version
        try:
            newest = self._log.stream(stream, version - 1)
            if [one.version for one in newest] != [version]:  # another process went on meanwhile
                return
            with self._pool.transaction() as db:
                db.execute(KEEP, (stream, self._form(decider), version, newest[0].chain, msgspec.json.encode(state)))
        except (StorageFailed, LogBusy):  # where it is kept is full or away: the log goes on without it
            return

    def close(self) -> None:
        self._pool.close()

    def _form(self, decider: Decider[Any]) -> str:
        """Changes whenever the code beside `evolve`, what it is composed of, or a fact changes."""
        if decider.category not in self._forms:
            beside = Path(inspect.getfile(decider.evolve)).parent
            facts = next((up / "events" for up in beside.parents if (up / "events").is_dir()), beside)
            blocks = Path(__file__).parents[1] / "blocks"
            digest = sha256()
            for source in sorted({one for folder in (beside, facts, blocks) for one in folder.glob("*.py")}):
                digest.update(source.name.encode() + source.read_bytes())
            self._forms[decider.category] = digest.hexdigest()[:16]
        return self._forms[decider.category]


def snapshots_of(service: Service, database: Database, log: EventStore) -> Snapshots | None:
    """None where no decider's state is kept."""
    return Snapshots(database, log) if any(decider.snapshot for decider in service.deciders) else None
