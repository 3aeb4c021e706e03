"""Whom an evacuation has reached: counted by area without counting anybody twice, and never whole by what was left unsaid."""

from __future__ import annotations

from services.alerts.deciders.evacuations.evacuation import EVACUATION
from services.alerts.events.evacuation import HouseholdsCleared
from shared.kernel.errors import RuleBroken
from shared.testing.spec import given
from tests.alerts.command.test_evacuations import issued, past, report
from tests.alerts.world import DUTY, RULES


def test_who_is_not_accounted_for_is_not_out():
    known = issued(areas=("150722106",), headcount=250)
    here = given(EVACUATION, known, rules=RULES)
    some = here.when(report(people=100, refused=5, households=30)).then_types(HouseholdsCleared)
    assert (some.events[0].whole, some.events[0].missing, some.flags) == (False, ("remaining",), ("A-INCOMPLETE",))
    again = given(EVACUATION, known, *some.events, rules=RULES).when(report(people=244)).then_types(HouseholdsCleared)
    assert (again.events[0].whole, again.flags) == (False, ("A-INCOMPLETE",))  # 244 and the 5 who would not: not 344
    all_ = given(EVACUATION, known, *some.events, *again.events, rules=RULES).when(report(people=245)).then_types(HouseholdsCleared)
    assert (all_.events[0].whole, all_.events[0].missing, all_.flags) == (True, (), ())


def test_it_is_told_of_the_areas_to_leave_and_of_their_parts():
    here = given(EVACUATION, issued(areas=("150722106",), headcount=30), rules=RULES)
    village = report(area="150722106201", line=("150722106201", "150722106", "150722", "150700"), people=20, refused=0)
    part = here.when(village).then_types(HouseholdsCleared).events[0]
    both = given(EVACUATION, issued(areas=("150722106",), headcount=30), part, rules=RULES)
    assert not both.when(report(people=20, refused=0, line=("150722106", "150722"))).then_types(HouseholdsCleared).events[0].whole
    assert both.when(report(people=30, refused=0, line=("150722106", "150722"))).then_types(HouseholdsCleared).events[0].whole
    for other in ("150722", "150702", "150722100"):
        here.when(report(area=other, line=(other, "150700"), remaining=0)).refused(RuleBroken, "ERL-67")
    county = report(by=DUTY, line=("150722", "150700"), remaining=0)
    assert here.when(county).then_types(HouseholdsCleared).events[0].area == "150722106"  # the only one there is
    past().when(county).refused(RuleBroken, "ERL-67")
