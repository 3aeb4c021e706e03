"""Counting: what is counted, what it is held against, what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.resources.deciders.masters.item import counted
from services.resources.deciders.masters.lot import lot_of
from services.resources.deciders.masters.store import Store, store_of
from services.resources.deciders.stock.finding import refused, stock_of
from services.resources.deciders.stock.state import NOWHERE
from services.resources.deciders.stocktakes import commands as c
from services.resources.deciders.stocktakes.state import Key, Line, Stocktake, by_books, moved_since
from services.resources.deciders.streams import stocktake_stream, store_stream
from services.resources.events.stocktake import LineCounted, StocktakeClosed, StocktakeOpened
from shared.kernel.commands import Command
from shared.kernel.decider import Decided
from shared.kernel.errors import Failure, RuleBroken, refuse_all

States = Mapping[str, Any]
UNCOUNTED = 200  # named in a refusal


def opened(command: c.OpenStocktake, states: States) -> Decided:
    """What is to be counted."""
    store = store_of(command.store, states, taking=False)
    unknown = [one for one in command.positions if one not in store.positions]
    where = ", ".join(store.positions) or "no positions"
    faults = [Failure("store.position", f"{store.store} has {where}, not {one}", "positions") for one in unknown]
    faults += [
        Failure("stocktake.scope", f"{item} never lay in {store.store}", "items") for item in command.items if item not in store.items
    ]
    refused(faults)
    items, positions = tuple(dict.fromkeys(command.items)), tuple(dict.fromkeys(command.positions))
    by, at = command.by.actor, command.now
    return Decided([_own(command, StocktakeOpened(command.stocktake, store.store, items, positions, command.blind, store.owner, by, at))])


def count(command: c.CountLine | c.CountMany, taken: Stocktake, states: States) -> Decided:
    """Each line beside what the books say at this moment; all of them or none."""
    store = store_of(taken.store, states, taking=False)
    said = command.lines if isinstance(command, c.CountMany) else (c.Counted(command.lot, command.qty, command.position, command.unit),)
    faults = [] if said else [Failure("stocktake.line", "name a line at least", "lines")]
    lines: dict[Key, Line] = dict(taken.lines)
    facts: list[LineCounted] = []
    whole = {lot for lot, position in lines if position is None}
    for row, line in enumerate(said):
        qty, wrong = _wrong(line, taken, store, whole, {lot for lot, position in lines if position is not None}, states)
        prefix = f"lines.{row}." if isinstance(command, c.CountMany) else ""
        faults += [Failure(one.rule, one.cure, f"{prefix}{one.field}") for one in wrong]
        if not wrong and (fact := _line(line, qty, command, lines, taken, states)):
            facts.append(fact)
            lines[line.lot, line.position] = Line(fact.item, qty, fact.expected, fact.version, fact.count, fact.by)
            whole |= {line.lot} if line.position is None else set()
    refuse_all(RuleBroken, faults)
    return Decided([_own(command, fact) for fact in facts], _told(facts, taken))


def _told(facts: list[LineCounted], taken: Stocktake) -> dict[str, Any]:
    """Which count it was; what the books say only where the count is not blind."""
    if len(facts) != 1:
        return {"counted": len(facts)}
    [one] = facts
    return {"count": one.count, **({} if taken.blind else {"expected": one.expected})}


def _line(line: c.Counted, qty: int, command: Command, lines: Mapping[Key, Line], taken: Stocktake, states: States) -> LineCounted | None:
    """The fact; nothing when the same person says the same again and nothing moved."""
    item = lot_of(line.lot, states).item
    assert item
    stock, before = stock_of(taken.store, item, states), lines.get((line.lot, line.position))
    by = command.by.actor
    if before and (before.qty, before.by) == (qty, by) and not moved_since(stock, (line.lot, line.position), before):
        return None
    number = before.count + 1 if before else 1
    expected = by_books(stock, line.lot, line.position)
    name = _name(command)
    return LineCounted(name, taken.store, item, line.lot, line.position, qty, expected, stock.version, number, by, command.now)


def _wrong(line: c.Counted, taken: Stocktake, store: Store, whole: set[str], placed: set[str], states: States) -> tuple[int, list[Failure]]:
    item = lot_of(line.lot, states).item
    if item is None:
        return 0, [Failure("reference", f"lot {line.lot} is unknown: check the label, or receive it first", "lot")]
    qty, faults = (0, []) if line.qty == 0 else counted(line.qty, line.unit, item, states)
    faults = [replace(one, cure=f"{one.cure}; 0 when nothing is there") if one.field == "qty" else one for one in faults]
    if taken.items and item not in taken.items:
        faults.append(Failure("stocktake.scope", f"{line.lot} is of {item}; counted are {', '.join(taken.items)}", "lot"))
    if line.position is None and taken.positions:
        faults.append(Failure("stocktake.scope", f"name the position: {', '.join(taken.positions)}", "position"))
    elif line.position is not None and line.position not in (taken.positions or store.positions):
        faults.append(Failure("store.position", f"choose of {', '.join(taken.positions or store.positions)}", "position"))
    if line.lot in (placed if line.position is None else whole):
        how = "by positions" if line.position is None else "as a whole"
        faults.append(Failure("stocktake.line", f"{line.lot} was counted {how} before: go on so", "position"))
    return qty, faults


def closed(command: c.CloseCount, taken: Stocktake, states: States) -> Decided:
    """Refused while the books know of goods nobody counted."""
    missing = uncounted(taken, states)
    cure = "count it, or say 0 when nothing is there"
    refuse_all(RuleBroken, [Failure("stocktake.uncounted", f"{_where(key)}: {cure}", "lines") for key in missing[:UNCOUNTED]])
    moved = moved_lines(taken, states)
    differing = taken.differing()
    listed = [{"lot": lot, "position": at, "difference": line.difference} for (lot, at), line in differing.items()]
    again = [_where(key) for key in moved]
    numbers = (len(taken.lines), len(differing), len(moved))
    fact = StocktakeClosed(command.stocktake, taken.store, *numbers, command.by.actor, command.now)
    return Decided([_own(command, fact)], {"differences": listed, "moved": again})


def uncounted(taken: Stocktake, states: States) -> list[Key]:
    """What lies there by the books and was not counted: a lot, or a lot in a position."""
    found: list[Key] = []
    whole = {lot for lot, position in taken.lines if position is None}
    store: Store = states[store_stream(taken.store)]
    for item in taken.items or store.items:
        for lot, held in stock_of(taken.store, item, states).shelves.items():
            if lot in whole:
                continue
            places: list[str | None] = [at for at in held if not taken.positions or at in taken.positions]
            missing = [(lot, at or None) for at in places if (lot, at) not in taken.lines]
            untouched = not taken.positions and all((lot, at) not in taken.lines for at in held if at != NOWHERE)
            found += [(lot, None)] if untouched and missing else missing
    return found


def moved_lines(taken: Stocktake, states: States) -> list[Key]:
    """The lines whose goods moved after they were counted: to be counted again."""
    return [key for key, line in taken.lines.items() if moved_since(stock_of(taken.store, line.item, states), key, line)]


def _where(key: Key) -> str:
    return key[0] if key[1] is None else f"{key[0]} in {key[1]}"


def _name(command: Any) -> str:
    return str(command.stocktake)


def _own(command: Any, fact: Any) -> tuple[str, Any]:
    return stocktake_stream(command.stocktake), fact
