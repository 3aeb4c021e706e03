"""What is kept of what stations say, and what is not believed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Event

import pytest

from services.alerts.observations.readings import Reading, check
from services.alerts.observations.store import ObservationStore
from tests.alerts.weather import STORY, rain
from tests.alerts.world import at


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"at": at("02:11")}, "observation.future"),
        ({"at": datetime(2021, 7, 18, 2)}, "time.offset"),
        ({"value": Decimal(-1)}, "observation.value"),
        ({"value": Decimal("NaN")}, "observation.value"),
        ({"value": Decimal("Infinity")}, "observation.value"),
        ({"value": Decimal(2001)}, "observation.value"),
        ({"hours": Decimal(0)}, "observation.hours"),
        ({"hours": Decimal("NaN")}, "observation.hours"),
        ({"hours": Decimal(241)}, "observation.hours"),
        ({"property": "magic"}, "observation.property"),
    ],
)
def test_nonsense_is_refused_with_its_field(changed, rule):
    failures = check([STORY[0], replace(STORY[0], **changed)], at("02:00"))
    assert [failure.rule for failure in failures] == [rule]
    assert failures[0].field == f"readings[1].{next(iter(changed))}"


def test_a_station_clock_may_run_a_little_ahead():
    assert check([rain(1, 1, at("02:10"))], at("02:00")) == []


def test_a_reading_is_kept_once(store):
    assert store.add(STORY, at("14:00")).added == 4
    again = store.add([replace(STORY[0], value=Decimal("48.0"), hours=Decimal("12.00"))], at("14:00"))
    assert (again.added, again.repeated, again.conflicting) == (0, 1, ())
    assert store.totals("rain", at("00:00", 17)) == {("G-1", "150722"): Decimal(223)}


def test_another_value_for_the_same_reading_is_kept_beside_it_and_reported(store):
    store.add(STORY, at("14:00"))
    wrong = replace(STORY[0], value=Decimal(480))
    assert store.add([wrong], at("14:01")).conflicting == (wrong,)
    assert store.add([wrong], at("14:02")).repeated == 1
    assert [reading.value for reading in store.conflicts()] == [Decimal(480)]
    assert store.totals("rain", at("00:00", 17)) == {("G-1", "150722"): Decimal(223)}
    assert len(store.since(0)) == 4


def test_a_station_is_where_the_register_says_else_where_its_first_reporter_is(store):
    assert store.division("G-1") is None
    store.add(STORY[:1], at("14:00"))
    store.add([replace(STORY[1], division="150102")], at("14:00"))
    assert (store.division("G-1"), store.registered("G-1")) == ("150722", False)
    store.enroll("G-1", "150721")
    store.add([replace(STORY[2], division="150102")], at("14:00"))
    assert (store.division("G-1"), store.registered("G-1")) == ("150721", True)
    assert set(store.totals("rain", at("00:00", 17))) == {("G-1", "150721")}


def test_readings_come_back_as_they_were_and_in_order(store):
    store.add(STORY, at("14:00"))
    assert [reading for _, reading in store.since(0)] == list(STORY)
    assert [reading for _, reading in store.since(store.since(0)[1][0])] == list(STORY[2:])
    assert store.between("G-1", at("02:00"), at("05:00")) == list(STORY[1:3])


def test_a_failed_call_keeps_nothing(store):
    with pytest.raises(AttributeError):
        store.add([STORY[0], None], at("14:00"))  # type: ignore[list-item]
    assert store.since(0) == []
    assert store.add(STORY, at("14:00")).added == 4


def test_who_reads_on_misses_nothing_while_many_add(database):
    """A number is seen only after all before it: what was added later is committed later."""
    ended, seen = Event(), list[tuple[int, Reading]]()

    def add(station):
        store = ObservationStore(database)
        for minute in range(20):
            store.add([replace(rain(1, minute, at("02:00") + timedelta(minutes=minute)), station=f"G-{station}")], at("14:00"))

    def read_on():
        store = ObservationStore(database)
        while not ended.is_set() or store.since(seen[-1][0] if seen else 0):
            seen.extend(store.since(seen[-1][0] if seen else 0))

    with ThreadPoolExecutor(5) as pool:
        reading = pool.submit(read_on)
        added = [pool.submit(add, station) for station in range(4)]
        wait(added)
        ended.set()
        assert [one.exception() for one in (*added, reading)] == [None] * 5
    assert len(seen) == len({(r.station, r.at) for _, r in seen}) == 80


def test_the_store_survives_being_opened_again(store, database):
    store.add(STORY, at("14:00"))
    store.save_cursor("monitor", 3)
    again = ObservationStore(database)
    assert (again.cursor("monitor"), len(again.since(0))) == ((3, b""), 4)


def test_a_station_is_silent_after_three_intervals_and_not_before(store):
    store.expect("G-1", "150722", 60, at("00:00"))
    store.expect("G-2", "150722", None, at("00:00"))
    assert store.silent(at("02:59"), 3) == []
    assert [(silence.station, silence.expected_by) for silence in store.silent(at("03:00"), 3)] == [("G-1", at("03:00"))]
    store.add([rain(1, 0, at("02:00"))], at("02:00"))
    assert store.silent(at("04:59"), 3) == []
    assert store.silent(at("05:00"), 3)[0].last_heard == at("02:00")


def test_an_interval_of_ages_silences_no_other_station(store):
    store.expect("G-1", "150722", 10**15, at("00:00"))
    store.expect("G-2", "150722", 60, at("00:00"))
    assert [silence.station for silence in store.silent(at("03:00"), 3)] == ["G-2"]
