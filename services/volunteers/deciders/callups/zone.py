"""Zones of work, and how many people each of them takes (VSR art. 24, ERL art. 72)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from services.volunteers.deciders.callups.commands import RegisterZone
from services.volunteers.deciders.streams import zone_stream
from services.volunteers.events.engagement import ZoneEntered, ZoneEvent, ZoneLeft, ZoneRegistered
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all

REACHED = re.compile(r"\S@\S|(?<!\d)0\d{2,3}[\s-]?\d{7,8}(?!\d)")  # a mail address, a landline with its area


@dataclass(frozen=True, slots=True)
class Zone:
    """Who is in it, by call-up and holder."""

    cap: int | None = None
    division: str | None = None
    incident: str | None = None
    there: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        return sum(self.there.values())


def room_in(zone: str | None, incident: str | None, people: int, states: Mapping[str, Any]) -> Zone:
    """The zone, with room for so many more. Of another incident it is none: for that one nobody looked at cover, skills and hazard.
    NotFound, RuleBroken."""
    if zone is None:
        raise RuleBroken(Failure("VSR-24", "name the zone they work in", "zone"))
    found = states.get(zone_stream(zone))
    if not isinstance(found, Zone) or found.cap is None:
        raise NotFound(Failure("reference", f"zone {zone} is unknown: register it first", "zone"))
    if found.incident not in (None, incident):
        theirs = f"{incident} (RegisterZone says whose a zone is)" if incident else "no incident"
        cure = f"{zone} is a zone of {found.incident}: call them up for that one, or name a zone of {theirs}"
        raise RuleBroken(Failure("zone.incident", cure, "zone"))
    if found.people + people > found.cap:
        takes, there = "person" if found.cap == 1 else "people", "is" if found.people == 1 else "are"
        raise RuleBroken(Failure("zone.capacity", f"{zone} takes {found.cap} {takes}, {found.people} {there} there", "zone"))
    return found


def decide(command: RegisterZone, zone: Zone, rules: Rules) -> Sequence[ZoneRegistered]:
    """A zone, or another number for it. Who is there stays, also beyond a smaller number."""
    found = [Failure("zone.capacity", "a zone takes one person at least", "cap")] if command.cap < 1 else []
    if REACHED.search(command.name):
        found.append(Failure("PIPL-5", "name the place; nobody's mail address or telephone number", "name"))
    refuse_all(RuleBroken, found)
    return [
        ZoneRegistered(
            command.zone,
            command.cap,
            command.incident,
            zone.division or command.division or command.by.division,
            command.by.actor,
            command.now,
            command.name,
        )
    ]


def evolve(zone: Zone, event: ZoneEvent) -> Zone:
    """The zone after the event."""
    match event:
        case ZoneRegistered():
            return replace(zone, cap=event.cap, division=event.division, incident=event.incident)
        case ZoneEntered():
            return replace(zone, there={**zone.there, (event.call_up, event.holder): event.people})
        case ZoneLeft():
            return replace(zone, there={key: n for key, n in zone.there.items() if key != (event.call_up, event.holder)})
        case _:
            assert_never(event)


def about(zone: Zone) -> About:
    """Internal to the organs of its place."""
    return About(zone.division, "internal", zone.incident)


ZONE = Decider(
    category="zone",
    initial=Zone(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={RegisterZone: Handles(lambda c: (zone_stream(c.zone),), areas=lambda c: (c.division,) if c.division else (), creates=True)},
)
