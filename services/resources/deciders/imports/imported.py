"""Files of many lines: received once, all or nothing; taken back as a whole or line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.resources.deciders.imports import commands as c
from services.resources.deciders.imports import receiving
from services.resources.deciders.imports.state import RECEIVED, Imported, about, evolve, file_of
from services.resources.deciders.masters.lot import lot_of
from services.resources.deciders.masters.store import Store, require_keeper
from services.resources.deciders.stock.entries import AVAILABLE, FROM, QUARANTINED
from services.resources.deciders.stock.finding import Facts, refused, said, stock_of
from services.resources.deciders.streams import import_stream, item_stream, lot_stream, stock_stream, store_stream
from services.resources.events.stock import StockReversed
from services.resources.events.stock_file import FileLine, StockFileLineUndone, StockFileUndone
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

RECEIPT = "resources.stock.received.v1"
States = Mapping[str, Any]


def decide(command: c.ReceiveMany | c.UndoImport | c.UndoImportLine, states: States, rules: Rules) -> Decided:
    """Received or taken back."""
    match command:
        case c.ReceiveMany():
            known: Imported = states[import_stream(file_of(command.digest))]
            if known.status == RECEIVED:  # the same content again
                return Decided(answer={"outcome": "repeated", "file": file_of(command.digest), "lines": len(known.lines)})
            return receiving.received(command, states)
        case c.UndoImport():
            return _undo(command, states)
        case c.UndoImportLine():
            return _undo_line(command, states)
        case _:
            assert_never(command)


def _undo(command: c.UndoImport, states: States) -> Decided:
    own, known = _received(command, states)
    for store in dict.fromkeys(line.store for line in known.lines):
        require_keeper(store, command, states)
    refused(said(command.reason, "stock.reason", "reason", "say what was wrong"))
    left = [(row, line) for row, line in enumerate(known.lines) if row + 1 not in known.undone]
    refuse_all(RuleBroken, _gone(left, states)[: receiving.TOLD])
    done = StockFileUndone(command.file, len(left), command.reason, command.by.actor, command.now)
    facts: Facts = [(own, done)]
    facts += [(stock_stream(line.store, line.item), _opposite(line, known, command, states)) for _, line in reversed(left)]
    return Decided(facts, {"file": command.file, "lines": len(left)})


def _undo_line(command: c.UndoImportLine, states: States) -> Decided:
    """The others stay as they are, and the file is known as before until nothing of it is left."""
    own, known = _received(command, states)
    if not 1 <= command.line <= len(known.lines):
        raise NotFound(Failure("reference", f"{command.file} has the lines 1 to {len(known.lines)}", "line"))
    line = known.lines[command.line - 1]
    require_keeper(line.store, command, states)
    if command.line in known.undone:
        raise WrongState(Failure("import.state", f"line {command.line} was taken back already", "line"))
    refused(said(command.reason, "stock.reason", "reason", "say what was wrong"))
    refuse_all(RuleBroken, _gone([(command.line - 1, line)], states))
    done = StockFileLineUndone(command.file, command.line, command.reason, command.by.actor, command.now)
    facts: Facts = [(own, done), (stock_stream(line.store, line.item), _opposite(line, known, command, states))]
    return Decided(facts, {"file": command.file, "line": command.line, "left": len(known.lines) - len(known.undone) - 1})


def _received(command: c.UndoImport | c.UndoImportLine, states: States) -> tuple[str, Imported]:
    own = import_stream(command.file)
    known: Imported = states[own]
    if known.status != RECEIVED:
        raise WrongState(Failure("import.state", f"{command.file} was taken back already", "file"))
    return own, known


def _gone(lines: Sequence[tuple[int, FileLine]], states: States) -> list[Failure]:
    """The lines of which not everything lies where it was put into the books: promised, issued, lent, lost, set apart since."""
    good: dict[tuple[str, str], int] = {}
    apart: dict[tuple[str, str], int] = {}
    faults = []
    for row, line in lines:
        key, stock = (line.store, line.lot), stock_of(line.store, line.item, states)
        good[key], apart[key] = good.get(key, 0) + line.good, apart.get(key, 0) + line.apart
        free, aside = stock.available(line.lot), stock.quarantined(line.lot)
        if good[key] > free or apart[key] > aside:
            cure = f"of {line.lot} in {line.store} {free} are available and {aside} apart: take back first what was done with it since"
            faults.append(Failure("import.moved", cure, f"line {row + 1}"))
    return faults


def _opposite(line: FileLine, known: Imported, command: c.UndoImport | c.UndoImportLine, states: States) -> StockReversed:
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
    found = ((store_stream(line.store), stock_stream(line.store, line.item), lot_stream(line.lot)) for line in known.lines)
    return tuple(dict.fromkeys(one for some in found for one in some))


def _kept_line(command: c.UndoImportLine, states: States) -> tuple[str, ...]:
    known: Imported = states[import_stream(command.file)]
    if not 1 <= command.line <= len(known.lines):
        return ()
    line = known.lines[command.line - 1]
    return store_stream(line.store), stock_stream(line.store, line.item), lot_stream(line.lot)


_HANDLES: dict[type[Command], Handles] = {
    c.ReceiveMany: Handles(_named, creates=True, state_areas=_owners, bulk=True),
    c.UndoImportLine: Handles(lambda c: (import_stream(c.file),), further=_kept_line),
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
