"""Registers the warnings rest on: who must acknowledge, hazard sources, stations (ERL art. 33, 58, 65)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.alerts.events.reach import Channel
from shared.kernel.events import event


@dataclass(frozen=True, slots=True)
class Recipient:
    """A post that is asked to acknowledge, and how it is reached."""

    actor: str
    channel: Channel = Channel.IN_APP


@event("alerts.recipients.set.v1")
@dataclass(frozen=True, slots=True)
class RecipientsSet:
    """Who is asked from now on: of an area (named by its division code) or below a hazard source (named by its id)."""

    list: str
    recipients: tuple[Recipient, ...]
    division: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class HazardSource:
    """What a hazard source is, who manages it, and what is said when it fails."""

    zh: str
    type: str
    manager: str
    division: str
    en: str = ""
    size: str = ""
    storage_m3: int | None = None
    inundation: str = ""  # a reference to the area predicted to be flooded
    areas: tuple[str, ...] = ()  # divisions in that area
    cautions: str = ""
    measures: str = ""


@event("alerts.hazard_source.registered.v1")
@dataclass(frozen=True, slots=True)
class HazardSourceRegistered:
    """A hazard source as it is known from now on; the whole entry."""

    hazard_source: str
    entry: HazardSource
    at: datetime


@dataclass(frozen=True, slots=True)
class Station:
    """A measuring station. With an interval it is expected to be heard; silence is then an alarm."""

    division: str
    properties: tuple[str, ...] = ()
    interval_minutes: int | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None


@event("alerts.station.registered.v1")
@dataclass(frozen=True, slots=True)
class StationRegistered:
    """A station as it is known from now on; the whole entry."""

    station: str
    entry: Station
    at: datetime


@event("alerts.station.silent.v1")
@dataclass(frozen=True, slots=True)
class StationSilent:
    """Nothing was heard of a station for too long; once per silence."""

    station: str
    last_heard: datetime
    expected_by: datetime
    division: str | None
    at: datetime


StationEvent = StationRegistered | StationSilent
