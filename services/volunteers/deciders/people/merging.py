"""The hours of a duplicate beside those of the registration that is kept: none lost, none counted twice (VSR art. 19; domain 3.17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.volunteers.deciders.callups.ending import service_of
from services.volunteers.deciders.hours.state import Service, Shift
from services.volunteers.deciders.people.commands import MergeVolunteers
from services.volunteers.deciders.people.state import Volunteer
from services.volunteers.deciders.streams import service_stream, volunteer_stream
from services.volunteers.events.service import OverlapQuarantined, Period
from shared.kernel.errors import Failure, WrongState, refuse_all

Said = tuple[str, Any]


def ledgers(command: MergeVolunteers, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Theirs, and those of duplicates that either had taken before."""
    return tuple(map(service_stream, (*whose(command.volunteer, states), *whose(command.into, states))))


def overlaps(command: MergeVolunteers, states: Mapping[str, Any]) -> list[Said]:
    """Each shift of the duplicate that the kept one worked at the same time is set aside for two persons. WrongState while one runs."""
    twice, kept = whose(command.volunteer, states), whose(command.into, states)
    running = [name for name in twice if service_of(states, name).running is not None]
    refuse_all(WrongState, [Failure("hours.open", f"{name} is checked in: check them out, then merge", "volunteer") for name in running])
    theirs = [(name, shift) for name in kept for shift in service_of(states, name).shifts.values() if not shift.aside]
    return [said for name in twice for said in _aside(command, name, service_of(states, name), theirs)]


def _aside(command: MergeVolunteers, name: str, ledger: Service, theirs: list[tuple[str, Shift]]) -> Iterable[Said]:
    number = ledger.overlaps
    for shift in ledger.counted():
        at_once = [(whose, one) for whose, one in theirs if one.overlaps(shift.started, shift.ended)]
        if at_once:
            number += 1
            yield (
                service_stream(name),
                OverlapQuarantined(
                    person=name,
                    overlap=number,
                    shift=at_once[0][1].shift,
                    call_up=shift.call_up,
                    incident=shift.incident,
                    task="",
                    division=ledger.division,
                    at=shift.started,
                    by=command.by.actor,
                    of=shift.shift,
                    ended=shift.ended,
                    whose=at_once[0][0],
                    against=tuple(Period(one.started, one.ended) for _, one in at_once),
                    certificates=ledger.certified(shift.incident),
                ),
            )


def whose(name: str, states: Mapping[str, Any]) -> tuple[str, ...]:
    """A registration and the duplicates it has taken: their hours are one person's."""
    volunteer = states.get(volunteer_stream(name))
    return (name, *(sorted(volunteer.taken) if isinstance(volunteer, Volunteer) else ()))
