"""What every host is made of: services running in this process, their threads, and answers handed back to the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.blobs.store import Blobs
from shared.handling.declare import Service, matters_of
from shared.handling.guard import Knows, nobody
from shared.handling.matters import Streams
from shared.handling.pending import Pending, Result
from shared.kernel.commands import Signature
from shared.kernel.envelope import Recorded
from shared.kernel.realm import log_prefix
from shared.runtime.clock import Clock
from shared.runtime.running import Running
from shared.runtime.threads import Pace, Threads
from shared.runtime.tuning import tune
from shared.sql.ports import Connection
from shared.vault.vault import Vault
from shared.web.directory import Directory
from shared.web.host import Waiter
from shared.web.logging import log_bug
from shared.web.principals import Principals
from shared.web.problems import status_of
from shared.web.stream import Hub

TICK_S = 0.2  # how often timers look when nothing else happens
WRITER = Pace(1.0)
READER = Pace(0.25, 0.02)  # under load it takes what came since together, alone it looks at once
REACTOR = Pace(TICK_S, 0.05)


class Process(ABC):
    """A host's common part: it schedules the engines of the services that run here, and is what routes ask."""

    running: Mapping[str, Running]
    blobs: Blobs

    def __init__(self, province: str, services: Sequence[Service], directory: Directory, clock: Clock, principals: Principals) -> None:
        tune()
        self.province, self.directory, self.clock, self.principals = province, directory, clock, principals
        self.services: Mapping[str, Service] = {service.name: service for service in services}
        self.running = {}
        self.vault: Vault | None = None
        self.threads = Threads()
        self.hub: Hub | None = None
        self.started = time.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._following = threading.Lock()  # of the directory: several threads bring it up

    def attach(self, loop: asyncio.AbstractEventLoop) -> Hub | None:
        """Called by the web app's start: results and live streams go to this loop from now on."""
        self._loop = loop
        return self.hub

    def _shows(self, feeds: Mapping[str, Streams], heads: Callable[[], Mapping[str, int]]) -> Hub:
        """The live streams over these logs, by letter."""
        self.hub = Hub(feeds, heads, self.directory.within, matters_of(self.services.values(), lambda service: feeds[service.letter]))
        return self.hub

    @abstractmethod
    def start(self) -> None:
        """Start the threads."""

    @abstractmethod
    def stop(self) -> None:
        """Let every engine finish its step, then close what is open."""

    @abstractmethod
    def heads(self) -> Mapping[str, int]:
        """The last position of each log known here, by log name."""

    @abstractmethod
    def faults(self) -> dict[str, str]:
        """What is wrong now, by `<service>.<engine>`; empty when all is well."""

    @abstractmethod
    def logs(self) -> list[dict[str, Any]]:
        """Every log known here, with position and chain."""

    @abstractmethod
    async def move_clock(self, to: datetime) -> None:
        """Story clock only: move the time and wait until all that is due was done."""

    @property
    def knows(self) -> Knows:
        """Which words are personal values that the vault keeps."""
        return nobody if self.vault is None else self.vault.known

    @property
    def story(self) -> bool:
        return self.clock.story

    def now(self) -> datetime:
        return self.clock.now()

    def log(self, service: str) -> str:
        return f"{log_prefix(self.principals.realm, self.province)}.{service}"

    def history(self, service: str, stream: str) -> Sequence[Recorded]:
        return self.running[service].log.stream(stream)

    def nudge(self, service: str) -> None:
        self.running[service].wake_reactor()

    def submit(self, service: str, pending: Pending) -> None:
        self.running[service].writer.submit(pending)

    def read(self, service: str) -> Connection:
        return self.running[service].read()

    def positions(self) -> Mapping[str, int]:
        """How far each log is applied by every service here that reads it."""
        found: dict[str, int] = {}
        for running in self.running.values():
            for log, at in running.positions().items():
                found[log] = min(at, found.get(log, at))
        return found

    def unsent(self) -> Mapping[str, int]:
        """How many events of each log that is relayed here wait for its topic."""
        return {}

    def unfiltered(self) -> Mapping[tuple[str, str], int]:
        """For each feed log that is written here and each source of it, how many of its events were not looked at."""
        return {}

    def require(self, query: str, by: Signature) -> None:
        self.directory.require(query, by)

    def sees(self, by: Signature) -> Callable[[str | None, str], bool]:
        return self.directory.sees(by)

    def guarded_directory(self) -> bool:
        """Bring divisions and rules up to the registry's log; tokens learn their new levels, also when it could not be read to its end."""
        changed = True
        try:
            with self._following:
                changed = self.directory.step()
        finally:
            if changed:
                self.principals.forget()
        return changed

    def _pace(self, usual: Pace) -> Pace:
        """Under a story's clock whoever moves it waits for the engines: they do not wait for more to come."""
        return Pace(usual.idle_s) if self.story else usual

    def _write(self, running: Running) -> None:
        """Start the thread that decides."""
        running.writer.wake = self.threads.start("writer", running, running.writer.step, WRITER)

    def _deliver(self, service: str, results: list[tuple[Pending, Result]]) -> None:
        waiting = [(pending.done, result) for pending, result in results if isinstance(pending.done, Waiter)]
        try:
            for pending, result in results:
                if not isinstance(pending.done, Waiter):
                    _told(pending, result)
            self._committed(service)
        finally:  # who waits is answered, whatever else fails
            loop, hub = self._loop, self.hub
            if loop is not None and not loop.is_closed():
                loop.call_soon_threadsafe(_settle_all, waiting, hub)  # one wake-up for the whole batch

    def _committed(self, service: str) -> None:
        """What a commit sets going: divisions and rules are known before it is answered."""
        if service == "registry":
            self.guarded_directory()
        hears = [name for name, declared in self.services.items() if service in (name, *declared.listens_to)]
        self.threads.wake(*(f"{name}-{engine}" for name in hears for engine in ("reader", "reactor")), f"{service}-relay")


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
