"""The writer: one commit for all that wait, one answer for each id, and what fails fails alone."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from shared.blobs.store import Blobs
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from shared.handling.pending import Answer, Busy, KeyReused
from shared.kernel.decider import Decided, Decider, Handles
from shared.kernel.errors import LogGap, NotFound, RuleBroken
from shared.sql.ports import StorageFailed
from shared.sql.sqlite import File
from tests.handling.desk import NAME, NOW, Desk, dry
from tests.hosts.depot import CLERK, DEPOT, ITEM, Issue, Lapse, Move, Receive, Received, Release, Reserve, Write

EVERY_COMMAND = (
    Receive(by=CLERK, now=NOW, item="tent", quantity=2),
    Issue(by=CLERK, now=NOW, item="tent", quantity=2),
    Move(by=CLERK, now=NOW, item="tent", to="spare", quantity=2),
    Reserve(by=CLERK, now=NOW, item="tent", ref="R-2", quantity=1, until=NOW + timedelta(hours=1)),
    Release(by=CLERK, now=NOW, item="tent", ref="R-1"),
    Lapse(by=CLERK, now=NOW, item="tent", ref="R-1", until=NOW),
    Write(by=CLERK, now=NOW, item="tent", line="line"),
)


class Flaky(SqliteLog):
    """A log whose next commits fail."""

    failing = 0

    @contextmanager
    def pen(self):
        with super().pen() as pen:
            yield pen
            if self.failing:
                self.failing -= 1
                raise StorageFailed("disk full")


def of(answer: Answer) -> bytes:
    """As it would leave over HTTP, but for being a repeat."""
    return msgspec.json.encode(msgspec.structs.replace(answer, repeated=False))


@pytest.fixture
def stocked(desk):
    desk.receive(10)
    desk.do(Reserve(by=CLERK, now=NOW, item="tent", ref="R-1", quantity=3, until=NOW + timedelta(minutes=5)))
    return desk


def test_the_commands_here_are_all_of_the_service():
    assert {type(command).__name__ for command in EVERY_COMMAND} == set(DEPOT.commands)


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: type(command).__name__)
def test_the_same_id_gives_the_same_answer_and_no_new_event(stocked, tmp_path, command):
    first = stocked.do(command, id=UUID(int=99))
    assert isinstance(first, Answer) and not first.repeated and first.events
    after = stocked.log.head()
    again = stocked.do(command, id=UUID(int=99))
    elsewhere = Desk(tmp_path).do(command, id=UUID(int=99))
    assert again.repeated and elsewhere.repeated
    assert of(first) == of(again) == of(elsewhere)
    assert stocked.log.head() == after


def test_a_repeat_in_the_same_batch_is_a_repeat(desk):
    command = Receive(by=CLERK, now=NOW, item="tent", quantity=5)
    for _ in range(3):
        desk.send(command, id=UUID(int=1))
    desk.writer.step()
    first, *others = desk.results[UUID(int=1)]
    assert [answer.repeated for answer in (first, *others)] == [False, True, True]
    assert len(desk.events) == 1


def test_a_key_used_for_another_body_is_refused(stocked):
    stocked.receive(id=UUID(int=50), said="five")
    assert isinstance(stocked.receive(id=UUID(int=50), said="six"), KeyReused)
    stocked.send(Receive(by=CLERK, now=NOW, item="tent", quantity=1), id=UUID(int=51), said="one")
    stocked.send(Receive(by=CLERK, now=NOW, item="tent", quantity=2), id=UUID(int=51), said="two")
    stocked.writer.step()
    assert [type(result) for result in stocked.results[UUID(int=51)]] == [Answer, KeyReused]


def test_all_that_wait_go_into_one_commit(desk):
    commits = []
    desk.writer._deliver = lambda results: commits.append(len(results))
    for _ in range(64):
        desk.send(Receive(by=CLERK, now=NOW, item="tent", quantity=1))
    dry(desk.writer.step)
    assert commits == [64]
    assert len(desk.events) == 64


def test_nobody_is_answered_before_the_commit(desk):
    seen = []
    desk.writer._deliver = lambda results: seen.append(Desk(desk.folder).log.head().position)
    for _ in range(3):
        desk.send(Receive(by=CLERK, now=NOW, item="tent", quantity=1))
    desk.writer.step()
    assert seen == [3]


def test_later_commands_of_a_batch_see_the_earlier_ones(desk):
    desk.send(Receive(by=CLERK, now=NOW, item="tent", quantity=5))
    first = desk.send(Issue(by=CLERK, now=NOW, item="tent", quantity=4))
    second = desk.send(Issue(by=CLERK, now=NOW, item="tent", quantity=4))
    desk.writer.step()
    assert isinstance(desk.results[first][0], Answer)
    assert isinstance(desk.results[second][0], RuleBroken)


def test_a_full_queue_says_busy_and_loses_nothing(tmp_path):
    desk = Desk(tmp_path, queue=3)
    for _ in range(3):
        desk.send(Receive(by=CLERK, now=NOW, item="tent", quantity=1))
    with pytest.raises(Busy):
        desk.send(Receive(by=CLERK, now=NOW, item="tent", quantity=1))
    desk.writer.step()
    assert len(desk.events) == 3
    desk.receive(1)
    assert len(desk.events) == 4


def test_a_joint_command_writes_all_its_streams_or_none(stocked):
    moved = stocked.do(Move(by=CLERK, now=NOW, item="tent", to="spare", quantity=7))
    assert [(r.stream, r.version) for r in stocked.events[-2:]] == [("item-tent", 3), ("item-spare", 1)]
    assert moved.events == ("depot.item.issued.v1", "depot.item.received.v1")
    assert isinstance(stocked.do(Move(by=CLERK, now=NOW, item="tent", to="spare", quantity=1)), RuleBroken)
    assert stocked.log.head().position == moved.position


def test_what_a_decider_adds_to_the_answer_and_its_flags_are_told_again(desk):
    first = desk.receive(5, id=UUID(int=1))
    again = desk.receive(5, id=UUID(int=1))
    assert (first.extra, first.flags) == (again.extra, again.flags) == ({"on_hand": 5}, ("A-LATE",))


def bug(*_):
    raise ZeroDivisionError


def bugs(kind) -> dict[type, Handles]:
    return dict(ITEM.handles) | {Issue: replace(ITEM.handles[Issue], **kind)}


@pytest.mark.parametrize("where", ["decide", "answer", "evolve", "streams", "areas", "about"])
def test_a_bug_fails_its_own_command_only(tmp_path, where):
    item: Decider = ITEM
    if where == "decide":
        item = replace(ITEM, decide=lambda command, *rest: bug() if command.quantity == 13 else ITEM.decide(command, *rest))
    elif where == "answer":
        odd = Decided([Received("flour", 13)], answer={"not": ITEM})
        item = replace(ITEM, decide=lambda command, *rest: odd if command.quantity == 13 else ITEM.decide(command, *rest))
    elif where == "evolve":
        item = replace(ITEM, evolve=lambda state, fact: bug() if fact.quantity == 13 else ITEM.evolve(state, fact))
    elif where == "about":
        item = replace(ITEM, about=lambda state: bug() if state.on_hand == 13 else ITEM.about(state))
    else:
        item = replace(ITEM, handles=bugs({where: bug, "creates": True}))
    desk = Desk(tmp_path, replace(DEPOT, deciders=(item, *DEPOT.deciders[1:])))
    good = [desk.send(Receive(by=CLERK, now=NOW, item="tent", quantity=1))]
    if where in ("decide", "answer", "evolve", "about"):
        bad = desk.send(Receive(by=CLERK, now=NOW, item="flour", quantity=13))
    else:
        bad = desk.send(Issue(by=CLERK, now=NOW, item="water", quantity=1))
    good.append(desk.send(Receive(by=CLERK, now=NOW, item="tent", quantity=1)))
    desk.writer.step()
    assert isinstance(desk.results[bad][0], ZeroDivisionError | TypeError)
    assert all(isinstance(desk.results[id][0], Answer) for id in good)
    assert [r.stream for r in desk.events] == ["item-tent", "item-tent"]


def test_a_command_that_belongs_to_nobody_fails_alone(desk):
    class Stray(Receive):
        pass

    stray = desk.send(Stray(by=CLERK, now=NOW, item="tent", quantity=1))
    good = desk.send(Receive(by=CLERK, now=NOW, item="tent", quantity=1))
    desk.writer.step()
    assert isinstance(desk.results[stray][0], KeyError)
    assert isinstance(desk.results[good][0], Answer)


def test_a_failed_commit_answers_everybody_and_forgets_what_it_would_have_made_true(tmp_path):
    desk = Desk(tmp_path, log=Flaky(tmp_path / "log.db", NAME))
    desk.receive(5)
    desk.log.failing = 1
    ids = [desk.send(Issue(by=CLERK, now=NOW, item="tent", quantity=5)), desk.send(Receive(by=CLERK, now=NOW, item="new", quantity=1))]
    desk.writer.step()
    assert all(isinstance(desk.results[id][0], StorageFailed) for id in ids)
    assert len(desk.events) == 1
    assert isinstance(desk.do(Issue(by=CLERK, now=NOW, item="tent", quantity=5), id=ids[0]), Answer)
    assert isinstance(desk.do(Issue(by=CLERK, now=NOW, item="new", quantity=1)), NotFound)
    assert verify(desk.log).fault is None


def test_two_writers_over_one_log_always_see_what_the_other_wrote(tmp_path):
    ours, theirs = Desk(tmp_path), Desk(tmp_path)
    ours.ids, theirs.ids = 0, 1_000
    ours.receive(5)
    assert isinstance(theirs.do(Issue(by=CLERK, now=NOW, item="tent", quantity=4)), Answer)
    assert isinstance(ours.do(Issue(by=CLERK, now=NOW, item="tent", quantity=4)), RuleBroken)
    for _ in range(5):
        assert isinstance(ours.receive(1), Answer)
        assert isinstance(theirs.receive(1), Answer)
    assert [r.version for r in ours.log.stream("item-tent")] == list(range(1, 13))
    assert verify(ours.log).fault is None


def test_an_event_the_writer_cannot_follow_hurts_nobody_else(tmp_path):
    ours, theirs = Desk(tmp_path), Desk(tmp_path)
    theirs.ids = 1_000
    ours.receive(5)
    ours.receive(5, item="flour")
    broken = replace(ITEM, evolve=lambda state, fact: bug() if fact.quantity == 13 else ITEM.evolve(state, fact))
    theirs.receive(13)
    theirs.receive(1, item="flour")
    ours.writer._states._service = ours.writer._deciding._service = replace(DEPOT, deciders=(broken, *DEPOT.deciders[1:]))
    told = ours.send(Issue(by=CLERK, now=NOW, item="tent", quantity=1))
    good = ours.send(Issue(by=CLERK, now=NOW, item="flour", quantity=6))
    ours.writer.step()
    assert isinstance(ours.results[told][0], ZeroDivisionError)
    assert isinstance(ours.results[good][0], Answer)


def test_a_head_without_its_events_stops_the_writer_and_does_not_hang_it(desk, tmp_path):
    other = Desk(tmp_path)
    other.ids = 1_000
    other.receive(5)
    other.log._db.execute("UPDATE head SET position = 9")
    assert isinstance(desk.receive(5), LogGap)


def test_blobs_are_durable_before_the_event_that_names_them(tmp_path):
    class Watching(Blobs):
        def put_many(self, blobs):
            seen.append((dict(blobs), desk.log.head().position))
            super().put_many(blobs)

    seen: list = []
    desk = Desk(tmp_path, blobs=Watching(File(tmp_path / "blobs.db")))
    desk.do(Receive(by=CLERK, now=NOW, item="tent", quantity=1, paper="d1"), blobs={"d1": b"note"})
    assert seen == [({"d1": b"note"}, 0)]


def test_when_the_blobs_cannot_be_stored_nothing_is(tmp_path):
    class Full:
        def put_many(self, blobs):
            raise StorageFailed("disk full")

    desk = Desk(tmp_path, blobs=Full())
    assert isinstance(desk.do(Receive(by=CLERK, now=NOW, item="tent", quantity=1, paper="d1"), blobs={"d1": b"note"}), StorageFailed)
    assert desk.events == []


def test_a_clock_that_jumps_back_takes_no_time_back_and_loses_nothing(tmp_path):
    desk = Desk(tmp_path / "desk")
    for hours in (0, 1, -3, 1, 2):
        desk.later(hours=hours)
        desk.receive(1)
    times = [(recorded.envelope.time - NOW) // timedelta(hours=1) for recorded in desk.events]
    assert times == [0, 1, 1, 1, 1], "until the clock is there again, what is recorded has the time of the last"
    desk.later(hours=3)
    desk.receive(1)
    assert desk.events[-1].envelope.time == desk.now and verify(desk.log).fault is None
