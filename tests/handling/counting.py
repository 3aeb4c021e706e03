"""One process of several that want to count the same log: `python -m tests.handling.counting LOG DSN SCHEMA [freezing]`."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from shared.eventlog.sqlite import SqliteLog
from shared.handling.reader import Reader
from shared.sql import postgres, sessions
from shared.sql.ports import LogBusy, StorageFailed
from tests.handling.desk import NAME
from tests.hosts.depot import DEPOT, Stock

FROZEN = "frozen"  # the item at which a process stops itself


class Freezing(Stock):
    """Stops its process in the middle of a chunk, once."""

    done = False

    def apply(self, rows, fact, at):
        super().apply(rows, fact, at)
        if getattr(fact, "item", None) == FROZEN and not self.done:
            self.done = True
            os.kill(os.getpid(), signal.SIGSTOP)


def main(log: str, dsn: str, schema: str, how: str = "") -> None:
    """Count, and say so whenever it changes whether it is our turn, or what holds us up."""
    postgres.IDLE_MS, postgres.SPEAKS_S = 1_500, 0.3
    sessions.USUAL = sessions.Limits(silent_ms=1_500)
    stock = Freezing() if how else Stock()
    reader = Reader(
        replace(DEPOT, projections=(stock, *DEPOT.projections[1:])), SqliteLog(Path(log), NAME), (), postgres.Schema(dsn, schema)
    )
    said = ""
    while True:
        moved = False
        try:
            moved = reader.step()
            now = "counts" if reader.counts else "waits"
        except (LogBusy, StorageFailed) as trouble:
            now = f"held up: {trouble}"
        if now != said:
            print(said := now, flush=True)
        if not moved:
            time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
