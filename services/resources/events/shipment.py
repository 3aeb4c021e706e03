"""Goods on their way from one store to another (domain 3.10). How it ends is in `receipt.py`; what moves in the ledgers is said by facts of
stock in the same commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event

PickList = Mapping[str, Mapping[str, int]]
"""By position of the store: how much of which lot."""


class Rest(StrEnum):
    """What becomes of reserved goods that were not loaded."""

    RELEASE = "release"
    KEEP = "keep"  # for another shipment of the same allocation


@dataclass(frozen=True, slots=True)
class Carried:
    """So much of a lot; with what the lot is, so that wherever it is put down is told."""

    item: str
    lot: str
    qty: int
    expires: date | None = None
    owner: str | None = None  # of the goods
    intent: str | None = None


@event("resources.shipment.ordered.v1")
@dataclass(frozen=True, slots=True)
class ShipmentOrdered:
    """Reserved goods are to go to a named receiver (SU-08)."""

    shipment: str
    allocation: str
    request: str
    incident: str | None
    from_store: str
    division: str  # the owner of the store they leave
    to_store: str
    to_division: str  # the owner of the store they go to
    receiver: str  # a post: nobody else confirms the receipt
    priority: str
    contact_from: str  # posts
    contact_to: str
    vehicle: str | None
    driver: str | None  # a public handle
    lines: tuple[Carried, ...]
    pick_list: PickList
    by: str
    at: datetime


@event("resources.shipment.amended.v1")
@dataclass(frozen=True, slots=True)
class ShipmentAmended:
    """Another receiver, vehicle or driver, before it left. A pass is for a vehicle: with another one it is void."""

    shipment: str
    receiver: str
    vehicle: str | None
    driver: str | None
    contact_to: str
    pass_void: bool
    reason: str
    by: str
    at: datetime


@event("resources.shipment.line_picked.v1")
@dataclass(frozen=True, slots=True)
class LinePicked:
    """One scan at the shelf."""

    shipment: str
    lot: str
    qty: int
    position: str | None
    by: str
    at: datetime


@event("resources.shipment.picked.v1")
@dataclass(frozen=True, slots=True)
class ShipmentPicked:
    """What was taken off the shelves, by position; why when it is less than was ordered."""

    shipment: str
    lots: Mapping[str, int]
    pick_list: PickList
    reason: str
    by: str
    at: datetime


@event("resources.shipment.loaded.v1")
@dataclass(frozen=True, slots=True)
class ShipmentLoaded:
    """On the vehicle, lot by lot, in this order; from here the goods are in transit."""

    shipment: str
    lines: tuple[Carried, ...]
    rest: Rest | None  # None: everything that was ordered
    reason: str
    by: str
    at: datetime


@event("resources.shipment.pass_issued.v1")
@dataclass(frozen=True, slots=True)
class TransportPassIssued:
    """Toll-free and first on the road, under an approval number (HWY-7, SU-08)."""

    shipment: str
    approval: str
    vehicle: str | None
    route: str
    by: str
    at: datetime


@event("resources.shipment.departed.v1")
@dataclass(frozen=True, slots=True)
class ShipmentDeparted:
    """Under way; expected at `eta`."""

    shipment: str
    eta: datetime
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.shipment.position_reported.v1")
@dataclass(frozen=True, slots=True)
class PositionReported:
    """Where the vehicle was; thinned out by a rule, since a track is telemetry."""

    shipment: str
    lat: Decimal
    lon: Decimal
    place: str
    by: str
    at: datetime


@event("resources.shipment.delayed.v1")
@dataclass(frozen=True, slots=True)
class ShipmentDelayed:
    """It will come later, and why."""

    shipment: str
    reason: str
    eta: datetime
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.shipment.rerouted.v1")
@dataclass(frozen=True, slots=True)
class ShipmentRerouted:
    """Another way to the same store."""

    shipment: str
    reason: str
    via: str
    eta: datetime
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.shipment.turned_back.v1")
@dataclass(frozen=True, slots=True)
class ShipmentTurnedBack:
    """On its way to where it came from; who keeps that store receives it."""

    shipment: str
    reason: str
    to_store: str
    to_division: str
    receiver: str
    eta: datetime
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.shipment.arrived.v1")
@dataclass(frozen=True, slots=True)
class ShipmentArrived:
    """The vehicle is there; nothing was counted yet."""

    shipment: str
    late: bool
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    met: tuple[str, ...] = ()


@event("resources.shipment.cancelled.v1")
@dataclass(frozen=True, slots=True)
class ShipmentCancelled:
    """Before it was loaded. The goods stay reserved for the allocation."""

    shipment: str
    reason: str
    incident: str | None
    by: str
    at: datetime


ShipmentEvent = (
    ShipmentOrdered
    | ShipmentAmended
    | LinePicked
    | ShipmentPicked
    | ShipmentLoaded
    | TransportPassIssued
    | ShipmentDeparted
    | PositionReported
    | ShipmentDelayed
    | ShipmentRerouted
    | ShipmentTurnedBack
    | ShipmentArrived
    | ShipmentCancelled
)
