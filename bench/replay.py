"""Replay of a long log: followed (counted and chained), and written by the reader; against raw upserts of the same rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import Any

from bench.facts import fill
from bench.figures import Figure, Scale, folder, rates
from services.alerts.service import ALERTS
from shared.eventlog.chain import Cursor
from shared.eventlog.sqlite import SqliteLog
from shared.handling.declare import Table
from shared.handling.reader import Reader, stopped
from shared.handling.rows import UnitOfWork
from shared.kernel.envelope import genesis
from shared.runtime.tuning import tune
from shared.sql.sqlite import File, connect

LOG = "150000.alerts"


def run(scale: Scale) -> list[Figure]:
    """One log, made once, replayed in turn."""
    number, streams = scale.of(1_000_000, 20_000), scale.of(10_000, 400)
    tune()
    with folder() as place:
        log = SqliteLog(place / "log.db", LOG)
        fill(log, number, streams)
        followed = [number / _followed(log) for _ in range(scale.runs)]
        written = [_written(log, place, n, number) for n in range(scale.runs)]
        log.close()
    each = [(number / run.ours, number / run.each) for run in written]
    once = [(number / run.ours, number / run.once) for run in written]
    early, half, end = (median(run.memory[part] for run in written) for part in range(3))
    return [
        Figure(f"replay of {number:,} events in {streams:,} streams, followed", "events/s", median(followed), None, "ours >= 100000"),
        rates("the same written to the read models, against raw upserts of the rows they put", "events/s", each, 0.3),
        rates("the same against raw upserts of each row once a chunk, as ours coalesces them", "events/s", once),
        Figure("memory of it after a tenth, beside half way", "MB", early, half, ""),
        Figure("memory of it at the end, beside half way", "MB", end, half, "ratio <= 1.1", end / half),
    ]


def _followed(log: SqliteLog) -> float:
    cursor, began = Cursor(0, genesis(log.name)), time.perf_counter()
    while cursor.follow(log.read(cursor.position)):
        pass
    assert cursor.position == log.head().position
    return time.perf_counter() - began


class Noting(UnitOfWork):
    """Notes every row as the projections put it."""

    noted: list[tuple[str, tuple[Any, ...]]]

    def put(self, table: Table, **row: Any) -> None:
        super().put(table, **row)
        self._note(table, row)

    def change(self, table: Table, *key: Any, **columns: Any) -> None:
        super().change(table, *key, **columns)
        row = self.get(table, *key)
        if row is not None:
            self._note(table, row)

    def _note(self, table: Table, row: dict[str, Any]) -> None:
        self.noted.append((table.upsert(), tuple(map(row.get, table.columns))))


class Raw:
    """The same rows by plain sqlite3, one transaction a chunk; `once` writes a row put several times in a chunk only as it stands last."""

    def __init__(self, path: Path, once: bool) -> None:
        self._db, self._once, self.took = connect(path, synchronous="NORMAL"), once, 0.0

    def write(self, noted: list[tuple[str, tuple[Any, ...]]], keys: Mapping[str, Callable[[Any], Any]]) -> None:
        by_statement: dict[str, dict[Any, tuple[Any, ...]]] = {}
        for n, (sql, row) in enumerate(noted):
            by_statement.setdefault(sql, {})[keys[sql.split()[2]](row) if self._once else n] = row
        began = time.perf_counter()
        self._db.execute("BEGIN IMMEDIATE")
        for sql, rows in by_statement.items():
            self._db.executemany(sql, list(rows.values()))
        self._db.execute("COMMIT")
        self.took += time.perf_counter() - began


@dataclass(slots=True)
class Written:
    """Seconds of the reader, of raw upserts of every row put, of each row once a chunk; memory on the way."""

    ours: float
    each: float
    once: float
    memory: list[float]


def _written(log: SqliteLog, place: Path, n: int, number: int) -> Written:
    """Chunk by chunk in turn, so that a drift of the machine meets all alike."""
    paths = [place / f"{name}{n}.db" for name in ("ours", "noting", "each", "once")]
    readers = [Reader(ALERTS, log, (), File(path)) for path in paths]  # all have the same tables
    ours, noting = readers[:2]
    rows = noting._rows = Noting(noting._db)
    rows.noted = []
    each, once = Raw(paths[2], once=False), Raw(paths[3], once=True)
    tables = [table for projection in noting._projections.values() for table in projection.tables]
    keys = {table.name: itemgetter(*[list(table.columns).index(name) for name in table.key]) for table in tables}
    took, marks, memory = 0.0, [number // 10, number // 2, number], list[float]()
    while noting.step():
        began = time.perf_counter()
        ours.step()
        took += time.perf_counter() - began
        each.write(rows.noted, keys)
        once.write(rows.noted, keys)
        rows.noted.clear()
        if ours.positions()[LOG] >= marks[len(memory)]:
            memory.append(_resident())
    assert not (still := stopped(ours.database.look())), still
    assert ours.positions()[LOG] == number
    for reader in readers:
        reader.close()
    return Written(took, each.took, once.took, memory)


def _resident() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6
