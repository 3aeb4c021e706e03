"""What stations send over a topic: kept like what comes over HTTP, or set aside with its reason; read again it changes nothing."""

from __future__ import annotations

import json

import pytest

from services.alerts.observations.stations import Stations
from tests.alerts.weather import STORY
from tests.alerts.world import at

TOPIC = "150000.observations"


def stations(store, bounds=None):
    return Stations(store, TOPIC, lambda: bounds or {0: (0, 100)}, "150000", lambda: at("14:00"))


def body(reading, **more):
    told = {"station": reading.station, "property": reading.property, "hours": str(reading.hours), "value": str(reading.value)}
    return json.dumps({**told, "at": reading.at.isoformat(), **more}).encode()


def test_one_reading_or_many_to_a_record(store):
    many = json.dumps({"readings": [json.loads(body(reading)) for reading in STORY[1:]]}).encode()
    stations(store).store(0, [(0, body(STORY[0])), (1, many)])
    assert {(r.at, r.hours, r.value) for _, r in store.since(0)} == {(r.at, r.hours, r.value) for r in STORY}


def test_a_station_is_where_the_register_says_else_where_its_topic_belongs(store):
    store.enroll("G-1", "150722")
    stations(store).store(0, [(0, body(STORY[0])), (1, body(STORY[1], station="G-9"))])
    assert [(r.station, r.division) for _, r in store.since(0)] == [("G-1", "150722"), ("G-9", "150000")]


def test_reading_on_is_from_what_was_kept(store):
    stations(store).store(1, [(40, body(STORY[0])), (44, body(STORY[1]))])
    again = stations(store, {0: (0, 100), 1: (10, 100)})
    assert again.begin() == {0: (0, 100), 1: (45, 100)}
    again.store(1, [(40, body(STORY[0])), (45, body(STORY[1]))])
    assert len(store.since(0)) == 2
    assert stations(store, {1: (50, 100)}).begin() == {1: (50, 100)}  # too late for what was between
    assert stations(store, {1: (0, 3)}).begin() == {1: (0, 3)}  # made anew


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"\xff\x00", "Invalid JSON"),
        (b"", "Invalid JSON"),
        (b"[]", "Input should be"),
        (b'{"readings": []}', "at least 1 item"),
        (body(STORY[0], station="G 1"), "pattern"),
        (body(STORY[0], at=None), "time.at"),
        (body(STORY[0], value=None), "observation.value"),
        (body(STORY[0], value="-3"), "rain is 0 to 2000"),
        (body(STORY[0], property="frogs"), "known properties"),
        (body(STORY[0], at="2036-07-18T02:00:00+08:00"), "measured after now"),
        (body(STORY[0], at="2026-07-18T02:00:00"), "at"),
        (body(STORY[0], secret="x"), "Extra inputs"),
        (json.dumps({"readings": [json.loads(body(STORY[0])), {"station": "G-1"}]}).encode(), "property"),
    ],
)
def test_what_cannot_be_kept_is_set_aside_whole_with_its_reason_and_holds_up_nothing(store, value, reason):
    for _ in range(2):
        stations(store).store(2, [(7, value), (8, body(STORY[1]))])
    (refused,) = store.refused()
    assert (refused.place, refused.value, refused.received) == (f"{TOPIC}[2]@7", value, at("14:00"))
    assert reason in refused.reason and "frogs" not in refused.reason
    assert len(store.since(0)) == 1
    assert stations(store, {2: (0, 100)}).begin() == {2: (9, 100)}
