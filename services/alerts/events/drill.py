"""The life of a drill, on the real log: what is played in it lies in a realm of its own (ERL art. 28, 39.4; PSER art. 8; domain 3.21)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class DrillUnit(StrEnum):
    """Whose duty to drill it meets; how often follows from that where no plan says it (PSER art. 8)."""

    PUBLIC = "public"  # governments, their departments, townships and streets
    HIGH_RISK = "high_risk"  # dangerous firms, crowded places


@event("alerts.drill.scheduled.v1")
@dataclass(frozen=True, slots=True)
class DrillScheduled:
    """A drill is to be held."""

    drill: str
    division: str
    title: str
    starts_at: datetime
    unit: DrillUnit
    by: str
    at: datetime
    plan: str | None = None
    participants: tuple[str, ...] = ()
    scenario: str = ""
    objectives: tuple[str, ...] = ()
    previous: str | None = None
    organ: str | None = None  # the enterprise that holds it


@event("alerts.drill.started.v1")
@dataclass(frozen=True, slots=True)
class DrillStarted:
    """It runs from now on, in its realm. The real node knows of it only what stands on this stream."""

    drill: str
    division: str
    exercise: bool
    unit: DrillUnit
    by: str
    at: datetime
    plan: str | None = None
    previous: str | None = None
    organ: str | None = None  # the enterprise that holds it


@event("alerts.drill.inject_delivered.v1")
@dataclass(frozen=True, slots=True)
class InjectDelivered:
    """Players were told of a turn of events. It happens in no log but as this note."""

    drill: str
    inject: str
    text: str
    to: tuple[str, ...]
    played_at: datetime  # the time it is taken to happen at
    by: str
    at: datetime


@event("alerts.drill.ended.v1")
@dataclass(frozen=True, slots=True)
class DrillEnded:
    """It is over; what was found is evaluated."""

    drill: str
    note: str
    by: str
    at: datetime


@event("alerts.drill.cancelled.v1")
@dataclass(frozen=True, slots=True)
class DrillCancelled:
    """It is not held, and why."""

    drill: str
    reason: str
    by: str
    at: datetime


@event("alerts.drill.finding_recorded.v1")
@dataclass(frozen=True, slots=True)
class DrillFindingRecorded:
    """Something to be mended, by whom and by when."""

    drill: str
    finding: str
    text: str
    aspect: str
    owner: str
    due: datetime
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("alerts.drill.finding_settled.v1")
@dataclass(frozen=True, slots=True)
class DrillFindingSettled:
    """It was mended, and how."""

    drill: str
    finding: str
    how: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("alerts.drill.evaluated.v1")
@dataclass(frozen=True, slots=True)
class DrillEvaluated:
    """What it showed. Without a plan that counts them, the next drill is due from the end of this one (PSER art. 8)."""

    drill: str
    assessment: Mapping[str, str]  # aspect -> words
    ended_at: datetime
    findings: int
    reported_to: str | None
    by: str
    at: datetime
    plan: str | None = None
    previous: str | None = None
    clocks: tuple[Due, ...] = ()


@event("alerts.drill.plan_revision_linked.v1")
@dataclass(frozen=True, slots=True)
class DrillPlanRevisionLinked:
    """A version of the plan answers findings of the drill (ERL art. 28)."""

    drill: str
    plan: str
    version: int
    findings: tuple[str, ...]
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("alerts.drill.followed.v1")
@dataclass(frozen=True, slots=True)
class DrillFollowed:
    """The next drill was held and evaluated: this one calls for none any more."""

    drill: str
    next: str
    at: datetime
    stopped: tuple[str, ...] = ()


DrillEvent = (
    DrillScheduled
    | DrillStarted
    | InjectDelivered
    | DrillEnded
    | DrillCancelled
    | DrillFindingRecorded
    | DrillFindingSettled
    | DrillEvaluated
    | DrillPlanRevisionLinked
    | DrillFollowed
)
