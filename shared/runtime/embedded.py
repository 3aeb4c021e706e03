"""The embedded host: threads in one process over SQLite files. What `ortoo run` and `ortoo serve` start."""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

from starlette.concurrency import run_in_threadpool

from shared.blobs.store import SqliteBlobs
from shared.eventlog.ports import StorageFailed
from shared.handling.declare import Service
from shared.handling.pending import Pending, Result
from shared.kernel.commands import Signature
from shared.kernel.envelope import Recorded
from shared.runtime.clock import RealClock, StoryClock
from shared.runtime.running import BACK_OFF_S, Running
from shared.runtime.tuning import tune
from shared.web.directory import Directory
from shared.web.host import Waiter
from shared.web.logging import log_bug
from shared.web.principals import Principals
from shared.web.problems import status_of
from shared.web.stream import Hub

TICK_S = 0.2  # how often timers look when nothing else happens
READ_S = 0.02  # between two looks of a reader, and of a reactor: under load they take what came since together, alone they look at once
REACT_S = 0.05
SETTLE_S = 20.0
STOP_S = 2.0  # for all threads together, so that SIGTERM ends the node within five seconds


class FolderTaken(Exception):
    """Another node runs on this data folder."""


class Embedded:
    """Opens a data folder, runs every service's engines in threads, and stops them cleanly."""

    def __init__(
        self, folder: Path, province: str, services: tuple[Service, ...], directory: Directory, clock: RealClock | StoryClock
    ) -> None:
        tune()
        self.folder, self.province, self.clock, self.directory = folder, province, clock, directory
        self._lock = _take(folder)
        try:
            self.blobs = SqliteBlobs(folder / "blobs.db")
            self.principals = Principals(folder / "keys" / "node.pem", level_of=directory.level)
            self.services: Mapping[str, Service] = {service.name: service for service in services}
            self.running = {service.name: self._open(service) for service in services}
        except BaseException:
            self._lock.close()
            raise
        directory.bind(self.running["registry"].log)
        self.guarded_directory()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.hub: Hub | None = None
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._wakes: dict[tuple[str, str], threading.Event] = {}
        self.started = time.monotonic()

    def _open(self, service: Service) -> Running:
        return Running(
            service,
            self.folder,
            f"{self.province}.{service.name}",
            (),
            rules_for=self.directory.rules_for,
            may=self.directory.may,
            now=self.clock.now,
            blobs=self.blobs,
            deliver=lambda results: self._deliver(service.name, results),
        )

    @property
    def story(self) -> bool:
        return self.clock.story

    def now(self) -> datetime:
        return self.clock.now()

    def attach(self, loop: asyncio.AbstractEventLoop) -> Hub:
        """Called by the web app's start: results and live streams go to this loop from now on."""
        self._loop = loop
        feeds = {running.service.letter: running.log for running in self.running.values()}
        self.hub = Hub(feeds, lambda: {letter: feed.head().position for letter, feed in feeds.items()}, self.directory.within)
        return self.hub

    def start(self) -> None:
        """Start the threads: a writer, a reader and a reactor for each service."""
        for name, running in self.running.items():
            self._spawn(name, "writer", running.writer.step, 1.0, running, pace_s=0.0)
            self._spawn(name, "reader", running.models.step, 0.25, running, READ_S)
            self._spawn(name, "reactor", running.react, TICK_S, running, REACT_S)
            running.writer.wake = self._wakes[name, "writer"].set
            running.wake_reactor = self._wakes[name, "reactor"].set

    def stop(self) -> None:
        """Let every engine finish its step, then close the files."""
        self._stop.set()
        for wake in self._wakes.values():
            wake.set()
        deadline = time.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        if not any(thread.is_alive() for thread in self._threads):  # what still runs keeps its files; the process ends with it
            for running in self.running.values():
                running.close()
        self._lock.close()

    def log(self, service: str) -> str:
        return self.running[service].log.name

    def history(self, service: str, stream: str) -> Sequence[Recorded]:
        return self.running[service].log.stream(stream)

    def nudge(self, service: str) -> None:
        self.running[service].wake_reactor()

    def submit(self, service: str, pending: Pending) -> None:
        self.running[service].writer.submit(pending)

    def read(self, service: str) -> sqlite3.Connection:
        return self.running[service].read()

    def positions(self) -> Mapping[str, int]:
        return {log: at for running in self.running.values() for log, at in running.positions().items()}

    def heads(self) -> Mapping[str, int]:
        return {running.log.name: running.log.head().position for running in self.running.values()}

    def require(self, query: str, by: Signature) -> None:
        self.directory.require(query, by)

    def sees(self, by: Signature) -> Callable[[str | None, str], bool]:
        return self.directory.sees(by)

    async def move_clock(self, to: datetime) -> None:
        assert isinstance(self.clock, StoryClock)
        self.clock.move(to)
        await run_in_threadpool(self.settle)

    def settle(self) -> None:
        """Wait until timers due by now have fired and every reader and policy has run dry."""
        deadline = time.monotonic() + SETTLE_S
        while time.monotonic() < deadline:
            if all(running.quiet() for running in self.running.values()):
                moved = [running.react() for running in self.running.values()]
                if not any(moved) and all(running.quiet() for running in self.running.values()):
                    return
            for wake in self._wakes.values():
                wake.set()
            time.sleep(0.001)
        raise StorageFailed("the engines did not run dry in time")

    def faults(self) -> dict[str, str]:
        """What is wrong now, by `<service>.<engine>`; empty when all is well."""
        found = {}
        for name, running in self.running.items():
            for engine, fault in running.faults.items():
                found[f"{name}.{engine}"] = fault
            if running.timers.stuck:
                found[f"{name}.deadlines"] = f"{len(running.timers.stuck)} stuck: {', '.join(sorted(set(running.timers.stuck.values())))}"
            for projection, log, position, reason in running.models.reader.stopped():
                found[f"{name}.{projection}"] = f"stopped at {log}:{position}: {reason}"
        return found

    def _deliver(self, service: str, results: list[tuple[Pending, Result]]) -> None:
        waiting = [(pending.done, result) for pending, result in results if isinstance(pending.done, Waiter)]
        try:
            for pending, result in results:
                if not isinstance(pending.done, Waiter):
                    _told(pending, result)
            self._wakes_after_commit(service)
        finally:  # who waits is answered, whatever else fails
            loop, hub = self._loop, self.hub
            if loop is not None and not loop.is_closed():
                loop.call_soon_threadsafe(_settle_all, waiting, hub)  # one wake-up for the whole batch

    def _wakes_after_commit(self, service: str) -> None:
        if service == "registry":
            self.guarded_directory()
        for kind in ("reader", "reactor"):
            wake = self._wakes.get((service, kind))
            if wake is not None and not wake.is_set():
                wake.set()

    def guarded_directory(self) -> None:
        """Bring divisions and rules up to the registry's log; tokens learn their new levels."""
        if self.directory.step():
            self.principals.forget()

    def _spawn(self, service: str, kind: str, step: Callable[[], bool], idle_s: float, running: Running, pace_s: float) -> None:
        wake = self._wakes[service, kind] = threading.Event()

        def run() -> None:
            while not self._stop.is_set():
                began = time.monotonic()
                moved = running.guarded(kind, step)
                if not moved:
                    wake.wait(BACK_OFF_S if kind in running.faults else idle_s)
                    wake.clear()
                if (early := began + pace_s - time.monotonic()) > 0:
                    self._stop.wait(early)

        thread = threading.Thread(target=run, name=f"{service}-{kind}", daemon=True)
        self._threads.append(thread)
        thread.start()


def _told(pending: Pending, result: Result) -> None:
    if isinstance(result, BaseException) and status_of(result) == 500:
        log_bug(result)
    try:
        pending.done(result)
    except Exception as bug:  # the others of the batch are told all the same
        log_bug(bug)


def _settle_all(waiting: list[tuple[Waiter, Result]], hub: Hub | None) -> None:
    for waiter, result in waiting:
        waiter.settle(result)
    if hub is not None:
        hub.wake()


def _take(folder: Path) -> TextIO:
    """One node to a folder: an advisory lock that ends with the process, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "node.lock").open("a+")
    except OSError as error:
        raise StorageFailed(f"{folder}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise FolderTaken(str(folder)) from error
    return lock
