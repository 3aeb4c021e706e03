"""Help over winter and spring: counted and assessed by the county, approved, filed above (NDR art. 21)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("resources.winter.counted.v1")
@dataclass(frozen=True, slots=True)
class WinterNeedCounted:
    """How many need what."""

    division: str
    year: int
    persons: Mapping[str, int]  # by what they need
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.winter.assessed.v1")
@dataclass(frozen=True, slots=True)
class WinterNeedAssessed:
    """What was counted was looked into; `late`: after the end of October."""

    division: str
    year: int
    finding: str
    late: bool
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("resources.winter.approved.v1")
@dataclass(frozen=True, slots=True)
class WinterPlanApproved:
    """The government approved the plan."""

    division: str
    year: int
    amount: Decimal
    by: str
    at: datetime


@event("resources.winter.filed.v1")
@dataclass(frozen=True, slots=True)
class WinterPlanFiled:
    """Filed with the department above."""

    division: str
    year: int
    document: str
    by: str
    at: datetime
