"""The writer: one commit for all that wait, one answer for each id, and what fails fails alone."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from shared.blobs.store import SqliteBlobs
from shared.eventlog.ports import StorageFailed
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from shared.handling.pending import Answer, Busy, KeyReused
from shared.kernel.decider import Decider, Handles
from shared.kernel.errors import Failure, LogGap, NotAllowed, NotFound, RuleBroken, WrongState
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


def bugs(kind) -> dict[type, Handles]:
    return dict(ITEM.handles) | {Issue: replace(ITEM.handles[Issue], **kind)}


@pytest.mark.parametrize("where", ["decide", "evolve", "streams", "areas", "about"])
def test_a_bug_fails_its_own_command_only(tmp_path, where):
    def bug(*_):
        raise ZeroDivisionError

    item: Decider = ITEM
    if where == "decide":
        item = replace(ITEM, decide=lambda command, *rest: bug() if command.quantity == 13 else ITEM.decide(command, *rest))
    elif where == "evolve":
        item = replace(ITEM, evolve=lambda state, fact: bug() if fact.quantity == 13 else ITEM.evolve(state, fact))
    elif where == "about":
        item = replace(ITEM, about=lambda state: bug() if state.on_hand == 13 else ITEM.about(state))
    else:
        item = replace(ITEM, handles=bugs({where: bug, "creates": True}))
    desk = Desk(tmp_path, replace(DEPOT, deciders=(item, *DEPOT.deciders[1:])))
    good = [desk.send(Receive(by=CLERK, now=NOW, item="tent", quantity=1))]
    if where in ("decide", "evolve", "about"):
        bad = desk.send(Receive(by=CLERK, now=NOW, item="flour", quantity=13))
    else:
        bad = desk.send(Issue(by=CLERK, now=NOW, item="water", quantity=1))
    good.append(desk.send(Receive(by=CLERK, now=NOW, item="tent", quantity=1)))
    desk.writer.step()
    assert isinstance(desk.results[bad][0], ZeroDivisionError)
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
    broken = replace(ITEM, evolve=lambda state, fact: 1 / 0 if fact.quantity == 13 else ITEM.evolve(state, fact))
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


def test_an_unknown_stream_is_not_found_unless_the_command_creates_it(desk):
    assert isinstance(desk.do(Release(by=CLERK, now=NOW, item="none", ref="R-1")), NotFound)
    assert desk.events == []


def test_who_may_not_is_told_so_before_anything_else(tmp_path):
    def nobody(*_):
        raise NotAllowed(Failure("matrix.3.27", "somebody else"))

    desk = Desk(tmp_path, may=nobody)
    assert isinstance(desk.do(Release(by=CLERK, now=NOW, item="none", ref="R-1")), NotAllowed)
    assert isinstance(desk.receive(), NotAllowed)


def test_a_refusal_is_audited_and_not_remembered_since_its_cause_may_be_cured(desk):
    issue = Issue(by=CLERK, now=NOW, item="tent", quantity=3)
    desk.receive(1)
    assert isinstance(desk.do(issue, id=UUID(int=70)), RuleBroken)
    desk.receive(5)
    assert isinstance(desk.do(issue, id=UUID(int=70)), Answer)
    (attempt,) = desk.log.attempts()
    assert (attempt.command, attempt.actor, attempt.code, attempt.rule, attempt.stream) == ("Issue", "CLERK", "rule_broken", "depot.stock", "item-tent")


def test_a_policys_refusal_is_remembered(desk):
    release = Release(by=CLERK, now=NOW, item="tent", ref="R-1")
    desk.receive(5)
    first = desk.do(release, id=UUID(int=70), derived=True)
    desk.do(Reserve(by=CLERK, now=NOW, item="tent", ref="R-1", quantity=1, until=NOW))
    again = desk.do(release, id=UUID(int=70), derived=True)
    assert isinstance(first, WrongState) and isinstance(again, WrongState)
    assert (first.failures, first.code) == (again.failures, again.code)
    assert desk.types == ["received", "reserved"]


def test_recorded_time_never_runs_backwards(desk):
    desk.receive()
    desk.later(hours=-1)
    desk.receive()
    desk.later(hours=2)
    desk.receive()
    times = [r.envelope.time for r in desk.events]
    assert times == [NOW, NOW, NOW + timedelta(hours=1)]


def test_an_event_says_who_when_why_and_by_which_rules(desk):
    id = desk.send(Receive(by=replace(CLERK, organ="应急管理局"), now=NOW, item="tent", quantity=1, cosigner=replace(CLERK, actor="SECOND")))
    desk.writer.step()
    at = desk.events[0].envelope
    assert (at.actor, at.role, at.organ, at.cosigner, at.rulepack) == ("CLERK", "CLERK", "应急管理局", "SECOND", "test@0")
    assert (at.division, at.correlationid, at.causationid, at.log, at.position) == ("150722", "I-1", str(id), NAME, 1)
    assert (at.id, at.streamid, at.streamversion, at.exercise) == (f"{NAME}:1", "item-tent", 1, False)


def test_what_happens_in_a_drill_says_so(desk):
    desk.do(Receive(by=replace(CLERK, realm="drill-1"), now=NOW, item="tent", quantity=1))
    assert desk.events[0].envelope.exercise


@pytest.mark.parametrize("text", ["请联系13812345678", "身份证11010519491231002X", "tel 13812345678."])
def test_a_personal_value_in_free_text_is_refused_and_stored_nowhere(desk, text):
    desk.receive(5)
    refused = desk.do(Issue(by=CLERK, now=NOW, item="tent", quantity=1, reason=text))
    assert isinstance(refused, RuleBroken)
    assert (refused.rule, refused.failures[0].field) == ("PIPL-5", "reason")
    desk.log.close()
    assert not any(token in path.read_bytes() for path in desk.folder.iterdir() for token in (b"13812345678", b"11010519491231002X"))


@pytest.mark.parametrize("text", ["报文号2021071813812345678901", "身份证110105194912310021", "水位 1.38 m", "2021-07-18 02:00"])
def test_numbers_that_are_nobodys_may_be_written(desk, text):
    desk.receive(5)
    assert isinstance(desk.do(Issue(by=CLERK, now=NOW, item="tent", quantity=1, reason=text)), Answer)


def test_blobs_are_durable_before_the_event_that_names_them(tmp_path):
    class Watching(SqliteBlobs):
        def put_many(self, blobs):
            seen.append((dict(blobs), desk.log.head().position))
            super().put_many(blobs)

    seen: list = []
    desk = Desk(tmp_path, blobs=Watching(tmp_path / "blobs.db"))
    desk.do(Receive(by=CLERK, now=NOW, item="tent", quantity=1, paper="d1"), blobs={"d1": b"note"})
    assert seen == [({"d1": b"note"}, 0)]


def test_when_the_blobs_cannot_be_stored_nothing_is(tmp_path):
    class Full:
        def put_many(self, blobs):
            raise StorageFailed("disk full")

    desk = Desk(tmp_path, blobs=Full())
    assert isinstance(desk.do(Receive(by=CLERK, now=NOW, item="tent", quantity=1, paper="d1"), blobs={"d1": b"note"}), StorageFailed)
    assert desk.events == []


def test_an_event_too_large_is_refused_with_its_cure(desk):
    refused = desk.do(Receive(by=CLERK, now=NOW, item="tent", quantity=1, paper="x" * 300_000))
    assert isinstance(refused, RuleBroken) and refused.rule == "limit.event"
    assert desk.events == []


def test_a_command_names_at_most_64_streams_unless_it_is_a_listed_bulk_command(tmp_path):
    def service(bulk):
        handles = {Move: Handles(lambda c: tuple(f"item-{n}" for n in range(c.quantity)), creates=True, bulk=bulk)}
        decide = lambda c, states, rules: [(stream, Received(stream, 1)) for stream in states]  # noqa: E731
        return replace(DEPOT, deciders=(replace(ITEM, handles=handles, decide=decide),), policies=(), due=None)

    refused = Desk(tmp_path / "a", service(False)).do(Move(by=CLERK, now=NOW, item="x", to="y", quantity=65))
    assert isinstance(refused, RuleBroken) and refused.rule == "limit.streams"
    desk = Desk(tmp_path / "b", service(True))
    assert len(desk.do(Move(by=CLERK, now=NOW, item="x", to="y", quantity=3_000)).events) == 3_000
    assert verify(desk.log).position == 3_000


def test_a_stream_never_becomes_visible_to_more(tmp_path):
    about = lambda item: replace(ITEM.about(item), visibility="internal" if item.on_hand < 5 else "public")  # noqa: E731
    desk = Desk(tmp_path, replace(DEPOT, deciders=(replace(ITEM, about=about), *DEPOT.deciders[1:])))
    assert isinstance(desk.receive(1), Answer)
    assert isinstance(desk.receive(9), AssertionError)
    assert len(desk.events) == 1


def test_every_outcome_is_counted(desk):
    desk.receive(1, id=UUID(int=9))
    desk.receive(1, id=UUID(int=9))
    desk.do(Issue(by=CLERK, now=NOW, item="tent", quantity=9))
    assert desk.writer.counts == {("Receive", "accepted"): 1, ("Receive", "repeated"): 1, ("Issue", "rule_broken"): 1}
