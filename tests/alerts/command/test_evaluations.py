"""An evaluation is opened, reported with what it rests on, and approved by another (ERL art. 87, 92)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.alerts.deciders.guard import Guard
from services.alerts.deciders.incidents.state import CLOSED, Incident
from services.alerts.deciders.plans.state import Plan
from services.alerts.deciders.responses.evaluation import EVALUATION, ApproveEvaluation, NameTeam, OpenEvaluation, SubmitEvaluation
from services.alerts.events.evaluation import EvaluationApproved, EvaluationKind, EvaluationOpened, EvaluationSubmitted, EvaluationTeamNamed
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.alerts.command.responding import C_GOV, adopted, incident
from tests.alerts.world import RULES, at

AUDITOR = replace(C_GOV, actor="C.AUD", roles=("AUD",))
AROUND = {"incident-INC-1": incident(), "guard-responses.INC-1": Guard(plans=("PLAN-B", "PLAN-C"), incident="INC-1")}


def evaluation(*past: Any, **others: Any) -> Given:
    return given(EVALUATION, *past, rules=RULES, others=AROUND | others)


def open_(**changed: Any) -> OpenEvaluation:
    fields: dict[str, Any] = {"evaluation": "EL-1", "kind": EvaluationKind.RESPONSE, "incident": "INC-1"}
    return OpenEvaluation(**({"by": C_GOV, "now": at("14:00", 30)} | fields | changed))


def opened() -> EvaluationOpened:
    fact = evaluation().when(open_()).then_types(EvaluationOpened).events[0][1]
    assert isinstance(fact, EvaluationOpened)
    return fact


def submit(**changed: Any) -> SubmitEvaluation:
    fields: dict[str, Any] = {"evaluation": "EL-1", "findings": ("daily report late by 72 min",), "cites": "event ids"}
    return SubmitEvaluation(**({"by": AUDITOR, "now": at("10:00", 31)} | fields | changed))


APPROVE = ApproveEvaluation(by=C_GOV, now=at("11:00", 31), evaluation="EL-1")


def test_an_evaluation_looks_at_the_plans_that_were_used():
    assert opened().plans == ("PLAN-B", "PLAN-C")
    evaluation(opened()).when(open_()).refused(WrongState, "evaluation.life")
    evaluation(**{"incident-INC-1": incident(status=CLOSED)}).when(open_()).then_types(EvaluationOpened)


def test_it_says_what_it_looks_into():
    evaluation().when(open_(kind=None, incident=None)).refused(RuleBroken, "ERL-92", times=2)
    evaluation(**{"incident-INC-1": Incident()}).when(open_()).refused(NotFound, "reference")
    of_plan = open_(kind=EvaluationKind.PLAN, incident=None, plan="PLAN-B")
    evaluation(**{"plan-PLAN-B": Plan()}).when(of_plan).refused(NotFound, "reference")
    fact = evaluation(**{"plan-PLAN-B": adopted()}).when(of_plan).then_types(EvaluationOpened).events[0][1]
    assert (fact.plans, fact.incident) == (("PLAN-B",), None)


def name(**changed: Any) -> NameTeam:
    fields: dict[str, Any] = {"evaluation": "EL-1", "team": ("C.AUD",), "conflict": {"C.AUD": False}}
    return NameTeam(**({"by": C_GOV, "now": at("09:10", 31)} | fields | changed))


def test_who_looks_into_it_has_no_interest_in_it():
    both = {"team": ("C.AUD", "C.OFF")}
    evaluation(opened()).when(name(**both, conflict={"C.AUD": True})).refused(RuleBroken, "PSIR-23", times=2)
    evaluation(opened()).when(name(team=())).refused(RuleBroken, "ERL-92")
    named = evaluation(opened()).when(name()).then_types(EvaluationTeamNamed).events[0]
    evaluation(opened(), named).when(submit()).then_types(EvaluationSubmitted)
    evaluation(opened(), named).when(submit(by=C_GOV)).refused(NotAllowed, "evaluation.team")


def test_a_finding_rests_on_something():
    evaluation(opened()).when(submit(findings=(), cites=" ")).refused(RuleBroken, "ERL-92", times=2)
    evaluation(opened()).when(submit()).then_types(EvaluationSubmitted)
    evaluation().when(submit()).refused(WrongState, "evaluation.life")


def test_another_than_who_wrote_the_report_approves_it():
    submitted = evaluation(opened()).when(submit()).then_types(EvaluationSubmitted).events[0]
    approved = evaluation(opened(), submitted).when(APPROVE).then_types(EvaluationApproved).events[0]
    assert (approved.plans, approved.findings, approved.incident) == (("PLAN-B", "PLAN-C"), ("daily report late by 72 min",), "INC-1")
    evaluation(opened(), submitted).when(replace(APPROVE, by=AUDITOR)).refused(NotAllowed, "evaluation.second_person")
    evaluation(opened()).when(APPROVE).refused(WrongState, "evaluation.life")
    assert EVALUATION.about(EVALUATION.fold([opened(), submitted, approved])).incident == "INC-1"
