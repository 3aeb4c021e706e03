"""A unit of the division tree, and what a set of units must be to form a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.kernel.errors import Failure

LEVELS = range(1, 6)  # 1 province .. 5 village; 0, the nation, is outside every node
NAME = 100  # characters; the longest real one has 17 in Chinese
RULE = "registry.divisions"

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")  # digits of GB/T 2260 and the statistics codes; letters for test units


@dataclass(frozen=True, slots=True)
class Unit:
    """One division, as it is from `valid_from` until the day before `valid_to`."""

    code: str
    zh: str
    en: str
    level: int
    parent: str | None = None
    kind: str = ""  # banner, league, county, district ...: words of the province, never decided by
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None  # who took over at `valid_to`
    lon: Decimal | None = None  # WGS84, a point to stand for the unit
    lat: Decimal | None = None
    neighbours: tuple[str, ...] = ()

    def begun(self, day: date | None) -> bool:
        """It existed on that day or before."""
        return day is None or self.valid_from is None or self.valid_from <= day

    def ended(self, day: date | None) -> bool:
        """It no longer existed on that day."""
        return day is not None and self.valid_to is not None and self.valid_to <= day


def faults(units: Sequence[Unit], known: Mapping[str, Unit] | None = None) -> list[Failure]:
    """Everything that keeps `units`, added to the `known` ones, from being one more part of a tree; empty when nothing does."""
    known = known or {}
    together = dict(known) | {unit.code: unit for unit in units}
    found = [_fault(cure, n) for n, unit in enumerate(units) for cure in _own_faults(unit)]
    found += [_fault(f"{code} is listed twice", n) for n, code in _repeated(units)]
    found += [_fault(cure, n) for n, unit in enumerate(units) for cure in _parent_faults(unit, together)]
    return found


def _fault(cure: str, n: int) -> Failure:
    return Failure(RULE, cure, f"units[{n}]")


def _own_faults(unit: Unit) -> Iterable[str]:
    if not _CODE.fullmatch(unit.code):
        yield f"{unit.code!r} is not a division code"
    if not all(name.strip() and name.isprintable() and len(name) <= NAME for name in (unit.zh, unit.en)):
        yield f"{unit.code} needs a Chinese and an English name of at most {NAME} printable characters"
    if unit.level not in LEVELS:
        yield f"{unit.code}: level {unit.level} is not 1 to 5"
    if unit.valid_from and unit.valid_to and unit.valid_to <= unit.valid_from:
        yield f"{unit.code} ends before it begins"
    if (unit.lon is None) != (unit.lat is None) or not _on_earth(unit):
        yield f"{unit.code}: longitude -180 to 180 and latitude -90 to 90, both or none"
    if not all(_CODE.fullmatch(code) for code in unit.neighbours):
        yield f"{unit.code}: neighbours are division codes"
    if unit.code in unit.neighbours or unit.successor == unit.code:
        yield f"{unit.code} is not its own neighbour or successor"


def _on_earth(unit: Unit) -> bool:
    if unit.lon is None or unit.lat is None:
        return True
    # an infinite or not-a-number Decimal compares false or raises; finite is asked first
    return unit.lon.is_finite() and unit.lat.is_finite() and abs(unit.lon) <= 180 and abs(unit.lat) <= 90


def _repeated(units: Sequence[Unit]) -> Iterable[tuple[int, str]]:
    seen: set[str] = set()
    for n, unit in enumerate(units):
        if unit.code in seen:
            yield n, unit.code
        seen.add(unit.code)


def _parent_faults(unit: Unit, together: Mapping[str, Unit]) -> Iterable[str]:
    if unit.parent is None:
        return
    parent = together.get(unit.parent)
    if parent is None:
        yield f"{unit.code}: parent {unit.parent} is unknown"
    elif parent.level >= unit.level:  # every parent a level above: no circle can be written down
        yield f"{unit.code} of level {unit.level} cannot lie under {parent.code} of level {parent.level}"
