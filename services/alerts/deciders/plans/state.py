"""What is known of a plan, folded from its events; and the states it goes through (domain 3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from services.alerts.deciders.plans.commands import (
    AdoptPlan,
    ApprovePlan,
    DefineTrigger,
    DraftPlan,
    FilePlan,
    IssuePlan,
    PassLegalReview,
    RecordOpinion,
    RecordPlanDrill,
    RepealPlan,
    RevisePlan,
)
from services.alerts.events.clock import ClockMissed
from services.alerts.events.plan import (
    PlanAdopted,
    PlanApproved,
    PlanDrafted,
    PlanDrilled,
    PlanEvaluationOpened,
    PlanEvent,
    PlanExpired,
    PlanFiled,
    PlanIssued,
    PlanLegallyReviewed,
    PlanOpinionRecorded,
    PlanRepealed,
    PlanRevisionProposed,
    PlanRevisionStarted,
    PlanTriggerDefined,
)
from services.alerts.events.plan_content import PlanContent, PlanLevel, Trigger
from services.alerts.events.scales import ResponseLevel
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.decider import About

NEW, DRAFTING, CONSULTING, REVIEWED, APPROVED = "new", "drafting", "consulting", "legally reviewed", "approved"
ISSUED, FILED, EVALUATING, REPEALED, EXPIRED = "issued", "filed", "under evaluation", "repealed", "expired"
LIVE = (DRAFTING, CONSULTING, REVIEWED, APPROVED, ISSUED, FILED, EVALUATING)
HELD = (ISSUED, FILED, EVALUATING)

PLAN_FLOW = Flow(
    "plan.life",
    {
        (NEW, DraftPlan): DRAFTING,
        (NEW, AdoptPlan): ISSUED,
        (DRAFTING, RecordOpinion): CONSULTING,
        (CONSULTING, RecordOpinion): CONSULTING,
        (CONSULTING, PassLegalReview): REVIEWED,
        (REVIEWED, ApprovePlan): APPROVED,
        (DRAFTING, IssuePlan): DRAFTING,  # refused by SEED-6: nobody found the text lawful
        (CONSULTING, IssuePlan): CONSULTING,
        (APPROVED, IssuePlan): ISSUED,
        **{(status, RevisePlan): DRAFTING for status in LIVE},
        **{(status, DefineTrigger): status for status in LIVE},
        **{(status, RepealPlan): REPEALED for status in LIVE},
        **{(status, FilePlan): status for status in LIVE},
        **{(status, RecordPlanDrill): status for status in LIVE},
    },
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: the text that is worked on, and the version that holds, which may be an earlier one."""

    status: str = NEW
    draft: PlanContent | None = None
    author: str = ""
    in_force: PlanContent | None = None
    version: int = 0
    filed: int = 0  # the last version that was filed
    issued: Mapping[int, datetime] = field(default_factory=dict)  # since when each version holds, or held
    triggers: Mapping[str, Trigger] = field(default_factory=dict)
    division: str | None = None
    clocks: Clocks = STILL

    @property
    def content(self) -> PlanContent | None:
        return self.draft or self.in_force

    def level(self, level: ResponseLevel) -> PlanLevel | None:
        """A level of the version in force."""
        return next((one for one in self.levels if one.level == level), None)

    @property
    def levels(self) -> tuple[PlanLevel, ...]:
        return self.in_force.levels if self.in_force else ()


def evolve(plan: Plan, event: PlanEvent | ClockMissed) -> Plan:
    """The plan after the event."""
    clocks = plan.clocks
    if not isinstance(event, ClockMissed):
        ended = (*getattr(event, "met", ()), *getattr(event, "stopped", ()))
        clocks = clocks.end(event.at, *ended).start(*getattr(event, "clocks", ()))
    plan = replace(plan, clocks=clocks)
    match event:
        case PlanDrafted(content=content, author=author, division=division):
            return replace(plan, status=DRAFTING, draft=content, author=author, division=division)
        case PlanRevisionStarted(content=content, author=author):
            return replace(plan, status=DRAFTING, draft=content, author=author)
        case PlanOpinionRecorded():
            return replace(plan, status=CONSULTING)
        case PlanLegallyReviewed():
            return replace(plan, status=REVIEWED)
        case PlanApproved():
            return replace(plan, status=APPROVED)
        case PlanIssued(content=content, version=version, at=at):
            return replace(plan, status=ISSUED, draft=None, in_force=content, version=version, issued={**plan.issued, version: at})
        case PlanAdopted(content=content, version=version, division=division):
            triggers = {trigger.trigger: trigger for trigger in event.triggers}
            held = replace(plan, status=ISSUED, in_force=content, version=version, filed=version, issued={version: event.at})
            return replace(held, triggers=triggers, division=division)
        case PlanFiled(version=version):
            return replace(plan, filed=version, status=FILED if plan.status == ISSUED else plan.status)
        case PlanTriggerDefined(trigger=trigger):
            return replace(plan, triggers={**plan.triggers, trigger.trigger: trigger})
        case PlanEvaluationOpened():
            return replace(plan, status=EVALUATING if plan.status in HELD else plan.status)
        case PlanRevisionProposed() | PlanDrilled():
            return plan
        case PlanRepealed():
            return replace(plan, status=REPEALED, in_force=None)
        case PlanExpired():
            return replace(plan, status=EXPIRED, in_force=None)
        case ClockMissed(key=key):
            return replace(plan, clocks=clocks.miss(key))
        case _:
            assert_never(event)


def about(plan: Plan) -> About:
    """Internal to the organs of the own chain."""
    return About(plan.division, "internal")
