"""The grades of domain 4.3 at their borders: the worst criterion wins, "above" includes the number, "below" excludes it."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from services.alerts.deciders.incidents.grading import Graded, at_least, grade_of, graver, totals
from services.alerts.deciders.reports.figures import Book, Entry
from services.alerts.events.incident import IncidentType
from services.alerts.events.scales import EventGrade
from tests.alerts.world import NOW, RULES

SPECIAL, MAJOR, LARGER, ORDINARY = EventGrade
ACCIDENT, FOREST, GRASS, GEO, DAM = (
    IncidentType.MINE,
    IncidentType.FOREST_FIRE,
    IncidentType.GRASS_FIRE,
    IncidentType.GEO,
    IncidentType.DAM,
)
NONE = None
BORDERS: list[tuple[IncidentType, str, list[tuple[Any, EventGrade | None]]]] = [
    # of each criterion: a number and what it alone gives
    (ACCIDENT, "dead", [(0, ORDINARY), (2, ORDINARY), (3, LARGER), (9, LARGER), (10, MAJOR), (29, MAJOR), (30, SPECIAL)]),
    (ACCIDENT, "badly_hurt", [(0, ORDINARY), (9, ORDINARY), (10, LARGER), (49, LARGER), (50, MAJOR), (99, MAJOR), (100, SPECIAL)]),
    (
        ACCIDENT,
        "loss_yuan",
        [
            ("9999999.99", ORDINARY),
            (10_000_000, LARGER),
            ("49999999.99", LARGER),
            (50_000_000, MAJOR),
            ("99999999.99", MAJOR),
            (100_000_000, SPECIAL),
        ],
    ),
    (
        FOREST,
        "burnt_ha",
        [("0", ORDINARY), ("0.99", ORDINARY), (1, LARGER), ("99.9", LARGER), (100, MAJOR), ("999.9", MAJOR), (1000, SPECIAL)],
    ),
    (FOREST, "dead", [(0, NONE), (1, ORDINARY), (2, ORDINARY), (3, LARGER), (9, LARGER), (10, MAJOR), (29, MAJOR), (30, SPECIAL)]),
    (FOREST, "badly_hurt", [(0, NONE), (1, ORDINARY), (9, ORDINARY), (10, LARGER), (49, LARGER), (50, MAJOR), (99, MAJOR), (100, SPECIAL)]),
    (
        GRASS,
        "burnt_ha",
        [("9.9", NONE), (10, ORDINARY), ("999.9", ORDINARY), (1000, LARGER), ("4999.9", LARGER), (5000, MAJOR), (8000, SPECIAL)],
    ),
    (GRASS, "dead", [(0, NONE), (1, LARGER), (2, LARGER), (3, MAJOR), (9, MAJOR), (10, SPECIAL)]),
    (GRASS, "badly_hurt", [(0, NONE), (1, ORDINARY), (2, ORDINARY), (3, LARGER), (9, LARGER), (10, MAJOR), (19, MAJOR), (20, SPECIAL)]),
    (
        GRASS,
        "loss_yuan",
        [
            (4_999, NONE),
            (5_000, ORDINARY),
            (499_999, ORDINARY),
            (500_000, LARGER),
            (2_999_999, LARGER),
            (3_000_000, MAJOR),
            (4_999_999, MAJOR),
            (5_000_000, SPECIAL),
        ],
    ),
    (GEO, "dead", [(0, ORDINARY), (2, ORDINARY), (3, LARGER), (9, LARGER), (10, MAJOR), (29, MAJOR), (30, SPECIAL)]),
    (
        GEO,
        "loss_yuan",
        [(999_999, ORDINARY), (1_000_000, LARGER), (4_999_999, LARGER), (5_000_000, MAJOR), (9_999_999, MAJOR), (10_000_000, SPECIAL)],
    ),
]


def graded(type: IncidentType, **figures: int | str) -> EventGrade | None:
    found = grade_of(RULES, type, {name: Decimal(value) for name, value in figures.items()})
    return found.grade if found else None


@pytest.mark.parametrize(
    ("type", "figure", "value", "grade"), [(type, figure, value, grade) for type, figure, row in BORDERS for value, grade in row]
)
def test_every_number_at_a_border_gives_its_grade(type, figure, value, grade):
    assert graded(type, **{figure: value}) is grade


def test_dead_and_badly_hurt_of_a_grassland_fire_count_together():
    assert graded(GRASS, dead=2, badly_hurt=7) is LARGER  # 9 together
    assert graded(GRASS, dead=2, badly_hurt=8) is MAJOR  # 10 together
    assert graded(GRASS, dead=9, badly_hurt=10) is MAJOR
    assert graded(GRASS, dead=9, badly_hurt=11) is SPECIAL


def test_the_worst_criterion_wins():
    assert graded(ACCIDENT, dead=2, badly_hurt=9, loss_yuan=100_000_000) is SPECIAL
    assert graded(FOREST, burnt_ha=0, dead=10) is MAJOR


@pytest.mark.parametrize(
    "type", [type for type in IncidentType if type.value.startswith("ACC.") and type.value not in ("ACC.ENV", "ACC.CYBER")]
)
def test_every_work_accident_is_graded_alike(type):
    assert grade_of(RULES, type, {"dead": Decimal(10)}) == Graded(MAJOR, "PSIR-3")


def test_a_dam_is_graded_by_the_size_of_its_reservoir():
    assert [grade_of(RULES, DAM, size=size) for size in ("small", "medium", "large", "")] == [
        Graded(LARGER, "AS-4"),
        Graded(MAJOR, "AS-4"),
        Graded(SPECIAL, "AS-4"),
        None,
    ]


def test_where_no_table_speaks_there_is_no_grade():
    assert graded(IncidentType.FLOOD, dead=100) is None
    assert graded(ACCIDENT) is None
    assert graded(ACCIDENT, bridges=99) is None


def test_grades_are_ordered_and_none_is_the_least():
    for worse, milder in pairwise(EventGrade):
        assert graver(worse, milder)
        assert not graver(milder, worse)
        assert not graver(worse, worse)
    assert graver(ORDINARY, None)
    assert not graver(None, ORDINARY)
    assert not graver(None, None)
    assert at_least(MAJOR, MAJOR)
    assert at_least(SPECIAL, MAJOR)
    assert not at_least(LARGER, MAJOR)
    assert not at_least(None, ORDINARY)


def test_the_figures_of_several_divisions_are_added_and_nobody_is_counted_twice():
    def entry(division: str, value: int, clock: int = 0, counts: bool = True) -> Entry:
        return Entry(division, division, Decimal(value), NOW.replace(minute=clock), NOW.replace(minute=clock), counts)

    dead = {
        "RP-1": entry("150722", 2),
        "RP-2": entry("150722", 3, 30),  # newer, of the same division
        "RP-3": entry("150721", 4),
        "RP-4": entry("150722106", 1),  # below 150722, in its number already
        "RP-5": entry("150783", 90, counts=False),
    }
    book = Book("INC-1", "150722", {"dead": dead, "bridges": {"RP-1": entry("150722", 22)}}, {"150722106": ("150722", "150700")})
    assert totals(RULES, book) == {"dead": Decimal(7)}
