"""Work of the desks of supplies; policies give it, whoever has the role does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from services.resources.deciders.clock import escalate
from services.resources.deciders.streams import task_stream
from services.resources.events.clock import ClockMissed
from services.resources.events.task import SupplyTaskAssigned, SupplyTaskCompleted, SupplyTaskEvent
from shared.blocks.clocks import Due
from shared.blocks.deadlines import EscalateClock
from shared.blocks.work import Work, given
from shared.kernel.commands import Code, Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules

DUE, RULE = "due", "supply_task"
WAIT = f"{RULE}.due"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignSupplyTask(Command):
    """Give work to whoever has one of the roles; by policies, or by who leads there."""

    task: PublicId
    kind: str
    roles: tuple[str, ...]
    subject: str = ""
    incident: PublicId | None = None
    division: Code | None = None
    text: str = ""
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteSupplyTask(Command):
    """It is done, and what came of it. A policy may say so of what nobody ever gave: then nothing happens."""

    task: PublicId
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateSupplyTaskClock(EscalateClock):
    """Nobody did it in time."""

    task: PublicId


def decide(
    command: AssignSupplyTask | CompleteSupplyTask | EscalateSupplyTaskClock, task: Work, rules: Rules
) -> Sequence[SupplyTaskEvent | ClockMissed]:
    """Given once, done once."""
    match command:
        case AssignSupplyTask():
            return _assign(command, task, rules)
        case CompleteSupplyTask():
            return _complete(command, task)
        case EscalateSupplyTaskClock():
            return escalate(command, task.clocks)
        case _:
            assert_never(command)


def _assign(command: AssignSupplyTask, task: Work, rules: Rules) -> Sequence[SupplyTaskAssigned]:
    if not task.may_be_given(command.task, command.roles, command.by, RULE):
        return []
    clock = Due(DUE, WAIT, command.now, command.due or command.now + rules.value(WAIT))
    division = command.division or command.by.division
    what = (command.task, command.kind, command.roles, command.subject, division)
    return [SupplyTaskAssigned(*what, command.now, command.incident, command.text, (clock,))]


def _complete(command: CompleteSupplyTask, task: Work) -> Sequence[SupplyTaskCompleted]:
    if not task.may_be_done(command.task, command.outcome, command.by, RULE):
        return []
    return [SupplyTaskCompleted(command.task, command.outcome or "", command.by.actor, command.now, task.open)]


def evolve(task: Work, event: SupplyTaskEvent | ClockMissed) -> Work:
    """The task after the event."""
    match event:
        case SupplyTaskAssigned():
            return given(event.roles, event.division, event.incident, event.clocks)
        case SupplyTaskCompleted():
            return task.ended(event.at, event.met)
        case ClockMissed():
            return task.missed(event.key)
        case _:
            assert_never(event)


def about(task: Work) -> About:
    """Internal to the organs of its place."""
    return About(task.division, "internal", task.incident)


TASK = Decider(
    category="task",
    initial=Work(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        AssignSupplyTask: Handles(lambda c: (task_stream(c.task),), areas=lambda c: (c.division,) if c.division else (), creates=True),
        CompleteSupplyTask: Handles(lambda c: (task_stream(c.task),), creates=True),
        EscalateSupplyTaskClock: Handles(lambda c: (task_stream(c.task),)),
    },
)
