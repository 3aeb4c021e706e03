"""Who gets how much when there is not enough: the arithmetic of the rule."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.resources.deciders.allocations.scarcity import shares, standing
from services.resources.events.allocation import Claim
from services.resources.events.request import Priority
from tests.resources.world import NOW, RULES

ORDER = ("life", "urgent", "routine")


def claim(request: str, need: int, people: int, priority: Priority = Priority.URGENT) -> Claim:
    return Claim(request, need, people, priority, NOW)


def test_the_more_urgent_class_is_filled_first():
    claims = [claim("A", 80, 1000), claim("B", 60, 10, Priority.LIFE), claim("C", 80, 1000, Priority.ROUTINE)]
    assert shares(100, claims, ORDER) == {"A": 40, "B": 60, "C": 0}


def test_within_a_class_by_people_and_what_one_does_not_need_goes_round_again():
    assert shares(100, [claim("A", 90, 300), claim("B", 90, 100)], ORDER) == {"A": 75, "B": 25}
    assert shares(100, [claim("A", 10, 300), claim("B", 60, 100), claim("C", 90, 100)], ORDER) == {"A": 10, "B": 45, "C": 45}


def test_single_units_go_to_the_largest_remainder_then_to_the_first_by_name():
    assert shares(10, [claim("A", 9, 2), claim("B", 9, 1)], ORDER) == {"A": 7, "B": 3}
    assert shares(1, [claim("B", 9, 1), claim("A", 9, 1)], ORDER) == {"A": 1, "B": 0}
    assert shares(5, [claim("A", 3, 0), claim("B", 3, 0)], ORDER) == {"A": 3, "B": 2}


CLAIMS = st.lists(
    st.builds(claim, st.text("ABCDEFGH", min_size=1, max_size=3), st.integers(0, 50), st.integers(0, 500), st.sampled_from(Priority)),
    max_size=6,
    unique_by=lambda one: one.request,
)


@given(st.integers(0, 200), CLAIMS)
def test_nothing_is_given_twice_nothing_kept_back_and_the_order_of_claims_is_no_matter(available: int, claims: list[Claim]):
    given_ = shares(available, claims, ORDER)
    assert all(0 <= given_[one.request] <= one.need for one in claims)
    assert sum(given_.values()) == min(available, sum(one.need for one in claims))
    assert shares(available, claims[::-1], ORDER) == given_


@given(st.integers(0, 200), CLAIMS)
def test_how_one_stands_says_of_every_quantity_what_it_gets(available: int, claims: list[Claim]):
    given_ = shares(available, claims, ORDER)
    assert {one.request: standing(one.request, claims, RULES).share(available) for one in claims} == given_
