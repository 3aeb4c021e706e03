"""What follows from a warning, a threshold crossed and a silent station."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.deciders.derived import derived
from services.alerts.deciders.orders.task import AssignTask
from services.alerts.deciders.warnings.checklist import OpenChecklist, checklist_for
from services.alerts.deciders.warnings.commands import AskRecipients
from services.alerts.deciders.warnings.message import IssueMessage
from services.alerts.events.alert import AlertCancelled, AlertCorrected, AlertPublished, IssueEvent, LevelAdjusted
from services.alerts.events.crossing import ThresholdCrossed
from services.alerts.events.registers import StationSilent
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_alert_published_then_ask_recipients(event: AlertPublished, at: Envelope) -> Iterable[Command]:
    return _ask(event, at)


def when_alert_published_then_open_checklist(event: AlertPublished, at: Envelope) -> Iterable[Command]:
    return _open(event, at)


def when_alert_published_then_issue_message(event: AlertPublished, at: Envelope) -> Iterable[Command]:
    return _issue("Alert", event, at)


def when_level_adjusted_then_tell_recipients(event: LevelAdjusted, at: Envelope) -> Iterable[Command]:
    return _ask(event, at)


def when_level_adjusted_then_open_checklist(event: LevelAdjusted, at: Envelope) -> Iterable[Command]:
    return _open(event, at)


def when_level_adjusted_then_issue_update(event: LevelAdjusted, at: Envelope) -> Iterable[Command]:
    return _issue("Update", event, at, event.reason)


def when_alert_corrected_then_tell_recipients(event: AlertCorrected, at: Envelope) -> Iterable[Command]:
    return _ask(event, at)


def when_alert_corrected_then_issue_update(event: AlertCorrected, at: Envelope) -> Iterable[Command]:
    return _issue("Update", event, at, event.reason)


def when_alert_cancelled_then_tell_recipients(event: AlertCancelled, at: Envelope) -> Iterable[Command]:
    return _ask(event, at)


def when_alert_cancelled_then_issue_cancel_message(event: AlertCancelled, at: Envelope) -> Iterable[Command]:
    return _issue("Cancel", event, at, event.reason)


def when_threshold_crossed_then_assign_drafting_task(event: ThresholdCrossed, at: Envelope) -> Iterable[Command]:
    yield AssignTask(
        by=system(at),
        now=at.time,
        task=derived("draft", event.crossing),
        kind="draft_alert",
        subject=at.streamid,
        hazard=event.hazard,
        colour=event.colour,
    )


def when_station_silent_then_assign_check(event: StationSilent, at: Envelope) -> Iterable[Command]:
    yield AssignTask(
        by=system(at),
        now=at.time,
        task=derived("check", f"{event.station}-{event.last_heard:%Y%m%d%H%M%S}"),
        kind="check_station",
        subject=at.streamid,
        roles=("EMD.duty", "SECT"),
    )


def _ask(event: IssueEvent, at: Envelope) -> Iterable[Command]:
    for name in event.lists:
        yield AskRecipients(by=system(at), now=at.time, alert=event.alert, identifier=event.identifier, list=name)


def _open(event: IssueEvent, at: Envelope) -> Iterable[Command]:
    checklist = checklist_for(event.content.number)
    yield OpenChecklist(by=system(at), now=at.time, alert=event.alert, checklist=checklist, incident=at.correlationid)


def _issue(msg_type: str, event: IssueEvent, at: Envelope, note: str = "") -> Iterable[Command]:
    first = event.references[0].identifier if event.references else event.identifier
    yield IssueMessage(
        by=system(at),
        now=at.time,
        identifier=event.identifier,
        sender=event.sender,
        sent=event.at,
        msg_type=msg_type,
        series=first,
        alert=event.alert,
        content=event.content,
        references=event.references,
        note=note,
    )


_PUBLISHED, _ADJUSTED = "alerts.alert.published.v1", "alerts.alert.level_adjusted.v1"
_CORRECTED, _CANCELLED = "alerts.alert.corrected.v1", "alerts.alert.cancelled.v1"

WARNINGS: tuple[Policy, ...] = (
    policy(_PUBLISHED, when_alert_published_then_ask_recipients),
    policy(_PUBLISHED, when_alert_published_then_open_checklist),
    policy(_PUBLISHED, when_alert_published_then_issue_message),
    policy(_ADJUSTED, when_level_adjusted_then_tell_recipients),
    policy(_ADJUSTED, when_level_adjusted_then_open_checklist),
    policy(_ADJUSTED, when_level_adjusted_then_issue_update),
    policy(_CORRECTED, when_alert_corrected_then_tell_recipients),
    policy(_CORRECTED, when_alert_corrected_then_issue_update),
    policy(_CANCELLED, when_alert_cancelled_then_tell_recipients),
    policy(_CANCELLED, when_alert_cancelled_then_issue_cancel_message),
    policy("alerts.threshold.crossed.v1", when_threshold_crossed_then_assign_drafting_task),
    policy("alerts.station.silent.v1", when_station_silent_then_assign_check),
)
