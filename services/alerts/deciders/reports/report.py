"""The decider of a report: each command to the page that decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.alerts.deciders.reports import changing, following, intake, submitting
from services.alerts.deciders.reports.commands import (
    NATIONAL,
    AcknowledgeReport,
    AskFurther,
    AttachReport,
    CorrectReport,
    DoubtReport,
    EscalateReportClock,
    FinaliseReport,
    ReceiveReport,
    ReportCommand,
    SettleReport,
    StopReportClocks,
    SubmitReport,
    SupersedeReport,
    SupplementReport,
    TransferReport,
)
from services.alerts.deciders.reports.state import Report, about, evolve
from services.alerts.deciders.streams import incident_stream, report_stream
from shared.kernel.decider import Decided, Decider, Handles, Rules


def decide(command: ReportCommand, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a report; of a joint command the states by stream."""
    match command:
        case ReceiveReport():
            return intake.receive(command, state, rules)
        case TransferReport():
            return intake.transfer(command, state, rules)
        case AcknowledgeReport():
            return intake.acknowledge(command, state)
        case SubmitReport():
            return submitting.submit(command, state, rules)
        case SupplementReport():
            return changing.supplement(command, state, rules)
        case CorrectReport():
            return changing.correct(command, state, rules)
        case SupersedeReport() | AttachReport() | DoubtReport() | SettleReport() | FinaliseReport() | EscalateReportClock():
            return _followed(command, state)
        case AskFurther():
            return following.ask_further(command, state, rules)
        case StopReportClocks():
            return following.stop(command, state)
        case _:
            assert_never(command)


def _followed(
    command: SupersedeReport | AttachReport | DoubtReport | SettleReport | FinaliseReport | EscalateReportClock, state: Any
) -> Sequence[Any] | Decided:
    match command:
        case SupersedeReport():
            return changing.supersede(command, state)
        case AttachReport():
            return changing.attach(command, state)
        case DoubtReport():
            return changing.doubt(command, state)
        case SettleReport():
            return changing.settle(command, state)
        case FinaliseReport():
            return changing.finalise(command, state)
        case EscalateReportClock():
            return changing.overdue(command, state)
        case _:
            assert_never(command)


def _own(command: Any) -> tuple[str, ...]:
    return (report_stream(command.report),)


def _submitting(command: SubmitReport) -> tuple[str, ...]:
    before = [report_stream(command.supersedes)] if command.supersedes and command.supersedes != command.report else []
    return (*_own(command), *before, *([incident_stream(command.incident)] if command.incident else []))


def _where(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Where a report is in hand: where it is looked at, and where whoever it was transferred to is (ERL art. 60 para. 3)."""
    state = states[report_stream(command.report)]
    place = state.transferred_to if command.by.division == state.transferred_to else state.division
    return (place,) if place else ()


def _received(command: AcknowledgeReport, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Who is to confirm it, wherever it came from; who that is, is the decider's to say."""
    state = states[report_stream(command.report)]
    to = state.transferred_to if command.hop is None else state.hops[command.hop].to if command.hop in state.hops else None
    return (to,) if to and to != NATIONAL else ()


def _with_incident(command: FinaliseReport | AttachReport) -> tuple[str, ...]:
    return (*_own(command), *((incident_stream(command.incident),) if command.incident else ()))


REPORT = Decider(
    category="report",
    initial=Report(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        ReceiveReport: Handles(_own, areas=lambda c: (c.division,), creates=True),
        TransferReport: Handles(_own, areas=lambda c: (c.to,), state_areas=_where, instead=True),
        SubmitReport: Handles(_submitting, state_areas=_where, instead=True, creates=True),
        AcknowledgeReport: Handles(_own, state_areas=_received, instead=True),
        SupplementReport: Handles(_own, state_areas=_where, instead=True),
        CorrectReport: Handles(_own, state_areas=_where, instead=True),
        SupersedeReport: Handles(_own),
        AttachReport: Handles(_with_incident, creates=True),
        DoubtReport: Handles(_own),
        SettleReport: Handles(_own),
        FinaliseReport: Handles(_with_incident),
        AskFurther: Handles(following.book_of, creates=True, further=following.further, bulk=True),
        StopReportClocks: Handles(following.book_of, creates=True, further=following.further, bulk=True),
        EscalateReportClock: Handles(_own),
    },
    joint=frozenset({SubmitReport, AttachReport, FinaliseReport, AskFurther, StopReportClocks}),
)
