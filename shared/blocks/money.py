"""Money, and references to what is kept elsewhere: decimals of two places, never below nothing, never beyond what a case can be."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from shared.kernel.errors import Failure

CENT = Decimal("0.01")
MOST = Decimal(10) ** 10
_REFERENCE = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.[A-Za-z0-9-]{1,64}\.[a-z_.]{1,40})?"  # of the vault
    r"|[0-9a-f]{64}"  # a blob
    r"|\d{6}(\.to)?(\.[a-z0-9]+)*:\d{1,15}"  # an event
)


def cents(amount: Decimal) -> Decimal:
    """Rounded to two places, half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def unfit(amount: Decimal | None, field: str) -> list[Failure]:
    """A fault unless it is nothing, or a number from 0 with at most two places."""
    if amount is None:
        return []
    if not amount.is_finite() or amount.is_signed() or amount > MOST or amount != cents(amount):
        return [Failure("amount.form", f"{field} is a number from 0 to {MOST:f} with at most two decimal places", field)]
    return []


def unreferenced(reference: str | None, field: str) -> list[Failure]:
    """A fault unless it is nothing or a reference into vault, blobs or a log: what it names never stands in a fact itself."""
    if reference is None or _REFERENCE.fullmatch(reference):
        return []
    kinds = "a digest (64 signs of 0-9 and a-f), the reference the vault answered, or the id of an event (150722.resources:17)"
    return [Failure("PIPL-5", f"{field} names what is kept elsewhere: {kinds}", field)]
