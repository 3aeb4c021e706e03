"""A call-off from the order to the payment (domain 3.11; SMP-9 for the time to pay)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.resources.events.agreement import DayShare
from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("resources.call_off.issued.v1")
@dataclass(frozen=True, slots=True)
class CallOffIssued:
    """The supplier is to make and bring so much; `plan` is the capacity it takes day by day. Price and time to pay are those of today."""

    call_off: str
    agreement: str
    incident: str | None
    supplier: str
    owner: str
    item: str
    qty: int
    to_store: str
    plan: tuple[DayShare, ...]
    price: Decimal
    pay_days: int
    due: datetime
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.call_off.accepted.v1")
@dataclass(frozen=True, slots=True)
class CallOffAccepted:
    """The supplier makes it."""

    call_off: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("resources.call_off.rejected.v1")
@dataclass(frozen=True, slots=True)
class CallOffRejected:
    """The supplier does not, and says why; what the agreement says of breach is for people to judge."""

    call_off: str
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("resources.call_off.delivered.v1")
@dataclass(frozen=True, slots=True)
class CallOffDelivered:
    """So much came, and lies apart until its quality was checked; from now on the time to pay runs (SMP-9)."""

    call_off: str
    lot: str
    qty: int
    expires: date | None
    store: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("resources.call_off.quality_accepted.v1")
@dataclass(frozen=True, slots=True)
class CallOffQualityAccepted:
    """What of a delivery is good and is paid for; what failed goes back, and is waited for again. What was lost before anybody checked it
    was lost in the owner's hands: two say so, and it is paid for as what passed (SU-07)."""

    call_off: str
    lot: str
    passed: int
    failed: int
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()
    lost: int = 0
    second: str | None = None


@event("resources.call_off.paid.v1")
@dataclass(frozen=True, slots=True)
class CallOffPaid:
    """Money for what was found good; `total` with all that was paid before."""

    call_off: str
    amount: Decimal
    total: Decimal
    reference: str | None
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("resources.call_off.defaulted.v1")
@dataclass(frozen=True, slots=True)
class CallOffDefaulted:
    """The supplier did not bring `missing` in time. What came is still paid for."""

    call_off: str
    missing: int
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("resources.call_off.cancelled.v1")
@dataclass(frozen=True, slots=True)
class CallOffCancelled:
    """The owner needs no more of it. What came is still paid for."""

    call_off: str
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


CallOffEvent = (
    CallOffIssued
    | CallOffAccepted
    | CallOffRejected
    | CallOffDelivered
    | CallOffQualityAccepted
    | CallOffPaid
    | CallOffDefaulted
    | CallOffCancelled
)
