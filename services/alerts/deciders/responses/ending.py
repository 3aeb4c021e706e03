"""How a response ends: in one act with every measure, ended or kept for a stated reason (ERL art. 86, K-02)."""

from __future__ import annotations

from collections.abc import Sequence

from services.alerts.deciders.responses.authority import require_commander
from services.alerts.deciders.responses.commands import EndMeasure, EndResponse
from services.alerts.deciders.responses.running import reviews
from services.alerts.deciders.responses.state import ENDS, RESPONSE_FLOW, Response
from services.alerts.events.response import MeasureSettled, ResponseTerminated, Settled
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all

RULE = "ERL-86"


def end(command: EndResponse, response: Response, rules: Rules) -> Decided:
    """No measure is forgotten. What is kept stays open, and is seen, until it is ended or taken over."""
    require_commander(command.by, response, "end", rules)
    RESPONSE_FLOW.require(response.status, command)
    refuse_all(RuleBroken, _unsettled(command, response))
    assert response.incident is not None  # active
    reasons = {one.measure: one.reason or "" for one in command.kept}
    over = (*(task for _, task in response.prepared), *reviews(command.activation, response))
    kept = tuple(name for name in response.running if name in reasons)
    ended = tuple(name for name in response.running if name not in reasons)
    of = (command.activation, response.incident, response.plan)
    terminated = ResponseTerminated(
        command.activation,
        response.incident,
        response.plan,
        ended,
        kept,
        command.orders_ended,
        command.by.actor,
        command.now,
        command.reason or "",
        (ENDS,),
        over,
    )
    facts: list[ResponseTerminated | MeasureSettled] = [terminated]
    for name in response.running:
        how = Settled.KEPT if name in reasons else Settled.ENDED
        tasks = () if name in reasons else (response.measures[name].task,)
        facts.append(MeasureSettled(*of, name, how, reasons.get(name, ""), command.now, tasks))
    return Decided(facts, basis=RULE)


def end_measure(command: EndMeasure, response: Response, rules: Rules) -> Sequence[MeasureSettled]:
    """Ending it twice changes nothing."""
    require_commander(command.by, response, "end a measure of", rules)
    measure = response.measures.get(command.measure)
    if measure is None:
        raise NotFound(Failure("reference", f"{command.measure} is no measure of {command.activation}", "measure"))
    RESPONSE_FLOW.require(response.status, command)
    if not measure.open:
        return []
    if not command.reason:
        raise RuleBroken(Failure(RULE, "reason is empty", "reason"))
    assert response.incident is not None  # active, or over
    said = (command.measure, Settled.ENDED, command.reason, command.now, (measure.task,))
    return [MeasureSettled(command.activation, response.incident, response.plan, *said)]


def _unsettled(command: EndResponse, response: Response) -> list[Failure]:
    kept = [one.measure for one in command.kept]
    named = [*command.ended, *kept]
    faults = [Failure(RULE, f"{name} is neither ended nor kept", "ended") for name in response.running if name not in named]
    faults += [Failure(RULE, f"{name} is both ended and kept", "kept") for name in dict.fromkeys(kept) if name in command.ended]
    faults += [Failure(RULE, f"{one.measure} is kept without a reason", "kept") for one in command.kept if not one.reason]
    unknown = [name for name in dict.fromkeys(named) if name not in response.running]
    return faults + [Failure(RULE, f"{name} is no running measure of {command.activation}", "ended") for name in unknown]
