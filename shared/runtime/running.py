"""One service running in this process: its log, its writer, its read models, its policies and timers."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from shared.eventlog.ports import EventFeed, LogBusy, StorageFailed
from shared.eventlog.sqlite import SqliteLog, opened
from shared.handling.deciding import May, RulesFor
from shared.handling.declare import Service
from shared.handling.pending import Pending, Result
from shared.handling.policies import PolicyRunner
from shared.handling.timers import Timers
from shared.handling.writer import Blobs, Writer
from shared.kernel.errors import LogFork, LogGap
from shared.runtime.generations import Generations
from shared.web.logging import log, log_bug

BACK_OFF_S = 0.5


class Engine(Protocol):
    """A step function beside the usual ones, such as the monitor of observations."""

    def step(self) -> bool: ...


class Running:
    """Opens the files of one service and steps its engines; threads are the host's."""

    def __init__(
        self,
        service: Service,
        folder: Path,
        log_name: str,
        others: Sequence[EventFeed],
        *,
        rules_for: RulesFor,
        may: May,
        now: Callable[[], datetime],
        blobs: Blobs,
        deliver: Callable[[list[tuple[Pending, Result]]], None],
    ) -> None:
        (folder / "logs").mkdir(parents=True, exist_ok=True)
        self.service = service
        self.log = SqliteLog(folder / "logs" / f"{log_name}.db", log_name)
        self.writer = Writer(self.log, service, rules_for=rules_for, may=may, clock=now, blobs=blobs, deliver=deliver)
        self.models = Generations(folder / "read", service, self.log, others)
        self.policies = PolicyRunner(service, self.log, self.log, self.writer.submit)
        self.timers = Timers(service, lambda: self.models.path, self.writer.submit, now)
        self.extra: list[Engine] = []
        self.reactions = threading.Lock()  # held while policies, timers and extra engines step
        self.faults: dict[str, str] = {}  # engine -> what stopped it or holds it up
        self.wake_reactor: Callable[[], None] = lambda: None  # something beside the log may have become due
        self._local = threading.local()

    def react(self) -> bool:
        """One round of everything that turns facts, deadlines or readings into commands."""
        with self.reactions:
            moved = self.guarded("policies", self.policies.step)
            moved |= self.guarded("timers", self.timers.step)
            for engine in self.extra:
                moved |= self.guarded(type(engine).__name__, engine.step)
        return moved

    def guarded(self, name: str, step: Callable[[], bool]) -> bool:
        """Step an engine; what fails is logged and shown, and tried again. A forked log stops it for good."""
        if self.faults.get(name, "").startswith("fork"):
            return False
        try:
            moved = step()
        except LogFork as fork:
            self.faults[name] = f"fork: {fork}"
            log("engine stopped", engine=name, service=self.service.name, fault=str(fork))
        except (LogGap, LogBusy, StorageFailed, sqlite3.Error) as trouble:
            if self.faults.get(name) != type(trouble).__name__:
                log("engine held up", engine=name, service=self.service.name, fault=type(trouble).__name__)
            self.faults[name] = type(trouble).__name__
        except Exception as bug:
            if self.faults.get(name) != f"bug {type(bug).__name__}":
                log_bug(bug)
            self.faults[name] = f"bug {type(bug).__name__}"
        else:
            self.faults.pop(name, None)
            return moved
        return False

    def quiet(self) -> bool:
        """True when nothing is waiting, and readers and policies stand at the head."""
        head = self.log.head().position
        return (
            self.writer.idle
            and not self.policies.busy
            and self.policies.position == head
            and self.models.reader.positions()[self.log.name] == head
        )

    def read(self) -> sqlite3.Connection:
        """This thread's read-only connection to the generation in use."""
        path = self.models.path
        held: tuple[Path, sqlite3.Connection] | None = getattr(self._local, "db", None)
        if held is None or held[0] != path:
            if held is not None:
                held[1].close()
            held = self._local.db = (path, opened(path))
        return held[1]

    def positions(self) -> Mapping[str, int]:
        return self.models.positions()

    def close(self) -> None:
        self.models.close()
        self.log.close()
