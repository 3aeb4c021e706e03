"""Emergency shelters and how many are in them: counts by group, never names (domain 3.26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.alerts.events.evacuation import Group
from shared.kernel.events import event


@dataclass(frozen=True, slots=True)
class ShelterEntry:
    """What a shelter is: where, for how many, what it has."""

    zh: str
    division: str
    capacity: int
    en: str = ""
    address: str = ""
    ready: bool = False  # inspected and fit to be opened
    facilities: tuple[str, ...] = ()


@event("alerts.shelter.registered.v1")
@dataclass(frozen=True, slots=True)
class ShelterRegistered:
    """A shelter as it is known from now on; the whole entry."""

    shelter: str
    entry: ShelterEntry
    at: datetime


@event("alerts.shelter.opened.v1")
@dataclass(frozen=True, slots=True)
class ShelterOpened:
    """It takes people in."""

    shelter: str
    by: str
    at: datetime
    incident: str | None = None
    ready: bool = True  # False: opened without having been inspected


@event("alerts.shelter.headcount_recorded.v1")
@dataclass(frozen=True, slots=True)
class HeadcountRecorded:
    """How many are in it. More than it was made for is recorded and seen; nobody is turned away for it."""

    shelter: str
    people: int
    capacity: int
    over: int
    by: str
    at: datetime
    groups: Mapping[Group, int] = field(default_factory=dict)
    incident: str | None = None


@event("alerts.shelter.full.v1")
@dataclass(frozen=True, slots=True)
class ShelterFull:
    """Its places are taken: further ones must be found."""

    shelter: str
    people: int
    capacity: int
    at: datetime
    incident: str | None = None


@event("alerts.shelter.closed.v1")
@dataclass(frozen=True, slots=True)
class ShelterClosed:
    """Nobody is in it any more."""

    shelter: str
    reason: str
    by: str
    at: datetime
    incident: str | None = None


ShelterEvent = ShelterRegistered | ShelterOpened | HeadcountRecorded | ShelterFull | ShelterClosed
