"""Work of the desks that look after volunteers; policies give it, whoever has the role does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from services.volunteers.deciders.streams import task_stream
from services.volunteers.events.clock import ClockMissed
from services.volunteers.events.task import VolunteerTaskAssigned, VolunteerTaskCompleted, VolunteerTaskEvent
from shared.blocks.clocks import Due
from shared.blocks.deadlines import EscalateClock, missed
from shared.blocks.work import Work, given
from shared.kernel.commands import Code, Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules

DUE, RULE = "due", "volunteer_task"
WAIT = f"{RULE}.due"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignVolunteerTask(Command):
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
class CompleteVolunteerTask(Command):
    """It is done, and what came of it: directed to a zone, thanked, rung."""

    task: PublicId
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateVolunteerTaskClock(EscalateClock):
    """Nobody did it in time."""

    task: PublicId


def decide(
    command: AssignVolunteerTask | CompleteVolunteerTask | EscalateVolunteerTaskClock, task: Work, rules: Rules
) -> Sequence[VolunteerTaskEvent | ClockMissed]:
    """Given once, done once."""
    match command:
        case AssignVolunteerTask():
            return _assign(command, task, rules)
        case CompleteVolunteerTask():
            return _complete(command, task)
        case EscalateVolunteerTaskClock():
            return missed(command, task.clocks, ClockMissed)
        case _:
            assert_never(command)


def _assign(command: AssignVolunteerTask, task: Work, rules: Rules) -> Sequence[VolunteerTaskAssigned]:
    if not task.may_be_given(command.task, command.roles, command.by, RULE):
        return []
    until = command.due or command.now + rules.value(WAIT)
    clock = Due(DUE, WAIT, command.now, until)
    division = command.division or command.by.division
    what = (command.task, command.kind, command.roles, command.subject, division)
    return [VolunteerTaskAssigned(*what, command.now, command.incident, command.text, (clock,))]


def _complete(command: CompleteVolunteerTask, task: Work) -> Sequence[VolunteerTaskCompleted]:
    if not task.may_be_done(command.task, command.outcome, command.by, RULE):
        return []
    return [VolunteerTaskCompleted(command.task, command.outcome or "", command.by.actor, command.now, task.open)]


def evolve(task: Work, event: VolunteerTaskEvent | ClockMissed) -> Work:
    """The task after the event."""
    match event:
        case VolunteerTaskAssigned():
            return given(event.roles, event.division, event.incident, event.clocks)
        case VolunteerTaskCompleted():
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
        AssignVolunteerTask: Handles(lambda c: (task_stream(c.task),), areas=lambda c: (c.division,) if c.division else (), creates=True),
        CompleteVolunteerTask: Handles(lambda c: (task_stream(c.task),)),
        EscalateVolunteerTaskClock: Handles(lambda c: (task_stream(c.task),)),
    },
)
