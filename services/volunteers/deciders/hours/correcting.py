"""Two persons put hours right: what was forgotten, what overlapped (domain 3.17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.volunteers.deciders.callups.engagement import Engagement, engaged
from services.volunteers.deciders.hours.commands import CorrectHours, Correcting, ResolveOverlap
from services.volunteers.deciders.hours.oneself import beside
from services.volunteers.deciders.hours.shifts import AT_ONCE, too_long, two_persons
from services.volunteers.deciders.hours.state import Service, Shift, shift_key, split
from services.volunteers.deciders.streams import service_stream
from services.volunteers.events.service import HoursCorrected, OverlapOutcome, OverlapResolved
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all


def correct(command: CorrectHours, states: Mapping[str, Any], rules: Rules) -> Decided:
    """The shift as it was in truth; the ledger keeps what it said before."""
    own = service_stream(command.volunteer)
    service: Service = states[own]
    second = two_persons(command, command.volunteer)
    shift = _shift(command, service)
    started = _local(command.started, shift) or shift.started
    ended = _local(command.open_shift_ended or command.ended, shift) or shift.ended
    uncalled = _uncalled(shift, started, engaged(states, command.volunteer))
    refuse_all(RuleBroken, [*_faults(command, states, shift.shift, started, ended, rules), *uncalled])
    assert ended is not None
    if (started, ended) == (shift.started, shift.ended):
        raise WrongState(Failure("hours.same", "the ledger says so already"))
    return Decided([(own, _corrected(command, service, shift, started, ended, second))], basis="VSR-19")


def resolve(command: ResolveOverlap, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Set aside for good, or counted with the hours that were worked in truth."""
    own = service_stream(command.volunteer)
    service: Service = states[own]
    second = two_persons(command, command.volunteer)
    aside = service.disputed.get(command.overlap)
    if aside is None:
        raise NotFound(Failure("reference", f"{command.volunteer} has no open overlap {command.overlap}", "overlap"))
    if command.outcome is None:
        raise RuleBroken(Failure("hours.overlap", "say whether it counts or is discarded", "outcome"))
    resolved = OverlapResolved(
        command.volunteer,
        command.overlap,
        command.outcome,
        command.reason or "",
        aside.incident,
        command.by.actor,
        second,
        command.now,
    )
    if command.outcome is OverlapOutcome.DISCARDED:
        refuse_all(RuleBroken, _reasoned(command))
        return Decided([(own, resolved)], basis="VSR-19")
    shift = Shift(aside.of or service.next_shift, aside.call_up, aside.incident, aside.at, aside.ended)
    started, ended = _local(command.started, shift) or aside.at, _local(command.ended, shift) or aside.ended
    refuse_all(RuleBroken, _faults(command, states, shift.shift, started, ended, rules))
    assert ended is not None
    return Decided([(own, resolved), (own, _corrected(command, service, shift, started, ended, second))], basis="VSR-19")


def _shift(command: CorrectHours, service: Service) -> Shift:
    """The one named; else the one that runs."""
    if command.shift is not None:
        found = service.shifts.get(command.shift)
        if found is None:
            raise NotFound(Failure("reference", f"{command.volunteer} has no shift {command.shift}", "shift"))
        if found.aside:
            raise WrongState(Failure("hours.overlap", f"shift {command.shift} is set aside: decide it (ResolveOverlap)", "shift"))
        return found
    if service.running is None:
        raise WrongState(Failure("hours.open", f"no shift of {command.volunteer} runs: name the one that is wrong", "shift"))
    return service.running


def _faults(
    command: Correcting, states: Mapping[str, Any], number: int, started: datetime, ended: datetime | None, rules: Rules
) -> list[Failure]:
    found = _reasoned(command)
    if ended is None:
        return [*found, Failure("hours.order", "say when it ended", "ended")]
    if ended <= started:
        found.append(Failure("hours.order", f"they came at {started:%H:%M}: the end is after that", "ended"))
    if over := too_long(started, ended, rules):
        found.append(Failure(AT_ONCE, over, "ended"))
    if max(started, ended) > command.now:
        found.append(Failure("hours.time", "it has been already", "ended"))
    service: Service = states[service_stream(command.volunteer)]
    others = [one for one in service.shifts.values() if one.shift != number and one.overlaps(started, ended)]
    if others:
        found.append(Failure("hours.overlap", f"shift {others[0].shift} was worked then: correct that one first", "started"))
    return found + _again(command.volunteer, states, started, ended)


def _uncalled(shift: Shift, started: datetime, engagement: Engagement) -> list[Failure]:
    """Nobody served before the day they were called for, or came to, unless it was written down so (VSR art. 19)."""
    hold = engagement.holds.get(shift.call_up or "") or engagement.past.get(shift.call_up or "")
    arrival = engagement.arrivals.get(shift.incident or "")
    came = arrival.at if arrival and shift.call_up is None else shift.started
    since = max(hold.since, engagement.begun.get(hold.call_up, hold.at)) if hold else came
    first = min(since.astimezone(started.tzinfo), shift.started)
    if started.date() >= first.date():
        return []
    return [Failure("hours.engagement", f"they were in no call-up before {first.date()}: name a start from then on", "started")]


def _again(volunteer: str, states: Mapping[str, Any], started: datetime, ended: datetime) -> list[Failure]:
    """Nothing that another registration of this person has already: the one it was merged into, or a duplicate."""
    theirs = [(whose, one) for whose, one in beside(volunteer, states) if one.overlaps(started, ended)]
    said = [f"{whose} has {one.started:%H:%M} to {f'{one.ended:%H:%M}' if one.ended else 'now'}" for whose, one in theirs]
    cure = f"{', '.join(said)} already and is the same person: name what was worked beside it"
    return [Failure("hours.overlap", cure, "started")] if theirs else []


def _reasoned(command: Correcting) -> list[Failure]:
    return [] if command.reason else [Failure("hours.reason", "say why", "reason")]


def _corrected(command: Correcting, service: Service, shift: Shift, started: datetime, ended: datetime, second: str) -> HoursCorrected:
    days = split(started, ended)
    return HoursCorrected(
        command.volunteer,
        shift.shift,
        shift.call_up,
        shift.incident,
        started,
        ended,
        sum(day.minutes for day in days),
        days,
        shift.minutes,
        command.reason or "",
        command.by.actor,
        second,
        command.now,
        (shift_key(shift.shift),) if shift.ended is None else (),
        service.certified(shift.incident),
    )


def _local(moment: datetime | None, shift: Shift) -> datetime | None:
    """At the offset of the place where they worked."""
    return moment.astimezone(shift.started.tzinfo) if moment else None
