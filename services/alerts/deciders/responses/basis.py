"""What a response rests on: an incident that is open, a plan in force, and a key nobody else holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.alerts.deciders.derived import derived
from services.alerts.deciders.guard import guard_of, responses_guard
from services.alerts.deciders.incidents.state import NEW as UNKNOWN
from services.alerts.deciders.incidents.state import OPEN, Incident
from services.alerts.deciders.plans.owning import holder
from services.alerts.deciders.plans.state import NEW, Plan
from services.alerts.deciders.responses.commands import ActivateResponse, ChangeLevel, RecordExternalActivation
from services.alerts.deciders.responses.state import PROPOSED, Response
from services.alerts.deciders.streams import incident_stream, plan_stream, response_stream
from services.alerts.events.guard import Guarded, GuardTaken
from services.alerts.events.plan_content import Authority, PlanLevel
from services.alerts.events.scales import ResponseLevel
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotFound, WrongState

Begins = ActivateResponse | RecordExternalActivation


def known_plan(states: Mapping[str, Any], plan: str) -> Plan:
    """The plan named; NotFound when there is none of that id."""
    found = states.get(plan_stream(plan))
    if not isinstance(found, Plan) or found.status == NEW:
        raise NotFound(Failure("reference", f"plan {plan} is unknown", "plan"))
    return found


def require_in_force(plan: Plan, name: str, now: datetime) -> None:
    """Refuse a plan of which no version holds now."""
    content = plan.in_force
    if content is None:
        raise WrongState(Failure("plan.life", f"{name} is not in force: it is {plan.status}", "plan"))
    if content.valid_to is not None and content.valid_to <= now:
        raise WrongState(Failure("plan.life", f"the validity of {name} ended", "plan"))


def known_incident(states: Mapping[str, Any], incident: str | None) -> Incident | None:
    """The incident named, if any; NotFound when there is none of that id."""
    if incident is None:
        return None
    found = states.get(incident_stream(incident))
    if not isinstance(found, Incident) or found.status == UNKNOWN:
        raise NotFound(Failure("reference", f"incident {incident} is unknown: register it, as suspected if need be", "incident"))
    return found


def too_far(end: datetime, now: datetime, rules: Rules) -> list[Failure]:
    """A fault when an end is so far ahead that nobody would be asked to look in time (ERL art. 86)."""
    latest = now + rules.value("response.longest")
    cure = f"set an end by {latest.isoformat()} at the latest, and extend it when that comes near"
    return [Failure("response.longest", cure, "expected_end")] if end > latest else []


def visibility_of(incident: Incident | None) -> str:
    """Who sees what serves an incident: who sees the incident."""
    return incident.visibility if incident else "internal"


def require_open(incident: Incident | None) -> None:
    """Refuse an incident that is closed, dismissed or merged."""
    if incident is None or incident.status in OPEN:
        return
    where = f": go on with {incident.merged_into}" if incident.merged_into else ": reopen it first"
    raise WrongState(Failure("incident.life", f"{incident.incident} is {incident.status}{where}", "incident"))


def take_key(command: Begins, authority: str, division: str | None, states: Mapping[str, Any]) -> tuple[str, GuardTaken]:
    """The fact that this response is the one of the authority under the plan. WrongState while another is open."""
    plan, incident = command.plan or "", command.incident or ""
    _refuse_second(plan, guard_of(states, responses_guard(incident)).holder(f"{plan}/{authority}"), incident)
    key = (f"{plan}/{authority}", command.activation)
    secret = visibility_of(states.get(incident_stream(incident))) == "restricted"
    return responses_guard(incident), GuardTaken(Guarded.RESPONSES, incident, *key, division, command.now, incident, plan, secret)


def move_key(command: ChangeLevel, response: Response, level: PlanLevel, states: Mapping[str, Any]) -> list[tuple[str, GuardTaken]]:
    """The fact that it is another authority's from now on, if the new level is. WrongState while that one has another open."""
    before = response.at(response.level)
    was, authority = whose(before.authority if before else None), whose(level.authority)
    if authority == was or response.incident is None:
        return []
    incident = guarded_by(response.incident, states)[-1]
    stream, key = responses_guard(incident), f"{response.plan}/{authority}"
    guard = guard_of(states, stream)
    _refuse_second(response.plan, guard.holder(key), incident)
    secret = response.visibility == "restricted"
    named = (incident, key, command.activation, guard.division, command.now, incident, response.plan, secret)
    return [(stream, GuardTaken(Guarded.RESPONSES, *named))]


def whose(authority: Authority | None) -> str:
    """Who has one response under a plan: the division, or one enterprise in it."""
    return holder(authority.division, authority.organ) if authority else ""


def guarded_by(incident: str, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The incidents whose guards are asked about its responses: itself, and where its keys went when it was merged; the last one counts."""
    found = [incident]
    while (into := guard_of(states, responses_guard(found[-1])).into) is not None:
        found.append(into)
    return tuple(found)


def _refuse_second(plan: str, holder: str | None, incident: str) -> None:
    if holder is not None:
        raise WrongState(Failure("RA-04", f"{holder} is open for {incident} under {plan}: change its level or end it"))


def streams_of(command: Begins) -> tuple[str, ...]:
    """The response first, then what it rests on, as far as it is named."""
    named = [response_stream(command.activation)]
    if command.incident:
        named += [incident_stream(command.incident), responses_guard(command.incident)]
    if command.plan:
        named.append(plan_stream(command.plan))
    if command.incident and command.plan and isinstance(command, ActivateResponse):
        named.append(response_stream(proposal_of(command.plan, command.incident)))
    return tuple(dict.fromkeys(named))


def proposal_of(plan: str, subject: str) -> str:
    """The id under which a trigger of a plan proposes to activate it for an incident or warning."""
    return derived("", plan, subject)


def answered(plan: str, incident: str, level: ResponseLevel, activation: str, states: Mapping[str, Any]) -> str | None:
    """The proposal of a trigger that waits under another id. What asks for a graver level is not answered by this one: it waits on."""
    proposal = proposal_of(plan, incident)
    waiting = states.get(response_stream(proposal))
    if proposal == activation or not isinstance(waiting, Response) or waiting.status != PROPOSED or waiting.level.above(level):
        return None
    return proposal
