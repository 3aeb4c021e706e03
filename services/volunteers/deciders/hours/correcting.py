"""Two persons put hours right: what was forgotten, what overlapped (domain 3.17)."""

from __future__ import annotations

from datetime import datetime

from services.volunteers.deciders.hours.commands import CorrectHours, Correcting, ResolveOverlap
from services.volunteers.deciders.hours.shifts import two_persons
from services.volunteers.deciders.hours.state import Service, Shift, shift_key, split
from services.volunteers.events.service import HoursCorrected, OverlapOutcome, OverlapResolved
from shared.kernel.decider import Decided
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all


def correct(command: CorrectHours, service: Service) -> Decided:
    """The shift as it was in truth; the ledger keeps what it said before."""
    second = two_persons(command, command.volunteer)
    shift = _shift(command, service)
    started = _local(command.started, shift) or shift.started
    ended = _local(command.open_shift_ended or command.ended, shift) or shift.ended
    refuse_all(RuleBroken, _faults(command, service, shift.shift, started, ended))
    assert ended is not None
    if (started, ended) == (shift.started, shift.ended):
        raise WrongState(Failure("hours.same", "the ledger says so already"))
    return Decided([_corrected(command, service, shift, started, ended, second)], basis="VSR-19")


def resolve(command: ResolveOverlap, service: Service) -> Decided:
    """Set aside for good, or counted with the hours that were worked in truth."""
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
        return Decided([resolved], basis="VSR-19")
    shift = Shift(service.next_shift, aside.call_up, aside.incident, aside.at)
    started, ended = _local(command.started, shift) or aside.at, _local(command.ended, shift)
    refuse_all(RuleBroken, _faults(command, service, shift.shift, started, ended))
    assert ended is not None
    return Decided([resolved, _corrected(command, service, shift, started, ended, second)], basis="VSR-19")


def _shift(command: CorrectHours, service: Service) -> Shift:
    """The one named; else the one that runs."""
    if command.shift is not None:
        found = service.shifts.get(command.shift)
        if found is None:
            raise NotFound(Failure("reference", f"{command.volunteer} has no shift {command.shift}", "shift"))
        return found
    if service.running is None:
        raise WrongState(Failure("hours.open", f"no shift of {command.volunteer} runs: name the one that is wrong", "shift"))
    return service.running


def _faults(command: Correcting, service: Service, number: int, started: datetime, ended: datetime | None) -> list[Failure]:
    found = _reasoned(command)
    if ended is None:
        return [*found, Failure("hours.order", "say when it ended", "ended")]
    if ended <= started:
        found.append(Failure("hours.order", f"they came at {started:%H:%M}: the end is after that", "ended"))
    if max(started, ended) > command.now:
        found.append(Failure("hours.time", "it has been already", "ended"))
    others = [one for one in service.shifts.values() if one.shift != number and one.overlaps(started, ended)]
    if others:
        found.append(Failure("hours.overlap", f"shift {others[0].shift} was worked then: correct that one first", "started"))
    return found


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
