"""The policy runner: each fact is answered once, in order, whatever dies, jams or raises on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.handling.declare import Policy
from shared.handling.pending import Busy
from shared.handling.policies import CHUNK, PolicyRunner
from shared.sql.ports import StorageFailed
from tests.handling.desk import NAME, NOW, Desk, dry
from tests.handling.test_writer import Flaky
from tests.hosts.depot import CLERK, DEPOT, ITEM, NOTE, SYSTEM, Issue, Move, Receive, Write, when_stock_moved_then_write

RECEIVED = ("depot.item.received",)


def with_policies(*policies, note=NOTE):
    return replace(DEPOT, deciders=(ITEM, note), policies=policies)


def writes(fact, at):
    yield Write(by=SYSTEM, now=at.time, item=fact.item, line=at.id)


SIMPLE = with_policies(Policy("when_received_then_write", RECEIVED, writes))


def lines(desk) -> list[str]:
    return [r.event.line for r in desk.events if r.stream.startswith("note-")]


def test_each_fact_is_answered_once_and_in_order(tmp_path):
    desk = Desk(tmp_path, SIMPLE)
    runner = desk.runner()
    for _ in range(5):
        desk.receive()
    dry(runner.step, desk.writer.step)
    assert lines(desk) == [f"{NAME}:{n}" for n in range(1, 6)]
    dry(runner.step, desk.writer.step)
    assert len(lines(desk)) == 5


def test_its_command_names_the_fact_as_its_cause_and_keeps_the_incident(tmp_path):
    desk = Desk(tmp_path, SIMPLE)
    runner = desk.runner()
    desk.receive()
    dry(runner.step, desk.writer.step)
    at = desk.events[-1].envelope
    assert (at.causationid, at.correlationid, at.actor) == (f"{NAME}:1", "I-1", "SYS.POLICY")


def test_a_second_start_goes_on_where_the_first_stopped(tmp_path):
    desk = Desk(tmp_path, SIMPLE)
    dry(desk.runner().step, desk.writer.step)
    desk.receive()
    again = Desk(tmp_path, SIMPLE)
    again.ids = 100
    dry(again.runner().step, again.writer.step)
    third = Desk(tmp_path, SIMPLE)
    runner = third.runner()
    assert runner.position >= 1  # what had sent nothing may be looked at again
    dry(runner.step, third.writer.step)
    assert runner.position == desk.log.head().position == 2
    assert lines(desk) == [f"{NAME}:1"]


def test_a_start_before_the_cursor_was_saved_sends_again_and_has_no_second_effect(tmp_path):
    desk = Desk(tmp_path, SIMPLE)
    runner = desk.runner()
    desk.receive()
    runner.step()
    desk.writer.step()  # decided, the cursor not saved: here it dies
    again = Desk(tmp_path, SIMPLE)
    dry(again.runner().step, again.writer.step)
    assert lines(desk) == [f"{NAME}:1"]
    assert again.writer.counts[("Write", "repeated")] == 1


def test_a_policy_that_is_new_does_not_answer_the_past(tmp_path):
    desk = Desk(tmp_path, with_policies())
    dry(desk.runner().step)
    desk.receive()
    dry(desk.runner().step)
    later = Desk(tmp_path, SIMPLE)
    later.ids = 100
    runner = later.runner()
    later.receive()
    dry(runner.step, later.writer.step)
    assert lines(later) == [f"{NAME}:2"]


def test_a_runner_that_is_new_to_a_log_with_a_past_begins_at_its_head(tmp_path):
    desk = Desk(tmp_path, SIMPLE)
    desk.receive()
    runner = desk.runner()
    assert runner.position == 1
    desk.receive()
    dry(Desk(tmp_path, SIMPLE).runner().step, runner.step, desk.writer.step)
    assert lines(desk) == [f"{NAME}:2"]


def test_the_cursor_moves_only_when_all_commands_are_decided(tmp_path):
    desk = Desk(tmp_path, SIMPLE)
    runner = desk.runner()
    desk.receive()
    runner.step()
    assert runner.busy and not runner.step() and runner.position == 0
    desk.writer.step()
    runner.step()
    assert not runner.busy and runner.position == 1


def test_a_chunk_with_more_commands_than_the_queue_has_room_for_gets_through(tmp_path):
    desk = Desk(tmp_path, SIMPLE, queue=4)
    runner = desk.runner()
    for _ in range(30):
        desk.receive()
    dry(runner.step, desk.writer.step)
    assert lines(desk) == [f"{NAME}:{n}" for n in range(1, 31)]


def test_more_than_a_chunk_is_worked_through(tmp_path):
    desk = Desk(tmp_path, SIMPLE)
    runner = desk.runner()
    for n in range(CHUNK + 50):
        desk.send(Receive(by=CLERK, now=NOW, item=f"i{n}", quantity=1))
    desk.writer.step()
    dry(runner.step, desk.writer.step)
    assert len(lines(desk)) == CHUNK + 50
    assert runner.position == desk.log.head().position


def test_a_commit_that_failed_is_tried_again(tmp_path):
    desk = Desk(tmp_path, SIMPLE, log=Flaky(tmp_path / "log.db", NAME))
    runner = desk.runner()
    desk.receive()
    desk.log.failing = 3
    dry(runner.step, desk.writer.step)
    for _ in range(3):
        dry(runner.step, desk.writer.step)
    assert lines(desk) == [f"{NAME}:1"]
    assert runner.parking.listed() == []


def test_a_cursor_that_cannot_be_saved_is_saved_later(tmp_path, monkeypatch):
    desk = Desk(tmp_path, SIMPLE)
    runner = desk.runner()
    desk.receive()
    runner.step()
    desk.writer.step()
    with monkeypatch.context() as broken:
        broken.setattr(desk.log, "save_cursor", lambda *_: (_ for _ in ()).throw(StorageFailed("full")))
        with pytest.raises(StorageFailed):
            runner.step()
    dry(runner.step, desk.writer.step)
    assert runner.position == desk.log.head().position == 2


def test_a_refused_reaction_is_decided_too(tmp_path):
    def too_much(fact, at):
        yield Issue(by=SYSTEM, now=at.time, item=fact.item, quantity=999)

    desk = Desk(tmp_path, with_policies(Policy("when_received_then_issue", RECEIVED, too_much)))
    runner = desk.runner()
    desk.receive()
    dry(runner.step, desk.writer.step)
    assert (runner.position, runner.parking.listed()) == (1, [])
    assert desk.log.attempts()[0].actor == "SYS.POLICY"


class Unruly:
    """A policy that raises for items named bad until it is cured; the commands of bugged items hit a bug in the decider."""

    def __init__(self) -> None:
        self.cured = False
        write = NOTE.decide

        def decide(command, lines, rules):
            if command.item == "bugged" and not self.cured:
                raise ZeroDivisionError("decider")
            return write(command, lines, rules)

        self.service = with_policies(Policy("when_received_then_write", RECEIVED, self.react), note=replace(NOTE, decide=decide))

    def react(self, fact, at):
        if fact.item == "bad" and not self.cured:
            raise ValueError("policy")
        return writes(fact, at)


@pytest.mark.parametrize("item", ["bad", "bugged"])
def test_what_a_policy_cannot_answer_is_parked_and_other_streams_go_on(tmp_path, item):
    unruly = Unruly()
    desk = Desk(tmp_path, unruly.service)
    runner = desk.runner()
    for name in (item, "good"):
        desk.receive(item=name)
    dry(runner.step, desk.writer.step)
    desk.receive(item=item)
    dry(runner.step, desk.writer.step)
    assert lines(desk) == [f"{NAME}:2"]
    assert [(p.position, p.stream) for p in runner.parking.listed()] == [(1, f"item-{item}"), (4, f"item-{item}")]
    reasons = [p.reason for p in runner.parking.listed()]
    assert reasons[0].startswith(("ValueError", "ZeroDivisionError")) and reasons[1] == "follows a parked event"


@pytest.mark.parametrize("item", ["bad", "bugged"])
def test_a_parked_stream_is_replayed_in_order_once_its_cause_is_cured(tmp_path, item):
    unruly = Unruly()
    desk = Desk(tmp_path, unruly.service)
    runner = desk.runner()
    desk.receive(item=item)
    dry(runner.step, desk.writer.step)
    desk.receive(item=item)
    dry(runner.step, desk.writer.step)
    unruly.cured = True
    assert runner.replay("when_received_then_write", f"item-{item}") == 2
    dry(runner.step, desk.writer.step)
    assert lines(desk) == [f"{NAME}:1", f"{NAME}:2"]
    assert runner.parking.listed() == []
    desk.receive(item=item)
    dry(runner.step, desk.writer.step)
    assert len(lines(desk)) == 3


def test_a_replay_whose_cause_is_not_cured_leaves_everything_parked(tmp_path):
    unruly = Unruly()
    desk = Desk(tmp_path, unruly.service)
    runner = desk.runner()
    for name in ("bad", "bugged"):
        desk.receive(item=name)
    dry(runner.step, desk.writer.step)
    before = runner.parking.listed()
    assert len(before) == 2
    with pytest.raises(ValueError, match="policy"):
        runner.replay("when_received_then_write", "item-bad")
    runner.replay("when_received_then_write", "item-bugged")
    dry(runner.step, desk.writer.step)
    assert runner.parking.listed() == before
    assert lines(desk) == []


def test_what_is_parked_is_still_parked_after_a_start(tmp_path):
    unruly = Unruly()
    desk = Desk(tmp_path, unruly.service)
    runner = desk.runner()
    desk.receive(item="bad")
    dry(runner.step, desk.writer.step)
    again = Desk(tmp_path, unruly.service)
    again.ids = 100
    restarted = again.runner()
    unruly.cured = True
    again.receive(item="bad")
    dry(restarted.step, again.writer.step)
    assert lines(again) == [], "it must not overtake what is parked"
    restarted.replay("when_received_then_write", "item-bad")
    dry(restarted.step, again.writer.step)
    assert lines(again) == [f"{NAME}:1", f"{NAME}:2"]


def test_a_replay_waits_for_the_chunk_in_work(tmp_path):
    desk = Desk(tmp_path, SIMPLE)
    runner = desk.runner()
    desk.receive()
    runner.step()
    with pytest.raises(Busy):
        runner.replay("when_received_then_write", "item-tent")


def test_a_reaction_of_several_commands_is_whole_after_any_crash_between_them(tmp_path):
    service = with_policies(Policy("when_stock_moved_then_write", RECEIVED, when_stock_moved_then_write))
    desk = Desk(tmp_path, service)
    runner = desk.runner()
    desk.receive(9)
    sent = []
    partial = PolicyRunner(service, desk.log, desk.log, sent.append)
    partial.step()
    assert len(sent) == 2
    desk.writer.submit(sent[0])  # the second never reached the queue
    desk.writer.step()
    dry(runner.step, desk.writer.step)
    assert sorted(line.split()[0] for line in lines(desk)) == ["moved", "much"]


def test_policies_listen_to_families_and_to_nothing_else(tmp_path):
    desk = Desk(tmp_path, SIMPLE)
    runner = desk.runner()
    desk.receive(9)
    desk.do(Move(by=CLERK, now=NOW, item="tent", to="spare", quantity=1))
    dry(runner.step, desk.writer.step)
    assert lines(desk) == [f"{NAME}:1", f"{NAME}:3"]
