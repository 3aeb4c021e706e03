"""A stocktake as the next decision needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from services.resources.deciders.stock.entries import INSIDE
from services.resources.deciders.stock.state import UNDO, Stock
from services.resources.events import stocktake as t
from shared.kernel.decider import About

COUNTING, CLOSED, POSTED, CANCELLED = "counting", "closed", "posted", "cancelled"
OPEN = (COUNTING, CLOSED)
PUT_AWAY = "resources.stock.moved.v1"
Key = tuple[str, str | None]
"""Lot and position."""


@dataclass(frozen=True, slots=True)
class Line:
    """The last count of a lot in a position, or in the whole store."""

    item: str
    qty: int
    expected: int
    version: int
    count: int
    by: str

    @property
    def difference(self) -> int:
        return self.qty - self.expected


@dataclass(frozen=True, slots=True)
class Stocktake:
    """`status` empty: never opened."""

    store: str = ""
    status: str = ""
    division: str | None = None
    items: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    blind: bool = True
    lines: Mapping[Key, Line] = field(default_factory=dict)
    counters: frozenset[str] = frozenset()

    def differing(self) -> dict[Key, Line]:
        """The lines whose count is not what the books said."""
        return {key: line for key, line in self.lines.items() if line.difference}


def evolve(taken: Stocktake, event: t.StocktakeEvent) -> Stocktake:
    """The stocktake after the event."""
    match event:
        case t.StocktakeOpened():
            return Stocktake(event.store, COUNTING, event.division, event.items, event.positions, event.blind)
        case t.LineCounted():
            line = Line(event.item, event.qty, event.expected, event.version, event.count, event.by)
            lines = {**taken.lines, (event.lot, event.position): line}
            return replace(taken, status=COUNTING, lines=lines, counters=taken.counters | {event.by})
        case t.StocktakeClosed():
            return replace(taken, status=CLOSED)
        case t.StocktakePosted():
            return replace(taken, status=POSTED)
        case t.StocktakeCancelled():
            return replace(taken, status=CANCELLED)
        case _:
            assert_never(event)


def about(taken: Stocktake) -> About:
    """Internal to the organs of the store's owner."""
    return About(taken.division)


def by_books(stock: Stock, lot: str, position: str | None) -> int:
    """What the books say lies there."""
    return stock.on_hand(lot) if position is None else stock.shelves.get(lot, {}).get(position, 0)


def moved_since(stock: Stock, key: Key, line: Line) -> bool:
    """Whether anything of the lot came, went or (where a position was counted) changed its place after the count. What is only promised
    lies where it lay. Of what happened longer ago than movements are remembered nobody knows, so it counts as moved."""
    lot, position = key
    if stock.version - line.version > UNDO:
        return True
    return any(
        (one.type == PUT_AWAY and position is not None)
        or sum(amount for account, amount in one.legs if account.partition(":")[0] in INSIDE)
        for one in stock.recent
        if one.version > line.version and one.lot == lot
    )
