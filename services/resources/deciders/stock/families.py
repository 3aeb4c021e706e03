"""The families of facts that move goods, as policies and read models listen to them."""

from __future__ import annotations

from typing import get_args

from services.resources.deciders.stock.entries import StockEvent
from services.resources.events.stock import StockMoved
from shared.kernel.events import family, registered

MOVES = tuple(family(name) for name, cls in registered("resources") if cls in get_args(StockEvent) and cls is not StockMoved)
"""Every one but what only puts goods elsewhere in the store."""
