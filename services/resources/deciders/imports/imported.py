"""Files of many lines: received once, all or nothing; taken back as a whole, or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from services.resources.deciders.imports import commands as c
from services.resources.deciders.imports import receiving
from services.resources.deciders.imports.state import RECEIVED, Imported, about, evolve, file_of
from services.resources.deciders.masters.lot import lot_of
from services.resources.deciders.masters.store import Store
from services.resources.deciders.stock.entries import AVAILABLE, FROM, QUARANTINED
from services.resources.deciders.stock.finding import Facts, refused, said, stock_of
from services.resources.deciders.streams import import_stream, item_stream, lot_stream, stock_stream, store_stream
from services.resources.events.stock import StockReversed
from services.resources.events.stock_file import FileLine, StockFileUndone
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState, refuse_all

RECEIPT = "resources.stock.received.v1"
States = Mapping[str, Any]


def decide(command: c.ReceiveMany | c.UndoImport, states: States, rules: Rules) -> Decided:
    """Received or taken back."""
    match command:
        case c.ReceiveMany():
            known: Imported = states[import_stream(file_of(command.digest))]
            if known.status == RECEIVED:  # the same content again
                return Decided(answer={"outcome": "repeated", "file": file_of(command.digest), "lines": len(known.lines)})
            return receiving.received(command, states)
        case c.UndoImport():
            return _undo(command, states)
        case _:
            assert_never(command)


def _undo(command: c.UndoImport, states: States) -> Decided:
    own = import_stream(command.file)
    known: Imported = states[own]
    if known.status != RECEIVED:
        raise WrongState(Failure("import.state", f"{command.file} was taken back already", "file"))
    refused(said(command.reason, "stock.reason", "reason", "say what was wrong"))
    refuse_all(RuleBroken, _gone(known, states)[: receiving.TOLD])
    done = StockFileUndone(command.file, len(known.lines), command.reason, command.by.actor, command.now)
    facts: Facts = [(own, done)]
    facts += [(stock_stream(line.store, line.item), _opposite(line, known, command, states)) for line in reversed(known.lines)]
    return Decided(facts, {"file": command.file, "lines": len(known.lines)})


def _gone(known: Imported, states: States) -> list[Failure]:
    """The lines of which not everything lies where it was put into the books: promised, issued, lent, lost, set apart since."""
    good: dict[tuple[str, str], int] = {}
    apart: dict[tuple[str, str], int] = {}
    faults = []
    for row, line in enumerate(known.lines):
        key, stock = (line.store, line.lot), stock_of(line.store, line.item, states)
        good[key], apart[key] = good.get(key, 0) + line.good, apart.get(key, 0) + line.apart
        free, aside = stock.available(line.lot), stock.quarantined(line.lot)
        if good[key] > free or apart[key] > aside:
            cure = f"of {line.lot} in {line.store} {free} are available and {aside} apart: take back first what was done with it since"
            faults.append(Failure("import.moved", cure, f"lines.{row}"))
    return faults


def _opposite(line: FileLine, known: Imported, command: c.UndoImport, states: States) -> StockReversed:
    card = lot_of(line.lot, states)
    legs = ((FROM[known.source], line.good + line.apart), (AVAILABLE, -line.good), (QUARANTINED, -line.apart))
    moved = tuple((account, amount) for account, amount in legs if amount)
    why = (command.reason, command.by.actor, None, command.now, line.position)
    return StockReversed(line.store, line.item, line.lot, line.version, RECEIPT, moved, *why, card.expires, card.owner, card.intent)


def _named(command: c.ReceiveMany) -> tuple[str, ...]:
    lines = command.lines[: receiving.MOST]  # what is more is refused without being looked up
    named = (
        (store_stream(line.store) for line in lines),
        (item_stream(line.item) for line in lines),
        (lot_stream(line.lot) for line in lines),
    )
    stocks = (stock_stream(line.store, line.item) for line in lines)
    return tuple(dict.fromkeys((import_stream(file_of(command.digest)), *(one for some in (*named, stocks) for one in some))))


def _owners(command: c.ReceiveMany, states: States) -> tuple[str, ...]:
    stores = dict.fromkeys(line.store for line in command.lines)
    found = (states.get(store_stream(store)) for store in stores)
    return tuple(dict.fromkeys(one.owner for one in found if isinstance(one, Store) and one.owner))


def _kept(command: c.UndoImport, states: States) -> tuple[str, ...]:
    known: Imported = states[import_stream(command.file)]
    found = ((stock_stream(line.store, line.item), lot_stream(line.lot)) for line in known.lines)
    return tuple(dict.fromkeys(one for pair in found for one in pair))


_HANDLES: dict[type[Command], Handles] = {
    c.ReceiveMany: Handles(_named, creates=True, state_areas=_owners, bulk=True),
    c.UndoImport: Handles(lambda c: (import_stream(c.file),), further=_kept, bulk=True),
}
IMPORT = Decider(
    category="import",
    initial=Imported(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles=_HANDLES,
    joint=frozenset(_HANDLES),
)
