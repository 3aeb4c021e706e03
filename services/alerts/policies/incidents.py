"""What follows for an incident: its grade, its deadlines, and what stands in the way of closing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.alerts.deciders.derived import derived
from services.alerts.deciders.incidents.commands import (
    MeetIncidentClock,
    RaiseGradeByRule,
    StartResponding,
)
from services.alerts.deciders.incidents.state import BROUGHT_BY, PRESS, RELEASE, REPORT
from services.alerts.deciders.orders.task import AssignTask
from services.alerts.deciders.reports.chains import of_unit
from services.alerts.deciders.reports.commands import NATIONAL
from services.alerts.events.alert import AlertCancelled, AlertExpired, AlertPublished
from services.alerts.events.evacuation import EvacuationIssued, EvacueesReturned
from services.alerts.events.evaluation import EvaluationApproved, EvaluationKind, EvaluationOpened
from services.alerts.events.incident import (
    IncidentClassified,
    IncidentClockMet,
    IncidentClosed,
    IncidentDismissed,
    IncidentRegistered,
    IncidentRegraded,
    IncidentReopened,
    IncidentResponding,
)
from services.alerts.events.leading import IncidentAbsorbed, IncidentMerged, SecondaryIncidentLinked
from services.alerts.events.order import OrderEnded, OrderIssued, OrderRevoked
from services.alerts.events.release import PressBriefingHeld, ReleasePublished
from services.alerts.events.report import ReportAttached, ReportFinalised, ReportKind, ReportSubmitted, Why
from services.alerts.events.response import (
    ExternalActivationEnded,
    ExternalActivationRecorded,
    ResponseActivated,
    ResponseTerminated,
)
from services.alerts.events.triage import FiguresEntered, FiguresSettled
from services.alerts.policies.closing import CLOSING, opened, settled
from services.alerts.policies.late import LATE
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

ACTIVATION, ALERT, ORDER, EVACUATION = "activation", "alert", "order", "evacuation"
EVALUATION, FINAL_REPORT, INCIDENT = "evaluation", "final_report", "incident"
_OF_A_PLAN = (EvaluationKind.PLAN, EvaluationKind.DRILL)


def when_response_activated_then_incident_is_responded_to(event: ResponseActivated, at: Envelope) -> Iterable[Command]:
    yield StartResponding(by=system(at), now=at.time, incident=event.incident, activation=event.activation)


def when_incident_registered_with_times_long_ago_then_look(event: IncidentRegistered, at: Envelope) -> Iterable[Command]:
    """What was known and not reported is looked into (ERL art. 61 para. 2); what was mistyped is told to who registered it."""
    if event.doubts:
        yield AssignTask(
            by=system(at),
            now=at.time,
            task=derived("times", event.incident),
            kind="check_times",
            subject=at.streamid,
            roles=("EMD.duty", "EMD.officer"),
            incident=event.incident,
            text=", ".join(event.doubts),
            restricted=at.visibility not in ("public", "internal"),
        )


def when_report_submitted_then_report_clock_is_met(event: ReportSubmitted, at: Envelope) -> Iterable[Command]:
    levels = {**dict(event.line), NATIONAL: 0}
    own, to = levels.get(event.division or ""), levels.get(event.to)
    upward = own is not None and to is not None and to < own and not of_unit(event.organ)
    foreign = any(doubt.code == Why.PREDECESSOR_FOREIGN for doubt in event.doubts)
    if event.incident is not None and event.kind is not ReportKind.ZERO and upward and not foreign and not event.outside:
        yield replace(_met(at, event.incident, REPORT), level=own)


def when_report_attached_then_report_clock_is_met(event: ReportAttached, at: Envelope) -> Iterable[Command]:
    if event.level is not None:
        yield replace(_met(at, event.incident, REPORT), level=event.level)


def when_release_published_then_release_clock_is_met(event: ReleasePublished, at: Envelope) -> Iterable[Command]:
    if event.incident is not None:
        yield _met(at, event.incident, RELEASE)


def when_press_briefing_held_then_press_clock_is_met(event: PressBriefingHeld, at: Envelope) -> Iterable[Command]:
    if event.incident is not None:
        yield _met(at, event.incident, PRESS)


def when_incident_clock_met_then_its_main_incident_met_it(event: IncidentClockMet, at: Envelope) -> Iterable[Command]:
    yield from _met_for(event, at)


def when_incident_responded_to_then_its_main_incident_met_it(event: IncidentResponding, at: Envelope) -> Iterable[Command]:
    yield from _met_for(event, at)


def when_figures_entered_then_raise_grade(event: FiguresEntered, at: Envelope) -> Iterable[Command]:
    yield RaiseGradeByRule(by=system(at), now=at.time, incident=event.incident, report=event.report)


def when_figures_settled_then_raise_grade(event: FiguresSettled, at: Envelope) -> Iterable[Command]:
    if event.counted:
        yield RaiseGradeByRule(by=system(at), now=at.time, incident=event.incident, report=event.report)


def when_incident_reopened_then_raise_grade(event: IncidentReopened, at: Envelope) -> Iterable[Command]:
    """What was reported while it was over."""
    yield RaiseGradeByRule(by=system(at), now=at.time, incident=event.incident)


def when_secondary_linked_then_raise_grade(event: SecondaryIncidentLinked, at: Envelope) -> Iterable[Command]:
    if event.grade is not None:
        main, secondary = event.incident, event.secondary
        yield RaiseGradeByRule(by=system(at), now=at.time, incident=main, grade=event.grade, basis=event.basis, secondary=secondary)


def when_secondary_classified_then_raise_grade_of_main(event: IncidentClassified, at: Envelope) -> Iterable[Command]:
    yield from _graver(event, event.basis, at)


def when_secondary_regraded_then_raise_grade_of_main(event: IncidentRegraded, at: Envelope) -> Iterable[Command]:
    yield from _graver(event, event.basis, at)


def when_secondary_absorbed_another_then_raise_grade_of_main(event: IncidentAbsorbed, at: Envelope) -> Iterable[Command]:
    yield from _graver(event, f"grade of {event.incident}", at)


def when_secondary_linked_then_main_waits_for_it(event: SecondaryIncidentLinked, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, INCIDENT, event.secondary)


def when_incident_closed_then_main_waits_no_longer(event: IncidentClosed, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.main, INCIDENT, event.incident, "closed")


def when_incident_dismissed_then_main_waits_no_longer(event: IncidentDismissed, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.main, INCIDENT, event.incident, "dismissed")


def when_incident_merged_then_main_waits_no_longer(event: IncidentMerged, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.main, INCIDENT, event.incident, f"merged into {event.into}")


def when_incident_reopened_then_main_waits_again(event: IncidentReopened, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.main, INCIDENT, event.incident)


def when_response_activated_then_closing_waits(event: ResponseActivated, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, ACTIVATION, event.activation)


def when_external_activation_recorded_then_closing_waits(event: ExternalActivationRecorded, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, ACTIVATION, event.activation)


def when_response_terminated_then_closing_waits_no_longer(event: ResponseTerminated, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, ACTIVATION, event.activation, "ended")


def when_external_activation_ended_then_closing_waits_no_longer(event: ExternalActivationEnded, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, ACTIVATION, event.activation, "ended")


def when_alert_published_then_closing_waits(event: AlertPublished, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, ALERT, event.alert)


def when_alert_cancelled_then_closing_waits_no_longer(event: AlertCancelled, at: Envelope) -> Iterable[Command]:
    yield from settled(at, at.correlationid, ALERT, event.alert, "cancelled")


def when_alert_expired_then_closing_waits_no_longer(event: AlertExpired, at: Envelope) -> Iterable[Command]:
    yield from settled(at, at.correlationid, ALERT, event.alert, "expired")


def when_order_issued_then_closing_waits(event: OrderIssued, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, ORDER, event.order)


def when_order_ended_then_closing_waits_no_longer(event: OrderEnded, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, ORDER, event.order, "ended")


def when_order_revoked_then_closing_waits_no_longer(event: OrderRevoked, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, ORDER, event.order, "revoked")


def when_evacuation_issued_then_it_is_carried_at_the_close(event: EvacuationIssued, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, EVACUATION, event.evacuation)


def when_evacuees_returned_then_it_is_over(event: EvacueesReturned, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, EVACUATION, event.evacuation, "returned")


def when_report_finalised_then_final_report_is_there(event: ReportFinalised, at: Envelope) -> Iterable[Command]:
    if event.leads:
        yield from settled(at, event.incident, FINAL_REPORT, event.report, "finalised")


def when_evaluation_opened_then_closing_knows(event: EvaluationOpened, at: Envelope) -> Iterable[Command]:
    if event.kind not in _OF_A_PLAN:
        yield from opened(at, event.incident, EVALUATION, event.evaluation)


def when_evaluation_approved_then_closing_knows(event: EvaluationApproved, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, EVALUATION, event.evaluation, "approved")


def _met(at: Envelope, incident: str, key: str) -> MeetIncidentClock:
    return MeetIncidentClock(by=system(at), now=at.time, incident=incident, key=key, evidence=at.streamid)


def _met_for(event: IncidentClockMet | IncidentResponding, at: Envelope) -> Iterable[Command]:
    if event.main is not None:
        for key in event.met:
            yield _met(at, event.main, f"{key}{BROUGHT_BY}{event.incident}")


def _graver(event: IncidentClassified | IncidentRegraded | IncidentAbsorbed, basis: str, at: Envelope) -> Iterable[Command]:
    if event.main is not None and event.grade is not None:
        main, secondary = event.main, event.incident
        yield RaiseGradeByRule(by=system(at), now=at.time, incident=main, grade=event.grade, basis=basis, secondary=secondary)


INCIDENTS: tuple[Policy, ...] = (
    policy("alerts.response.activated.v1", when_response_activated_then_closing_waits),  # first: it reopens what was dismissed
    policy("alerts.response.activated.v1", when_response_activated_then_incident_is_responded_to),
    policy("alerts.response.external_recorded.v1", when_external_activation_recorded_then_closing_waits),
    policy("alerts.response.terminated.v1", when_response_terminated_then_closing_waits_no_longer),
    policy("alerts.response.external_ended.v1", when_external_activation_ended_then_closing_waits_no_longer),
    policy("alerts.incident.registered.v1", when_incident_registered_with_times_long_ago_then_look),
    policy("alerts.report.submitted.v1", when_report_submitted_then_report_clock_is_met),
    policy("alerts.report.attached.v1", when_report_attached_then_report_clock_is_met),
    policy("alerts.report.finalised.v1", when_report_finalised_then_final_report_is_there),
    policy("alerts.release.published.v1", when_release_published_then_release_clock_is_met),
    policy("alerts.release.briefing_held.v1", when_press_briefing_held_then_press_clock_is_met),
    policy("alerts.incident.clock_met.v1", when_incident_clock_met_then_its_main_incident_met_it),
    policy("alerts.incident.responding.v1", when_incident_responded_to_then_its_main_incident_met_it),
    policy("alerts.figures.entered.v1", when_figures_entered_then_raise_grade),
    policy("alerts.figures.settled.v1", when_figures_settled_then_raise_grade),
    policy("alerts.incident.reopened.v1", when_incident_reopened_then_raise_grade),
    policy("alerts.incident.secondary_linked.v1", when_secondary_linked_then_raise_grade),
    policy("alerts.incident.classified.v1", when_secondary_classified_then_raise_grade_of_main),
    policy("alerts.incident.regraded.v1", when_secondary_regraded_then_raise_grade_of_main),
    policy("alerts.incident.absorbed.v1", when_secondary_absorbed_another_then_raise_grade_of_main),
    policy("alerts.incident.secondary_linked.v1", when_secondary_linked_then_main_waits_for_it),
    *LATE,
    policy("alerts.incident.closed.v1", when_incident_closed_then_main_waits_no_longer),
    policy("alerts.incident.dismissed.v1", when_incident_dismissed_then_main_waits_no_longer),
    policy("alerts.incident.merged.v1", when_incident_merged_then_main_waits_no_longer),
    policy("alerts.incident.reopened.v1", when_incident_reopened_then_main_waits_again),
    policy("alerts.alert.published.v1", when_alert_published_then_closing_waits),
    policy("alerts.alert.cancelled.v1", when_alert_cancelled_then_closing_waits_no_longer),
    policy("alerts.alert.expired.v1", when_alert_expired_then_closing_waits_no_longer),
    policy("alerts.order.issued.v1", when_order_issued_then_closing_waits),
    policy("alerts.order.ended.v1", when_order_ended_then_closing_waits_no_longer),
    policy("alerts.order.revoked.v1", when_order_revoked_then_closing_waits_no_longer),
    policy("alerts.evacuation.issued.v1", when_evacuation_issued_then_it_is_carried_at_the_close),
    policy("alerts.evacuation.returned.v1", when_evacuees_returned_then_it_is_over),
    *CLOSING,
    policy("alerts.evaluation.opened.v1", when_evaluation_opened_then_closing_knows),
    policy("alerts.evaluation.approved.v1", when_evaluation_approved_then_closing_knows),
)
