"""An agreement and a call-off as their facts make them, and which command fits which status (domain 3.11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

from services.resources.deciders.agreements import commands as c
from services.resources.events import agreement as a
from services.resources.events import call_off as o
from services.resources.events.clock import ClockMissed
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.commands import Signature
from shared.kernel.decider import About
from shared.kernel.errors import Failure, NotAllowed

NEW, ACTIVE, EXPIRED, TERMINATED = "new", "active", "expired", "terminated"
AGREEMENT_FLOW = Flow(
    "agreement.state",
    {
        (NEW, c.SignAgreement): ACTIVE,
        (ACTIVE, c.ReportCapacity): ACTIVE,
        (ACTIVE, c.AmendAgreement): ACTIVE,
        (ACTIVE, c.TerminateAgreement): TERMINATED,
        (ACTIVE, c.CallOff): ACTIVE,
    },
)
REQUESTED, ACCEPTED, DELIVERED, PAID = "requested", "accepted", "delivered", "paid"
REJECTED, DEFAULTED, CANCELLED = "rejected", "defaulted", "cancelled"
CALL_OFF_FLOW = Flow(
    "call_off.state",
    {
        (NEW, c.CallOff): REQUESTED,
        (REQUESTED, c.AcceptCallOff): ACCEPTED,
        (REQUESTED, c.RejectCallOff): REJECTED,
        **{(status, c.DeliverCallOff): DELIVERED for status in (ACCEPTED, DELIVERED, PAID)},
        **{(status, c.AcceptQuality): status for status in (DELIVERED, PAID, DEFAULTED, CANCELLED)},
        **{(status, c.PayCallOff): PAID for status in (DELIVERED, PAID, DEFAULTED, CANCELLED)},
        **{(status, c.DefaultCallOff): DEFAULTED for status in (ACCEPTED, DELIVERED, PAID)},
        **{(status, c.CancelCallOff): CANCELLED for status in (REQUESTED, ACCEPTED, DELIVERED, PAID)},
    },
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """`taken` is who has which days."""

    status: str = NEW
    item: str = ""
    supplier: str = ""
    owner: str | None = None
    terms: a.Terms | None = None
    changes: int = 0
    taken: Mapping[str, tuple[a.DayShare, ...]] = field(default_factory=dict)
    clocks: Clocks = STILL

    def free(self, day: date) -> int:
        """What of a day no call-off has; nothing after the last day."""
        if self.terms is None or day > self.terms.valid_to:
            return 0
        used = sum(share.qty for shares in self.taken.values() for share in shares if share.day == day)
        return max(self.terms.capacity_per_day - used, 0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One lot: what of it passed or was lost with us, what failed, where it lies, and who brought it."""

    qty: int
    store: str
    by: str
    passed: int = 0
    failed: int = 0
    reason: str = ""  # what was wrong with what failed, as far as anybody said it

    @property
    def pending(self) -> int:
        """Not checked yet."""
        return self.qty - self.passed - self.failed


@dataclass(frozen=True, slots=True)
class Called:
    """A call-off; deliveries by lot, in the order in which they came."""

    status: str = NEW
    call_off: str = ""
    agreement: str = ""
    incident: str | None = None
    supplier: str = ""
    owner: str | None = None
    item: str = ""
    qty: int = 0
    to_store: str = ""
    price: Decimal = Decimal(0)
    pay_days: int = 0
    due: datetime | None = None
    issued_by: str = ""
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    paid: Decimal = Decimal("0.00")
    references: tuple[str | None, ...] = ()  # of each payment
    clocks: Clocks = STILL

    @property
    def missing(self) -> int:
        """What is still to come: what failed is to be brought again."""
        return self.qty - sum(one.qty - one.failed for one in self.deliveries.values())

    @property
    def passed(self) -> int:
        return sum(one.passed for one in self.deliveries.values())

    @property
    def owed(self) -> Decimal:
        """For what was found good, less what was paid."""
        return self.passed * self.price - self.paid


def evolve_agreement(agreement: Agreement, event: a.AgreementEvent | ClockMissed) -> Agreement:
    """The agreement after the event."""
    clocks = agreement.clocks.end(event.at, *getattr(event, "met", ()), *getattr(event, "stopped", ())).start(*getattr(event, "clocks", ()))
    agreement = replace(agreement, clocks=clocks)
    match event:
        case a.AgreementSigned():
            return replace(agreement, status=ACTIVE, item=event.item, supplier=event.supplier, owner=event.owner, terms=event.terms)
        case a.AgreementAmended():
            return replace(agreement, terms=event.terms, changes=event.change)
        case a.AgreementTerminated():
            return replace(agreement, status=TERMINATED, changes=event.change)
        case a.AgreementExpired():
            return replace(agreement, status=EXPIRED)
        case a.CapacityTaken():
            return replace(agreement, taken={**agreement.taken, event.call_off: event.days})
        case a.CapacityFreed():
            return replace(agreement, taken={one: days for one, days in agreement.taken.items() if one != event.call_off})
        case a.CapacityReported():
            return agreement
        case ClockMissed(key=key):
            return replace(agreement, clocks=agreement.clocks.miss(key))
        case _:
            assert_never(event)


def evolve_call_off(called: Called, event: o.CallOffEvent | ClockMissed) -> Called:
    """The call-off after the event."""
    clocks = called.clocks.end(event.at, *getattr(event, "met", ()), *getattr(event, "stopped", ())).start(*getattr(event, "clocks", ()))
    called = replace(called, clocks=clocks)
    match event:
        case o.CallOffIssued():
            names = ("call_off", "agreement", "incident", "supplier", "owner", "item", "qty", "to_store", "price", "pay_days", "due")
            return replace(called, status=REQUESTED, issued_by=event.by, **{name: getattr(event, name) for name in names})
        case o.CallOffAccepted():
            return replace(called, status=ACCEPTED)
        case o.CallOffRejected():
            return replace(called, status=REJECTED)
        case o.CallOffDelivered():
            came = Delivery(event.qty, event.store, event.by)
            return replace(called, status=DELIVERED, deliveries={**called.deliveries, event.lot: came})
        case o.CallOffQualityAccepted():
            before = called.deliveries[event.lot]
            reason = "; ".join(one for one in (before.reason, event.reason) if one)
            checked = replace(before, passed=before.passed + event.passed + event.lost, failed=before.failed + event.failed, reason=reason)
            return replace(called, deliveries={**called.deliveries, event.lot: checked})
        case o.CallOffPaid():
            ended = called.status in (DEFAULTED, CANCELLED)
            references = (*called.references, event.reference)
            return replace(called, status=called.status if ended else PAID, paid=event.total, references=references)
        case o.CallOffDefaulted():
            return replace(called, status=DEFAULTED)
        case o.CallOffCancelled():
            return replace(called, status=CANCELLED)
        case ClockMissed(key=key):
            return replace(called, clocks=called.clocks.miss(key))
        case _:
            assert_never(event)


def about_agreement(agreement: Agreement) -> About:
    """Internal to the organs of its owner; the supplier is told its own."""
    return About(agreement.owner)


def about_call_off(called: Called) -> About:
    """As its agreement."""
    return About(called.owner, "internal", called.incident)


def require_supplier(by: Signature, supplier: str) -> None:
    """NotAllowed unless it is the contracted supplier."""
    if supplier not in (by.actor, by.organ):
        raise NotAllowed(Failure("call_off.supplier", f"{supplier} is who was contracted, and answers for it itself"))
