"""What happens to goods in a store, lot by lot. Which accounts each fact moves stands in `deciders/stock/entries.py` (domain 3.8).
Quantities are whole numbers of the item's unit. Each fact lies on the stream of its store and item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.resources.events.goods import Bucket as Bucket
from services.resources.events.goods import From as From
from services.resources.events.goods import Source as Source
from services.resources.events.goods import Use as Use
from services.resources.events.quality import QualityFailed as QualityFailed
from services.resources.events.quality import QualityPassed as QualityPassed
from services.resources.events.quality import ReturnedToSupplier as ReturnedToSupplier
from shared.kernel.events import event


@event("resources.stock.received.v1")
@dataclass(frozen=True, slots=True)
class StockReceived:
    """`qty` came in good order, `damaged` with it, which lies apart; `pending`: all of it lies apart until its quality was checked."""

    store: str
    item: str
    lot: str
    qty: int
    source: Source
    cause: str  # shipment, call-off, donation, or the document it came with
    position: str | None
    by: str
    at: datetime
    division: str | None = None  # the owner of the store
    expires: date | None = None
    owner: str | None = None  # of the goods
    intent: str | None = None
    damaged: int = 0
    pending: bool = False
    entered: bool = False  # by hand, so that it can be taken back by hand; else it belongs to a shipment, a call-off, a donation


@event("resources.stock.reserved.v1")
@dataclass(frozen=True, slots=True)
class StockReserved:
    """Promised to an allocation, and to nobody else."""

    store: str
    item: str
    lot: str
    qty: int
    allocation: str
    by: str
    at: datetime
    reason: str = ""  # why another lot than the first to expire


@event("resources.stock.reservation_released.v1")
@dataclass(frozen=True, slots=True)
class ReservationReleased:
    """Promised no longer."""

    store: str
    item: str
    lot: str
    qty: int
    allocation: str
    reason: str
    by: str
    at: datetime


@event("resources.stock.issued.v1")
@dataclass(frozen=True, slots=True)
class StockIssued:
    """Left the store: out of a reservation when `allocation` is named, else out of what was available."""

    store: str
    item: str
    lot: str
    qty: int
    to: Use
    cause: str  # shipment, incident, borrower
    allocation: str | None
    by: str
    at: datetime
    reason: str = ""


@event("resources.stock.distributed.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class StockDistributed:
    """Handed out to people: the other side of a distribution."""

    store: str
    item: str
    lot: str
    qty: int
    distribution: str
    by: str
    at: datetime


@event("resources.stock.returned.v1")
@dataclass(frozen=True, slots=True)
class StockReturned:
    """Came back: `good` may be promised again, `damaged` lies apart, `lost` did not come back and never will."""

    store: str
    item: str
    lot: str
    good: int
    damaged: int
    lost: int
    source: From
    cause: str
    position: str | None
    by: str
    at: datetime
    division: str | None = None
    expires: date | None = None
    owner: str | None = None
    intent: str | None = None
    entered: bool = False  # by hand, as of `StockReceived`
    second: str | None = None  # who signed beside the first, where two did


@event("resources.stock.lost.v1")
@dataclass(frozen=True, slots=True)
class StockLost:
    """Gone, out of a bucket of the store or on the way (`transit`); a cause and two persons (SU-07)."""

    store: str
    item: str
    lot: str
    qty: int
    bucket: str  # available, quarantined or transit
    cause: str
    reason: str
    by: str
    second: str
    at: datetime


@event("resources.stock.written_off.v1")
@dataclass(frozen=True, slots=True)
class StockWrittenOff:
    """Of no use any more: `quarantined` out of what lay apart, the rest out of what was available. Two persons (SU-07)."""

    store: str
    item: str
    lot: str
    qty: int
    quarantined: int
    reason: str
    by: str
    second: str
    at: datetime


@event("resources.stock.transferred.v1")
@dataclass(frozen=True, slots=True)
class StockTransferred:
    """Moved to another store of the same owner in one act; the other side is `StockTakenOver` there."""

    store: str
    item: str
    lot: str
    qty: int
    to_store: str
    receiver: str
    by: str
    at: datetime


@event("resources.stock.taken_over.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class StockTakenOver:
    """Came from another store of the same owner."""

    store: str
    item: str
    lot: str
    qty: int
    from_store: str
    position: str | None
    by: str
    at: datetime
    division: str | None = None
    expires: date | None = None
    owner: str | None = None
    intent: str | None = None


@event("resources.stock.quarantined.v1")
@dataclass(frozen=True, slots=True)
class StockQuarantined:
    """Lies apart from now on: what was available of the lot (failed check, recall, expiry)."""

    store: str
    item: str
    lot: str
    qty: int
    reason: str
    by: str
    at: datetime


@event("resources.stock.moved.v1")
@dataclass(frozen=True, slots=True)
class StockMoved:
    """Put away: from one position of the store to another; no account changes."""

    store: str
    item: str
    lot: str
    qty: int
    source: str | None
    target: str
    by: str
    at: datetime


@event("resources.stock.rededicated.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class StockRededicated:
    """What lies here of the lot is for another place from now on: the other side of a gift's change of purpose (CHL-56)."""

    store: str
    item: str
    lot: str
    intent: str | None
    by: str
    at: datetime


@event("resources.stock.adjusted.v1")
@dataclass(frozen=True, slots=True)
class StockAdjusted:
    """The books follow the shelf: `difference` more (or fewer, when negative) were counted; approved by a second person."""

    store: str
    item: str
    lot: str
    difference: int
    cause: str  # the stocktake
    reason: str
    position: str | None
    by: str
    second: str
    at: datetime
    expires: date | None = None  # of the lot, when nothing of it was left in the books
    owner: str | None = None
    intent: str | None = None
    apart: int = 0  # of what is missing, so much out of what lay apart


@event("resources.stock.reversed.v1")
@dataclass(frozen=True, slots=True)
class StockReversed:
    """An earlier fact of this stream is taken back by its exact opposite; what happened stays written."""

    store: str
    item: str
    lot: str
    version: int  # of the stream: the fact that is taken back
    type: str  # its name
    legs: tuple[tuple[str, int], ...]  # account, amount: what is posted now
    reason: str
    by: str
    second: str | None
    at: datetime
    position: str | None = None  # where it lay or lies again
    expires: date | None = None  # of the lot, when nothing of it was left in the books
    owner: str | None = None
    intent: str | None = None
