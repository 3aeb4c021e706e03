"""Asking for a flight of a drone: in time, or at any time when it is very urgent; and what was answered (UAV art. 29)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.scene import open_incident, surroundings, visibility_of
from services.alerts.deciders.streams import flight_stream
from services.alerts.events.clock import ClockMissed
from services.alerts.events.flight import FlightAnswered, FlightEvent, FlightRequested, FlightWithdrawn
from shared.blocks.clocks import STILL, Clocks, Due
from shared.blocks.deadlines import EscalateClock
from shared.blocks.flow import Flow
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

CLOCK, URGENT, ARTICLE = "K-41", "K-41.urgent", "UAV-29"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFlight(Command):
    """Ask to fly a drone. Later than the article asks for only with the reason why it is very urgent."""

    flight: PublicId
    operator: str | None = None
    purpose: str | None = None
    area: str | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    urgent: str | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFlightAnswer(Command):
    """Note what the air traffic authority answered."""

    flight: PublicId
    permitted: bool
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawFlight(Command):
    """It is not flown, or no longer, and why."""

    flight: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateFlightClock(EscalateClock):
    """Nobody answered in time."""

    flight: PublicId


@dataclass(frozen=True, slots=True)
class Flight:
    """One request."""

    status: str = "new"
    division: str | None = None
    incident: str | None = None
    visibility: str = "internal"
    clocks: Clocks = STILL


FLOW = Flow(
    "flight.life",
    {
        ("new", RequestFlight): "requested",
        ("requested", RecordFlightAnswer): "permitted",
        ("permitted", RecordFlightAnswer): "permitted",  # the authority may take it back, or change its terms
        **{(status, WithdrawFlight): "withdrawn" for status in ("requested", "permitted")},
    },
)


def decide(
    command: RequestFlight | RecordFlightAnswer | WithdrawFlight | EscalateFlightClock, state: Any, rules: Rules
) -> Sequence[Any] | Decided:
    """Facts that follow; of the request the states by stream."""
    match command:
        case RequestFlight():
            return _request(command, state, rules)
        case EscalateFlightClock():
            return escalate(command, state.clocks)
        case RecordFlightAnswer():
            FLOW.require(state.status, command)
            met = (CLOCK,) if state.clocks.runs(CLOCK) else ()
            said = (command.flight, command.permitted, command.note or "", command.by.actor, command.now)
            return [FlightAnswered(*said, state.incident, met)]
        case WithdrawFlight():
            FLOW.require(state.status, command)
            if not command.reason:
                raise RuleBroken(Failure("flight.reason", "say why it is not flown", "reason"))
            stopped = (CLOCK,) if state.clocks.runs(CLOCK) else ()
            return [FlightWithdrawn(command.flight, command.reason, command.by.actor, command.now, state.incident, stopped)]
        case _:
            assert_never(command)


def _request(command: RequestFlight, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = flight_stream(command.flight)
    incident = open_incident(command.incident, states)
    FLOW.require(states[own].status, command)
    lacking = [Failure(ARTICLE, row["cure"], row["field"]) for row in rules.value("flight.required") if not getattr(command, row["field"])]
    refuse_all(RuleBroken, lacking or list(_untimely(command, rules)))
    assert command.operator and command.purpose and command.area and command.starts and command.ends
    in_time = command.starts >= command.now + timedelta(minutes=rules.value(CLOCK)["apply"])  # however urgent it is said to be
    rule, before = (CLOCK, rules.value(CLOCK)["answer"]) if in_time else (URGENT, rules.value(URGENT))
    asked = FlightRequested(
        command.flight,
        command.operator,
        command.purpose,
        command.area,
        command.starts,
        command.ends,
        command.by.actor,
        command.by.division,
        command.now,
        command.urgent or "",
        command.incident,
        visibility_of(incident),
        (Due(CLOCK, rule, command.now, command.starts - timedelta(minutes=before)),),
    )
    return Decided([(own, asked)], basis=ARTICLE)


def _untimely(command: RequestFlight, rules: Rules) -> Iterator[Failure]:
    assert command.starts and command.ends
    for name, at in (("starts", command.starts), ("ends", command.ends)):
        if at.tzinfo is None:
            yield Failure("flight.times", f"{name} has no offset", name)
            return
    if command.ends <= command.starts:
        yield Failure("flight.times", "it ends after it starts", "ends")
    earliest = command.now + timedelta(minutes=0 if command.urgent else rules.value(CLOCK)["apply"])
    if command.starts < earliest:
        instead = "" if command.urgent else ", or say in `urgent` why it is very urgent"
        yield Failure(CLOCK, f"start at {earliest.isoformat(timespec='minutes')} or later{instead}", "starts")


def evolve(flight: Flight, event: FlightEvent | ClockMissed) -> Flight:
    """The request after the event."""
    match event:
        case FlightRequested():
            return Flight("requested", event.division, event.incident, event.visibility, STILL.start(*event.clocks))
        case FlightAnswered():
            clocks = flight.clocks.end(event.at, *event.met)
            return replace(flight, status="permitted" if event.permitted else "refused", clocks=clocks)
        case FlightWithdrawn():
            return replace(flight, status="withdrawn", clocks=flight.clocks.end(event.at, *event.stopped))
        case ClockMissed():
            return replace(flight, clocks=flight.clocks.miss(event.key))
        case _:
            assert_never(event)


def about(flight: Flight) -> About:
    """As narrow as its incident; the organs of the own chain at most."""
    return About(flight.division, flight.visibility, flight.incident)


def _own(command: Any) -> tuple[str, ...]:
    return (flight_stream(command.flight),)


FLIGHT = Decider(
    category="flight",
    initial=Flight(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        RequestFlight: Handles(lambda c: surroundings(flight_stream(c.flight), c.incident), creates=True),
        RecordFlightAnswer: Handles(_own),
        WithdrawFlight: Handles(_own),
        EscalateFlightClock: Handles(_own),
    },
    joint=frozenset({RequestFlight}),
)
