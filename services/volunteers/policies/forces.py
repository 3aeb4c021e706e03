"""What follows for rescue forces from the measures of a warning (ERL art. 67, 70)."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.events.measures import MeasureLifted, MeasureStarted
from services.volunteers.deciders.forces.commands import EndStandBy, EndStandByRequest, RequestStandBy
from services.volunteers.events.force import StandByRequestEnded
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Code, Command
from shared.kernel.envelope import Envelope


def when_measure_started_then_ask_forces_to_stand_by(event: MeasureStarted, at: Envelope) -> Iterable[Command]:
    division = event.division or at.division
    yield RequestStandBy(
        by=system(at),
        now=at.time,
        alert=event.alert,
        measure=event.measure,
        kind=event.kind,
        basis=event.basis,
        division=Code(division) if division else None,
    )


def when_measure_lifted_then_ask_forces_no_more(event: MeasureLifted, at: Envelope) -> Iterable[Command]:
    yield EndStandByRequest(by=system(at), now=at.time, alert=event.alert, measure=event.measure, reason=event.reason)


def when_stand_by_request_ended_then_forces_need_not_stand_by(event: StandByRequestEnded, at: Envelope) -> Iterable[Command]:
    for force in event.forces:
        yield EndStandBy(by=system(at), now=at.time, force=force, reason=event.reason)


FORCES: tuple[Policy, ...] = (
    policy("alerts.alert.measure_started.v1", when_measure_started_then_ask_forces_to_stand_by),
    policy("alerts.alert.measure_lifted.v1", when_measure_lifted_then_ask_forces_no_more),
    policy("volunteers.force.stand_by_request_ended.v1", when_stand_by_request_ended_then_forces_need_not_stand_by),
)
