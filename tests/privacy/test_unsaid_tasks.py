"""A task that an older fact notes without through whom ends with the whole call-up, never with one way of several (ERL art. 84)."""

from __future__ import annotations

import pytest

from services.privacy.deciders.records.commands import NoteTaskBegan, NoteTaskEnded
from services.privacy.deciders.streams import UNCALLED
from tests.privacy.called_world import HOME, SECOND, Called
from tests.privacy.test_set_out import EARLY, Ends, cancel, decline, stand_down, unfit, withdraw
from tests.privacy.world import SYS, at

OLD = {"subject": "V-A", "incident": "INC-1", "task": "CU-1"}


@pytest.fixture
def called() -> Called:
    return Called()


@pytest.mark.parametrize("ends", [cancel, stand_down])
def test_a_task_noted_without_through_whom_ends_with_the_whole_call_up(called: Called, ends: Ends) -> None:
    called.streams.do(NoteTaskBegan, SYS, **OLD)
    unfit(called)
    ends(called, EARLY)
    assert called.readable(EARLY + HOME - SECOND) == ["V-A"], "it may have been through a force, and they out there with it"
    assert called.readable(EARLY + HOME) == []


@pytest.mark.parametrize("ends", [withdraw, decline])
def test_it_goes_on_where_one_way_of_several_ends(called: Called, ends: Ends) -> None:
    called.offer("V-A")
    if ends is withdraw:
        called.says("V-A")
    called.streams.do(NoteTaskBegan, SYS, **OLD)
    ends(called, EARLY)
    assert {through for _, _, through in called.streams.state("person-V-A").tasks} == {""}
    assert called.readable(EARLY + 2 * HOME) == ["V-A"], "what else they were called through was not said then"


def test_it_ends_when_they_are_checked_out(called: Called) -> None:
    called.offer("V-A")
    called.depart("V-A")
    called.streams.do(NoteTaskBegan, SYS, **OLD)
    stand_down(called, at("12:00", 20))
    assert called.readable(at("12:00", 20) + HOME - SECOND) == ["V-A"]
    assert called.readable(at("12:00", 20) + HOME) == []
    assert called.streams.do(NoteTaskEnded, SYS, **OLD, holder="V-A", over=True).events == []


def test_who_came_uncalled_is_not_over_with_a_shift(called: Called) -> None:
    there = OLD | {"task": UNCALLED}
    called.streams.do(NoteTaskBegan, SYS, **there)
    called.streams.do(NoteTaskBegan, SYS, **there, holder="shift.1")
    called.streams.do(NoteTaskEnded, SYS, **there, holder="shift.1", returning=True)
    assert called.streams.state("person-V-A").tasks == {("INC-1", UNCALLED, "")}
