"""A writer with its queue at hand, over the depot's deciders."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.eventlog.sqlite import SqliteLog
from shared.handling.pending import Answer, Pending, fingerprint
from shared.handling.policies import PolicyRunner
from shared.handling.reader import Reader
from shared.handling.timers import Timers
from shared.handling.writer import Writer
from shared.sql.sqlite import Files
from shared.testing.facts import all_of
from shared.testing.invariants import everything
from tests.hosts.depot import CLERK, DEPOT, Receive
from tests.hosts.depot_work import DepotWork

NAME = DepotWork.log_name
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Desk:
    """Opens the log of a folder as one process would; several desks over one folder are several processes."""

    def __init__(self, folder, service=DEPOT, **parts) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.service, self.now = folder, service, NOW
        self.databases = parts.pop("databases", None) or Files(folder)
        self.log = parts.pop("log", None) or SqliteLog(folder / "log.db", NAME)
        work = DepotWork()
        told = {"rules_for": work.rules_for, "may": work.may, "clock": lambda: self.now} | parts
        self.writer = Writer(self.log, service, **told)
        self.results: dict[UUID, list] = {}
        self.ids = 0

    def send(self, command, id=None, said=None, derived=False, blobs=None) -> UUID:
        """Queue a command; its id, made up unless given."""
        if id is None:
            self.ids += 1
            id = UUID(int=self.ids)
        body = repr(command) if said is None else said
        told = self.results.setdefault(id, [])
        print_ = fingerprint(type(command).__name__, body.encode())
        self.writer.submit(Pending(id, command, print_, told.append, derived=derived, blobs=blobs or {}))
        return id

    def do(self, command, **more):
        """Send, step, and give the last result."""
        id = self.send(command, **more)
        self.writer.step()
        return self.results[id][-1]

    def receive(self, quantity=5, item="tent", **more) -> Answer:
        return self.do(Receive(by=CLERK, now=self.now, item=item, quantity=quantity), **more)

    @property
    def events(self):
        return everything(self.log)

    @property
    def types(self):
        return [r.type.split(".")[2] for r in self.events]

    def reader(self, service=None, others=(), name="read") -> Reader:
        return Reader(service or self.service, self.log, others, self.databases.at(name))

    def runner(self, service=None) -> PolicyRunner:
        return PolicyRunner(service or self.service, self.log, self.log, self.writer.submit)

    def timers(self, reader, service=None) -> Timers:
        return Timers(service or self.service, reader.database.look, self.writer.submit, lambda: self.now)

    def later(self, **delta) -> None:
        self.now += timedelta(**delta)


def dry(*steps) -> None:
    """Step until nothing moves."""
    for _ in range(1_000):
        if not any([step() for step in steps]):
            return
    raise AssertionError("did not run dry")


def backed_up(desk: Desk, to) -> None:
    """A copy of the log as it is now, as a backup makes it."""
    desk.log.close()
    shutil.copytree(desk.folder, to)


def same(one: Desk, other: Desk) -> bool:
    """Their logs hold the same, byte for byte."""
    return [r.cloud_event() for r in all_of(one.log)] == [r.cloud_event() for r in all_of(other.log)]
