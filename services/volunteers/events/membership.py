"""Who belongs to a force, as they say themselves (VSR art. 25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("volunteers.volunteer.membership_confirmed.v1")
@dataclass(frozen=True, slots=True)
class MembershipConfirmed:
    """They belong to this force, as they say themselves, or no longer: without that its leader takes no volunteer along (VSR art. 25)."""

    volunteer: str
    force: str
    confirmed: bool
    by: str
    at: datetime
