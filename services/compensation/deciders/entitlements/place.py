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


@dataclass(frozen=True, slots=True)
class Place:
    """The division an incident is in; None before it was told of."""

    division: str | None = None


def decide(command: NoteIncident, place: Place, rules: Rules) -> Sequence[IncidentPlaced]:
    """Where it began counts; who leads later pays no more for it than before."""
    return [] if place.division is not None else [IncidentPlaced(command.incident, command.division, command.now)]


def evolve(place: Place, event: IncidentPlaced) -> Place:
    """The place after the event."""
    return Place(event.division)


PLACE = Decider(
    category="incident",
    initial=Place(),
    decide=decide,
    evolve=evolve,
    about=lambda place: About(place.division),
    handles={NoteIncident: Handles(lambda c: (incident_stream(c.incident),), creates=True)},
)
