"""A request goes to the level above, to a neighbour, and back; it ends without leaving a reservation behind."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.requests import commands as c
from services.resources.events.request import NeighbourRefused, SupplyForwarded
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, WrongState
from tests.resources.requests.world import (
    NEXT_OFF,
    allocate,
    ask_neighbour,
    asked,
    cancel,
    city_allocates,
    forward,
    forwarded,
    loaded,
    refused,
)
from tests.resources.world import AREA, CITY_APP, CITY_OFF, NEIGHBOUR, NEXT_APP, NOW, OFF, REGION, SYS, at

REGION_OFF = Signature("R.OFF", ("EMD.officer",), REGION, 1)


def test_the_own_level_goes_first_or_says_why_not():
    town = asked()
    assert refused(town, forward()) == ["SU-04"]
    (fact,) = town.do(forward(reason="kept for the dam site")).events
    assert isinstance(fact, SupplyForwarded) and fact.reason
    empty = asked(items={"SAND": 10})
    assert empty.do(forward()).events  # nothing of it in the own stores
    other = asked()
    assert other.do(forward(stores=("WH-HL",))).events[0].own_stock == {}  # no store of the own level


def test_it_goes_to_the_level_directly_above_and_to_no_other():
    town = forwarded()
    assert refused(town, forward(by=CITY_OFF, to=AREA)) == ["SU-04"]
    assert refused(asked(items={"SAND": 1}), forward(to=REGION)) == ["SU-04"]
    with pytest.raises(WrongState):
        town.do(forward())
    with pytest.raises(NotAllowed):
        asked().do(forward(by=CITY_OFF, to=REGION))  # the city does not have it
    town.do(forward(by=CITY_OFF, to=REGION, stores=(), reason="all of it is needed elsewhere"))
    region = forward(by=REGION_OFF, to="100000", stores=())
    assert refused(town, region) == ["SU-04"]


def test_a_neighbour_answers_by_an_allocation_or_a_refusal():
    town = forwarded()
    town.do(city_allocates())
    assert refused(town, ask_neighbour(to=REGION)) == ["SU-04"]
    assert refused(town, ask_neighbour(to=None)) == ["supply.complete"]
    refusal = c.RefuseNeighbourHelp(by=NEXT_OFF, now=NOW, request="SR-1", reason="our own river rises")
    with pytest.raises(NotAllowed):
        town.do(refusal)
    town.do(ask_neighbour())
    with pytest.raises(WrongState):
        town.do(ask_neighbour())
    assert isinstance(town.do(refusal).events[0], NeighbourRefused)
    with pytest.raises(NotAllowed):
        town.do(allocate("AC-AR", "WH-AR", by=NEXT_APP, items={"TENT": 1}))
    town.do(ask_neighbour())  # again
    town.do(allocate("AC-AR", "WH-AR", by=NEXT_APP, items={"TENT": 1}))
    assert town.state("request-SR-1").neighbours == (NEIGHBOUR,)


def cancel_request(**changed: Any) -> c.CancelRequest:
    return c.CancelRequest(**{"by": OFF, "now": NOW, "request": "SR-1", "reason": "people went home"} | changed)


def test_cancelling_frees_what_was_not_loaded_and_names_what_is_under_way():
    town = forwarded()
    town.do(city_allocates())
    loaded(town, "AC-MD")
    assert refused(town, cancel_request(reason=None)) == ["supply.reason"]
    decided = town.do(cancel_request())
    assert decided.answer == {"released": ["AC-HL"], "under_way": ["AC-MD"]}
    assert (decided.events[0].released, decided.events[0].under_way) == (("AC-HL",), ("AC-MD",))
    for item in ("TENT", "BED", "QUILT", "WATER", "FOOD"):
        assert not town.state(f"stock-WH-HL.{item}").ledger.keys("reserved")
    assert town.state("store-FP-XW").requests == ()
    with pytest.raises(WrongState):
        town.do(cancel("AC-HL", by=CITY_APP))
    with pytest.raises(WrongState):
        town.do(allocate("AC-2", items={"TENT": 1}))


def test_a_team_cancels_only_what_it_asked_for():
    team = Signature("TL.1", ("TEAM",), NEIGHBOUR, 3)
    assert refused(asked(), cancel_request(by=team)) == ["supply.own"]
    assert asked(by=team).do(cancel_request(by=team)).events


def test_closing_waits_until_nothing_is_promised_any_more():
    town = asked(items={"TENT": 10})
    town.do(allocate(items={"TENT": 10}))
    close = c.CloseRequest(by=OFF, now=NOW, request="SR-1", unmet={"TENT": 10}, reason="over")
    with pytest.raises(WrongState) as refusal:
        town.do(close)
    assert refusal.value.rule == "supply.reserved"
    town.do(cancel())
    town.do(close)
    with pytest.raises(WrongState):
        town.do(close)


def test_a_shortage_is_only_that_of_the_last_level_and_of_an_open_request():
    said: dict[str, Any] = {"by": SYS, "now": at("17:00"), "request": "SR-1", "allocation": "AC-MD"}
    town = forwarded()
    assert not town.do(c.NoteShortage(**said, owner=AREA)).events
    assert town.do(c.NoteShortage(**said, owner=REGION)).events
    town = forwarded()
    town.do(cancel_request())
    assert not town.do(c.NoteShortage(**said, owner=REGION)).events
