"""The simulated host: one thread, a clock that is moved, and a process that dies where it is told to.

The engines and the SQLite files are the real ones. A crash leaves only the files, as `kill -9` does: they are copied as they
lie, write-ahead log included, and opened anew. Power loss (a lost fsync) is not simulated.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from shared.blobs.store import Blobs
from shared.eventlog.inbox import SqliteInbox
from shared.eventlog.live import LiveLog
from shared.eventlog.sqlite import SqliteLog
from shared.handling.deciding import May, RulesFor
from shared.handling.declare import Service
from shared.handling.importer import Importer
from shared.handling.pending import Busy, Pending, Result
from shared.handling.policies import PolicyRunner
from shared.handling.relay import Relay
from shared.handling.timers import Timers
from shared.handling.writer import Writer
from shared.runtime.generations import Generations
from shared.runtime.running import Followed
from shared.runtime.simulated_topic import SimulatedTopic
from shared.sql.sqlite import File, Files, SqliteConnection

CHECKPOINT = 50  # pages: what a restart copies and recovers stays small, and checkpoints are part of every history
QUEUE = 12  # small, so that a full queue is part of every history
COMMITS = {
    "logs": {"writer": "append", "policies": "cursor"},
    "read": {"reader": "chunk"},
    "blobs": {"writer": "blobs"},
    "inbox": {"importer": "store"},
    "vault": {"edge": "keep", "custodian": "vault"},
}
POINTS = tuple(
    (engine, f"{side} {what}")
    for engine, whats in (
        ("writer", ("blobs", "append", "answer")),
        ("reader", ("chunk",)),
        ("policies", ("submit", "cursor")),
        ("timers", ("submit",)),
        ("relay", ("send",)),
        ("importer", ("store",)),
        ("start", ("open",)),
    )
    for what in whats
    for side in ("before", "after")
)
"""Every point at which the process can be told to die: (engine, before or after what)."""


class Crash(BaseException):
    """The process dies. Nothing may catch it but the host."""


class CrashPoints:
    """Counts every point that is passed; dies at the armed one."""

    def __init__(self) -> None:
        self.engine = "start"
        self.died: Counter[tuple[str, str]] = Counter()
        self.dead = False
        self._armed: tuple[tuple[str, str], int] | None = None

    @property
    def armed(self) -> bool:
        return self._armed is not None

    def arm(self, point: tuple[str, str], passes: int) -> None:
        """Die at this point, once it was passed so many times."""
        self._armed = (point, passes)

    def disarm(self) -> None:
        self._armed = None

    def at(self, what: str) -> None:
        """Called at each point; what is dead does nothing more."""
        if self.dead:
            raise Crash
        if self._armed is None or self._armed[0] != (self.engine, what):
            return
        point, passes = self._armed
        if passes:
            self._armed = (point, passes - 1)
            return
        self._armed, self.dead = None, True
        self.died[point] += 1
        raise Crash(" ".join(point))

    @contextmanager
    def around(self, what: str) -> Iterator[None]:
        self.at(f"before {what}")
        yield
        self.at(f"after {what}")


class MortalConnection(SqliteConnection):
    """A connection with a crash point before and after each of its commits."""

    points: CrashPoints
    folder: str

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if self.points.dead and sql != "ROLLBACK":
            raise Crash
        if sql == "COMMIT" or (not self.in_transaction and sql.startswith(("INSERT", "CREATE", "DELETE"))):
            with self.points.around(self._what()):
                return super().execute(sql, parameters)
        return super().execute(sql, parameters)

    def executescript(self, sql: str, /) -> sqlite3.Cursor:
        with self.points.around(self._what()):
            return super().executescript(sql)

    def _what(self) -> str:
        engine = self.points.engine
        return "open" if engine == "start" else COMMITS[self.folder].get(engine, "commit")


class Simulated:
    """One service's engines over files in a folder; `step` one at a time, `restart` after a Crash.

    The `make_` methods exist to be overridden by engines with a planted bug.
    """

    def __init__(
        self,
        service: Service,
        folder: Path,
        log_name: str,
        *,
        rules_for: RulesFor,
        may: May,
        start: datetime,
        chance: Random,
        others: Sequence[Followed] = (),
    ) -> None:
        self.service, self.log_name, self.now, self.others = service, log_name, start, others
        self._rules_for, self._may = rules_for, may
        self._home, self._boots = folder, 0
        self.folder = folder / "0"
        self.points = CrashPoints()
        self.topic = SimulatedTopic(log_name, self.points.around, chance)
        self._connections: list[MortalConnection] = []

    def open(self) -> None:
        """Start the process: open the files, make the engines. May die."""
        self.points.engine = "start"
        for name in ("logs", "read", "blobs", "inbox"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.log = self.make_log(self.folder / "logs" / "log.db")
        self.blobs = Blobs(File(self.folder / "blobs" / "blobs.db", self._connect))
        self.writer = self.make_writer()
        self.models = self.make_models()
        self.policies = self.make_policies()
        self.reactions = [PolicyRunner(self.service, self.log, feed, self._submit) for feed in self.others]
        self.timers = self.make_timers()
        self.topic.forget()
        self.relay = self.make_relay()
        self.inbox = self.make_inbox(self.folder / "inbox" / "log.db")
        self.importer = Importer(self.topic, self.inbox)  # the neighbour's; dies with us, as one machine would
        self._steps: dict[str, Callable[[], bool]] = {
            "writer": self.writer.step,
            "reader": self.models.step,
            "policies": self._react,
            "timers": self.timers.step,
            "relay": self.relay.step,
            "importer": self.importer.step,
        }

    def step(self, engine: str) -> bool:
        """One step of one engine. Raises Crash when it dies there."""
        self.points.engine = engine
        self.now += timedelta(milliseconds=1)
        return self._steps[engine]()

    def restart(self) -> None:
        """What is left of a dead process are its files: copy them as they lie, and start from the copy."""
        before = self.folder
        self._boots += 1
        self.folder = self._home / str(self._boots)
        for path in (*before.glob("*/*.db"), *before.glob("*/*.db-wal")):
            to = self.folder / path.relative_to(before)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
        self.close()
        shutil.rmtree(before)
        self.points.dead = False
        self.open()

    @property
    def read(self) -> File:
        """The read models that answer queries."""
        return File(self.folder / "read" / f"{self.models.name}.db")

    def quiet(self) -> bool:
        """True when nothing is waiting, and readers, policies and the neighbour's inbox stand at the head."""
        ends = {feed.name: feed.head().position for feed in (self.log, *self.others)}
        stand = self.writer.waiting == 0 and self.inbox.head().position == ends[self.log.name] and self.models.level(ends)
        return stand and all(runner.level(ends[runner.follows]) for runner in (self.policies, *self.reactions))

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def make_log(self, path: Path) -> SqliteLog:
        return LiveLog(path, self.log_name, self._connect, alone=True)

    def make_writer(self) -> Writer:
        return Writer(self.log, self.service, **self.writer_parts())

    def writer_parts(self) -> dict[str, Any]:
        return {
            "rules_for": self._rules_for,
            "may": self._may,
            "clock": lambda: self.now,
            "blobs": self.blobs,
            "deliver": self._deliver,
            "queue": QUEUE,
        }

    def make_models(self) -> Generations:
        return Generations(Files(self.folder / "read", self._connect), self.service, self.log, self.others)

    def make_policies(self) -> PolicyRunner:
        return PolicyRunner(self.service, self.log, self.log, self._submit)

    def make_timers(self) -> Timers:
        return Timers(self.service, self.models.look, self._submit, lambda: self.now)

    def make_relay(self) -> Relay:
        return Relay(self.log, self.topic)

    def make_inbox(self, path: Path) -> SqliteInbox:
        return SqliteInbox(path, self.log_name, self._connect)

    def submit(self, pending: Pending) -> bool:
        """A client's command; False when the queue is full."""
        try:
            self.writer.submit(pending)
        except Busy:
            return False
        return True

    def _react(self) -> bool:
        return any([runner.step() for runner in (self.policies, *self.reactions)])

    def _submit(self, pending: Pending) -> None:
        with self.points.around("submit"):
            self.writer.submit(pending)

    def _deliver(self, results: list[tuple[Pending, Result]]) -> None:
        for pending, result in results:
            with self.points.around("answer"):
                pending.done(result)

    def _connect(self, path: Path, synchronous: str = "FULL") -> sqlite3.Connection:
        db = sqlite3.connect(path, isolation_level=None, factory=MortalConnection)
        db.points, db.folder = self.points, path.parent.name
        self._connections.append(db)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")  # the machine does not lose power here, only the process its life
        db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
        return db
