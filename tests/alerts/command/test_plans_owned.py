"""Whose a plan is: an enterprise's own, a division's; and who may be named to activate it (ERL art. 28, 71)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.alerts.deciders.drills import commands as drills
from services.alerts.deciders.drills.drill import DRILL
from services.alerts.deciders.guard import Guard, plan_guard
from services.alerts.deciders.plans.commands import (
    AdoptPlan,
    ApprovePlan,
    DefineTrigger,
    FilePlan,
    IssuePlan,
    RecordPlanDrill,
    RepealPlan,
    RevisePlan,
)
from services.alerts.deciders.plans.plan import PLAN
from services.alerts.deciders.plans.state import Plan
from services.alerts.events.drill import DrillEnded, DrillScheduled, DrillStarted
from services.alerts.events.guard import GuardTaken
from services.alerts.events.plan import PlanAdopted, PlanDrafted, PlanIssued, PlanRevisionStarted
from services.alerts.events.plan_content import Authority, Metric, PlanContent, PlanType
from services.alerts.events.scales import ResponseLevel, WarningColour
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.alerts.command.responding import OFFICER, PARTS, Followed, activate, adopt, change, draft, levels
from tests.alerts.world import GOV, RULES, at, facts

NOW = at("12:00", 1)
MINE = Signature("MINE.1", ("ENT",), "150722", 3, "MINE")
MILL = replace(MINE, actor="MILL.1", organ="MILL")
UNIT = PlanContent(PlanType.UNIT, "fire", "150722", parts=PARTS, levels=levels(Authority(("ENT",), "150722")), organ="MINE")
COUNTY = replace(UNIT, type=PlanType.SPECIAL, organ=None, levels=levels())


def plan(content: PlanContent) -> Plan:
    """A plan that holds."""
    return Plan(status="issued", in_force=content, version=1, division="150722", issued={1: at("08:00", 1)})


def asked(kind: type[Command], by: Signature = MINE, **said: Any) -> Any:
    return kind(**({"by": by, "now": NOW, "plan": "PLAN-U"} | said))


EVERY = [
    asked(RevisePlan, title="ours"),
    asked(ApprovePlan),
    asked(IssuePlan),
    asked(FilePlan, to="us", note="n"),
    asked(DefineTrigger, trigger="T-1", level=ResponseLevel.I, metric=Metric.COLOUR, colour=WarningColour.RED),
    asked(RecordPlanDrill, held=NOW, findings="good"),
    asked(RepealPlan, reason="ours now"),
]


@pytest.mark.parametrize("command", EVERY, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize("content", [COUNTY, replace(UNIT, organ="MILL"), replace(UNIT, organ=None), replace(COUNTY, organ="MINE")])
def test_an_enterprise_does_nothing_to_a_plan_that_is_not_its_own(command, content):
    with pytest.raises(NotAllowed) as refusal:
        PLAN.decide(command, plan(content), RULES)
    assert refusal.value.rule == "ERL-28"


def test_an_enterprise_has_its_own_plans_one_for_itself():
    mine, mill = plan_guard("150722/MINE", "unit", "fire"), plan_guard("150722/MILL", "unit", "fire")
    others = {mine: Guard(), mill: Guard()}
    said = {"type": PlanType.UNIT, "hazard": "fire", "plan": "PLAN-U"}
    for by, stream in ((MINE, mine), (MILL, mill)):
        decided = given(PLAN, rules=RULES, others=others).when(draft(by=by, **said)).then_types(PlanDrafted, GuardTaken)
        assert decided.events[0][1].content.organ == by.organ and decided.events[1][0] == stream
    given(PLAN, rules=RULES, others=others).when(draft(by=replace(MINE, organ=None), **said)).refused(NotAllowed, "ERL-28")
    given(PLAN, rules=RULES).when(draft(by=MINE)).refused(NotAllowed, "ERL-28")
    revised = PLAN.decide(asked(RevisePlan, title="ours", reason="risk"), plan(UNIT), RULES)
    assert [type(one) for one in facts(revised)] == [PlanRevisionStarted]


# ---------------------------------------------------------------- drills

DRILLED = {"PLAN-U": plan(UNIT), "PLAN-B": plan(COUNTY)}


def drill(*past: Any) -> Given:
    return given(DRILL, *past, rules=RULES, others={f"plan-{name}": one for name, one in DRILLED.items()})


def start(by: Signature = MINE, plan: str | None = "PLAN-U") -> drills.StartDrill:
    return drills.StartDrill(by=by, now=NOW, drill="DR-1", division="150722", exercise=True, plan=plan)


def test_an_enterprise_drills_its_own_plans_alone():
    started = drill().when(start()).then_types(DrillStarted).events[0][1]
    assert started.organ == "MINE"
    for wrong in (start(MILL), start(plan="PLAN-B"), start(plan=None)):
        drill().when(wrong).refused(NotAllowed, "ERL-28")
    drill(started).when(drills.EndDrill(by=MILL, now=NOW, drill="DR-1")).refused(NotAllowed, "ERL-28")
    drill(started).when(drills.EndDrill(by=MINE, now=NOW, drill="DR-1")).then_types(DrillEnded)
    of_county = drill().when(start(OFFICER, "PLAN-B")).then_types(DrillStarted).events[0][1]
    drill(of_county).when(drills.EndDrill(by=MINE, now=NOW, drill="DR-1")).refused(NotAllowed, "ERL-28")


def test_a_scheduled_drill_stays_whose_it_is():
    schedule = drills.ScheduleDrill(
        by=MINE, now=NOW, drill="DR-1", division="150722", title="fire", starts_at=NOW + timedelta(hours=1), plan="PLAN-U"
    )
    scheduled = drill().when(schedule).then_types(DrillScheduled).events[0][1]
    assert scheduled.organ == "MINE"
    drill(scheduled).when(start(MILL)).refused(NotAllowed, "ERL-28")
    assert drill(scheduled).when(start(OFFICER)).then_types(DrillStarted).events[0][1].organ == "MINE"


# ---------------------------------------------------------------- who may be named

FREE = {plan_guard("150722", "special", "flood"): Guard()}


@pytest.mark.parametrize("role", ["EMD.duty", "EMD", "ENT", "L4.office", "TEAM"])
def test_a_level_is_given_to_whom_the_law_lets_activate(role):
    named = levels(by_level={1: Authority((role,), "150722")})
    refusal = given(PLAN, rules=RULES, others=FREE).when(adopt(levels=named)).refused(RuleBroken, "ERL-71", times=1)
    assert f"level 1: {role} activates no special plan" in refusal.cure
    drafted = Plan(status="approved", draft=replace(COUNTY, levels=named), division="150722")
    with pytest.raises(RuleBroken) as found:
        PLAN.decide(asked(IssuePlan, GOV), drafted, RULES)
    assert [fault.rule for fault in found.value.failures] == ["ERL-71"]


def test_a_unit_activates_its_own_plan_and_a_headquarters_office_those_of_its_division():
    unit = Plan(status="approved", draft=UNIT, division="150722")
    assert [type(one) for one in PLAN.decide(asked(IssuePlan), unit, RULES).events] == [PlanIssued]
    office = levels(by_level={4: Authority(("HQ.office",), "150722")})
    given(PLAN, rules=RULES, others=FREE).when(adopt(levels=office)).then_types(PlanAdopted, GuardTaken)


def test_each_enterprise_of_a_banner_activates_its_own_plan_once():
    """One banner, one hazard, two enterprises: neither stands in the other's way, nor acts under the other's plan."""
    node = Followed()
    for organ in ("MINE", "MILL"):
        named = levels(Authority(("ENT", "GOV"), "150722"))
        node.do(adopt(f"PLAN-{organ}", type=PlanType.UNIT, hazard="fire", levels=named, organ=organ))
    own = {"measures": ("M-1 close the shaft",), "level": ResponseLevel.II}
    with pytest.raises(NotAllowed, match=r"of 150722 \(MINE\)"):
        node.do(activate("ACT-1", by=MILL, plan="PLAN-MINE", **own))
    node.do(activate("ACT-1", by=MINE, plan="PLAN-MINE", **own))
    node.do(activate("ACT-2", by=MILL, plan="PLAN-MILL", **own))
    for by in (MINE, GOV):
        with pytest.raises(WrongState, match="ACT-1 is open"):
            node.do(activate("ACT-3", by=by, plan="PLAN-MINE", **own))
    with pytest.raises(NotAllowed):
        node.do(change(ResponseLevel.I, MILL, "ACT-1"))
    node.do(change(ResponseLevel.I, MINE, "ACT-1"))
    with pytest.raises(WrongState, match="PLAN-MINE is the unit plan"):
        node.do(adopt("PLAN-X", type=PlanType.UNIT, hazard="fire", organ="MINE"))
    node.do(RepealPlan(by=MINE, now=NOW, plan="PLAN-MINE", reason="replaced"))
    node.do(adopt("PLAN-X", type=PlanType.UNIT, hazard="fire", organ="MINE"))


def test_a_plan_names_the_enterprise_that_activates_it():
    fire = {"type": PlanType.UNIT, "hazard": "fire"}
    of = {plan_guard(whose, "unit", "fire"): Guard() for whose in ("150722", "150722/MINE")}
    for organ, authority in ((None, None), ("MINE", "MILL"), (None, "MILL")):
        named = levels(by_level={1: Authority(("ENT",), "150722", authority)})
        refusal = given(PLAN, rules=RULES, others=of).when(adopt(levels=named, organ=organ, **fire)).refused(RuleBroken, "ERL-28", times=1)
        assert "level 1: an enterprise activates its own plans alone" in refusal.cure
    flood = {plan_guard("150722/MINE", "special", "flood"): Guard()}
    given(PLAN, rules=RULES, others=flood).when(adopt(organ="MINE")).refused(RuleBroken, "plan.type")


def test_a_level_is_given_to_the_owner_or_one_above_it():
    """The divisions each named one must lie above are asked of the tree, as the signer's own area is."""
    named = levels(by_level={1: Authority(("GOV",), "150000")})
    adopting, issuing = PLAN.handles[AdoptPlan].under, PLAN.handles[IssuePlan].under
    assert adopting is not None and issuing is not None
    wanted = {"150000": ("150722",), "150722": ("150722",)}
    assert adopting(adopt(levels=named), {}) == wanted
    assert adopting(adopt(type=PlanType.EXTERNAL, outside="nation", levels=named), {}) == {}
    drafted = Plan(draft=replace(COUNTY, levels=named), division="150722")
    assert issuing(asked(IssuePlan, GOV), {"plan-PLAN-U": drafted}) == wanted
