"""Services that listen to each other: what one decided is shown and answered by the other, there and back, in every host."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.registry.provinces import province
from services.start import registry
from services.wiring import directory_of
from shared.blobs.store import Blobs
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.handling.declare import Policy, Service, Table
from shared.handling.pending import Pending, fingerprint
from shared.kernel.commands import Command
from shared.kernel.decider import About, Decider, Handles
from shared.kernel.events import event
from shared.runtime.clock import RealClock
from shared.runtime.cluster import Shared
from shared.runtime.embedded import Embedded
from shared.runtime.past import Past
from shared.sql.postgres import Schema
from tests.handling.desk import NOW
from tests.hosts.depot import CLERK, DEPOT, NOTE, SYSTEM, Receive, Received, Write
from tests.hosts.depot_work import DepotWork
from tests.waiting import PATIENCE_S

ROOT = "150000"
REFUSED: set[str] = set()  # streams of the neighbour that cannot be taken, for a test


@event("audit.entry.booked.v1")
@dataclass(frozen=True, slots=True)
class Booked:
    """The auditor saw it."""

    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Book(Command):
    item: str


class Seen:
    """What came in at the neighbour, and what was booked of it."""

    table = Table("seen", ("item",), {"item": "TEXT NOT NULL", "came": "INTEGER NOT NULL", "booked": "INTEGER NOT NULL"})
    tables = (table,)
    listens = ("depot.item.received", "audit.entry.booked")

    def apply(self, rows, fact, at):
        if at.streamid in REFUSED:
            raise ValueError("not now")
        row = rows.get(self.table, fact.item) or {"came": 0, "booked": 0}
        kind = "came" if isinstance(fact, Received) else "booked"
        rows.put(self.table, **{**row, "item": fact.item, kind: row[kind] + 1})


def when_received_then_book(fact, at):
    if at.streamid in REFUSED - {"item-tent"}:
        raise ValueError("not now")
    yield Book(by=SYSTEM, now=at.time, item=fact.item)


def when_booked_then_write(fact, at):
    yield Write(by=SYSTEM, now=at.time, item=fact.item, line=f"booked {at.id}")


AUDIT = Service(
    "audit",
    "u",
    (
        Decider(
            "entry",
            0,
            lambda command, booked, rules: [Booked(command.item)],
            lambda booked, fact: booked + 1,
            about=lambda booked: About("150722"),
            handles={Book: Handles(lambda c: (f"entry-{c.item}",), areas=lambda c: ("150722",), creates=True)},
        ),
    ),
    projections=(Seen(),),
    policies=(Policy("when_received_then_book", ("depot.item.received",), when_received_then_book),),
)
ANSWERED = replace(
    DEPOT,
    deciders=(DEPOT.deciders[0], NOTE),
    policies=(Policy("when_booked_then_write", ("audit.entry.booked",), when_booked_then_write),),
)


def receive(item: str, number: int, now=NOW) -> Pending:
    command = Receive(by=CLERK, now=now, item=item, quantity=1)
    return Pending(UUID(int=number), command, fingerprint("Receive", b""), lambda result: None)


def seen(db) -> list[tuple[str, int, int]]:
    return [tuple(row) for row in db.execute("SELECT item, came, booked FROM seen ORDER BY item").fetchall()]


def test_what_a_service_listens_to_follows_from_the_facts_it_names():
    assert (AUDIT.listens_to, ANSWERED.listens_to, DEPOT.listens_to) == (("depot",), ("audit",), ())


@pytest.fixture
def node(tmp_path, monkeypatch):
    own, clock = province(ROOT), RealClock()
    directory = directory_of(own, clock)
    monkeypatch.setattr(directory, "may", DepotWork().may)
    host = Embedded(tmp_path, own.root, (registry.PART.service, ANSWERED, AUDIT), directory, clock)
    yield host
    host.stop()


@pytest.fixture
def refused():
    yield REFUSED
    REFUSED.clear()


def run(host, *items: str) -> None:
    """Until everything that follows was done."""

    async def play():
        host.attach(asyncio.get_running_loop())
        host.start()
        for number, item in enumerate(items, 1):
            host.submit("depot", receive(item, number, host.now()))
        await asyncio.to_thread(host.settle)

    asyncio.run(play())


def test_in_one_process_what_happens_goes_there_and_back_and_is_shown(node):
    run(node, "tent", "flour", "tent")
    assert seen(node.read("audit")) == [("flour", 1, 1), ("tent", 2, 2)]
    lines = [r.event.line for r in node.running["depot"].log.read(0) if r.stream.startswith("note-")]
    assert lines == [f"booked {ROOT}.audit:{n}" for n in (1, 2, 3)]
    assert node.positions() == node.heads() and node.faults() == {}


def test_what_a_neighbour_decided_is_asked_about_at_a_past_moment_too(node):
    run(node, "tent")
    came = node.running["depot"].log.read(0)[0].envelope.time
    with closing(Past(node)) as past:
        for at, shown in ((node.now(), [("tent", 1, 1)]), (came - timedelta(days=1), [])):
            built = past.moment(at.isoformat()).built("audit")
            assert built.done.wait(PATIENCE_S) and seen(built.look()) == shown


def test_what_cannot_be_taken_of_a_neighbour_waits_by_itself_and_is_tried_again(node, refused):
    refused |= {"item-tent", "item-torn"}
    run(node, "tent", "torn", "flour")
    running, log = node.running["audit"], f"{ROOT}.depot"
    waits = {("Seen", log, "item-tent"), ("Seen", log, "item-torn"), ("when_received_then_book", log, "item-torn")}
    assert {(parked.reader, parked.log, parked.stream) for parked in running.parked()} == waits
    assert seen(node.read("audit")) == [("flour", 1, 1), ("tent", 0, 1)] and node.faults() == {}
    with pytest.raises(ValueError, match="not now"):
        running.replay("when_received_then_book", log, "item-torn")
    refused.clear()
    assert [running.replay(*waiting) for waiting in sorted(waits)] == [1, 1, 1]
    node.settle()
    assert running.parked() == () and seen(node.read("audit")) == [("flour", 1, 1), ("tent", 1, 1), ("torn", 1, 1)]


class Process:
    """One of the two services in a database of its own, with the inbox of the other."""

    def __init__(self, pg: str, service: Service, other: str) -> None:
        name, work = f"{ROOT}.{service.name}", DepotWork()
        self.inbox, log = PostgresInbox(pg, f"{ROOT}.{other}"), PostgresLog(pg, name)
        parts = {"rules_for": work.rules_for, "may": work.may, "now": lambda: NOW, "blobs": Blobs(Schema(pg, "blobs"))}
        parts |= {"deliver": lambda results: [pending.done(result) for pending, result in results], "others": [self.inbox]}
        self.running = Shared(service, pg, log, lambda topic: pytest.fail(topic), lambda names: (), **parts)

    def step(self) -> bool:
        of = self.running
        return any([of.guarded(name, step) for name, step in (("w", of.writer.step), ("m", of.models.step), ("r", of.reacting.step))])

    def close(self) -> None:
        self.inbox.close()
        self.running.close()


def test_in_a_cluster_each_reads_what_was_carried_to_it(pg_fresh):
    with closing(Process(pg_fresh(), ANSWERED, "audit")) as depot, closing(Process(pg_fresh(), AUDIT, "depot")) as audit:
        depot.running.writer.submit(receive("tent", 1))
        for _ in range(200):
            moved = [depot.step(), audit.step(), _carried(depot, audit), _carried(audit, depot)]
            if not any(moved) and depot.running.quiet() and audit.running.quiet():
                break
        assert seen(audit.running.read()) == [("tent", 1, 1)]
        assert [r.type for r in depot.running.log.read(0)] == ["depot.item.received.v1", "depot.note.written.v1"]
        assert audit.running.models.positions() == {f"{ROOT}.audit": 1, f"{ROOT}.depot": 2}
        assert audit.running.troubles() == depot.running.troubles() == {}


def _carried(of: Process, to: Process) -> bool:
    batch = of.running.log.read(to.inbox.head().position)
    return to.inbox.store([(recorded.position - 1, recorded.cloud_event()) for recorded in batch]) > 0
