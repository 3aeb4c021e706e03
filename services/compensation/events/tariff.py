"""Rates of a division for what it pays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.kernel.events import event


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate by its name: `full`, `half`, `full_from_h`, `per_km`, `boat_hour`, `per_day`."""

    name: str
    value: Decimal


@event("compensation.tariff.set.v1")
@dataclass(frozen=True, slots=True)
class TariffSet:
    """From `since` on the division pays by these rates, until the day before the next that it sets."""

    tariff: str
    division: str
    since: date
    rates: tuple[Rate, ...]
    source: str  # the decision it rests on
    by: str
    at: datetime
