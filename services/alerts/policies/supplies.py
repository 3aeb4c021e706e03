"""Goods that are asked for or under way for an incident, and property that is taken for it, stand in the way of closing it."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.policies.closing import opened, settled
from services.resources.events.receipt import ShipmentLost, ShipmentReceived, ShipmentReconciled
from services.resources.events.request import RequestCancelled, RequestClosed, SupplyDeclined, SupplyRequested
from services.resources.events.requisition import (
    PropertyLent,
    PropertyLost,
    PropertyReturned,
    RequisitionRefused,
    RequisitionRequested,
    RequisitionRevoked,
    RequisitionTakenOrally,
    ReturnCorrected,
)
from services.resources.events.shipment import ShipmentCancelled, ShipmentOrdered
from shared.handling.declare import Policy
from shared.handling.sentence import policy
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

REQUEST, SHIPMENT, REQUISITION = "request", "shipment", "requisition"
Begun = RequisitionRequested | RequisitionTakenOrally | PropertyLent | ReturnCorrected


def when_supplies_requested_then_closing_waits(event: SupplyRequested, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, REQUEST, event.request)


def when_request_closed_then_closing_waits_no_longer(event: RequestClosed, at: Envelope) -> Iterable[Command]:
    yield from settled(at, at.correlationid, REQUEST, event.request, "closed")


def when_request_cancelled_then_closing_waits_no_longer(event: RequestCancelled, at: Envelope) -> Iterable[Command]:
    yield from settled(at, at.correlationid, REQUEST, event.request, "cancelled")


def when_request_declined_then_closing_waits_no_longer(event: SupplyDeclined, at: Envelope) -> Iterable[Command]:
    yield from settled(at, at.correlationid, REQUEST, event.request, "declined")


def when_dispatch_ordered_then_closing_waits(event: ShipmentOrdered, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, SHIPMENT, event.shipment)


def when_shipment_received_whole_then_closing_waits_no_longer(event: ShipmentReceived, at: Envelope) -> Iterable[Command]:
    if event.over:
        yield from settled(at, event.incident, SHIPMENT, event.shipment, "received")


def when_shipment_reconciled_then_closing_waits_no_longer(event: ShipmentReconciled, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, SHIPMENT, event.shipment, "reconciled")


def when_dispatch_cancelled_then_closing_waits_no_longer(event: ShipmentCancelled, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, SHIPMENT, event.shipment, "cancelled")


def when_shipment_lost_then_closing_waits_no_longer(event: ShipmentLost, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, SHIPMENT, event.shipment, "lost")


def when_requisition_begun_then_closing_waits(event: Begun, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, REQUISITION, event.requisition)


def when_requisition_refused_then_closing_waits_no_longer(event: RequisitionRefused, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, REQUISITION, event.requisition, "refused")


def when_requisition_revoked_then_closing_waits_no_longer(event: RequisitionRevoked, at: Envelope) -> Iterable[Command]:
    if event.over:
        yield from settled(at, event.incident, REQUISITION, event.requisition, "revoked")


def when_property_returned_then_closing_waits_no_longer(event: PropertyReturned, at: Envelope) -> Iterable[Command]:
    """What is owed for it is a claim, which closing waits for by itself."""
    yield from settled(at, event.incident, REQUISITION, event.requisition, "returned")


def when_property_lost_then_closing_waits_no_longer(event: PropertyLost, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, REQUISITION, event.requisition, "not returnable")


_BEGUN = tuple(f"resources.requisition.{name}" for name in ("requested", "taken_orally", "lent", "return_corrected"))
SUPPLIES: tuple[Policy, ...] = (
    policy("resources.supply_request.submitted.v1", when_supplies_requested_then_closing_waits),
    policy("resources.supply_request.closed.v1", when_request_closed_then_closing_waits_no_longer),
    policy("resources.supply_request.cancelled.v1", when_request_cancelled_then_closing_waits_no_longer),
    policy("resources.supply_request.declined.v1", when_request_declined_then_closing_waits_no_longer),
    policy("resources.shipment.ordered.v1", when_dispatch_ordered_then_closing_waits),
    policy("resources.shipment.received.v1", when_shipment_received_whole_then_closing_waits_no_longer),
    policy("resources.shipment.reconciled.v1", when_shipment_reconciled_then_closing_waits_no_longer),
    policy("resources.shipment.cancelled.v1", when_dispatch_cancelled_then_closing_waits_no_longer),
    policy("resources.shipment.lost.v1", when_shipment_lost_then_closing_waits_no_longer),
    Policy(when_requisition_begun_then_closing_waits.__name__, _BEGUN, when_requisition_begun_then_closing_waits),
    policy("resources.requisition.refused.v1", when_requisition_refused_then_closing_waits_no_longer),
    policy("resources.requisition.revoked.v1", when_requisition_revoked_then_closing_waits_no_longer),
    policy("resources.requisition.returned.v1", when_property_returned_then_closing_waits_no_longer),
    policy("resources.requisition.lost.v1", when_property_lost_then_closing_waits_no_longer),
)
