"""What a station measured, and what cannot have been measured."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from shared.kernel.errors import Failure

AHEAD = timedelta(minutes=10)  # how far a station's clock may run before ours
LONGEST_HOURS = 240  # the longest span one reading may stand for


@dataclass(frozen=True, slots=True)
class Reading:
    """A value over the `hours` before `at`; of an instant when `hours` is 0."""

    station: str
    property: str
    at: datetime
    hours: Decimal
    value: Decimal
    observation: str = ""
    division: str | None = None

    def begins(self) -> datetime:
        """When the span it stands for began."""
        return self.at - timedelta(hours=float(self.hours))


# What is physically possible, generously: beyond it is a broken sensor or a wrong unit, not weather.
PLAUSIBLE: dict[str, tuple[Decimal, Decimal]] = {
    "rain": (Decimal(0), Decimal(2_000)),  # mm
    "snow": (Decimal(0), Decimal(2_000)),  # mm of water
    "temperature_min": (Decimal(-95), Decimal(65)),  # Cel
    "temperature_drop": (Decimal(0), Decimal(80)),  # Cel
    "wind_mean": (Decimal(0), Decimal(18)),  # Bft, extended scale
    "wind_gust": (Decimal(0), Decimal(18)),
    "visibility": (Decimal(0), Decimal(200_000)),  # m
}
ADDED_UP = frozenset({"rain", "snow"})  # the amount of a window is the sum of its readings; of all others an extreme counts


def check(readings: Sequence[Reading], now: datetime, known: Collection[str] = PLAUSIBLE) -> list[Failure]:
    """Every reason not to take these readings, each naming the reading and its field."""
    return [failure for n, reading in enumerate(readings) for failure in _check(f"readings[{n}].", reading, now, known)]


def _check(where: str, reading: Reading, now: datetime, known: Collection[str]) -> list[Failure]:
    failures = []
    if reading.property not in known:
        failures.append(Failure("observation.property", f"known properties: {', '.join(sorted(known))}", f"{where}property"))
    if reading.at.tzinfo is None:
        failures.append(Failure("time.offset", "at needs an offset, as in +08:00", f"{where}at"))
    elif reading.at > now + AHEAD:
        failures.append(Failure("observation.future", f"measured after now ({now.isoformat()}): check the station's clock", f"{where}at"))
    shortest = Decimal(0) if reading.property not in ADDED_UP else Decimal("0.01")
    if not reading.hours.is_finite() or not shortest <= reading.hours <= LONGEST_HOURS:
        failures.append(Failure("observation.hours", f"hours is {shortest} to {LONGEST_HOURS}", f"{where}hours"))
    if not reading.value.is_finite():
        failures.append(Failure("observation.value", "value is not a number", f"{where}value"))
    elif reading.property in PLAUSIBLE:
        low, high = PLAUSIBLE[reading.property]
        if not low <= reading.value <= high:
            failures.append(Failure("observation.value", f"{reading.property} is {low} to {high}", f"{where}value"))
    return failures
