"""People who arrive uncalled are taken in and directed, never ignored (domain 3.18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.volunteers.deciders.callups.engagement import engaged
from services.volunteers.deciders.callups.zone import Zone
from services.volunteers.deciders.forces.state import not_a_force
from services.volunteers.deciders.people.state import NEW, WALK_IN, Volunteer
from services.volunteers.deciders.streams import engagement_stream, volunteer_stream, zone_stream
from services.volunteers.events.engagement import ArrivalTaken
from services.volunteers.events.volunteer import SelfArrivalRegistered
from shared.kernel.commands import Command, Opaque, PublicId
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure

REQUIRED = "arrival.required"
RULES = {"adult": "ERL-39.2", "insurance": "ERL-40.1", "training": "PSER-11", "risk_text": "VSR-12"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSelfArrival(Command):
    """Take in somebody who came without being called. What is missing is asked for; `person` and `fields` are the edge's, of the vault."""

    volunteer: PublicId
    incident: PublicId | None = None
    zone: PublicId | None = None
    person: Opaque | None = None
    fields: tuple[str, ...] = ()


def register(command: RegisterSelfArrival, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Once at each incident; whoever is registered anyway stays what they are."""
    own = volunteer_stream(command.volunteer)
    volunteer: Volunteer = states[own]
    not_a_force(command.volunteer, states)
    incident = command.incident or ""  # not known which: they are taken in all the same
    missing = tuple(name for name in rules.value(REQUIRED) if _missing(name, volunteer, command.now))
    room = zone_of(command, states)
    flags = ("A-INCOMPLETE",) if missing or not incident else ()
    if incident in engaged(states, command.volunteer).arrivals:
        return Decided([], answer={"missing": list(missing)}, flags=flags)
    division = command.by.division or volunteer.division or ""
    arrived = SelfArrivalRegistered(
        command.volunteer,
        incident,
        division,
        command.person,
        missing,
        command.by.actor,
        command.now,
        room,
        command.fields,
    )
    taken = ArrivalTaken(command.volunteer, incident, division or None, command.now, room)
    told = {"missing": list(missing), "zone": room} | ({"zone_why": _no_room(command, states)} if command.zone and room is None else {})
    return Decided([(own, arrived), (engagement_stream(command.volunteer), taken)], answer=told, flags=flags)


def zone_of(command: RegisterSelfArrival, states: Mapping[str, Any]) -> str | None:
    """Where they are directed: a zone that is known and has room. Without one they are taken in all the same."""
    zone = states[zone_stream(command.zone)] if command.zone else None
    return command.zone if isinstance(zone, Zone) and zone.cap is not None and zone.people < zone.cap else None


def _no_room(command: RegisterSelfArrival, states: Mapping[str, Any]) -> str:
    zone = states[zone_stream(command.zone or "")]
    if not isinstance(zone, Zone) or zone.cap is None:
        return f"{command.zone} is unknown: register it (RegisterZone), or name another"
    return f"{command.zone} is full, {zone.people} of {zone.cap}: name another zone, or let them wait"


def unready(volunteer: Volunteer, name: str, at: datetime, rules: Rules) -> list[Failure]:
    """What is still missing of somebody who came uncalled before they work."""
    missing = [each for each in rules.value(REQUIRED) if _missing(each, volunteer, at)]
    return [Failure(RULES[each], f"{name} came uncalled, {each} is missing: complete it first", "people") for each in missing]


def _missing(name: str, volunteer: Volunteer, at: datetime) -> bool:
    if volunteer.status in (NEW, WALK_IN):
        return True
    match name:
        case "adult":
            return volunteer.adult is not True
        case "insurance":
            return not any(cover.since <= at <= cover.until for cover in volunteer.covers)
        case "training":
            return not volunteer.trained(at, at)
        case _:
            return not volunteer.risk_text
