"""A drill at the real node: who may hold it is a row of the matrix; here, when it may be held, what must be said, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.alerts.deciders.drills import commands as ask
from services.alerts.deciders.drills.drill import DRILL
from services.alerts.deciders.drills.state import DRILL_FLOW, RUNNING
from services.alerts.deciders.plans.commands import RecordPlanDrill
from services.alerts.deciders.plans.state import ISSUED, Plan
from services.alerts.events.clock import ClockMissed
from services.alerts.events.drill import (
    DrillCancelled,
    DrillEnded,
    DrillEvaluated,
    DrillFindingRecorded,
    DrillFindingSettled,
    DrillFollowed,
    DrillPlanRevisionLinked,
    DrillScheduled,
    DrillStarted,
    DrillUnit,
    InjectDelivered,
)
from services.alerts.events.plan_content import PlanContent, PlanType
from services.alerts.policies.drills import DRILLS
from shared.blocks.clocks import Due
from shared.handling.guard import unfit_texts
from shared.kernel.commands import Signature
from shared.kernel.envelope import Envelope
from shared.kernel.errors import NotFound, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.world import RULES, at

ZHALANTUN = "150783"
OFFICER = Signature("Z.OFF", ("EMD.officer",), ZHALANTUN, 3)
NOW, HOUR = at("10:00", 19), timedelta(hours=1)
WHO: dict[str, Any] = {"by": OFFICER, "now": NOW, "drill": "DR-1"}
PLAN = Plan(
    status=ISSUED,
    in_force=PlanContent(PlanType.SPECIAL, "11B03", ZHALANTUN, "flood", (), ()),
    version=2,
    division=ZHALANTUN,
    issued={1: NOW - HOUR, 2: NOW},
)
STARTED = DrillStarted("DR-1", ZHALANTUN, True, DrillUnit.PUBLIC, "Z.OFF", NOW)
OF_PLAN = replace(STARTED, plan="PLAN-1", previous="DR-0")
SCHEDULED = DrillScheduled("DR-1", ZHALANTUN, "flood", NOW + HOUR, DrillUnit.PUBLIC, "Z.OFF", NOW, "PLAN-1")
ENDED = DrillEnded("DR-1", "", "Z.OFF", NOW)
KEY = "finding.F-1"
FOUND = DrillFindingRecorded(
    "DR-1", "F-1", "the siren was not heard", "gear", "Z.OFF", NOW + HOUR, "Z.OFF", NOW, (Due(KEY, "drill.findings", NOW, NOW + HOUR),)
)
ASSESSMENT = {row["id"]: "good" for row in RULES.value("drill.evaluation")}


def drill(*past, **others):
    return given(DRILL, *past, others={f"plan-{name}": plan for name, plan in others.items()}, rules=RULES)


def start(**said):
    return ask.StartDrill(**(WHO | {"division": ZHALANTUN, "exercise": True} | said))


def schedule(**said):
    return ask.ScheduleDrill(**(WHO | {"division": ZHALANTUN, "title": "flood", "starts_at": NOW + HOUR} | said))


def finding(**said):
    named = {"finding": "F-1", "text": "the siren was not heard", "aspect": "gear", "owner": "Z.OFF", "due": NOW + HOUR}
    return ask.RecordFinding(**(WHO | named | said))


def test_a_drill_may_start_unscheduled_as_in_the_story():
    drill().when(start()).then(STARTED)


@pytest.mark.parametrize("exercise", [None, False])
def test_what_is_not_called_an_exercise_is_no_drill(exercise):
    drill().when(start(exercise=exercise)).refused(RuleBroken, "exercise.isolation")


def test_a_scheduled_drill_keeps_its_plan_and_starts_as_it_was_scheduled():
    drill().when(schedule()).then(replace(SCHEDULED, plan=None))
    drill(SCHEDULED).when(start()).then(replace(STARTED, plan="PLAN-1"))
    error = drill(SCHEDULED).when(start(division="150700", unit=DrillUnit.HIGH_RISK, previous="DR-0")).refused(RuleBroken, "drill.life", 3)
    assert [failure.field for failure in error.failures] == ["division", "unit", "previous"]


def test_a_plan_that_is_named_must_be_in_force():
    for plan in (Plan(), replace(PLAN, in_force=None)):
        drill(**{"PLAN-1": plan}).when(start(plan="PLAN-1")).refused(NotFound, "reference")
    drill(**{"PLAN-1": PLAN}).when(start(plan="PLAN-1")).then(replace(STARTED, plan="PLAN-1"))
    drill(**{"PLAN-1": PLAN}).when(schedule(plan="PLAN-1")).then(SCHEDULED)


def test_a_schedule_says_what_and_when_to_come():
    drill().when(schedule(title=" ")).refused(RuleBroken, "drill.title")
    drill().when(schedule(starts_at=NOW - HOUR)).refused(RuleBroken, "drill.life")
    drill().when(schedule(starts_at=NOW.replace(tzinfo=None))).refused(RuleBroken, "time.offset")
    drill().when(schedule(starts_at=NOW)).then_types(DrillScheduled)


def test_a_drill_that_is_not_held_says_why():
    drill(SCHEDULED).when(ask.CancelDrill(**WHO)).refused(RuleBroken, "drill.reason")
    cancelled = DrillCancelled("DR-1", "real flood", "Z.OFF", NOW)
    drill(SCHEDULED).when(ask.CancelDrill(**WHO, reason="real flood")).then(cancelled)
    drill(SCHEDULED, cancelled).when(start()).refused(WrongState, "drill.life")


def test_injects_reach_named_players_while_it_runs_and_once_each():
    asked = ask.Inject(**WHO, inject="IN-1", text="the dam leaks", to=("Z.DUTY",))
    told = InjectDelivered("DR-1", "IN-1", "the dam leaks", ("Z.DUTY",), NOW, "Z.OFF", NOW)
    drill(STARTED).when(asked).then(told)
    drill(STARTED).when(replace(asked, played_at=NOW - HOUR)).then(replace(told, played_at=NOW - HOUR))
    drill(STARTED, told).when(asked).refused(WrongState, "drill.life")
    drill(STARTED, ENDED).when(asked).refused(WrongState, "drill.life")
    drill(STARTED).when(ask.Inject(**WHO, inject="IN-1")).refused(RuleBroken, "drill.inject", 2)


def test_a_finding_has_an_owner_and_a_date_and_is_escalated_when_that_passes():
    drill(STARTED).when(finding()).then(FOUND)
    drill(STARTED).when(finding(text="", owner=None, due=None)).refused(RuleBroken, "drill.findings", 3)
    drill(STARTED).when(finding(due=NOW)).refused(RuleBroken, "drill.findings")
    drill(STARTED, FOUND).when(finding()).refused(WrongState)
    drill(SCHEDULED).when(finding()).refused(WrongState)
    late = ask.EscalateDrillClock(by=OFFICER, now=NOW + HOUR, drill="DR-1", key=KEY)
    drill(STARTED, FOUND).when(replace(late, now=NOW)).then()
    missed = ClockMissed(KEY, "drill.findings", NOW, NOW + HOUR, NOW + HOUR)
    drill(STARTED, FOUND).when(late).then(missed)
    drill(STARTED, FOUND, missed).when(late).then()


def test_a_finding_is_settled_once_and_its_deadline_is_met():
    asked = ask.SettleFinding(**WHO, finding="F-1", how="two more sirens")
    settled = DrillFindingSettled("DR-1", "F-1", "two more sirens", "Z.OFF", NOW, (KEY,))
    drill(STARTED, FOUND).when(asked).then(settled)
    drill(STARTED, FOUND).when(replace(asked, how=None)).refused(RuleBroken, "drill.findings")
    drill(STARTED, FOUND, settled).when(asked).refused(WrongState)
    drill(STARTED).when(asked).refused(NotFound)
    assert not DRILL.fold((STARTED, FOUND, settled)).clocks.open()


def test_an_evaluation_speaks_of_every_aspect_and_of_no_other():
    asked = ask.EvaluateDrill(**WHO, assessment=ASSESSMENT)
    drill(STARTED, ENDED).when(asked).then_types(DrillEvaluated)
    drill(STARTED, ENDED).when(replace(asked, assessment=None)).refused(RuleBroken, "drill.evaluation", 6)
    drill(STARTED, ENDED).when(replace(asked, assessment=ASSESSMENT | {"gear": " ", "fun": "much"})).refused(RuleBroken, times=2)
    drill(STARTED).when(asked).refused(WrongState, "drill.life")


def test_without_a_plan_the_next_drill_is_due_by_whose_duty_it_meets():
    asked = ask.EvaluateDrill(**WHO | {"now": NOW + HOUR}, assessment=ASSESSMENT)
    for unit, rule, days in ((DrillUnit.PUBLIC, "K-43.two_years", 730), (DrillUnit.HIGH_RISK, "K-43.half_year", 182)):
        past = replace(STARTED, unit=unit), ENDED
        decided = drill(*past).when(replace(asked, reported_to="150783 emergency bureau")).then_types(DrillEvaluated)
        assert decided.events[0].clocks == (Due("K-43", rule, NOW, NOW + timedelta(days=days)),), "counted from when it was held"
    drill(*past).when(asked).refused(RuleBroken, "PSER-8")
    evaluated = decided.events[0]
    late = ask.EscalateDrillClock(by=OFFICER, now=NOW + timedelta(days=182), drill="DR-1", key="K-43")
    drill(*past, evaluated).when(late).then_types(ClockMissed)
    followed = DrillFollowed("DR-1", "DR-2", NOW, ("K-43",))
    drill(*past, evaluated).when(ask.FollowDrill(**WHO, next="DR-2")).then(followed)
    drill(*past, evaluated, followed).when(ask.FollowDrill(**WHO, next="DR-2")).then()
    drill(*past, evaluated, followed).when(late).then()


def test_a_plan_counts_its_own_drills():
    asked = ask.EvaluateDrill(**WHO, assessment=ASSESSMENT)
    event = drill(OF_PLAN, FOUND, ENDED).when(asked).then_types(DrillEvaluated).events[0]
    assert (event.clocks, event.findings, event.plan) == ((), 1, "PLAN-1")
    envelope = Envelope(
        specversion="1.0",
        id="l:9",
        source="s",
        type="t",
        time=NOW,
        log="l",
        position=9,
        streamid="drill-DR-1",
        streamversion=3,
        partitionkey="",
    )
    recorded, followed = [command for policy in DRILLS for command in policy.react(event, envelope)]
    assert isinstance(recorded, RecordPlanDrill) and (recorded.plan, recorded.held, recorded.findings) == (
        "PLAN-1",
        NOW,
        "DR-1: 1 findings",
    )
    assert isinstance(followed, ask.FollowDrill) and (followed.drill, followed.next) == ("DR-0", "DR-1")
    alone = replace(event, plan=None, previous=None)
    assert not [command for policy in DRILLS for command in policy.react(alone, envelope)]


def test_a_version_of_the_plan_answers_findings():
    asked = ask.LinkPlanRevision(**WHO, plan="PLAN-1", version=2, findings=("F-1",))
    linked = DrillPlanRevisionLinked("DR-1", "PLAN-1", 2, ("F-1",), "Z.OFF", NOW, (KEY,))
    plans = {"PLAN-1": PLAN}
    drill(OF_PLAN, FOUND, ENDED, **plans).when(asked).then(linked)
    drill(OF_PLAN, FOUND, ENDED, **plans).when(replace(asked, findings=())).then(linked)
    drill(OF_PLAN, FOUND, ENDED, **plans).when(replace(asked, version=3)).refused(RuleBroken, "drill.revision")
    drill(OF_PLAN, FOUND, ENDED, **plans).when(replace(asked, version=1)).refused(RuleBroken, "drill.revision")
    drill(OF_PLAN, FOUND, ENDED, **{"PLAN-2": PLAN}).when(replace(asked, plan="PLAN-2")).refused(RuleBroken, "drill.revision")
    drill(OF_PLAN, FOUND, ENDED, **plans).when(replace(asked, findings=("F-9",))).refused(NotFound)
    drill(OF_PLAN, FOUND, ENDED, linked, **plans).when(asked).refused(WrongState)
    drill(OF_PLAN, FOUND, **plans).when(asked).refused(WrongState)


def test_ids_in_a_list_are_public_ids_too():
    asked = ask.LinkPlanRevision(**WHO, plan="PLAN-1", version=2, findings=("F-1", "张三"))
    assert [(failure.rule, failure.field) for failure in unfit_texts(asked)] == [("id.pattern", "findings")]
    assert not unfit_texts(replace(asked, findings=("F-1", "F-2")))


def test_every_command_names_the_states_it_fits():
    fits = {command for _, command in DRILL_FLOW.table}
    assert fits | {ask.FollowDrill, ask.EscalateDrillClock} == set(DRILL.handles)
    assert not DRILL_FLOW.allows(RUNNING, ask.StartDrill)
