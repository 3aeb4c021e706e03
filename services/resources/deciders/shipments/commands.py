"""What can be asked of a shipment. Where a legal or bookkeeping fault would be to leave something out, the decider names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from services.resources.events.receipt import Result
from services.resources.events.shipment import Rest
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, PublicId

Lots = Mapping[PublicId, int]
"""How much of which lot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDispatch(Command):
    """Send what an allocation holds to the named receiver (SU-08). Store, receiver and contacts follow from it where they are left out."""

    shipment: PublicId
    allocation: PublicId
    to_store: PublicId | None = None
    receiver: PublicId | None = None
    vehicle: PublicId | None = None
    driver: PublicId | None = None
    priority: str | None = None
    contact_from: PublicId | None = None
    contact_to: PublicId | None = None
    near: bool = False  # whether the owner of the store lies above or below who asks; from the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendDispatch(Command):
    """Another receiver, vehicle or driver, until it is counted; what is left out stays. Once it arrived its vehicle stays free."""

    shipment: PublicId
    receiver: PublicId | None = None
    vehicle: PublicId | None = None
    driver: PublicId | None = None
    contact_to: PublicId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelDispatch(Command):
    """Do not send it after all, before it is loaded. The goods stay reserved for the allocation."""

    shipment: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine(Command):
    """One scan at the shelf: so much of this lot was taken. Sent again under its key it counts once."""

    shipment: PublicId
    lot: PublicId
    qty: int = 1
    position: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPick(Command):
    """Everything is picked: the lots named, else what was scanned, else what was ordered. Less carries a reason."""

    shipment: PublicId
    lots: Lots | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmLoad(Command):
    """On the vehicle: the lots named, else what was picked. Less than was ordered carries a reason, and the rest is released or kept."""

    shipment: PublicId
    lots: Lots | None = None
    rest: Rest = Rest.RELEASE
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTransportPass(Command):
    """First on the road and toll-free, approved by the region (HWY-7); without a number of the approving office it gets its own."""

    shipment: PublicId
    route: str | None = None
    approval: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Depart(Command):
    """It leaves; `eta` is when it should be there, by rule where nobody says."""

    shipment: PublicId
    eta: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPosition(Command):
    """Where the vehicle is. Reports that follow closely on one another are accepted and not kept."""

    shipment: PublicId
    lat: Decimal
    lon: Decimal
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDelay(Command):
    """It will be there later."""

    shipment: PublicId
    reason: str | None = None
    eta: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reroute(Command):
    """Another way to the same store."""

    shipment: PublicId
    reason: str | None = None
    via: str | None = None
    eta: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnBack(Command):
    """Bring it back to the store it came from; its keeper receives it there."""

    shipment: PublicId
    reason: str | None = None
    eta: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrive(Command):
    """The vehicle is there, and free; the goods are not counted yet."""

    shipment: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReceipt(Command):
    """What the named receiver counted. For each lot received + short + damaged is what was loaded; a lot not named came whole."""

    shipment: PublicId
    result: Result | None = None
    received: Lots = field(default_factory=dict)
    short: Lots = field(default_factory=dict)
    damaged: Lots = field(default_factory=dict)
    position: str | None = None
    photos: tuple[str, ...] = ()  # digests of blobs
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveDiscrepancy(Command):
    """Account for what was short, to the piece: it was never loaded, is lost, or turned up. Who signs is another than who received; what
    was never loaded is signed by who counted it at the source, too."""

    shipment: PublicId
    not_loaded: Lots = field(default_factory=dict)
    lost: Lots = field(default_factory=dict)
    found: Lots = field(default_factory=dict)
    counted_by: PublicId | None = None  # the post that counted at the source; of what was never loaded the second who signs
    approver: PublicId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseShipment(Command):
    """All of it is lost on the way; two persons say so."""

    shipment: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateShipmentClock(EscalateClock):
    """It did not arrive, or was not counted, in time."""

    shipment: PublicId


Leaving = OrderDispatch | AmendDispatch | CancelDispatch
Packing = PickLine | ConfirmPick | ConfirmLoad
UnderWay = IssueTransportPass | Depart | ReportPosition | ReportDelay | Reroute | TurnBack | Arrive
Ending = ConfirmReceipt | ResolveDiscrepancy | LoseShipment
