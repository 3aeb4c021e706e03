"""The decider of a response: each command to the page that decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.guard import responses_guard
from services.alerts.deciders.plans.state import Plan
from services.alerts.deciders.responses import activating, ending, running
from services.alerts.deciders.responses.basis import guarded_by, proposal_of, streams_of
from services.alerts.deciders.responses.commands import (
    ActivateResponse,
    ChangeLevel,
    DeclineActivation,
    EndMeasure,
    EndResponse,
    EscalateResponseClock,
    ExtendResponse,
    HandOverCommand,
    ProposeActivation,
    RecordExternalActivation,
    RecordExternalEnd,
    TakeOverMeasure,
)
from services.alerts.deciders.responses.state import Response, about, evolve
from services.alerts.deciders.streams import incident_stream, order_stream, plan_stream, response_stream
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules

Beginning = ProposeActivation | DeclineActivation | ActivateResponse | RecordExternalActivation | RecordExternalEnd
Running = ChangeLevel | ExtendResponse | HandOverCommand | TakeOverMeasure | EndMeasure | EndResponse


def decide(command: Beginning | Running | EscalateResponseClock, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a response; of a joint command the states by stream."""
    match command:
        case ProposeActivation() | DeclineActivation() | ActivateResponse() | RecordExternalActivation() | RecordExternalEnd():
            return _begin(command, state, rules)
        case ChangeLevel() | ExtendResponse() | HandOverCommand() | TakeOverMeasure() | EndMeasure() | EndResponse():
            return _run(command, state, rules)
        case EscalateResponseClock():
            return escalate(command, state.clocks)
        case _:
            assert_never(command)


def _begin(command: Beginning, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    match command:
        case ProposeActivation():
            return activating.propose(command, state)
        case DeclineActivation():
            return activating.decline(command, state)
        case ActivateResponse():
            return activating.activate(command, state, rules)
        case RecordExternalActivation():
            return activating.record(command, state)
        case RecordExternalEnd():
            return activating.record_end(command, state)
        case _:
            assert_never(command)


def _run(command: Running, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    match command:
        case ChangeLevel():
            return running.change_level(command, state, rules)
        case ExtendResponse():
            return running.extend(command, state, rules)
        case HandOverCommand():
            return Decided(running.hand_over(command, state), basis="ERL-17")
        case TakeOverMeasure():
            return running.take_over(command, state, rules)
        case EndMeasure():
            return ending.end_measure(command, state, rules)
        case EndResponse():
            return ending.end(command, state, rules)
        case _:
            assert_never(command)


def _own(command: Any) -> tuple[str, ...]:
    return (response_stream(command.activation),)


def _proposing(command: ProposeActivation) -> tuple[str, ...]:
    own = (response_stream(command.activation), plan_stream(command.plan))
    return (*own, incident_stream(command.incident)) if command.incident else own


def _guards(command: ChangeLevel, states: Mapping[str, Any]) -> tuple[str, ...]:
    """A level may be another authority's, which has one response for the incident under a plan; and it may be what a trigger asked for."""
    response: Response = states[response_stream(command.activation)]
    if not response.incident:
        return ()
    asked = response_stream(proposal_of(response.plan, response.incident))
    return (asked, *map(responses_guard, guarded_by(response.incident, states)))


def _ending(command: EndResponse) -> tuple[str, ...]:
    named = (*command.orders_ended, *(kept.order for kept in command.orders_kept))
    return (response_stream(command.activation), *dict.fromkeys(map(order_stream, named)))


def _bound(command: EndResponse, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Every order given under it, to tell those in force."""
    response: Response = states[response_stream(command.activation)]
    return tuple(map(order_stream, response.orders))


def _whose_plan(command: ProposeActivation, states: Mapping[str, Any]) -> tuple[str, ...]:
    plan: Plan = states[plan_stream(command.plan)]
    return (plan.division,) if plan.division else ()


def _who_commands(command: HandOverCommand, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Command is taken from below, never from above: also not from whom the plan names for the present level."""
    response: Response = states[response_stream(command.activation)]
    return (response.commanding,) if response.commanding else ()


def _whose_measure(command: TakeOverMeasure, states: Mapping[str, Any]) -> tuple[str, ...]:
    """A measure is taken over by the division that has it or one above: never from above."""
    source: Response = states[response_stream(command.source)]
    return (source.commanding,) if source.commanding else ()


_HANDLES: Mapping[type[Command], Handles] = {
    ProposeActivation: Handles(_proposing, state_areas=_whose_plan, creates=True),
    DeclineActivation: Handles(_own),
    ActivateResponse: Handles(streams_of, creates=True),
    RecordExternalActivation: Handles(streams_of, creates=True),
    RecordExternalEnd: Handles(_own),
    ChangeLevel: Handles(_own, further=_guards),
    ExtendResponse: Handles(_own),
    HandOverCommand: Handles(_own, state_areas=_who_commands),
    TakeOverMeasure: Handles(lambda c: (response_stream(c.activation), response_stream(c.source)), state_areas=_whose_measure),
    EndMeasure: Handles(_own),
    EndResponse: Handles(_ending, bulk=True, further=_bound),
    EscalateResponseClock: Handles(_own),
}

RESPONSE = Decider(
    category="response",
    initial=Response(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles=_HANDLES,
    joint=frozenset({ProposeActivation, ActivateResponse, RecordExternalActivation, ChangeLevel, TakeOverMeasure, EndResponse}),
)
