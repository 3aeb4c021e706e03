"""An incident as resources knows it: where it is, and whether it is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.resources.deciders.streams import incident_stream
from services.resources.events.incident import IncidentNoted
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSupplyIncident(Command):
    """What became of an incident. Only policies send it; without a division it stays where it was, without a type what it was."""

    incident: PublicId
    division: str | None = None
    open: bool = True
    type: str | None = None
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """`division` None: never heard of it."""

    incident: str = ""
    division: str | None = None
    open: bool = False
    type: str = ""
    restricted: bool = False


def decide(command: NoteSupplyIncident, incident: Incident, rules: Rules) -> Sequence[IncidentNoted]:
    """Said again it changes nothing."""
    division = command.division or incident.division
    kind = command.type or incident.type
    secret = command.restricted or incident.restricted
    same = (division, command.open, kind, secret) == (incident.division, incident.open, incident.type, incident.restricted)
    return [] if same else [IncidentNoted(command.incident, division, command.open, command.now, kind, secret)]


def evolve(incident: Incident, event: IncidentNoted) -> Incident:
    """The incident after the event."""
    return Incident(event.incident, event.division, event.open, event.type, event.restricted)


def not_open(incident: str | None, states: Mapping[str, Any], instead: str = "") -> list[Failure]:
    """The fault of a decision that needs an open incident, when there is none. `instead`: what else would do."""
    known = states.get(incident_stream(incident)) if incident else None
    if isinstance(known, Incident) and known.open:
        return []
    named = f"{incident} is not open" if incident else "name the incident"
    return [Failure("incident.open", f"{named}: register it{instead}", "incident")]


INCIDENT = Decider(
    category="incident",
    initial=Incident(),
    decide=decide,
    evolve=evolve,
    about=lambda incident: About(incident.division, "restricted" if incident.restricted else "internal", incident.incident or None),
    handles={NoteSupplyIncident: Handles(lambda c: (incident_stream(c.incident),), creates=True)},
)
