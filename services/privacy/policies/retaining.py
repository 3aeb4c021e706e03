"""At the end of the last response the data are due (ERL art. 85): one part of the assessment for each register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.alerts.events.incident import IncidentAfterCareStarted, IncidentDismissed
from services.alerts.events.response import (
    ExternalActivationEnded,
    ExternalActivationRecorded,
    ResponseActivated,
    ResponseTerminated,
)
from services.privacy.deciders.activity import NoteResponseOver, NoteResponseRuns
from services.privacy.deciders.retention.commands import OpenRetentionAssessment, ResumeRetention
from services.privacy.deciders.streams import REGISTERS
from services.privacy.events.activity import ResponseBegan, ResponseEnded
from shared.handling.declare import Policy
from shared.handling.sentence import policy, restricted, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_response_activated_then_note_that_it_runs(event: ResponseActivated, at: Envelope) -> Iterable[Command]:
    yield _runs(event, at)


def when_response_terminated_then_note_that_it_is_over(event: ResponseTerminated, at: Envelope) -> Iterable[Command]:
    yield NoteResponseOver(by=system(at), now=at.time, incident=event.incident, activation=event.activation)


def when_external_response_recorded_then_note_that_it_runs(event: ExternalActivationRecorded, at: Envelope) -> Iterable[Command]:
    yield _runs(event, at)


def when_external_response_ended_then_note_that_it_is_over(event: ExternalActivationEnded, at: Envelope) -> Iterable[Command]:
    yield NoteResponseOver(by=system(at), now=at.time, incident=event.incident, activation=event.activation)


def when_last_response_ended_then_open_the_assessment(event: ResponseEnded, at: Envelope) -> Iterable[Command]:
    if event.last:
        yield from _assessments(event.incident, at)


def when_another_response_began_then_the_data_are_in_use(event: ResponseBegan, at: Envelope) -> Iterable[Command]:
    for register in REGISTERS:
        yield ResumeRetention(by=system(at), now=at.time, incident=event.incident, register=register)


def when_after_care_started_then_open_the_assessment(event: IncidentAfterCareStarted, at: Envelope) -> Iterable[Command]:
    """Also of an incident that nobody formally responded to; what is open already stays as it is."""
    yield from _assessments(event.incident, at)


def when_incident_dismissed_then_open_the_assessment(event: IncidentDismissed, at: Envelope) -> Iterable[Command]:
    """There was nothing: what was collected for it is due at once."""
    yield from _assessments(event.incident, at)


def _runs(event: ResponseActivated | ExternalActivationRecorded, at: Envelope) -> NoteResponseRuns:
    note = NoteResponseRuns(by=system(at), now=at.time, incident=event.incident, activation=event.activation)
    return replace(note, restricted=restricted(at))


def _assessments(incident: str, at: Envelope) -> Iterable[Command]:
    for register in REGISTERS:
        yield OpenRetentionAssessment(by=system(at), now=at.time, incident=incident, register=register, division=at.division)


RETAINING: tuple[Policy, ...] = (
    policy("alerts.response.activated.v1", when_response_activated_then_note_that_it_runs),
    policy("alerts.response.terminated.v1", when_response_terminated_then_note_that_it_is_over),
    policy("alerts.response.external_recorded.v1", when_external_response_recorded_then_note_that_it_runs),
    policy("alerts.response.external_ended.v1", when_external_response_ended_then_note_that_it_is_over),
    policy("alerts.incident.after_care_started.v1", when_after_care_started_then_open_the_assessment),
    policy("alerts.incident.dismissed.v1", when_incident_dismissed_then_open_the_assessment),
    policy("privacy.activity.response_ended.v1", when_last_response_ended_then_open_the_assessment),
    policy("privacy.activity.response_began.v1", when_another_response_began_then_the_data_are_in_use),
)
