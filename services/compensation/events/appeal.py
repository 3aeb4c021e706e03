"""Reviews of decisions on claims (ARC-20, 30, 62; K-28)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class AppealOutcome(StrEnum):
    """What the reviewing organ said."""

    ADMITTED = "admitted"
    EXTENDED = "extended"
    NOT_ADMITTED = "not_admitted"
    WITHDRAWN = "withdrawn"
    UPHELD = "upheld"
    CHANGED = "changed"
    ANNULLED = "annulled"


@event("compensation.claim.appeal_filed.v1")
@dataclass(frozen=True, slots=True)
class AppealFiled:
    """Who claimed asks for a review. Late ones are kept and marked: whether they are admitted is the reviewing organ's to say."""

    claim: str
    organ: str
    reason: str
    late: bool
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()


@event("compensation.claim.appeal_result_recorded.v1")
@dataclass(frozen=True, slots=True)
class AppealResultRecorded:
    """What became of the review. `amount` is what is decided from now on; None after a decision that was annulled."""

    claim: str
    outcome: AppealOutcome
    amount: Decimal | None
    document: str
    final: bool
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()
    over: bool = False  # nothing is owed nor under review after it


Appeals = AppealFiled | AppealResultRecorded
