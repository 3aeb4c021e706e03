"""What follows from plans and responses by policy, and what is then shown."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from services.alerts.deciders.incidents.commands import MergeIncidents, RegisterIncident
from services.alerts.deciders.plans.commands import DefineTrigger, EscalatePlanClock, RepealPlan
from services.alerts.deciders.plans.triggers import BOOK
from services.alerts.deciders.reports.figures import EnterFigures
from services.alerts.deciders.responses.commands import (
    ChangeLevel,
    DeclineActivation,
    EndMeasure,
    EscalateResponseClock,
    ExtendResponse,
    ProposeActivation,
    RecordExternalActivation,
    TakeOverMeasure,
)
from services.alerts.deciders.responses.evaluation import ApproveEvaluation, OpenEvaluation, SubmitEvaluation
from services.alerts.deciders.responses.urgent import DeclareUrgentDroughtPeriod, period_of
from services.alerts.events.evaluation import EvaluationKind
from services.alerts.events.incident import IncidentClassified, IncidentType
from services.alerts.events.plan_content import Authority, Metric, PlanLevel, PlanType
from services.alerts.events.report import Figure
from services.alerts.events.response import ActivationProposed
from services.alerts.events.scales import EventGrade, ResponseLevel, WarningColour
from shared.kernel.errors import WrongState
from tests.alerts.command.responding import (
    B_HQ,
    C_GOV,
    C_HQ,
    LEVELS,
    NATION,
    NOW,
    OFFICER,
    POLICY,
    R_GOV,
    R_HQ,
    Followed,
    activate,
    adopt,
    begun,
    change,
    draft,
    end,
    levels,
    whole,
)
from tests.alerts.world import DUTY, GOV, SYS, at, published

FIRST, SECOND, THIRD, _ = ResponseLevel


@pytest.fixture
def node() -> Followed:
    return begun()


UP, MEASURE, ORDER, LEVEL = "report-", "measure-", "order-", "level-"


def test_each_measure_is_somebodys_task_and_the_activation_is_reported_up(node):
    assert node.do(activate()) == ["alerts.task.assigned.v1"] * 4
    assert node.open_tasks(MEASURE) == {f"measure-ACT-B.M-{n}" for n in (1, 2, 3)}
    task = node.state("task-measure-ACT-B.M-1")
    assert (task.roles, task.division, task.incident) == (("HQ", "EMD"), "150722", "INC-1")
    assert node.open_tasks(UP) == {"report-ACT-B"}


def test_the_same_version_of_a_plan_gives_the_same_work(node):
    whole(node)
    node.do(activate(plan="PLAN-S", level=FIRST, by=GOV, measures=()))
    assert node.open_tasks(MEASURE) == {"measure-ACT-B.P-ALL", "measure-ACT-B.P-2"}
    assert node.open_tasks(ORDER) == {"order-ACT-B.SO-1"}
    assert node.state("task-measure-ACT-B.P-2").roles == ("L4.office",)


def test_a_raise_begins_work_and_a_lower_level_withdraws_it(node):
    whole(node)
    node.do(activate(plan="PLAN-S", level=THIRD))
    before = node.open_tasks()
    assert node.do(change(FIRST, GOV)) == ["alerts.task.assigned.v1"] * 3
    assert node.open_tasks() - before == {"level-ACT-B.1", "measure-ACT-B.P-2.1", "order-ACT-B.SO-1.1"}
    assert node.do(change(THIRD, GOV)) == ["alerts.task.withdrawn.v1"] * 3
    assert node.open_tasks() == before
    node.do(change(SECOND))
    assert node.open_tasks() - before == {"level-ACT-B.3", "measure-ACT-B.P-2.3"}


def test_the_end_withdraws_what_ended_and_leaves_what_is_kept(node):
    node.do(activate())
    node.do(change(SECOND))
    node.do(end())
    assert node.open_tasks(MEASURE) == {"measure-ACT-B.M-3"} and not node.open_tasks(LEVEL)
    node.do(EndMeasure(by=B_HQ, now=at("13:00", 24), activation="ACT-B", measure="M-3", reason="safe"))
    assert not node.open_tasks(MEASURE)


def test_after_its_end_another_may_begin(node):
    node.do(activate())
    with pytest.raises(WrongState, match="ACT-B is open"):
        node.do(activate("ACT-2"))
    node.do(end())
    again = activate("ACT-2", now=at("13:00", 23), expected_end=at("12:00", 25))
    assert "alerts.task.assigned.v1" in node.do(again)
    assert node.state("response-ACT-2").status == "active"


def test_a_level_of_another_authority_is_taken_by_one_response_alone(node):
    """(incident, plan, authority) has one open response, however it came to its level (domain 3.4)."""
    node.do(adopt("PLAN-S", hazard="snow", levels=levels(by_level={1: Authority(("GOV",), "150700")})))
    plan = {"plan": "PLAN-S", "measures": ("M-1 a",)}
    node.do(activate(level=SECOND, **plan))
    node.do(activate("ACT-C", by=C_GOV, **plan))
    with pytest.raises(WrongState, match="ACT-C is open"):
        node.do(change(FIRST, C_GOV))
    node.do(end("ACT-C", C_GOV, ended=("M-1", "P-ALL", "P-2"), kept=()))
    node.do(change(FIRST, C_GOV))
    with pytest.raises(WrongState, match="ACT-B is open"):
        node.do(activate("ACT-D", by=C_GOV, **plan))
    node.do(activate("ACT-E", level=THIRD, **plan))  # the banner's own is free
    with pytest.raises(WrongState, match="ACT-E is open"):
        node.do(change(SECOND, C_GOV))
    node.do(end("ACT-E", ended=("M-1", "P-ALL"), kept=()))
    node.do(change(SECOND, C_GOV))
    node.do(activate("ACT-F", by=C_GOV, **plan))  # and the city's again


def test_where_an_incident_was_merged_a_level_is_taken_there(node):
    node.do(adopt("PLAN-S", hazard="snow", levels=levels(by_level={1: Authority(("GOV",), "150700")})))
    for name in ("INC-2", "INC-3"):
        node.handle(RegisterIncident(by=DUTY, now=at("14:00"), incident=name, type=IncidentType.DAM, division="150722"))
    plan = {"plan": "PLAN-S", "measures": ("M-1 a",)}
    node.do(activate(level=SECOND, **plan))
    node.do(activate("ACT-C", by=C_GOV, incident="INC-3", **plan))
    for name, into in (("INC-1", "INC-2"), ("INC-2", "INC-3")):
        node.do(MergeIncidents(by=R_GOV, now=at("15:00"), incident=name, into=into, reason="one flood"))
    with pytest.raises(WrongState, match="ACT-C is open for INC-3"):
        node.do(change(FIRST, C_GOV))


def test_a_merged_incident_brings_its_responses_along(node):
    node.do(RegisterIncident(by=DUTY, now=at("13:53"), incident="INC-2", type=IncidentType.DAM, division="150722"))
    node.do(activate("ACT-2", incident="INC-2"))
    node.do(MergeIncidents(by=OFFICER, now=NOW, incident="INC-2", into="INC-1", reason="one dam"))
    with pytest.raises(WrongState, match="ACT-2 is open"):
        node.do(activate())
    node.do(end("ACT-2"))
    node.do(activate(now=at("13:00", 23), expected_end=at("12:00", 25)))


def test_incidents_with_one_response_each_under_a_plan_are_not_merged(node):
    node.do(RegisterIncident(by=DUTY, now=at("13:53"), incident="INC-2", type=IncidentType.DAM, division="150722"))
    node.do(activate("ACT-2", incident="INC-2"))
    node.do(activate())
    with pytest.raises(WrongState, match="ACT-2 and ACT-B are open under one plan and authority"):
        node.do(MergeIncidents(by=OFFICER, now=NOW, incident="INC-2", into="INC-1", reason="one dam"))


def test_a_passed_end_asks_for_a_review_that_an_extension_withdraws(node):
    node.do(activate())
    node.do(EscalateResponseClock(by=SYS, now=at("12:00", 22), activation="ACT-B", key="expected_end"))
    assert node.open_tasks("review-") == {"review-ACT-B.20210722040000"}
    assert node.state("response-ACT-B").status == "active"
    node.do(ExtendResponse(by=B_HQ, now=at("12:30", 22), activation="ACT-B", expected_end=at("12:00", 25), reason="rain"))
    assert not node.open_tasks("review-")


def test_a_measure_taken_over_goes_on_elsewhere(node):
    node.do(activate())
    node.do(activate("ACT-C", plan="PLAN-C", by=C_HQ, level=SECOND))
    node.do(TakeOverMeasure(by=C_HQ, now=at("16:00"), activation="ACT-C", source="ACT-B", measure="M-3"))
    assert {"measure-ACT-C.ACT-B.M-3"} <= node.open_tasks(MEASURE) and "measure-ACT-B.M-3" not in node.open_tasks()


def test_a_warning_proposes_what_the_plan_says_and_the_authority_decides(node):
    trigger = {"trigger": "T-1", "level": SECOND, "metric": Metric.COLOUR, "colour": WarningColour.YELLOW}
    node.do(DefineTrigger(by=OFFICER, now=NOW, plan="PLAN-B", **trigger))
    node.past["alert-AL-1"] = list(published())
    since = len(node.log)
    node.log.append(("alert-AL-1", node.past["alert-AL-1"][2]))
    node.settle(since, NOW)
    assert node.open_tasks("decide-") == {"decide-PLAN-B.AL-1"}
    assert node.state("response-PLAN-B.AL-1").level == SECOND
    node.do(activate("PLAN-B.AL-1", level=SECOND))
    assert not node.open_tasks("decide-")


def test_a_grade_proposes_for_the_incident_and_another_activation_answers_it(node):
    trigger = {"trigger": "T-1", "level": THIRD, "metric": Metric.GRADE, "grade": EventGrade.MAJOR, "hazards": ("NAT.",)}
    node.do(DefineTrigger(by=OFFICER, now=NOW, plan="PLAN-B", **trigger))
    classified = IncidentClassified("INC-1", IncidentType.DAM, EventGrade.MAJOR, "size", "B.OFF", NOW)
    node.past["incident-INC-1"].append(classified)
    node.log.append(("incident-INC-1", classified))
    node.settle(len(node.log) - 1, NOW)
    assert node.open_tasks("decide-") == {"decide-PLAN-B.INC-1"}
    node.do(activate())
    assert not node.open_tasks("decide-") and node.state("response-PLAN-B.INC-1").status == "declined"


def test_a_proposal_of_a_graver_level_waits_until_that_level_is_decided_on(node):
    trigger = {"trigger": "T-1", "level": SECOND, "metric": Metric.DEAD, "at_least": Decimal(4)}
    node.do(DefineTrigger(by=OFFICER, now=NOW, plan="PLAN-B", **trigger))
    dead = Figure("dead", Decimal(4), "person", NOW, "B.DUTY")
    node.do(EnterFigures(by=POLICY, now=NOW, incident="INC-1", report="RP-1", root="RP-1", figures=(dead,)))
    node.do(activate(level=THIRD))
    assert node.open_tasks("decide-") == {"decide-PLAN-B.INC-1"} and node.state("response-PLAN-B.INC-1").status == "proposed"
    node.do(ChangeLevel(by=B_HQ, now=NOW, activation="ACT-B", level=SECOND, reason="four are dead"))
    assert not node.open_tasks("decide-") and node.state("response-PLAN-B.INC-1").status == "declined"


def test_a_proposal_made_again_is_asked_again(node):
    propose = ProposeActivation(by=OFFICER, now=NOW, activation="ACT-P", plan="PLAN-B", level=THIRD, reason="rain", incident="INC-1")
    decline = DeclineActivation(by=B_HQ, now=NOW, activation="ACT-P", reason="it stops")
    node.do(propose)
    node.do(replace(propose, level=SECOND))  # before the first was decided on: that question falls away
    assert node.open_tasks("decide-") == {"decide-ACT-P.1"}
    node.do(decline)
    assert not node.open_tasks("decide-")
    node.do(replace(propose, level=FIRST))
    assert node.open_tasks("decide-") == {"decide-ACT-P.2"}
    node.do(activate("ACT-P"))
    assert not node.open_tasks("decide-")


def test_a_figure_that_reaches_a_national_bound_is_told_to_the_duty_room(node):
    dead = Figure("dead", Decimal(25), "person", NOW, "B.DUTY")
    node.do(EnterFigures(by=POLICY, now=NOW, incident="INC-1", report="RP-1", root="RP-1", figures=(dead,)))
    assert node.open_tasks("relief-") == {"relief-INC-1.4"}
    assert not [fact for _, fact in node.log if isinstance(fact, ActivationProposed)]


def test_a_plan_that_is_gone_is_listened_to_no_more_and_leaves_its_place(node):
    trigger = {"trigger": "T-1", "level": SECOND, "metric": Metric.COLOUR, "colour": WarningColour.RED}
    node.do(DefineTrigger(by=OFFICER, now=NOW, plan="PLAN-B", **trigger))
    assert set(node.state(BOOK).plans) == {"PLAN-B"}
    node.do(RepealPlan(by=GOV, now=NOW, plan="PLAN-B", reason="replaced"))
    assert not node.state(BOOK).plans
    node.do(draft(plan="PLAN-B2", now=at("15:00")))


def test_an_expired_plan_leaves_its_place_too(node):
    node.do(adopt("PLAN-D", hazard="drought", valid_to=at("00:00", 20)))
    with pytest.raises(WrongState, match="PLAN-D is the special plan"):
        node.do(adopt("PLAN-E", hazard="drought"))
    node.do(EscalatePlanClock(by=SYS, now=at("00:00", 20), plan="PLAN-D", key="K-44"))
    node.do(adopt("PLAN-E", hazard="drought", now=at("00:01", 20)))


def test_what_a_plan_owes_is_asked_for_when_it_is_late(node):
    late = at("08:00", 17).replace(year=2024, month=8)
    node.do(EscalatePlanClock(by=SYS, now=late, plan="PLAN-B", key="K-43"))
    assert {name.partition("-")[0] for name in node.open_tasks("drill_plan")} == {"drill_plan"}


def test_an_evaluation_proposes_to_revise_our_plans_and_no_others(node):
    bare = tuple(PlanLevel(level) for level in LEVELS)
    node.do(adopt("PLAN-N", type=PlanType.EXTERNAL, owner=None, outside="national", levels=bare))
    node.do(activate())
    node.do(RecordExternalActivation(by=NATION, now=NOW, activation="ACT-N", plan="PLAN-N", incident="INC-1", level=THIRD))
    node.do(OpenEvaluation(by=C_GOV, now=NOW, evaluation="EL-1", kind=EvaluationKind.RESPONSE, incident="INC-1"))
    node.do(SubmitEvaluation(by=OFFICER, now=NOW, evaluation="EL-1", findings=("late",), cites="ids"))
    assert node.do(ApproveEvaluation(by=C_GOV, now=NOW, evaluation="EL-1")) == ["alerts.plan.revision_proposed.v1"]
    node.do(OpenEvaluation(by=C_GOV, now=NOW, evaluation="EL-2", kind=EvaluationKind.PLAN, plan="PLAN-C"))
    assert node.state("plan-PLAN-C").status == "under evaluation"


def test_a_drought_period_is_reported_to_the_national_headquarters(node):
    drought = DeclareUrgentDroughtPeriod(by=R_HQ, cosigner=R_GOV, now=NOW, area="150700", until=at("00:00", 30))
    assert node.do(drought) == ["alerts.task.assigned.v1"]
    assert len(node.open_tasks(f"report-{period_of(drought)}")) == 1


def test_a_policy_of_a_response_is_repeated_without_effect(node):
    node.do(activate())
    node.do(change(SECOND))
    before = len(node.log)
    node.settle(0, NOW)
    assert len(node.log) == before
