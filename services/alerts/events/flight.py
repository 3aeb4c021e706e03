"""Flights of drones for rescue: asked for at the air traffic authority, which answers. Nothing here permits one (UAV art. 29; RA-20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("alerts.flight.requested.v1")
@dataclass(frozen=True, slots=True)
class FlightRequested:
    """Somebody asks to fly, from when to when and where. `urgent` says why it could not be asked for in time."""

    flight: str
    operator: str  # the post or unit that flies
    purpose: str
    area: str
    starts: datetime
    ends: datetime
    by: str
    division: str | None
    at: datetime
    urgent: str = ""
    incident: str | None = None
    visibility: str = "internal"
    clocks: tuple[Due, ...] = ()


@event("alerts.flight.answered.v1")
@dataclass(frozen=True, slots=True)
class FlightAnswered:
    """Permitted or refused, as the authority told us."""

    flight: str
    permitted: bool
    note: str
    by: str
    at: datetime
    incident: str | None = None
    met: tuple[str, ...] = ()


@event("alerts.flight.withdrawn.v1")
@dataclass(frozen=True, slots=True)
class FlightWithdrawn:
    """It is not flown, or no longer: nobody waits for an answer."""

    flight: str
    reason: str
    by: str
    at: datetime
    incident: str | None = None
    stopped: tuple[str, ...] = ()


FlightEvent = FlightRequested | FlightAnswered | FlightWithdrawn
