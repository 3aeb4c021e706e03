"""What can be asked of the registers: hazard sources, recipients, stations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.alerts.events.registers import Recipient
from shared.kernel.commands import Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterHazardSource(Command):
    """Enter a hazard source, or its entry as it is from now on."""

    hazard_source: PublicId
    zh: str
    type: str
    manager: str
    division: str
    en: str = ""
    size: str = ""
    storage_m3: int | None = None
    inundation: str = ""
    areas: tuple[str, ...] = ()
    cautions: str = ""
    measures: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRecipients(Command):
    """Replace a list. Of an area it is named by the division code, of a hazard source by its id."""

    list: PublicId
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStation(Command):
    """Enter a station, or its entry as it is from now on. With an interval it is expected to be heard."""

    station: PublicId
    division: str
    properties: tuple[str, ...] = ()
    interval_minutes: int | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseStationSilence(Command):
    """Nothing was heard since `last_heard`, though something was expected by `expected_by`."""

    station: PublicId
    last_heard: datetime
    expected_by: datetime
