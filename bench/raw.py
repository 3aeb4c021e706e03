"""The raw limit of a log: the same rows into the same tables and indexes by plain sqlite3, in the same batches."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.eventlog.sqlite import SqliteLog, for_writing
from shared.sql.sqlite import connect

Batch = tuple[list[Any], list[Any], tuple[Any, ...]]  # events, commands, head


def batches(path: Path, sizes: Sequence[int]) -> list[Batch]:
    """The rows of a log cut into the commits it was written in; a commit is a number of commands, one event each."""
    db = sqlite3.connect(path)
    events = db.execute("SELECT position, stream, version, type, record, chain FROM event ORDER BY position").fetchall()
    commands = db.execute("SELECT id, fingerprint, outcome, position, answer FROM command ORDER BY position").fetchall()
    name, stamp = db.execute("SELECT log, time FROM head").fetchone()
    db.close()
    assert len(events) == len(commands) == sum(sizes), (len(events), len(commands), sum(sizes))
    cut, start = [], 0
    for size in sizes:
        part = events[start : start + size]
        cut.append((part, commands[start : start + size], (part[-1][0], part[-1][5], stamp, name)))
        start += size
    return cut


def write(path: Path, name: str, work: Sequence[Batch]) -> float:
    """Seconds to write the batches, each one durable commit."""
    SqliteLog(path, name).close()  # the same tables, indexes and triggers
    db = connect(path)
    for_writing(db)
    began = time.perf_counter()
    for events, commands, head in work:
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", events)
        db.executemany("INSERT INTO command VALUES (?, ?, ?, ?, ?)", commands)
        db.execute("UPDATE head SET position = ?, chain = ?, time = ? WHERE log = ?", head)
        db.execute("COMMIT")
    took = time.perf_counter() - began
    db.close()
    return took
