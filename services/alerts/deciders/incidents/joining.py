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
    LEAD,
    MERGED,
    OF_UNIT,
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
_DONE = (*_DUTIES, PRESS, *OF_UNIT)
_ALL = (*_DONE, CASUALTIES)
Facts = list[tuple[str, Any]]
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
    """Both stay readable. Open items and duties go on with the other, and so does what is opened for this one later. What this one
    followed from, the other follows from now."""
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
    if incident.main not in (None, command.into):
        faults += _unjoined(command, incident, into)
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
    absorbed = _absorbed(command, incident, into)
    facts: Facts = [(stream, merged), (target, absorbed), (own, moved), *_relinked(command, incident, absorbed, states)]
    figures = figures_stream(command.incident)
    told = FiguresCarried(command.incident, command.into, carried(states[figures]), incident.division, command.now)
    facts += [(figures, told), *keys]
    new = tuple(due for due in owed if not states[theirs].clocks.runs(due.key))
    return Decided([*facts, (theirs, EvaluationDue(command.into, command.now, new))] if new else facts)


def _unjoined(command: MergeIncidents, incident: Incident, into: Incident) -> list[Failure]:
    """Both are to follow from one main incident, which answers for both."""
    if into.main not in (None, incident.main):
        return [Failure(RULE, f"{command.into} followed from {into.main}, {command.incident} from {incident.main}: merge those", "into")]
    if into.main is None and into.secondaries:
        return [Failure(RULE, f"{command.incident} followed from {incident.main}, and {command.into} has secondary incidents", "into")]
    return []


def _relinked(command: MergeIncidents, incident: Incident, absorbed: IncidentAbsorbed, states: Mapping[str, Any]) -> Facts:
    """The main incident answers for the one that is left, as it did for this one: for each duty by when it was owed first. One that is
    over answers for nothing more: the deadlines stay where they are."""
    if incident.main is None or incident.main == command.into:
        return []
    stream, left = incident_stream(incident.main), command.into
    main: Incident = states[stream]
    if main.status not in OPEN:
        return []
    into: Incident = states[incident_stream(left)]
    gone = _brought(main, command.incident)
    owed = [*gone, *_brought(main, left), *into.clocks.open(), *absorbed.clocks]
    first: dict[str, Due] = {}
    for due in sorted(owed, key=lambda each: each.due_at):
        duty = due.key.partition(BROUGHT_BY)[0]
        if duty in _DUTIES and duty not in into.met:
            first.setdefault(duty, replace(due, key=f"{duty}{BROUGHT_BY}{left}"))
    found, clocks = (absorbed.grade, f"grade of {left}"), (tuple(first.values()), tuple(due.key for due in gone))
    linked = SecondaryIncidentLinked(incident.main, left, command.by.actor, command.now, *found, *clocks)
    if into.main is not None:
        return [(stream, linked)]
    own = tuple(dict.fromkeys(due.key for due in (*into.clocks.open(), *absorbed.clocks) if due.key in _DUTIES))
    return [(stream, linked), (incident_stream(left), MadeSecondary(left, incident.main, command.now, own))]


def _brought(main: Incident, secondary: str) -> list[Due]:
    return [due for due in main.clocks.open() if due.key.partition(BROUGHT_BY)[2] == secondary]


def follow(command: FollowMerger, incident: Incident) -> Sequence[IncidentMerged]:
    """Who looks for it finds the incident that is left, however many were merged on the way."""
    if incident.status != MERGED or command.into in (incident.merged_into, command.incident):
        return []
    reason = f"{incident.merged_into} was merged into {command.into}"
    return [IncidentMerged(command.incident, command.into, reason, command.by.actor, command.now, absorbed=incident.absorbed)]


def _absorbed(command: MergeIncidents, incident: Incident, into: Incident) -> IncidentAbsorbed:
    divisions, division, leads = tuple(dict.fromkeys((*into.divisions, *incident.divisions))), into.division, into.leads
    stopped: tuple[str, ...] = ()
    if divisions != into.divisions and command.by.division is not None:  # who merges is above all of them, and leads (ERL art. 18)
        division, leads, stopped = command.by.division, (Lead(command.by.division),), into.running(LEAD)
    done = tuple(sorted(incident.met.intersection(_DONE)))
    gone = _brought(into, command.incident)  # when what followed proves to be the main incident itself
    owed = [*incident.clocks.open(), *(replace(due, key=due.key.partition(BROUGHT_BY)[0]) for due in gone)]
    return IncidentAbsorbed(
        incident=command.into,
        absorbed=command.incident,
        divisions=divisions,
        division=division or "",
        leads=leads,
        by=command.by.actor,
        at=command.now,
        clocks=tuple(due for due in owed if due.key in _ALL and _sooner(due, into)),
        grade=incident.grade if graver(incident.grade, into.grade) else into.grade,
        status=min(incident.status, into.status, key=_MOST_URGENT_FIRST.index),
        met=tuple(dict.fromkeys((*done, *into.running(*done)))) if done else (),
        main=into.main,
        stopped=(*stopped, *(due.key for due in gone)),
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
