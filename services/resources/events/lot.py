"""What happens to a lot wherever it lies: it came to one more store, expired, was recalled (domain 3.8; SU-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from shared.kernel.events import event


@event("resources.guard.lot_held.v1")
@dataclass(frozen=True, slots=True)
class LotHeld:
    """On the lot: it came to this store for the first time. So that a recall reaches every store."""

    lot: str
    store: str
    at: datetime


@event("resources.guard.lot_rededicated.v1")
@dataclass(frozen=True, slots=True)
class LotRededicated:
    """On the lot: its donor wishes it for another place from now on."""

    lot: str
    intent: str | None
    at: datetime


@event("resources.lot.expired.v1")
@dataclass(frozen=True, slots=True)
class LotExpired:
    """Its last good day is over: what was available anywhere lies apart now."""

    lot: str
    item: str
    expires: date
    at: datetime
    met: tuple[str, ...] = ()


@event("resources.lot.recalled.v1")
@dataclass(frozen=True, slots=True)
class LotRecalled:
    """It must not be used: nothing of it is promised any more, and what still comes of it lies apart."""

    lot: str
    item: str
    reason: str
    stores: tuple[str, ...]
    by: str
    at: datetime
