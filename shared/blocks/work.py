"""A piece of work: given once to whoever has one of its roles, done once by one of them. Each service has commands and facts of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.blocks.clocks import STILL, Clocks, Due
from shared.blocks.deadlines import EscalateClock, missed
from shared.kernel.commands import Code, Command, PublicId, Signature
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState


@dataclass(frozen=True, slots=True)
class Work:
    """No roles: nobody gave it. Refusals of both questions are under rules that begin with `rule`."""

    roles: tuple[str, ...] = ()
    division: str | None = None
    incident: str | None = None
    done: bool = False
    clocks: Clocks = STILL

    def may_be_given(self, task: str, roles: tuple[str, ...], by: Signature, rule: str) -> bool:
        """Whether it is new. Said again by a policy nothing follows; WrongState, RuleBroken for anybody else."""
        if self.roles:
            if by.has("SYS"):
                return False
            raise WrongState(Failure(f"{rule}.life", f"{task} is given already: use another number"))
        if not roles:
            raise RuleBroken(Failure(f"{rule}.roles", "name the roles whose work it is", "roles"))
        return True

    def may_be_done(self, task: str, outcome: str | None, by: Signature, rule: str) -> bool:
        """Whether it is still to be done. Nothing follows when a policy says so of what is done, or of what nobody gave."""
        if by.has("SYS") and (self.done or not self.roles):
            return False
        if not self.roles:
            raise NotFound(Failure("reference", f"task {task} is unknown: check the id", "task"))
        if not by.has(*self.roles, "SYS"):
            raise NotAllowed(Failure("matrix.3.27", f"this is the work of {', '.join(self.roles)}"))
        if self.done:
            raise WrongState(Failure(f"{rule}.life", f"{task} is done already"))
        if not outcome:
            raise RuleBroken(Failure(f"{rule}.outcome", "say what came of it", "outcome"))
        return True

    @property
    def open(self) -> tuple[str, ...]:
        """The keys of its deadlines that run: met once it is done."""
        return tuple(due.key for due in self.clocks.open())

    def ended(self, at: datetime, met: tuple[str, ...]) -> Work:
        """It is done."""
        return replace(self, done=True, clocks=self.clocks.end(at, *met))

    def missed(self, key: str) -> Work:
        """Somebody was told that it is late."""
        return replace(self, clocks=self.clocks.miss(key))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignWork(Command):
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
class CompleteWork(Command):
    """It is done, and what came of it."""

    task: PublicId
    outcome: str | None = None


def work(
    rule: str,
    commands: tuple[type[AssignWork], type[CompleteWork], type[EscalateClock]],
    facts: tuple[type[Any], type[Any], type[Any]],
    *,
    unknown: bool = False,
) -> Decider[Work]:
    """The work of a service's desks: its commands, and its facts `assigned`, `completed` and that a deadline was missed. Refusals are under
    rules that begin with `rule`, whose `.due` says how long it has; `unknown`: a policy may say done of what nobody ever gave."""
    assign, complete, escalate = commands
    assigned, completed, late = facts

    def decide(command: Command, task: Work, rules: Rules) -> Sequence[Any]:
        by, now = command.by, command.now
        match command:
            case AssignWork() if task.may_be_given(command.task, command.roles, by, rule):
                clock = Due("due", f"{rule}.due", now, command.due or now + rules.value(f"{rule}.due"))
                what = (command.task, command.kind, command.roles, command.subject, command.division or by.division)
                return [assigned(*what, now, command.incident, command.text, (clock,))]
            case CompleteWork() if task.may_be_done(command.task, command.outcome, by, rule):
                return [completed(command.task, command.outcome or "", by.actor, now, task.open)]
            case EscalateClock():
                return missed(command, task.clocks, late)
            case _:
                return []

    def evolve(task: Work, event: Any) -> Work:
        if isinstance(event, assigned):
            return Work(event.roles, event.division, event.incident, clocks=STILL.start(*event.clocks))
        return task.ended(event.at, event.met) if isinstance(event, completed) else task.missed(event.key)

    def own(command: Any) -> tuple[str, ...]:
        return (f"task-{command.task}",)

    return Decider(
        category="task",
        initial=Work(),
        decide=decide,
        evolve=evolve,
        about=lambda task: About(task.division, "internal", task.incident),
        handles={
            assign: Handles(own, areas=lambda c: (c.division,) if c.division else (), creates=True),
            complete: Handles(own, creates=unknown),
            escalate: Handles(own),
        },
    )
