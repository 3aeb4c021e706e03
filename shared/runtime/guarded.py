"""Engines fail one at a time: what fails is logged, shown, and tried again."""

from __future__ import annotations

from collections.abc import Callable

from shared.kafka.ports import in_words
from shared.kernel.errors import LogFork, LogGap
from shared.runtime.kinds import Kind
from shared.sql.ports import LogBusy, StorageFailed
from shared.web.logging import log, log_bug


class Guarded:
    """The engines of one service, or of a host, and what holds each of them up."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: dict[str, str] = {}  # engine -> what stopped it or holds it up

    def guarded(self, engine: str, step: Callable[[], bool]) -> bool:
        """Step an engine; what fails is logged once and shown, and tried again. A forked log stops it for good."""
        if self.faults.get(engine, "").startswith(Kind.FORK):
            return False
        try:
            moved = step()
        except LogFork as fork:
            self.faults[engine] = f"{Kind.FORK}: {fork}"
            log("engine stopped", engine=engine, service=self.name, fault=str(fork))
        except (LogGap, LogBusy, StorageFailed) as trouble:
            if self.faults.get(engine) != (fault := in_words(trouble)):
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
