"""Work that somebody in a role should do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("alerts.task.assigned.v1")
@dataclass(frozen=True, slots=True)
class TaskAssigned:
    """A role in a division has something to do; `subject` is the stream it is about."""

    task: str
    kind: str
    roles: tuple[str, ...]
    subject: str
    division: str | None
    at: datetime
    hazard: str = ""
    colour: str = ""
    incident: str | None = None


@event("alerts.task.completed.v1")
@dataclass(frozen=True, slots=True)
class TaskCompleted:
    """Done."""

    task: str
    by: str
    at: datetime
    outcome: str = ""


TaskEvent = TaskAssigned | TaskCompleted
