"""The catalogue: codes, units, packs, substitutes, versions."""

from __future__ import annotations

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from services.resources.deciders.masters.item import Item, RetireItem, counted, in_packs
from services.resources.deciders.streams import item_stream
from services.resources.events.masters import ItemRegistered, ItemRetired, Threshold
from shared.kernel.errors import RuleBroken, WrongState
from tests.resources.world import NOW, OFF, Town, item, stocked_town


def refused(town, command, *rules):
    with pytest.raises(RuleBroken) as refusal:
        town.do(command)
    assert [fault.rule for fault in refusal.value.failures] == list(rules), refusal.value.failures
    assert all(fault.cure for fault in refusal.value.failures)


def test_an_item_is_registered_with_its_names_unit_and_packs():
    (fact,) = Town().do(item("WATER", en="drinking water", synonyms=("矿泉水", "矿泉水"))).events
    assert isinstance(fact, ItemRegistered)
    assert (fact.code, fact.unit, fact.zh, fact.en, fact.packs, fact.version) == (
        "1999904",
        "litre",
        "饮用水",
        "drinking water",
        {"carton": 12},
        1,
    )
    assert fact.synonyms == ("矿泉水",)


def test_again_it_is_a_new_version_and_the_same_again_is_nothing():
    town = stocked_town()
    assert town.do(item("WATER")).events == []
    (fact,) = town.do(item("WATER", zh="瓶装水")).events
    assert (fact.version, fact.zh) == (2, "瓶装水")
    assert town.do(item("WATER", zh="瓶装水")).events == []


@pytest.mark.parametrize("code", ["1999904", "2000000", "3999999", "L-FODDER"])
def test_a_code_has_seven_digits_of_a_large_class_or_is_a_local_one(code):
    assert Town().do(item(code=code)).events


@pytest.mark.parametrize("code", [None, "", "0999904", "4999904", "199990", "19999040", "1999904\n", "L-OTHER", "１９９９９０４"])
def test_any_other_code_is_refused(code):
    refused(Town(), item(code=code), "SU-15")


def test_the_unit_of_an_item_stays():
    town = stocked_town()
    refused(town, item("WATER", unit="bottle"), "item.unit")
    town.do(RetireItem(by=OFF, now=NOW, item="WATER", reason="bought as FOOD"))
    refused(town, item("WATER", unit="bottle"), "item.unit")


def test_every_fault_is_named_at_once():
    command = item(code="9", zh=" ", unit="", packs={"": 0}, substitutes=("WATER", "NONE"), expiring=(30,))
    rules = ["item.name", "item.unit", "SU-15", "item.packs", "item.packs", "item.substitutes", "item.substitutes", "item.expiring"]
    refused(Town(), command, *rules)


@pytest.mark.parametrize("packs", [{"litre": 2}, {" ": 2}, {"carton": 0}, {"carton": -3}])
def test_a_pack_has_a_name_of_its_own_and_holds_one_unit_at_least(packs):
    refused(Town(), item(packs=packs), "item.packs")


def test_a_substitute_is_in_the_catalogue_and_another_item():
    town = stocked_town()
    (fact,) = town.do(item("QUILT", substitutes=("BED", "BED"))).events
    assert fact.substitutes == ("BED",)
    refused(town, item("QUILT", substitutes=("QUILT",)), "item.substitutes")
    refused(town, item("QUILT", substitutes=("COAT",)), "item.substitutes")


@pytest.mark.parametrize(
    "thresholds",
    [
        (Threshold(3, 1), Threshold(3, 2)),
        (Threshold(0, 1),),
        (Threshold(6, 1),),
    ],
)
def test_a_level_has_one_threshold(thresholds):
    refused(Town(), item(thresholds=thresholds), "item.thresholds")


@pytest.mark.parametrize("threshold", [Threshold(None, -1), Threshold(None, None, -1), Threshold(None, 5, 4)])
def test_a_threshold_is_not_negative_and_low_is_not_above_high(threshold):
    refused(Town(), item(thresholds=(threshold,)), "item.thresholds")


@pytest.mark.parametrize("days", [(30,), (30, 30), (90, 30, 10), (30, 0)])
def test_there_are_two_thresholds_before_expiry(days):
    refused(Town(), item(expiring=days), "item.expiring")


def test_the_farther_day_stands_first():
    (fact,) = Town().do(item(expiring=(10, 60))).events
    assert fact.expiring == (60, 10)


def test_the_threshold_of_a_level_goes_before_that_of_any():
    found = Item(thresholds=(Threshold(None, 10), Threshold(3, 50)))
    assert [found.threshold(level).low for level in (1, 3, None)] == [10, 50, 10]
    assert Item().threshold(3) == Threshold(None)


def test_a_retired_item_leaves_the_catalogue_with_a_reason_and_comes_back_as_a_new_version():
    town = stocked_town()
    refused(town, RetireItem(by=OFF, now=NOW, item="SAND", reason=" "), "item.reason")
    assert town.do(RetireItem(by=OFF, now=NOW, item="SAND", reason="bought by the road office")).events == [
        ItemRetired("SAND", "bought by the road office", "B.OFF", NOW)
    ]
    with pytest.raises(WrongState):
        town.do(RetireItem(by=OFF, now=NOW, item="SAND", reason="again"))
    (fact,) = town.do(item("SAND")).events
    assert fact.version == 2
    assert not town.state("item-SAND").retired


units = st.integers(1, 10_000)
packs = st.dictionaries(st.sampled_from(["bag", "carton", "bale", "pallet"]), units)


@over(st.integers(1, 10**9), packs)
def test_what_is_split_into_packs_is_counted_back_to_the_piece(qty, packs):
    states = {item_stream("WATER"): Item("WATER", "1999904", "litre", packs=packs)}
    split = in_packs(qty, "litre", packs)
    found = [counted(times, unit, "WATER", states) for unit, times in split.items()]
    assert not any(faults for _, faults in found)
    assert sum(units for units, _ in found) == qty


@over(units, units)
def test_a_quantity_in_packs_is_an_exact_multiple(times, holds):
    states = {item_stream("WATER"): Item("WATER", "1999904", "litre", packs={"carton": holds})}
    assert counted(times, "carton", "WATER", states) == (times * holds, [])
    assert counted(times, "litre", "WATER", states) == (times, [])


def test_the_largest_packs_go_first():
    assert in_packs(250, "piece", {"bale": 20, "pallet": 100}) == {"pallet": 2, "bale": 2, "piece": 10}
    assert in_packs(0, "piece", {"bale": 20}) == {"piece": 0}


@pytest.mark.parametrize("qty", [None, 0, -1])
def test_a_quantity_is_one_at_least(qty):
    states = {item_stream("WATER"): Item("WATER", "1999904", "litre")}
    assert [fault.rule for fault in counted(qty, None, "WATER", states)[1]] == ["stock.quantity"]


def test_a_unit_that_is_none_of_the_item_is_refused():
    states = {item_stream("WATER"): Item("WATER", "1999904", "litre", packs={"carton": 12})}
    assert [fault.rule for fault in counted(1, "bottle", "WATER", states)[1]] == ["item.unit"]
    assert [fault.rule for fault in counted(1, None, "NONE", states)[1]] == ["item.known"]
