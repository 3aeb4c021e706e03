"""What resources notes of an incident."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.alerts.events.incident import IncidentClassified, IncidentClosed, IncidentDismissed, IncidentRegistered, IncidentReopened
from services.resources.deciders.incident import NoteSupplyIncident
from shared.handling.declare import Policy
from shared.handling.sentence import policy, restricted, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_incident_registered_then_goods_may_go_there(event: IncidentRegistered, at: Envelope) -> Iterable[Command]:
    note = NoteSupplyIncident(by=system(at), now=at.time, incident=event.incident, division=event.division, type=event.type)
    yield replace(note, restricted=restricted(at))


def when_incident_classified_then_note_its_type(event: IncidentClassified, at: Envelope) -> Iterable[Command]:
    yield NoteSupplyIncident(by=system(at), now=at.time, incident=event.incident, type=event.type, restricted=restricted(at))


def when_incident_reopened_then_goods_may_go_there_again(event: IncidentReopened, at: Envelope) -> Iterable[Command]:
    yield NoteSupplyIncident(by=system(at), now=at.time, incident=event.incident)


def when_incident_closed_then_goods_go_there_no_more(event: IncidentClosed, at: Envelope) -> Iterable[Command]:
    yield NoteSupplyIncident(by=system(at), now=at.time, incident=event.incident, open=False)


def when_incident_dismissed_then_goods_go_there_no_more(event: IncidentDismissed, at: Envelope) -> Iterable[Command]:
    yield NoteSupplyIncident(by=system(at), now=at.time, incident=event.incident, open=False)


INCIDENTS: tuple[Policy, ...] = (
    policy("alerts.incident.registered.v1", when_incident_registered_then_goods_may_go_there),
    policy("alerts.incident.classified.v1", when_incident_classified_then_note_its_type),
    policy("alerts.incident.reopened.v1", when_incident_reopened_then_goods_may_go_there_again),
    policy("alerts.incident.closed.v1", when_incident_closed_then_goods_go_there_no_more),
    policy("alerts.incident.dismissed.v1", when_incident_dismissed_then_goods_go_there_no_more),
)
