"""Photos of goods and of things taken for the rescue: kept as blobs, named by their digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("resources.photo.kept.v1")
@dataclass(frozen=True, slots=True)
class PhotoKept:
    """A picture was made anew without what a camera adds, and lies in the blobs under this digest."""

    photo: str
    size: int  # bytes
    division: str | None
    by: str
    at: datetime
