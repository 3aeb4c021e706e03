"""Facts about adopted rule packs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("registry.rulepack.adopted.v1")
@dataclass(frozen=True, slots=True)
class RulePackAdopted:
    """From `starts` on the division, and all below that adopted none of its own, is judged by this pack."""

    division: str
    pack: str
    digest: str | None  # of the content that was adopted
    starts: datetime
    reason: str | None
    at: datetime


PackEvent = RulePackAdopted
