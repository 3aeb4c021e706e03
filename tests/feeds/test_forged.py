"""A forged event that a feed gave: when the true one of that version comes, the feed stops and says so, and is never silent about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.handling import feeding, forged
from shared.kernel.errors import LogFork
from tests.feeds.world import ALERTS, CENTRE, FEED, MOVED, World, add, run_dry


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "node")


def emptied(world: World, folder: Path, kept: int) -> None:
    """The source took in a forged record as the last one, gave it, and was emptied and read again: `ortoo inbox drop`."""
    add(world.alerts, "alert-1", "alert.published", count=kept)
    true = World(folder).alerts
    add(true, "alert-1", "alert.published", count=kept)
    add(world.alerts, "alert-1", "alert.ended")
    given = world.given()
    assert given[-1] == f"alert-1@{kept + 1}"
    world.alerts = true
    feed = world.log(FEED)
    for scope in {filter._scope.digest for filter in [world.filter()] if not filter.step() and filter._scope}:
        feed.save_cursor(scope, ALERTS, kept, true.chain_at(kept))


def test_the_true_event_of_a_version_that_was_forged_stops_the_feed_and_is_named(world, tmp_path):
    emptied(world, tmp_path / "true", 2)
    add(world.alerts, "alert-2", "alert.published")
    assert world.given()[-1] == "alert-2@1", "what is true goes on"
    add(world.alerts, "alert-1", "alert.published")
    words = rf"{FEED}: its event of position 3, alerts\.alert\.ended\.v1, \S+ was given as {ALERTS}:3, and {ALERTS} does not hold it, "
    for _ in range(2):
        with pytest.raises(LogFork, match=words + r"but position 4, .*: forged, or restored; the feed log is made anew"):
            run_dry(world.filter())
        assert [line[:32] for line in forged.marked(world.log(FEED))] == ["its event of position 3, alerts."]
    assert world.held()[-1] == "alert-2@1"


def test_it_is_noticed_also_when_the_true_one_has_the_very_place_of_the_forged(world, tmp_path):
    emptied(world, tmp_path / "true", 2)
    add(world.alerts, "alert-1", "alert.published")
    with pytest.raises(LogFork, match="made anew"):
        run_dry(world.filter())


@pytest.mark.parametrize("batch", [1, 3, 500])
def test_what_was_given_truly_is_read_again_without_a_word(world, monkeypatch, batch):
    monkeypatch.setattr(feeding, "BATCH", batch)
    for _ in range(3):
        add(world.alerts, "alert-1", "alert.published")
        add(world.alerts, "alert-2", "alert.published", division="A1")
    filter = world.filter()
    run_dry(filter)
    world.tree = MOVED
    run_dry(filter)
    assert sorted(world.given()) == sorted(f"alert-{stream}@{version}" for stream in (1, 2) for version in (1, 2, 3))
    assert not [*forged.marked(world.log(FEED))]


def test_what_was_given_beyond_a_position_is_found(world):
    add(world.alerts, "alert-1", "alert.published", count=3)
    world.given()
    feed = world.log(CENTRE.log("150000"))
    first = forged.beyond(feed, ALERTS, 1)
    assert first is not None and first.position == 2
    assert forged.beyond(feed, ALERTS, 3) is None and forged.beyond(feed, "150000.other", 0) is None
