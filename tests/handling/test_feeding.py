"""The filter: whole streams, in order, once, and nothing that may not be seen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.eventlog.ports import EventStore
from shared.eventlog.postgres import PostgresLog
from shared.geo.divisions import Divisions
from shared.handling import feeding
from shared.handling.feeding import Filter
from shared.kernel.errors import LogFork
from shared.testing.facts import all_of
from tests.feeds.world import ALERTS, CENTRE, FEED, MOVED, STOCK, TREE, Crash, Deadly, World, add, check, run_dry


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "node")


def test_a_stream_of_the_subtree_is_given_whole_and_nothing_else_is(world):
    add(world.alerts, "alert-1", count=2)
    add(world.alerts, "alert-1", "alert.published")
    add(world.alerts, "alert-2", "alert.published", division="A1")  # another subtree
    add(world.alerts, "alert-3", "alert.published", visibility="internal")
    add(world.alerts, "alert-4", "alert.published", division=None)
    add(world.alerts, "alert-5", "alert.published", division="R")  # above
    add(world.alerts, "alert-6", "alert.drafted")  # never published
    add(world.alerts, "task-1", "task.assigned")  # not asked for
    add(world.alerts, "cap-1", "message.issued", division="B")
    assert world.given() == ["alert-1@1", "alert-1@2", "alert-1@3", "cap-1@1"]
    check(world.log(FEED), [world.alerts])


def test_what_is_asked_for_later_brings_the_stream_from_its_first_event(world):
    filter = world.filter()
    add(world.alerts, "alert-1", count=3)
    run_dry(filter)
    assert world.held() == []
    add(world.alerts, "alert-1", "alert.published")
    run_dry(filter)
    add(world.alerts, "alert-1", "alert.ended")  # of another family, of the same stream
    run_dry(filter)
    assert world.held() == [f"alert-1@{n}" for n in range(1, 6)]


def test_a_stream_that_comes_into_the_subtree_is_given_whole(world):
    filter = world.filter()
    add(world.alerts, "alert-1", "alert.published", division="A1", count=2)
    run_dry(filter)
    assert world.held() == []
    add(world.alerts, "alert-1", "alert.updated", division="B2")
    run_dry(filter)
    assert world.held() == ["alert-1@1", "alert-1@2", "alert-1@3"]


def test_nothing_follows_once_a_stream_is_narrower_and_what_was_given_stays(world):
    filter = world.filter()
    add(world.alerts, "alert-1", "alert.published", count=2)
    run_dry(filter)
    add(world.alerts, "alert-1", "alert.updated", visibility="restricted", count=2)
    run_dry(filter)
    assert world.held() == ["alert-1@1", "alert-1@2"]
    assert world.given() == ["alert-1@1", "alert-1@2"]


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_a_stream_that_is_narrower_today_is_not_given_to_who_comes_today(world, monkeypatch, batch):
    monkeypatch.setattr(feeding, "BATCH", batch)
    add(world.alerts, "alert-1", "alert.published", count=3)
    add(world.alerts, "alert-2", "alert.published")
    add(world.alerts, "alert-1", "alert.updated", visibility="restricted")
    assert world.given() == ["alert-2@1"]


@pytest.mark.parametrize("batch", [1, 2, 3, 500])
def test_the_order_is_that_of_the_source_whatever_is_read_at_once(world, monkeypatch, batch):
    monkeypatch.setattr(feeding, "BATCH", batch)
    for _ in range(3):
        for stream in ("alert-1", "alert-2", "alert-3"):
            add(world.alerts, stream, "alert.published")
    assert world.given() == [f"alert-{stream}@{version}" for version in (1, 2, 3) for stream in (1, 2, 3)]


def test_an_audience_that_is_given_more_is_given_all_of_it(world):
    add(world.alerts, "alert-1", "alert.published", visibility="internal", count=2)
    add(world.alerts, "alert-2", "alert.published")
    add(world.stock, "stock-1", "item.received")
    assert world.given() == ["alert-2@1"]
    organ = replace(CENTRE, visibility=("public", "internal"), organ="EMD.duty")
    assert world.given(organ) == ["alert-2@1", "alert-1@1", "alert-1@2"]
    wider = replace(organ, logs=("alerts", "resources"), types=(*organ.types, "resources"))
    assert world.given(wider)[3:] == ["stock-1@1"]
    check(world.log(FEED), [world.alerts, world.stock])


def test_who_asks_for_less_gets_no_more_of_what_it_no_longer_asks_for(world):
    add(world.alerts, "alert-1", "alert.published")
    add(world.alerts, "cap-1", "message.issued")
    assert world.given() == ["alert-1@1", "cap-1@1"]
    add(world.alerts, "alert-1", "alert.updated")
    add(world.alerts, "cap-1", "message.issued")
    assert world.given(replace(CENTRE, types=("alerts.message",))) == ["alert-1@1", "cap-1@1", "cap-1@2"]


def test_what_is_public_above_concerns_who_asks_for_it(world):
    add(world.alerts, "alert-1", "alert.published", division="R")
    add(world.alerts, "alert-2", "alert.published", division="R", visibility="internal")
    add(world.alerts, "alert-3", "alert.published", division="A")
    organ = replace(CENTRE, visibility=("public", "internal"), organ="EMD.duty", above=True)
    assert world.given(organ) == ["alert-1@1"]


def test_nothing_is_given_while_the_division_is_unknown(world):
    add(world.alerts, "alert-1", "alert.published")
    world.tree = Divisions()
    filter = world.filter()
    assert not filter.step() and "division B is not in the registry" in filter.lacks
    world.tree = TREE
    run_dry(filter)
    assert filter.lacks is None and world.held() == ["alert-1@1"]


def test_the_trace_stays_inside_and_the_origin_is_named(world):
    add(world.alerts, "alert-9", "alert.drafted", division="A1")
    add(world.alerts, "alert-1", "alert.published")
    run_dry(world.filter())
    (recorded,) = all_of(world.log(FEED))
    assert not [name for name in (b"traceparent", b"commandid", b"commandevents") if name in recorded.cloud_event()]
    assert recorded.envelope.origin == f"{ALERTS}:2" and recorded.envelope.actor == "B.DUTY"
    (_, original) = all_of(world.alerts)
    assert original.chain.hex().encode() not in recorded.cloud_event()


def test_a_source_with_another_past_stops_the_filter(world, tmp_path):
    add(world.alerts, "alert-1", "alert.published", count=2)
    run_dry(world.filter())
    other = World(tmp_path / "other")
    add(other.alerts, "alert-1", "alert.updated", count=3)
    world.alerts = other.alerts
    with pytest.raises(LogFork):
        run_dry(world.filter())
    assert len(world.held()) == 2


def test_one_stream_name_of_two_sources_is_never_mixed(world):
    both = replace(CENTRE, logs=("alerts", "resources"), types=("alerts", "resources"))
    add(world.alerts, "x-1", "alert.published", count=2)
    run_dry(world.filter(both))
    add(world.stock, "x-1", "item.received", count=3)
    with pytest.raises(LogFork, match=f"x-1 of {STOCK} was given as one of {ALERTS}"):
        run_dry(world.filter(both))
    assert world.held() == ["x-1@1", "x-1@2"]


def history(world: World) -> None:
    """Three rounds of everything that can happen to a stream, small batches."""
    for n in range(3):
        add(world.alerts, "alert-1", "alert.published")
        add(world.alerts, f"alert-late-{n}", "alert.drafted", count=2)
        add(world.alerts, "alert-2", "alert.published", division="A1")
        add(world.alerts, "alert-3", "alert.published", visibility="public" if n < 2 else "internal")
    add(world.alerts, "alert-late-1", "alert.published")


def in_rounds(world: World, deadly: Deadly | None = None) -> None:
    """One process: reads, the tree changes, reads on."""
    filter = world.filter(deadly=deadly)
    for tree in (TREE, MOVED):
        world.tree = tree
        run_dry(filter)


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_commit_and_started_again_the_feed_is_the_same(tmp_path, monkeypatch, after):
    monkeypatch.setattr(feeding, "BATCH", 4)
    whole, counting = World(tmp_path / "whole"), Deadly()
    history(whole)
    in_rounds(whole, counting)
    assert counting.commits > 6
    for n in range(1, counting.commits + 1):
        world = World(tmp_path / f"killed-{n}")
        history(world)
        with pytest.raises(Crash):
            in_rounds(world, Deadly(n, after))
        world.given()
        check(world.log(FEED), [world.alerts])
        world.tree = MOVED
        assert sorted(world.given()) == sorted(whole.held())
        check(world.log(FEED), [world.alerts])


STREAMS = st.sampled_from(["alert-1", "alert-2", "alert-3", "alert-4"])
FACTS = st.sampled_from(["alert.drafted", "alert.published", "alert.updated"])
ADD = st.tuples(st.just("add"), STREAMS, FACTS, st.sampled_from(["A1", "B", "B1", "R"]), st.sampled_from(["public", "internal"]))
STEP = st.tuples(st.just("step"), st.sampled_from([0, 1]))
KILL = st.tuples(st.just("kill"), st.sampled_from([0, 1]), st.integers(1, 3), st.booleans())
MOVE = st.tuples(st.just("move"), st.sampled_from([TREE, MOVED]))


@settings(max_examples=60, deadline=None)
@given(st.lists(ADD | STEP | KILL | MOVE, max_size=40), st.integers(1, 4))
def test_after_any_history_of_two_processes_the_feed_is_what_it_should_be(acts, batch):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(feeding, "BATCH", batch)
        world = World(Path(folder))
        filters = [world.filter(), world.filter()]
        for act in acts:
            match act:
                case "add", stream, fact, division, visibility:
                    narrowed = any(r.envelope.visibility == "internal" for r in world.alerts.stream(stream))
                    add(world.alerts, stream, fact, division, "internal" if narrowed else visibility)
                case "step", which:
                    filters[which].step()
                case "kill", which, n, after:
                    with suppress(Crash):
                        run_dry(world.filter(deadly=Deadly(n, after)))
                    filters[which] = world.filter()
                case "move", tree:
                    world.tree = tree
            check(world.log(FEED), [world.alerts])
        run_dry(*filters)
        check(world.log(FEED), [world.alerts])
        assert_all_that_may_be_seen_is_given(world)


def assert_all_that_may_be_seen_is_given(world: World) -> None:
    feed = world.log(FEED)
    for stream in {recorded.stream for recorded in all_of(world.alerts)}:
        events = world.alerts.stream(stream)
        latest = events[-1].envelope
        asked = any(recorded.type == "alerts.alert.published.v1" for recorded in events)
        if asked and latest.visibility == "public" and world.tree.covers("B", latest.division):
            assert len(feed.stream(stream)) == len(events)
        seen = [r for r in events if r.envelope.visibility == "public" and r.envelope.division != "R"]
        assert len(feed.stream(stream)) <= (seen[-1].version if asked and seen else 0)


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_four_processes_at_once_give_every_event_once(request, tmp_path, monkeypatch, store):
    monkeypatch.setattr(feeding, "BATCH", 7)
    world = World(tmp_path / "node")
    database = request.getfixturevalue("pg") if store == "postgres" else None
    open_log: Callable[[str], EventStore] = partial(PostgresLog, database) if database else world.log
    world.alerts = open_log(ALERTS)
    for n in range(40):
        add(world.alerts, f"alert-{n % 8}", "alert.published" if n % 3 else "alert.drafted", count=3)

    def run(_: int) -> None:
        feed = open_log(FEED)
        run_dry(Filter(CENTRE, [world.alerts], feed, lambda: TREE))
        feed.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    feed = open_log(FEED)
    assert [r.envelope.origin for r in all_of(feed)] == [r.id for r in all_of(world.alerts)]
    check(feed, [world.alerts])
    feed.close()
    world.alerts.close()
