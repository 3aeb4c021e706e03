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
from shared.kernel.decider import Decided, Rules

CLASS_A = "class_a"
AWAITED = "report.of_unit"


def await_unit(command: AwaitUnitReport, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Once, and not when the unit reported already."""
    stream = incident_stream(command.incident)
    incident: Incident = states[stream]
    hop = hop_of(chain_of(incident.type.value, rules), UNIT, None, command.situations)
    since = command.known_at or incident.known_at
    if incident.status not in OPEN or hop is None or since is None or hop["clock"] not in owed_of_unit(incident.type.value, rules):
        return Decided()
    key = hop["clock"]
    reports = (state for state in states.values() if isinstance(state, Report))
    if key in incident.met or incident.clocks.runs(key) or any(key in met_by(one.organ, one.situations) for one in reports):
        return Decided()
    return Decided([(stream, UnitReportAwaited(command.incident, command.now, (hop_due(hop, since, key),)))])


def owed_of_unit(type: str, rules: Rules) -> frozenset[str]:
    """The clocks under which something of this type is awaited of a unit, as rule data says."""
    clocks: Mapping[str, Sequence[str]] = rules.value(AWAITED)
    hops = {hop["clock"] for hop in chain_of(type, rules)["hops"] if UNIT in hop["from"]}
    return frozenset(clock for clock, types in clocks.items() if clock in hops and longest(types, type) >= 0)


def met_by(organ: str, situations: Sequence[str]) -> tuple[str, ...]:
    """What a unit's report meets: of a class A disease only one that says so. Anybody else's meets nothing of a unit's."""
    work, disease = OF_UNIT
    return () if not of_unit(organ) else (work, disease) if CLASS_A in situations else (work,)


def fits(command: MeetIncidentClock, incident: Incident, rules: Rules) -> bool:
    """Whether what a unit did is asked for at all."""
    return command.key not in OF_UNIT or incident.clocks.runs(command.key) or command.key in owed_of_unit(incident.type.value, rules)


def known_reports(command: AwaitUnitReport, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Every report of the incident."""
    book: Book = states[figures_stream(command.incident)]
    return tuple(map(report_stream, sorted(book.reports)))
