"""What does not agree, and what is overdue, is somebody's work; what came or was cleared up is nobody's any more (domain 3.10)."""

from __future__ import annotations

from collections.abc import Iterable

from services.resources.deciders.shipments.commands import CancelDispatch
from services.resources.deciders.task import AssignSupplyTask, CompleteSupplyTask
from services.resources.events.allocation import AllocationCancelled
from services.resources.events.clock import ClockMissed
from services.resources.events.receipt import DiscrepancyFound, ShipmentLost, ShipmentReceived, ShipmentReconciled
from services.resources.events.shipment import ShipmentArrived
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

DESKS = ("EMD.officer", "EMD.approver", "EMD.duty", "RSV")
DISCREPANCY, OVERDUE = "discrepancy", "overdue"


def when_allocation_cancelled_then_its_shipment_is(event: AllocationCancelled, at: Envelope) -> Iterable[Command]:
    """Nothing is reserved any more: there is nothing to carry."""
    if event.shipment is not None:
        yield CancelDispatch(by=system(at), now=at.time, shipment=event.shipment, reason=event.reason)


def when_discrepancy_found_then_somebody_accounts_for_it(event: DiscrepancyFound, at: Envelope) -> Iterable[Command]:
    text = ", ".join(
        f"{lot} {qty} {word}" for word, lots in (("short", event.short), ("damaged", event.damaged)) for lot, qty in lots.items()
    )
    yield _task(at, f"{DISCREPANCY}-{event.shipment}", DISCREPANCY, event.incident, text)


def when_shipment_overdue_then_raise_the_alarm(event: ClockMissed, at: Envelope) -> Iterable[Command]:
    """Once for each shipment and deadline, however often a later one is missed."""
    if at.streamid.startswith("shipment-"):
        shipment = at.streamid.removeprefix("shipment-")
        incident = at.correlationid
        yield _task(at, f"{OVERDUE}-{event.key}-{shipment}", f"shipment_{OVERDUE}", incident, f"{event.key} was due {event.due_at:%F %R}")


def when_shipment_arrived_then_the_alarm_is_over(event: ShipmentArrived, at: Envelope) -> Iterable[Command]:
    yield _done(at, f"{OVERDUE}-arrival-{event.shipment}", "it arrived")


def when_shipment_received_then_the_alarm_is_over(event: ShipmentReceived, at: Envelope) -> Iterable[Command]:
    yield _done(at, f"{OVERDUE}-receipt-{event.shipment}", "it was counted")


def when_shipment_lost_then_the_alarm_is_over(event: ShipmentLost, at: Envelope) -> Iterable[Command]:
    yield _done(at, f"{OVERDUE}-arrival-{event.shipment}", "it is lost")


def when_shipment_reconciled_then_the_task_is_done(event: ShipmentReconciled, at: Envelope) -> Iterable[Command]:
    yield _done(at, f"{DISCREPANCY}-{event.shipment}", "accounted for")


def _task(at: Envelope, task: str, kind: str, incident: str | None, text: str) -> Command:
    return AssignSupplyTask(
        by=system(at), now=at.time, task=task, kind=kind, roles=DESKS, subject=at.streamid, incident=incident, text=text
    )


def _done(at: Envelope, task: str, outcome: str) -> Command:
    return CompleteSupplyTask(by=system(at), now=at.time, task=task, outcome=outcome)


DISPATCH: tuple[Policy, ...] = (
    policy("resources.allocation.cancelled.v1", when_allocation_cancelled_then_its_shipment_is),
    policy("resources.shipment.discrepancy_found.v1", when_discrepancy_found_then_somebody_accounts_for_it),
    policy("resources.clock.missed.v1", when_shipment_overdue_then_raise_the_alarm),
    policy("resources.shipment.arrived.v1", when_shipment_arrived_then_the_alarm_is_over),
    policy("resources.shipment.received.v1", when_shipment_received_then_the_alarm_is_over),
    policy("resources.shipment.lost.v1", when_shipment_lost_then_the_alarm_is_over),
    policy("resources.shipment.reconciled.v1", when_shipment_reconciled_then_the_task_is_done),
)
