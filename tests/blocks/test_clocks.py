"""Deadlines of one stream: what is open, what is late, and that telling twice changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.blocks.clocks import STILL, Due

AT = datetime(2021, 7, 18, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


def due(key: str, hours: float = 2) -> Due:
    return Due(key, "K-16", AT, AT + hours * HOUR)


def test_a_deadline_is_late_after_it_and_not_at_it():
    clocks = STILL.start(due("hop"))
    assert clocks.late("hop", AT + 2 * HOUR) is None
    assert clocks.late("hop", AT + 2 * HOUR + timedelta(seconds=1)) == timedelta(seconds=1)
    assert clocks.late("other", AT + 9 * HOUR) is None


def test_a_missed_deadline_is_told_once_and_runs_on():
    clocks = STILL.start(due("hop"))
    assert clocks.passed("hop", AT + HOUR) is None
    assert clocks.passed("hop", AT + 2 * HOUR) == due("hop")
    told = clocks.miss("hop")
    assert told.passed("hop", AT + 3 * HOUR) is None
    assert told.open() == (due("hop"),)
    assert told.end(AT + 3 * HOUR, "hop").open() == ()


def test_started_anew_it_runs_and_is_told_anew():
    clocks = STILL.start(due("hop")).miss("hop").end(AT, "hop").start(due("hop", 5))
    assert clocks.open() == (due("hop", 5),)
    assert clocks.passed("hop", AT + 5 * HOUR) == due("hop", 5)


@given(st.lists(st.tuples(st.sampled_from(["start", "end", "miss"]), st.sampled_from("abc"))))
def test_ending_and_missing_twice_changes_nothing(steps: list[tuple[str, str]]):
    clocks = STILL
    for step, key in steps:
        clocks = clocks.start(due(key)) if step == "start" else clocks.end(AT, key) if step == "end" else clocks.miss(key)
        again = clocks.end(AT, key) if step == "end" else clocks.miss(key) if step == "miss" else clocks
        assert again == clocks
        assert clocks.runs(key) == (key in {one.key for one in clocks.open()})
