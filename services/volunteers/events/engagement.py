"""Who is promised to which call-up, so that nobody is promised twice; and how many people a zone holds. The other side of call-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("volunteers.engagement.asked.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class EngagementAsked:
    """A volunteer was asked to a call-up that lasts until then. It binds nobody; who gives up the registration is asked no more."""

    holder: str
    call_up: str
    until: datetime
    division: str | None  # where the work is
    at: datetime


@event("volunteers.engagement.taken.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class EngagementTaken:
    """The holder, a volunteer, a force or a member of one, belongs to this call-up for this period and to no other that overlaps it."""

    holder: str
    call_up: str
    incident: str | None
    since: datetime
    until: datetime
    division: str | None  # where the work is
    at: datetime
    party: str = ""  # who was called: the volunteer, or the force of a member
    task: str = ""


@event("volunteers.engagement.released.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class EngagementReleased:
    """The holder is free again; `waiting`: only until what stands against the departure is cured."""

    holder: str
    call_up: str
    at: datetime
    waiting: bool = False


@event("volunteers.engagement.arrived.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class ArrivalTaken:
    """Somebody uncalled was taken in at an incident: their hours count there."""

    holder: str
    incident: str
    division: str | None
    at: datetime
    zone: str | None = None


@event("volunteers.zone.registered.v1")
@dataclass(frozen=True, slots=True)
class ZoneRegistered:
    """A zone of work takes so many people and no more (VSR art. 24). Registered again, the number is another."""

    zone: str
    cap: int
    incident: str | None
    division: str | None
    by: str
    at: datetime
    name: str = ""


@event("volunteers.zone.entered.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class ZoneEntered:
    """People of a call-up work in the zone."""

    zone: str
    call_up: str
    holder: str
    people: int
    at: datetime


@event("volunteers.zone.left.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class ZoneLeft:
    """They work there no longer."""

    zone: str
    call_up: str
    holder: str
    at: datetime


EngagementEvent = EngagementAsked | EngagementTaken | EngagementReleased | ArrivalTaken
ZoneEvent = ZoneRegistered | ZoneEntered | ZoneLeft
