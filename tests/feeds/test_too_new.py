"""An event of a newer release is neither given nor passed: the feed waits before it, and goes on after the upgrade without loss."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.alerts.service import ALERTS as SERVICE
from shared.handling import feeding
from shared.kernel import events
from shared.kernel.errors import TooNew
from shared.testing.facts import all_of
from tests.feeds.world import ALERTS, CENTRE, FEED, World, add, check, run_dry

NEWER = "alerts.alert.published.v9"


@pytest.fixture
def world(tmp_path):
    assert SERVICE.name == "alerts", "whose events are known here"
    return World(tmp_path / "node")


@pytest.fixture
def upgraded(monkeypatch):
    """The process is one that knows the version."""
    return lambda: monkeypatch.setitem(events._upcasters, NEWER, ("alerts.alert.published.v1", dict))


def stops(world: World, at: int) -> None:
    with pytest.raises(TooNew, match=f"{ALERTS}:{at} {NEWER} is of a newer release than this process.*: upgrade `ortoo cluster filter`"):
        run_dry(world.filter())


@pytest.mark.parametrize("batch", [1, 2, 3, 500])
def test_it_stops_before_what_it_cannot_read_and_goes_on_after_the_upgrade(world, monkeypatch, upgraded, batch):
    monkeypatch.setattr(feeding, "BATCH", batch)
    add(world.alerts, "alert-1", "alert.published", count=2)
    add(world.alerts, "alert-2", "alert.drafted")
    add(world.alerts, "alert-1", "alert.published", release=9)
    add(world.alerts, "alert-2", "alert.published")
    add(world.alerts, "alert-1", "alert.published")
    for _ in range(2):  # whoever is started stops there again
        stops(world, 4)
        assert world.held() == ["alert-1@1", "alert-1@2", "alert-2@1"]
    upgraded()
    assert world.given() == ["alert-1@1", "alert-1@2", "alert-2@1", "alert-1@3", "alert-2@2", "alert-1@4"]
    check(world.log(FEED), [world.alerts])


def test_one_that_nobody_is_given_holds_up_nothing(world):
    add(world.alerts, "alert-1", "alert.published", division="A1", release=9)
    add(world.alerts, "alert-2", "alert.published", visibility="internal", release=9)
    add(world.alerts, "alert-3", "alert.published")
    assert world.given() == ["alert-3@1"]


def test_a_stream_that_comes_later_and_holds_one_is_waited_for(world, upgraded):
    add(world.alerts, "alert-1", "alert.published", division="A1", release=9)
    add(world.alerts, "alert-2", "alert.published")
    assert world.given() == ["alert-2@1"]
    add(world.alerts, "alert-1", "alert.updated", division="B1")
    add(world.alerts, "alert-2", "alert.updated")
    stops(world, 1)
    assert world.held() == ["alert-2@1"]
    upgraded()
    assert world.given() == ["alert-2@1", "alert-1@1", "alert-1@2", "alert-2@2"]


def test_what_other_sources_hold_goes_on_though_each_step_is_another_process(world, monkeypatch):
    monkeypatch.setattr(feeding, "BATCH", 1)
    both = replace(CENTRE, logs=("alerts", "resources"), types=("alerts", "resources"))
    add(world.alerts, "alert-1", "alert.published", release=9)
    add(world.stock, "stock-9", "item.received", division="A1", count=3)
    add(world.stock, "stock-1", "item.received", count=2)
    for _ in range(5):
        with pytest.raises(TooNew):
            world.filter(both).step()
    assert [recorded.stream for recorded in all_of(world.log(FEED))] == ["stock-1", "stock-1"]
