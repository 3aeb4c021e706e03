"""What comes in: received from anybody, handed on to who is competent, confirmed by who has it (ERL art. 60 para. 3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from services.alerts.deciders.reports.chains import chain_of
from services.alerts.deciders.reports.commands import AcknowledgeReport, ReceiveReport, TransferReport
from services.alerts.deciders.reports.state import REPORT_FLOW, TRANSFER, Report
from services.alerts.events.incident import IncidentType
from services.alerts.events.report import Doubt, ReportAcknowledged, ReportReceived, ReportTransferred, Why
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken

ANYBODY = "PUBLIC"
"""The role of a finder without a token: it reports, and may nothing else."""

_TYPES = frozenset(type.value for type in IncidentType)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def receive(command: ReceiveReport, report: Report, rules: Rules) -> Decided:
    """Taken whatever it says. What was not understood is named, so that a person reads the words."""
    REPORT_FLOW.require(report.status, command)
    type = command.type if command.type in _TYPES else None
    doubts = [Doubt(Why.PLACE_UNKNOWN)] if command.place is None else []
    doubts += [Doubt(Why.TYPE_UNKNOWN)] if type != command.type else []
    fact = ReportReceived(
        command.report,
        _cluster(command, type, rules),
        "",
        command.size,
        command.division,
        command.now,
        place=command.place,
        type=type,
        trust="low" if command.by.has(ANYBODY) else "signed",
        by=command.by.actor,
        subject=command.subject,
        purpose=command.purpose,
        doubts=tuple(doubts),
        restricted=chain_of(type, rules).get("visibility") == "restricted",
        ref=command.ref,
    )
    return Decided([fact], {"report": command.report, "cluster": fact.cluster}, basis="ERL-60.3", flags=["Q-TRIAGE"] if doubts else [])


def transfer(command: TransferReport, report: Report, rules: Rules) -> Sequence[ReportTransferred]:
    """At once, and never to oneself; the receipt is awaited (K-06)."""
    holder = report.transferred_to or report.division
    REPORT_FLOW.require(report.status, command)
    if command.to == holder:
        raise RuleBroken(Failure("ERL-60.3", f"{holder} has it already: name who is competent", "to"))
    due = deadline(rules, "K-06", command.now, TRANSFER)
    return [
        ReportTransferred(
            command.report,
            report.cluster,
            command.to,
            command.by.actor,
            holder,
            command.now,
            command.reason or "",
            (due,),
            report.incident,
            report.subject,
        )
    ]


def acknowledge(command: AcknowledgeReport, report: Report) -> Sequence[ReportAcknowledged]:
    """By the recipient and nobody else; twice changes nothing."""
    REPORT_FLOW.require(report.status, command)
    if command.hop is None:
        return _receipt(command, report)
    hop = report.hops.get(command.hop)
    if hop is None:
        raise NotFound(Failure("reference", f"{command.report} was not submitted at hop {command.hop}", "hop"))
    if command.by.division != hop.to:
        raise NotAllowed(Failure("report.recipient", f"hop {command.hop} went to {hop.to}: its duty acknowledges it"))
    if hop.acknowledged:
        return []
    return [ReportAcknowledged(command.report, command.hop, command.by.actor, command.by.division, command.now, incident=report.incident)]


def _receipt(command: AcknowledgeReport, report: Report) -> Sequence[ReportAcknowledged]:
    if report.transferred_to is None:
        raise NotFound(Failure("reference", f"{command.report} was not transferred: name the hop", "hop"))
    if command.by.division != report.transferred_to:
        raise NotAllowed(Failure("report.recipient", f"it was transferred to {report.transferred_to}: its duty gives the receipt"))
    if not report.clocks.runs(TRANSFER):
        return []
    late = report.clocks.late(TRANSFER, command.now) is not None
    by = command.by
    return [ReportAcknowledged(command.report, 0, by.actor, by.division, command.now, late, (TRANSFER,), report.incident)]


def _cluster(command: ReceiveReport, type: str | None, rules: Rules) -> str:
    """Place, type and the window it came in: what says the same is verified once (own default). Nobody knows whether reports without
    a place are of one matter: each is verified by itself, and only what one sender repeats word for word is once."""
    window = rules.value("report.cluster_window")
    begins = _EPOCH + (command.now - _EPOCH) // window * window
    return f"public.{command.place or f'unknown.{command.alike or command.report}'}.{type or 'any'}.{begins:%Y%m%dT%H%M}"
