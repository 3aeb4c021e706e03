"""Which money a fact of a gift moves: the one place that says so, for gifts, campaigns and read models alike. In cents."""

from __future__ import annotations

from decimal import Decimal

from services.resources.events import donation as d
from shared.blocks.ledger import Ledger, Leg, move

MONEY = "CNY"
UNALLOCATED, ALLOCATED = "unallocated", "allocated"  # kept inside; what was set aside has a key: for whom
DONOR, BUYER, USED = "donor", "buyer", "used"
INSIDE = frozenset({UNALLOCATED, ALLOCATED})
EMPTY = Ledger(INSIDE)
_CENT = Decimal("0.01")


def legs(event: object) -> tuple[Leg, ...]:
    """The double entry of a fact; nothing when it moves no money."""
    match event:
        case d.DonationReceived(money=money):
            return _moved(money, DONOR, UNALLOCATED)
        case d.DonationConverted(proceeds=proceeds):
            return _moved(proceeds, BUYER, UNALLOCATED)
        case d.DonationAllocated(amount=amount, to=to):
            return _moved(amount, UNALLOCATED, f"{ALLOCATED}:{to}")
        case d.DonationUsed(amount=amount, to=to):
            return _moved(amount, f"{ALLOCATED}:{to}", USED)
        case d.DonationReturned(money=money):
            return _moved(money, UNALLOCATED, DONOR)
        case _:
            return ()


def booked(legs: tuple[tuple[str, int], ...]) -> tuple[Leg, ...]:
    """Legs as a fact of the campaign stores them."""
    return tuple(Leg(account, MONEY, amount) for account, amount in legs)


def balance(ledger: Ledger, account: str) -> Decimal:
    """What an inside account holds, in yuan."""
    return ledger.balance(account, MONEY) * _CENT


def used(ledger: Ledger) -> Decimal:
    """What was spent."""
    return ledger.total(USED) * _CENT


def taken_in(ledger: Ledger) -> Decimal:
    """What came in and was not given back: it lies unallocated, is set aside, or was spent."""
    return balance(ledger, UNALLOCATED) + set_aside(ledger)


def set_aside(ledger: Ledger) -> Decimal:
    """What was ever allocated, spent or not."""
    return balance(ledger, ALLOCATED) + used(ledger)


def _moved(amount: Decimal, source: str, target: str) -> tuple[Leg, ...]:
    return move(MONEY, int(amount / _CENT), source, target) if amount else ()
