"""What was published of goods and money (NDR art. 26; CHL art. 42, 72; ERL art. 52), counted from the ledgers. It names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.kernel.events import event


class Matter(StrEnum):
    """What a disclosure is about."""

    RELIEF = "relief"
    DONATIONS = "donations"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one household got: the least that the village may know."""

    village: str
    kind: str
    amount: Decimal


@event("resources.disclosure.published.v1")
@dataclass(frozen=True, slots=True)
class DisclosurePublished:
    """Public without login. What is about a household is shown until `until`; None: for good."""

    disclosure: str
    matter: Matter
    incident: str | None
    source: str  # the fund or campaign the money and goods come from
    money: Mapping[str, Decimal]  # in, allocated, used, paid
    goods: Mapping[str, int]  # item -> accepted
    grants: tuple[Grant, ...]
    final: bool
    late: bool
    until: datetime | None
    division: str | None
    by: str
    at: datetime
