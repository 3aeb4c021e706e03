"""The decider of a warning: each command to the page that decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.alerts.deciders.streams import alert_stream, cap_stream, hazard_stream, recipients_stream
from services.alerts.deciders.warnings import dam_alarm, drafting, ending, issuing, reaching
from services.alerts.deciders.warnings.commands import (
    AcknowledgeAlert,
    AdjustAlertLevel,
    ApproveAlert,
    AskRecipients,
    CancelAlert,
    ConfirmDelivery,
    ConfirmNotice,
    CorrectAlert,
    DeclareWarningPeriod,
    DraftAlert,
    EndWarningPeriod,
    EscalateRatification,
    EscalateSilence,
    ExpireAlert,
    HandOutLink,
    LiftMeasure,
    PublishAlert,
    RaiseDamAlarm,
    RatifyAlert,
    RecordConsultation,
    RecordDissemination,
    RejectAlert,
    ReviseDraft,
    StartMeasure,
)
from services.alerts.deciders.warnings.state import Alert, about, evolve
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules

Drafting = DraftAlert | ReviseDraft | RecordConsultation | ApproveAlert | RejectAlert
Issuing = PublishAlert | AdjustAlertLevel | CorrectAlert | RaiseDamAlarm | RatifyAlert | EscalateRatification
Reaching = ConfirmNotice | AskRecipients | RecordDissemination | ConfirmDelivery | HandOutLink | AcknowledgeAlert | EscalateSilence
Ending = DeclareWarningPeriod | EndWarningPeriod | StartMeasure | LiftMeasure | CancelAlert | ExpireAlert
AlertCommand = Drafting | Issuing | Reaching | Ending


def decide(command: AlertCommand, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a warning; of a joint command the states by stream."""
    match command:
        case DraftAlert() | ReviseDraft() | RecordConsultation() | ApproveAlert() | RejectAlert():
            return _draft(command, state, rules)
        case PublishAlert() | AdjustAlertLevel() | CorrectAlert() | RaiseDamAlarm() | RatifyAlert() | EscalateRatification():
            return _issue(command, state, rules)
        case ConfirmNotice() | AskRecipients() | AcknowledgeAlert() | EscalateSilence():
            return _reach(command, state, rules)
        case RecordDissemination() | ConfirmDelivery() | HandOutLink():
            return _reach(command, state, rules)
        case DeclareWarningPeriod() | EndWarningPeriod() | StartMeasure() | LiftMeasure() | CancelAlert() | ExpireAlert():
            return _end(command, state, rules)
        case _:
            assert_never(command)


def _draft(command: Drafting, alert: Alert, rules: Rules) -> Sequence[Any]:
    match command:
        case DraftAlert():
            return drafting.draft(command, alert)
        case ReviseDraft():
            return drafting.revise(command, alert)
        case RecordConsultation():
            return drafting.consult(command, alert, rules)
        case ApproveAlert():
            return drafting.approve(command, alert, rules)
        case RejectAlert():
            return drafting.reject(command, alert)
        case _:
            assert_never(command)


def _issue(command: Issuing, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    match command:
        case PublishAlert():
            return issuing.publish(command, state, rules)
        case AdjustAlertLevel():
            return Decided(issuing.adjust(command, state, rules), basis="ERL-70")
        case CorrectAlert():
            return issuing.correct(command, state, rules)
        case RaiseDamAlarm():
            return dam_alarm.raise_alarm(command, state, rules)
        case RatifyAlert():
            return dam_alarm.ratify(command, state, rules)
        case EscalateRatification():
            return dam_alarm.escalate(command, state)
        case _:
            assert_never(command)


def _reach(command: Reaching, state: Any, rules: Rules) -> Sequence[Any]:
    match command:
        case ConfirmNotice():
            return reaching.confirm_notice(command, state)
        case AskRecipients():
            return reaching.ask(command, state, rules)
        case RecordDissemination():
            return reaching.record(command, state)
        case ConfirmDelivery():
            return reaching.confirm_delivery(command, state)
        case HandOutLink():
            return reaching.hand_out_link(command, state)
        case AcknowledgeAlert():
            return reaching.acknowledge(command, state)
        case EscalateSilence():
            return reaching.escalate_silence(command, state)
        case _:
            assert_never(command)


def _end(command: Ending, alert: Alert, rules: Rules) -> Sequence[Any] | Decided:
    match command:
        case DeclareWarningPeriod():
            return Decided(ending.declare_period(command, alert), basis="ERL-64.1")
        case EndWarningPeriod():
            return ending.end_period(command, alert)
        case StartMeasure():
            return Decided(ending.start_measure(command, alert), basis=command.basis)
        case LiftMeasure():
            return ending.lift_measure(command, alert)
        case CancelAlert():
            return Decided(ending.cancel(command, alert, rules), basis="ERL-70")
        case ExpireAlert():
            return ending.expire(command, alert)
        case _:
            assert_never(command)


def _own(command: Any) -> tuple[str, ...]:
    return (alert_stream(command.alert),)


def _areas(command: DraftAlert) -> tuple[str, ...]:
    return command.areas or ((command.by.division,) if command.by.division else ())


def _content_areas(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Who stands behind a text answers for every area in it (domain 3.1)."""
    alert: Alert = states[alert_stream(command.alert)]
    return alert.content.areas


def _issuer(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """What a division has issued, itself and those above it change: never one below."""
    alert: Alert = states[alert_stream(command.alert)]
    return (alert.issued_by,) if alert.issued_by else ()


def _issuer_and_areas(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    return _issuer(command, states) + _content_areas(command, states)


def _who_measured(command: LiftMeasure, states: Mapping[str, Any]) -> tuple[str, ...]:
    alert: Alert = states[alert_stream(command.alert)]
    by = alert.measured_by.get(command.measure)
    return (by,) if by else _issuer(command, states)


def _publishing(command: PublishAlert) -> tuple[str, ...]:
    return (alert_stream(command.alert), *([cap_stream(command.identifier)] if command.identifier else []))


_HANDLES: Mapping[type[Command], Handles] = {
    DraftAlert: Handles(_own, areas=_areas, creates=True),
    ReviseDraft: Handles(_own, areas=lambda c: c.areas or ()),
    RecordConsultation: Handles(_own),
    ApproveAlert: Handles(_own, state_areas=_content_areas),
    RejectAlert: Handles(_own),
    PublishAlert: Handles(_publishing, state_areas=_content_areas),
    ConfirmNotice: Handles(_own),
    AskRecipients: Handles(lambda c: (alert_stream(c.alert), recipients_stream(c.list))),
    RecordDissemination: Handles(_own),
    ConfirmDelivery: Handles(_own),
    HandOutLink: Handles(_own),
    AcknowledgeAlert: Handles(_own),
    EscalateSilence: Handles(_own),
    DeclareWarningPeriod: Handles(_own, state_areas=_issuer),
    EndWarningPeriod: Handles(_own),
    StartMeasure: Handles(_own),
    LiftMeasure: Handles(_own, state_areas=_who_measured),
    AdjustAlertLevel: Handles(_own, state_areas=_issuer_and_areas),
    CorrectAlert: Handles(_own, state_areas=_issuer_and_areas),
    CancelAlert: Handles(_own, state_areas=_issuer_and_areas),
    ExpireAlert: Handles(_own),
    RaiseDamAlarm: Handles(
        # The division of a new alarm follows from the dam, not from the caller.
        lambda c: (alert_stream(c.alert), hazard_stream(c.hazard_source)),
        state_areas=dam_alarm.reached,
        creates=True,
    ),
    RatifyAlert: Handles(_own),
    EscalateRatification: Handles(_own),
}

ALERT = Decider(
    category="alert",
    initial=Alert(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles=_HANDLES,
    joint=frozenset({PublishAlert, AskRecipients, RaiseDamAlarm}),
)
