"""From a proposal to a text the owner stands behind: consulted widely, found lawful, approved by another than its author."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.alerts.deciders.guard import guard_of, plan_guard, plan_key
from services.alerts.deciders.plans.catalogue import unknown
from services.alerts.deciders.plans.commands import AdoptPlan, ApprovePlan, DraftPlan, PassLegalReview, RecordOpinion, RevisePlan
from services.alerts.deciders.plans.owning import holder, organ_of, require_own
from services.alerts.deciders.plans.state import PLAN_FLOW, Plan
from services.alerts.deciders.streams import plan_stream
from services.alerts.deciders.warnings.content import naive
from services.alerts.events.guard import Guarded, GuardTaken
from services.alerts.events.plan import PlanApproved, PlanDrafted, PlanLegallyReviewed, PlanOpinionRecorded, PlanRevisionStarted
from services.alerts.events.plan_content import PlanContent, PlanType, RevisionReason
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState, refuse_all

SECOND_PERSON = "plan.second_person"
KEPT = ("title", "parts", "levels", "valid_to", "document")


def owner_of(command: DraftPlan) -> str:
    """The division whose plan it is to be."""
    return command.owner or command.by.division or ""


def draft(command: DraftPlan, states: Mapping[str, Any], rules: Rules) -> Decided:
    """An owner has one plan for a type and hazard; a second one is a revision of the first."""
    plan: Plan = states[plan_stream(command.plan)]
    owner = owner_of(command)
    parent = states.get(plan_stream(command.parent)) if command.parent else None
    if command.parent and not (isinstance(parent, Plan) and parent.in_force):
        raise NotFound(Failure("reference", f"plan {command.parent} is unknown or not in force", "parent"))
    require_own(command.by, command.type, organ_of(command.by))
    PLAN_FLOW.require(plan.status, command)
    taken = take(command, holder(owner, organ_of(command.by)), owner, states)
    if command.type == PlanType.EXTERNAL:
        raise RuleBroken(Failure("plan.type", "a plan of an authority outside is adopted (AdoptPlan), not drafted here", "type"))
    refuse_all(RuleBroken, [*naive(valid_to=command.valid_to), *doubled(command.levels)])
    said = {name: getattr(command, name) for name in KEPT}
    content = PlanContent(command.type, command.hazard, owner, parent=command.parent, organ=organ_of(command.by), **said)
    drafted = PlanDrafted(command.plan, content, command.by.actor, owner, command.now)
    return _told([(plan_stream(command.plan), drafted), taken], content, rules)


def _told(facts: Sequence[Any], content: PlanContent, rules: Rules) -> Decided:
    """A draft may name what nobody knows; it is told what, and finds no legal review."""
    faults = [{"field": fault.field, "rule": fault.rule, "cure": fault.cure} for fault in unknown(content, rules)]
    return Decided(facts, answer={"incomplete": faults} if faults else {}, flags=("A-INCOMPLETE",) if faults else ())


def take(command: DraftPlan | AdoptPlan, owner: str, division: str | None, states: Mapping[str, Any]) -> tuple[str, GuardTaken]:
    """The fact that this plan is the one for its owner, type and hazard. WrongState when another is."""
    subject = plan_key(owner, command.type, command.hazard)
    stream = plan_guard(owner, command.type, command.hazard)
    other = guard_of(states, stream).holder(subject)
    if other is not None:
        what = f"{other} is the {command.type} plan of {owner} for {command.hazard}"
        raise WrongState(Failure("plan.one_version", f"{what}: revise or repeal it"))
    return stream, GuardTaken(Guarded.PLAN, subject, subject, command.plan, division, command.now)


def revise(command: RevisePlan, plan: Plan, rules: Rules) -> Decided:
    """Of an issued plan it starts a new version; of a draft it goes on with it. Review and approval are asked anew."""
    PLAN_FLOW.require(plan.status, command)
    before = plan.content
    assert before is not None  # by the flow
    said = {name: value for name in KEPT if (value := getattr(command, name)) is not None}
    content = replace(before, **said)
    reason = command.reason or (RevisionReason.DRAFTING if plan.draft is not None else None)
    faults = [*naive(valid_to=command.valid_to), *doubled(content.levels)]
    if reason is None:
        faults.append(Failure("PSER-6", "reason is empty: law, command, risk, resources, problems, drill or evaluation", "reason"))
    refuse_all(RuleBroken, faults)
    assert reason is not None
    if plan.draft is not None and content == before:
        return Decided()
    return _told([PlanRevisionStarted(command.plan, content, reason, command.by.actor, command.now)], content, rules)


def record_opinion(command: RecordOpinion, plan: Plan) -> Sequence[PlanOpinionRecorded]:
    """Wide consultation (ERL art. 28)."""
    PLAN_FLOW.require(plan.status, command)
    return [PlanOpinionRecorded(command.plan, command.of, command.opinion, command.by.actor, command.now)]


def review(command: PassLegalReview, plan: Plan, rules: Rules) -> Sequence[PlanLegallyReviewed]:
    """Before it is approved, and by another than its author; of a text that somebody could act on."""
    _require_another(command, plan)
    PLAN_FLOW.require(plan.status, command)
    refuse_all(RuleBroken, list(unknown(plan.content, rules)) if plan.content else [])
    return [PlanLegallyReviewed(command.plan, command.by.actor, command.now, command.finding)]


def approve(command: ApprovePlan, plan: Plan) -> Sequence[PlanApproved]:
    """The author is never the approver."""
    _require_another(command, plan)
    PLAN_FLOW.require(plan.status, command)
    return [PlanApproved(command.plan, command.by.actor, command.now)]


def doubled(levels: Sequence[Any]) -> list[Failure]:
    """A level, and a measure of it, stands once."""
    names = [level.level for level in levels]
    faults = [Failure("plan", "a level stands twice", "levels")] if len(set(names)) < len(names) else []
    for level in levels:
        ids = [measure.measure for measure in level.measures] + [order.order for order in level.orders]
        if len(set(ids)) < len(ids):
            faults.append(Failure("plan", f"level {level.level.value}: a measure or order has the id of another", "levels"))
    return faults


def _require_another(command: Command, plan: Plan) -> None:
    if command.by.actor == plan.author:
        raise NotAllowed(Failure(SECOND_PERSON, "another than the author of the text"))
