"""What follows from a report: it is verified once, completed, copied, chased, counted, closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.alerts.deciders.derived import derived
from services.alerts.deciders.orders.task import AssignTask, CompleteTask
from services.alerts.deciders.reports.chains import of_unit
from services.alerts.deciders.reports.commands import NATIONAL, AttachReport, DoubtReport, FinaliseReport, SettleReport, SupersedeReport
from services.alerts.deciders.reports.figures import EnterFigures, SettleFigures
from services.alerts.deciders.reports.triage import DOUBTFUL, PUBLIC, LeaveTriage, OpenTriage
from services.alerts.deciders.reports.trust import desk
from services.alerts.events.awaited import ReportClocksStopped
from services.alerts.events.incident import IncidentRegistered
from services.alerts.events.report import (
    Doubt,
    Figure,
    ReportAcknowledged,
    ReportAttached,
    ReportCorrected,
    ReportKind,
    ReportOverdue,
    ReportReceived,
    ReportSettled,
    ReportSubmitted,
    ReportSuperseded,
    ReportSupplemented,
    ReportTransferred,
    Why,
)
from services.alerts.events.triage import FiguresEntered, Finding, TriageLeft, TriageOpened, TriageResolved
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

DUTY = ("EMD.duty", "EMD.officer")
FINDERS = (*DUTY, "SECT", "L4.office")  # who verifies what the public reports
WRITERS = {4: ("L4.office",), 5: ("L5.committee",)}  # by level, whose report it is below the county
DUTY_ROOM = (*DUTY, "L4.office")  # of any level that has one
TRANSFERRED = "transferred_report"
Came = ReportSubmitted | ReportSuperseded | ReportAcknowledged
_ASIDE = {Why.PLACE_UNKNOWN, Why.TYPE_UNKNOWN, Why.PREDECESSOR_UNKNOWN}
_BESIDE = {Why.CONTRADICTION, Why.BELOW_PARTS, Why.OUTSIDE, Why.INCIDENT_OVER}  # found when figures were laid beside those of the incident


def when_report_received_then_open_triage(event: ReportReceived, at: Envelope) -> Iterable[Command]:
    yield OpenTriage(
        by=system(at), now=at.time, triage=event.cluster, kind=PUBLIC, report=event.report, doubts=event.doubts, restricted=_restricted(at)
    )


def when_report_transferred_then_leave_triage(event: ReportTransferred, at: Envelope) -> Iterable[Command]:
    if event.cluster:
        yield LeaveTriage(by=system(at), now=at.time, triage=event.cluster, report=event.report)


def when_report_transferred_then_open_triage_there(event: ReportTransferred, at: Envelope) -> Iterable[Command]:
    there = replace(system(at), division=event.to)
    yield OpenTriage(
        by=there, now=at.time, triage=f"moved.{event.report}.{event.to}", kind=TRANSFERRED, report=event.report, restricted=_restricted(at)
    )


def when_report_submitted_then_supersede_predecessor(event: ReportSubmitted, at: Envelope) -> Iterable[Command]:
    foreign = any(doubt.code == Why.PREDECESSOR_FOREIGN for doubt in event.doubts)
    if event.supersedes is not None and not event.handed_on and not foreign:
        yield SupersedeReport(by=system(at), now=at.time, report=event.supersedes, successor=event.report)


def when_report_submitted_then_ask_for_what_is_missing(event: ReportSubmitted, at: Envelope) -> Iterable[Command]:
    if event.missing:
        level = dict(event.line).get(event.division or "", 0)
        task, roles = derived("complete", f"{event.report}.{event.hop}"), WRITERS.get(level, (*DUTY, "SECT"))
        work = _task(at, task, "complete_report", event.incident, roles, event.division)
        yield replace(work, roles=(), executor=event.by) if of_unit(event.organ) else work  # who made it completes it


def when_report_submitted_then_open_triage(event: ReportSubmitted, at: Envelope) -> Iterable[Command]:
    if event.doubts:
        yield _doubtful(event.report, event.doubts, event.incident, at)


def when_report_submitted_then_enter_figures(event: ReportSubmitted, at: Envelope) -> Iterable[Command]:
    if event.incident is not None and not event.handed_on:
        above = tuple(code for code, _ in event.line[1:])
        yield _enter(at, event.incident, event.report, event.root, event.figures, above, event.doubts, event.division, event.at)


def when_report_submitted_then_copy_to_whom_it_passed_over(event: ReportSubmitted, at: Envelope) -> Iterable[Command]:
    for division in event.skipped:
        task = derived("copy", f"{event.report}.{event.hop}.{division}")
        yield _task(at, task, "read_skip_level_copy", event.incident, DUTY_ROOM, division)


def when_first_report_submitted_then_inform_other_organs(event: ReportSubmitted, at: Envelope) -> Iterable[Command]:
    if event.kind == ReportKind.FIRST and not event.handed_on and event.also:
        text = ", ".join(event.also)
        room = desk(event.line, event.division)
        yield replace(_task(at, derived("inform", event.report), "inform_organs", event.incident, DUTY, room), text=text)


def when_report_submitted_then_close_its_line(event: ReportSubmitted, at: Envelope) -> Iterable[Command]:
    if event.kind == ReportKind.FINAL and event.incident is None:  # else its figures are laid beside those of others before
        yield _finalise(event.report, None, at)


def when_figures_entered_then_close_its_line(event: FiguresEntered, at: Envelope) -> Iterable[Command]:
    if not event.doubts and event.into is None:
        yield _finalise(event.report, event.incident, at)


def when_report_supplemented_then_close_its_line(event: ReportSupplemented, at: Envelope) -> Iterable[Command]:
    if event.doubts:
        yield _doubtful(event.report, event.doubts, event.incident, at)
    if not event.missing:
        if event.incident is None or all(figure.value is None for figure in event.figures):
            yield _finalise(event.report, event.incident, at)
        yield CompleteTask(by=system(at), now=at.time, task=derived("complete", f"{event.report}.1"), outcome="supplemented")


def when_report_settled_then_close_its_line(event: ReportSettled, at: Envelope) -> Iterable[Command]:
    if event.counted:
        yield _finalise(event.report, event.incident, at)


def when_report_settled_then_settle_figures(event: ReportSettled, at: Envelope) -> Iterable[Command]:
    if event.incident is not None and not event.untrue:  # its triage may know of none: it was opened before there was one
        yield SettleFigures(by=system(at), now=at.time, incident=event.incident, report=event.report, counted=event.counted)


def when_report_supplemented_then_enter_figures(event: ReportSupplemented, at: Envelope) -> Iterable[Command]:
    if event.incident is not None and event.figures:
        yield _enter(at, event.incident, event.report, event.root, event.figures, event.above, event.doubts, event.division, event.since)


def when_report_corrected_then_enter_figures(event: ReportCorrected, at: Envelope) -> Iterable[Command]:
    if event.doubts:
        yield _doubtful(event.report, event.doubts, event.incident, at)
    if event.incident is not None:
        yield _enter(at, event.incident, event.report, event.root, event.after, event.above, event.doubts, event.division, event.since)


def when_incident_registered_then_attach_its_report(event: IncidentRegistered, at: Envelope) -> Iterable[Command]:
    if event.report is not None:
        yield AttachReport(by=system(at), now=at.time, report=event.report, incident=event.incident)


def when_triage_resolved_then_attach_reports(event: TriageResolved, at: Envelope) -> Iterable[Command]:
    if event.incident is not None and event.finding == Finding.CONFIRMED:
        for report in event.reports:
            yield AttachReport(by=system(at), now=at.time, report=report, incident=event.incident)


def when_report_attached_then_enter_figures(event: ReportAttached, at: Envelope) -> Iterable[Command]:
    yield _enter(at, event.incident, event.report, event.root, event.figures, event.above, event.doubts, event.division, event.since)


def when_report_overdue_then_chase_it_from_above(event: ReportOverdue, at: Envelope) -> Iterable[Command]:
    there = at.division if event.to == NATIONAL else event.to
    yield _task(at, derived("chase", event.report, event.key), "chase_report", event.incident, DUTY_ROOM, there)


def when_what_was_overdue_came_then_chase_it_no_longer(event: Came, at: Envelope) -> Iterable[Command]:
    for key in event.met:
        yield CompleteTask(by=system(at), now=at.time, task=derived("chase", event.report, key), outcome="reported")


def when_report_clocks_stopped_then_chase_them_no_longer(event: ReportClocksStopped | ReportSettled, at: Envelope) -> Iterable[Command]:
    reason = event.reason if isinstance(event, ReportClocksStopped) else "refuted"
    for key in event.stopped:
        yield CompleteTask(by=system(at), now=at.time, task=derived("chase", event.report, key), outcome=reason)


def when_figures_entered_then_open_triage(event: FiguresEntered, at: Envelope) -> Iterable[Command]:
    new = tuple(doubt for doubt in event.doubts if doubt.code in _BESIDE)
    if new:
        yield from _doubted(event.report, new, event.incident, at)
    for metric, report in event.below:
        yield from _doubted(report, (Doubt(Why.BELOW_PARTS, metric),), event.incident, at)


def when_triage_opened_then_assign_task(event: TriageOpened, at: Envelope) -> Iterable[Command]:
    roles = FINDERS if event.kind != DOUBTFUL else DUTY
    yield _task(at, _work(event), "verify_report" if event.kind != DOUBTFUL else "settle_report", event.incident, roles, event.division)


def when_triage_resolved_then_settle_reports(event: TriageResolved, at: Envelope) -> Iterable[Command]:
    """Of a doubtful report the numbers in doubt are settled; what the public found, or another handed on, is true or not as a whole."""
    untrue = event.kind != DOUBTFUL and event.finding == Finding.REFUTED
    if event.kind != DOUBTFUL and not untrue:
        return
    counted = event.finding == Finding.CONFIRMED
    for report in event.reports:
        yield SettleReport(by=system(at), now=at.time, report=report, counted=counted, untrue=untrue)
        if event.incident is not None and not untrue:
            yield SettleFigures(by=system(at), now=at.time, incident=event.incident, report=report, counted=counted)


def when_triage_resolved_then_complete_task(event: TriageResolved, at: Envelope) -> Iterable[Command]:
    yield CompleteTask(by=system(at), now=at.time, task=_work(event), outcome=event.finding.value)


def when_triage_left_then_complete_task(event: TriageLeft, at: Envelope) -> Iterable[Command]:
    if event.met:
        yield CompleteTask(by=system(at), now=at.time, task=_work(event), outcome="transferred")


def _finalise(report: str, incident: str | None, at: Envelope) -> FinaliseReport:
    return FinaliseReport(by=system(at), now=at.time, report=report, incident=incident)


def _doubted(report: str, doubts: tuple[Doubt, ...], incident: str, at: Envelope) -> Iterable[Command]:
    yield DoubtReport(by=system(at), now=at.time, report=report, doubts=doubts)
    yield _doubtful(report, doubts, incident, at)


def _doubtful(report: str, doubts: tuple[Doubt, ...], incident: str | None, at: Envelope) -> OpenTriage:
    by, triage, hidden = system(at), f"doubt.{report}", _restricted(at)
    return OpenTriage(by=by, now=at.time, triage=triage, kind=DOUBTFUL, report=report, doubts=doubts, incident=incident, restricted=hidden)


def _enter(
    at: Envelope,
    incident: str,
    report: str,
    root: str,
    figures: tuple[Figure, ...],
    above: tuple[str, ...],
    held: tuple[Doubt, ...],
    division: str | None,
    since: datetime | None,
) -> EnterFigures:
    by, metrics = replace(system(at), division=division), {figure.metric for figure in figures}
    doubts = tuple(doubt for doubt in held if doubt.of in metrics and doubt.code not in _ASIDE)
    return EnterFigures(
        by=by,
        now=at.time,
        incident=incident,
        report=report,
        root=root,
        figures=figures,
        above=above,
        held=doubts,
        since=since,
        restricted=_restricted(at),
    )


def _restricted(at: Envelope) -> bool:
    """What follows from it is kept as it is (ERL art. 69)."""
    return at.visibility == "restricted"


def _task(at: Envelope, task: str, kind: str, incident: str | None, roles: tuple[str, ...], division: str | None) -> AssignTask:
    by = replace(system(at), division=division)
    return AssignTask(
        by=by, now=at.time, task=task, kind=kind, subject=at.streamid, roles=roles, incident=incident, restricted=_restricted(at)
    )


def _work(event: TriageOpened | TriageLeft | TriageResolved) -> str:
    return derived("triage", f"{event.triage}-{event.round}")


_RECEIVED, _TRANSFERRED, _SUBMITTED = "alerts.report.received.v1", "alerts.report.transferred.v1", "alerts.report.submitted.v1"
_ACKNOWLEDGED = "alerts.report.acknowledged.v1"

REPORTS: tuple[Policy, ...] = (
    policy(_RECEIVED, when_report_received_then_open_triage),
    policy(_TRANSFERRED, when_report_transferred_then_leave_triage),
    policy(_TRANSFERRED, when_report_transferred_then_open_triage_there),
    policy(_SUBMITTED, when_report_submitted_then_supersede_predecessor),
    policy(_SUBMITTED, when_report_submitted_then_ask_for_what_is_missing),
    policy(_SUBMITTED, when_report_submitted_then_open_triage),
    policy(_SUBMITTED, when_report_submitted_then_enter_figures),
    policy(_SUBMITTED, when_report_submitted_then_copy_to_whom_it_passed_over),
    policy(_SUBMITTED, when_first_report_submitted_then_inform_other_organs),
    policy(_SUBMITTED, when_report_submitted_then_close_its_line),
    policy("alerts.report.supplemented.v1", when_report_supplemented_then_close_its_line),
    policy("alerts.report.supplemented.v1", when_report_supplemented_then_enter_figures),
    policy("alerts.report.settled.v1", when_report_settled_then_close_its_line),
    policy("alerts.report.settled.v1", when_report_settled_then_settle_figures),
    policy("alerts.report.corrected.v1", when_report_corrected_then_enter_figures),
    policy("alerts.incident.registered.v1", when_incident_registered_then_attach_its_report),
    policy("alerts.report.attached.v1", when_report_attached_then_enter_figures),
    policy("alerts.report.overdue.v1", when_report_overdue_then_chase_it_from_above),
    policy(_SUBMITTED, when_what_was_overdue_came_then_chase_it_no_longer, "alerts.report.superseded.v1", _ACKNOWLEDGED),
    policy("alerts.report.clocks_stopped.v1", when_report_clocks_stopped_then_chase_them_no_longer, "alerts.report.settled.v1"),
    policy("alerts.figures.entered.v1", when_figures_entered_then_open_triage),
    policy("alerts.figures.entered.v1", when_figures_entered_then_close_its_line),
    policy("alerts.triage.opened.v1", when_triage_opened_then_assign_task),
    policy("alerts.triage.resolved.v1", when_triage_resolved_then_settle_reports),
    policy("alerts.triage.resolved.v1", when_triage_resolved_then_attach_reports),
    policy("alerts.triage.resolved.v1", when_triage_resolved_then_complete_task),
    policy("alerts.triage.left.v1", when_triage_left_then_complete_task),
)
