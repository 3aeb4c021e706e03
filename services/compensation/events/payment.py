"""Payments of claims. A payment is never changed: what was wrong is reversed by a fact of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("compensation.claim.paid.v1")
@dataclass(frozen=True, slots=True)
class ClaimPaid:
    """What was owed was paid, whole. The account is a reference; nobody but the vault knows it."""

    claim: str
    claimant: str
    incident: str | None
    amount: Decimal
    payer: str
    account: str | None  # or the way of payment of who has none
    reference: str | None  # of the transfer, or the receipt
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    second: str | None = None  # who agreed to another account than the claim names
    over: bool = False  # nothing is owed nor under review after it


@event("compensation.claim.payment_corrected.v1")
@dataclass(frozen=True, slots=True)
class PaymentCorrected:
    """So much of what was paid came back or never arrived; two persons say so."""

    claim: str
    claimant: str
    incident: str | None
    amount: Decimal
    reason: str
    by: str
    second: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    over: bool = False  # nothing is owed nor under review after it
    met: tuple[str, ...] = ()


Payments = ClaimPaid | PaymentCorrected
