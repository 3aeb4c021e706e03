"""What resources keeps of an incident: goods and powers over property are for an incident that is open (domain 3.9, RQ-01)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("resources.guard.incident_noted.v1")
@dataclass(frozen=True, slots=True)
class IncidentNoted:
    """The incident is in this division; `open` until it is closed or dismissed."""

    incident: str
    division: str | None
    open: bool
    at: datetime
    type: str = ""  # as `alerts` has it: powers over property rest on it
    restricted: bool = False  # as it is there
