"""What a unit owes on its own account: an enterprise of its accident (K-10), a hospital of a class A disease (K-14). It runs from the
moment the administration knew, and is somebody's work when it was missed, whether or not a report ever comes (PSIR art. 9, IR-10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.alerts.deciders.incidents.commands import AwaitUnitReport, MeetIncidentClock
from services.alerts.deciders.incidents.state import OF_UNIT, OPEN, Incident
from services.alerts.deciders.reports.chains import UNIT, chain_of, hop_due, hop_of, longest, of_unit
from services.alerts.deciders.reports.figures import Book
from services.alerts.deciders.reports.state import Report
from services.alerts.deciders.streams import figures_stream, incident_stream, report_stream
from services.alerts.events.incident import UnitReportAwaited
from services.alerts.events.report import ReportAttached, ReportSubmitted
from shared.kernel.decider import Decided, Rules

CLASS_A = "class_a"
AWAITED = "report.of_unit"
Told = Report | ReportSubmitted | ReportAttached


def await_unit(command: AwaitUnitReport, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Once, and not when the unit reported already. What a report said is not forgotten while the incident was of another type."""
    stream = incident_stream(command.incident)
    incident: Incident = states[stream]
    reports = [state for state in states.values() if isinstance(state, Report)]
    others = [one for one in reports if one.situations and not by_unit(one) and not one.untrue]
    found = {*command.situations, *(name for one in others for name in one.situations)}
    hop = hop_of(chain_of(incident.type.value, rules), UNIT, None, found)
    since = incident.known_at
    if hop is not None and "when" in hop:  # nobody owed it before somebody knew of that
        said = [command.known_at, *(one.known_at or one.since for one in others if hop["when"] in one.situations)]
        since = min((at for at in said if at is not None), default=since)
    if incident.status not in OPEN or hop is None or since is None or hop["clock"] not in owed_of_unit(incident.type.value, rules):
        return Decided()
    key = hop["clock"]
    if key in incident.met or incident.clocks.runs(key) or any(key in met_by(one) for one in reports):
        return Decided()
    return Decided([(stream, UnitReportAwaited(command.incident, command.now, (hop_due(hop, since, key),)))])


def owed_of_unit(type: str, rules: Rules) -> frozenset[str]:
    """The clocks under which something of this type is awaited of a unit, as rule data says."""
    clocks: Mapping[str, Sequence[str]] = rules.value(AWAITED)
    hops = {hop["clock"] for hop in chain_of(type, rules)["hops"] if UNIT in hop["from"]}
    return frozenset(clock for clock, types in clocks.items() if clock in hops and longest(types, type) >= 0)


def by_unit(told: Told) -> bool:
    """Whether a unit reports something of its own: no team, no charity, nobody whose place has nothing to do with the incident."""
    return (of_unit(told.organ) if told.unit is None else told.unit) and not told.outside


def met_by(told: Told) -> tuple[str, ...]:
    """What a unit's report meets: of a class A disease only one that says so. Anybody else's meets nothing of a unit's."""
    work, disease = OF_UNIT
    return () if not by_unit(told) else (work, disease) if CLASS_A in told.situations else (work,)


def fits(command: MeetIncidentClock, incident: Incident, rules: Rules) -> bool:
    """Whether what a unit did is asked for at all."""
    return command.key not in OF_UNIT or incident.clocks.runs(command.key) or command.key in owed_of_unit(incident.type.value, rules)


def known_reports(command: AwaitUnitReport, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Every report of the incident."""
    book: Book = states[figures_stream(command.incident)]
    return tuple(map(report_stream, sorted(book.reports)))
