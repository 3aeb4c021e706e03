"""What the read model shows of a part over several rounds is what the decider holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.privacy.deciders.retention.commands import EscalateRetentionClock
from services.privacy.projections.retention import RetentionParts, parts
from services.privacy.service import PRIVACY
from services.volunteers.deciders.callups.commands import StandDown
from shared.handling.reader import schema
from shared.handling.rows import UnitOfWork
from shared.sql.ports import Databases
from tests.privacy.called_world import HOME, SECOND, Called
from tests.privacy.test_called_again import offer
from tests.privacy.test_following import told
from tests.privacy.world import SYS, at, decided, destroy
from tests.volunteers.callup_world import HQ

STREAM = "retention-INC-1.volunteers"


def shown(databases: Databases, facts: list[Any], name: str) -> dict[str, Any]:
    database = databases.at(name)
    db = database.connect()
    db.executescript(schema(PRIVACY))
    rows = UnitOfWork(db)
    for fact in facts:
        RetentionParts().apply(rows, fact, told())
    rows.flush()
    (row,) = parts(database.look(), "INC-1")
    return row


def test_rounds_deadlines_and_who_is_kept(databases: Databases) -> None:
    called = Called()
    streams = called.streams
    called.offer("V-A", "V-B", "V-C")
    called.do(StandDown(by=HQ, now=at("13:00", 19), call_up="CU-1"))
    streams.now = at("13:00", 19) + HOME
    until = (streams.now + timedelta(days=10)).date()
    decided(streams, retain=("V-A",), until=until, reason="evidence in court")
    destroy(streams, "V-B")
    offer(called, "V-D", "CU-2", streams.now + SECOND)
    called.do(StandDown(by=HQ, now=streams.now + 2 * SECOND, call_up="CU-2"))
    row = shown(databases, streams.past[STREAM], "later")
    assert (row["state"], row["subjects"], row["retained"], row["destroyed"]) == ("decided", 3, 1, 1)
    assert row["due_at"] is not None, "since V-D was called"
    destroy(streams, "V-C", certificate="DC-2")
    row = shown(databases, streams.past[STREAM], "opened")
    assert (row["state"], row["subjects"], row["retained"], row["destroyed"]) == ("opened", 2, 1, 0)
    assert row["due_at"] is not None and row["until"] == until.isoformat()
    streams.now += HOME
    decided(streams)
    destroy(streams, "V-D", certificate="DC-3")
    row = shown(databases, streams.past[STREAM], "executed")
    assert (row["state"], row["subjects"], row["retained"], row["until"], row["due_at"]) == ("executed", 1, 1, until.isoformat(), None)
    lapse = streams.state(STREAM).clocks.get("retained-until")
    streams.do(EscalateRetentionClock, SYS, part="INC-1.volunteers", key=lapse.key, now=lapse.due_at)
    streams.now = lapse.due_at
    row = shown(databases, streams.past[STREAM], "lapsed")
    assert (row["retained"], row["due_at"] is not None) == (0, True)
    destroy(streams, "V-A", certificate="DC-4")
    assert shown(databases, streams.past[STREAM], "gone")["subjects"] == 0
