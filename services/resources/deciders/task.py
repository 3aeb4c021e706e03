"""Work of the desks of supplies; policies give it, whoever has the role does it."""

from __future__ import annotations

from dataclasses import dataclass

from services.resources.events.clock import ClockMissed
from services.resources.events.task import SupplyTaskAssigned, SupplyTaskCompleted
from shared.blocks.deadlines import EscalateClock
from shared.blocks.work import AssignWork, CompleteWork, work
from shared.kernel.commands import PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignSupplyTask(AssignWork):
    """Give work to whoever has one of the roles; by policies, or by who leads there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteSupplyTask(CompleteWork):
    """It is done, and what came of it. A policy may say so of what nobody ever gave: then nothing happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateSupplyTaskClock(EscalateClock):
    """Nobody did it in time."""

    task: PublicId


TASK = work(
    "supply_task",
    (AssignSupplyTask, CompleteSupplyTask, EscalateSupplyTaskClock),
    (SupplyTaskAssigned, SupplyTaskCompleted, ClockMissed),
    unknown=True,
)
