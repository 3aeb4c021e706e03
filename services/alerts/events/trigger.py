"""What plans wait for, and that it came: a proposal, nothing more (ERL art. 71; domain 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.alerts.events.plan_content import Listening
from services.alerts.events.scales import ResponseLevel
from shared.kernel.events import event


@event("alerts.trigger.enlisted.v1")
@dataclass(frozen=True, slots=True)
class TriggersEnlisted:
    """From now on these triggers of a plan are listened to, and no others of it; None: the plan is no longer listened to."""

    plan: str
    listening: Listening | None
    at: datetime


@event("alerts.trigger.reached.v1")
@dataclass(frozen=True, slots=True)
class TriggerReached:
    """What was seen calls for this level under this plan: a proposal, nothing more. `outside`: the authority is not one of ours."""

    plan: str
    level: ResponseLevel
    trigger: str
    seen: str  # in words: `dead_missing 23`, `red warning AL-1`
    incident: str | None
    alert: str | None
    division: str | None
    at: datetime
    outside: bool = False
    visibility: str = "internal"  # as the incident


TriggerEvent = TriggersEnlisted | TriggerReached
