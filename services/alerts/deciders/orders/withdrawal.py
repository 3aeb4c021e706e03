"""Taking teams out of danger: always possible, nobody is asked first (PSER art. 22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.alerts.deciders.orders.task import WithdrawTeams
from services.alerts.deciders.orders.work_state import NEW, OVER, SUSPENDED, Task
from services.alerts.deciders.streams import task_stream, withdrawal_stream
from services.alerts.events.task import TaskSuspended, TeamsWithdrawn
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, WrongState


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One withdrawal; it is said once and never changes."""

    said: TeamsWithdrawn | None = None


def decide(command: WithdrawTeams, states: Mapping[str, Any], rules: Rules) -> Decided:
    """The teams leave; each task named of this incident, or of the own division, rests. What is unknown, over or another's stops nobody."""
    own = withdrawal_stream(command.withdrawal)
    if states[own].said is not None:
        raise WrongState(Failure("PSER-22", f"{command.withdrawal} was said already: a further one has an id of its own", "withdrawal"))
    by, reason, place = command.by, command.reason or "", command.place or ""
    tasks = tuple(dict.fromkeys(command.tasks))
    said = TeamsWithdrawn(command.withdrawal, reason, place, tasks, by.actor, by.division, command.now, command.incident)
    facts: list[tuple[str, Any]] = [(own, said)]
    for name in tasks:
        task: Task = states[task_stream(name)]
        ours = task.division == by.division or (task.incident is not None and task.incident == command.incident)
        if ours and task.status not in OVER | {NEW, SUSPENDED}:
            facts.append((task_stream(name), TaskSuspended(name, command.withdrawal, by.actor, command.now, task.incident)))
    return Decided(facts, basis="PSER-22", flags=() if reason else ("A-INCOMPLETE",))


def evolve(withdrawal: Withdrawal, event: TeamsWithdrawn) -> Withdrawal:
    """What was said."""
    return Withdrawal(event)


def about(withdrawal: Withdrawal) -> About:
    """Internal to the organs of the own chain."""
    said = withdrawal.said
    return About(said.division, "internal", said.incident) if said else About()


def _streams(command: WithdrawTeams) -> Sequence[str]:
    return (withdrawal_stream(command.withdrawal), *(task_stream(name) for name in dict.fromkeys(command.tasks)))


WITHDRAWAL = Decider(
    category="withdrawal",
    initial=Withdrawal(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={WithdrawTeams: Handles(lambda c: tuple(_streams(c)), creates=True)},
    joint=frozenset({WithdrawTeams}),
)
