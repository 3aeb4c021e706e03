"""From something somebody heard of to an incident that was found true or false."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from unicodedata import normalize

from services.alerts.deciders.incidents.closure import Closure
from services.alerts.deciders.incidents.commands import DismissIncident, RegisterIncident, RegisterNote, VerifyIncident
from services.alerts.deciders.incidents.flow import RULE, require
from services.alerts.deciders.incidents.state import CASUALTIES, OPEN, RELEASE, REPORT, RESPOND, Incident
from services.alerts.deciders.reports.chains import chain_of, hop_due, hop_of
from services.alerts.deciders.streams import closure_stream, hazard_stream, incident_stream
from services.alerts.events.incident import (
    IncidentDismissed,
    IncidentNoteRegistered,
    IncidentRegistered,
    IncidentReportedAgain,
    IncidentType,
    IncidentVerified,
    Lead,
)
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.kernel.commands import Signature
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

COUNTY = 3
_AN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def register(command: RegisterIncident, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Its own division leads until a superior says otherwise (ERL art. 17); of several it is the signer, who is above them all (18)."""
    _refuse_future(command)
    if command.same_as is not None:
        return _again(command, command.same_as, states[incident_stream(command.same_as)])
    stream = incident_stream(command.incident)
    require(states[stream], command)
    type_ = rules.value("incident.types")[command.type.value]
    known_at = command.known_at or command.now
    doubts = _long_ago(command, rules)
    clocks = duties(replace(command, occurred_at=None) if doubts else command, command.now if doubts else known_at, rules)
    divisions = tuple(dict.fromkeys((command.division, *command.divisions)))
    above = command.by.division if len(divisions) > 1 and command.by.division else None
    county = command.by.division if command.by.level == COUNTY else None
    registered = IncidentRegistered(
        incident=command.incident,
        type=command.type,
        division=above or command.division,
        divisions=divisions,
        leads=(Lead(above or county or command.division),),
        by=command.by.actor,
        at=command.now,
        known_at=known_at,
        occurred_at=command.occurred_at,
        at_place=command.at_place,
        size=_size(command, states),
        text=command.text,
        report=command.report,
        alert=command.alert,
        visibility=type_.get("visibility", "internal"),
        casualties_until=next((due.due_at for due in clocks if due.key == CASUALTIES), None),
        clocks=clocks,
        level=command.by.level or COUNTY,
        doubts=doubts,
    )
    late = command.now > known_at + rules.value("K-01.red")
    flags = [flag for flag, holds in (("A-LATE", late), ("Q-TRIAGE", doubts)) if holds]
    return Decided([(stream, registered)], basis="ERL-17", flags=flags)


def duties(command: RegisterIncident, known_at: datetime, rules: Rules) -> tuple[Due, ...]:
    """What is owed from the moment of knowledge on: act, report up the chain of the type, tell the public; of an accident also the
    window of PSIR art. 13."""
    began = command.occurred_at or known_at
    respond = Due(RESPOND, "K-01", known_at, known_at + rules.value("K-01.red"), known_at + rules.value("K-01.amber"))
    return respond, *typed(rules, command.type, command.by, known_at, began), deadline(rules, "K-30", began, RELEASE)


def typed(rules: Rules, type: IncidentType, by: Signature, known_at: datetime, began: datetime) -> tuple[Due, ...]:
    """What depends on the type: the report up its chain, of an accident also the window of changes."""
    window = rules.value("incident.types")[type.value].get("casualties")
    hop = hop_of(chain_of(type.value, rules), by.level or COUNTY, by, ())
    report = (hop_due(hop, known_at, REPORT),) if hop is not None else ()
    return (*report, deadline(rules, window, began, CASUALTIES)) if window is not None else report


def verify(command: VerifyIncident, incident: Incident) -> Sequence[IncidentVerified]:
    """Found true; also after somebody responded already."""
    require(incident, command)
    if incident.verified:
        raise WrongState(Failure(RULE, f"{command.incident} was found true already", "incident"))
    return [IncidentVerified(command.incident, command.by.actor, command.now, command.evidence)]


def dismiss(command: DismissIncident, states: Mapping[str, Any]) -> Decided:
    """Found false. What was begun for it is settled first, so that nothing goes on for nobody."""
    stream = incident_stream(command.incident)
    incident: Incident = states[stream]
    require(incident, command)
    closure: Closure = states[closure_stream(command.incident)]
    faults = [Failure("close.checklist", f"{item} open", "incident") for item, _ in closure.unsettled()]
    faults += [Failure(RULE, f"{one} followed from it: it happened, close it", "incident") for one in incident.secondaries]
    faults += [Failure(RULE, f"{one} was merged into it: it happened, close it", "incident") for one in incident.absorbed]
    if not command.reason:
        faults.append(Failure("ERL-61.2", "reason is empty: say why it is not true", "reason"))
    refuse_all(RuleBroken, faults)
    stopped = incident.running()
    dismissed = IncidentDismissed(command.incident, command.reason or "", command.by.actor, command.now, incident.main, stopped)
    return Decided([(stream, dismissed)])


def note(command: RegisterNote, incident: Incident) -> Sequence[IncidentNoteRegistered]:
    """PSER art. 24. A personal value never gets here: the writer refuses it (PIPL art. 5)."""
    require(incident, command)
    if not command.text.strip():
        raise RuleBroken(Failure("PSER-24", "text is empty", "text"))
    return [IncidentNoteRegistered(command.incident, command.text, command.by.actor, command.now)]


def _again(command: RegisterIncident, same_as: str, incident: Incident) -> Decided:
    if incident.incident is None:
        raise NotFound(Failure("reference", f"incident {same_as} is unknown: check the id", "same_as"))
    if incident.status not in OPEN:
        gone = f"was merged into {incident.merged_into}: name that" if incident.merged_into else f"is {incident.status}: reopen it"
        raise WrongState(Failure(RULE, f"{same_as} {gone}, or register another with `separate`", "same_as"))
    again = IncidentReportedAgain(
        same_as,
        command.incident,
        command.by.actor,
        command.now,
        command.known_at or command.now,
        command.occurred_at,
        command.text,
        command.report,
        command.alert,
    )
    return Decided([(incident_stream(same_as), again)], {"outcome": "linked", "incident": same_as})


def _refuse_future(command: RegisterIncident) -> None:
    named = {"known_at": command.known_at, "occurred_at": command.occurred_at}
    faults = [Failure("ERL-61.2", f"{name} has no offset", name) for name, at in named.items() if at and at.tzinfo is None]
    refuse_all(RuleBroken, faults)
    faults = [Failure("ERL-61.2", f"{name} is later than now", name) for name, at in named.items() if at and at > command.now]
    refuse_all(RuleBroken, faults)


def _long_ago(command: RegisterIncident, rules: Rules) -> tuple[str, ...]:
    """The times nobody believes without a look: no duty was due before the registration because of them."""
    earliest = command.now - rules.value("incident.known_within")
    named = {"known_at": command.known_at, "occurred_at": command.occurred_at}
    return tuple(name for name, at in named.items() if at is not None and at < earliest)


def sources_at(place: str | None) -> tuple[str, ...]:
    """The stream of the hazard source that a place may be: one that is told in words is none."""
    return (hazard_stream(place),) if place and _AN_ID.fullmatch(place) else ()


def same_place(place: str) -> str:
    """What two ways of writing a place have in common."""
    return "".join(normalize("NFKC", place).casefold().split())


def _size(command: RegisterIncident, states: Mapping[str, Any]) -> str:
    source = next((states.get(stream) for stream in sources_at(command.at_place)), None)
    return source.entry.size if source is not None and source.entry is not None else ""
