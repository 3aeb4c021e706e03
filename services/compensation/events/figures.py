"""What claims are counted from. Parts of facts; no fact of their own. Money and quantities are decimals of two places, never floats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal("0.00")


class ClaimKind(StrEnum):
    """What is claimed for (domain 3.13)."""

    VOLUNTEER = "volunteer_call_up"
    FORCE = "force_call_up"
    LABOUR = "labour"
    REQUISITION = "requisition"
    AGREEMENT = "agreement_change"
    LIVESTOCK = "culled_livestock"
    MEASURE = "lawful_measure"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the claimant states; the days of service are not among them, since the ledger has those."""

    receipts: Decimal = ZERO
    km: Decimal = ZERO
    boat_hours: Decimal = ZERO
    days: Decimal = ZERO  # of use or labour
    damage: Decimal = ZERO
    loss: Decimal = ZERO


NOTHING_STATED = Figures()


@dataclass(frozen=True, slots=True)
class Said:
    """Figures, and the tariff they are counted by; None where none was named."""

    figures: Figures
    tariff: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `since` to `until`, both included; None is open on that side."""

    since: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the day is in it."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def overlaps(self, other: Period) -> bool:
        """Whether any day is in both."""
        before = self.until is not None and other.since is not None and self.until < other.since
        after = self.since is not None and other.until is not None and other.until < self.since
        return not before and not after

    def spanning(self, other: Period) -> Period:
        """From the first to the last day of both."""
        since = None if self.since is None or other.since is None else min(self.since, other.since)
        until = None if self.until is None or other.until is None else max(self.until, other.until)
        return Period(since, until)


@dataclass(frozen=True, slots=True)
class Day:
    """Minutes of service of one person on one day."""

    person: str
    day: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a computation: so much of it, at this rate."""

    code: str
    quantity: Decimal
    rate: Decimal
    amount: Decimal
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A proof by its kind. `document` is a reference into vault, blobs or a log; None when an officer saw the original."""

    kind: str
    document: str | None = None
