"""Work of the desks of supplies: look for what is overdue, clear up what is missing (domain 3.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("resources.task.assigned.v1")
@dataclass(frozen=True, slots=True)
class SupplyTaskAssigned:
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


@event("resources.task.completed.v1")
@dataclass(frozen=True, slots=True)
class SupplyTaskCompleted:
    """Done, or no longer needed."""

    task: str
    outcome: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()
