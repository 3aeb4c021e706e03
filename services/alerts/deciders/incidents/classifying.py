"""The grade of an incident: found by an officer or a rule, raised at any time, lowered only on a signed report (ERL art. 61)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.alerts.deciders.incidents.awaiting import owed_of_unit
from services.alerts.deciders.incidents.commands import ClassifyIncident, RaiseGradeByRule, RegradeIncident
from services.alerts.deciders.incidents.flow import require
from services.alerts.deciders.incidents.grading import Graded, at_least, grade_of, graver, totals
from services.alerts.deciders.incidents.registering import typed
from services.alerts.deciders.incidents.state import CASUALTIES, OF_UNIT, OPEN, PRESS, REPORT, Incident
from services.alerts.deciders.reports.state import FINALISED, SUBMITTED, Report
from services.alerts.deciders.reports.state import NEW as UNKNOWN
from services.alerts.deciders.streams import figures_stream, incident_stream, report_stream
from services.alerts.events.incident import IncidentClassified, IncidentRegraded, IncidentType
from services.alerts.events.scales import EventGrade
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.kernel.commands import Signature
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all

RULE, LOWERING = "incident.grades", "ERL-61.2"


def classify(command: ClassifyIncident, states: Mapping[str, Any], rules: Rules) -> Decided:
    """What the officer says, never below what is known; without a grade what the tables give."""
    stream = incident_stream(command.incident)
    incident: Incident = states[stream]
    require(incident, command)
    type_ = command.type or incident.type
    computed = grade_of(rules, type_, totals(rules, states[figures_stream(command.incident)]), incident.size)
    grade, basis = command.grade, command.basis
    if grade is None and computed is not None:
        grade, basis = computed.grade, basis or computed.basis
    known = computed.grade if computed and graver(computed.grade, incident.grade) else incident.grade
    refuse_all(RuleBroken, _unfounded(grade, basis) or _lowered(known, grade, command.incident, command.report, states))
    assert grade is not None
    starts, stops = owed(rules, incident, grade)
    anew, ends = _retyped(rules, incident, type_, command.by)
    classified = IncidentClassified(
        incident=command.incident,
        type=type_,
        grade=grade,
        basis=basis or "",
        by=command.by.actor,
        at=command.now,
        computed=computed.grade if computed else None,
        report=command.report,
        visibility=rules.value("incident.types")[type_.value].get("visibility", incident.visibility),
        clocks=(*anew, *starts),
        stopped=(*ends, *stops),
        main=incident.main,
    )
    return Decided([(stream, classified)], basis=basis)


def regrade(command: RegradeIncident, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Up with a basis, down with the report that shows it."""
    stream = incident_stream(command.incident)
    incident: Incident = states[stream]
    require(incident, command)
    faults = _unfounded(command.grade, command.basis) + _lowered(incident.grade, command.grade, command.incident, command.report, states)
    if command.grade == incident.grade:
        faults.append(Failure(RULE, f"the grade is {command.grade} already", "grade"))
    refuse_all(RuleBroken, faults)
    starts, stops = owed(rules, incident, command.grade)
    regraded = IncidentRegraded(
        incident=command.incident,
        was=incident.grade,
        grade=command.grade,
        basis=command.basis or "",
        by=command.by.actor,
        at=command.now,
        report=command.report,
        reason=command.reason,
        clocks=starts,
        stopped=stops,
        main=incident.main,
    )
    return Decided([(stream, regraded)], basis=command.basis)


def raise_by_rule(command: RaiseGradeByRule, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Upward or nothing."""
    stream = incident_stream(command.incident)
    incident: Incident = states[stream]
    figures = totals(rules, states[figures_stream(command.incident)])
    found = grade_of(rules, incident.type, figures, incident.size)
    if command.grade is not None:
        found = Graded(command.grade, command.basis)
    elif found is not None and (found.grade is EventGrade.ORDINARY or not (figures or command.report)):
        return Decided()  # small numbers, or none, say nothing yet: an officer classifies
    if incident.status not in OPEN or found is None or not graver(found.grade, incident.grade):
        return Decided()
    starts, stops = owed(rules, incident, found.grade)
    regraded = IncidentRegraded(
        incident=command.incident,
        was=incident.grade,
        grade=found.grade,
        basis=found.basis,
        by=command.by.actor,
        at=command.now,
        report=command.report,
        secondary=command.secondary,
        figures=figures if command.grade is None else None,
        clocks=starts,
        stopped=stops,
        main=incident.main,
    )
    return Decided([(stream, regraded)], basis=found.basis)


def owed(rules: Rules, incident: Incident, grade: EventGrade) -> tuple[tuple[Due, ...], tuple[str, ...]]:
    """A major event asks for a press conference; a lesser one no longer does (GO80)."""
    if not at_least(grade, EventGrade.MAJOR):
        return (), incident.running(PRESS)
    if incident.began is None or PRESS in incident.met or incident.clocks.runs(PRESS):
        return (), ()
    return (deadline(rules, "K-30.press", incident.began, PRESS),), ()


def _retyped(rules: Rules, incident: Incident, type: IncidentType, by: Signature) -> tuple[tuple[Due, ...], tuple[str, ...]]:
    """Another type has another chain of reports and its own window of changes, both from the moment they always ran from; what was done
    already, or another incident answers for, is not owed anew."""
    if type is incident.type or incident.known_at is None:
        return (), ()
    new = [due for due in typed(rules, type, by, incident.known_at, incident.began or incident.known_at) if due.key not in incident.met]
    if incident.main is not None:
        new = [due for due in new if due.key == CASUALTIES]
    kept = {due.key for due in new} | owed_of_unit(type.value, rules)
    return tuple(new), tuple(key for key in incident.running() if key in (REPORT, CASUALTIES, *OF_UNIT) and key not in kept)


def _unfounded(grade: EventGrade | None, basis: str | None) -> list[Failure]:
    if grade is None:
        return [Failure(RULE, "no table gives a grade for what is known: name one with its basis", "grade")]
    return [] if basis else [Failure(RULE, "name the basis of the grade", "basis")]


def _lowered(
    known: EventGrade | None, grade: EventGrade | None, incident: str, report: str | None, states: Mapping[str, Any]
) -> list[Failure]:
    if known is None or not graver(known, grade):
        return []
    if report is None:
        return [Failure(LOWERING, f"{known} is lowered to {grade} only on a signed report: name it", "report")]
    found: Report = states[report_stream(report)]
    if found.status == UNKNOWN:
        raise NotFound(Failure("reference", f"report {report} is unknown: check the id", "report"))
    faults = []
    if found.status not in (SUBMITTED, FINALISED):
        faults.append(Failure(LOWERING, f"{report} was received and nobody signed it: submit it", "report"))
    if found.incident != incident:
        faults.append(Failure(LOWERING, f"{report} is not about {incident}", "report"))
    if found.doubtful:
        faults.append(Failure(LOWERING, f"something in {report} is in doubt: settle that first", "report"))
    if found.refuted:
        faults.append(Failure(LOWERING, f"{report} was found not to count: name another", "report"))
    return faults
