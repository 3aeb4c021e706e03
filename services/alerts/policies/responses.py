"""What follows from a response: the work of its measures begins and falls away with them; its key is free once it is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from services.alerts.deciders.derived import derived
from services.alerts.deciders.guard import FreeGuard
from services.alerts.deciders.orders.task import AssignTask, CompleteTask, WithdrawTask
from services.alerts.deciders.responses import tasks
from services.alerts.deciders.responses.commands import DeclineActivation
from services.alerts.deciders.responses.state import ENDS
from services.alerts.events.clock import ClockMissed
from services.alerts.events.guard import Guarded, GuardFreed
from services.alerts.events.plan_content import PlanMeasure, StandingOrder
from services.alerts.events.response import (
    ActivationProposed,
    ExternalActivationEnded,
    MeasureTakenOver,
    ResponseActivated,
    ResponseLevelLowered,
    ResponseLevelRaised,
    ResponseTerminated,
)
from services.alerts.events.urgent import DroughtPeriodDeclared, FloodPeriodDeclared
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope
from shared.kernel.events import family

COMMANDERS, DUTY = ("HQ", "GOV", "EMD"), ("EMD.duty", "EMD.officer")


def when_activation_proposed_then_ask_the_authority(event: ActivationProposed, at: Envelope) -> Iterable[Command]:
    text = f"{event.plan} level {event.level.value}: {event.reason}"
    yield _task(at, tasks.decide_task(event.activation, event.before), "decide_activation", event.authority.roles, text)


def when_response_activated_then_begin_its_measures(event: ResponseActivated, at: Envelope) -> Iterable[Command]:
    return _begin(event.activation, event.measures, event.orders, at)


def when_response_activated_then_report_it_up(event: ResponseActivated, at: Envelope) -> Iterable[Command]:
    text = f"{event.matter}: level {event.level.value} under {event.plan} (ERL-72.2)"
    yield _task(at, tasks.report_task(event.activation), "report_activation", DUTY, text)


def when_response_activated_then_close_the_proposal(event: ResponseActivated, at: Envelope) -> Iterable[Command]:
    return _answered(event, f"activated as {event.activation}", at)


def when_level_raised_then_close_the_proposal(event: ResponseLevelRaised, at: Envelope) -> Iterable[Command]:
    return _answered(event, f"{event.activation} was raised", at)


def when_level_raised_then_begin_what_it_asks_for(event: ResponseLevelRaised, at: Envelope) -> Iterable[Command]:
    text = f"from level {event.was.value} to level {event.level.value}: {event.reason}"
    yield _task(at, tasks.level_task(event.activation, event.change), "raise_level", COMMANDERS, text)
    yield from _begin(event.activation, event.measures, event.orders, at, event.change)


def when_level_lowered_then_begin_what_it_asks_for(event: ResponseLevelLowered, at: Envelope) -> Iterable[Command]:
    return _begin(event.activation, event.measures, event.orders, at, event.change)


def when_measure_taken_over_then_go_on_with_it(event: MeasureTakenOver, at: Envelope) -> Iterable[Command]:
    return _begin(event.activation, (PlanMeasure(event.measure, event.text, event.roles),), (), at)


def when_work_falls_away_then_withdraw_its_tasks(event: Any, at: Envelope) -> Iterable[Command]:
    for task in event.tasks_over:
        yield WithdrawTask(by=system(at), now=at.time, task=task, reason=at.type)


def when_response_terminated_then_free_its_key(event: ResponseTerminated, at: Envelope) -> Iterable[Command]:
    return _free(event.incident, event.activation, at)


def when_external_activation_ended_then_free_its_key(event: ExternalActivationEnded, at: Envelope) -> Iterable[Command]:
    return _free(event.incident, event.activation, at)


def when_expected_end_passed_then_ask_for_a_review(event: ClockMissed, at: Envelope) -> Iterable[Command]:
    if at.streamid.startswith("response-") and event.key == ENDS:
        activation = at.streamid.removeprefix("response-")
        text = "the expected end has passed: end the response, or extend it"
        yield _task(at, tasks.review_task(activation, event.due_at), "review_response", COMMANDERS, text)


def when_guard_freed_then_free_it_where_it_went(event: GuardFreed, at: Envelope) -> Iterable[Command]:
    if event.into is not None:
        yield FreeGuard(by=system(at), now=at.time, kind=event.kind, subject=event.into, holder=event.holder)


def when_drought_period_declared_then_report_it_up(event: DroughtPeriodDeclared, at: Envelope) -> Iterable[Command]:
    text = f"urgent drought period for {event.area}: report to the national headquarters (DRT-45)"
    yield _task(at, derived("report", f"{event.period}.{event.at:%Y%m%d%H%M%S}"), "report_drought_period", DUTY, text)


def when_flood_period_declared_then_its_ground_is_stated(event: FloodPeriodDeclared, at: Envelope) -> Iterable[Command]:
    """Guarantee level, design level or grave danger (FCL art. 41): who declared it without says so by declaring it again, also when that
    makes it longer. Of a period that comes again it is asked again: its end is later."""
    task = derived("ground", event.period)
    if event.ground is None:
        text = f"urgent flood period for {event.river}: say on which ground of FCL-41 it rests"
        yield replace(_task(at, task, "state_ground", COMMANDERS, text), due=event.until)
    else:
        yield CompleteTask(by=system(at), now=at.time, task=task, outcome=event.ground.value)


def _answered(event: ResponseActivated | ResponseLevelRaised, how: str, at: Envelope) -> Iterable[Command]:
    if event.answers is not None:
        reason = f"{how} at level {event.level.value}"
        yield DeclineActivation(by=system(at), now=at.time, activation=event.answers, reason=reason)


def _begin(
    activation: str, measures: tuple[PlanMeasure, ...], orders: tuple[StandingOrder, ...], at: Envelope, change: int = 0
) -> Iterable[Command]:
    for one in measures:
        yield _task(at, tasks.measure_task(activation, one.measure, change), "measure", one.roles, one.text)
    for order in orders:
        text = f"{order.measure_type}: {order.text} ({order.basis})"
        yield _task(at, tasks.order_task(activation, order.order, change), "issue_order", COMMANDERS, text)


def _task(at: Envelope, task: str, kind: str, roles: tuple[str, ...], text: str) -> AssignTask:
    return AssignTask(
        by=system(at), now=at.time, task=task, kind=kind, subject=at.streamid, roles=roles, text=text, incident=at.correlationid
    )


def _free(incident: str, activation: str, at: Envelope) -> Iterable[Command]:
    yield FreeGuard(by=system(at), now=at.time, kind=Guarded.RESPONSES, subject=incident, holder=activation)


_ACTIVATED = "alerts.response.activated.v1"
_WITH_WORK = (
    "alerts.response.proposed.v1",
    "alerts.response.declined.v1",
    _ACTIVATED,
    "alerts.response.level_lowered.v1",
    "alerts.response.extended.v1",
    "alerts.response.terminated.v1",
    "alerts.measure.settled.v1",
)
RESPONSES: tuple[Policy, ...] = (
    policy("alerts.response.proposed.v1", when_activation_proposed_then_ask_the_authority),
    policy(_ACTIVATED, when_response_activated_then_begin_its_measures),
    policy(_ACTIVATED, when_response_activated_then_report_it_up),
    policy(_ACTIVATED, when_response_activated_then_close_the_proposal),
    policy("alerts.response.level_raised.v1", when_level_raised_then_begin_what_it_asks_for),
    policy("alerts.response.level_raised.v1", when_level_raised_then_close_the_proposal),
    policy("alerts.response.level_lowered.v1", when_level_lowered_then_begin_what_it_asks_for),
    policy("alerts.measure.taken_over.v1", when_measure_taken_over_then_go_on_with_it),
    Policy(
        when_work_falls_away_then_withdraw_its_tasks.__name__,
        tuple(family(name) for name in _WITH_WORK),
        when_work_falls_away_then_withdraw_its_tasks,
    ),
    policy("alerts.response.terminated.v1", when_response_terminated_then_free_its_key),
    policy("alerts.response.external_ended.v1", when_external_activation_ended_then_free_its_key),
    policy("alerts.guard.freed.v1", when_guard_freed_then_free_it_where_it_went),
    policy("alerts.clock.missed.v1", when_expected_end_passed_then_ask_for_a_review),
    policy("alerts.flood_period.declared.v1", when_flood_period_declared_then_its_ground_is_stated),
    policy("alerts.drought_period.declared.v1", when_drought_period_declared_then_report_it_up),
)
