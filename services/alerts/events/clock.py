"""A deadline passed unmet (domain 2.17): said once, so that somebody is told.

Any fact starts deadlines by a field `clocks: tuple[Due, ...]` and ends them by `met` or `stopped: tuple[str, ...]`, which hold their keys.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from shared.kernel.events import event, family, registered


@event("alerts.clock.missed.v1")
@dataclass(frozen=True, slots=True)
class ClockMissed:
    """The deadline `key` of this stream passed. It stays open: what is late is still owed."""

    key: str
    rule: str
    since: datetime
    due_at: datetime
    at: datetime


def carry_clocks() -> tuple[str, ...]:
    """The families of the service's facts that start or end deadlines."""
    return tuple(family(name) for name, cls in registered("alerts") if {"clocks", "met", "stopped"} & {one.name for one in fields(cls)})
