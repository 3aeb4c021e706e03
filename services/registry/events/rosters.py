"""Facts about duty rosters (PSER art. 14): who has the duty from when to when, and whether it was taken over. Posts, never persons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@dataclass(frozen=True, slots=True)
class DutyShift:
    """A post has the duty; its take-over is confirmed by `due_at`, None for what was over when the roster came."""

    shift: str  # its start, in UTC
    post: str
    starts: datetime
    ends: datetime
    due_at: datetime | None = None


@event("registry.roster.published.v1")
@dataclass(frozen=True, slots=True)
class RosterPublished:
    """The roster from its first shift on; what lay before that stands."""

    roster: str
    division: str
    organ: str | None
    shifts: tuple[DutyShift, ...]
    by: str
    at: datetime


@event("registry.handover.acknowledged.v1")
@dataclass(frozen=True, slots=True)
class HandOverAcknowledged:
    """The incoming post has taken over."""

    roster: str
    shift: str
    post: str
    at: datetime
    late: bool = False


@event("registry.handover.missed.v1")
@dataclass(frozen=True, slots=True)
class HandOverMissed:
    """Nobody took over in time. Who had the duty last goes on having it, and those above are told."""

    roster: str
    shift: str
    post: str
    due_at: datetime
    standing_in: str | None
    at: datetime


RosterEvent = RosterPublished | HandOverAcknowledged | HandOverMissed
