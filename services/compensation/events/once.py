"""Nothing is paid twice: which claim has an item, or the days of work of one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.compensation.events.figures import Period
from shared.kernel.events import event


@event("compensation.once.taken.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class OnceTaken:
    """The claim has this for these days; without days it has let go of it. Said again, its days are others."""

    what: str  # `requisition.RE-1`, `work.V-A`
    claim: str
    claimant: str
    covers: tuple[Period, ...]
    division: str | None
    at: datetime
