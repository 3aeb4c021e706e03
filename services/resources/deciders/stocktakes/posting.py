"""Posting: the books follow the shelf, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from services.resources.deciders.masters.lot import lies_apart, lot_of
from services.resources.deciders.stock.finding import Facts, refused, said, second, stock_of
from services.resources.deciders.stock.moving import EXPIRED, day_of
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.stock.unchecked import checked_first
from services.resources.deciders.stocktakes import commands as c
from services.resources.deciders.stocktakes.counting import moved_lines
from services.resources.deciders.stocktakes.state import Key, Line, Stocktake
from services.resources.deciders.streams import stock_stream, stocktake_stream
from services.resources.events import stock as s
from services.resources.events.stocktake import StocktakePosted
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

States = Mapping[str, Any]
TOLERANCE = "stocktake.tolerance"
NAMED = 100  # lots above tolerance that the fact names


def posted(command: c.PostStocktake, taken: Stocktake, states: States, rules: Rules) -> Decided:
    """Each difference as an entry of its own, found goods first."""
    partner = second(command, "what is adjusted is approved")
    if partner.actor in taken.counters:
        raise NotAllowed(Failure("two.persons", f"{partner.actor} counted: who approves counted nothing"))
    again = "moved after it was counted: count it again"
    moved = [Failure("stocktake.moved", f"{lot}{f' in {at}' if at else ''} {again}", "lines") for lot, at in moved_lines(taken, states)]
    refuse_all(RuleBroken, moved)
    differing = taken.differing()
    refused(said(command.reason, "stock.reason", "reason", "say what the differences come from"), _short(taken, differing, states))
    facts: Facts = []
    free = {lot: stock_of(taken.store, line.item, states).available(lot) for (lot, _), line in differing.items()}
    for (lot, at), line in sorted(differing.items(), key=lambda one: one[1].difference < 0):
        apart = max(0, -line.difference - max(0, free[lot]))  # first what was available is missing, then what lay apart
        facts += _adjusted(lot, at, line, apart, command, partner.actor, taken.store, states, day_of(command.now))
        free[lot] = max(0, free[lot] + line.difference) if isinstance(facts[-1][1], s.StockAdjusted) else free[lot]
    tolerance: Decimal = rules.value(TOLERANCE)
    above = tuple(dict.fromkeys(lot for (lot, _), line in differing.items() if abs(line.difference) > tolerance * line.expected))[:NAMED]
    why = (str(tolerance), command.reason, command.by.actor, partner.actor, command.now)
    done = StocktakePosted(command.stocktake, taken.store, len(differing), above, *why)
    return Decided([(stocktake_stream(command.stocktake), done), *facts], {"adjusted": len(differing), "above": list(above)})


def _short(taken: Stocktake, differing: Mapping[Key, Line], states: States) -> list[Failure]:
    """The lots of which fewer were found than are promised, or than were checked: the books cannot follow before that is settled."""
    sums: dict[tuple[str, str], int] = {}
    for (lot, _), line in differing.items():
        sums[lot, line.item] = sums.get((lot, line.item), 0) + line.difference
    return [
        Failure("stock.nonneg", f"{lot}: {-less} are missing, {there} are not promised: first cancel what it is promised to", "lines")
        for (lot, item), less in sums.items()
        if less < 0 and -less > (there := _unpromised(stock_of(taken.store, item, states), lot))
    ] + [
        fault
        for (lot, item), less in sums.items()
        if (apart := -less - max(0, (stock := stock_of(taken.store, item, states)).available(lot))) > 0
        for fault in checked_first(stock, lot, apart, states)
    ]


def _unpromised(stock: Stock, lot: str) -> int:
    return stock.available(lot) + stock.quarantined(lot)


def _adjusted(
    lot: str, position: str | None, line: Line, apart: int, command: c.PostStocktake, partner: str, store: str, states: States, on: date
) -> Facts:
    """The entry; what was found of a lot that must not be promised lies apart at once."""
    card, own, by, at = lot_of(lot, states), stock_stream(store, line.item), command.by.actor, command.now
    about = (line.difference, command.stocktake, command.reason, position, by, partner, at)
    facts: Facts = [(own, s.StockAdjusted(store, line.item, lot, *about, card.expires, card.owner, card.intent, apart))]
    if line.difference > 0 and lies_apart(lot, states, card.expires, on):
        why = card.recalled or EXPIRED
        facts.append((own, s.StockQuarantined(store, line.item, lot, line.difference, why, by, at)))
    return facts
