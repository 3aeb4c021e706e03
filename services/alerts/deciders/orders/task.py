"""Work for a role: assigned by a policy, completed by somebody who has the role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from services.alerts.deciders.warnings.authority import issuers
from services.alerts.events.task import TaskAssigned, TaskCompleted, TaskEvent
from shared.blocks.flow import Flow
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTask(Command):
    """Give work to the named roles; to those who issue warnings of the hazard when none is named."""

    task: PublicId
    kind: str
    subject: str
    roles: tuple[str, ...] = ()
    hazard: str = ""
    colour: str = ""
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTask(Command):
    """Done, and how."""

    task: PublicId
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work."""

    status: str = "new"
    roles: tuple[str, ...] = ()
    division: str | None = None
    incident: str | None = None


FLOW = Flow("matrix.3.27", {("new", AssignTask): "open", ("open", CompleteTask): "done"})


def decide(command: AssignTask | CompleteTask, task: Task, rules: Rules) -> Sequence[TaskEvent]:
    """Facts that follow; a task assigned twice is one task."""
    match command:
        case AssignTask():
            if not FLOW.allows(task.status, AssignTask):
                return []
            roles = command.roles or issuers(command.hazard, rules)
            return [
                TaskAssigned(
                    command.task,
                    command.kind,
                    roles,
                    command.subject,
                    command.by.division,
                    command.now,
                    command.hazard,
                    command.colour,
                    command.incident,
                )
            ]
        case CompleteTask():
            if not command.by.has(*task.roles):
                raise NotAllowed(Failure("matrix.3.27", f"this is the work of {', '.join(task.roles)}"))
            FLOW.require(task.status, command)
            return [TaskCompleted(command.task, command.by.actor, command.now, command.outcome or "")]
        case _:
            assert_never(command)


def evolve(task: Task, event: TaskEvent) -> Task:
    """The task after the event."""
    match event:
        case TaskAssigned(roles=roles, division=division, incident=incident):
            return Task("open", roles, division, incident)
        case TaskCompleted():
            return replace(task, status="done")
        case _:
            assert_never(event)


def about(task: Task) -> About:
    """Internal to the organs of the own chain."""
    return About(task.division, "internal", task.incident)


TASK = Decider(
    category="task",
    initial=Task(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        AssignTask: Handles(lambda c: (f"task-{c.task}",), creates=True),
        CompleteTask: Handles(lambda c: (f"task-{c.task}",)),
    },
)
