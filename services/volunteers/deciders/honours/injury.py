"""Harm in service counts as a work injury: filed by the employer within 30 days, by the person within a year (WII art. 15, 17; K-39)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.volunteers.deciders.callups.engagement import engaged
from services.volunteers.deciders.forces.state import Force
from services.volunteers.deciders.honours.commands import EscalateInjuryClock, FileInjury, OfInjury, RecordInjuryResult, ReportInjury
from services.volunteers.deciders.streams import engagement_stream, force_stream, injury_stream
from services.volunteers.events.clock import ClockMissed
from services.volunteers.events.honour import Filer, Harm, InjuryEvent, InjuryFiled, InjuryRecognised, InjuryReported
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.deadlines import deadline, missed
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState

CLOCKS = {Filer.EMPLOYER: "K-39.employer", Filer.PERSON: "K-39.person"}


@dataclass(frozen=True, slots=True)
class Injury:
    """A case of harm."""

    person: str = ""
    division: str | None = None
    incident: str | None = None
    call_up: str | None = None
    filed: bool = False
    over: bool = False
    clocks: Clocks = STILL


def decide(command: OfInjury, state: Any, rules: Rules) -> Sequence[InjuryEvent | ClockMissed] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a case; of a filing the states by stream."""
    injury: Injury = state[injury_stream(command.injury)] if isinstance(command, FileInjury) else state
    match command:
        case ReportInjury():
            return _report(command, injury, rules)
        case FileInjury():
            _concerned(command, injury, state)
            return _file(command, injury)
        case RecordInjuryResult():
            if injury.over:
                raise WrongState(Failure("injury.life", f"{command.injury} is decided already"))
            if command.recognised is None or (not command.recognised and not command.reason):
                raise RuleBroken(Failure("injury.result", "say whether it was recognised; if not, which other way pays", "recognised"))
            stopped = tuple(due.key for due in injury.clocks.open())
            return [InjuryRecognised(command.injury, command.recognised, command.reason, command.by.actor, command.now, stopped)]
        case EscalateInjuryClock():
            return missed(command, injury.clocks, ClockMissed)
        case _:
            assert_never(command)


def _report(command: ReportInjury, injury: Injury, rules: Rules) -> Decided:
    if injury.person:
        raise WrongState(Failure("injury.life", f"{command.injury} is reported already: use another number"))
    said = {"harm": command.harm is not Harm.UNKNOWN, "happened": command.happened is not None, "incident": command.incident is not None}
    missing = tuple(name for name, known in said.items() if not known)
    since = command.happened.astimezone(command.now.tzinfo) if command.happened else command.now
    reported = InjuryReported(
        command.injury,
        command.person,
        command.harm,
        command.call_up,
        command.incident,
        command.happened,
        missing,
        command.by.division,
        command.by.actor,
        command.now,
        tuple(deadline(rules, clock, since) for clock in CLOCKS.values()),
    )
    return Decided([reported], basis="WII-15.2", flags=("A-INCOMPLETE",) if missing else ())


def _concerned(command: FileInjury, injury: Injury, states: Mapping[str, Any]) -> None:
    """A volunteer files for themself, a leader for who came with the own force; the family goes to a desk (WII art. 17). NotAllowed."""
    by = command.by
    led = [state for state in states.values() if isinstance(state, Force) and state.leader == by.actor]
    if by.has("VOL", "TEAM") and by.actor != injury.person and not (by.has("TEAM") and led):
        raise NotAllowed(Failure("injury.self", f"{by.actor} files for {by.actor}, or as leader for who came with the force", "injury"))


def _came_with(command: FileInjury, states: Mapping[str, Any]) -> tuple[str, ...]:
    """What they were promised to, and the forces with which they came; of the call-up in which they came to harm, if it is known."""
    injury: Injury = states[injury_stream(command.injury)]
    if not command.by.has("TEAM"):
        return ()
    known = engaged(states, injury.person)
    came = (one.party for one in (*known.holds.values(), *known.past.values()) if injury.call_up in (None, one.call_up))
    return (engagement_stream(injury.person), *map(force_stream, filter(None, came)))


def _file(command: FileInjury, injury: Injury) -> Decided:
    """The employer's filing serves for both; who files late files all the same."""
    if injury.filed:
        raise WrongState(Failure("injury.life", f"{command.injury} is filed already"))
    if command.filer is None or not command.receipt:
        raise RuleBroken(Failure("injury.filing", "say who files it and name the receipt", "filer" if command.filer is None else "receipt"))
    late = injury.clocks.late(CLOCKS[command.filer], command.now) is not None
    met = tuple(due.key for due in injury.clocks.open())
    filed = InjuryFiled(command.injury, command.filer, command.receipt, late, command.by.actor, command.now, met)
    return Decided([filed], basis="WII-17", flags=("A-LATE",) if late else ())


def evolve(injury: Injury, event: InjuryEvent | ClockMissed) -> Injury:
    """The case after the event."""
    match event:
        case InjuryReported():
            return Injury(event.person, event.division, event.incident, event.call_up, clocks=STILL.start(*event.clocks))
        case InjuryFiled():
            return replace(injury, filed=True, clocks=injury.clocks.end(event.at, *event.met))
        case InjuryRecognised():
            return replace(injury, over=True, clocks=injury.clocks.end(event.at, *event.stopped))
        case ClockMissed():
            return replace(injury, clocks=injury.clocks.miss(event.key))
        case _:
            assert_never(event)


def about(injury: Injury) -> About:
    """Restricted: that somebody came to harm is nobody's business but of those who help."""
    return About(injury.division, "restricted", injury.incident)


INJURY = Decider(
    category="injury",
    initial=Injury(),
    decide=decide,
    evolve=evolve,
    about=about,
    joint=frozenset({FileInjury}),
    handles={
        ReportInjury: Handles(lambda c: (injury_stream(c.injury),), creates=True),
        FileInjury: Handles(lambda c: (injury_stream(c.injury),), further=_came_with),
        RecordInjuryResult: Handles(lambda c: (injury_stream(c.injury),)),
        EscalateInjuryClock: Handles(lambda c: (injury_stream(c.injury),)),
    },
)
