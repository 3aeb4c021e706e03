"""Durable commands on PostgreSQL: 64 clients each awaiting its answer, against raw INSERT of the same rows; and several writers at once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from bench.cluster.stores import postgres, shared_folder
from bench.commands import CLIENTS, LOG, commands
from bench.figures import Figure, Scale, rates
from bench.node import opened
from shared.eventlog.postgres import PostgresLog

TOGETHER = (2, 4)
EVENTS = "INSERT INTO event SELECT * FROM unnest(%b::bigint[], %b::text[], %b::bigint[], %b::text[], %b::bytea[], %b::bytea[])"
COMMANDS = "INSERT INTO command SELECT * FROM unnest(%b::uuid[], %b::bytea[], %b::text[], %b::bigint[], %b::bytea[])"
HEAD = "UPDATE head SET position = %b, chain = %b, time = %b"
Columns = list[list[Any]]
Batch = tuple[Columns, Columns, tuple[int, bytes, str]]


def run(scale: Scale) -> list[Figure]:
    """One writer and the same rows raw, in turn; then several processes that share one log."""
    count = scale.of(30_000, 640)
    against_raw, sizes = [], []
    together: dict[int, list[float]] = {writers: [] for writers in TOGETHER}
    with shared_folder() as place, postgres(place) as server:
        node = opened(place)
        for _ in range(scale.runs):
            dsn = server.fresh_database()
            took, batches = commands(PostgresLog(dsn, LOG), node.directory, count)
            against_raw.append((count / took, count / write(server.fresh_database(), rows(dsn))))
            sizes.append((count / len(batches), CLIENTS))
            for writers in TOGETHER:
                together[writers].append(shared(server.fresh_database(), place, writers, count))
        node.host.stop()
    one = median(ours for ours, _ in against_raw)
    return [
        rates("durable commands on PostgreSQL, 64 clients, one writer, against raw INSERT from arrays", "commands/s", against_raw, 0.45),
        rates("commands to one commit, of 64 clients", "commands", sizes),
        *(
            rates(f"{writers} writer processes of one log, 64 clients each, beside one", "commands/s", [(rate, one) for rate in found])
            for writers, found in together.items()
        ),
    ]


def rows(dsn: str) -> list[Batch]:
    """The rows of a log as arrays of columns, 64 commands to a commit, one event each."""
    with _session(dsn) as db:
        events = db.execute("SELECT position, stream, version, type, record, chain FROM event ORDER BY position").fetchall()
        handled = db.execute("SELECT id, fingerprint, outcome, position, answer FROM command ORDER BY position").fetchall()
    assert len(events) == len(handled), (len(events), len(handled))
    now = datetime.now(UTC).isoformat()
    cut = []
    for start in range(0, len(events), CLIENTS):
        part = events[start : start + CLIENTS]
        cut.append((_columns(part), _columns(handled[start : start + CLIENTS]), (part[-1][0], part[-1][5], now)))
    return cut


def write(dsn: str, batches: Sequence[Batch]) -> float:
    """Seconds to write the batches, each one durable commit and one message to the server."""
    PostgresLog(dsn, LOG).close()  # the same tables, indexes and triggers
    with _session(dsn) as db:
        began = time.perf_counter()
        for events, handled, head in batches:
            with db.pipeline(), db.transaction():
                db.execute(EVENTS, events)
                db.execute(COMMANDS, handled)
                db.execute(HEAD, head)
        return time.perf_counter() - began


def shared(dsn: str, place: Path, writers: int, count: int) -> float:
    """Commands a second of several processes, each with its own writer and clients, into one log; from the first one's start."""
    PostgresLog(dsn, LOG).close()
    asked = [sys.executable, "-m", "bench.cluster.writing", dsn, str(count // writers)]
    started = [
        subprocess.Popen([*asked, f"W{n}", str(place / f"writer{n}")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(writers)
    ]
    try:
        for writer in started:
            assert writer.stdout and writer.stdout.readline() == "ready\n"
        began = time.perf_counter()
        for writer in started:
            assert writer.stdin
            print("go", file=writer.stdin, flush=True)
        for writer in started:
            assert writer.stdout and writer.stdout.readline() == "done\n"
        took = time.perf_counter() - began
    finally:
        for writer in started:
            writer.kill()
            writer.communicate()
    log = PostgresLog(dsn, LOG)
    done = log.head().position
    log.close()
    assert done == count // writers // CLIENTS * CLIENTS * writers, done
    return done / took


def _session(dsn: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(dsn, autocommit=True, prepare_threshold=0, options=f'-c search_path="{LOG}"')


def _columns(part: Sequence[tuple[Any, ...]]) -> Columns:
    return [list(column) for column in zip(*part, strict=True)]
