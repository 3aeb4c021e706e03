"""All registrations of one person: no minute counts twice, whichever of their ledgers it is in (VSR art. 19; domain 3.17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.volunteers.deciders.callups.ending import service_of
from services.volunteers.deciders.hours.state import Shift
from services.volunteers.deciders.people.changing import way_to_kept
from services.volunteers.deciders.people.merging import whose
from services.volunteers.deciders.streams import service_stream

States = Mapping[str, Any]


def registrations(person: str, states: States) -> tuple[str, ...]:
    """The one that is kept, and the duplicates it has taken: each of them is this person."""
    return whose(way_to_kept(person, states)[-1].partition("-")[2], states)


def of_one(people: Iterable[str], states: States) -> tuple[str, ...]:
    """The streams that say which registrations are one person's, and the ledgers of those."""
    return tuple(
        stream for person in people for stream in (*way_to_kept(person, states), *map(service_stream, registrations(person, states)))
    )


def beside(person: str, states: States) -> tuple[tuple[str, Shift], ...]:
    """What counts under the person's other registrations, each shift with the registration it is of."""
    others = (name for name in registrations(person, states) if name != person)
    return tuple((name, shift) for name in others for shift in service_of(states, name).shifts.values() if not shift.aside)
