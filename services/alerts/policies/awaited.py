"""What follows for the reports of an incident from what becomes of it: how far up they are owed, and that nothing is once it is over."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.deciders.reports.commands import AskFurther, StopReportClocks
from services.alerts.events.incident import (
    IncidentClassified,
    IncidentClosed,
    IncidentDismissed,
    IncidentRegraded,
    IncidentReopened,
)
from services.alerts.events.leading import IncidentAbsorbed
from services.alerts.events.report import ReportAttached
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope
from shared.kernel.events import family

Graded = IncidentClassified | IncidentRegraded | IncidentReopened


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


_GRADED = ("alerts.incident.classified.v1", "alerts.incident.regraded.v1", "alerts.incident.reopened.v1")
AWAITED: tuple[Policy, ...] = (
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
