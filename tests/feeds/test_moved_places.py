"""A place that moves to another parent brings its streams to who watches there, whatever happens meanwhile."""

from __future__ import annotations

import pytest

from shared.sql.ports import StorageFailed
from tests.feeds.world import FEED, MOVED, TREE, World, add, check, run_dry


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "node")


def test_a_place_that_moves_into_the_subtree_brings_its_streams_and_one_that_leaves_gets_no_further(world):
    add(world.alerts, "alert-1", "alert.published", division="A1", count=2)
    add(world.alerts, "alert-2", "alert.published", count=2)
    filter = world.filter()
    run_dry(filter)
    assert world.held() == ["alert-2@1", "alert-2@2"]
    world.tree = MOVED
    run_dry(filter)
    assert world.held() == ["alert-2@1", "alert-2@2", "alert-1@1", "alert-1@2"]
    world.tree = TREE
    add(world.alerts, "alert-1", "alert.updated", division="A1")
    run_dry(filter)
    assert len(world.held()) == 4
    world.tree = MOVED  # and back: what it missed follows
    run_dry(filter)
    assert world.held()[4:] == ["alert-1@3"]
    check(world.log(FEED), [world.alerts])


def test_a_process_that_dies_between_the_move_and_the_reading_reads_again_after_its_start(world):
    add(world.alerts, "alert-1", "alert.published", division="A1")
    run_dry(world.filter())
    world.tree = MOVED
    world.filter()
    assert world.given() == ["alert-1@1"]


def test_a_cursor_that_cannot_be_read_when_the_tree_moves_is_read_the_next_time(world, monkeypatch):
    add(world.alerts, "alert-1", "alert.published", division="A1")
    add(world.alerts, "alert-2", "alert.published")
    filter = world.filter()
    run_dry(filter)
    cursor = filter.out.cursor

    def fails(*_: str) -> None:
        monkeypatch.setattr(filter.out, "cursor", cursor)
        raise StorageFailed("the disk is full")

    monkeypatch.setattr(filter.out, "cursor", fails)
    world.tree = MOVED
    with pytest.raises(StorageFailed):
        filter.step()
    add(world.alerts, "alert-2", "alert.updated")
    run_dry(filter)
    assert sorted(world.held()) == ["alert-1@1", "alert-2@1", "alert-2@2"]
