"""Where an incident is: whose government pays for what was done for it, unless a unit answers for the damage (PSER art. 19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.compensation.deciders.streams import incident_stream
from services.compensation.events.entitlement import IncidentPlaced
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteIncident(Command):
    """An incident is in this division. Only policies send it."""

    incident: PublicId
    division: str
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The division an incident is in; None before it was told of."""

    division: str | None = None
    restricted: bool = False


def decide(command: NoteIncident, place: Place, rules: Rules) -> Sequence[IncidentPlaced]:
    """Where it began counts; who leads later pays no more for it than before."""
    placed = IncidentPlaced(command.incident, command.division, command.now, command.restricted)
    return [] if place.division is not None else [placed]


def evolve(place: Place, event: IncidentPlaced) -> Place:
    """The place after the event."""
    return Place(event.division, event.restricted)


PLACE = Decider(
    category="incident",
    initial=Place(),
    decide=decide,
    evolve=evolve,
    about=lambda place: About(place.division, "restricted" if place.restricted else "internal"),
    handles={NoteIncident: Handles(lambda c: (incident_stream(c.incident),), creates=True)},
)
