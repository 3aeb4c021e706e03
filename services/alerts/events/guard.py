"""What a joint stream notes so that one key has one holder. Bookkeeping of decisions: answers and the story do not tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.events import event


class Guarded(StrEnum):
    """What is guarded."""

    PLAN = "plan"  # one plan for an owner, type and hazard (domain 3.3)
    RESPONSES = "responses"  # one open response for a plan and authority on an incident (domain 3.4)


@event("alerts.guard.taken.v1")
@dataclass(frozen=True, slots=True)
class GuardTaken:
    """The key is held from now on, by this holder alone."""

    kind: Guarded
    subject: str
    key: str
    holder: str
    division: str | None
    at: datetime
    incident: str | None = None
    plan: str | None = None
    restricted: bool = False  # as the incident


@event("alerts.guard.freed.v1")
@dataclass(frozen=True, slots=True)
class GuardFreed:
    """The holder let go; the key may be taken again."""

    kind: Guarded
    subject: str
    holder: str
    at: datetime
    into: str | None = None  # the subject that took the keys over, where it is free too


@event("alerts.guard.moved.v1")
@dataclass(frozen=True, slots=True)
class GuardMoved:
    """Another subject took the keys over: the incident was merged into it."""

    kind: Guarded
    subject: str
    into: str
    at: datetime


GuardEvent = GuardTaken | GuardFreed | GuardMoved
