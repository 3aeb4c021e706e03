"""Taking teams out of danger: always possible for who commands them, nobody is asked first (PSER art. 22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.alerts.deciders.incidents.state import Incident
from services.alerts.deciders.orders.task import WithdrawTeams
from services.alerts.deciders.orders.work_state import NEW, OVER, SUSPENDED, Task
from services.alerts.deciders.scene import open_incident, surroundings, visibility_of, went_into
from services.alerts.deciders.streams import incident_stream, task_stream, withdrawal_stream
from services.alerts.events.task import TaskSuspended, TeamsWithdrawn
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, WrongState


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One withdrawal; it is said once and never changes."""

    said: TeamsWithdrawn | None = None


def decide(command: WithdrawTeams, states: Mapping[str, Any], rules: Rules) -> Decided:
    """The teams leave; each task named of this incident, or of the own division, rests; of this incident is what was merged into it too.
    A task that is unknown, over or another's stops nobody. It belongs where the incident does, whose organs see it (domain RA-17)."""
    own = withdrawal_stream(command.withdrawal)
    open_incident(command.incident, states, frozenset())  # known, that is: danger to teams ends with no state of it
    incident = _incident(command, states)
    _require_command(command, incident)
    if states[own].said is not None:
        raise WrongState(Failure("PSER-22", f"{command.withdrawal} was said already: a further one has an id of its own", "withdrawal"))
    by, reason, place = command.by, command.reason or "", command.place or ""
    tasks = tuple(dict.fromkeys(command.tasks))
    home = incident.division if incident else by.division
    restricted = visibility_of(incident) != "internal"
    left = incident.incident if incident else None
    said = TeamsWithdrawn(command.withdrawal, reason, place, tasks, by.actor, home, command.now, left, restricted)
    all_of_it = incident is not None and not _takes_part(command, incident)
    facts: list[tuple[str, Any]] = [(own, said)]
    for name in tasks:
        task: Task = states[task_stream(name)]
        ours = task.division == by.division or (all_of_it and task.incident is not None and went_into(task.incident, states) == left)
        if ours and task.status not in OVER | {NEW, SUSPENDED}:
            facts.append((task_stream(name), TaskSuspended(name, command.withdrawal, by.actor, command.now, task.incident)))
    return Decided(facts, basis="PSER-22", flags=() if reason else ("A-INCOMPLETE",))


def evolve(withdrawal: Withdrawal, event: TeamsWithdrawn) -> Withdrawal:
    """What was said."""
    return Withdrawal(event)


def about(withdrawal: Withdrawal) -> About:
    """Internal to the organs of the own chain, or as narrow as its incident."""
    said = withdrawal.said
    return About(said.division, "restricted" if said.restricted else "internal", said.incident) if said else About()


def _incident(command: WithdrawTeams, states: Mapping[str, Any]) -> Incident | None:
    """The incident it names, or what that went into."""
    found = states.get(incident_stream(went_into(command.incident, states))) if command.incident else None
    return found if isinstance(found, Incident) and found.division is not None else None


def _takes_part(command: WithdrawTeams, incident: Incident | None) -> bool:
    """One of several divisions of an incident of a superior: it takes its own teams out, and nobody else's."""
    own = command.by.division
    return incident is not None and own != incident.division and own in incident.divisions


def _require_command(command: WithdrawTeams, incident: Incident | None) -> None:
    """The commander on the spot; where there is none, whoever commands for a division of it. Headquarters the permission row knows."""
    by = command.by
    if incident is None or by.has("HQ", "GOV"):
        return
    site = incident.site
    if (by.actor == site.commander) if site is not None else (by.division in (incident.division, *incident.divisions)):
        return
    whose = f"its commander's, {site.commander}," if site is not None else "the commander's on the spot"
    raise NotAllowed(Failure("PSER-22", f"teams of {command.incident} are {whose} and its headquarters' to withdraw", "incident"))


def _where(command: WithdrawTeams, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Headquarters and governments take out whom an incident of theirs, or below, called; and those of its divisions their own."""
    incident = _incident(command, states)
    if incident is None or incident.division is None or not command.by.has("HQ", "GOV") or _takes_part(command, incident):
        return ()
    return (incident.division,)


def _streams(command: WithdrawTeams) -> tuple[str, ...]:
    tasks = (task_stream(name) for name in dict.fromkeys(command.tasks))
    return surroundings(withdrawal_stream(command.withdrawal), command.incident, *tasks)


def _merged(command: WithdrawTeams, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The incidents of the tasks, and what each went into: who commands that, commands them."""
    of_tasks = (state.incident for state in states.values() if isinstance(state, Task))
    into = (state.merged_into for state in states.values() if isinstance(state, Incident))
    return tuple(incident_stream(name) for name in (*of_tasks, *into) if name is not None)


WITHDRAWAL = Decider(
    category="withdrawal",
    initial=Withdrawal(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={WithdrawTeams: Handles(_streams, state_areas=_where, creates=True, further=_merged)},
    joint=frozenset({WithdrawTeams}),
)
