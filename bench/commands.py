"""Durable commands in process: 64 clients each awaiting its answer, against raw sqlite3 and against a library."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench import raw
from bench.figures import Figure, Scale, folder, rates
from bench.node import DUTY, PLACE, opened
from services.alerts.deciders.warnings.commands import DraftAlert
from services.alerts.service import ALERTS
from services.registry.directory import Directory
from shared.eventlog.ports import EventStore
from shared.eventlog.sqlite import SqliteLog
from shared.handling.pending import Pending, Result, fingerprint
from shared.handling.writer import Writer
from shared.kernel.commands import new_id
from shared.web.host import Waiter

CLIENTS = 64
LOG = "150000.alerts"
TEXT = "预计未来六小时局地降雨量达五十毫米以上，请注意防范山洪和地质灾害"


def run(scale: Scale) -> list[Figure]:
    """Ours, the same rows raw, and the library, in turn."""
    count = scale.of(30_000, 640)
    against_raw, against_library, sizes = [], [], []
    with folder() as place:
        node = opened(place)
        for n in range(scale.runs):
            took, batches = commands(SqliteLog(place / f"ours{n}.db", LOG), node.directory, count)
            rows = raw.batches(place / f"ours{n}.db", batches)
            bare = raw.write(place / f"raw{n}.db", LOG, rows)
            slow = library(place / f"library{n}.db", count // 30)
            against_raw.append((count / took, count / bare))
            against_library.append((count / took, (count // 30) / slow))
            sizes.append((count / len(batches), CLIENTS))
        node.host.stop()
    return [
        rates("durable commands, 64 clients, against raw sqlite3", "commands/s", against_raw, 0.5),
        rates("the same against the eventsourcing library", "commands/s", against_library, 5),
        rates("commands to one commit, of 64 clients", "commands", sizes),
    ]


def commands(log: EventStore, known: Directory, count: int, name: str = "AL") -> tuple[float, list[int]]:
    """Seconds for `count` commands and the number of commands in each commit. The writer has a thread, as in the node."""
    sizes, loop = list[int](), uvloop.new_event_loop()
    wake, stop = threading.Event(), threading.Event()

    def deliver(results: list[tuple[Pending, Result]]) -> None:
        sizes.append(len(results))
        loop.call_soon_threadsafe(_settle, results)

    writer = Writer(log, ALERTS, rules_for=known.rules_for, may=known.may, clock=lambda: datetime.now(UTC), deliver=deliver)
    writer.wake = wake.set

    def write() -> None:
        while not stop.is_set():
            if not writer.step():
                wake.wait(1)
                wake.clear()

    async def everybody() -> None:
        await asyncio.gather(*(_client(writer, f"{name}-{n}", count // CLIENTS) for n in range(CLIENTS)))

    thread = threading.Thread(target=write)
    thread.start()
    began = time.perf_counter()
    loop.run_until_complete(everybody())
    took = time.perf_counter() - began
    stop.set()
    wake.set()
    thread.join()
    loop.close()
    log.close()
    return took * count / (count // CLIENTS * CLIENTS), sizes


async def _client(writer: Writer, name: str, count: int) -> None:
    loop = asyncio.get_running_loop()
    for i in range(count):
        made = DraftAlert(by=DUTY, now=datetime.now(UTC), alert=f"{name}-{i}", hazard="11B03", areas=(PLACE,), cautions=TEXT)
        waiter = Waiter(loop)
        writer.submit(Pending(new_id(), made, fingerprint("DraftAlert", TEXT.encode()), waiter, fresh=True))
        answer = await waiter.future
        if isinstance(answer, BaseException):
            raise answer


def _settle(results: list[tuple[Pending, Result]]) -> None:
    for pending, result in results:
        assert isinstance(pending.done, Waiter)
        pending.done.settle(result)


class Draft(Aggregate):
    """The same fact as the library would keep it."""

    @event("Drafted")
    def __init__(self, alert: str, hazard: str, areas: tuple[str, ...], cautions: str) -> None:
        self.alert, self.hazard, self.areas, self.cautions = alert, hazard, areas, cautions


def library(path: Path, count: int) -> float:
    """Seconds for `count` saves, one aggregate event each, into a file by the library's SQLite module."""
    app: Application[uuid.UUID] = Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})
    began = time.perf_counter()
    for i in range(count):
        app.save(Draft(f"AL-{i}", "11B03", ("150722",), TEXT))
    took = time.perf_counter() - began
    app.close()
    return took
