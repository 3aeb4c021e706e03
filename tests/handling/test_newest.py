"""A policy whose commands look at how things stand: of what is read together, the newest fact of each stream is enough."""

from __future__ import annotations

from shared.handling.declare import Policy
from tests.handling.desk import NAME, Desk, dry
from tests.handling.test_policies import RECEIVED, lines, with_policies, writes


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
