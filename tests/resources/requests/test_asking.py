"""A request: what it must name, what is taken and marked, who assesses it, what goes first."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.incident import NoteSupplyIncident
from services.resources.deciders.masters.item import RetireItem
from services.resources.deciders.masters.norm import SetNorm
from services.resources.deciders.requests import commands as c
from services.resources.events.masters import Per, RequestAwaits
from services.resources.events.request import Priority, PriorityChanged, SupplyRequested
from shared.kernel.errors import NotFound, WrongState
from tests.resources.requests.world import asked, assess, refused, stores, submit
from tests.resources.world import AREA, NOW, OFF, SYS, at


def test_a_request_waits_at_the_store_where_its_goods_are_to_come():
    town = stores()
    decided = town.do(submit())
    assert [type(fact) for fact in decided.events] == [SupplyRequested, RequestAwaits]
    assert not decided.flags
    assert town.state("store-FP-XW").requests == ("SR-1",)
    assert town.state("request-SR-1").holders == (AREA,)


def test_everything_that_is_missing_is_told_at_once():
    blank = {"place": None, "receiver": None, "people": None, "needed_by": None, "items": None, "incident": None}
    assert refused(stores(), submit(**blank)) == ["supply.complete"] * 5 + ["incident.open"]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"incident": "INC-9"}, "incident.open"),
        ({"items": {"SALT": 1}}, "item.known"),
        ({"items": {"TENT": 0}}, "stock.quantity"),
        ({"items": {"TENT": -3}}, "stock.quantity"),
        ({"people": -1}, "supply.complete"),
        ({"line": ()}, "supply.place"),
        ({"needed_by": at("15:59")}, "supply.needed_by"),
    ],
)
def test_what_is_wrong_is_refused(changed: dict[str, Any], rule: str):
    assert refused(stores(), submit(**changed)) == [rule]


def test_goods_are_placed_ahead_of_need_without_an_incident_when_somebody_says_why():
    assert stores().do(submit(incident=None, ahead="before the thaw")).events
    town = stores()
    town.do(NoteSupplyIncident(by=SYS, now=NOW, incident="INC-1", open=False))
    assert refused(town, submit()) == ["incident.open"]
    assert refused(town, submit(ahead="an incident that is closed is no reason")) == ["incident.open"]


def test_far_more_than_the_norm_per_person_is_taken_and_marked():
    few: dict[str, Any] = {"people": 10, "items": {"BED": 100, "TENT": 30, "WATER": 900}}
    assert not stores().do(submit(**few)).flags  # ten times, to the piece
    decided = stores().do(submit(**few | {"items": {"BED": 101, "TENT": 31, "WATER": 901}}))
    assert decided.flags == ("Q-TRIAGE",)
    assert decided.events[0].triage == ("BED", "TENT", "WATER")
    town = stores()
    town.do(SetNorm(by=OFF, now=NOW, item="BED", division=AREA, per=Per.PEOPLE, times=2, source="order 1"))
    assert not town.do(submit(**few | {"items": {"BED": 101}})).flags  # the banner's own norm


def test_an_unknown_or_closed_place_takes_nothing_in():
    with pytest.raises(NotFound):
        stores().do(submit(to_store="FP-9"))


def test_the_store_is_of_the_place_or_of_its_line():
    assert refused(stores(), submit(to_store="WH-AR", people=None)) == ["supply.complete", "store.line"]
    for store in ("WH-MD", "WH-HL", "WH-RG"):
        assert stores().do(submit(to_store=store)).events
    assert stores().do(submit(to_store="WH-AR", near=True)).events  # an authority below the place, as the edge says


def test_the_assessor_raises_a_line_with_a_reason_and_names_who_is_vulnerable():
    town = stores()
    town.do(submit())
    assert refused(town, assess(raised={"TENT": 310})) == ["supply.reason"]
    assert refused(town, assess(raised={"TENT": 300, "SALT": 1}, reason="more")) == ["supply.line", "supply.raise"]
    town.do(assess(raised={"TENT": 310}, reason="families are large"))
    line = town.state("request-SR-1").lines["TENT"]
    assert (line.asked, line.wanted) == (300, 310)


def test_priority_changes_with_a_reason_and_the_same_again_changes_nothing():
    town = asked()
    said: dict[str, Any] = {"by": OFF, "now": NOW, "request": "SR-1"}
    assert refused(town, c.ChangePriority(**said, priority=Priority.LIFE)) == ["supply.reason"]
    (fact,) = town.do(c.ChangePriority(**said, priority=Priority.LIFE, reason="snow")).events
    assert isinstance(fact, PriorityChanged)
    assert not town.do(c.ChangePriority(**said, priority=Priority.LIFE, reason="snow")).events


def test_a_number_is_used_once():
    town = asked()
    with pytest.raises(WrongState):
        town.do(submit())


def test_what_left_the_catalogue_is_not_asked_for_any_more():
    town = stores()
    town.do(RetireItem(by=OFF, now=NOW, item="SAND", reason="replaced by bags of jute"))
    assert refused(town, submit(items={"SAND": 5})) == ["item.state"]
