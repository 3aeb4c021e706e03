"""The proposal: nearest store first, in it what expires first, nothing that will not do."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.resources.deciders.allocations.proposal import Near, Shelf, Take, propose, rank

GOOD = date(2021, 7, 19)
SOUM, BANNER, CITY, REGION = "150722106", "150722", "150700", "150000"
PLACE = (SOUM, BANNER, CITY, REGION)
LINE = (BANNER, CITY, REGION)
NEAR, FAR = Near("WH-1", BANNER, (1, 0, False)), Near("WH-2", CITY, (2, 0, False))


def test_distance_is_steps_in_the_tree_then_the_nearer_common_division_then_the_own_line():
    ranks = {
        "the place": rank(PLACE, PLACE, LINE, BANNER),
        "the banner": rank(PLACE, (BANNER, CITY, REGION), LINE, BANNER),
        "the city's, elsewhere": rank(PLACE, ("150702", CITY, REGION), LINE, CITY),
        "a neighbour's": rank(PLACE, ("150721", CITY, REGION), LINE, "150721"),
        "the region's": rank(PLACE, (REGION,), LINE, REGION),
        "another city's": rank(PLACE, ("150100", REGION), LINE, "150100"),
        "another province's": rank(PLACE, ("230100", "230000"), LINE, "230100"),
    }
    assert sorted(ranks, key=lambda name: ranks[name]) == list(ranks)


def test_the_nearest_store_first_and_in_it_what_expires_first():
    shelves = {
        ("WH-1", "FOOD"): [Shelf("B", 5, date(2022, 1, 1)), Shelf("C", 5), Shelf("A", 5, date(2021, 8, 1))],
        ("WH-2", "FOOD"): [Shelf("D", 50, date(2021, 7, 20))],
    }
    plan = propose({"FOOD": 20, "SALT": 2, "TENT": 0}, [FAR, NEAR], shelves, GOOD, PLACE)
    assert plan.by_store() == {"WH-1": {"FOOD": {"A": 5, "B": 5, "C": 5}}, "WH-2": {"FOOD": {"D": 5}}}
    assert plan.unmet == {"SALT": 2}


def test_what_is_spoilt_by_then_or_given_for_others_stays():
    shelves = {
        ("WH-1", "FOOD"): [
            Shelf("A", 5, date(2021, 7, 18)),
            Shelf("B", 5, GOOD),
            Shelf("C", 5, None, "150783"),
            Shelf("D", 5, None, BANNER),
            Shelf("E", 0),
        ]
    }
    plan = propose({"FOOD": 20}, [NEAR], shelves, GOOD, PLACE)
    assert plan.takes == (Take("WH-1", "FOOD", "B", 5), Take("WH-1", "FOOD", "D", 5))
    assert plan.unmet == {"FOOD": 10}


SHELVES = st.dictionaries(
    st.tuples(st.sampled_from(("WH-1", "WH-2")), st.sampled_from(("FOOD", "TENT"))),
    st.lists(
        st.builds(lambda lot, qty: Shelf(lot, qty), st.sampled_from("ABCDE"), st.integers(0, 9)), max_size=4, unique_by=lambda one: one.lot
    ),
)


@given(st.dictionaries(st.sampled_from(("FOOD", "TENT")), st.integers(0, 40)), SHELVES)
def test_never_more_than_there_is_nor_than_is_needed_and_the_order_of_input_is_no_matter(
    needs: dict[str, int], shelves: dict[tuple[str, str], list[Shelf]]
):
    plan = propose(needs, [NEAR, FAR], shelves, GOOD, PLACE)
    backwards = {key: lots[::-1] for key, lots in reversed(shelves.items())}
    assert propose(needs, [FAR, NEAR], backwards, GOOD, PLACE).by_store() == plan.by_store()
    for item, need in needs.items():
        taken = sum(take.qty for take in plan.takes if take.item == item)
        there = sum(shelf.available for (_, of), lots in shelves.items() if of == item for shelf in lots)
        assert taken == min(need, there) == need - plan.unmet.get(item, 0)
