"""A stock ledger of a long stream of movements, opened for the next decision: from its snapshot, and by folding its whole history."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from bench.facts import BEGINS, PLACE, _new
from bench.figures import Figure, Scale, folder
from services.resources.deciders.stock.entries import StockEvent
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.stock.stock import STOCK
from services.resources.deciders.streams import stock_stream
from services.resources.events import stock as s
from services.resources.service import RESOURCES
from shared.eventlog.sqlite import SqliteLog
from shared.handling.snapshots import Snapshots
from shared.handling.states import States
from shared.runtime.tuning import tune
from shared.sql.sqlite import File

LOG, STORE, ITEM = "150000.resources", "WH-1", "WATER"
STREAM = stock_stream(STORE, ITEM)
LOTS, BY, TOGETHER = 300, "W.MD1", 1_000
SINCE = 900  # movements after the newest snapshot: about the most there can be


def run(scale: Scale) -> list[Figure]:
    """One stream, made once; a process that starts opens it, again and again."""
    number = scale.of(1_000_000, 8_000)
    tune()
    with folder() as place:
        log = SqliteLog(place / "log.db", LOG)
        fill(log, number - SINCE)
        _opened(log, place, True)  # the first one folds, and keeps what it found
        fill(log, SINCE, number - SINCE)
        folded, whole = _opened(log, place, False)
        again = [_opened(log, place, True) for _ in range(scale.runs)]
        assert all(state == whole for _, state in again), "a snapshot is not what the log says"
        kept = (place / "snapshots.db").stat().st_size
        log.close()
    name = f"a ledger of {number:,} movements with {len(whole.lots)} lots"
    return [
        Figure(f"{name} opened from its snapshot, beside its fold", "s", median(took for took, _ in again), folded, "ours <= 1"),
        Figure("the file of its snapshot", "kB", kept / 1e3, None, ""),
    ]


def movements(number: int) -> Iterator[StockEvent]:
    """So many in turn over all lots: received, promised, loaded for a shipment, used up but for some."""
    for n in range(number):
        lot, turn = f"LOT-{n % LOTS:04}", n // LOTS
        said: dict[str, Any] = {"store": STORE, "item": ITEM, "lot": lot, "by": BY, "at": BEGINS}
        match turn % 4:
            case 0:
                yield s.StockReceived(
                    **said, qty=1_000 + n % 7, source=s.Source.PURCHASE, cause=f"D-{n}", position="A-01", division=PLACE, owner=PLACE
                )
            case 1:
                yield s.StockReserved(**said, qty=400, allocation=f"AC-{turn}")
            case 2:
                yield s.StockIssued(**said, qty=400, to=s.Use.TRANSIT, cause=f"SP-{turn}", allocation=f"AC-{turn - 1}")
            case _:
                yield s.StockIssued(**said, qty=600, to=s.Use.SITE, cause="INC-1", allocation=None)


def fill(log: SqliteLog, number: int, before: int = 0) -> None:
    """Append so many movements of one store and item."""
    versions = {STREAM: before}
    facts = islice(movements(before + number), before, None)
    while batch := [fact for _, fact in zip(range(TOGETHER), facts, strict=False)]:
        with log.pen() as pen:
            pen.append([_new(log.name, STREAM, fact, versions) for fact in batch], time=BEGINS)


def _opened(log: SqliteLog, place: Path, kept: bool) -> tuple[float, Stock]:
    """Seconds until a writer that knows nothing has the state, and the state."""
    snapshots = Snapshots(File(place / "snapshots.db"), log) if kept else None
    service = RESOURCES if kept else replace(RESOURCES, deciders=(replace(STOCK, snapshot=None),))
    states = States(service, log, snapshots)
    began = time.perf_counter()
    found: Stock = states.get(STREAM).state
    took = time.perf_counter() - began
    states.close()
    return took, found
