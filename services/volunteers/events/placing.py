"""Where those who came work, within what each zone takes (VSR art. 24, ERL art. 72; domain 3.18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("volunteers.callup.zone_assigned.v1")
@dataclass(frozen=True, slots=True)
class ZoneAssigned:
    """Where they work, within what the zone takes."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    zone: str
    people: int
    at: datetime


@event("volunteers.callup.rotated.v1")
@dataclass(frozen=True, slots=True)
class CallUpRotated:
    """They left one zone; the next fact says which one they went to."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    zone: str
    by: str
    at: datetime
