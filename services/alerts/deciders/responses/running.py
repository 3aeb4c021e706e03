"""A response while it runs: its level, its end in sight, who commands, and whose its measures are (ERL art. 17, 71, 86)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.alerts.deciders.derived import derived
from services.alerts.deciders.responses.activating import STATED, with_roles
from services.alerts.deciders.responses.authority import require_commander
from services.alerts.deciders.responses.basis import answered, move_key, too_far
from services.alerts.deciders.responses.commands import ChangeLevel, ExtendResponse, HandOverCommand, TakeOverMeasure
from services.alerts.deciders.responses.state import ENDS, RESPONSE_FLOW, Response
from services.alerts.deciders.responses.tasks import review_task
from services.alerts.deciders.streams import response_stream
from services.alerts.deciders.warnings.content import naive
from services.alerts.events.plan_content import PlanLevel
from services.alerts.events.response import (
    CommandTransferred,
    MeasureSettled,
    MeasureTakenOver,
    ResponseExtended,
    ResponseLevelLowered,
    ResponseLevelRaised,
    Settled,
)
from shared.blocks.clocks import Due
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState, refuse_all

CHANGES = "ERL-71"


def change_level(command: ChangeLevel, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Whoever decides on the higher of both levels says so, with a reason. A level of another authority makes it that one's response."""
    stream = response_stream(command.activation)
    response: Response = states[stream]
    rises = command.level.above(response.level)
    level = response.at(command.level)
    require_commander(command.by, response, "raise" if rises else "lower", rules, command.level if rises and level else response.level)
    RESPONSE_FLOW.require(response.status, command)
    if command.level == response.level:
        raise WrongState(Failure(CHANGES, f"{command.activation} is at level {command.level.value} already", "level"))
    key = move_key(command, response, level, states) if level is not None else []
    faults = [] if command.reason else [Failure("response.reason", "reason is empty", "reason")]
    if level is None:
        have = ", ".join(str(one.level.value) for one in response.levels)
        faults.append(Failure("plan", f"{response.plan} has no level {command.level.value}: it has {have}", "level"))
    refuse_all(RuleBroken, faults)
    assert level is not None and response.incident is not None
    roles = tuple(rules.value("response.measure_roles"))
    measures = tuple(with_roles(one, roles) for one in level.measures if one.measure not in response.running)
    moved = (command.activation, response.incident, response.level, command.level, response.changes + 1, command.reason or "", measures)
    if rises:
        asked = answered(response.plan, response.incident, command.level, command.activation, states)
        return Decided([(stream, ResponseLevelRaised(*moved, level.orders, command.by.actor, command.now, asked)), *key], basis=CHANGES)
    withdrawn = _withdrawn(response, level)
    over = [response.measures[name].task for name in withdrawn]
    over += [task for of, task in response.prepared if of.above(command.level)]
    lowered = ResponseLevelLowered(*moved, (), withdrawn, command.by.actor, command.now, tuple(over))
    return Decided([(stream, lowered), *key], basis=CHANGES)


def extend(command: ExtendResponse, response: Response, rules: Rules) -> Sequence[ResponseExtended]:
    """The new end lies after the former; the review that was due for the former falls away."""
    require_commander(command.by, response, "extend", rules)
    RESPONSE_FLOW.require(response.status, command)
    end, before = command.expected_end, response.expected_end
    assert before is not None and response.incident is not None  # active
    faults = naive(expected_end=end)
    if end is None:
        faults.append(Failure(STATED, "expected_end is empty", "expected_end"))
    elif not faults and end <= max(before, command.now):
        faults.append(Failure(STATED, f"expected_end lies after {max(before, command.now).isoformat()}", "expected_end"))
    elif not faults:
        faults += too_far(end, command.now, rules)
    if not command.reason:
        faults.append(Failure("response.reason", "reason is empty", "reason"))
    refuse_all(RuleBroken, faults)
    assert end is not None
    clocks, over = (Due(ENDS, STATED, command.now, end),), reviews(command.activation, response)
    said = (end, command.reason or "", command.by.actor, command.now)
    return [ResponseExtended(command.activation, response.incident, *said, clocks, over)]


def reviews(activation: str, response: Response) -> tuple[str, ...]:
    """The review that was asked for when the expected end passed, if it did."""
    ends = response.clocks.by_key.get(ENDS)
    return (review_task(activation, ends.due.due_at),) if ends is not None and ends.missed else ()


def hand_over(command: HandOverCommand, response: Response) -> Sequence[CommandTransferred]:
    """Upward by the superior that takes it; back to whom the plan names by the one that took it. Never two commanders."""
    RESPONSE_FLOW.require(response.status, command)
    assert response.incident is not None and response.authority is not None  # active
    commander, named = response.commanding or response.authority, response.at(response.level)
    to = command.to or command.by.division or ""
    giving_back = command.by.division == commander and named is not None and named.authority is not None and to == named.authority.division
    if to != command.by.division and not giving_back:
        raise NotAllowed(Failure("ERL-17", "a superior takes command itself, or gives back what it took", "to"))
    if to == commander:
        raise WrongState(Failure("ERL-17", f"{to} commands {command.activation} already", "to"))
    if not command.reason:
        raise RuleBroken(Failure("response.reason", "reason is empty", "reason"))
    return [CommandTransferred(command.activation, response.incident, commander, to, command.reason, command.by.actor, command.now)]


def take_over(command: TakeOverMeasure, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Nobody's measure ends in silence: one response lets it go in the same act as the other takes it."""
    here, there = response_stream(command.activation), response_stream(command.source)
    response: Response = states[here]
    source: Response = states[there]
    require_commander(command.by, response, "take a measure into", rules)
    measure = source.measures.get(command.measure)
    if measure is None:
        raise NotFound(Failure("reference", f"{command.measure} is no measure of {command.source}", "measure"))
    RESPONSE_FLOW.require(response.status, command)
    if here == there or not measure.open:
        raise WrongState(Failure("ERL-86", f"{command.measure} of {command.source} is not open to another", "measure"))
    if source.incident != response.incident or response.incident is None:
        raise RuleBroken(Failure("ERL-86", f"{command.source} is of another incident", "source"))
    name, now = derived("", command.source, command.measure), command.now
    taken = (command.activation, response.incident, name, measure.text, command.source, command.measure, command.by.actor, now)
    left = (command.source, response.incident, source.plan, command.measure, Settled.TAKEN_OVER, f"by {command.activation}", now)
    facts = [(here, MeasureTakenOver(*taken, measure.roles)), (there, MeasureSettled(*left, (measure.task,)))]
    return Decided(facts, basis="ERL-86")


def _withdrawn(response: Response, level: PlanLevel) -> tuple[str, ...]:
    """What a level above brought and this one does not ask for."""
    asked = {one.measure for one in level.measures}
    running = ((name, response.measures[name]) for name in response.running)
    return tuple(name for name, one in running if one.level is not None and one.level.above(level.level) and name not in asked)
