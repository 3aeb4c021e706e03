"""The story's clock of a cluster: it goes on when everybody said, under a question asked since it was moved, that all is done."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from shared.runtime import story
from shared.runtime.story import StoryBoard
from shared.sql.ports import StorageFailed
from shared.sql.sqlite import File

BEGINS = datetime(2021, 7, 18, tzinfo=UTC)
LATER = BEGINS + timedelta(hours=1)


@pytest.fixture
def board(tmp_path):
    return lambda: StoryBoard(File(tmp_path / "clock.db"), ("a", "b"), BEGINS, UTC)


def moved(mover, to, answer):
    """Move the clock in a thread while others answer; what `move` raised, if it did."""
    raised = []

    def move():
        try:
            mover.move(to)
        except StorageFailed as error:
            raised.append(str(error))

    moving = threading.Thread(target=move)
    moving.start()
    while moving.is_alive():
        answer()
        moving.join(0.01)
    return raised


def test_who_does_not_look_by_the_way_asks_for_the_time_as_it_stands(board):
    mover, other, tells = board(), board(), {name: board() for name in "ab"}
    assert moved(mover, LATER, lambda: [one.tell(name, one.look(), {}) for name, one in tells.items()]) == []
    assert other.now() == BEGINS and other.looked() == other.now() == LATER


def test_it_is_done_when_all_name_the_same_positions(board):
    first, second, mover = board(), board(), board()

    def answer():
        first.tell("a", first.look(), {"x": 3, "y": 1})
        second.tell("b", second.look(), {"x": 3})

    assert moved(mover, LATER, answer) == []
    assert first.now() == second.now() == mover.now() == board().now() == LATER


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (lambda other, asked: None, "nothing heard of b"),
        (lambda other, asked: other.tell("b", asked, {"x": 2}), "level with x"),
        (lambda other, asked: other.tell("b", asked - 1, {"x": 3}), "nothing heard of b"),
    ],
)
def test_who_is_silent_behind_or_answers_an_older_question_is_waited_for(board, monkeypatch, says, words):
    monkeypatch.setattr(story, "SETTLE_S", 0.3)
    first, second, mover = board(), board(), board()

    def answer():
        asked = first.look()
        first.tell("a", asked, {"x": 3})
        says(second, asked)

    [why] = moved(mover, LATER, answer)
    assert words in why


def test_it_never_goes_back(board, monkeypatch):
    monkeypatch.setattr(story, "SETTLE_S", 0.0)
    for to in (LATER, BEGINS):
        with pytest.raises(StorageFailed):
            board().move(to)
    assert board().now() == LATER


def test_once_it_is_settled_nobody_is_waited_for_until_it_is_moved_again(board):
    first, second, mover = board(), board(), board()
    waited = []

    def answer():
        asked = first.look()
        waited.append(first.waits)
        first.tell("a", asked, {})
        second.tell("b", asked, {})

    assert not first.waits
    assert moved(mover, LATER, answer) == [] and True in waited
    first.look()
    assert not first.waits
