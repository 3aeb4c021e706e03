"""Engines fail one at a time: what fails is logged, shown, and tried again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from shared.kafka.ports import in_words
from shared.kernel.errors import LogFork, LogGap, TooNew, TopicFork
from shared.runtime.kinds import Kind
from shared.sql.ports import LogBusy, StorageFailed
from shared.web.logging import log, log_bug

LOOK_AGAIN_S = 5.0  # at a topic that was forked: to look costs some thousand records


class Guarded:
    """The engines of one service, or of a host, and what holds each of them up."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: dict[str, str] = {}  # engine -> what stopped it or holds it up
        self._again: dict[str, float] = {}  # engine whose topic is forked -> when it may look again

    def guarded(self, engine: str, step: Callable[[], bool]) -> bool:
        """Step an engine; what fails is logged once and shown, and tried again. A forked log stops it for good,
        a topic that holds another one until it was made anew."""
        if self.faults.get(engine, "").startswith(Kind.FORK) and time.monotonic() < self._again.get(engine, math.inf):
            return False
        self._again.pop(engine, None)
        try:
            moved = step()
        except LogFork as fork:
            if isinstance(fork, TopicFork):
                self._again[engine] = time.monotonic() + LOOK_AGAIN_S
            if self.faults.get(engine) != (fault := f"{Kind.FORK}: {fork}"):
                log("engine stopped", engine=engine, service=self.name, fault=str(fork))
            self.faults[engine] = fault
        except (LogGap, LogBusy, StorageFailed, TooNew) as trouble:
            if self.faults.get(engine) != (fault := f"{Kind.NEWER}: {trouble}" if isinstance(trouble, TooNew) else in_words(trouble)):
                log("engine held up", engine=engine, service=self.name, fault=fault)
            self.faults[engine] = fault
        except Exception as bug:
            if self.faults.get(engine) != f"bug {type(bug).__name__}":
                log_bug(bug)
            self.faults[engine] = f"bug {type(bug).__name__}"
        else:
            self.faults.pop(engine, None)
            return moved
        return False
