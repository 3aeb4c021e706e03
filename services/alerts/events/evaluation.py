"""What was learned from an emergency or a plan: opened, reported, approved (ERL art. 87, 92; domain 3.24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.events import event


class EvaluationKind(StrEnum):
    """What is looked into."""

    LOSS = "loss assessment"
    CAUSE = "cause investigation"
    RESPONSE = "response evaluation"
    DECISION = "post-decision evaluation"
    DRILL = "drill evaluation"
    PLAN = "plan evaluation"


@event("alerts.evaluation.opened.v1")
@dataclass(frozen=True, slots=True)
class EvaluationOpened:
    """Somebody looks into it; `plans` are those that were used, or the one evaluated."""

    evaluation: str
    kind: EvaluationKind
    incident: str | None
    plans: tuple[str, ...]
    by: str
    division: str | None
    at: datetime
    visibility: str = "internal"


@event("alerts.evaluation.team_named.v1")
@dataclass(frozen=True, slots=True)
class EvaluationTeamNamed:
    """Who looks into it: posts that each declared to have no interest in the matter (PSIR art. 23). Named again, it is another team."""

    evaluation: str
    team: tuple[str, ...]
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.evaluation.submitted.v1")
@dataclass(frozen=True, slots=True)
class EvaluationSubmitted:
    """The report is there: findings, each resting on what `cites` names."""

    evaluation: str
    findings: tuple[str, ...]
    cites: str
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.evaluation.approved.v1")
@dataclass(frozen=True, slots=True)
class EvaluationApproved:
    """The government stands behind the report; the plans are looked at again."""

    evaluation: str
    plans: tuple[str, ...]
    findings: tuple[str, ...]
    by: str
    at: datetime
    incident: str | None = None


EvaluationEvent = EvaluationOpened | EvaluationTeamNamed | EvaluationSubmitted | EvaluationApproved
