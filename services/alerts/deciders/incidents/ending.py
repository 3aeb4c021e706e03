"""From a danger under control to a closed incident, and back (ERL art. 86, 87); and what became of its deadlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.incidents.closure import ACTIVATION, Closure, again, carried, in_the_way, unsure, untold
from services.alerts.deciders.incidents.commands import (
    CloseIncident,
    DeclareControlled,
    EscalateIncidentClock,
    MeetIncidentClock,
    ReopenIncident,
    StartAfterCare,
    StartResponding,
)
from services.alerts.deciders.incidents.flow import require
from services.alerts.deciders.incidents.leading import taken
from services.alerts.deciders.incidents.state import (
    BROUGHT_BY,
    CASUALTIES,
    LEAD,
    MERGED,
    OPEN,
    RESPOND,
    RESPONDING,
    SUSPECTED,
    Incident,
)
from services.alerts.deciders.reports.figures import Book
from services.alerts.deciders.streams import closure_stream, figures_stream, incident_stream, response_stream
from services.alerts.events.clock import ClockMissed
from services.alerts.events.incident import (
    IncidentAfterCareStarted,
    IncidentClockMet,
    IncidentClosed,
    IncidentControlled,
    IncidentReopened,
    IncidentResponding,
    IncidentWindowOver,
)
from services.alerts.events.leading import LeadTaken
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

AFTER_HANDLING = "ERL-87"


def controlled(command: DeclareControlled, incident: Incident) -> Sequence[IncidentControlled]:
    """Responses go on until each is ended (ERL art. 86)."""
    require(incident, command)
    return [IncidentControlled(command.incident, command.by.actor, command.now, command.basis)]


def after_care(command: StartAfterCare, states: Mapping[str, Any]) -> Decided:
    """Once the handling is over (ERL art. 86, 87): every response was ended."""
    stream = incident_stream(command.incident)
    closure: Closure = states[closure_stream(command.incident)]
    incident: Incident = states[stream]
    require(incident, command)
    refuse_all(RuleBroken, [Failure(AFTER_HANDLING, f"{item} open: end it first", "incident") for item in closure.open(ACTIVATION)])
    stopped = incident.running(RESPOND)  # nothing is left to be acted on at once
    started = IncidentAfterCareStarted(command.incident, command.by.actor, command.now, stopped)
    return Decided([(stream, started)], basis=AFTER_HANDLING)


def close(command: CloseIncident, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Only with every item settled and no figure in doubt; all that is in the way is named at once, and what goes on is told."""
    stream = incident_stream(command.incident)
    incident: Incident = states[stream]
    closure: Closure = states[closure_stream(command.incident)]
    require(incident, command)
    book: Book = states[figures_stream(command.incident)]
    faults = [*in_the_way(closure, incident, rules), *unsure(book), *untold(closure, rules, command.note)]
    if incident.status == SUSPECTED and incident.main is None:
        faults.insert(0, Failure("close.checklist", "nobody found out whether it is true: verify or dismiss it", "incident"))
    refuse_all(RuleBroken, faults)
    closed = IncidentClosed(
        incident=command.incident,
        by=command.by.actor,
        at=command.now,
        carried=carried(closure, rules),
        note=command.note,
        main=incident.main,
        stopped=incident.running(),
        tasks=command.tasks,
        triages=command.triages,
        commander=incident.site.commander if incident.site else None,
    )
    told = {name: getattr(closed, name) for name in ("carried", "tasks", "triages", "commander")}
    return Decided([(stream, closed)], {name: said for name, said in told.items() if said})


def reopen(command: ReopenIncident, incident: Incident, rules: Rules) -> Sequence[IncidentReopened]:
    """It is acted on at once, as on its first day."""
    require(incident, command)
    if not command.reason:
        raise RuleBroken(Failure("ERL-61.2", "reason is empty: say what goes on", "reason"))
    clocks = again(rules, incident, command.now)
    return [IncidentReopened(command.incident, command.reason, command.by.actor, command.now, incident.main, clocks)]


def responding(command: StartResponding, incident: Incident) -> Sequence[IncidentResponding | IncidentClockMet]:
    """The first response, or another after it was under control."""
    met = incident.running(RESPOND) or ((RESPOND,) if RESPOND not in incident.met else ())
    if incident.merged_into is not None:
        return [IncidentResponding(command.incident, command.activation, command.now, into=incident.merged_into)]
    if incident.status not in OPEN:
        return []
    if incident.status != RESPONDING:
        return [IncidentResponding(command.incident, command.activation, command.now, met, incident.main)]
    evidence = response_stream(command.activation)
    return [IncidentClockMet(command.incident, met, evidence, command.now, incident.main)] if met else []


def meet(command: MeetIncidentClock, incident: Incident) -> Sequence[IncidentClockMet]:
    """Done, also before any deadline for it ran: it is not asked for again."""
    if command.level is not None and incident.level not in (None, command.level):
        return []  # another level's report: this one still owes its own
    new = command.key not in incident.met and BROUGHT_BY not in command.key
    met = incident.running(command.key) or ((command.key,) if new else ())
    if not met or incident.status not in (*OPEN, MERGED):
        return []
    return [IncidentClockMet(command.incident, met, command.evidence, command.now, incident.main, incident.merged_into)]


def missed(command: EscalateIncidentClock, incident: Incident) -> Sequence[ClockMissed | IncidentWindowOver | LeadTaken]:
    """A duty was missed; a window was only over; of a transfer the moment came."""
    if command.key == LEAD:
        return taken(command, incident)
    if command.key.startswith(CASUALTIES):
        over = incident.clocks.passed(command.key, command.now)
        return [IncidentWindowOver(command.incident, (command.key,), command.now)] if over else []
    return escalate(command, incident.clocks)
