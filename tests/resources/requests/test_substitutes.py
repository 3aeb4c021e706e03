"""What stands in for what runs short: offered by its exact conversion, decided on by a person, recorded as what it is, never silent."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.resources.deciders.allocations.proposal import Near, Shelf
from services.resources.deciders.allocations.standing import Known, offered
from services.resources.deciders.requests.state import Line
from services.resources.events.allocation import AllocationMade
from services.resources.events.masters import Conversion
from services.resources.events.request import StandIn, SupplyAllocated, SupplyApproved, SupplyDelivered
from tests.resources.requests.world import allocate, assess, cancel, refused, stores, submit
from tests.resources.world import AREA, NOW, Town, item

GOOD, PLACE = date(2021, 7, 19), ("150722106", AREA)
STORES = [Near("WH-1", AREA, (1, 0, False)), Near("WH-2", "150700", (2, 0, False))]
KNOWN = {
    "QUILT": Known("piece", ("BLANKET", "COAT", "HAY"), {"BLANKET": Conversion(2, 1)}),
    "BLANKET": Known("piece"),
    "COAT": Known("piece"),
    "HAY": Known("kg"),
}


def shelves(**there: int) -> dict[tuple[str, str], list[Shelf]]:
    return {("WH-1", item): [Shelf(f"L-{item}", qty)] for item, qty in there.items()}


def test_in_the_order_of_the_catalogue_and_by_whole_groups():
    found = offered({"QUILT": 10}, KNOWN, STORES, shelves(BLANKET=13, COAT=50, HAY=99), {}, GOOD, PLACE)
    assert [(one.substitute, one.qty, one.covers) for one in found] == [("BLANKET", 12, 6), ("COAT", 4, 4)]
    assert found[0].plan.by_store() == {"WH-1": {"BLANKET": {"L-BLANKET": 12}}}


def test_what_others_asked_for_of_it_is_theirs():
    found = offered({"QUILT": 10}, KNOWN, STORES, shelves(BLANKET=13, COAT=3), {"BLANKET": 12, "COAT": 3}, GOOD, PLACE)
    assert found == []


def test_no_lot_is_offered_twice():
    known = {"BED": Known("piece", ("QUILT",)), "COAT": Known("piece", ("QUILT",)), "QUILT": Known("piece")}
    there = {("WH-1", "QUILT"): [Shelf("L-1", 5)], ("WH-2", "QUILT"): [Shelf("L-2", 4)]}
    found = offered({"BED": 3, "COAT": 9}, known, STORES, there, {"QUILT": 1}, GOOD, PLACE)
    assert [(one.item, one.covers, one.plan.by_store()) for one in found] == [
        ("BED", 3, {"WH-1": {"QUILT": {"L-1": 3}}}),
        ("COAT", 5, {"WH-1": {"QUILT": {"L-1": 2}}, "WH-2": {"QUILT": {"L-2": 3}}}),
    ]


def test_one_group_may_cover_more_than_runs_short_and_says_what_it_covers():
    known = {"WATER": Known("litre", ("KIT",), {"KIT": Conversion(1, 12)}), "KIT": Known("piece")}
    (one,) = offered({"WATER": 17}, known, STORES, shelves(KIT=9), {}, GOOD, PLACE)
    assert (one.qty, one.covers) == (2, 17)


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 7), st.integers(1, 7), st.integers(0, 20))
def test_never_more_than_there_is_and_no_group_more_than_is_short(short: int, there: int, units: int, stand_for: int, kept: int):
    known = {"A": Known("piece", ("B",), {"B": Conversion(units, stand_for)}), "B": Known("box")}
    found = offered({"A": short}, known, STORES, shelves(B=there), {"B": kept}, GOOD, PLACE)
    for one in found:
        assert one.qty <= max(0, there - kept) and one.qty % units == 0
        assert one.covers == min(short, one.qty // units * stand_for)
        assert (one.qty // units - 1) * stand_for < short
    assert found or max(0, there - kept) < units


def short_of_beds() -> Town:
    """Beds are asked for beyond what WH-MD has; two quilts stand for a bed, and a tent for one by the catalogue's silence."""
    town = stores()
    town.do(item("BED", substitutes=("QUILT", "TENT", "WATER"), conversions={"QUILT": Conversion(2, 1)}))
    town.do(submit(items={"BED": 400, "QUILT": 100}))
    town.do(assess())
    return town


def given_instead(**changed: Any) -> Any:
    said: dict[str, Any] = {"items": {"BED": 300, "QUILT": 300}, "substitutes": {"QUILT": "BED"}, "reason": "no bed left in the banner"}
    return allocate(**said | changed)


def test_what_is_given_instead_is_recorded_and_counts_for_its_line_beyond_what_was_asked_of_it():
    town = short_of_beds()
    facts = town.do(given_instead()).events
    made = next(one for one in facts if isinstance(one, AllocationMade))
    told = next(one for one in facts if isinstance(one, SupplyAllocated))
    assert made.substitutes == told.substitutes == {"QUILT": StandIn("BED", 2, 1)} and made.reason
    assert town.state("request-SR-1").remaining == {"BED": 0, "QUILT": 0}
    assert town.state("request-SR-1").lines["BED"].stood == 100
    came = SupplyDelivered("SR-1", "SP-1", {"BED": 300, "QUILT": 299}, NOW)
    town.past["request-SR-1"].append(came)
    assert town.state("request-SR-1").unmet == {"BED": 1}, "199 more quilts are 99 beds"


def test_what_is_cancelled_lacks_again():
    town = short_of_beds()
    town.do(given_instead())
    town.do(cancel())
    assert town.state("request-SR-1").remaining == {"BED": 400, "QUILT": 100}


@pytest.mark.parametrize(
    "changed",
    [
        {"reason": None},
        {"substitutes": {"TENT": "BED"}},  # not given
        {"substitutes": {"QUILT": "FOOD"}},  # no line
        {"substitutes": {"BED": "QUILT"}},  # not named by the catalogue
        {"items": {"WATER": 10}, "substitutes": {"WATER": "BED"}},  # counted otherwise, and no conversion is known
    ],
)
def test_a_substitute_is_one_of_the_catalogue_given_for_a_line_with_a_reason(changed: dict[str, Any]):
    assert "supply.substitute" in refused(short_of_beds(), given_instead(**changed))


def test_what_is_counted_alike_stands_one_for_one_and_for_one_line_at_a_time():
    town = short_of_beds()
    town.do(given_instead(items={"TENT": 20}, substitutes={"TENT": "BED"}))
    assert town.state("request-SR-1").lines["BED"].stood == 20
    town.do(item("QUILT", substitutes=("TENT",)))
    assert refused(town, given_instead(allocation="AC-2", items={"TENT": 5}, substitutes={"TENT": "QUILT"})) == ["supply.substitute"]


def test_a_conversion_is_of_a_substitute_and_of_whole_numbers():
    town = stores()
    assert refused(town, item("BED", conversions={"QUILT": Conversion(2, 1)})) == ["item.substitutes"]
    assert refused(town, item("BED", substitutes=("QUILT",), conversions={"QUILT": Conversion(0, 1)})) == ["item.substitutes"]
    (fact,) = town.do(item("BED", substitutes=("QUILT",), conversions={"QUILT": Conversion(2, 1)})).events
    assert fact.conversions == {"QUILT": Conversion(2, 1)}
    assert town.do(item("BED", substitutes=("QUILT",), conversions={"QUILT": Conversion(2, 1)})).events == []


def line(town: Town, item: str) -> Line:
    found: Line = town.state("request-SR-1").lines[item]
    return found


def test_what_is_wanted_of_the_substitute_itself_by_now_stands_in_for_nothing():
    town = short_of_beds()
    town.do(given_instead())
    town.do(assess(raised={"QUILT": 200}, reason="colder"))
    assert (line(town, "BED").stood, line(town, "BED").remaining) == (50, 50)
    town.past["request-SR-1"].append(SupplyApproved("SR-1", {"BED": 400, "QUILT": 250}, "", 3, "B.APP", NOW))
    assert (line(town, "BED").stood, line(town, "BED").remaining) == (25, 75)


def test_what_was_given_for_its_own_sake_stands_in_for_nothing():
    town = short_of_beds()
    town.do(given_instead(items={"QUILT": 200}, substitutes=None, reason="nights are cold"))
    town.do(given_instead(allocation="AC-2", items={"QUILT": 20}))
    assert (line(town, "BED").stood, line(town, "BED").remaining) == (10, 390)
    town.past["request-SR-1"].append(SupplyDelivered("SR-1", "SP-1", {"QUILT": 201}, NOW))
    assert line(town, "BED").stood_came == 0
    town.past["request-SR-1"].append(SupplyDelivered("SR-1", "SP-2", {"QUILT": 19}, NOW))
    assert line(town, "BED").stood_came == 10
    town.do(cancel("AC-2"))
    assert (line(town, "BED").stood, line(town, "BED").stood_came) == (0, 0)


def test_the_same_shortage_is_filled_once():
    town = short_of_beds()
    assert refused(town, given_instead(items={"BED": 300, "QUILT": 301})) == ["supply.substitute"]
    twice = given_instead(items={"BED": 300, "QUILT": 300, "TENT": 1}, substitutes={"QUILT": "BED", "TENT": "BED"})
    assert refused(town, twice) == ["supply.substitute"]
    town.do(given_instead(items={"BED": 300, "QUILT": 298}))
    assert refused(town, given_instead(allocation="AC-2", items={"QUILT": 3})) == ["supply.substitute"]
    town.do(given_instead(allocation="AC-2", items={"QUILT": 1}))
    town.do(given_instead(allocation="AC-3", items={"QUILT": 1}))
    assert line(town, "BED").remaining == 0
    assert refused(town, given_instead(allocation="AC-4", items={"QUILT": 1})) == ["supply.substitute"]


def test_a_group_that_is_begun_is_given_whole():
    town = stores()
    town.do(item("WATER", substitutes=("TENT",), conversions={"TENT": Conversion(1, 12)}))
    town.do(submit(items={"WATER": 17}))
    town.do(assess())
    kits = {"substitutes": {"TENT": "WATER"}, "reason": "no water left"}
    assert refused(town, allocate(items={"TENT": 3}, **kits)) == ["supply.substitute"]
    town.do(allocate(items={"TENT": 2}, **kits))
    assert line(town, "WATER").remaining == 0
