"""The division tree: relations, validity, and what holds in every tree."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.geo.divisions import Divisions
from shared.geo.history import DivisionHistory
from shared.geo.units import Unit, faults

DAY = date(2021, 7, 18)


def unit(code, level, parent=None, **more):
    return Unit(code, f"单位{code}", f"Unit {code}", level, parent, **more)


REGION = unit("R", 1)
EAST, WEST = unit("10", 2, "R"), unit("20", 2, "R")
ARUN, MORIN, FAR = unit("11", 3, "10", neighbours=("21",)), unit("12", 3, "10"), unit("21", 3, "20")
TOWN = unit("121", 4, "12")
TREE = Divisions([TOWN, FAR, MORIN, ARUN, WEST, EAST, REGION])


@pytest.mark.parametrize(
    ("own", "other", "relation"),
    [
        ("12", "12", "own"),
        ("10", "121", "below"),
        ("121", "R", "above"),
        ("11", "12", "neighbour"),  # same parent
        ("11", "21", "neighbour"),  # listed, and so the other way round
        ("21", "11", "neighbour"),
        ("12", "21", "foreign"),
        ("10", "21", "foreign"),
        ("12", "99", "foreign"),
        ("99", "99", "foreign"),
        (None, "12", "foreign"),
        ("12", None, "foreign"),
    ],
)
def test_a_division_lies_to_another_as_the_tree_says(own, other, relation):
    assert TREE.relation(own, other) == relation


def test_jurisdiction_is_the_parent_chain_and_never_the_code():
    tree = Divisions([unit("1500", 1), unit("1600", 1), unit("160001", 2, "1500")])
    assert tree.relation("1500", "160001") == "below"
    assert tree.relation("1600", "160001") == "foreign"


def test_the_chain_goes_up_nearest_first():
    assert TREE.chain("121") == ("121", "12", "10", "R")
    assert TREE.chain("99") == ()


def test_the_nearest_common_division_is_found():
    assert TREE.common(["121", "11"]) == "10"
    assert TREE.common(["121", "21"]) == "R"
    assert TREE.common(["121"]) == "121"
    assert TREE.common([]) is None
    assert TREE.common(["121", "99"]) is None
    assert Divisions([unit("A", 1), unit("B", 1)]).common(["A", "B"]) is None


def test_levels_children_and_subtree():
    assert (TREE.level("121"), TREE.level("99"), TREE.level(None)) == (4, None, None)
    assert set(TREE.children("10")) == {"11", "12"}
    assert TREE.subtree("10") == {"10", "11", "12", "121"}
    assert TREE.subtree("99") == frozenset()
    assert len(TREE) == 7 and "12" in TREE and {each.code for each in TREE} == set(TREE.units)


def test_a_county_may_lie_under_a_province_directly():
    assert Divisions([REGION, unit("30", 3, "R")]).relation("R", "30") == "below"


def test_what_has_not_begun_is_not_there_and_nothing_under_it():
    tree = Divisions([REGION, unit("30", 2, "R", valid_from=date(2022, 1, 1)), unit("31", 3, "30")], DAY)
    assert "30" not in tree and "31" not in tree
    assert tree.relation("R", "31") == "foreign"


def test_who_took_a_division_over_answers_for_it_and_for_all_under_it():
    old = unit("11", 3, "10", valid_to=DAY, successor="12")
    tree = Divisions([REGION, EAST, old, MORIN, unit("111", 4, "11")], DAY)
    assert tree.relation("12", "11") == "own"
    assert tree.relation("12", "111") == "below"
    assert tree.covers("12", "111") and tree.covers("12", "11") and tree.covers("10", "11")
    assert tree.relation("11", "12") == "own", "a token of the old division still works, for the heir"
    assert not tree.in_force("11") and tree.in_force("12")
    assert set(tree.children("12")) == {"111"} and tree.children("10") == ("12",)
    assert {"11", "111"} <= tree.subtree("12")


def test_taken_over_across_a_border_it_belongs_to_the_heir_s_side():
    tree = Divisions([REGION, EAST, WEST, FAR, unit("11", 3, "10", valid_to=DAY, successor="21"), unit("111", 4, "11")], DAY)
    assert tree.relation("20", "11") == tree.relation("20", "111") == "below"
    assert tree.relation("10", "11") == tree.relation("10", "111") == "foreign"
    assert not tree.covers("10", "11") and tree.covers("20", "11")
    assert tree.subtree("10") == {"10"}


def test_the_day_before_it_is_taken_over_a_division_stands_for_itself():
    old = unit("11", 3, "10", valid_to=DAY, successor="12")
    tree = Divisions([REGION, EAST, old, MORIN], date(2021, 7, 17))
    assert tree.relation("12", "11") == "neighbour" and tree.in_force("11")


def test_those_above_still_answer_for_what_was_abolished():
    tree = Divisions([REGION, EAST, unit("11", 3, "10", valid_to=DAY)], DAY)
    assert tree.relation("10", "11") == "below"
    assert tree.children("10") == ()


def test_a_circle_of_heirs_ends():
    a, b = unit("A", 2, "R", valid_to=DAY, successor="B"), unit("B", 2, "R", valid_to=DAY, successor="A")
    assert Divisions([REGION, a, b], DAY).relation("R", "A") == "below"


def test_the_history_gives_the_tree_of_any_day_and_builds_it_once():
    named = unit("12", 3, "10", valid_to=DAY)
    renamed = Unit("12", "新名", "New Name", 3, "10", valid_from=DAY)
    history = DivisionHistory([REGION, EAST, named, renamed])
    assert history.on(date(2021, 7, 17)).units["12"].en == "Unit 12"
    assert history.on(DAY).units["12"].en == "New Name"
    assert history.on(DAY).in_force("12")
    assert history.on(date(2030, 1, 1)) is history.on(DAY)


def test_all_faults_are_told_at_once_with_their_place():
    found = faults(
        [
            unit("R", 1),
            unit("no code", 2, "R"),
            unit("B", 9, "R"),
            unit("C", 2, "X"),
            unit("D", 1, "R"),
            unit("R", 1),
            unit("E", 2, "R", valid_from=DAY, valid_to=DAY),
            unit("F", 2, "R", lon=Decimal(181), lat=Decimal(0)),
            unit("G", 2, "R", lon=Decimal(100)),
            unit("H", 2, "R", lon=Decimal("NaN"), lat=Decimal(0)),
            Unit("I", " ", "", 2, "R", neighbours=("I",)),
            Unit("J", "名\x00", "J", 2, "R", neighbours=("no code",)),
            Unit("K", "名", "K" * 101, 2, "R"),
        ]
    )
    assert [(fault.field, fault.cure.split(":")[0]) for fault in found] == [
        ("units[1]", "'no code' is not a division code"),
        ("units[2]", "B"),
        ("units[6]", "E ends before it begins"),
        ("units[7]", "F"),
        ("units[8]", "G"),
        ("units[9]", "H"),
        ("units[10]", "I needs a Chinese and an English name of at most 100 printable characters"),
        ("units[10]", "I is not its own neighbour or successor"),
        ("units[11]", "J needs a Chinese and an English name of at most 100 printable characters"),
        ("units[11]", "J"),
        ("units[12]", "K needs a Chinese and an English name of at most 100 printable characters"),
        ("units[5]", "R is listed twice"),
        ("units[3]", "C"),
        ("units[4]", "D of level 1 cannot lie under R of level 1"),
    ]


def test_what_is_no_tree_is_refused_whole():
    with pytest.raises(ValueError, match="parent Y is unknown"):
        Divisions([unit("AA", 2, "Y")])


@st.composite
def trees(draw):
    units = [unit("N0", 1)]
    for n in range(1, draw(st.integers(1, 24))):
        parents = [each for each in units if each.level < 5]
        parent = draw(st.sampled_from(parents))
        others = draw(st.lists(st.sampled_from([each.code for each in units]), max_size=2))
        units.append(unit(f"N{n}", draw(st.integers(parent.level + 1, 5)), parent.code, neighbours=tuple(others)))
    return draw(st.permutations(units))


@given(trees())
def test_relations_agree_from_both_sides_in_every_tree(units):
    tree = Divisions(units)
    mirror = {"own": "own", "below": "above", "above": "below", "neighbour": "neighbour", "foreign": "foreign"}
    for a in tree.units:
        for b in tree.units:
            relation = tree.relation(a, b)
            assert tree.relation(b, a) == mirror[relation]
            assert (relation == "own") == (a == b)
            assert tree.covers(a, b) == (relation in ("own", "below")) == (b in tree.subtree(a)) == (a in tree.chain(b))


@given(trees())
def test_a_subtree_is_the_unit_and_the_subtrees_of_its_children(units):
    tree = Divisions(units)
    for code in tree.units:
        assert tree.subtree(code) == {code}.union(*[tree.subtree(child) for child in tree.children(code)])


@given(trees(), st.data())
def test_the_common_division_covers_all_and_no_child_of_it_does(units, data):
    tree = Divisions(units)
    codes = data.draw(st.lists(st.sampled_from(sorted(tree.units)), min_size=1, max_size=4))
    common = tree.common(codes)
    assert common is not None, "these trees have one root"
    assert all(tree.covers(common, code) for code in codes)
    assert not any(all(tree.covers(child, code) for code in codes) for child in tree.children(common))


@given(trees())
def test_the_order_of_loading_does_not_matter(units):
    assert Divisions(units).units == Divisions(sorted(units, key=lambda each: each.code)).units
