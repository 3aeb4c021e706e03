"""Work of the desks that look after volunteers; policies give it, whoever has the role does it."""

from __future__ import annotations

from dataclasses import dataclass

from services.volunteers.events.clock import ClockMissed
from services.volunteers.events.task import VolunteerTaskAssigned, VolunteerTaskCompleted
from shared.blocks.deadlines import EscalateClock
from shared.blocks.work import AssignWork, CompleteWork, work
from shared.kernel.commands import PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignVolunteerTask(AssignWork):
    """Give work to whoever has one of the roles; by policies, or by who leads there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteVolunteerTask(CompleteWork):
    """It is done, and what came of it: directed to a zone, thanked, rung."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateVolunteerTaskClock(EscalateClock):
    """Nobody did it in time."""

    task: PublicId


TASK = work(
    "volunteer_task",
    (AssignVolunteerTask, CompleteVolunteerTask, EscalateVolunteerTaskClock),
    (VolunteerTaskAssigned, VolunteerTaskCompleted, ClockMissed),
)
