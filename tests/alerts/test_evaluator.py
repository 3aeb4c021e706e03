"""Thresholds in windows of event time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations

from hypothesis import given as forall

from services.alerts.observations.evaluator import Judgement, evaluate
from services.alerts.observations.readings import Reading
from tests.alerts.weather import LIMITS, STORY, rain, sets
from tests.alerts.world import at


def seen(judgement: Judgement) -> list[tuple[str, str]]:
    return [(crossing.threshold.colour.value, crossing.until.strftime("%d %H:%M")) for crossing in judgement.crossings]


def test_the_story_crosses_yellow_then_orange_and_nothing_else():
    judgement = evaluate(STORY, LIMITS)
    assert seen(judgement) == [("yellow", "18 02:00"), ("orange", "18 05:00")]
    assert [repeat.at for repeat in judgement.repeats] == [at("14:00")]
    assert judgement.crossings[0].readings == (STORY[1],)


def test_a_reading_counts_only_if_it_lies_wholly_inside_the_window():
    assert seen(evaluate([rain(7, 90, at("02:00"))], LIMITS)) == [("blue", "18 02:00")]
    assert seen(evaluate([rain(13, 90, at("02:00"))], LIMITS)) == []


def test_readings_of_a_window_add_up_and_overlapping_ones_are_not_counted_twice():
    hourly = [rain(1, 18, at(f"0{hour}:00")) for hour in (1, 2, 3)]
    assert ("orange", "18 03:00") in seen(evaluate(hourly, LIMITS))
    total = rain(3, 49, at("03:00"))
    assert seen(evaluate([total, *(replace(one, value=Decimal(16)) for one in hourly)], LIMITS)) == []


def test_at_each_instant_the_worst_level_counts():
    assert seen(evaluate([rain(3, 100, at("02:00"))], LIMITS)) == [("red", "18 02:00")]


def test_a_graver_level_is_a_new_alarm_and_the_same_again_is_a_repeat():
    hourly = [rain(1, 60, at("02:00") + timedelta(hours=n)) for n in range(6)]
    judgement = evaluate(hourly, LIMITS)
    assert seen(judgement) == [("orange", "18 02:00"), ("red", "18 03:00")]
    assert len(judgement.repeats) == 4


def test_after_a_quiet_window_the_same_level_is_a_new_alarm():
    late = rain(3, 60, at("09:00"))
    assert seen(evaluate([rain(3, 60, at("05:00")), late], LIMITS)) == [("orange", "18 05:00"), ("orange", "18 09:00")]


def test_stations_are_judged_apart():
    assert seen(evaluate([rain(3, 30, at("05:00")), rain(3, 30, at("05:00"), "G-2")], LIMITS)) == []


def other(property_: str, hours: int, value: int, when: datetime) -> Reading:
    return Reading("G-1", property_, when, Decimal(hours), Decimal(value))


def test_a_cold_wave_needs_its_drop_and_its_minimum():
    drop, cold, mild = (other("temperature_drop", 24, 13, at("06:00")), other("temperature_min", 24, -2, at("06:00")), 3)
    assert seen(evaluate([drop], LIMITS)) == []
    assert seen(evaluate([drop, cold], LIMITS)) == [("orange", "18 06:00")]
    assert seen(evaluate([drop, replace(cold, value=Decimal(mild))], LIMITS)) == [("yellow", "18 06:00")]


def test_visibility_is_grave_when_it_is_low():
    assert seen(evaluate([other("visibility", 0, 40, at("06:00"))], LIMITS)) == [("red", "18 06:00")]
    assert seen(evaluate([other("visibility", 0, 1000, at("06:00"))], LIMITS)) == []


@forall(sets)
def test_every_order_of_arrival_gives_the_same_result(some):
    expected = evaluate(some, LIMITS)
    assert all(evaluate(order, LIMITS) == expected for order in permutations(some))
    assert evaluate([*some, *some], LIMITS) == expected


@forall(sets)
def test_within_its_window_no_alarm_follows_one_as_grave(some):
    crossings = evaluate(some, LIMITS).crossings
    for one in crossings:
        for earlier in crossings:
            if earlier.station == one.station and one.until - one.threshold.window <= earlier.until < one.until:
                assert earlier.threshold.colour.number > one.threshold.colour.number
