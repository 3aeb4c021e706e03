"""How a drill's log begins: the same facts in a log of its own, gone on with exactly once, and of no use to the real one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from shared.eventlog.chain import Cursor
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from shared.handling.seeding import Seed, SeedFailed, sow, through_command
from shared.kernel.envelope import genesis, seal
from shared.kernel.errors import LogFork
from tests.handling.desk import NAME, NOW, Desk, dry
from tests.handling.test_policies import SIMPLE
from tests.hosts.depot import CLERK, Move, Receive

DRILL = f"DR-1.{NAME}"
NAMES = {NAME: DRILL}
POLICIES = [policy.name for policy in SIMPLE.policies]


@pytest.fixture
def real(tmp_path):
    """A log with receipts, a move of two events, and what a policy wrote of them."""
    desk = Desk(tmp_path / "real", SIMPLE)
    runner = desk.runner()
    for quantity in (5, 7):
        desk.receive(quantity)
        dry(runner.step, desk.writer.step)
        desk.later(hours=1)
    desk.do(Move(by=CLERK, now=desk.now, item="tent", to="flour", quantity=2))
    dry(runner.step, desk.writer.step)
    return desk


def begun(real, folder, until=None, **seed):
    """A desk over a log begun with that of another."""
    folder.mkdir()
    log = SqliteLog(folder / "log.db", DRILL)
    end = sow(real.log, log, Seed(real.log.head().position if until is None else until, names=NAMES, policies=POLICIES, **seed))
    desk = Desk(folder, SIMPLE, log=log, exercise=True)
    desk.ids, desk.now = 100, real.now
    return desk, end


def test_every_event_says_what_it_said_and_its_place_is_the_drills(real, tmp_path):
    desk, end = begun(real, tmp_path / "drill")
    head = real.log.head()
    assert (end.position, end.chain) == (head.position, head.chain), "the copy names what it was checked against"
    assert verify(desk.log).fault is None and desk.log.head().time == head.time
    for copy, first in zip(desk.events, real.events, strict=True):
        at, was = copy.envelope, first.envelope
        assert (at.id, at.log, at.source, at.origin, at.exercise) == (f"{DRILL}:{was.position}", DRILL, f"urn:ortoo:{DRILL}", was.id, True)
        assert (at.causationid or "").startswith(DRILL) == (was.causationid or "").startswith(NAME), "causes are named in the drill's log"
        place = {name: getattr(was, name) for name in ("id", "log", "source", "origin", "exercise", "causationid", "traceparent")}
        assert seal(msgspec.structs.replace(at, **place)) == first.record, "everything else is as it was"


def test_what_was_decided_is_not_decided_again(real, tmp_path):
    desk, _ = begun(real, tmp_path / "drill")
    before = desk.log.head()
    for n, quantity in enumerate((5, 7)):
        again = Receive(by=CLERK, now=NOW + n * timedelta(hours=1), item="tent", quantity=quantity)
        assert desk.do(again, id=UUID(int=n + 1)).repeated
    dry(desk.runner().step, desk.writer.step)
    assert desk.log.head() == before


def test_from_every_position_each_fact_is_reacted_to_exactly_once(real, tmp_path):
    for until in range(real.log.head().position + 1):
        cut = through_command(real.log, until)
        desk, _ = begun(real, tmp_path / f"drill-{until}", cut)
        dry(desk.runner().step, desk.writer.step)
        moved = sorted(r.envelope.origin or r.id for r in desk.events if r.type == "depot.item.received.v1")
        caused = [r.envelope.causationid for r in desk.events if r.stream.startswith("note-")]
        origins = {r.id: r.envelope.origin for r in desk.events}
        assert sorted(origins[cause] or cause for cause in caused) == moved, f"begun at {cut}"
        assert verify(desk.log).fault is None


def test_no_other_mark_of_the_real_log_holds_for_the_drill(real, tmp_path):
    real.log.save_cursor("moved", NAME, 7, b"x")
    desk, _ = begun(real, tmp_path / "drill")
    assert {reader for reader, *_ in desk.log.cursors()} == {"policies", *POLICIES}


def test_what_one_command_wrote_is_not_taken_apart(real, tmp_path):
    first = next(r.position for r in real.events if r.type == "depot.item.issued.v1")
    assert through_command(real.log, first) == through_command(real.log, first + 1) == first + 1
    assert through_command(real.log, 0) == 0


def test_chosen_streams_come_alone_and_nobody_reacts_to_them(real, tmp_path):
    desk, end = begun(real, tmp_path / "drill", streams=("item-tent",))
    dry(desk.runner().step, desk.writer.step)
    assert end.position == real.log.head().position
    assert {r.stream for r in desk.events} == {"item-tent"} and [r.version for r in desk.events] == [1, 2, 3]
    assert verify(desk.log).fault is None
    assert desk.receive(1).version == 4


def test_what_goes_on_in_the_drill_is_of_the_drill(real, tmp_path):
    desk, _ = begun(real, tmp_path / "drill", 1)
    before = real.log.head()
    desk.later(hours=2)
    desk.receive(9)
    at = desk.events[-1].envelope
    assert (at.log, at.exercise, at.origin, at.time - real.events[0].envelope.time) == (DRILL, True, None, timedelta(hours=4))
    assert real.log.head() == before


def test_no_event_of_a_drill_follows_in_the_real_log(real, tmp_path):
    desk, _ = begun(real, tmp_path / "drill", 2)
    desk.receive(9)
    for position, chain in ((0, genesis(NAME)), (2, real.log.chain_at(2))):
        with pytest.raises(LogFork):
            Cursor(position, chain).follow(desk.log.read(position))


def test_a_log_whose_chain_is_broken_begins_no_drill(real, tmp_path):
    with closing(sqlite3.connect(real.folder / "log.db", isolation_level=None)) as db:
        for name in [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
            db.execute(f"DROP TRIGGER {name}")
        db.execute(
            "UPDATE event SET record = CAST(replace(CAST(record AS TEXT), '\"quantity\":5', '\"quantity\":6') AS BLOB) WHERE position = 1"
        )
    log = SqliteLog(tmp_path / "drill.db", DRILL)
    with pytest.raises(SeedFailed):
        sow(real.log, log, Seed(7, names=NAMES))
    assert log.head().position == 0
