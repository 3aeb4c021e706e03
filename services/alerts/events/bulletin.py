"""What everybody is told of releases as it happens (ERL art. 7). The words stay where they can be taken back: in the list of releases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.alerts.events.release import ReleaseKind
from shared.kernel.events import event


@event("alerts.bulletin.posted.v1")
@dataclass(frozen=True, slots=True)
class BulletinPosted:
    """A version of a release can be read by everybody (ERL art. 7)."""

    release: str
    version: int
    kind: ReleaseKind
    division: str | None
    at: datetime


@event("alerts.bulletin.withdrawn.v1")
@dataclass(frozen=True, slots=True)
class BulletinWithdrawn:
    """What everybody could read was taken back (ERL art. 7)."""

    release: str
    at: datetime


BulletinEvent = BulletinPosted | BulletinWithdrawn
