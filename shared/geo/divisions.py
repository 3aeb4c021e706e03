"""The tree as it stands on one day. Jurisdiction is the parent chain; what a code looks like decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from shared.geo.units import Unit, faults

Relation = Literal["own", "below", "above", "neighbour", "foreign"]
"""How another division lies to ours: below ours, above ours, beside ours, or nowhere near."""


class Divisions:
    """An immutable tree. Every command and every live event asks it, so its answers are dictionary look-ups.

    Units not yet begun on `day` are unknown; ended ones keep their place, so that those above still answer for what
    happened there, and a successor answers for whom it took over. Without a day every unit counts as in force.
    ValueError when the units are no tree.
    """

    __slots__ = ("_above", "_children", "_day", "_heirs", "_subtree", "_units")

    def __init__(self, units: Iterable[Unit] = (), day: date | None = None) -> None:
        units = tuple(units)
        wrong = faults(tuple(_latest(units).values()))
        if wrong:
            raise ValueError("; ".join(fault.cure for fault in wrong))
        begun = _rooted(_latest(unit for unit in units if unit.begun(day)))
        self._day = day
        self._units: Mapping[str, Unit] = MappingProxyType(begun)
        self._heirs = {code: heir for code in begun if (heir := _heir(code, begun, day)) != code}
        self._children: dict[str, list[str]] = {}
        self._above: dict[str, tuple[str, ...]] = {}
        below: dict[str, set[str]] = {code: {code} for code in begun}
        for unit in begun.values():  # parents first
            parent = self._parent(unit)
            chain = self._above[unit.code] = (unit.code, *self._above[parent]) if parent else (unit.code,)
            for above in chain[1:] if unit.code not in self._heirs else ():
                below[above].add(unit.code)
            if parent and not unit.ended(day):
                self._children.setdefault(parent, []).append(unit.code)
        for old, heir in self._heirs.items():
            for above in self._above[heir]:
                below[above].add(old)
        self._subtree = {code: frozenset(codes) for code, codes in below.items()}

    def _parent(self, unit: Unit) -> str | None:
        """What lay under a unit that was taken over lies under its heir."""
        if unit.parent is None:
            return None
        heir = self.heir(unit.parent)
        return heir if self._units[heir].level < unit.level else unit.parent

    @property
    def units(self) -> Mapping[str, Unit]:
        """Every unit that has begun, by code."""
        return self._units

    def __contains__(self, code: object) -> bool:
        return code in self._units

    def __len__(self) -> int:
        return len(self._units)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units.values())

    def in_force(self, code: str) -> bool:
        """Known and not ended."""
        unit = self._units.get(code)
        return unit is not None and not unit.ended(self._day)

    def level(self, code: str | None) -> int | None:
        """1 province .. 5 village; None for what is unknown."""
        unit = self._units.get(code) if code else None
        return unit.level if unit else None

    def chain(self, code: str) -> tuple[str, ...]:
        """The unit and everything above it, nearest first; empty for what is unknown."""
        return self._above.get(self.heir(code), ())

    def children(self, code: str) -> tuple[str, ...]:
        """The units directly below that are in force."""
        return tuple(self._children.get(code, ()))

    def subtree(self, code: str) -> frozenset[str]:
        """The unit and everything below it, ended units too: their history belongs to it. Empty for what is unknown."""
        return self._subtree.get(self.heir(code), frozenset())

    def heir(self, code: str) -> str:
        """Who answers for a unit: itself, or who took it over."""
        return self._heirs.get(code, code)

    def covers(self, above: str, below: str) -> bool:
        """`below` is `above` itself or lies under it."""
        return self.heir(below) in self._subtree.get(self.heir(above), ())

    def relation(self, own: str | None, other: str | None) -> Relation:
        """How `other` lies to `own`; what is unknown is foreign, even to itself."""
        if own is None or other is None or own not in self._units or other not in self._units:
            return "foreign"
        ours, theirs = self._units[self.heir(own)], self._units[self.heir(other)]
        if ours is theirs:
            return "own"
        if theirs.code in self._subtree[ours.code]:
            return "below"
        if ours.code in self._subtree[theirs.code]:
            return "above"
        siblings = ours.parent is not None and ours.parent == theirs.parent
        return "neighbour" if siblings or theirs.code in ours.neighbours or ours.code in theirs.neighbours else "foreign"

    def common(self, codes: Iterable[str]) -> str | None:
        """The nearest division that covers them all; None when there is none."""
        chains = [self.chain(code) for code in codes]
        if not chains or not all(chains):
            return None
        shared = set(chains[0]).intersection(*chains[1:])
        return next((code for code in chains[0] if code in shared), None)


def _latest(units: Iterable[Unit]) -> dict[str, Unit]:
    """One unit for each code: of several periods the one that began last."""
    found: dict[str, Unit] = {}
    for unit in units:
        before = found.get(unit.code)
        if before is None or (unit.valid_from or date.min) >= (before.valid_from or date.min):
            found[unit.code] = unit
    return found


def _rooted(units: dict[str, Unit]) -> dict[str, Unit]:
    """Without those whose parent has not begun yet: they are not there either."""
    rooted: dict[str, Unit] = {}
    for unit in sorted(units.values(), key=lambda each: each.level):
        if unit.parent is None or unit.parent in rooted:
            rooted[unit.code] = unit
    return rooted


def _heir(code: str, units: Mapping[str, Unit], day: date | None) -> str:
    seen = {code}
    while units[code].ended(day):
        heir = units[code].successor
        if heir is None or heir not in units or heir in seen:
            break
        code = heir
        seen.add(code)
    return code
