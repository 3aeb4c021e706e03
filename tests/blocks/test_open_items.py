"""Nothing that was opened stays open in silence."""

from __future__ import annotations

from hypothesis import given as forall
from hypothesis import strategies as st

from shared.blocks.open_items import OpenItems

steps = st.lists(st.tuples(st.sampled_from(["open", "settle"]), st.sampled_from("abc")))


def play(history) -> OpenItems:
    items = OpenItems()
    for step, id in history:
        items = items.open(id, "kind") if step == "open" else items.settle(id, "done")
    return items


@forall(steps)
def test_open_is_what_was_opened_and_not_settled_since(history):
    items = play(history)
    for id in "abc":
        own = [step for step, other in history if other == id]
        assert items.is_open(id) == (bool(own) and own[-1] == "open" and "open" in own)
    assert set(items.unsettled()) == {id for id in "abc" if items.is_open(id)}


@forall(steps)
def test_settling_everything_leaves_nothing_open(history):
    items = play(history)
    for id in items.unsettled():
        items = items.settle(id, "kept")
    assert items.unsettled() == ()


@forall(steps, st.sampled_from("abc"))
def test_saying_it_twice_changes_nothing(history, id):
    items = play(history)
    assert items.open(id, "kind").open(id, "other") == items.open(id, "kind")
    assert items.settle(id, "done").settle(id, "again") == items.settle(id, "done")


def test_what_was_never_opened_cannot_be_settled():
    assert OpenItems().settle("a", "done") == OpenItems()
