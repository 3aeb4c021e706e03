"""How a shipment ends: counted by its receiver, accounted for to the piece, or lost (domain 3.10, SU-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.events import event


class Result(StrEnum):
    """What a receipt comes to."""

    FULL = "full"
    SHORT = "short"  # something did not come; something may be damaged as well
    DAMAGED = "damaged"


@event("resources.shipment.received.v1")
@dataclass(frozen=True, slots=True)
class ShipmentReceived:
    """Counted by the named receiver: for each lot received + short + damaged is what was loaded. `over`: nothing is left to clear up."""

    shipment: str
    result: Result
    received: Mapping[str, int]
    short: Mapping[str, int]
    damaged: Mapping[str, int]
    photos: tuple[str, ...]  # digests of blobs
    note: str
    over: bool
    incident: str | None
    receiver: str
    at: datetime
    met: tuple[str, ...] = ()


@event("resources.shipment.discrepancy_found.v1")
@dataclass(frozen=True, slots=True)
class DiscrepancyFound:
    """What did not come, and what came damaged. What is short stays in transit until it is cleared up."""

    shipment: str
    short: Mapping[str, int]
    damaged: Mapping[str, int]
    incident: str | None
    at: datetime


@event("resources.shipment.reconciled.v1")
@dataclass(frozen=True, slots=True)
class ShipmentReconciled:
    """What was short is accounted for, to the piece (SU-07)."""

    shipment: str
    not_loaded: Mapping[str, int]  # still at the source
    lost: Mapping[str, int]
    found: Mapping[str, int]  # turned up at the receiver
    counted_by: str
    reason: str
    incident: str | None
    by: str
    at: datetime


@event("resources.shipment.lost.v1")
@dataclass(frozen=True, slots=True)
class ShipmentLost:
    """All of it, on the way; said by two (SU-07)."""

    shipment: str
    reason: str
    incident: str | None
    by: str
    second: str
    at: datetime
    met: tuple[str, ...] = ()


ReceiptEvent = ShipmentReceived | DiscrepancyFound | ShipmentReconciled | ShipmentLost
