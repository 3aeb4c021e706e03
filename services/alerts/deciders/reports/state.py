"""What is known of one report, folded from its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import assert_never

import msgspec
from msgspec.structs import replace

from services.alerts.deciders.reports.commands import (
    AcknowledgeReport,
    CorrectReport,
    ReceiveReport,
    SubmitReport,
    SupplementReport,
    TransferReport,
)
from services.alerts.events.awaited import Awaited, ReportAskedFurther, ReportClocksStopped
from services.alerts.events.clock import ClockMissed
from services.alerts.events.report import (
    Doubt,
    Figure,
    ReportAcknowledged,
    ReportAttached,
    ReportCorrected,
    ReportDoubted,
    ReportEvent,
    ReportFinalised,
    ReportKind,
    ReportOverdue,
    ReportReceived,
    ReportSettled,
    ReportSubmitted,
    ReportSuperseded,
    ReportSupplemented,
    ReportTransferred,
)
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.decider import About

NEW, RECEIVED, TRANSFERRED, SUBMITTED, FINALISED = "new", "received", "transferred", "submitted", "finalised"
DAILY = "K-17"
TRANSFER = "transfer"

REPORT_FLOW = Flow(
    "report.life",
    {
        (NEW, ReceiveReport): RECEIVED,
        **{(status, TransferReport): TRANSFERRED for status in (RECEIVED, TRANSFERRED)},
        **{(status, SubmitReport): SUBMITTED for status in (NEW, RECEIVED, TRANSFERRED, SUBMITTED)},
        (FINALISED, SubmitReport): FINALISED,  # the closing report is handed on like any other
        **{(status, AcknowledgeReport): status for status in (TRANSFERRED, SUBMITTED, FINALISED)},
        **{(status, command): status for status in (SUBMITTED, FINALISED) for command in (SupplementReport, CorrectReport)},
    },
)


class Hop(msgspec.Struct, frozen=True):
    """One step upwards: who sent it where, and whether it was acknowledged."""

    to: str
    by: str
    at: datetime
    acknowledged: bool = False


class Report(msgspec.Struct, frozen=True):
    """A report. `figures` are those of its version, never overwritten by another's; corrections and supplements are added to them."""

    status: str = NEW
    kind: ReportKind | None = None
    division: str | None = None
    incident: str | None = None
    sender: str | None = None  # the division that reported it upwards
    organ: str = ""  # of that division, as `ReportSubmitted` has it
    unit: bool | None = None  # as `ReportSubmitted` has it
    known_at: datetime | None = None  # when its sender knew
    since: datetime | None = None  # when it was submitted
    changes_until: datetime | None = None  # casualties may change until then
    type: str | None = None
    root: str = ""
    cluster: str = ""
    line: tuple[tuple[str, int], ...] = ()
    hops: Mapping[int, Hop] = {}
    figures: Mapping[str, Figure] = {}
    standing: Mapping[str, Decimal] = {}  # the numbers of the line that count; the next report is measured by them
    missing: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    doubtful: bool = False  # something in it waits for a person
    refuted: bool = False  # a person found that it does not count
    untrue: bool = False  # nor anything in it, before somebody sent it up all the same
    held: frozenset[str] = frozenset()  # its figures that do
    first_known: datetime | None = None
    received_at: datetime | None = None
    transferred_to: str | None = None
    superseded_by: str | None = None
    final: bool = False  # it, or one before it, closed the line
    restricted: bool = False
    situations: tuple[str, ...] = ()
    outside: bool = False  # its sender's place has nothing to do with the incident
    desk: str | None = None  # where a person looks at what is in doubt
    subject: str | None = None  # the finder's public number
    clocks: Clocks = STILL

    @property
    def above(self) -> tuple[str, ...]:
        """The divisions over the sender's."""
        return tuple(code for code, _ in self.line[1:])

    def known(self, metric: str) -> Figure | None:
        """The figure as this version states it now; None when it gives no number."""
        figure = self.figures.get(metric)
        return figure if figure is not None and figure.value is not None else None


def about(report: Report) -> About:
    """Internal; reports of social-security events are restricted (ERL art. 69)."""
    return About(report.division, "restricted" if report.restricted else "internal", report.incident)


def evolve(report: Report, event: ReportEvent | Awaited | ClockMissed) -> Report:
    """The report after the event."""
    if isinstance(event, ReportReceived | ReportTransferred | ReportSubmitted | ReportAcknowledged):
        return _in_hand(report, event)
    match event:
        case ReportSupplemented(figures=figures, missing=missing, blocks=blocks, doubts=doubts):
            return replace(_figured(_doubted(report, doubts), figures), missing=missing, blocks=(*report.blocks, *blocks))
        case ReportCorrected(after=after, doubts=doubts):
            return _figured(_doubted(report, doubts), after)
        case ReportAttached(incident=incident, changes_until=until):
            told = {"outside": event.outside, "desk": event.desk or report.desk}
            return replace(report, incident=incident, changes_until=until or report.changes_until, **told)
        case ReportDoubted(doubts=doubts):
            return _doubted(report, doubts)
        case ReportSuperseded(successor=successor, at=at, met=met):
            return replace(report, superseded_by=successor, clocks=report.clocks.end(at, *met))
        case ReportAskedFurther(clocks=clocks):
            return replace(report, clocks=report.clocks.start(*clocks))
        case ReportClocksStopped(at=at, stopped=stopped):
            return replace(report, clocks=report.clocks.end(at, *stopped))
        case ReportOverdue():
            return report
        case ReportSettled(counted=counted, untrue=untrue):
            held = [figure for metric, figure in report.figures.items() if metric in report.held]
            standing = _standing(report, held) if counted else report.standing
            settled = replace(report, doubtful=False, refuted=not counted, held=frozenset(), standing=standing)
            return replace(settled, untrue=untrue or report.untrue, clocks=report.clocks.end(event.at, *event.stopped))
        case ReportFinalised():
            return replace(report, status=FINALISED, final=True)
        case ClockMissed(key=key):
            return replace(report, clocks=report.clocks.miss(key))
        case _:
            assert_never(event)


def _in_hand(report: Report, event: ReportReceived | ReportTransferred | ReportSubmitted | ReportAcknowledged) -> Report:
    match event:
        case ReportReceived():
            return Report(
                RECEIVED,
                division=event.division,
                type=event.type,
                cluster=event.cluster,
                received_at=event.at,
                first_known=event.at,
                restricted=event.restricted,
                subject=event.subject,
            )
        case ReportTransferred(to=to, clocks=clocks):
            return replace(report, status=TRANSFERRED, transferred_to=to, clocks=report.clocks.start(*clocks))
        case ReportSubmitted():
            return _submitted(report, event)
        case ReportAcknowledged(hop=hop, at=at, met=met):
            hops = {**report.hops, hop: replace(report.hops[hop], acknowledged=True)} if hop in report.hops else report.hops
            return replace(report, hops=hops, clocks=report.clocks.end(at, *met))
        case _:
            assert_never(event)


def _submitted(report: Report, event: ReportSubmitted) -> Report:
    report = replace(
        report,
        status=report.status if report.status == FINALISED else SUBMITTED,
        hops={**report.hops, event.hop: Hop(event.to, event.by, event.at)},
        doubtful=report.doubtful or bool(event.doubts),
        clocks=report.clocks.end(event.at, *event.met).start(*event.clocks),
        incident=report.incident or event.incident,
        restricted=report.restricted or event.restricted,
        untrue=False,
    )
    if report.kind is not None:
        return report  # handed on: what it says is what its author said
    return replace(
        report,
        kind=event.kind,
        division=report.division or event.division,
        sender=event.division,
        organ=event.organ,
        unit=event.unit,
        known_at=event.known_at,
        since=event.at,
        changes_until=event.changes_until,
        type=event.type,
        root=event.root,
        line=event.line,
        figures={figure.metric: figure for figure in event.figures},
        standing=dict(event.standing),
        missing=event.missing,
        blocks=event.blocks,
        held=frozenset(doubt.of for doubt in event.doubts) & frozenset(figure.metric for figure in event.figures),
        first_known=event.first_known,
        final=event.final,
        situations=event.situations,
        outside=event.outside,
        desk=event.desk,
    )


def _doubted(report: Report, doubts: Iterable[Doubt]) -> Report:
    found = frozenset(doubt.of for doubt in doubts)
    return replace(report, doubtful=True, held=report.held | found) if found else report


def _figured(report: Report, figures: Iterable[Figure]) -> Report:
    figures = tuple(figures)
    changed = {figure.metric: figure for figure in figures}
    counting = [figure for figure in figures if figure.metric not in report.held]
    return replace(report, figures={**report.figures, **changed}, standing=_standing(report, counting))


def _standing(report: Report, figures: Iterable[Figure]) -> Mapping[str, Decimal]:
    said = {figure.metric: figure.value for figure in figures}
    return {metric: value for metric, value in {**report.standing, **said}.items() if value is not None}
