"""A deadline of a stream of resources passed (domain 2.17): said once, so that somebody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("resources.clock.missed.v1")
@dataclass(frozen=True, slots=True)
class ClockMissed:
    """The deadline `key` of this stream passed. It stays open: what is late is still owed."""

    key: str
    rule: str
    since: datetime
    due_at: datetime
    at: datetime
