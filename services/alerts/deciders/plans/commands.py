"""What can be asked of a plan. Whether it is complete is asked when it is issued; until then anything may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from services.alerts.events.plan_content import Listening, Metric, PlanLevel, PlanPart, PlanType, RevisionReason, Trigger
from services.alerts.events.scales import EventGrade, ResponseLevel, WarningColour
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import OPAQUE, Code, Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPlan(Command):
    """Propose a plan for a hazard, of one's own division unless another is named."""

    plan: PublicId
    type: PlanType
    hazard: str
    owner: Code | None = None
    title: str = ""
    parts: tuple[PlanPart, ...] = ()
    levels: tuple[PlanLevel, ...] = ()
    parent: PublicId | None = None
    valid_to: datetime | None = None
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisePlan(Command):
    """Change the text; what is not named stays. It passes the whole way again, and what was issued holds meanwhile."""

    plan: PublicId
    reason: RevisionReason | None = None
    title: str | None = None
    parts: tuple[PlanPart, ...] | None = None
    levels: tuple[PlanLevel, ...] | None = None
    valid_to: datetime | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOpinion(Command):
    """An organ, an expert body or the public was heard on the draft."""

    plan: PublicId
    of: str
    opinion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLegalReview(Command):
    """The legality reviewer finds the text lawful."""

    plan: PublicId
    finding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePlan(Command):
    """The owner's government, or a unit's head, stands behind the text."""

    plan: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePlan(Command):
    """Put the approved text into force; it is to be filed within 20 working days (PMM art. 26)."""

    plan: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptPlan(Command):
    """Load a plan that is already in force elsewhere, whole, with the reference of its issue. Of an authority outside, name it;
    of an enterprise, its organ."""

    plan: PublicId
    type: PlanType
    hazard: str
    reference: str | None = None
    owner: Code | None = None
    outside: str = ""
    organ: PublicId | None = None
    title: str = ""
    parts: tuple[PlanPart, ...] = ()
    levels: tuple[PlanLevel, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    valid_to: datetime | None = None
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlan(Command):
    """The issued version was filed with its text and drafting note. Late is accepted and marked."""

    plan: PublicId
    to: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineTrigger(Command):
    """When a level is to be proposed. It never activates by itself; the authority decides."""

    plan: PublicId
    trigger: PublicId
    level: ResponseLevel
    metric: Metric
    at_least: Decimal | None = None
    colour: WarningColour | None = None
    grade: EventGrade | None = None
    hazards: tuple[str, ...] = ()
    areas: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPlanDrill(Command):
    """A drill of the plan was held, and what it showed (PSER art. 8)."""

    plan: PublicId
    held: datetime
    findings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepealPlan(Command):
    """The plan no longer holds; or its draft is given up. Who repeals it is told which responses go on under it."""

    plan: PublicId
    reason: str | None = None
    responses: Annotated[tuple[str, ...], OPAQUE] = ()  # open, as the edge found them


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatePlan(Command):
    """An evaluation of the plan was opened. Only policies send it."""

    plan: PublicId
    evaluation: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRevision(Command):
    """An approved evaluation asks for a revision. Only policies send it."""

    plan: PublicId
    evaluation: PublicId
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalatePlanClock(EscalateClock):
    """A deadline of a plan passed: filing or drill are overdue, or its validity is over. Only the timer sends it."""

    plan: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EnlistTriggers(Command):
    """Listen to these triggers of a plan, and to no others of it. Only policies send it."""

    plan: PublicId
    listening: Listening | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateTriggers(Command):
    """Something was seen that a plan may wait for: a warning, or an incident's grade and figures. Only policies send it."""

    incident: PublicId | None = None
    alert: PublicId | None = None  # None: the incident's type, divisions and figures are read where they stand
    hazard: str = ""
    areas: tuple[str, ...] = ()
    colour: WarningColour | None = None
    grade: EventGrade | None = None
