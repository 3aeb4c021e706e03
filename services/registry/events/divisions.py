"""Facts about the division tree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.geo.units import Unit
from shared.kernel.events import event


class Change(StrEnum):
    """What happens to a division."""

    RENAME = "rename"
    MERGE = "merge"  # another one takes it over, with all that lies under it
    ABOLISH = "abolish"


@event("registry.divisions.loaded.v1")
@dataclass(frozen=True, slots=True)
class DivisionsLoaded:
    """Units that were not known before, at most 500 in one event."""

    root: str
    units: tuple[Unit, ...]
    source: str | None
    at: datetime


@event("registry.division.changed.v1")
@dataclass(frozen=True, slots=True)
class DivisionChanged:
    """From `starts` on the division has another name, an heir, or is no more."""

    root: str
    division: str
    change: Change
    starts: date
    basis: str
    at: datetime
    zh: str | None = None
    en: str | None = None
    into: str | None = None


DivisionEvent = DivisionsLoaded | DivisionChanged
