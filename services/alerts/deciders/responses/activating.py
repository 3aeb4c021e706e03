"""How a response begins: proposed, declined, activated by whom the plan names; or recorded, when others activate (ERL art. 71, 72)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.alerts.deciders.plans.catalogue import fits
from services.alerts.deciders.plans.state import Plan
from services.alerts.deciders.responses.authority import RULE, is_of, require_authority
from services.alerts.deciders.responses.basis import (
    answered,
    known_incident,
    known_plan,
    require_in_force,
    require_open,
    take_key,
    too_far,
    visibility_of,
    whose,
)
from services.alerts.deciders.responses.commands import (
    ActivateResponse,
    DeclineActivation,
    ProposeActivation,
    RecordExternalActivation,
    RecordExternalEnd,
)
from services.alerts.deciders.responses.state import DECLINED, ENDS, NEW, PROPOSED, RESPONSE_FLOW, Response
from services.alerts.deciders.streams import response_stream
from services.alerts.deciders.warnings.content import naive
from services.alerts.events.plan_content import PlanMeasure
from services.alerts.events.response import (
    ActivationDeclined,
    ActivationProposed,
    ExternalActivationEnded,
    ExternalActivationRecorded,
    ResponseActivated,
)
from services.alerts.events.scales import ResponseLevel
from shared.blocks.clocks import Due
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

STATED = "ERL-72.2"
_MEASURE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,31})\s+(\S.*)", re.DOTALL)


def propose(command: ProposeActivation, states: Mapping[str, Any]) -> Decided:
    """A higher level may be proposed after a lower one; what a trigger repeats changes nothing."""
    stream = response_stream(command.activation)
    response: Response = states[stream]
    of_trigger = command.by.has("SYS")
    if of_trigger and not _asks_more(command, response):
        return Decided()
    plan, incident = known_plan(states, command.plan), known_incident(states, command.incident)
    RESPONSE_FLOW.require(response.status, command)
    require_in_force(plan, command.plan, command.now)
    require_open(incident)
    level = plan.level(command.level)
    refuse_all(RuleBroken, _beyond(command.level, plan, command.plan))
    if level is None or level.authority is None:
        raise RuleBroken(Failure(RULE, f"{command.plan} is activated outside: nobody here can be asked to", "plan"))
    if response.status == PROPOSED and not _asks_more(command, response):
        return Decided()
    subject = (command.reason, command.by.actor, command.now, command.incident, command.alert, visibility_of(incident))
    asked = (*subject, response.proposals, response.asked)
    return Decided([(stream, ActivationProposed(command.activation, command.plan, command.level, level.authority, *asked))])


def decline(command: DeclineActivation, response: Response) -> Sequence[ActivationDeclined]:
    """By whom it was proposed to."""
    of_policy = command.by.has("SYS")
    if of_policy and response.status != PROPOSED:
        return []
    if response.proposed is not None and not of_policy:
        require_authority(command.by, response.proposed, response.plan)
    RESPONSE_FLOW.require(response.status, command)
    if not command.reason:
        raise RuleBroken(Failure("response.reason", "reason is empty", "reason"))
    of = (command.activation, response.plan, command.reason, command.by.actor, command.now, response.incident)
    return [ActivationDeclined(*of, response.asked)]


def activate(command: ActivateResponse, states: Mapping[str, Any], rules: Rules) -> Decided:
    """At once (K-01), and stating all four things; under a plan for another hazard the matter says why, and it is flagged. What the plan
    asks for at the level is begun beside what the commander names."""
    stream = response_stream(command.activation)
    response: Response = states[stream]
    plan = known_plan(states, command.plan) if command.plan else None
    if plan is not None:
        _require_activator(command, plan)
    incident = known_incident(states, command.incident)
    RESPONSE_FLOW.require(response.status, command)
    if plan is not None and command.plan:
        require_in_force(plan, command.plan, command.now)
    if response.plan not in ("", command.plan):
        raise WrongState(Failure("response.life", f"{command.activation} was proposed under {response.plan}: take another id", "plan"))
    require_open(incident)
    division = command.by.division or ""
    level = plan.level(command.level) if plan and command.level else None
    authority = whose(level.authority) if level and level.authority else division
    taken = take_key(command, authority, division, states) if command.incident and command.plan else None
    measures, faults = _measures(command.measures, level.measures if level else (), rules)
    refuse_all(RuleBroken, [*_unstated(command, measures, rules), *faults, *_beyond(command.level, plan, command.plan)])
    assert plan and command.plan and command.incident and command.level and command.expected_end and level and taken  # all stated
    ends = Due(ENDS, STATED, command.now, command.expected_end)
    activated = ResponseActivated(
        command.activation,
        command.incident,
        command.plan,
        plan.version,
        division,
        command.level,
        command.matter or "",
        command.expected_end,
        measures,
        level.orders,
        plan.levels,
        command.by.actor,
        command.now,
        answered(command.plan, command.incident, command.level, command.activation, states),
        visibility_of(incident),
        (ends,),
        response.asked,
    )
    other = incident is not None and not fits(plan.in_force, incident.type.value, rules)
    return Decided([(stream, activated), taken], basis="ERL-72", flags=("A-OTHER-HAZARD",) if other else ())


def record(command: RecordExternalActivation, states: Mapping[str, Any]) -> Decided:
    """As it was told to us. The same once more changes nothing, another level is recorded."""
    stream = response_stream(command.activation)
    response: Response = states[stream]
    plan, incident = known_plan(states, command.plan), known_incident(states, command.incident)
    RESPONSE_FLOW.require(response.status, command)
    require_in_force(plan, command.plan, command.now)
    content = plan.in_force
    outside = content.outside if content else ""
    fresh = response.status == NEW
    if fresh:
        require_open(incident)
    elif (response.plan, response.incident) != (command.plan, command.incident):
        raise WrongState(
            Failure("response.life", f"{command.activation} is under {response.plan} for {response.incident}: take another id")
        )
    faults = _beyond(command.level, plan, command.plan)
    if not outside:
        faults.append(Failure(RULE, f"{command.plan} is activated here (ActivateResponse)", "plan"))
    if command.incident is None:
        faults.append(Failure(STATED, "incident is empty", "incident"))
    refuse_all(RuleBroken, faults)
    if not fresh and response.level == command.level:
        return Decided()
    home = command.by.division if fresh else response.authority
    told = (command.matter, command.expected_end, visibility_of(incident))
    by, of = (command.by.actor, home, command.now), (command.plan, outside, command.level)
    recorded = ExternalActivationRecorded(command.activation, command.incident or "", *of, *by, *told)
    return Decided([(stream, recorded), *([take_key(command, outside, home, states)] if fresh else [])])


def record_end(command: RecordExternalEnd, response: Response) -> Sequence[ExternalActivationEnded]:
    """As it was told to us."""
    RESPONSE_FLOW.require(response.status, command)
    by = (command.by.actor, command.now, command.reason)
    return [ExternalActivationEnded(command.activation, response.incident or "", response.plan, *by)]


def _asks_more(command: ProposeActivation, response: Response) -> bool:
    return response.status == NEW or (response.status in (PROPOSED, DECLINED) and command.level.above(response.level))


def _require_activator(command: ActivateResponse, plan: Plan) -> None:
    """Whom the plan names for the level; while no level of the plan is named, for any."""
    content = plan.in_force
    if content is not None and content.outside:
        raise NotAllowed(Failure(RULE, f"{command.plan} is activated by {content.outside}: record it (RecordExternalActivation)"))
    level = plan.level(command.level) if command.level else None
    authorities = [one.authority for one in ([level] if level else plan.levels) if one.authority is not None]
    if authorities and not any(is_of(command.by, authority) for authority in authorities):
        require_authority(command.by, authorities[0], command.plan or "")


def _unstated(command: ActivateResponse, measures: tuple[PlanMeasure, ...], rules: Rules) -> list[Failure]:
    stated: Mapping[str, Any] = {
        "plan": command.plan,
        "incident": command.incident,
        "matter": (command.matter or "").strip(),
        "level": command.level,
        "expected_end": command.expected_end,
        "measures": measures or command.measures,
    }
    faults = [Failure(STATED, f"{name} is empty", name) for name, value in stated.items() if not value]
    if command.expected_end is None:
        return faults
    offset = naive(expected_end=command.expected_end)
    if not offset and command.expected_end <= command.now:
        offset = [Failure(STATED, "expected_end has passed", "expected_end")]
    elif not offset:
        offset = too_far(command.expected_end, command.now, rules)
    return faults + offset


def _beyond(level: ResponseLevel | None, plan: Plan | None, name: str | None) -> list[Failure]:
    """A response has one of its plan's levels."""
    if level is None or plan is None or plan.level(level) is not None:
        return []
    have = ", ".join(str(one.level.value) for one in plan.levels)
    return [Failure("plan", f"{name} has no level {level.value}: it has {have}", "level")]


def _measures(named: Sequence[str], of_plan: tuple[PlanMeasure, ...], rules: Rules) -> tuple[tuple[PlanMeasure, ...], list[Failure]]:
    """What the commander names, then what the plan adds; each with somebody to do it. A name of the plan's stands for the plan's."""
    roles: tuple[str, ...] = tuple(rules.value("response.measure_roles"))
    found: dict[str, PlanMeasure] = {}
    faults = []
    for text in named:
        match = _MEASURE.fullmatch(text.strip())
        if match is None:
            faults.append(Failure(STATED, f"measure {text[:60]!r}: an id and what is done, such as `M-1 move people`", "measures"))
        elif match[1] in found:
            faults.append(Failure(STATED, f"measure {match[1]} stands twice", "measures"))
        else:
            found[match[1]] = PlanMeasure(match[1], match[2], roles)
    return tuple((found | {one.measure: with_roles(one, roles) for one in of_plan}).values()), faults


def with_roles(measure: PlanMeasure, roles: tuple[str, ...]) -> PlanMeasure:
    """A measure of the plan, done by these roles where the plan names none."""
    return PlanMeasure(measure.measure, measure.text, measure.roles or roles)
