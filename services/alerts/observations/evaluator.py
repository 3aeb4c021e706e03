"""Readings against thresholds, in windows of event time. Pure: the same readings give the same result in any order of arrival."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.alerts.events.scales import WarningColour
from services.alerts.observations.readings import ADDED_UP, Reading


@dataclass(frozen=True, slots=True)
class Limit:
    """A value compared: `>=`, `>`, `<=` or `<` the limit."""

    property: str
    op: str
    limit: Decimal

    def reached(self, value: Decimal) -> bool:
        """Whether the value reaches the limit."""
        match self.op:
            case ">=":
                return value >= self.limit
            case ">":
                return value > self.limit
            case "<=":
                return value <= self.limit
            case "<":
                return value < self.limit
            case _:
                raise ValueError(f"{self.op!r} is not >=, >, <= or <")


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a hazard's colour is proposed: the limit over a window; `also` must hold in the same window."""

    hazard: str
    colour: WarningColour
    hours: Decimal
    limit: Limit
    also: Limit | None = None

    @property
    def rule(self) -> str:
        """Its name: stable, since crossings are identified by it."""
        return f"{self.hazard}.{self.colour}.{self.limit.property}.{self.hours}h"

    @property
    def window(self) -> timedelta:
        return timedelta(hours=float(self.hours))


@dataclass(frozen=True, slots=True)
class Crossing:
    """At `until`, what was measured in the window reached the threshold, and nothing as grave had in its window before."""

    station: str
    threshold: Threshold
    until: datetime
    value: Decimal
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """An instant as grave as, or less grave than, an earlier one within its rule's window: counted, no new alarm."""

    station: str
    hazard: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a set of readings comes to, ordered by time."""

    crossings: tuple[Crossing, ...]
    repeats: tuple[Repeat, ...]


def thresholds(rows: Iterable[Mapping[str, Any]]) -> tuple[Threshold, ...]:
    """Thresholds from the rule `alert.thresholds`."""
    return tuple(
        Threshold(
            row["hazard"],
            WarningColour(row["colour"]),
            Decimal(str(row["hours"])),
            _limit(row),
            _limit(row["also"]) if row.get("also") else None,
        )
        for row in rows
    )


def evaluate(readings: Iterable[Reading], rules: Sequence[Threshold]) -> Judgement:
    """Judge every instant at which a reading ends, by station and hazard."""
    by_station: dict[str, list[Reading]] = defaultdict(list)
    for reading in set(readings):
        by_station[reading.station].append(reading)
    by_hazard: dict[str, list[Threshold]] = defaultdict(list)
    for rule in rules:
        by_hazard[rule.hazard].append(rule)
    crossings: list[Crossing] = []
    repeats: list[Repeat] = []
    for station in sorted(by_station):
        measured = sorted(by_station[station], key=lambda r: (r.at, r.hours, r.property, r.value, r.observation))
        for hazard in sorted(by_hazard):
            found, again = _judge(station, hazard, measured, by_hazard[hazard])
            crossings += found
            repeats += again
    return Judgement(tuple(crossings), tuple(repeats))


def _judge(station: str, hazard: str, readings: Sequence[Reading], rules: Sequence[Threshold]) -> tuple[list[Crossing], list[Repeat]]:
    properties = {rule.limit.property for rule in rules} | {rule.also.property for rule in rules if rule.also}
    relevant = [reading for reading in readings if reading.property in properties]
    ends = [reading.at for reading in relevant]
    levels: list[tuple[datetime, int]] = []
    crossings, repeats = [], []
    for instant in sorted(set(ends)):
        met = [crossing for rule in rules if (crossing := _met(station, rule, instant, relevant, ends)) is not None]
        if not met:
            continue
        worst = min(met, key=lambda c: (c.threshold.colour.number, c.threshold.hours, c.threshold.rule))
        number, since = worst.threshold.colour.number, instant - worst.threshold.window
        if any(at >= since and earlier <= number for at, earlier in levels):
            repeats.append(Repeat(station, hazard, instant))
        else:
            crossings.append(worst)
        levels.append((instant, number))
    return crossings, repeats


def _met(station: str, rule: Threshold, instant: datetime, readings: Sequence[Reading], ends: Sequence[datetime]) -> Crossing | None:
    """The crossing of one rule at one instant. A reading counts only if it lies wholly inside the window."""
    since = instant - rule.window
    inside = [reading for reading in readings[bisect_left(ends, since) : bisect_right(ends, instant)] if reading.begins() >= since]
    own = [reading for reading in inside if reading.property == rule.limit.property]
    if not own:
        return None
    value, used = _sum(own) if rule.limit.property in ADDED_UP else _extreme(own, rule.limit)
    if not rule.limit.reached(value):
        return None
    if rule.also is None:
        return Crossing(station, rule, instant, value, used)
    besides = [reading for reading in inside if reading.property == rule.also.property]
    if not besides:
        return None
    lowest, also_used = _extreme(besides, rule.also)
    return Crossing(station, rule, instant, value, used + also_used) if rule.also.reached(lowest) else None


def _extreme(readings: Sequence[Reading], limit: Limit) -> tuple[Decimal, tuple[Reading, ...]]:
    pick = max if limit.op.startswith(">") else min
    found = pick(readings, key=lambda reading: reading.value)
    return found.value, (found,)


def _sum(readings: Sequence[Reading]) -> tuple[Decimal, tuple[Reading, ...]]:
    """The most that readings which do not overlap add up to: an hour inside a three-hour total is not counted twice."""
    ends = [reading.at for reading in readings]
    best: list[tuple[Decimal, tuple[Reading, ...]]] = [(Decimal(0), ())]
    for n, reading in enumerate(readings):
        before, used = best[bisect_right(ends, reading.begins(), 0, n)]
        with_it = (before + reading.value, (*used, reading))
        best.append(with_it if with_it[0] > best[n][0] else best[n])
    return best[-1]


def _limit(row: Mapping[str, Any]) -> Limit:
    return Limit(row["property"], row["op"], Decimal(str(row["limit"])))
