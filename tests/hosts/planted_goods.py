"""Bugs in the bookkeeping of goods, planted one at a time: the random workload of resources must find each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.resources.deciders.allocations import cancelling
from services.resources.deciders.masters import closing
from services.resources.deciders.shipments import receiving
from services.resources.deciders.stock import entries, leaving, state
from services.resources.events.stock import StockDistributed, StockIssued, StockTakenOver
from services.resources.projections import stock as shown

_put_down, _both_sides, _moved, _legs = receiving.put_down, leaving._both_sides, shown.moved, entries.legs


def _received_twice(*told: Any) -> Any:
    return _put_down(*told) * 2


def _one_side(*told: Any) -> Any:
    return [(stream, fact) for stream, fact in _both_sides(*told) if not isinstance(fact, StockTakenOver)]


def _not_shown(row: Any, event: Any) -> Any:
    return {} if isinstance(event, StockIssued) else _moved(row, event)


def _half(event: Any) -> Any:
    return _legs(event)[:1] if isinstance(event, StockDistributed) else _legs(event)


PLANTED_GOODS: dict[str, tuple[Any, str, Callable[..., Any], str]] = {
    "a reservation is left behind": (cancelling, "release", lambda *told: [], "still holds"),
    "a receipt is posted twice": (receiving, "put_down", _received_twice, "below zero"),
    "an entry does not balance": (state, "legs", _half, "more enters than leaves|Unbalanced"),
    "one side of a transfer is lost": (leaving, "_both_sides", _one_side, "went .*between|entered"),
    "a store is closed with goods in it": (closing, "_balance", lambda *told: [], "was closed with"),
    "what left stays on the shelf that is shown": (shown, "moved", _not_shown, "stock_lot says"),
}
"""Kind of bug: where it is planted, and what the simulator says when it finds it."""
