"""Which goods are promised, how many, out of whose stores; what is refused; what stands in the fact."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.resources.deciders.allocations import scarcity
from services.resources.deciders.allocations.commands import EscalateAllocationClock
from services.resources.deciders.requests import commands as c
from services.resources.events.allocation import AllocationCancelled, AllocationMade
from services.resources.events.masters import WarehouseRestricted
from services.resources.events.request import Priority
from services.resources.events.stock import ReservationReleased
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, WrongState
from shared.kernel.events import decode, encode, type_of
from tests.resources.requests.world import (
    allocate,
    asked,
    assess,
    cancel,
    city_allocates,
    forwarded,
    loaded,
    received,
    refused,
    stores,
    submit,
)
from tests.resources.world import AREA, CITY_APP, NEXT_APP, NOW, OFF, REGION_APP, RULES, SYS, Town

ELSEWHERE = Signature("X.APP", ("EMD.approver",), "230000", 1)
LATER = NOW + timedelta(hours=24)


def test_one_way_of_saying_what_and_only_one():
    for said in ({}, {"items": {"TENT": 1}, "lots": {"MD-TENT-1": 1}}, {"items": {}}):
        assert refused(asked(), allocate(**said)) == ["supply.complete"]
    assert refused(asked(), allocate(store=None, stores={"WH-MD": {}})) == ["supply.complete"]


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        ({"items": {"TENT": 121, "BED": 301, "QUILT": 1}}, ["stock.nonneg", "stock.nonneg"]),
        ({"items": {"TENT": 0}}, ["stock.quantity"]),
        ({"items": {"SALT": 1}}, ["item.known"]),
        ({"items": {"SAND": 1}}, ["stock.nonneg"]),
        ({"lots": {"XX-1": 1}}, ["reference"]),
        ({"lots": {"MD-TENT-1": 0}}, ["stock.quantity"]),
        ({"lots": {"HL-TENT-1": 1}}, ["stock.nonneg"]),
        ({"lots": {"MD-FOOD-0": 1}, "reason": "nothing else"}, ["stock.expired"]),
    ],
)
def test_every_line_that_cannot_be_given_is_named(said: dict[str, Any], rules: list[str]):
    assert refused(asked(), allocate(**said)) == rules


def test_out_of_order_and_above_what_is_open_only_with_a_reason():
    town = asked(items={"WATER": 1000})
    assert refused(town, allocate(lots={"MD-WATER-2": 100})) == ["stock.fefo"]
    assert town.do(allocate(lots={"MD-WATER-2": 100}, reason="MD-WATER-1 lies behind")).answer == {"lots": {"MD-WATER-2": 100}}
    assert refused(town, allocate("AC-2", items={"WATER": 901})) == ["supply.remaining"]
    assert refused(town, allocate("AC-2", items={"QUILT": 1})) == ["supply.line"]
    town.do(allocate("AC-2", items={"WATER": 901}, reason="one was lost on the way"))
    town.do(allocate("AC-3", items={"QUILT": 1}, reason="in the place of a bed"))
    assert town.state("request-SR-1").remaining == {"WATER": 0, "QUILT": 0}


def test_goods_given_for_a_place_go_only_there():
    town = asked(items={"TENT": 300})
    town.do(received("WH-MD", "DN-1", "TENT", 50, intent="150783"))
    town.do(received("WH-MD", "DN-2", "TENT", 20, intent=AREA))
    assert refused(town, allocate(lots={"DN-1": 1}, reason="near")) == ["NDR-24.2"]
    assert town.do(allocate(items={"TENT": 140})).answer == {"lots": {"MD-TENT-1": 120, "DN-2": 20}}


def test_the_store_and_the_request_must_be_there_and_open():
    town = asked()
    with pytest.raises(NotFound):
        town.do(allocate(store="WH-X", items={"TENT": 1}))
    with pytest.raises(NotFound):
        town.do(allocate(request="SR-9", items={"TENT": 1}))
    town.do(allocate(items={"TENT": 1}))
    with pytest.raises(WrongState) as refusal:
        town.do(allocate(items={"TENT": 1}))
    assert refusal.value.rule == "allocation.state"
    town.past["store-WH-MD"].append(WarehouseRestricted("WH-MD", "water in the hall", "B.OFF", NOW))
    with pytest.raises(WrongState):
        town.do(allocate("AC-2", items={"TENT": 1}))
    early = stores()
    early.do(submit())
    with pytest.raises(WrongState):
        early.do(allocate(items={"TENT": 1}))


def test_several_stores_give_in_one_act_or_none_does():
    town = forwarded()
    many = {"WH-RG": {"TENT": 501}, "WH-HL": {"TENT": 81, "BED": 1}}
    before = {stream: list(facts) for stream, facts in town.past.items()}
    order = allocate("AC-9", store=None, by=REGION_APP, stores=many, reason="order of the headquarters, people on roofs")
    assert refused(town, order) == ["stock.nonneg", "stock.nonneg"]
    assert town.past == before
    order = allocate("AC-9", store=None, by=REGION_APP, stores={"WH-RG": {"TENT": 100}, "WH-HL": {"TENT": 80}}, reason="people on roofs")
    decided = town.do(order)
    assert decided.answer["allocations"] == {"WH-RG": "AC-9.WH-RG", "WH-HL": "AC-9.WH-HL"}
    assert decided.answer["lots"] == {"RG-TENT-1": 100, "HL-TENT-1": 80}
    assert town.state("request-SR-1").remaining["TENT"] == 0


def test_level_one_orders_out_of_a_banners_store_only_in_a_case_it_names():
    town = forwarded()
    order = {"by": REGION_APP, "items": {"TENT": 60}}
    assert refused(town, allocate("AC-AR", "WH-AR", **order)) == ["matrix.3.27"]
    assert town.do(allocate("AC-AR", "WH-AR", **order, reason="people on roofs")).events
    with pytest.raises(NotAllowed):  # a reason gives no power to level 2
        town.do(allocate("AC-A2", "WH-AR", by=CITY_APP, items={"TENT": 1}, reason="people on roofs"))
    with pytest.raises(NotAllowed):  # nor to level 1 of another line
        town.do(allocate("AC-A3", "WH-AR", by=ELSEWHERE, items={"TENT": 1}, reason="x"))


def test_only_the_owner_or_level_one_takes_a_promise_back_with_a_reason_and_before_it_is_loaded():
    town = forwarded()
    assert refused(town, cancel(reason=None)) == ["supply.reason"]
    for by in (CITY_APP, NEXT_APP):
        with pytest.raises(NotAllowed):
            town.do(cancel(by=by))
    with pytest.raises(NotFound):
        town.do(cancel("AC-9"))
    town.do(city_allocates())
    town.do(cancel("AC-HL", by=REGION_APP))
    loaded(town, "AC-MD")
    with pytest.raises(WrongState):
        town.do(cancel())


def test_a_promise_that_nobody_dispatches_ends_by_itself():
    town = asked()
    town.do(allocate(items={"TENT": 10}))
    made = town.past["allocation-AC-MD"][0]
    assert [(due.key, due.due_at) for due in made.clocks] == [("allocation.dispatch", LATER)]
    passed = EscalateAllocationClock(by=SYS, now=LATER, allocation="AC-MD", key="allocation.dispatch")
    early = EscalateAllocationClock(by=SYS, now=LATER - timedelta(seconds=1), allocation="AC-MD", key="allocation.dispatch")
    assert not town.do(early).events
    kinds = [type(fact) for fact in town.do(passed).events]
    assert kinds[:2] == [AllocationCancelled, ReservationReleased]
    assert not town.do(passed).events
    assert town.state("request-SR-1").remaining["TENT"] == 300
    sent = asked()
    sent.do(allocate(items={"TENT": 10}))
    loaded(sent, "AC-MD")
    assert not sent.do(passed).events


def rivals() -> Town:
    """Two requests for the 120 tents of the banner: 300 people with lives in danger, 1200 without."""
    town = stores()
    town.do(submit(items={"TENT": 300}, people=1200))
    town.do(submit("SR-2", items={"TENT": 75}, people=300))
    for request in ("SR-1", "SR-2"):
        town.do(assess(request))
    return town


def test_where_others_want_the_same_nobody_is_given_more_than_the_share_without_a_reason():
    town = rivals()
    assert refused(town, allocate(items={"TENT": 97}, competing=("SR-2",))) == ["supply.scarcity"]
    town.do(allocate(items={"TENT": 96}, competing=("SR-2",)))  # 120 by 1200 and 300 people
    assert refused(town, allocate("AC-2", request="SR-2", items={"TENT": 24}, competing=("SR-1",))) == ["supply.scarcity"]  # SR-1 lacks 204
    town.do(allocate("AC-2", request="SR-2", items={"TENT": 24}, competing=("SR-1",), reason="the first share is given"))
    town = rivals()
    town.do(c.ChangePriority(by=OFF, now=NOW, request="SR-2", priority=Priority.LIFE, reason="people in the water"))
    town.do(allocate("AC-2", request="SR-2", items={"TENT": 75}, competing=("SR-1",)))


def test_anyone_with_the_log_computes_the_same_share():
    town = rivals()
    town.do(allocate(items={"TENT": 96}, competing=("SR-2",)))
    made: AllocationMade = decode("resources.allocation.made.v1", encode(town.past["allocation-AC-MD"][0]))
    rule, _, version = made.scarcity.partition("@")
    assert (rule, version) == ("supply.scarcity", "1")
    for item, weighed in made.inputs.items():
        assert scarcity.share_of(made.request, weighed.available, weighed.claims, RULES) == weighed.share == 96
        assert sum(line.qty for line in made.lines if line.item == item) <= weighed.share
    assert made.inputs["TENT"].available == 120
    assert [(claim.request, claim.need, claim.people) for claim in made.inputs["TENT"].claims] == [("SR-1", 300, 1200), ("SR-2", 75, 300)]


def test_what_was_allocated_reads_back_whole():
    for fact in asked().do(allocate(items={"WATER": 1900, "QUILT": 3})).events:
        assert decode(type_of(fact), encode(fact)) == fact
