"""What is counted in a store, against its books (domain 3.8). Numbers are of the item's own unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("resources.stocktake.opened.v1")
@dataclass(frozen=True, slots=True)
class StocktakeOpened:
    """Everything in the store is counted; with items or positions, only these (a cycle count). `blind`: nobody is told what to expect."""

    stocktake: str
    store: str
    items: tuple[str, ...]
    positions: tuple[str, ...]
    blind: bool
    division: str | None
    by: str
    at: datetime


@event("resources.stocktake.line_counted.v1")
@dataclass(frozen=True, slots=True)
class LineCounted:
    """So much of a lot was found. Counted again, the last count holds and the earlier ones stay beside it."""

    stocktake: str
    store: str
    item: str
    lot: str
    position: str | None  # None: wherever in the store it lies
    qty: int
    expected: int  # by the books, at that moment
    version: int  # of the stock, at that moment
    count: int  # 1: the first
    by: str
    at: datetime


@event("resources.stocktake.closed.v1")
@dataclass(frozen=True, slots=True)
class StocktakeClosed:
    """Everything was counted: so many lines, so many of which differ, so many that moved since and have to be counted again."""

    stocktake: str
    store: str
    lines: int
    differing: int
    moved: int
    by: str
    at: datetime


@event("resources.stocktake.posted.v1")
@dataclass(frozen=True, slots=True)
class StocktakePosted:
    """The books follow the shelf (`StockAdjusted` on each stock). `above`: the first lots whose difference is above tolerance."""

    stocktake: str
    store: str
    adjusted: int
    above: tuple[str, ...]
    tolerance: str  # of what was expected
    reason: str
    by: str
    second: str
    at: datetime


@event("resources.stocktake.cancelled.v1")
@dataclass(frozen=True, slots=True)
class StocktakeCancelled:
    """Nothing is posted."""

    stocktake: str
    store: str
    reason: str
    by: str
    at: datetime


StocktakeEvent = StocktakeOpened | LineCounted | StocktakeClosed | StocktakePosted | StocktakeCancelled
