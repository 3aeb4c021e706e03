"""The decider of a plan: each command to the page that decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.alerts.deciders.guard import plan_guard
from services.alerts.deciders.plans import drafting, issuing, owning, triggers
from services.alerts.deciders.plans.commands import (
    AdoptPlan,
    ApprovePlan,
    DefineTrigger,
    DraftPlan,
    EscalatePlanClock,
    EvaluatePlan,
    FilePlan,
    IssuePlan,
    PassLegalReview,
    ProposeRevision,
    RecordOpinion,
    RecordPlanDrill,
    RepealPlan,
    RevisePlan,
)
from services.alerts.deciders.plans.state import Plan, about, evolve
from services.alerts.deciders.streams import plan_stream
from services.alerts.events.plan_content import PlanType
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules

Drafting = DraftPlan | RevisePlan | RecordOpinion | PassLegalReview | ApprovePlan
Holding = IssuePlan | AdoptPlan | FilePlan | DefineTrigger | RecordPlanDrill | RepealPlan
Following = EvaluatePlan | ProposeRevision | EscalatePlanClock


def decide(command: Drafting | Holding | Following, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a plan; of a joint command the states by stream."""
    match command:
        case DraftPlan() | RevisePlan() | RecordOpinion() | PassLegalReview() | ApprovePlan():
            return _draft(command, state, rules)
        case IssuePlan() | AdoptPlan() | FilePlan() | DefineTrigger() | RecordPlanDrill() | RepealPlan():
            return _hold(command, state, rules)
        case EvaluatePlan():
            return issuing.evaluate(command, state)
        case ProposeRevision():
            return issuing.propose_revision(command, state)
        case EscalatePlanClock():
            return issuing.pass_deadline(command, state)
        case _:
            assert_never(command)


def _draft(command: Drafting, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    if not isinstance(command, DraftPlan | RecordOpinion):
        _require_own(command, state)
    match command:
        case DraftPlan():
            return drafting.draft(command, state, rules)
        case RevisePlan():
            return drafting.revise(command, state, rules)
        case RecordOpinion():
            return drafting.record_opinion(command, state)
        case PassLegalReview():
            return drafting.review(command, state, rules)
        case ApprovePlan():
            return drafting.approve(command, state)
        case _:
            assert_never(command)


def _hold(command: Holding, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    if not isinstance(command, AdoptPlan):
        _require_own(command, state)
    match command:
        case IssuePlan():
            return issuing.issue(command, state, rules)
        case AdoptPlan():
            return issuing.adopt(command, state, rules)
        case FilePlan():
            return issuing.file(command, state)
        case DefineTrigger():
            return triggers.define(command, state)
        case RecordPlanDrill():
            return issuing.record_drill(command, state, rules)
        case RepealPlan():
            return issuing.repeal(command, state)
        case _:
            assert_never(command)


def _require_own(command: Command, plan: Plan) -> None:
    content = plan.content
    owning.require_own(command.by, content.type if content else None, content.organ if content else None)


def _own(command: Any) -> tuple[str, ...]:
    return (plan_stream(command.plan),)


def _drafting(command: DraftPlan) -> tuple[str, ...]:
    whose = owning.holder(drafting.owner_of(command), owning.organ_of(command.by))
    own = (plan_stream(command.plan), plan_guard(whose, command.type, command.hazard))
    return (*own, plan_stream(command.parent)) if command.parent else own


def _adopting(command: AdoptPlan) -> tuple[str, ...]:
    whose = owning.holder(issuing.owner_of(command), command.organ)
    return plan_stream(command.plan), plan_guard(whose, command.type, command.hazard)


def _adopted_under(command: AdoptPlan, states: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    outside = command.type == PlanType.EXTERNAL
    return {} if outside else owning.under(command.levels, command.owner or command.by.division)


def _issued_under(command: IssuePlan, states: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    plan: Plan = states[plan_stream(command.plan)]
    return owning.under(plan.draft.levels if plan.draft else (), plan.division)


def _areas(command: DraftPlan | AdoptPlan) -> tuple[str, ...]:
    owner = command.owner or command.by.division
    return (owner,) if owner else ()


_HANDLES: Mapping[type[Command], Handles] = {
    DraftPlan: Handles(_drafting, areas=_areas, creates=True),
    AdoptPlan: Handles(_adopting, areas=_areas, creates=True, under=_adopted_under),
    RevisePlan: Handles(_own),
    RecordOpinion: Handles(_own),
    PassLegalReview: Handles(_own),
    ApprovePlan: Handles(_own),
    IssuePlan: Handles(_own, under=_issued_under),
    FilePlan: Handles(_own),
    DefineTrigger: Handles(_own),
    RecordPlanDrill: Handles(_own),
    RepealPlan: Handles(_own),
    EvaluatePlan: Handles(_own),
    ProposeRevision: Handles(_own),
    EscalatePlanClock: Handles(_own),
}

PLAN = Decider(
    category="plan",
    initial=Plan(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles=_HANDLES,
    joint=frozenset({DraftPlan, AdoptPlan}),
)
