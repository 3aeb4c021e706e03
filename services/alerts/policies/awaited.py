"""What follows for the reports of an incident from what becomes of it: how far up they are owed, and that nothing is once it is over."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.deciders.incidents.awaiting import CLASS_A, by_unit, met_by
from services.alerts.deciders.incidents.commands import AwaitUnitReport, MeetIncidentClock
from services.alerts.deciders.reports.commands import AskFurther, StopReportClocks
from services.alerts.events.incident import (
    IncidentClassified,
    IncidentClosed,
    IncidentDismissed,
    IncidentRegistered,
    IncidentRegraded,
    IncidentReopened,
)
from services.alerts.events.leading import IncidentAbsorbed
from services.alerts.events.report import ReportAttached, ReportSubmitted
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope
from shared.kernel.events import family

Graded = IncidentClassified | IncidentRegraded | IncidentReopened
Awaiting = IncidentRegistered | IncidentClassified | IncidentReopened
Told = ReportSubmitted | ReportAttached


def when_incident_graded_or_reopened_then_ask_for_its_reports_further(event: Graded, at: Envelope) -> Iterable[Command]:
    yield AskFurther(by=system(at), now=at.time, incident=event.incident)


def when_incident_absorbed_another_then_ask_for_reports_of_both_further(event: IncidentAbsorbed, at: Envelope) -> Iterable[Command]:
    for incident in (event.incident, event.absorbed):
        yield AskFurther(by=system(at), now=at.time, incident=incident)


def when_report_attached_then_ask_for_it_further(event: ReportAttached, at: Envelope) -> Iterable[Command]:
    yield AskFurther(by=system(at), now=at.time, incident=event.incident, report=event.report)


def when_incident_closed_then_await_no_more_of_its_reports(event: IncidentClosed, at: Envelope) -> Iterable[Command]:
    yield StopReportClocks(by=system(at), now=at.time, incident=event.incident, reason=f"{event.incident} was closed")


def when_incident_dismissed_then_await_no_more_of_its_reports(event: IncidentDismissed, at: Envelope) -> Iterable[Command]:
    reason = f"{event.incident} was dismissed: {event.reason}"
    yield StopReportClocks(by=system(at), now=at.time, incident=event.incident, reason=reason)


def when_incident_known_by_its_type_then_await_the_report_of_its_unit(event: Awaiting, at: Envelope) -> Iterable[Command]:
    yield AwaitUnitReport(by=system(at), now=at.time, incident=event.incident)


def when_report_says_class_a_then_await_the_report_of_who_found_it(event: Told, at: Envelope) -> Iterable[Command]:
    if event.incident is not None and CLASS_A in event.situations and not by_unit(event):
        known = event.known_at or event.at
        yield AwaitUnitReport(by=system(at), now=at.time, incident=event.incident, situations=(CLASS_A,), known_at=known)


def when_report_of_unit_came_then_it_is_met(event: Told, at: Envelope) -> Iterable[Command]:
    if event.incident is not None:
        for key in met_by(event):
            yield MeetIncidentClock(by=system(at), now=at.time, incident=event.incident, key=key, evidence=at.streamid)


_GRADED = ("alerts.incident.classified.v1", "alerts.incident.regraded.v1", "alerts.incident.reopened.v1")
_SUBMITTED, _ATTACHED = "alerts.report.submitted.v1", "alerts.report.attached.v1"
AWAITED: tuple[Policy, ...] = (
    policy("alerts.incident.registered.v1", when_incident_known_by_its_type_then_await_the_report_of_its_unit, _GRADED[0], _GRADED[2]),
    policy(_SUBMITTED, when_report_says_class_a_then_await_the_report_of_who_found_it, _ATTACHED),
    policy(_SUBMITTED, when_report_of_unit_came_then_it_is_met, _ATTACHED),
    Policy(
        when_incident_graded_or_reopened_then_ask_for_its_reports_further.__name__,
        tuple(family(name) for name in _GRADED),
        when_incident_graded_or_reopened_then_ask_for_its_reports_further,
    ),
    policy("alerts.incident.absorbed.v1", when_incident_absorbed_another_then_ask_for_reports_of_both_further),
    policy("alerts.report.attached.v1", when_report_attached_then_ask_for_it_further),
    policy("alerts.incident.closed.v1", when_incident_closed_then_await_no_more_of_its_reports),
    policy("alerts.incident.dismissed.v1", when_incident_dismissed_then_await_no_more_of_its_reports),
)
