"""What was learned: an evaluation is opened, reported with what it rests on, and approved (ERL art. 87, 92; domain 3.24)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from services.alerts.deciders.guard import guard_of, responses_guard
from services.alerts.deciders.plans.state import Plan
from services.alerts.deciders.responses.basis import known_incident, known_plan, visibility_of
from services.alerts.deciders.streams import evaluation_stream, incident_stream, plan_stream
from services.alerts.events.evaluation import (
    EvaluationApproved,
    EvaluationEvent,
    EvaluationKind,
    EvaluationOpened,
    EvaluationSubmitted,
    EvaluationTeamNamed,
)
from shared.blocks.flow import Flow
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

RULE, INDEPENDENT = "ERL-92", "PSIR-23"
NEW, OPENED, SUBMITTED, APPROVED = "new", "opened", "submitted", "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEvaluation(Command):
    """Look into an emergency, or into a plan."""

    evaluation: PublicId
    kind: EvaluationKind | None = None
    incident: PublicId | None = None
    plan: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameTeam(Command):
    """Say who looks into it; `conflict` is what each of them declared: whether they have an interest in the matter."""

    evaluation: PublicId
    team: tuple[str, ...] = ()
    conflict: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitEvaluation(Command):
    """The report: what was found, and what each finding rests on."""

    evaluation: PublicId
    findings: tuple[str, ...] = ()
    cites: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveEvaluation(Command):
    """The government stands behind the report."""

    evaluation: PublicId


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation."""

    status: str = NEW
    incident: str | None = None
    plans: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    author: str = ""
    team: tuple[str, ...] = ()
    division: str | None = None
    visibility: str = "internal"


FLOW = Flow(
    "evaluation.life",
    {
        (NEW, OpenEvaluation): OPENED,
        (OPENED, NameTeam): OPENED,
        (OPENED, SubmitEvaluation): SUBMITTED,
        (SUBMITTED, ApproveEvaluation): APPROVED,
    },
)


def decide(command: OpenEvaluation | NameTeam | SubmitEvaluation | ApproveEvaluation, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal."""
    match command:
        case OpenEvaluation():
            return _open(command, state)
        case NameTeam():
            return _name(command, state)
        case SubmitEvaluation():
            return _submit(command, state)
        case ApproveEvaluation():
            return _approve(command, state)
        case _:
            assert_never(command)


def evolve(evaluation: Evaluation, event: EvaluationEvent) -> Evaluation:
    """The evaluation after the event."""
    match event:
        case EvaluationOpened():
            return Evaluation(OPENED, event.incident, event.plans, division=event.division, visibility=event.visibility)
        case EvaluationTeamNamed(team=team):
            return replace(evaluation, team=team)
        case EvaluationSubmitted(findings=findings, by=by):
            return replace(evaluation, status=SUBMITTED, findings=findings, author=by)
        case EvaluationApproved():
            return replace(evaluation, status=APPROVED)
        case _:
            assert_never(event)


def about(evaluation: Evaluation) -> About:
    """It is seen as its incident is."""
    return About(evaluation.division, evaluation.visibility, evaluation.incident)


def _open(command: OpenEvaluation, states: Mapping[str, Any]) -> Decided:
    """Of an incident, also one that is closed, with the plans that were used; or of one plan in force."""
    stream = evaluation_stream(command.evaluation)
    evaluation: Evaluation = states[stream]
    incident = known_incident(states, command.incident)
    plan: Plan | None = known_plan(states, command.plan) if command.plan else None
    FLOW.require(evaluation.status, command)
    faults = [] if command.kind else [Failure(RULE, "kind is empty", "kind")]
    if command.incident is None and plan is None:
        faults.append(Failure(RULE, "incident is empty, or plan: say what is looked into", "incident"))
    refuse_all(RuleBroken, faults)
    assert command.kind is not None
    used = guard_of(states, responses_guard(command.incident)).plans if command.incident else ()
    plans = tuple(dict.fromkeys((*used, *((command.plan,) if command.plan else ()))))
    by = (command.by.actor, command.by.division, command.now, visibility_of(incident))
    return Decided([(stream, EvaluationOpened(command.evaluation, command.kind, command.incident, plans, *by))], basis=RULE)


def _name(command: NameTeam, evaluation: Evaluation) -> Sequence[EvaluationTeamNamed]:
    """Each member declares; who has an interest in the matter is no member (PSIR art. 23)."""
    FLOW.require(evaluation.status, command)
    faults = [] if command.team else [Failure(RULE, "team is empty: name the posts that look into it", "team")]
    for one in dict.fromkeys(command.team):
        if one not in command.conflict:
            faults.append(Failure(INDEPENDENT, f"{one} has not declared whether they have an interest in the matter", "conflict"))
        elif command.conflict[one]:
            faults.append(Failure(INDEPENDENT, f"{one} has an interest in the matter: name somebody else", "team"))
    refuse_all(RuleBroken, faults)
    team = tuple(dict.fromkeys(command.team))
    return [EvaluationTeamNamed(command.evaluation, team, command.by.actor, command.now, evaluation.incident)]


def _submit(command: SubmitEvaluation, evaluation: Evaluation) -> Sequence[EvaluationSubmitted]:
    """A finding rests on something: without a source it is none (domain 3.24)."""
    if evaluation.team and command.by.actor not in evaluation.team:
        raise NotAllowed(Failure("evaluation.team", f"the team reports: {', '.join(evaluation.team)}"))
    FLOW.require(evaluation.status, command)
    said = {"findings": command.findings, "cites": command.cites.strip()}
    refuse_all(RuleBroken, [Failure(RULE, f"{name} is empty", name) for name, value in said.items() if not value])
    by = (command.by.actor, command.now, evaluation.incident)
    return [EvaluationSubmitted(command.evaluation, command.findings, command.cites, *by)]


def _approve(command: ApproveEvaluation, evaluation: Evaluation) -> Sequence[EvaluationApproved]:
    """Who wrote the report does not approve it."""
    if command.by.actor == evaluation.author:
        raise NotAllowed(Failure("evaluation.second_person", "another than who wrote the report"))
    FLOW.require(evaluation.status, command)
    by = (command.by.actor, command.now, evaluation.incident)
    return [EvaluationApproved(command.evaluation, evaluation.plans, evaluation.findings, *by)]


def _opening(command: OpenEvaluation) -> tuple[str, ...]:
    named = [evaluation_stream(command.evaluation)]
    if command.incident:
        named += [incident_stream(command.incident), responses_guard(command.incident)]
    return (*named, plan_stream(command.plan)) if command.plan else tuple(named)


EVALUATION = Decider(
    category="evaluation",
    initial=Evaluation(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        OpenEvaluation: Handles(_opening, creates=True),
        NameTeam: Handles(lambda c: (evaluation_stream(c.evaluation),)),
        SubmitEvaluation: Handles(lambda c: (evaluation_stream(c.evaluation),)),
        ApproveEvaluation: Handles(lambda c: (evaluation_stream(c.evaluation),)),
    },
    joint=frozenset({OpenEvaluation}),
)
