"""What a requisition asks of whom, and how the owner is told. Parts of facts; no fact of their own (RQ-03, ARC-20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Mode(StrEnum):
    """How property comes to the rescue."""

    REQUISITION = "requisition"
    ORAL = "oral"  # taken first, papered later (RQ-03)
    LENT = "lent"  # by the owner's will (RQ-07)


class NoticeManner(StrEnum):
    """How the notice reaches the owner."""

    IN_APP = "in_app"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of whom, as the certificate says it (RQ-03)."""

    subject: str  # the owner
    item: str
    kind: str  # row of the rule `requisition.kinds`
    quantity: int
    model: str
    value: Decimal  # estimated
    basis: str  # row of the rule `requisition.basis`
    purpose: str
    use: str
    necessity: str  # and why nothing less would do
    until: datetime | None
    executor: str
    exempt: bool  # dwelling, living necessity, welfare institution: two persons approve (RQ-08)
    tariff: str
    property: str | None  # of the register
    line: tuple[str, ...]  # the division and all above it


@dataclass(frozen=True, slots=True)
class Remedy:
    """Where, and until when, a review may be asked for (ARC-20)."""

    organ: str
    days: int
    until: datetime
    article: str
    text: str
