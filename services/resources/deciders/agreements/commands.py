"""What can be asked of agreements and call-offs. What the law wants in them is optional here: the decider names the rule that misses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.resources.events.agreement import Ground
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Code, Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAgreement(Command):
    """Write down an agreement that both sides signed: what the supplier holds ready, how fast, at what price, until when (ERL-46.2)."""

    agreement: PublicId
    item: PublicId
    with_: PublicId | None = None
    owner: Code | None = None
    capacity_per_day: int | None = None
    lead_days: int | None = None
    price: Decimal | None = None
    pay_days: int | None = None
    valid_to: date | None = None
    standard: str | None = None
    stock_kept: int = 0
    confidentiality: str | None = None
    breach: str | None = None
    document: str | None = None  # digest of the signed paper


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCapacity(Command):
    """The supplier says what it could make a day and has in stock; again before the deadline named in the agreement."""

    agreement: PublicId
    per_day: int | None = None
    in_stock: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendAgreement(Command):
    """Change what is named; the rest stays. By consent on paper, for breach, or in the public interest, which opens a claim (SEED-25)."""

    agreement: PublicId
    ground: Ground | None = None
    reason: str | None = None
    document: str | None = None
    capacity_per_day: int | None = None
    lead_days: int | None = None
    price: Decimal | None = None
    pay_days: int | None = None
    valid_to: date | None = None
    standard: str | None = None
    stock_kept: int | None = None
    confidentiality: str | None = None
    breach: str | None = None
    loss: Decimal | None = None  # of the supplier
    claim: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateAgreement(Command):
    """End it before its last day, on the same grounds."""

    agreement: PublicId
    ground: Ground | None = None
    reason: str | None = None
    document: str | None = None
    loss: Decimal | None = None
    claim: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateAgreementClock(EscalateClock):
    """Its last day is over, or the supplier did not report."""

    agreement: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOff(Command):
    """Order so much of an agreement, made within so many days. Days are shared with every other call-off of it."""

    call_off: PublicId
    agreement: PublicId
    qty: int | None = None
    days: int | None = None
    to_store: PublicId | None = None
    unit: str | None = None
    incident: PublicId | None = None
    near: bool = False  # whether the owner of the store lies above or below who asks; from the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptCallOff(Command):
    """The supplier takes it on."""

    call_off: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCallOff(Command):
    """The supplier does not take it on, and says why."""

    call_off: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverCallOff(Command):
    """Goods came, in one lot; a part of it or all. They lie apart until their quality was checked."""

    call_off: PublicId
    lot: PublicId
    qty: int | None = None
    store: PublicId | None = None  # unless where they were ordered to
    expires: date | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptQuality(Command):
    """Say what of a delivery is good; what failed goes back to the supplier. What was `lost` unchecked is paid for: two sign."""

    call_off: PublicId
    lot: PublicId
    passed: int = 0
    failed: int = 0
    lost: int = 0
    reason: str | None = None  # what was wrong with what failed, or how it was lost


@dataclass(frozen=True, slots=True, kw_only=True)
class PayCallOff(Command):
    """Pay what was found good, or a part of it; never more."""

    call_off: PublicId
    amount: Decimal | None = None
    reference: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultCallOff(Command):
    """The supplier did not bring all of it in time: nothing more is waited for."""

    call_off: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCallOff(Command):
    """The owner needs no more of it."""

    call_off: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateCallOffClock(EscalateClock):
    """Nobody answered, delivered or paid in time (K-37)."""

    call_off: PublicId


Contracting = SignAgreement | ReportCapacity | AmendAgreement | TerminateAgreement | EscalateAgreementClock
Calling = CallOff | AcceptCallOff | RejectCallOff | DeliverCallOff | AcceptQuality | PayCallOff | DefaultCallOff | CancelCallOff
