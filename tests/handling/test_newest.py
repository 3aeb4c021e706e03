"""A policy whose commands look at how things stand: of what is read together, the newest fact of each stream is enough."""

from __future__ import annotations

from shared.handling.declare import Policy
from shared.handling.policies import CHUNK, FEW, LOOKS, MANY
from tests.handling.desk import NAME, NOW, Desk, dry
from tests.handling.test_policies import RECEIVED, lines, with_policies, writes
from tests.hosts.depot import CLERK, SYSTEM, Receive, Write


def test_where_the_newest_fact_is_enough_the_others_of_its_stream_send_nothing(tmp_path):
    desk = Desk(tmp_path, with_policies(Policy("when_received_then_write", RECEIVED, writes, newest=True)))
    runner = desk.runner()
    for item in ("A", "A", "B", "A"):
        desk.receive(item=item)
    dry(runner.step, desk.writer.step)
    assert lines(desk) == [f"{NAME}:3", f"{NAME}:4"]
    desk.receive(item="A")
    dry(runner.step, desk.writer.step)
    assert lines(desk) == [f"{NAME}:3", f"{NAME}:4", f"{NAME}:7"]


def test_while_facts_come_fast_the_newest_is_waited_for(tmp_path):
    desk = Desk(tmp_path, with_policies(Policy("when_received_then_write", RECEIVED, writes, newest=True)))
    runner = desk.runner()
    for _ in range(3):
        for _ in range(FEW):
            desk.receive(item="A")
        desk.receive(item="B")
        assert not runner.step() and not runner.busy  # it grew since the last look
    assert runner.step()  # it grows no more
    dry(runner.step, desk.writer.step)
    assert lines(desk) == [f"{NAME}:{3 * FEW + 2}", f"{NAME}:{3 * FEW + 3}"]


def test_nothing_is_waited_for_that_another_policy_must_hear(tmp_path):
    both = (Policy("when_received_then_write", RECEIVED, writes, newest=True), Policy("when_received_then_write_each", RECEIVED, writes))
    desk = Desk(tmp_path, with_policies(*both))
    runner = desk.runner()
    for _ in range(FEW + 1):
        desk.receive(item="A")
    assert runner.step()


def test_a_trickle_holds_nobody_up_for_long(tmp_path):
    desk = Desk(tmp_path, with_policies(Policy("when_received_then_write", RECEIVED, writes, newest=True)))
    runner = desk.runner()
    for _ in range(FEW + 1):
        desk.receive(item="A")
    looks = 1
    while not runner.step():
        desk.receive(item="B")
        looks += 1
    assert looks == LOOKS + 1


def test_what_another_policy_must_hear_is_heard_behind_many_others(tmp_path):
    both = (
        Policy("when_received_then_write", RECEIVED, writes, newest=True),
        Policy("when_written_then_nothing", ("depot.note.written",), lambda *_: ()),
    )
    desk = Desk(tmp_path, with_policies(*both))
    runner = desk.runner()
    for n in range(CHUNK):
        desk.send(Receive(by=CLERK, now=NOW, item=f"I-{n % 10}", quantity=1))
    while desk.writer.step():
        pass
    assert not runner.step()
    desk.do(Write(by=SYSTEM, now=NOW, item="A", line="heard"))
    assert runner.step()


def test_however_fast_they_come_some_hundreds_are_enough(tmp_path):
    desk = Desk(tmp_path, with_policies(Policy("when_received_then_write", RECEIVED, writes, newest=True)))
    runner = desk.runner()
    for n in range(MANY + 1):
        desk.send(Receive(by=CLERK, now=NOW, item=f"I-{n % 10}", quantity=1))
    while desk.writer.step():
        pass
    assert runner.step()
    dry(runner.step, desk.writer.step)
    assert len(lines(desk)) == 10 + 1
