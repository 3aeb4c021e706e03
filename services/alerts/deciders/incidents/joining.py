"""Incidents that belong together: one that followed from another, and two that prove to be the same. No history is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.alerts.deciders.guard import take_over
from services.alerts.deciders.incidents.closure import Closure
from services.alerts.deciders.incidents.commands import FollowMerger, LinkSecondary, MergeIncidents
from services.alerts.deciders.incidents.flow import RULE, require
from services.alerts.deciders.incidents.grading import Graded, grade_of, graver, totals
from services.alerts.deciders.incidents.state import (
    AFTER_CARE,
    BROUGHT_BY,
    CASUALTIES,
    CONTROLLED,
    MERGED,
    OPEN,
    PRESS,
    RELEASE,
    REPORT,
    RESPOND,
    RESPONDING,
    SUSPECTED,
    VERIFIED,
    Incident,
)
from services.alerts.deciders.reports.figures import carried
from services.alerts.deciders.streams import closure_stream, figures_stream, incident_stream
from services.alerts.events.closure import ClosureItemsCarried, EvaluationDue
from services.alerts.events.incident import Lead
from services.alerts.events.leading import IncidentAbsorbed, IncidentMerged, MadeSecondary, SecondaryIncidentLinked
from services.alerts.events.triage import FiguresCarried
from shared.blocks.clocks import Due
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

_DUTIES = (RESPOND, REPORT, RELEASE)  # what another incident answers for; a window of changes stays where it is
_ALL = (*_DUTIES, PRESS, CASUALTIES)
_MOST_URGENT_FIRST = (RESPONDING, VERIFIED, CONTROLLED, AFTER_CARE, SUSPECTED)


def link(command: LinkSecondary, states: Mapping[str, Any], rules: Rules) -> Decided:
    """The main incident answers for what the other still owes: its deadlines run on here, as they stood."""
    stream = incident_stream(command.incident)
    main: Incident = states[stream]
    other = _known(states, command.secondary, "secondary")
    require(main, command)
    _require_open(other, "secondary")
    if command.secondary in main.secondaries and other.main == command.incident:
        return Decided()
    faults = []
    if command.secondary == command.incident:
        faults.append(Failure(RULE, "an incident does not follow from itself", "secondary"))
    if main.main is not None:
        faults.append(Failure(RULE, f"{command.incident} followed from {main.main} itself: link to that", "incident"))
    if other.main is not None:
        faults.append(Failure(RULE, f"{command.secondary} followed from {other.main} already", "secondary"))
    if other.secondaries:
        faults.append(Failure(RULE, f"{command.secondary} has secondary incidents of its own: link those first", "secondary"))
    refuse_all(RuleBroken, faults)
    known = grade_of(rules, other.type, totals(rules, states[figures_stream(command.secondary)]), other.size)
    if known is None or graver(other.grade, known.grade):
        known = Graded(other.grade, f"grade of {command.secondary}") if other.grade else known
    answered = (RESPOND,) if main.status == RESPONDING and RESPOND in main.met else ()
    clocks = tuple(
        replace(due, key=f"{due.key}{BROUGHT_BY}{command.secondary}")
        for due in other.clocks.open()
        if due.key in _DUTIES and due.key not in answered
    )
    linked = SecondaryIncidentLinked(
        incident=command.incident,
        secondary=command.secondary,
        by=command.by.actor,
        at=command.now,
        grade=known.grade if known else None,
        basis=known.basis if known else "",
        clocks=clocks,
    )
    made = MadeSecondary(command.secondary, command.incident, command.now, other.running(*_DUTIES))
    return Decided([(stream, linked), (incident_stream(command.secondary), made)])


def merge(command: MergeIncidents, states: Mapping[str, Any]) -> Decided:
    """Both stay readable. Open items and duties go on with the other, and so does what is opened for this one later."""
    stream, target = incident_stream(command.incident), incident_stream(command.into)
    incident: Incident = states[stream]
    into = _known(states, command.into, "into")
    require(incident, command)
    _require_open(into, "into")
    keys = take_over(command.incident, command.into, command.now, states)
    faults = []
    if command.into == command.incident:
        faults.append(Failure(RULE, "an incident is not merged into itself", "into"))
    if into.main == command.incident:
        faults.append(Failure(RULE, f"{command.into} followed from {command.incident}: merge it the other way", "into"))
    if incident.secondaries:
        faults.append(Failure(RULE, f"{command.incident} has secondary incidents: merge it the other way", "incident"))
    if not command.reason:
        faults.append(Failure(RULE, "reason is empty: say why they are the same", "reason"))
    refuse_all(RuleBroken, faults)
    own = closure_stream(command.incident)
    closure: Closure = states[own]
    items = tuple(closure.unsettled())
    merged = IncidentMerged(
        incident=command.incident,
        into=command.into,
        reason=command.reason or "",
        by=command.by.actor,
        at=command.now,
        main=incident.main,
        open_items=tuple(item for item, _ in items),
        stopped=incident.running(),
        absorbed=incident.absorbed,
    )
    owed, theirs = closure.clocks.open(), closure_stream(command.into)
    stopped = tuple(due.key for due in owed)
    moved = ClosureItemsCarried(command.incident, command.into, items, incident.division, command.now, incident.visibility, stopped)
    facts: list[tuple[str, Any]] = [(stream, merged), (target, _absorbed(command, incident, into)), (own, moved)]
    figures = figures_stream(command.incident)
    told = FiguresCarried(command.incident, command.into, carried(states[figures]), incident.division, command.now)
    facts += [(figures, told), *keys]
    new = tuple(due for due in owed if not states[theirs].clocks.runs(due.key))
    return Decided([*facts, (theirs, EvaluationDue(command.into, command.now, new))] if new else facts)


def follow(command: FollowMerger, incident: Incident) -> Sequence[IncidentMerged]:
    """Who looks for it finds the incident that is left, however many were merged on the way."""
    if incident.status != MERGED or command.into in (incident.merged_into, command.incident):
        return []
    reason = f"{incident.merged_into} was merged into {command.into}"
    return [IncidentMerged(command.incident, command.into, reason, command.by.actor, command.now, absorbed=incident.absorbed)]


def _absorbed(command: MergeIncidents, incident: Incident, into: Incident) -> IncidentAbsorbed:
    divisions, division, leads = tuple(dict.fromkeys((*into.divisions, *incident.divisions))), into.division, into.leads
    if divisions != into.divisions and command.by.division is not None:  # who merges is above all of them, and leads (ERL art. 18)
        division, leads = command.by.division, (Lead(command.by.division),)
    done = tuple(sorted(incident.met.intersection((*_DUTIES, PRESS))))
    return IncidentAbsorbed(
        incident=command.into,
        absorbed=command.incident,
        divisions=divisions,
        division=division or "",
        leads=leads,
        by=command.by.actor,
        at=command.now,
        clocks=tuple(due for due in incident.clocks.open() if due.key in _ALL and _sooner(due, into)),
        grade=incident.grade if graver(incident.grade, into.grade) else into.grade,
        status=min(incident.status, into.status, key=_MOST_URGENT_FIRST.index),
        met=tuple(dict.fromkeys((*done, *into.running(*done)))) if done else (),
        main=into.main,
    )


def _sooner(due: Due, into: Incident) -> bool:
    """The same fact was known before: what is owed for it, and not done, is owed from then on."""
    running = into.clocks.get(due.key) if into.clocks.runs(due.key) else None
    return due.key not in into.met and (running is None or due.due_at < running.due_at)


def _known(states: Mapping[str, Any], incident: str, field: str) -> Incident:
    found: Incident = states[incident_stream(incident)]
    if found.incident is None:
        raise NotFound(Failure("reference", f"incident {incident} is unknown: check the id", field))
    return found


def _require_open(incident: Incident, field: str) -> None:
    if incident.status not in OPEN:
        where = f" into {incident.merged_into}: name that" if incident.status == MERGED else ""
        raise WrongState(Failure(RULE, f"{incident.incident} is {incident.status}{where}", field))
