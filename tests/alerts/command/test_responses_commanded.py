"""Who commands at which level: command is taken from below, and never beyond what lies below (ERL art. 17, 72)."""

from __future__ import annotations

from typing import Any

from services.alerts.deciders.responses.commands import HandOverCommand
from services.alerts.deciders.responses.response import RESPONSE
from services.alerts.events.guard import GuardTaken
from services.alerts.events.plan_content import Authority
from services.alerts.events.response import CommandTransferred, ResponseLevelLowered, ResponseLevelRaised
from services.alerts.events.scales import ResponseLevel
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, WrongState
from shared.testing.spec import Given, given
from tests.alerts.command.responding import C_GOV, C_HQ, R_GOV, activated, adopted, change, levels
from tests.alerts.world import HQ, RULES, at

FIRST, SECOND, THIRD, FOURTH = ResponseLevel
C_GOV_HQ = Signature("C.BOTH", ("GOV", "HQ"), "150700", 2)
NAMED = levels(by_level={1: Authority(("GOV",), "150000")})  # level 1 is the region's, the others are the banner's


def begun(level: ResponseLevel = THIRD) -> list[Any]:
    return activated(plans={"PLAN_B": adopted(levels=NAMED)}, level=level, measures=("M-1 move people",))


def response(*past: Any) -> Given:
    return given(RESPONSE, *past, rules=RULES)


def hand_over(by: Signature = C_HQ, to: str | None = None) -> HandOverCommand:
    return HandOverCommand(by=by, now=at("16:00"), activation="ACT-B", to=to, reason="beyond its means")


def reached(*past: Any) -> tuple[str, ...]:
    areas = RESPONSE.handles[HandOverCommand].state_areas
    assert areas is not None
    return areas(hand_over(), {"response-ACT-B": RESPONSE.fold(past)})


def test_a_level_of_the_region_is_not_taken_by_the_city():
    raised = response(*begun()).when(change(FIRST, by=R_GOV)).then_types(ResponseLevelRaised, GuardTaken).events[0][1]
    assert reached(*begun()) == ("150722",) and reached(*begun(), raised) == ("150000",)
    response(*begun(), raised).when(change(FOURTH, by=C_GOV)).refused(NotAllowed, "ERL-72.1")
    response(*begun(), raised).when(change(FOURTH, by=R_GOV)).then_types(ResponseLevelLowered, GuardTaken)
    response(*begun(), raised).when(hand_over(by=R_GOV)).refused(WrongState, "ERL-17")


def test_who_took_command_decides_on_no_level_that_the_plan_gives_to_another_above():
    taken = response(*begun()).when(hand_over()).then_types(CommandTransferred).events[0]
    response(*begun(), taken).when(change(FIRST, by=C_GOV_HQ)).refused(NotAllowed, "ERL-72.1")
    response(*begun(), taken).when(change(SECOND, by=C_HQ)).then_types(ResponseLevelRaised)
    raised = response(*begun(), taken).when(change(FIRST, by=R_GOV)).then_types(ResponseLevelRaised, GuardTaken).events[0][1]
    lowered = response(*begun(), taken, raised).when(change(THIRD, by=R_GOV)).then_types(ResponseLevelLowered, GuardTaken).events[0][1]
    assert RESPONSE.fold([*begun(), taken, raised]).commanding == "150000"
    assert RESPONSE.fold([*begun(), taken, raised, lowered]).commanding == "150700"


def test_command_taken_twice_goes_back_to_whom_the_plan_names():
    city = response(*begun()).when(hand_over()).then_types(CommandTransferred).events[0]
    region = response(*begun(), city).when(hand_over(by=R_GOV)).then_types(CommandTransferred).events[0]
    assert (region.was, region.to) == ("150700", "150000")
    back = response(*begun(), city, region).when(hand_over(by=R_GOV, to="150722")).then_types(CommandTransferred).events[0]
    response(*begun(), city, region, back).when(change(SECOND, by=HQ)).then_types(ResponseLevelRaised)
    response(*begun(), city, region, back).when(hand_over(to="150722")).refused(NotAllowed, "ERL-17")
