"""The embedded host: threads in one process over SQLite files. What `ortoo run` and `ortoo serve` start."""

from __future__ import annotations

import asyncio
import fcntl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from starlette.concurrency import run_in_threadpool

from shared.blobs.store import Blobs
from shared.eventlog.copying import is_moved
from shared.eventlog.live import LiveLog
from shared.eventlog.parking import Parked
from shared.handling.declare import Service
from shared.handling.policies import runners
from shared.handling.snapshots import snapshots_of
from shared.handling.timers import Timers
from shared.kernel.realm import REAL
from shared.runtime.backup import unfinished
from shared.runtime.clock import Clock, StoryClock
from shared.runtime.generations import Generations
from shared.runtime.process import REACTOR, READER, Process
from shared.runtime.running import Engine, Reactor, Running
from shared.sql.ports import Connection, StorageFailed
from shared.sql.sqlite import File, Files
from shared.vault.vault import Vault
from shared.web.directory import Directory
from shared.web.principals import Principals
from shared.web.stream import Hub

SETTLE_S = 20.0
WAKE_EVERY = 20  # looks at engines that are not dry yet, a millisecond apart


class FolderTaken(Exception):
    """Another node runs on this data folder."""


class Alone(Running):
    """A service whose every engine is in this process."""

    def __init__(self, service: Service, folder: Path, log: LiveLog, **parts: Any) -> None:
        super().__init__(service, log, **parts)
        self.models = Generations(Files(folder / "read"), service, log, self.others)
        policies = runners(service, log, self.others, self.writer.submit)
        self._reactor = Reactor(policies, Timers(service, self.models.look, self.writer.submit, self.now), self)

    @property
    def reactor(self) -> Reactor:
        return self._reactor

    def add(self, make: Callable[[], Engine]) -> None:
        self._reactor.extra.append(make())

    def read(self) -> Connection:
        return self.models.look()

    def positions(self) -> Mapping[str, int]:
        return self.models.positions()

    def level(self, ends: Mapping[str, int]) -> bool:
        return self.models.level(ends)

    def stopped(self) -> Sequence[tuple[str, str, int, str]]:
        return self.models.stopped()

    def parked(self) -> Sequence[Parked]:
        return (*self._reactor.policies[0].parking.listed(), *self.models.parked())

    def replay(self, reader: str, log: str, stream: str) -> int:
        if reader in {policy.name for policy in self.service.policies}:
            return self._reactor.replay(reader, log, stream)
        return self.models.replay(reader, log, stream)

    def close(self) -> None:
        self.models.close()
        self.writer.close()
        self.log.close()


class Embedded(Process):
    """Opens a data folder, runs every service's engines in threads, and stops them cleanly."""

    def __init__(
        self,
        folder: Path,
        province: str,
        services: tuple[Service, ...],
        directory: Directory,
        clock: Clock,
        realm: str = REAL,
        vault: Callable[[], Vault] | None = None,
    ) -> None:
        """`vault` opens it once the folder is ours."""
        self.folder = folder
        self._lock = take_folder(folder)
        try:
            super().__init__(province, services, directory, clock, Principals(folder / "keys" / "node.pem", realm, directory.level))
            self.vault = vault() if vault else None
            self.blobs = Blobs(File(folder / "blobs.db"))
            (folder / "logs").mkdir(parents=True, exist_ok=True)
            logs = {service.name: _own(folder / "logs" / f"{self.log(service.name)}.db", self.log(service.name)) for service in services}
            self.running: Mapping[str, Alone] = {service.name: self._open(service, logs) for service in services}
        except BaseException:
            self._lock.close()
            raise
        directory.bind(self.running["registry"].log)
        self.guarded_directory()

    def _open(self, service: Service, logs: Mapping[str, LiveLog]) -> Alone:
        return Alone(
            service,
            self.folder,
            logs[service.name],
            others=[logs[name] for name in service.listens_to],
            rules_for=self.directory.rules_for,
            may=self.directory.may,
            now=self.clock.now,
            blobs=self.blobs,
            deliver=lambda results: self._deliver(service.name, results),
            exercise=self.principals.realm != REAL,
            knows=self.knows,
            snapshots=snapshots_of(service, File(self.folder / "snapshots.db"), logs[service.name]),
        )

    def attach(self, loop: asyncio.AbstractEventLoop) -> Hub:
        super().attach(loop)
        feeds = {running.service.letter: running.log for running in self.running.values()}
        return self._shows(feeds, lambda: {letter: feed.head().position for letter, feed in feeds.items()})

    def start(self) -> None:
        """Start the threads: a writer, a reader and a reactor for each service."""
        for running in self.running.values():
            self._write(running)
            self.threads.start("reader", running, running.models.step, self._pace(READER))
            running.wake_reactor = self.threads.start("reactor", running, running.reactor.step, self._pace(REACTOR))

    def stop(self) -> None:
        if self.threads.stop():  # what still runs keeps its files; the process ends with it
            for running in self.running.values():
                running.close()
            if self.vault is not None:
                self.vault.close()
        self._lock.close()

    def heads(self) -> Mapping[str, int]:
        return {running.log.name: running.log.head().position for running in self.running.values()}

    def logs(self) -> list[dict[str, Any]]:
        return [running.state() for running in self.running.values()]

    def faults(self) -> dict[str, str]:
        return {f"{name}.{engine}": fault for name, running in self.running.items() for engine, fault in running.troubles().items()}

    async def move_clock(self, to: datetime) -> None:
        assert isinstance(self.clock, StoryClock)
        self.clock.move(to)
        await run_in_threadpool(self.settle)

    def settle(self) -> None:
        """Wait until timers due by now have fired and every reader and policy has run dry."""
        deadline, every, looks = time.monotonic() + SETTLE_S, self.running.values(), 0
        while time.monotonic() < deadline:
            before, looks = self.heads(), looks + 1
            if all([running.dry(before) for running in every]) and all(one.quiet(before) for one in every) and self.heads() == before:
                return
            if looks % WAKE_EVERY == 0:  # a commit wakes who reads it; this is for what nobody was told of
                self.threads.wake_all()
            time.sleep(0.001)
        raise StorageFailed("the engines did not run dry in time")


def _own(path: Path, name: str) -> LiveLog:
    """A log to write to. StorageFailed when its copy elsewhere is written to."""
    log = LiveLog(path, name, alone=True)  # the folder is ours
    if is_moved(log):
        log.close()
        raise StorageFailed(f"{name} was moved by `ortoo log copy`: start the cluster. Or go on here: `ortoo log heal {name} --as-it-is`")
    return log


def take_folder(folder: Path) -> TextIO:
    """One node to a folder: an advisory lock that ends with the process, however it ends. Half a backup is no node."""
    if broken_off := unfinished(folder):
        raise StorageFailed(broken_off)
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
