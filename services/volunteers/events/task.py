"""Work of the volunteers' desks: ring somebody who is silent, direct who arrived uncalled, look after a family (domain 3.18, SV-20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("volunteers.task.assigned.v1")
@dataclass(frozen=True, slots=True)
class VolunteerTaskAssigned:
    """Somebody with one of these roles in this division has something to do; `subject` is the stream it is about."""

    task: str
    kind: str
    roles: tuple[str, ...]
    subject: str
    division: str | None
    at: datetime
    incident: str | None = None
    text: str = ""
    clocks: tuple[Due, ...] = ()


@event("volunteers.task.completed.v1")
@dataclass(frozen=True, slots=True)
class VolunteerTaskCompleted:
    """Done, or no longer needed."""

    task: str
    outcome: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()
