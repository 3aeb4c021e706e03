"""Stocktakes and cycle counts: counted blind, counted again where goods moved, posted by two."""

from __future__ import annotations

from typing import Any, assert_never

from services.resources.deciders.masters.store import Store, require_keeper
from services.resources.deciders.stock.finding import refused, said
from services.resources.deciders.stock.unchecked import call_offs
from services.resources.deciders.stocktakes import commands as c
from services.resources.deciders.stocktakes import counting, posting
from services.resources.deciders.stocktakes.state import CANCELLED, CLOSED, COUNTING, OPEN, POSTED, Stocktake, about, evolve
from services.resources.deciders.streams import item_stream, lot_stream, stock_stream, stocktake_stream, store_stream
from services.resources.events.stocktake import StocktakeCancelled
from shared.blocks.flow import Flow
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules

StocktakeCommand = c.OpenStocktake | c.CountLine | c.CountMany | c.CloseCount | c.PostStocktake | c.CancelStocktake
FLOW = Flow(
    "stocktake.state",
    {
        ("", c.OpenStocktake): COUNTING,
        **{(one, kind): COUNTING for one in OPEN for kind in (c.CountLine, c.CountMany)},
        (COUNTING, c.CloseCount): CLOSED,
        (CLOSED, c.PostStocktake): POSTED,
        **{(one, c.CancelStocktake): CANCELLED for one in OPEN},
    },
)


def decide(command: StocktakeCommand, states: counting.States, rules: Rules) -> Decided:
    """Opened, counted, closed, posted or cancelled; each once."""
    own = stocktake_stream(command.stocktake)
    taken: Stocktake = states[own]
    require_keeper(command.store if isinstance(command, c.OpenStocktake) else taken.store, command, states)
    FLOW.require(taken.status, command)
    match command:
        case c.OpenStocktake():
            return counting.opened(command, states)
        case c.CountLine() | c.CountMany():
            return counting.count(command, taken, states)
        case c.CloseCount():
            return counting.closed(command, taken, states)
        case c.PostStocktake():
            return posting.posted(command, taken, states, rules)
        case c.CancelStocktake():
            refused(said(command.reason, "stocktake.reason", "reason", "say why it is not finished"))
            gone = StocktakeCancelled(command.stocktake, taken.store, command.reason, command.by.actor, command.now)
            return Decided([(own, gone)])
        case _:
            assert_never(command)


def _own(command: StocktakeCommand) -> tuple[str, ...]:
    return (stocktake_stream(command.stocktake),)


def _opening(command: c.OpenStocktake) -> tuple[str, ...]:
    return stocktake_stream(command.stocktake), store_stream(command.store)


def _owner(command: c.OpenStocktake, states: counting.States) -> tuple[str, ...]:
    store = states.get(store_stream(command.store))
    return (store.owner,) if isinstance(store, Store) and store.owner else ()


def _lines(command: c.CountLine | c.CountMany) -> tuple[str, ...]:
    lots = (command.lot,) if isinstance(command, c.CountLine) else tuple(line.lot for line in command.lines)
    return (stocktake_stream(command.stocktake), *dict.fromkeys(map(lot_stream, lots)))


def _counted(command: c.CountLine | c.CountMany, states: counting.States) -> tuple[str, ...]:
    store = _store(command, states)
    items = {card.item for stream in _lines(command)[1:] if (card := states.get(stream)) is not None and card.item} if store else set()
    return (
        *((store_stream(store),) if store else ()),
        *(one for item in sorted(items) for one in (item_stream(item), stock_stream(store, item))),
    )


def _scope(command: c.CloseCount | c.PostStocktake, states: counting.States) -> tuple[str, ...]:
    """Every stock it is about, the lots that were counted, and what they came under."""
    store = _store(command, states)
    if not store:
        return ()
    taken, known = states[stocktake_stream(command.stocktake)], states.get(store_stream(store))
    items = set(taken.items or (known.items if isinstance(known, Store) else ())) | {line.item for line in taken.lines.values()}
    lots = {lot for lot, _ in taken.lines} if isinstance(command, c.PostStocktake) else ()
    stocks = tuple(stock_stream(store, item) for item in sorted(items))
    return (store_stream(store), *stocks, *map(lot_stream, sorted(lots)), *call_offs(stocks, sorted(lots), states))


def _kept(command: c.CancelStocktake, states: counting.States) -> tuple[str, ...]:
    """The store, which says who keeps it."""
    store = _store(command, states)
    return (store_stream(store),) if store else ()


def _store(command: Any, states: counting.States) -> str:
    taken = states[stocktake_stream(command.stocktake)]
    return str(taken.store)


_HANDLES: dict[type[Command], Handles] = {
    c.OpenStocktake: Handles(_opening, creates=True, state_areas=_owner),
    c.CountLine: Handles(_lines, further=_counted),
    c.CountMany: Handles(_lines, further=_counted, bulk=True),
    c.CloseCount: Handles(_own, further=_scope, bulk=True),
    c.PostStocktake: Handles(_own, further=_scope, bulk=True),
    c.CancelStocktake: Handles(_own, further=_kept),
}
STOCKTAKE = Decider(
    category="stocktake",
    initial=Stocktake(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles=_HANDLES,
    joint=frozenset(_HANDLES),
)
