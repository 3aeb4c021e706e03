"""What who is called was told in a letter, and what became of it (VSR art. 25; domain 3.18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event
from shared.reach.ports import Delivery as Delivery


@event("privacy.personal_data.told.v1")
@dataclass(frozen=True, slots=True)
class CalledPersonTold:
    """A letter that asks them to a call-up, to the address they gave: queued, then what became of it. `detail` holds no address."""

    subject: str
    incident: str
    call_up: str
    channel: str  # mail
    state: Delivery
    by: str
    at: datetime
    detail: str | None = None
    letter: str | None = None  # which one: the event that queued it
