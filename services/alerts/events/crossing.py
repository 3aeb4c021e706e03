"""A threshold was crossed. The event carries the readings it rests on, since readings themselves are not in the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.alerts.events.scales import WarningColour
from shared.kernel.events import event


@dataclass(frozen=True, slots=True)
class ReadingUsed:
    """One reading behind a crossing."""

    observation: str
    at: datetime
    hours: Decimal
    value: Decimal


@event("alerts.threshold.crossed.v1")
@dataclass(frozen=True, slots=True)
class ThresholdCrossed:
    """What was measured in a window reached a limit. It proposes a colour; a person drafts the warning."""

    crossing: str
    station: str
    rule: str
    hazard: str
    colour: WarningColour
    number: int
    property: str
    hours: Decimal
    limit: Decimal
    value: Decimal
    since: datetime
    until: datetime
    readings: tuple[ReadingUsed, ...]
    division: str | None
    at: datetime
