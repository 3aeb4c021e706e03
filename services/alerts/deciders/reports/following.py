"""What an incident asks of the reports about it: how far up they are owed while it goes on, and nothing more once it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.alerts.deciders.incidents.state import OPEN, Incident
from services.alerts.deciders.reports import chains
from services.alerts.deciders.reports.commands import NATIONAL, AskFurther, StopReportClocks
from services.alerts.deciders.reports.figures import Book
from services.alerts.deciders.reports.state import Report
from services.alerts.deciders.scene import went_into
from services.alerts.deciders.streams import figures_stream, incident_stream, report_stream
from services.alerts.events.awaited import ReportAskedFurther, ReportClocksStopped
from services.alerts.events.report import ReportKind
from shared.blocks.clocks import Due
from shared.kernel.decider import Decided, Rules

FURTHER = "report.further"  # the incident's board shows the rows of the catalogue; this stands on the clock board


def ask_further(command: AskFurther, states: Mapping[str, Any], rules: Rules) -> Decided:
    """A first report goes as far up as the grade asks that is known now, each hop from the moment that is known (PSIR art. 10, 13)."""
    incident: Incident = states[incident_stream(went_into(command.incident, states))]
    if incident.status not in OPEN:
        return Decided()
    owed = ((stream, report, _owed(command, report, incident, rules)) for stream, report in _reports(states))
    return Decided(
        [
            (stream, ReportAskedFurther(stream.removeprefix(report_stream("")), command.incident, incident.grade, command.now, (due,)))
            for stream, report, due in owed
            if due is not None
        ]
    )


def stop(command: StopReportClocks, states: Mapping[str, Any]) -> Decided:
    """The next hop and the next daily report; what a closing report itself is asked for stays."""
    facts = []
    for stream, report in _reports(states):
        keys = tuple(due.key for due in report.clocks.open())
        if keys and report.kind != ReportKind.FINAL:
            name = stream.removeprefix(report_stream(""))
            facts.append((stream, ReportClocksStopped(name, command.incident, command.reason, command.now, keys)))
    return Decided(facts)


def book_of(command: AskFurther | StopReportClocks) -> tuple[str, ...]:
    """What lists the reports of an incident."""
    return (figures_stream(command.incident),)


def further(command: AskFurther | StopReportClocks, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The reports, and the incident that they are about by now."""
    book: Book = states[figures_stream(command.incident)]
    one = command.report if isinstance(command, AskFurther) else None
    reports = map(report_stream, (one,) if one is not None else sorted(book.reports))
    return (incident_stream(went_into(command.incident, states)), *reports)


def _reports(states: Mapping[str, Any]) -> list[tuple[str, Report]]:
    return [(stream, state) for stream, state in states.items() if isinstance(state, Report)]


def _owed(command: AskFurther, report: Report, incident: Incident, rules: Rules) -> Due | None:
    if report.kind is None or report.untrue:
        return None
    last = max(report.hops)
    key, level = f"hop.{last + 1}", {**dict(report.line), NATIONAL: 0}.get(report.hops[last].to)
    chain = chains.chain_of(report.type or incident.type.value, rules)
    hop = chains.onward(chain, report.kind, level, incident.grade, report.situations, rules)
    return replace(chains.hop_due(hop, command.now, key), rule=FURTHER) if hop is not None and not report.clocks.runs(key) else None
