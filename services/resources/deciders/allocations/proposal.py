"""Which stores might fill what is still open: a greedy proposal from the nearest store outwards. Pure; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Shelf(NamedTuple):
    """A lot in a store, as far as a proposal asks. There are tens of thousands of them at once."""

    lot: str
    available: int
    expires: date | None = None
    intent: str | None = None
    arrived: int = 0

    @property
    def first_out(self) -> tuple[bool, date, int, str]:
        """The order in which the decision takes lots: by expiry date, none last; then by arrival (FEFO)."""
        return self.expires is None, self.expires or date.max, self.arrived, self.lot


@dataclass(frozen=True, slots=True)
class Near:
    """A store and how far it is: steps in the division tree, how high the nearest common division is, whether its owner must be asked."""

    store: str
    owner: str
    rank: tuple[int, int, bool]


Share = Callable[[Near, str, int], int]
"""How much of an item, of which a store has so much, the rule of scarcity lets it give."""


@dataclass(frozen=True, slots=True)
class Take:
    """So much of a lot in a store."""

    store: str
    item: str
    lot: str
    qty: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to take where, the stores nearest first, and what nobody has."""

    takes: tuple[Take, ...]
    unmet: Mapping[str, int]

    def by_store(self) -> dict[str, dict[str, dict[str, int]]]:
        """Store -> item -> lot -> quantity, the nearest store first."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        for take in self.takes:
            found.setdefault(take.store, {}).setdefault(take.item, {})[take.lot] = take.qty
        return found


def rank(place: Sequence[str], store: Sequence[str], line: Collection[str], owner: str) -> tuple[int, int, bool]:
    """How far a store is: both chains name a division and everything above it, nearest first. Of equally many steps those under a nearer
    common division come first, and of those whose owner is of the request's own line."""
    common = next((code for code in place if code in store), None)
    if common is None:
        return len(place) + len(store), 0, owner not in line
    up = place.index(common)
    return up + store.index(common), up - len(place), owner not in line


def propose(
    needs: Mapping[str, int],
    stores: Iterable[Near],
    shelves: Mapping[tuple[str, str], Sequence[Shelf]],
    good_until: date,
    places: Collection[str | None],
    share: Share = lambda near, item, there: there,
) -> Proposal:
    """The nearest stores first, in each what expires first and is still good then, no more of it than the `share`; goods given for other
    places stay where they are. `shelves` is by (store, item)."""
    open_ = {item: qty for item, qty in needs.items() if qty > 0}
    takes: list[Take] = []
    for near in sorted(stores, key=lambda one: (one.rank, one.store)):
        for item, need in open_.items():
            lots = [
                shelf for shelf in shelves.get((near.store, item), ()) if need and shelf.available > 0 and fit(shelf, good_until, places)
            ]
            most = min(need, share(near, item, sum([shelf.available for shelf in lots]))) if lots else 0
            open_[item] = need - most
            for shelf in sorted(lots, key=lambda one: one.first_out) if len(lots) > 1 else lots:
                if qty := min(most, shelf.available):
                    takes.append(Take(near.store, item, shelf.lot, qty))
                    most -= qty
    return Proposal(tuple(takes), {item: qty for item, qty in open_.items() if qty})


def fit(shelf: Shelf, good_until: date, places: Collection[str | None]) -> bool:
    """Still good then, and not given for another place."""
    return (shelf.expires is None or shelf.expires >= good_until) and (shelf.intent is None or shelf.intent in places)
