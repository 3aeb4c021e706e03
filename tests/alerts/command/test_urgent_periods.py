"""Urgent flood and drought periods open powers, and only while they are open (FCL art. 41, 45; DRT art. 45 to 47)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.alerts.clocks import due
from services.alerts.deciders.orders.task import AssignTask, CompleteTask
from services.alerts.deciders.orders.work import TASK
from services.alerts.deciders.responses.urgent import (
    URGENT,
    DeclareUrgentDroughtPeriod,
    DeclareUrgentFloodPeriod,
    EndUrgentPeriod,
    EscalateUrgentClock,
    period_of,
)
from services.alerts.events.task import TaskAssigned, TaskCompleted
from services.alerts.events.urgent import DroughtPeriodDeclared, DroughtPeriodEnded, FloodGround, FloodPeriodDeclared, FloodPeriodEnded
from services.alerts.policies.responses import when_flood_period_declared_then_its_ground_is_stated
from shared.handling.declare import Start
from shared.kernel.envelope import Envelope
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.alerts.command.responding import B_HQ, C_GOV, R_GOV, R_HQ
from tests.alerts.world import DUTY, RULES, SYS, at

NOW, UNTIL = at("16:24"), at("20:00", 20)


def flood(**changed: Any) -> DeclareUrgentFloodPeriod:
    return DeclareUrgentFloodPeriod(**({"by": B_HQ, "now": NOW, "river": "西瓦尔图河", "until": UNTIL} | changed))


def drought(**changed: Any) -> DeclareUrgentDroughtPeriod:
    return DeclareUrgentDroughtPeriod(**({"by": R_HQ, "cosigner": R_GOV, "now": NOW, "area": "150700", "until": UNTIL} | changed))


def period(*past: Any) -> Given:
    return given(URGENT, *past, rules=RULES)


def declared(**changed: Any) -> FloodPeriodDeclared:
    fact = period().when(flood(**changed)).then_types(FloodPeriodDeclared).events[0]
    assert isinstance(fact, FloodPeriodDeclared)
    return fact


NAME = period_of(flood())


def test_the_flood_headquarters_declares_what_then_is_open():
    decided = period().when(flood(ground=FloodGround.DESIGN_LEVEL, level="12.3 m")).then_types(FloodPeriodDeclared)
    fact = decided.events[0]
    assert (fact.river, fact.until, fact.powers, fact.ground) == ("西瓦尔图河", UNTIL, ("FCL-45",), FloodGround.DESIGN_LEVEL)
    assert decided.answer == {"period": NAME} and decided.basis == "FCL-41"
    state = URGENT.fold([fact])
    assert state.opens("FCL-45") and not state.opens("DRT-47") and not URGENT.initial.opens("FCL-45")


def test_a_division_has_one_period_for_a_river():
    assert period_of(flood(river=" 西瓦尔图河 ")) == NAME != period_of(flood(river="嫩江"))
    assert NAME.startswith("flood.150722.") and URGENT.handles[DeclareUrgentFloodPeriod].streams(flood()) == (f"urgent-{NAME}",)
    period(declared()).when(flood()).then()
    longer = period(declared()).when(flood(until=UNTIL + timedelta(days=1))).then_types(FloodPeriodDeclared).events[0]
    ends = URGENT.fold([declared(), longer]).clocks.get("until")
    assert ends is not None and ends.due_at == UNTIL + timedelta(days=1)


def test_the_ground_is_stated_at_once_or_asked_for_and_never_lost():
    bare, stated = declared(), declared(ground=FloodGround.GRAVE_DANGER)
    where = {"id": "", "source": "", "type": "", "log": "", "partitionkey": ""}
    envelope = Envelope(specversion="1.0", time=NOW, position=1, streamid=f"urgent-{NAME}", streamversion=1, **where)
    (asked,) = when_flood_period_declared_then_its_ground_is_stated(bare, envelope)
    later = {"until": UNTIL + timedelta(days=1)}
    for said in (stated, declared(ground=FloodGround.GRAVE_DANGER, **later)):  # at once, or when it is extended
        (done,) = when_flood_period_declared_then_its_ground_is_stated(said, envelope)
        assert isinstance(asked, AssignTask) and isinstance(done, CompleteTask) and asked.task == done.task
    (anew,) = when_flood_period_declared_then_its_ground_is_stated(declared(**later), envelope)
    assert isinstance(anew, AssignTask)
    first = given(TASK, rules=RULES).when(asked).then_types(TaskAssigned).events[0]
    given(TASK, first, rules=RULES).when(anew).then()
    over = given(TASK, first, rules=RULES).when(done).then_types(TaskCompleted).events[0]
    given(TASK, first, over, rules=RULES).when(anew).then_types(TaskAssigned)
    period(bare).when(flood(ground=FloodGround.GRAVE_DANGER)).then(stated)
    longer = period(stated).when(flood(until=UNTIL + timedelta(days=1))).then_types(FloodPeriodDeclared).events[0]
    assert longer.ground == FloodGround.GRAVE_DANGER
    period(stated).when(flood()).then()


@pytest.mark.parametrize("by", [DUTY, C_GOV, replace(B_HQ, level=4), replace(B_HQ, level=None)])
def test_nobody_else_declares_one(by):
    period().when(flood(by=by)).refused(NotAllowed, "FCL-41")


def test_river_and_end_are_named_and_the_end_lies_ahead():
    period().when(flood(river=" ", until=None)).refused(RuleBroken, "FCL-41", times=2)
    period().when(flood(until=NOW)).refused(RuleBroken, "FCL-41")
    period().when(flood(until=UNTIL.replace(tzinfo=None))).refused(RuleBroken, "time.offset")


def test_it_ends_at_its_stated_end_by_itself():
    pass_end = EscalateUrgentClock(by=SYS, now=UNTIL, period=NAME, key="until")
    ended = period(declared()).when(pass_end).then_types(FloodPeriodEnded).events[0]
    assert not URGENT.fold([declared(), ended]).opens("FCL-45")
    period(declared(), ended).when(pass_end).then()
    period(declared()).when(replace(pass_end, now=UNTIL - timedelta(seconds=1))).then()

    class Place:
        streamid = f"urgent-{NAME}"

    place: Any = Place()
    (start,) = [one for one in due(declared(), place) if isinstance(one, Start)]
    assert (start.command, start.args) == ("EscalateUrgentClock", {"period": NAME, "key": "until"})


def test_it_is_ended_before_with_a_reason_and_may_be_declared_again():
    end = EndUrgentPeriod(by=B_HQ, now=at("10:00", 19), period=NAME, reason="water falls")
    ended = period(declared()).when(end).then_types(FloodPeriodEnded).events[0]
    period(declared()).when(replace(end, reason=None)).refused(RuleBroken, "FCL-41")
    period(declared(), ended).when(end).refused(WrongState, "urgent.life")
    again = period(declared(), ended).when(flood(now=at("11:00", 19))).then_types(FloodPeriodDeclared).events[0]
    assert URGENT.fold([declared(), ended, again]).opens("FCL-45")


def test_the_region_declares_a_drought_period_with_its_government():
    decided = period().when(drought()).then_types(DroughtPeriodDeclared)
    fact = decided.events[0]
    assert (fact.area, fact.powers, fact.by, fact.approved_by) == ("150700", ("DRT-47",), "R.HQ", "R.GOV")
    period(fact).when(drought()).then()
    end = EndUrgentPeriod(by=R_HQ, now=UNTIL, period=fact.period, reason="rain")
    ended = period(fact).when(end).then_types(DroughtPeriodEnded).events[0]
    assert URGENT.fold([fact]).opens("DRT-47") and not URGENT.fold([fact, ended]).opens("DRT-47")
    period(fact).when(replace(end, reason="")).refused(RuleBroken, "DRT-45")


@pytest.mark.parametrize("cosigner", [None, R_HQ, C_GOV])
def test_without_its_government_it_does_not(cosigner):
    refusal = period().when(drought(cosigner=cosigner)).refused(NotAllowed, "DRT-45")
    assert "the GOV of 150000 approves" in refusal.cure


def test_no_lower_headquarters_declares_a_drought_period():
    period().when(drought(by=B_HQ)).refused(NotAllowed, "DRT-45")
    period().when(drought(area=None, until=None)).refused(RuleBroken, "DRT-45", times=2)
