"""What a division pays for a kind of relief in a year (domain RL-10): local decisions, never code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.kernel.events import event


class Per(StrEnum):
    """What the amount is for."""

    HOUSEHOLD = "household"
    PERSON = "person"


@event("resources.relief_tariff.set.v1")
@dataclass(frozen=True, slots=True)
class ReliefTariffSet:
    """Of that year; set again, the last counts."""

    division: str
    kind: str
    year: int
    amount: Decimal
    per: Per
    source: str
    by: str
    at: datetime
