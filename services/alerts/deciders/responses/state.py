"""What is known of a response, folded from its events; and the states it goes through (domain 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from services.alerts.deciders.responses.commands import (
    ActivateResponse,
    ChangeLevel,
    DeclineActivation,
    EndMeasure,
    EndResponse,
    ExtendResponse,
    HandOverCommand,
    ProposeActivation,
    RecordExternalActivation,
    RecordExternalEnd,
    TakeOverMeasure,
)
from services.alerts.deciders.responses.tasks import decide_task, level_task, measure_task, order_task
from services.alerts.events.clock import ClockMissed
from services.alerts.events.plan_content import Authority, PlanLevel
from services.alerts.events.response import (
    ActivationDeclined,
    ActivationProposed,
    CommandTransferred,
    ExternalActivationEnded,
    ExternalActivationRecorded,
    MeasureSettled,
    MeasureTakenOver,
    OrderBound,
    ResponseActivated,
    ResponseEvent,
    ResponseExtended,
    ResponseLevelLowered,
    ResponseLevelRaised,
    ResponseTerminated,
    Settled,
)
from services.alerts.events.scales import ResponseLevel
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.decider import About

NEW, PROPOSED, DECLINED, ACTIVE, TERMINATED = "new", "proposed", "declined", "active", "terminated"
OUTSIDE, ENDED_OUTSIDE = "active outside", "ended outside"
ENDS = "expected_end"  # the deadline that asks for a review

RESPONSE_FLOW = Flow(
    "response.life",
    {
        **{(status, ProposeActivation): PROPOSED for status in (NEW, PROPOSED, DECLINED)},
        **{(status, ActivateResponse): ACTIVE for status in (NEW, PROPOSED, DECLINED)},
        (PROPOSED, DeclineActivation): DECLINED,
        (ACTIVE, ChangeLevel): ACTIVE,
        (ACTIVE, ExtendResponse): ACTIVE,
        (ACTIVE, HandOverCommand): ACTIVE,
        (ACTIVE, TakeOverMeasure): ACTIVE,
        (ACTIVE, EndMeasure): ACTIVE,
        (TERMINATED, EndMeasure): TERMINATED,
        (ACTIVE, EndResponse): TERMINATED,
        (NEW, RecordExternalActivation): OUTSIDE,
        (OUTSIDE, RecordExternalActivation): OUTSIDE,
        (OUTSIDE, RecordExternalEnd): ENDED_OUTSIDE,
    },
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of a response and what became of it; a kept one is still to be ended or taken over."""

    text: str
    task: str
    level: ResponseLevel | None = None  # that brought it; None: the commander named it
    roles: tuple[str, ...] = ()
    how: Settled | None = None

    @property
    def open(self) -> bool:
        return self.how in (None, Settled.KEPT)


@dataclass(frozen=True, slots=True)
class Response:
    """A response. `authority` is the division that activated it; `commander` another that took command of it since."""

    status: str = NEW
    activation: str = ""
    plan: str = ""
    incident: str | None = None
    authority: str | None = None
    visibility: str = "internal"
    proposed: Authority | None = None
    proposals: int = 0
    commander: str | None = None
    below: frozenset[str] = frozenset()  # the divisions from whom command was taken: those the commander lies above
    level: ResponseLevel = ResponseLevel.IV
    levels: tuple[PlanLevel, ...] = ()
    measures: Mapping[str, Measure] = field(default_factory=dict)
    changes: int = 0  # of its level
    prepared: tuple[tuple[ResponseLevel, str], ...] = ()  # tasks beside those of measures, by the level that brought them
    orders: tuple[str, ...] = ()  # given under it
    expected_end: datetime | None = None
    clocks: Clocks = STILL

    def at(self, level: ResponseLevel) -> PlanLevel | None:
        """A level of the plan as it was when activated."""
        return next((one for one in self.levels if one.level == level), None)

    def commanded_by(self, level: ResponseLevel) -> Authority | None:
        """Who decides on this level: whom the plan names; where command was taken from that division, the same roles of the one above."""
        found = self.at(level)
        named = found.authority if found else None
        if named is None or self.commander is None or named.division not in self.below:
            return named
        return Authority(named.roles, self.commander)

    @property
    def commanding(self) -> str | None:
        """The division that commands at the present level."""
        commander = self.commanded_by(self.level)
        return commander.division if commander else self.authority

    @property
    def asked(self) -> tuple[str, ...]:
        """The task to decide on the proposal that waits, if one does."""
        return (decide_task(self.activation, self.proposals - 1),) if self.status == PROPOSED else ()

    @property
    def running(self) -> tuple[str, ...]:
        """The measures nobody has ended, kept or taken over."""
        return tuple(name for name, measure in self.measures.items() if measure.how is None)


def evolve(response: Response, event: ResponseEvent | ClockMissed) -> Response:
    """The response after the event."""
    if isinstance(event, ClockMissed):
        return replace(response, clocks=response.clocks.miss(event.key))
    clocks = response.clocks.end(event.at, *getattr(event, "stopped", ())).start(*getattr(event, "clocks", ()))
    response = replace(response, clocks=clocks)
    match event:
        case ActivationProposed():
            named = replace(response, plan=event.plan, level=event.level, incident=event.incident, visibility=event.visibility)
            asked = replace(named, activation=event.activation, proposed=event.authority, proposals=event.before + 1)
            return replace(asked, status=PROPOSED, authority=event.authority.division)
        case ActivationDeclined():
            return replace(response, status=DECLINED)
        case ResponseActivated():
            return _activated(response, event)
        case ResponseLevelRaised() | ResponseLevelLowered():
            return _changed(response, event)
        case ResponseExtended(expected_end=expected_end):
            return replace(response, expected_end=expected_end)
        case CommandTransferred(was=was, to=to):
            back = to in response.below
            return replace(response, commander=None if back else to, below=frozenset() if back else response.below | {was})
        case OrderBound(order=order):
            return replace(response, orders=(*response.orders, order))
        case ResponseTerminated():
            return replace(response, status=TERMINATED)
        case MeasureSettled(measure=measure, how=how):
            return _settled(response, how, measure)
        case MeasureTakenOver():
            taken = Measure(event.text, measure_task(event.activation, event.measure), roles=event.roles)
            return replace(response, measures={**response.measures, event.measure: taken})
        case ExternalActivationRecorded():
            named = replace(response, plan=event.plan, level=event.level, incident=event.incident, visibility=event.visibility)
            return replace(named, status=OUTSIDE, authority=event.division)
        case ExternalActivationEnded():
            return replace(response, status=ENDED_OUTSIDE)
        case _:
            assert_never(event)


def about(response: Response) -> About:
    """It belongs to who activates, and is seen as its incident is."""
    return About(response.authority, response.visibility, response.incident)


def _activated(response: Response, event: ResponseActivated) -> Response:
    of_plan = {measure.measure for level in event.levels if level.level == event.level for measure in level.measures}
    measures: dict[str, Measure] = {}
    for one in event.measures:
        level = event.level if one.measure in of_plan else None
        measures[one.measure] = Measure(one.text, measure_task(event.activation, one.measure), level, one.roles)
    return replace(
        response,
        status=ACTIVE,
        plan=event.plan,
        incident=event.incident,
        authority=event.authority,
        visibility=event.visibility,
        level=event.level,
        levels=event.levels,
        measures=measures,
        prepared=tuple((event.level, order_task(event.activation, order.order)) for order in event.orders),
        expected_end=event.expected_end,
    )


def _changed(response: Response, event: ResponseLevelRaised | ResponseLevelLowered) -> Response:
    activation, n = event.activation, event.change
    begun = {one.measure: Measure(one.text, measure_task(activation, one.measure, n), event.level, one.roles) for one in event.measures}
    tasks = [order_task(activation, order.order, n) for order in event.orders]
    over: tuple[str, ...] = ()
    if isinstance(event, ResponseLevelRaised):
        tasks.append(level_task(activation, n))
    else:
        over = event.tasks_over
        response = _settled(response, Settled.WITHDRAWN, *event.withdrawn)
    kept = tuple(one for one in response.prepared if one[1] not in over)
    prepared = (*kept, *((event.level, task) for task in tasks))
    return replace(response, level=event.level, changes=n, measures={**response.measures, **begun}, prepared=prepared)


def _settled(response: Response, how: Settled, *names: str) -> Response:
    settled = {name: replace(response.measures[name], how=how) for name in names if name in response.measures}
    return replace(response, measures={**response.measures, **settled})
