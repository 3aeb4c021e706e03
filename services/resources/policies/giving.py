"""What follows from relief and gifts: the household is told, and everybody sees what was paid and given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.alerts.events.incident import IncidentAfterCareStarted, IncidentReopened
from services.alerts.events.response import ExternalActivationEnded, ExternalActivationRecorded, ResponseActivated, ResponseTerminated
from services.resources.deciders.donations.appeals import NoteResponsePhase
from services.resources.deciders.donations.disclosure import PublishDisclosure
from services.resources.deciders.relief.commands import DiscloseUse, ServeRelief
from services.resources.events.campaign import LedgerPublished
from services.resources.events.relief import ReliefDecided, ReliefDenied, ReliefPaid, ServedHow
from shared.handling.declare import Policy
from shared.handling.sentence import policy, restricted, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_relief_decided_then_tell_the_household(event: ReliefDecided, at: Envelope) -> Iterable[Command]:
    if event.manner is ServedHow.IN_APP:
        yield ServeRelief(by=system(at), now=at.time, relief=event.relief, manner=ServedHow.IN_APP)


def when_relief_denied_then_tell_the_household(event: ReliefDenied, at: Envelope) -> Iterable[Command]:
    if event.manner is ServedHow.IN_APP:
        yield ServeRelief(by=system(at), now=at.time, relief=event.relief, manner=ServedHow.IN_APP)


def when_relief_paid_then_publish_its_use(event: ReliefPaid, at: Envelope) -> Iterable[Command]:
    yield DiscloseUse(by=system(at), now=at.time, relief=event.relief)


def when_ledger_published_then_show_it_to_everybody(event: LedgerPublished, at: Envelope) -> Iterable[Command]:
    yield PublishDisclosure(
        by=system(at),
        now=at.time,
        disclosure=f"DS-{event.campaign}-{event.number}",
        campaign=event.campaign,
        incident=event.incident,
        money={"in": event.in_, "allocated": event.allocated, "used": event.used},
        goods=event.goods,
        final=event.final,
        late=event.late,
    )


def when_response_activated_then_campaigns_publish_every_few_days(event: ResponseActivated, at: Envelope) -> Iterable[Command]:
    yield _phase(event.incident, event.activation, False, at)


def when_external_response_recorded_then_campaigns_publish_every_few_days(
    event: ExternalActivationRecorded, at: Envelope
) -> Iterable[Command]:
    yield _phase(event.incident, event.activation, False, at)


def when_last_response_terminated_then_campaigns_publish_less_often(event: ResponseTerminated, at: Envelope) -> Iterable[Command]:
    yield _phase(event.incident, event.activation, True, at)


def when_last_external_response_ended_then_campaigns_publish_less_often(event: ExternalActivationEnded, at: Envelope) -> Iterable[Command]:
    yield _phase(event.incident, event.activation, True, at)


def _phase(incident: str, activation: str, over: bool, at: Envelope) -> NoteResponsePhase:
    note = NoteResponsePhase(by=system(at), now=at.time, incident=incident, activation=activation, over=over)
    return replace(note, restricted=restricted(at))


def when_after_care_started_then_campaigns_publish_less_often(event: IncidentAfterCareStarted, at: Envelope) -> Iterable[Command]:
    yield NoteResponsePhase(by=system(at), now=at.time, incident=event.incident, over=True, restricted=restricted(at))


def when_incident_reopened_then_campaigns_publish_every_few_days(event: IncidentReopened, at: Envelope) -> Iterable[Command]:
    yield NoteResponsePhase(by=system(at), now=at.time, incident=event.incident, over=False, restricted=restricted(at))


GIVING: tuple[Policy, ...] = (
    policy("resources.relief.decided.v1", when_relief_decided_then_tell_the_household),
    policy("resources.relief.denied.v1", when_relief_denied_then_tell_the_household),
    policy("resources.relief.paid.v1", when_relief_paid_then_publish_its_use),
    policy("resources.donation.ledger_published.v1", when_ledger_published_then_show_it_to_everybody),
    policy("alerts.response.activated.v1", when_response_activated_then_campaigns_publish_every_few_days),
    policy("alerts.response.external_recorded.v1", when_external_response_recorded_then_campaigns_publish_every_few_days),
    policy("alerts.response.terminated.v1", when_last_response_terminated_then_campaigns_publish_less_often),
    policy("alerts.response.external_ended.v1", when_last_external_response_ended_then_campaigns_publish_less_often),
    policy("alerts.incident.after_care_started.v1", when_after_care_started_then_campaigns_publish_less_often),
    policy("alerts.incident.reopened.v1", when_incident_reopened_then_campaigns_publish_every_few_days),
)
