"""Replay of a long log: followed (counted and chained), and written by the reader; against raw upserts of the same rows."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from bench.facts import fill
from bench.figures import Figure, Scale, folder, rates
from services.alerts.service import ALERTS
from shared.eventlog.chain import Cursor
from shared.eventlog.sqlite import CHECKPOINT, SqliteLog, connect
from shared.handling.reader import Reader
from shared.kernel.envelope import genesis
from shared.runtime.tuning import tune

LOG = "150000.alerts"


def run(scale: Scale) -> list[Figure]:
    """One log, made once, replayed in turn."""
    number, streams = scale.of(1_000_000, 20_000), scale.of(10_000, 400)
    tune()
    with folder() as place:
        log = SqliteLog(place / "log.db", LOG)
        fill(log, number, streams)
        followed, written, memory = [], [], []
        for n in range(scale.runs):
            followed.append(number / _followed(log))
            ours, raw, size = _written(log, place, n, number)
            written.append((number / ours, number / raw))
            memory.append(size)
        log.close()
    sizes = [median(size[part] for size in memory) for part in range(3)]
    return [
        Figure(f"replay of {number:,} events in {streams:,} streams, followed", "events/s", median(followed), None, "ours >= 100000"),
        rates("the same written to the read models, against raw upserts of the same rows", "events/s", written, 0.3),
        Figure("memory of it after a tenth, beside half way", "MB", sizes[0], sizes[1], ""),
        Figure("memory of it at the end, beside half way", "MB", sizes[2], sizes[1], "ratio <= 1.1", sizes[2] / sizes[1]),
    ]


def _followed(log: SqliteLog) -> float:
    cursor, began = Cursor(0, genesis(log.name)), time.perf_counter()
    while cursor.follow(log.read(cursor.position)):
        pass
    assert cursor.position == log.head().position
    return time.perf_counter() - began


class Spy(sqlite3.Connection):
    """Notes what is upserted, so that the same rows can be written raw."""

    noted: list[tuple[str, list[Any]]]

    def executemany(self, sql: str, rows: Iterable[Any], /) -> sqlite3.Cursor:
        kept = list(rows)
        self.noted.append((sql, kept))
        return super().executemany(sql, kept)


def _written(log: SqliteLog, place: Path, n: int, number: int) -> tuple[float, float, list[float]]:
    """Seconds of the reader, seconds of the same upserts raw, chunk by chunk in turn, and the memory on the way."""
    Spy.noted = []

    Reader(ALERTS, log, (), place / f"raw{n}.db").close()  # the same tables
    reader = Reader(ALERTS, log, (), place / f"read{n}.db", _spied)
    raw = connect(place / f"raw{n}.db", synchronous="NORMAL")
    ours = bare = 0.0
    marks, sizes = [number // 10, number // 2, number], []
    while True:
        began = time.perf_counter()
        moved = reader.step()
        ours += time.perf_counter() - began
        if not moved:
            break
        began = time.perf_counter()
        raw.execute("BEGIN IMMEDIATE")
        for sql, rows in Spy.noted:
            raw.executemany(sql, rows)
        raw.execute("COMMIT")
        bare += time.perf_counter() - began
        Spy.noted.clear()
        if reader.positions()[LOG] >= marks[len(sizes)]:
            sizes.append(_resident())
    assert not reader.stopped(), reader.stopped()
    assert reader.positions()[LOG] == number
    reader.close()
    raw.close()
    return ours, bare, sizes


def _spied(path: Path, synchronous: str = "FULL") -> sqlite3.Connection:
    """As `connect` opens it."""
    db = sqlite3.connect(path, isolation_level=None, factory=Spy)
    db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = {CHECKPOINT}")
    return db


def _resident() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6
