"""A force through its life: filed, assessed, ready, standing by (domain 3.16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.volunteers.deciders.forces import commands as ask
from services.volunteers.deciders.forces import filing, readiness
from services.volunteers.deciders.forces.folding import TABLE, evolve
from services.volunteers.deciders.forces.state import Force, about
from services.volunteers.deciders.people.state import NEW as UNREGISTERED
from services.volunteers.deciders.streams import force_stream, standby_stream, volunteer_stream
from services.volunteers.events import force as said
from shared.blocks.flow import Flow
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

FLOW = Flow("force.life", TABLE)

Filing = ask.ApplyFiling | ask.AcceptFiling | ask.ReturnFiling | ask.AssessForce | ask.UpdateRoster | ask.UpdateGear
Standing = ask.ReportReadiness | ask.SetStandBy | ask.EndStandBy
Ending = ask.SuspendForce | ask.RestoreForce | ask.DeregisterForce
Followed = ask.NoteForceCover | ask.EndForceCover | ask.EscalateForceClock


def decide(command: Filing | Standing | Ending | Followed, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a force; of joint commands the states by stream."""
    match command:
        case ask.NoteForceCover():
            return readiness.note_cover(command, state)
        case ask.EndForceCover():
            return readiness.end_cover(command, state)
        case ask.EscalateForceClock():
            return readiness.escalate(command, state)
        case ask.SetStandBy():
            FLOW.require(state[force_stream(command.force)].status, command)
            return readiness.stand_by(command, state)
        case ask.EndStandBy():
            if command.by.has("SYS") and not FLOW.allows(state.status, ask.EndStandBy):
                return []
            FLOW.require(state.status, command)
            return readiness.end_stand_by(command, state)
        case ask.ApplyFiling():
            if state[volunteer_stream(command.force)].status != UNREGISTERED:
                raise WrongState(Failure("force.id", f"{command.force} is a volunteer: give the force an id of its own", "force"))
            return _file(command, state[force_stream(command.force)], rules, state)
        case ask.UpdateRoster():
            return _file(command, state[force_stream(command.force)], rules, state)
        case ask.ReportReadiness():
            _of_the_force(command, state.leader)
            FLOW.require(state.status, command)
            return readiness.report(command, state)
        case ask.SuspendForce() | ask.RestoreForce() | ask.DeregisterForce():
            return _end(command, state)
        case _:
            return _file(command, state, rules, {})


def _file(command: Filing, force: Force, rules: Rules, states: Mapping[str, Any]) -> Sequence[Any]:
    _of_the_force(command, command.leader or "" if isinstance(command, ask.ApplyFiling) else force.leader)
    FLOW.require(force.status, command)
    name, by, now = command.force, command.by.actor, command.now
    match command:
        case ask.ApplyFiling():
            return filing.apply(command, states, rules)
        case ask.AcceptFiling():
            return filing.accept(command, force)
        case ask.ReturnFiling():
            return filing.give_back(command, force)
        case ask.AssessForce():
            return filing.assess(command, force)
        case ask.UpdateRoster():
            refuse_all(RuleBroken, list(filing.roster(command.members, states)))
            members = tuple(filing.checked(one, states) for one in command.members)
            made = said.RosterUpdated(name, members, command.leader or force.leader, by, now)
            return [] if (made.members, made.leader) == (force.members, force.leader) else [made]
        case ask.UpdateGear():
            wrong = [Failure("force.numbers", f"{one.code}: not below zero", "gear") for one in command.gear if one.quantity < 0]
            refuse_all(RuleBroken, wrong)
            return [] if command.gear == force.gear else [said.GearUpdated(name, command.gear, by, now)]
        case _:
            assert_never(command)


def _end(command: Ending, force: Force) -> Sequence[Any]:
    FLOW.require(force.status, command)
    name, why, by, now = command.force, filing.reason(command.reason), command.by.actor, command.now
    match command:
        case ask.SuspendForce():
            return [said.ForceSuspended(name, why, by, now)]
        case ask.RestoreForce():
            return [said.ForceRestored(name, why, by, now)]
        case ask.DeregisterForce():
            stopped = tuple(due.key for due in force.clocks.open())
            return [said.ForceDeregistered(name, why, by, now, stopped)]
        case _:
            assert_never(command)


def _of_the_force(command: Command, leader: str) -> None:
    """A leader acts for the own force only."""
    if command.by.has("TEAM") and command.by.actor != leader:
        raise NotAllowed(Failure("force.leader", f"{command.by.actor} acts for the own force only"))


def _own(command: Any) -> tuple[str, ...]:
    return (force_stream(command.force),)


def _alone(command: ask.ApplyFiling) -> tuple[str, ...]:
    """No force has the id of a volunteer: engagements and hours are theirs by id."""
    return tuple(dict.fromkeys((force_stream(command.force), volunteer_stream(command.force), *_registered(command))))


def _rostered(command: ask.UpdateRoster) -> tuple[str, ...]:
    return tuple(dict.fromkeys((force_stream(command.force), *_registered(command))))


def _registered(command: ask.ApplyFiling | ask.UpdateRoster) -> tuple[str, ...]:
    """What the register may know of the members."""
    return tuple(volunteer_stream(one.member) for one in command.members)


def _with_measure(command: ask.SetStandBy) -> tuple[str, ...]:
    measure = (standby_stream(command.alert, command.measure),) if command.alert and command.measure else ()
    return (force_stream(command.force), *measure)


_PLAIN: tuple[type[Command], ...] = (
    ask.AcceptFiling,
    ask.ReturnFiling,
    ask.AssessForce,
    ask.UpdateGear,
    ask.ReportReadiness,
    ask.EndStandBy,
    ask.SuspendForce,
    ask.RestoreForce,
    ask.DeregisterForce,
    ask.NoteForceCover,
    ask.EndForceCover,
    ask.EscalateForceClock,
)
FORCE = Decider(
    category="force",
    initial=Force(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        ask.ApplyFiling: Handles(_alone, areas=lambda c: (c.home,), creates=True, bulk=True),
        ask.UpdateRoster: Handles(_rostered, bulk=True),
        **{kind: Handles(_own) for kind in _PLAIN},
        ask.SetStandBy: Handles(_with_measure),
    },
    joint=frozenset({ask.ApplyFiling, ask.UpdateRoster, ask.SetStandBy}),
)
