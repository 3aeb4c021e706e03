"""The decider of hours of service: which command acts on which streams (domain 3.17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.volunteers.deciders.callups.engagement import engaged
from services.volunteers.deciders.hours import certificate, correcting, shifts
from services.volunteers.deciders.hours.commands import (
    CheckIn,
    CheckOut,
    Clocking,
    CorrectHours,
    Correcting,
    EscalateServiceClock,
    RequestCertificate,
    ResolveOverlap,
)
from services.volunteers.deciders.hours.oneself import of_one
from services.volunteers.deciders.hours.readiness import asked_for
from services.volunteers.deciders.hours.state import Service, about, evolve, shift_key
from services.volunteers.deciders.streams import engagement_stream, service_stream
from services.volunteers.events.clock import ClockMissed
from services.volunteers.events.engagement import ArrivalTaken, EngagementTaken
from services.volunteers.events.service import CheckOutOverdue
from shared.kernel.decider import Decided, Decider, Handles, Rules


def decide(command: Clocking | Correcting | RequestCertificate | EscalateServiceClock, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a ledger; of lists the states by stream."""
    match command:
        case CheckIn():
            return shifts.check_in(command, state, rules)
        case CheckOut():
            return shifts.check_out(command, state, rules)
        case CorrectHours():
            return correcting.correct(command, state, rules)
        case ResolveOverlap():
            return correcting.resolve(command, state, rules)
        case RequestCertificate():
            return certificate.request(command, state, rules)
        case EscalateServiceClock():
            return _escalate(command, state)
        case _:
            assert_never(command)


def _escalate(command: EscalateServiceClock, service: Service) -> Sequence[ClockMissed | CheckOutOverdue]:
    due = service.clocks.passed(command.key, command.now)
    if due is None:
        return []
    missed = ClockMissed(due.key, due.rule, due.since, due.due_at, command.now)
    shift = service.running
    if shift is None or command.key != shift_key(shift.shift):
        return [missed]
    told = (shift.shift, shift.call_up, shift.incident, shift.started, service.division, command.now)
    return [missed, CheckOutOverdue(command.person, *told)]


def _clocked_in(command: CheckIn) -> tuple[str, ...]:
    people = shifts.people_of(command)
    return (*map(service_stream, people), *map(engagement_stream, people))


def _clocked_out(command: CheckOut) -> tuple[str, ...]:
    return tuple(map(service_stream, shifts.people_of(command)))


def _where(command: Clocking, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Where they are engaged, else where they worked last: who leads the work there writes down the hours."""
    found = []
    for person in shifts.people_of(command):
        ledger: Service = states[service_stream(person)]
        work = _work(command, person, states)
        found.append(work.division if work and work.division else ledger.division)
    return tuple(dict.fromkeys(division for division in found if division))


def _work(command: Clocking, person: str, states: Mapping[str, Any]) -> EngagementTaken | ArrivalTaken | None:
    if isinstance(command, CheckOut):
        return None
    at = command.at.astimezone(command.now.tzinfo) if command.at else command.now
    return shifts.work_of(command, engaged(states, person), at)


def _begun(command: CheckIn, states: Mapping[str, Any]) -> tuple[str, ...]:
    people = shifts.people_of(command)
    gate = (stream for person in people for stream in asked_for(person, _work(command, person, states), states))
    return (*gate, *of_one(people, states))


def _ended(command: CheckOut, states: Mapping[str, Any]) -> tuple[str, ...]:
    return of_one(shifts.people_of(command), states)


def _own(command: Correcting | RequestCertificate) -> tuple[str, ...]:
    return (service_stream(command.volunteer),)


SERVICE = Decider(
    category="service",
    initial=Service(),
    decide=decide,
    evolve=evolve,
    about=about,
    joint=frozenset({CheckIn, CheckOut, CorrectHours, ResolveOverlap}),
    handles={
        CheckIn: Handles(_clocked_in, creates=True, state_areas=_where, instead=True, bulk=True, further=_begun),
        CheckOut: Handles(_clocked_out, creates=True, state_areas=_where, instead=True, bulk=True, further=_ended),
        CorrectHours: Handles(_own, further=lambda c, states: (engagement_stream(c.volunteer), *of_one((c.volunteer,), states))),
        ResolveOverlap: Handles(_own, further=lambda c, states: of_one((c.volunteer,), states)),
        RequestCertificate: Handles(_own, creates=True),
        EscalateServiceClock: Handles(lambda c: (service_stream(c.person),)),
    },
)
