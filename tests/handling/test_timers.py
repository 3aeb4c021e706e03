"""Timers: what is due is sent, once; what was met is not; and nothing stands in another deadline's way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from shared.handling.declare import Start, Stop
from shared.handling.pending import Answer
from shared.handling.rows import UnitOfWork
from shared.handling.timers import DUE, DueTable, utc
from shared.kernel.errors import Failure, RuleBroken
from shared.sql.ports import StorageFailed
from tests.handling.desk import NOW, Desk, dry
from tests.hosts.depot import CLERK, DEPOT, ITEM, Lapse, Release, Reserve, decide


def reserve(desk, ref="R-1", minutes=10, item="tent"):
    return desk.do(Reserve(by=CLERK, now=desk.now, item=item, ref=ref, quantity=1, until=desk.now + timedelta(minutes=minutes)))


@pytest.fixture
def desk(tmp_path, databases):
    return Desk(tmp_path, databases=databases)


@pytest.fixture
def shop(desk):
    desk.receive(500)
    reader = desk.reader()
    return desk, reader, desk.timers(reader)


def lapsed(desk):
    return [r.event.ref for r in desk.events if r.type == "depot.item.freed.v1" and r.event.lapsed]


def test_a_deadline_fires_when_it_passes_and_not_before(shop):
    desk, reader, timers = shop
    reserve(desk)
    dry(reader.step)
    desk.later(minutes=9, seconds=59)
    assert not timers.step()
    desk.later(seconds=1)
    assert timers.step()
    dry(desk.writer.step, reader.step, timers.step)
    assert lapsed(desk) == ["R-1"]


def test_what_was_met_in_time_does_not_fire(shop):
    desk, reader, timers = shop
    reserve(desk)
    desk.do(Release(by=CLERK, now=NOW, item="tent", ref="R-1"))
    dry(reader.step)
    desk.later(days=1)
    dry(timers.step, desk.writer.step, reader.step)
    assert lapsed(desk) == []


def test_a_deadline_fires_once_however_often_and_by_whomever_it_is_looked_at(desk, tmp_path):
    other = Desk(tmp_path)
    other.ids = 1_000
    desk.receive(5)
    reserve(desk)
    reader = desk.reader()
    dry(reader.step)
    first, second = desk.timers(reader), other.timers(reader)
    desk.later(hours=1)
    other.later(hours=1)
    assert first.step() and second.step()
    assert not first.step()
    desk.writer.step()
    other.writer.step()
    dry(reader.step, first.step, second.step, desk.writer.step, other.writer.step)
    assert lapsed(desk) == ["R-1"]
    assert other.writer.counts[("Lapse", "repeated")] == 1


def test_a_start_after_it_was_sent_sends_it_again_without_a_second_effect(shop, tmp_path):
    desk, reader, timers = shop
    reserve(desk)
    dry(reader.step)
    desk.later(hours=1)
    timers.step()
    desk.writer.step()  # decided; the reader has not seen it when the process ends
    again = Desk(tmp_path, databases=desk.databases)
    again.now = desk.now
    restarted = again.timers(reader)
    assert restarted.step()
    dry(again.writer.step)
    assert lapsed(desk) == ["R-1"]


def test_its_command_has_the_types_it_declares_and_names_what_started_it(shop):
    desk, reader, timers = shop
    reserve(desk)
    dry(reader.step)
    desk.later(hours=1)
    timers.step()
    (pending,) = desk.writer._waiting
    assert isinstance(pending.command, Lapse)
    assert pending.command.until == NOW + timedelta(minutes=10)
    assert pending.command.by.division == "150722"
    assert (pending.causation, pending.incident, pending.derived) == (desk.events[-1].id, "I-1", True)


def test_a_full_queue_delays_a_deadline_and_does_not_lose_it(tmp_path, databases):
    desk = Desk(tmp_path, queue=3, databases=databases)
    desk.receive(100)
    for n in range(10):
        reserve(desk, f"R-{n}")
    reader = desk.reader()
    dry(reader.step)
    timers = desk.timers(reader)
    desk.later(hours=1)
    dry(timers.step, desk.writer.step, reader.step)
    assert sorted(lapsed(desk)) == [f"R-{n}" for n in range(10)]


def test_refused_deadlines_do_not_hide_those_after_them(tmp_path, databases, monkeypatch):
    monkeypatch.setattr("shared.handling.timers.AT_ONCE", 5)

    def stubborn(command, state, rules):
        if isinstance(command, Lapse) and command.ref.startswith("kept"):
            raise RuleBroken(Failure("depot.kept", "ask somebody"))
        return decide(command, state, rules)

    desk = Desk(tmp_path, replace(DEPOT, deciders=(replace(ITEM, decide=stubborn), *DEPOT.deciders[1:])), databases=databases)
    desk.receive(100)
    for n in range(12):
        reserve(desk, f"kept-{n}", minutes=1)
    reserve(desk, "R-1", minutes=2)
    reader = desk.reader()
    dry(reader.step)
    timers = desk.timers(reader)
    desk.later(hours=1)
    dry(timers.step, desk.writer.step, reader.step)
    assert lapsed(desk) == ["R-1"]


def test_a_deadline_whose_command_cannot_be_made_does_not_stop_the_others(tmp_path, databases):
    def due(fact, at):
        if at.type == "depot.item.reserved.v1":
            args = {"item": fact.item, "ref": fact.ref} | ({} if fact.ref == "broken" else {"until": fact.until})
            yield Start(f"lapse.{fact.ref}", fact.until, "Lapse", args)
        elif at.type == "depot.item.freed.v1":
            yield Stop(f"lapse.{fact.ref}")

    desk = Desk(tmp_path, replace(DEPOT, due=due), databases=databases)
    desk.receive(5)
    reserve(desk, "broken", minutes=1)
    reserve(desk, "R-1", minutes=2)
    reader = desk.reader()
    dry(reader.step)
    timers = desk.timers(reader)
    desk.later(hours=1)
    with pytest.raises(ValueError):
        timers.step()
    dry(desk.writer.step)
    assert lapsed(desk) == ["R-1"]


def test_what_could_not_be_stored_is_sent_again(shop):
    desk, reader, timers = shop
    reserve(desk)
    dry(reader.step)
    desk.later(hours=1)
    timers.step()
    pending = desk.writer._waiting.pop()
    pending.done(StorageFailed("full"))
    dry(timers.step, desk.writer.step, reader.step)
    assert lapsed(desk) == ["R-1"]


def test_what_left_the_table_is_not_remembered_for_ever(shop):
    desk, reader, timers = shop
    for n in range(20):
        reserve(desk, f"R-{n}")
        dry(reader.step)
        desk.later(hours=1)
        dry(timers.step, desk.writer.step, reader.step)
    assert timers._sent == set()


def test_a_new_deadline_on_the_same_stream_fires_again(shop):
    desk, reader, timers = shop
    for _ in range(2):
        assert isinstance(reserve(desk), Answer)
        dry(reader.step)
        desk.later(hours=1)
        dry(timers.step, desk.writer.step, reader.step)
    assert lapsed(desk) == ["R-1", "R-1"]


def test_a_deadline_that_is_started_again_with_the_same_due_time_passes_again(shop):
    desk, reader, timers = shop
    reserve(desk)
    dry(reader.step)
    desk.later(hours=1)
    dry(timers.step, desk.writer.step, reader.step)
    assert lapsed(desk) == ["R-1"]
    for _ in range(2):
        desk.do(Reserve(by=CLERK, now=desk.now, item="tent", ref="R-1", quantity=1, until=NOW + timedelta(minutes=10)))
        dry(reader.step)
        dry(timers.step, desk.writer.step, reader.step)
    assert lapsed(desk) == ["R-1"] * 3


class Table:
    """A due table fed by hand."""

    def __init__(self, database) -> None:
        self.db = database.connect()
        self.changes: tuple = ()
        self.due = DueTable(lambda fact, at: self.changes, ("x",))
        for table in self.due.tables:
            for statement in table.ddl():
                self.db.execute(statement)
        self.rows = UnitOfWork(self.db)

    def apply(self, *changes, stream="s-1"):
        self.changes = changes
        self.due.apply(self.rows, None, SimpleNamespace(streamid=stream, division="1507", correlationid=None, id="x:1"))
        self.rows.flush()
        return self

    @property
    def running(self):
        return {(row[0], row[1]): row[2] for row in self.db.execute(f"SELECT stream, clock, due_at FROM {DUE.name}")}


@pytest.fixture
def table(database):
    return Table(database)


AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_a_clock_started_again_has_its_new_time_only(table):
    table.apply(Start("ack.a", AT, "X", {})).apply(Start("ack.a", AT + timedelta(hours=1), "X", {}))
    assert table.running == {("s-1", "ack.a"): utc(AT + timedelta(hours=1))}


def test_a_star_stops_every_clock_of_its_stream_that_begins_so(table):
    table.apply(Start("ack.a", AT, "X", {}), Start("ack.b", AT, "X", {}), Start("expire", AT, "X", {}))
    table.apply(Start("ack.a", AT, "X", {}), stream="s-2")
    table.apply(Stop("ack.*"))
    assert set(table.running) == {("s-1", "expire"), ("s-2", "ack.a")}
    table.apply(Stop("*"))
    assert set(table.running) == {("s-2", "ack.a")}


def test_stopping_and_starting_in_one_event_leaves_the_last_word(table):
    table.apply(Start("a", AT, "X", {}))
    table.apply(Stop("*"), Start("b", AT, "X", {}), Start("c", AT, "X", {}), Stop("c"))
    assert set(table.running) == {("s-1", "b")}


def test_stopping_what_does_not_run_is_no_fault(table):
    assert table.apply(Stop("none"), Stop("*")).running == {}


def test_times_compare_as_text_whatever_their_offset():
    assert utc(datetime.fromisoformat("2026-03-01T08:00:00+08:00")) < utc(AT) < utc(AT + timedelta(microseconds=1))
