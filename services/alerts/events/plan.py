"""The life of a response plan, from its draft to its end (ERL art. 28; domain 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.alerts.events.plan_content import Listening, PlanContent, RevisionReason, Trigger
from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("alerts.plan.drafted.v1")
@dataclass(frozen=True, slots=True)
class PlanDrafted:
    """Somebody proposes a plan; anything may still be missing."""

    plan: str
    content: PlanContent
    author: str
    division: str | None
    at: datetime


@event("alerts.plan.revision_started.v1")
@dataclass(frozen=True, slots=True)
class PlanRevisionStarted:
    """The text is changed and passes the whole way again; what was issued before holds meanwhile."""

    plan: str
    content: PlanContent
    reason: RevisionReason
    author: str
    at: datetime


@event("alerts.plan.opinion_recorded.v1")
@dataclass(frozen=True, slots=True)
class PlanOpinionRecorded:
    """An organ or the public was heard."""

    plan: str
    of: str
    opinion: str
    by: str
    at: datetime


@event("alerts.plan.legally_reviewed.v1")
@dataclass(frozen=True, slots=True)
class PlanLegallyReviewed:
    """The text was found lawful."""

    plan: str
    by: str
    at: datetime
    finding: str = ""


@event("alerts.plan.approved.v1")
@dataclass(frozen=True, slots=True)
class PlanApproved:
    """The owner stands behind the text."""

    plan: str
    by: str
    at: datetime


@event("alerts.plan.issued.v1")
@dataclass(frozen=True, slots=True)
class PlanIssued:
    """This version holds from now on; it is to be filed with those named (K-42)."""

    plan: str
    version: int
    content: PlanContent
    triggers: tuple[Trigger, ...]
    file_with: tuple[str, ...]
    by: str
    division: str | None
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("alerts.plan.adopted.v1")
@dataclass(frozen=True, slots=True)
class PlanAdopted:
    """A plan already in force elsewhere was loaded whole; `reference` is where it was issued."""

    plan: str
    content: PlanContent
    reference: str
    by: str
    division: str | None
    at: datetime
    version: int = 1
    triggers: tuple[Trigger, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("alerts.plan.filed.v1")
@dataclass(frozen=True, slots=True)
class PlanFiled:
    """The issued version was filed, with its text and drafting note (PMM art. 26)."""

    plan: str
    version: int
    to: str
    note: str
    by: str
    at: datetime
    late: bool = False
    met: tuple[str, ...] = ()


@event("alerts.plan.trigger_defined.v1")
@dataclass(frozen=True, slots=True)
class PlanTriggerDefined:
    """The plan has this trigger from now on; `listening` are all it then has, none while it is not in force."""

    plan: str
    trigger: Trigger
    listening: Listening | None
    by: str
    at: datetime


@event("alerts.plan.evaluation_opened.v1")
@dataclass(frozen=True, slots=True)
class PlanEvaluationOpened:
    """The issued version is being evaluated."""

    plan: str
    evaluation: str
    at: datetime


@event("alerts.plan.revision_proposed.v1")
@dataclass(frozen=True, slots=True)
class PlanRevisionProposed:
    """An approved evaluation asks for the plan to be looked at again."""

    plan: str
    evaluation: str
    findings: tuple[str, ...]
    at: datetime


@event("alerts.plan.drilled.v1")
@dataclass(frozen=True, slots=True)
class PlanDrilled:
    """A drill of the plan was held; the next is due from then on (K-43)."""

    plan: str
    held: datetime
    findings: str
    by: str
    at: datetime
    late: bool = False
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("alerts.plan.repealed.v1")
@dataclass(frozen=True, slots=True)
class PlanRepealed:
    """The plan no longer holds, or its draft was given up."""

    plan: str
    reason: str
    by: str
    at: datetime
    guard: str  # the key it held for its owner, type and hazard
    stopped: tuple[str, ...] = ()


@event("alerts.plan.expired.v1")
@dataclass(frozen=True, slots=True)
class PlanExpired:
    """Its validity ended."""

    plan: str
    valid_to: datetime
    at: datetime
    guard: str
    stopped: tuple[str, ...] = ()


PlanEvent = (
    PlanDrafted
    | PlanRevisionStarted
    | PlanOpinionRecorded
    | PlanLegallyReviewed
    | PlanApproved
    | PlanIssued
    | PlanAdopted
    | PlanFiled
    | PlanTriggerDefined
    | PlanEvaluationOpened
    | PlanRevisionProposed
    | PlanDrilled
    | PlanRepealed
    | PlanExpired
)
