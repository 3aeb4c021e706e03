"""A response under a plan, from its proposal to its end, and its measures (ERL art. 71, 72, 86; domain 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.alerts.events.plan_content import Authority, PlanLevel, PlanMeasure, StandingOrder
from services.alerts.events.scales import ResponseLevel
from shared.blocks.clocks import Due
from shared.kernel.events import event

# `tasks_over` of a fact are the tasks that fall away with it.


class Settled(StrEnum):
    """What became of a measure."""

    ENDED = "ended"
    KEPT = "kept"  # it goes on after its response, for a stated reason (ERL art. 86)
    WITHDRAWN = "withdrawn"  # the level that asked for it no longer holds
    TAKEN_OVER = "taken_over"  # another response answers for it now


@event("alerts.response.proposed.v1")
@dataclass(frozen=True, slots=True)
class ActivationProposed:
    """Somebody, or a trigger of the plan, asks the authority to activate. Nothing holds yet."""

    activation: str
    plan: str
    level: ResponseLevel
    authority: Authority
    reason: str
    by: str
    at: datetime
    incident: str | None = None
    alert: str | None = None
    visibility: str = "internal"
    before: int = 0  # how often it was proposed before: each time the authority is asked anew
    tasks_over: tuple[str, ...] = ()


@event("alerts.response.declined.v1")
@dataclass(frozen=True, slots=True)
class ActivationDeclined:
    """A proposal was not followed, and why."""

    activation: str
    plan: str
    reason: str
    by: str
    at: datetime
    incident: str | None = None
    tasks_over: tuple[str, ...] = ()


@event("alerts.response.activated.v1")
@dataclass(frozen=True, slots=True)
class ResponseActivated:
    """The authority responds at this level (ERL art. 72). `levels` are the plan's as they stood: a later version changes nothing here."""

    activation: str
    incident: str
    plan: str
    plan_version: int
    authority: str  # the division that activates
    level: ResponseLevel
    matter: str
    expected_end: datetime
    measures: tuple[PlanMeasure, ...]
    orders: tuple[StandingOrder, ...]
    levels: tuple[PlanLevel, ...]
    by: str
    at: datetime
    answers: str | None = None  # the proposal of a trigger that it answers under an id of its own
    visibility: str = "internal"
    clocks: tuple[Due, ...] = ()
    tasks_over: tuple[str, ...] = ()


@event("alerts.response.level_raised.v1")
@dataclass(frozen=True, slots=True)
class ResponseLevelRaised:
    """A higher level holds; what the plan asks for beyond the former begins. `change` counts the changes of this response's level."""

    activation: str
    incident: str
    was: ResponseLevel
    level: ResponseLevel
    change: int
    reason: str
    measures: tuple[PlanMeasure, ...]
    orders: tuple[StandingOrder, ...]
    by: str
    at: datetime
    answers: str | None = None  # the proposal of a trigger that asked for this level


@event("alerts.response.level_lowered.v1")
@dataclass(frozen=True, slots=True)
class ResponseLevelLowered:
    """A lower level holds; the measures `withdrawn` and the tasks that only the former asked for fall away."""

    activation: str
    incident: str
    was: ResponseLevel
    level: ResponseLevel
    change: int
    reason: str
    measures: tuple[PlanMeasure, ...]
    orders: tuple[StandingOrder, ...]
    withdrawn: tuple[str, ...]
    by: str
    at: datetime
    tasks_over: tuple[str, ...] = ()


@event("alerts.response.extended.v1")
@dataclass(frozen=True, slots=True)
class ResponseExtended:
    """It is expected to last longer."""

    activation: str
    incident: str
    expected_end: datetime
    reason: str
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    tasks_over: tuple[str, ...] = ()


@event("alerts.response.command_transferred.v1")
@dataclass(frozen=True, slots=True)
class CommandTransferred:
    """Another division's headquarters commands from now on (ERL art. 17); who commanded before keeps its tasks."""

    activation: str
    incident: str
    was: str
    to: str
    reason: str
    by: str
    at: datetime


@event("alerts.response.order_bound.v1")
@dataclass(frozen=True, slots=True)
class OrderBound:
    """An order was given under this response: its end says whether the order ends too (ERL art. 86)."""

    activation: str
    order: str
    at: datetime
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """An order that goes on after its response, and why."""

    order: str
    reason: str = ""


@event("alerts.response.terminated.v1")
@dataclass(frozen=True, slots=True)
class ResponseTerminated:
    """The response is over (ERL art. 86); each of its measures follows as settled. `orders_ended` are the orders that end with it."""

    activation: str
    incident: str
    plan: str
    ended: tuple[str, ...]
    kept: tuple[str, ...]
    orders_ended: tuple[str, ...]
    by: str
    at: datetime
    reason: str = ""
    stopped: tuple[str, ...] = ()
    tasks_over: tuple[str, ...] = ()
    orders_kept: tuple[KeptOrder, ...] = ()


@event("alerts.measure.settled.v1")
@dataclass(frozen=True, slots=True)
class MeasureSettled:
    """What became of one measure of a response."""

    activation: str
    incident: str
    plan: str
    measure: str
    how: Settled
    reason: str
    at: datetime
    tasks_over: tuple[str, ...] = ()


@event("alerts.measure.taken_over.v1")
@dataclass(frozen=True, slots=True)
class MeasureTakenOver:
    """This response answers from now on for a measure that another one started."""

    activation: str
    incident: str
    measure: str
    text: str
    source: str  # the response that started it, and its name there
    source_measure: str
    by: str
    at: datetime
    roles: tuple[str, ...] = ()


@event("alerts.response.external_recorded.v1")
@dataclass(frozen=True, slots=True)
class ExternalActivationRecorded:
    """An authority outside responds at this level, as it told us; again when it changes the level."""

    activation: str
    incident: str
    plan: str
    authority: str
    level: ResponseLevel
    by: str
    division: str | None
    at: datetime
    matter: str = ""
    expected_end: datetime | None = None
    visibility: str = "internal"


@event("alerts.response.external_ended.v1")
@dataclass(frozen=True, slots=True)
class ExternalActivationEnded:
    """The authority outside ended its response."""

    activation: str
    incident: str
    plan: str
    by: str
    at: datetime
    reason: str = ""


ResponseEvent = (
    ActivationProposed
    | ActivationDeclined
    | ResponseActivated
    | ResponseLevelRaised
    | ResponseLevelLowered
    | ResponseExtended
    | CommandTransferred
    | OrderBound
    | ResponseTerminated
    | MeasureSettled
    | MeasureTakenOver
    | ExternalActivationRecorded
    | ExternalActivationEnded
)
