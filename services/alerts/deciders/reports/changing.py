"""What happens to a report afterwards: added to, corrected, superseded, settled, closed. Nothing it said is ever changed (ERL art. 61)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.incidents.state import CASUALTIES, Incident
from services.alerts.deciders.reports.chains import GOVERNMENT, of_unit
from services.alerts.deciders.reports.commands import (
    NATIONAL,
    AttachReport,
    CorrectReport,
    DoubtReport,
    EscalateReportClock,
    FinaliseReport,
    SettleReport,
    SupersedeReport,
    SupplementReport,
)
from services.alerts.deciders.reports.content import doubtful, unstated, whole
from services.alerts.deciders.reports.state import DAILY, REPORT_FLOW, SUBMITTED, TRANSFER, Report
from services.alerts.deciders.reports.trust import COUNTY, desk, outside, untrusted
from services.alerts.deciders.streams import incident_stream, report_stream
from services.alerts.events.report import (
    Doubt,
    Figure,
    ReportAttached,
    ReportCorrected,
    ReportDoubted,
    ReportFinalised,
    ReportKind,
    ReportOverdue,
    ReportSettled,
    ReportSuperseded,
    ReportSupplemented,
    Why,
)
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

TRUE = "ERL-61.2"
NEVER_BACKDATED = "lateness is computed; a report is never backdated"


def supplement(command: SupplementReport, report: Report, rules: Rules) -> Decided:
    """Fills what was empty. A number that stands is corrected with a reason, not supplemented."""
    REPORT_FLOW.require(report.status, command)
    stated = [figure.metric for figure in command.figures if report.known(figure.metric) is not None]
    refuse_all(RuleBroken, [Failure(TRUE, f"{metric} was stated: correct it, with the reason", metric) for metric in stated])
    new = [block for block in command.blocks if block not in report.blocks]
    if not command.figures and not new:
        raise RuleBroken(Failure(TRUE, "nothing is added: name figures or blocks"))
    figures = whole(command.figures, command.now, command.by.actor, rules)
    filled = {*new, *(figure.metric for figure in figures)} - {name for figure in figures for name in unstated(figure)}
    still = tuple(name for name in report.missing if name.removeprefix("block.").removesuffix(".unit") not in filled)
    fact = ReportSupplemented(
        command.report,
        figures,
        still,
        command.by.actor,
        command.now,
        report.root,
        report.sender,
        report.above,
        tuple(new),
        command.text if new else "",
        report.incident,
        report.since,
        _doubts(figures, report, command.now, rules),
    )
    flags = [flag for flag, holds in (("A-INCOMPLETE", still), ("Q-TRIAGE", fact.doubts)) if holds]
    return Decided([fact], {"missing": still}, flags=flags)


def correct(command: CorrectReport, report: Report, rules: Rules) -> Sequence[ReportCorrected]:
    """Before and after, with the reason. Times are nobody's to set."""
    computed = [name for name in command.set if name in rules.value("report.computed")]
    refuse_all(NotAllowed, [Failure(TRUE, NEVER_BACKDATED, f"set.{name}") for name in computed])
    REPORT_FLOW.require(report.status, command)
    refuse_all(RuleBroken, [*_unfit(command, report)])
    changed = {metric: value for metric, value in command.set.items() if report.figures[metric].value != value}
    if not changed:
        return []
    before = tuple(report.figures[metric] for metric in changed)
    after = tuple(replace(figure, value=_number(changed[figure.metric]), reason=command.reason or "") for figure in before)
    after = tuple(replace(figure, as_of=command.now, source=command.by.actor) for figure in after)
    whose = (report.root, report.sender, report.above, report.incident, report.since)
    doubts = _doubts(after, report, command.now, rules)
    return [ReportCorrected(command.report, before, after, command.reason or "", command.by.actor, command.now, *whose, doubts)]


def supersede(command: SupersedeReport, report: Report) -> Sequence[ReportSuperseded]:
    """Once; the daily clock of this report has brought what it asked for."""
    if report.superseded_by is not None or report.kind is None:
        return []
    met = (DAILY,) if report.clocks.runs(DAILY) else ()
    return [ReportSuperseded(command.report, command.successor, command.now, met, report.incident)]


def attach(command: AttachReport, states: Mapping[str, Any]) -> Decided:
    """Once, and only what was submitted. From now on it is judged by the incident's window of changes."""
    stream = report_stream(command.report)
    report: Report = states[stream]
    if report.kind is None or report.incident is not None:
        return Decided()
    levels = {**dict(report.line), NATIONAL: 0}
    own, to = levels.get(report.sender or ""), levels.get(report.hops[min(report.hops)].to)
    upward = own is not None and to is not None and to < own and not of_unit(report.organ)
    figures = tuple(figure for metric, figure in report.figures.items() if metric in report.held or not _left_out(figure, report))
    incident: Incident | None = states.get(incident_stream(command.incident))
    foreign = incident is not None and (own or COUNTY) >= COUNTY and outside(report.line, report.sender, incident)
    held = tuple(Doubt(Why.UNSETTLED, metric) for metric in sorted(report.held))
    doubts = (*held, *untrusted([one for one in figures if one.metric not in report.held], "", foreign, {}))
    window = incident.clocks.get(CASUALTIES) if incident is not None else None
    fact = ReportAttached(
        command.report,
        command.incident,
        figures,
        command.now,
        report.root,
        report.sender,
        report.above,
        doubts,
        report.since,
        level=own if upward and not foreign else None,
        changes_until=window.due_at if window is not None else None,
        outside=foreign,
        desk=desk(report.line, report.sender, incident if foreign else None),
        organ=report.organ,
        situations=report.situations,
        known_at=report.known_at,
        unit=report.unit,
    )
    return Decided([(stream, fact)])


def _left_out(figure: Figure, report: Report) -> bool:
    """A person looked at the number and found that it does not count: it stays in the report and goes no further."""
    return figure.value is not None and report.standing.get(figure.metric) != figure.value


def doubt(command: DoubtReport, report: Report) -> Sequence[ReportDoubted]:
    """What is said of it again changes nothing."""
    new = tuple(doubt for doubt in command.doubts if doubt.of not in report.held)
    return [ReportDoubted(command.report, new, command.now, report.incident)] if new else []


def settle(command: SettleReport, report: Report) -> Sequence[ReportSettled]:
    """Only what was in doubt, or untrue while something was awaited of it: a number that does not count makes no emergency a rumour."""
    stopped = tuple(due.key for due in report.clocks.open()) if command.untrue else ()
    if not report.doubtful and not stopped:
        return []
    return [ReportSettled(command.report, command.counted, command.now, report.incident, command.untrue, stopped)]


def finalise(command: FinaliseReport, states: Mapping[str, Any]) -> Decided:
    """A closing report to which nothing is missing, in which nothing waits for a person and that counts. It closes the incident's
    reporting too if it is of the government that leads, or of the one in whose division all of it lies."""
    stream = report_stream(command.report)
    report: Report = states[stream]
    whole = report.status == SUBMITTED and report.kind == ReportKind.FINAL and not report.missing
    if not whole or report.doubtful or report.refuted:
        return Decided()
    incident: Incident | None = states.get(incident_stream(report.incident)) if report.incident else None
    over = (*incident.leaders, *(incident.divisions if len(incident.divisions) == 1 else ())) if incident is not None else ()
    leads = report.organ == GOVERNMENT and report.sender in over
    return Decided([(stream, ReportFinalised(command.report, command.now, report.incident, leads))])


def overdue(command: EscalateReportClock, report: Report) -> Sequence[Any]:
    """Said once, with who owes it and who is told: the level above."""
    missed = escalate(command, report.clocks)
    return [*missed, *[_overdue(command, report, one.rule, one.due_at) for one in missed]]


def _overdue(command: EscalateReportClock, report: Report, rule: str, due_at: datetime) -> ReportOverdue:
    above = [code for code, _ in report.line]
    if command.key.startswith("hop."):
        sent = report.hops.get(int(command.key.removeprefix("hop.")) - 1)
        owed_by = sent.to if sent else report.sender
    else:
        owed_by = report.transferred_to if command.key == TRANSFER else report.sender
    at = above.index(owed_by) + 1 if owed_by in above else len(above)
    to = above[at] if at < len(above) else NATIONAL
    return ReportOverdue(command.report, rule, command.key, due_at, owed_by, to, command.now, report.incident)


def _unfit(command: CorrectReport, report: Report) -> Sequence[Failure]:
    faults = [] if command.reason else [Failure(TRUE, "say why the number was wrong", "reason")]
    if not command.set:
        faults.append(Failure(TRUE, "name the figures that were wrong", "set"))
    for metric, value in command.set.items():
        if metric not in report.figures:
            faults.append(Failure(TRUE, f"{command.report} does not state {metric}: supplement it, or report anew", f"set.{metric}"))
        elif isinstance(value, str) or (value is not None and not (value.is_finite() and value >= 0)):
            faults.append(Failure(TRUE, f"{metric} is a number, and not below nothing", f"set.{metric}"))
    return faults


def _doubts(figures: Sequence[Figure], report: Report, now: datetime, rules: Rules) -> tuple[Doubt, ...]:
    found = doubtful(figures, report.standing, now, report.changes_until, rules)
    return (*found, *untrusted(figures, report.organ, report.outside, report.standing))


def _number(value: Decimal | str | None) -> Decimal | None:
    return value if isinstance(value, Decimal) else None
