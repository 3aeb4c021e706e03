"""Norms of divisions and stores, and what people are counted to want."""

from __future__ import annotations

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from services.resources.deciders.masters.norm import Norm, SetNorm, needs, norm_of
from services.resources.events.masters import Per, StockNormSet
from shared.kernel.errors import NotFound, RuleBroken
from tests.resources.world import APP, AREA, NOW, RULES, stocked_town

DEFAULT = {item: norm_of(said) for item, said in RULES.value("need.norms").items()}


def norm(**changed):
    return SetNorm(**{"by": APP, "now": NOW, "item": "WATER", "division": AREA, "minimum": 1000, "source": "plan 1"} | changed)


def refused(command, *rules, kind=RuleBroken):
    with pytest.raises(kind) as refusal:
        stocked_town().do(command)
    assert [fault.rule for fault in refusal.value.failures] == list(rules), refusal.value.failures
    assert all(fault.cure for fault in refusal.value.failures)


def test_needs_of_1200_people_for_three_days_of_july():
    found = needs(DEFAULT, 1200, 3, 7)
    assert found == {"TENT": 300, "BED": 1200, "QUILT": 1200, "MATTRESS": 1200, "WATER": 10800, "FOOD": 10800}


@pytest.mark.parametrize(("month", "wanted"), [(9, False), (10, True), (1, True), (4, True), (5, False)])
def test_coats_and_stoves_are_wanted_from_october_to_april(month, wanted):
    found = needs(DEFAULT, 10, 1, month)
    assert ("COAT" in found, "STOVE" in found) == (wanted, wanted)
    assert not wanted or (found["COAT"], found["STOVE"]) == (10, 3)


@pytest.mark.parametrize(("people", "tents"), [(0, 0), (1, 1), (4, 1), (5, 2), (1199, 300), (1201, 301)])
def test_a_tent_is_for_four_rounded_up(people, tents):
    assert DEFAULT["TENT"].wanted(people, 9, 7) == tents


@over(st.integers(0, 10**6), st.integers(1, 366), st.integers(1, 50), st.integers(1, 12))
def test_enough_is_counted_and_not_one_more(people, days, size, month):
    wanted = Norm(Per.PEOPLE, divide_up=size).wanted(people, days, month)
    assert wanted is not None
    assert size * wanted >= people > size * (wanted - 1)
    assert Norm(Per.PEOPLE_DAY, times=size).wanted(people, days, month) == people * days * size


def test_a_norm_that_only_says_what_is_kept_counts_nothing():
    assert needs({"WATER": Norm(minimum=5)}, 10, 1, 7) == {}


def test_a_division_sets_what_it_counts_and_keeps():
    (fact,) = stocked_town().do(norm(per=Per.PEOPLE_DAY, times=4, months=(8, 7, 7))).events
    assert fact == StockNormSet(AREA, "WATER", Per.PEOPLE_DAY, 4, None, (7, 8), 1000, "plan 1", AREA, "B.APP", NOW)


def test_the_same_again_is_nothing_and_otherwise_it_is_replaced():
    town = stocked_town()
    town.do(norm())
    assert town.do(norm()).events == []
    town.do(norm(minimum=None, per=Per.PEOPLE, divide_up=10))
    found = town.state(f"norm-{AREA}.WATER")
    assert (found.minimum, found.per, found.divide_up) == (None, Per.PEOPLE, 10)


def test_a_store_keeps_what_its_norm_says_for_its_owner():
    (fact,) = stocked_town().do(norm(division=None, store="WH-HL")).events
    assert (fact.place, fact.of_store, fact.division) == ("WH-HL", True, "150700")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"division": None}, "norm.place"),
        ({"store": "WH-MD"}, "norm.place"),
        ({"item": "NONE"}, "item.known"),
        ({"source": None}, "norm.source"),
        ({"source": " "}, "norm.source"),
        ({"minimum": None}, "norm.empty"),
        ({"minimum": -1}, "norm.minimum"),
        ({"times": 3}, "norm.per"),
        ({"months": (1,)}, "norm.per"),
        ({"per": Per.PEOPLE}, "norm.per"),
        ({"per": Per.PEOPLE, "times": 1, "divide_up": 4}, "norm.per"),
        ({"per": Per.PEOPLE, "times": -1}, "norm.per"),
        ({"per": Per.PEOPLE, "divide_up": 0}, "norm.per"),
        ({"per": Per.PEOPLE, "times": 1, "months": (0,)}, "norm.months"),
        ({"per": Per.PEOPLE, "times": 1, "months": (13,)}, "norm.months"),
        ({"division": None, "store": "WH-MD", "per": Per.PEOPLE, "times": 1}, "norm.per"),
    ],
)
def test_what_is_missing_or_wrong_in_a_norm_is_named(changed, rule):
    refused(norm(**changed), rule)


def test_a_store_nobody_registered_is_unknown():
    refused(norm(division=None, store="WH-NONE"), "reference", kind=NotFound)


def test_who_may_is_asked_for_the_division_or_the_owner_of_the_store():
    town = stocked_town()
    handles = town.deciders["norm"].handles[SetNorm]
    assert handles.areas and handles.state_areas
    assert handles.areas(norm()) == (AREA,)
    assert handles.areas(norm(division=None, store="WH-HL")) == ()
    states = {stream: town.state(stream) for stream in handles.streams(norm(division=None, store="WH-HL"))}
    assert handles.state_areas(norm(division=None, store="WH-HL"), states) == ("150700",)
