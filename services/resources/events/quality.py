"""What a check of goods that lie apart came to (domain 3.8, EQL-75.2). Facts of the stream of their store and item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.resources.events.goods import Source
from shared.kernel.events import event


@event("resources.stock.quality_passed.v1")
@dataclass(frozen=True, slots=True)
class QualityPassed:
    """What lay apart may be promised."""

    store: str
    item: str
    lot: str
    qty: int
    cause: str
    by: str
    at: datetime


@event("resources.stock.quality_failed.v1")
@dataclass(frozen=True, slots=True)
class QualityFailed:
    """What lay apart was checked and is not fit; it stays there until it is written off or goes back (EQL-75.2)."""

    store: str
    item: str
    lot: str
    qty: int
    reason: str
    by: str
    at: datetime


@event("resources.stock.returned_to_supplier.v1")
@dataclass(frozen=True, slots=True)
class ReturnedToSupplier:
    """What failed went back to who delivered it; out of what lay apart."""

    store: str
    item: str
    lot: str
    qty: int
    source: Source
    cause: str
    by: str
    at: datetime
