"""Work of the desks that look after volunteers; policies give it, whoever has the role does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from services.volunteers.deciders.streams import task_stream
from services.volunteers.events.clock import ClockMissed
from services.volunteers.events.task import VolunteerTaskAssigned, VolunteerTaskCompleted, VolunteerTaskEvent
from shared.blocks.clocks import STILL, Clocks, Due
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Code, Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState

DUE = "due"
WAIT = "volunteer_task.due"


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


@dataclass(frozen=True, slots=True)
class VolunteerTask:
    """A piece of work."""

    roles: tuple[str, ...] = ()
    division: str | None = None
    incident: str | None = None
    done: bool = False
    clocks: Clocks = STILL


def decide(
    command: AssignVolunteerTask | CompleteVolunteerTask | EscalateVolunteerTaskClock, task: VolunteerTask, rules: Rules
) -> Sequence[VolunteerTaskEvent | ClockMissed]:
    """Given once, done once."""
    match command:
        case AssignVolunteerTask():
            return _assign(command, task, rules)
        case CompleteVolunteerTask():
            return _complete(command, task)
        case EscalateVolunteerTaskClock():
            due = task.clocks.passed(command.key, command.now)
            return [ClockMissed(due.key, due.rule, due.since, due.due_at, command.now)] if due else []
        case _:
            assert_never(command)


def _assign(command: AssignVolunteerTask, task: VolunteerTask, rules: Rules) -> Sequence[VolunteerTaskAssigned]:
    if task.roles:
        if command.by.has("SYS"):
            return []
        raise WrongState(Failure("volunteer_task.life", f"{command.task} is given already: use another number"))
    if not command.roles:
        raise RuleBroken(Failure("volunteer_task.roles", "name the roles whose work it is", "roles"))
    until = command.due or command.now + rules.value(WAIT)
    clock = Due(DUE, WAIT, command.now, until)
    division = command.division or command.by.division
    what = (command.task, command.kind, command.roles, command.subject, division)
    return [VolunteerTaskAssigned(*what, command.now, command.incident, command.text, (clock,))]


def _complete(command: CompleteVolunteerTask, task: VolunteerTask) -> Sequence[VolunteerTaskCompleted]:
    if command.by.has("SYS") and task.done:
        return []
    if not command.by.has(*task.roles, "SYS"):
        raise NotAllowed(Failure("matrix.3.27", f"this is the work of {', '.join(task.roles)}"))
    if task.done:
        raise WrongState(Failure("volunteer_task.life", f"{command.task} is done already"))
    if not command.outcome:
        raise RuleBroken(Failure("volunteer_task.outcome", "say what came of it", "outcome"))
    met = tuple(due.key for due in task.clocks.open())
    return [VolunteerTaskCompleted(command.task, command.outcome, command.by.actor, command.now, met)]


def evolve(task: VolunteerTask, event: VolunteerTaskEvent | ClockMissed) -> VolunteerTask:
    """The task after the event."""
    match event:
        case VolunteerTaskAssigned():
            return VolunteerTask(event.roles, event.division, event.incident, clocks=STILL.start(*event.clocks))
        case VolunteerTaskCompleted():
            return replace(task, done=True, clocks=task.clocks.end(event.at, *event.met))
        case ClockMissed():
            return replace(task, clocks=task.clocks.miss(event.key))
        case _:
            assert_never(event)


def about(task: VolunteerTask) -> About:
    """Internal to the organs of its place."""
    return About(task.division, "internal", task.incident)


TASK = Decider(
    category="task",
    initial=VolunteerTask(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        AssignVolunteerTask: Handles(lambda c: (task_stream(c.task),), areas=lambda c: (c.division,) if c.division else (), creates=True),
        CompleteVolunteerTask: Handles(lambda c: (task_stream(c.task),)),
        EscalateVolunteerTaskClock: Handles(lambda c: (task_stream(c.task),)),
    },
)
