"""No way round the limit of a level, and no number that nobody can mean."""

from __future__ import annotations

import pytest

from services.resources.deciders.requests import commands as c
from tests.resources.requests.world import allocate, asked, city_allocates, forward, refused, submit
from tests.resources.world import APP, AREA, CITY_APP, NOW


def test_who_may_not_approve_a_request_does_not_fill_or_cut_it_either():
    town = asked(people=100_000)
    approve = c.ApproveRequest(by=APP, now=NOW, request="SR-1")
    cut = c.CutRequest(by=APP, now=NOW, request="SR-1", items={"TENT": 1}, reason="less will do")
    for command in (approve, cut, allocate(items={"TENT": 10}), allocate(items={"TENT": 10}, reason="at once")):
        assert refused(town, command) == ["supply.limit"]
    town.do(forward(stores=(), reason="beyond our limit"))
    assert refused(town, city_allocates()) == ["supply.limit"]


def test_what_a_higher_level_approved_the_lower_one_fills():
    town = asked(people=7001)
    assert refused(town, allocate(items={"TENT": 10})) == ["supply.limit"]
    town.do(forward(stores=(), reason="beyond our limit"))
    town.do(c.ApproveRequest(by=CITY_APP, now=NOW, request="SR-1"))
    assert town.do(allocate(items={"TENT": 10})).events
    assert AREA in town.state("request-SR-1").gave


@pytest.mark.parametrize("changed", [{"people": 10**15}, {"ahead": "x" * 2001}])
def test_what_nobody_can_mean_is_refused(changed: dict[str, int]):
    assert refused(asked(), submit("SR-2", **changed)) in (["supply.complete"], ["limit.text"])
