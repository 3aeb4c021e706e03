"""Notices: a threshold was crossed in a store, and somebody is told once (domain 2.5, SU-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class NoticeKind(StrEnum):
    """What somebody should look at."""

    LOW = "low"
    OVER = "over"
    EXPIRING = "expiring"  # within the farther of the two thresholds
    PRESSING = "pressing"  # within the nearer one, or past its date


@event("resources.notice.raised.v1")
@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """A threshold was crossed: said once, until it is cured. `amount` is what there is (or what expires), `bound` the threshold."""

    store: str
    item: str
    kind: NoticeKind
    amount: int
    bound: int  # units, or days before expiry
    lots: tuple[str, ...]
    division: str | None  # the owner of the store
    at: datetime


@event("resources.notice.cured.v1")
@dataclass(frozen=True, slots=True)
class NoticeCured:
    """It holds no more: crossed again, it is said again."""

    store: str
    item: str
    kind: NoticeKind
    at: datetime


@event("resources.guard.expiry_watched.v1")
@dataclass(frozen=True, slots=True)
class ExpiryWatched:
    """The day on which a lot of this store comes nearer to its date than a threshold says; the clock looks again then."""

    store: str
    item: str
    day: date | None
    at: datetime
    division: str | None = None
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()
