"""What follows for plans: their triggers are listened to, what reaches them proposes, what is owed is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from services.alerts.deciders.derived import derived
from services.alerts.deciders.guard import FreeGuard
from services.alerts.deciders.orders.task import AssignTask, CompleteTask
from services.alerts.deciders.plans.commands import EnlistTriggers, EvaluatePlan, EvaluateTriggers, ProposeRevision
from services.alerts.deciders.plans.triggers import listening
from services.alerts.deciders.responses.basis import proposal_of
from services.alerts.deciders.responses.commands import ProposeActivation
from services.alerts.events.alert import AlertPublished, LevelAdjusted
from services.alerts.events.clock import ClockMissed
from services.alerts.events.evaluation import EvaluationApproved, EvaluationKind, EvaluationOpened
from services.alerts.events.guard import Guarded
from services.alerts.events.incident import IncidentClassified, IncidentRegraded
from services.alerts.events.plan import PlanAdopted, PlanExpired, PlanIssued, PlanRepealed, PlanTriggerDefined
from services.alerts.events.triage import FiguresEntered, FiguresSettled
from services.alerts.events.trigger import TriggerReached
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

OWED = {"K-42": "file_plan", "K-43": "drill_plan"}  # what is asked for when such a deadline of a plan passes
OFFICERS = ("EMD", "SECT", "GOV", "HQ")


def when_plan_issued_then_listen_to_triggers(event: PlanIssued, at: Envelope) -> Iterable[Command]:
    return _listen(event, at)


def when_plan_adopted_then_listen_to_triggers(event: PlanAdopted, at: Envelope) -> Iterable[Command]:
    return _listen(event, at)


def when_trigger_defined_then_listen_to_it(event: PlanTriggerDefined, at: Envelope) -> Iterable[Command]:
    if event.listening is not None:
        yield EnlistTriggers(by=system(at), now=at.time, plan=event.plan, listening=event.listening)


def when_plan_repealed_then_let_go(event: PlanRepealed, at: Envelope) -> Iterable[Command]:
    return _let_go(event, at)


def when_plan_expired_then_let_go(event: PlanExpired, at: Envelope) -> Iterable[Command]:
    return _let_go(event, at)


def when_alert_published_then_evaluate_triggers(event: AlertPublished, at: Envelope) -> Iterable[Command]:
    return _warned(event, at)


def when_level_adjusted_then_evaluate_triggers(event: LevelAdjusted, at: Envelope) -> Iterable[Command]:
    return _warned(event, at)


def when_incident_classified_then_evaluate_triggers(event: IncidentClassified, at: Envelope) -> Iterable[Command]:
    return _graded(event, at)


def when_incident_regraded_then_evaluate_triggers(event: IncidentRegraded, at: Envelope) -> Iterable[Command]:
    return _graded(event, at)


def when_figures_entered_then_evaluate_triggers(event: FiguresEntered, at: Envelope) -> Iterable[Command]:
    yield EvaluateTriggers(by=system(at), now=at.time, incident=event.incident)


def when_figures_settled_then_evaluate_triggers(event: FiguresSettled, at: Envelope) -> Iterable[Command]:
    if event.counted:
        yield EvaluateTriggers(by=system(at), now=at.time, incident=event.incident)


def when_trigger_reached_then_propose_activation(event: TriggerReached, at: Envelope) -> Iterable[Command]:
    by, subject = replace(system(at), division=event.division), event.incident or event.alert or ""
    if event.outside:
        task, roles = derived("relief", f"{subject}.{event.level.value}"), ("EMD.duty", "EMD.officer")
        text = f"{event.seen}: level {event.level.value} of the national relief response may be asked for"
        work = AssignTask(by=by, now=at.time, task=task, kind="national_relief", subject=at.streamid, roles=roles, text=text)
        yield replace(work, incident=event.incident, restricted=at.visibility == "restricted")
    else:
        yield ProposeActivation(
            by=by,
            now=at.time,
            activation=proposal_of(event.plan, subject),
            plan=event.plan,
            level=event.level,
            reason=event.seen,
            incident=event.incident,
            alert=event.alert,
        )


def when_evaluation_opened_then_evaluate_plan(event: EvaluationOpened, at: Envelope) -> Iterable[Command]:
    if event.kind == EvaluationKind.PLAN:
        for plan in event.plans:
            yield EvaluatePlan(by=system(at), now=at.time, plan=plan, evaluation=event.evaluation)


def when_evaluation_approved_then_propose_revision(event: EvaluationApproved, at: Envelope) -> Iterable[Command]:
    for plan in event.plans:
        yield ProposeRevision(by=system(at), now=at.time, plan=plan, evaluation=event.evaluation, findings=event.findings)


def when_plan_deadline_passed_then_ask_for_it(event: ClockMissed, at: Envelope) -> Iterable[Command]:
    if at.streamid.startswith("plan-") and event.key in OWED:
        task, kind = _owed(at, event.key), OWED[event.key]
        yield AssignTask(by=system(at), now=at.time, task=task, kind=kind, subject=at.streamid, roles=OFFICERS, due=event.due_at)


def when_plan_deadline_ended_then_ask_no_more(event: Any, at: Envelope) -> Iterable[Command]:
    """Filed, drilled, or in force no longer."""
    for how in ("met", "stopped"):
        for key in OWED.keys() & set(getattr(event, how, ())):
            yield CompleteTask(by=system(at), now=at.time, task=_owed(at, key), outcome=how)


def _owed(at: Envelope, key: str) -> str:
    return derived(OWED[key], at.streamid.removeprefix("plan-"))


def _listen(event: PlanIssued | PlanAdopted, at: Envelope) -> Iterable[Command]:
    listens = listening(event.content, event.triggers)
    if listens is not None:
        yield EnlistTriggers(by=system(at), now=at.time, plan=event.plan, listening=listens)


def _let_go(event: PlanRepealed | PlanExpired, at: Envelope) -> Iterable[Command]:
    yield EnlistTriggers(by=system(at), now=at.time, plan=event.plan)
    yield FreeGuard(by=system(at), now=at.time, kind=Guarded.PLAN, subject=event.guard, holder=event.plan)


def _warned(event: AlertPublished | LevelAdjusted, at: Envelope) -> Iterable[Command]:
    content = event.content
    yield EvaluateTriggers(
        by=system(at),
        now=at.time,
        incident=at.correlationid,
        alert=event.alert,
        hazard=content.hazard,
        areas=content.areas,
        colour=content.colour,
    )


def _graded(event: IncidentClassified | IncidentRegraded, at: Envelope) -> Iterable[Command]:
    yield EvaluateTriggers(by=system(at), now=at.time, incident=event.incident, grade=event.grade)


PLANS: tuple[Policy, ...] = (
    policy("alerts.plan.issued.v1", when_plan_issued_then_listen_to_triggers),
    policy("alerts.plan.adopted.v1", when_plan_adopted_then_listen_to_triggers),
    policy("alerts.plan.trigger_defined.v1", when_trigger_defined_then_listen_to_it),
    policy("alerts.plan.repealed.v1", when_plan_repealed_then_let_go),
    policy("alerts.plan.expired.v1", when_plan_expired_then_let_go),
    policy("alerts.alert.published.v1", when_alert_published_then_evaluate_triggers),
    policy("alerts.alert.level_adjusted.v1", when_level_adjusted_then_evaluate_triggers),
    policy("alerts.incident.classified.v1", when_incident_classified_then_evaluate_triggers),
    policy("alerts.incident.regraded.v1", when_incident_regraded_then_evaluate_triggers),
    policy("alerts.figures.entered.v1", when_figures_entered_then_evaluate_triggers),
    policy("alerts.figures.settled.v1", when_figures_settled_then_evaluate_triggers),
    policy("alerts.trigger.reached.v1", when_trigger_reached_then_propose_activation),
    policy("alerts.evaluation.opened.v1", when_evaluation_opened_then_evaluate_plan),
    policy("alerts.evaluation.approved.v1", when_evaluation_approved_then_propose_revision),
    policy("alerts.clock.missed.v1", when_plan_deadline_passed_then_ask_for_it),
    policy(
        "alerts.plan.filed.v1",
        when_plan_deadline_ended_then_ask_no_more,
        "alerts.plan.drilled.v1",
        "alerts.plan.repealed.v1",
        "alerts.plan.expired.v1",
    ),
)
