"""Vehicles, and whom a shipment holds: a vehicle or driver carries one shipment at a time (domain SU-08)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("resources.vehicle.registered.v1")
@dataclass(frozen=True, slots=True)
class VehicleRegistered:
    """A vehicle that may carry goods. Registered again, what is said of it is another."""

    vehicle: str
    plate: str
    owner: str  # division
    capacity: Mapping[str, int]  # item -> units, where known: a full load of that item alone
    by: str
    at: datetime


@event("resources.guard.carrier_engaged.v1")
@dataclass(frozen=True, slots=True)
class CarrierEngaged:
    """The vehicle or driver belongs to this shipment and to no other."""

    carrier: str
    shipment: str
    division: str | None  # whose goods it carries
    at: datetime


@event("resources.guard.carrier_freed.v1")
@dataclass(frozen=True, slots=True)
class CarrierFreed:
    """It may carry another: the shipment arrived, was cancelled, was lost, or another took its place."""

    carrier: str
    shipment: str
    at: datetime


CarrierEvent = VehicleRegistered | CarrierEngaged | CarrierFreed
