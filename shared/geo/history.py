"""All periods of all units, and the tree of any day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date

from shared.geo.divisions import Divisions
from shared.geo.units import Unit


class DivisionHistory:
    """Builds the tree of a day once for each stretch of days in which nothing changes."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = tuple(units)
        changes = {day for unit in self._units for day in (unit.valid_from, unit.valid_to) if day is not None}
        self._changes = sorted(changes)
        self._trees: dict[int, Divisions] = {}

    def on(self, day: date) -> Divisions:
        """The tree as it stands on that day."""
        stretch = bisect_right(self._changes, day)
        tree = self._trees.get(stretch)
        if tree is None:
            tree = self._trees[stretch] = Divisions(self._units, day)
        return tree
