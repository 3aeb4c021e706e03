"""What is decided about goods in a store. Whatever a command moves, the ledgers it names are balanced and never negative afterwards."""

from __future__ import annotations

from typing import assert_never

from services.resources.deciders.masters.store import require_keeper
from services.resources.deciders.stock import arriving, leaving, reversing
from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.finding import States, ledgers, named
from services.resources.deciders.stock.people import ledgers_around
from services.resources.deciders.stock.state import Stock, about, evolve
from services.resources.deciders.stock.unchecked import ledgers_and_call_offs
from services.resources.deciders.streams import item_stream, lot_stream, stock_stream, store_stream
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules

OfLot = c.PassQuality | c.FailQuality | c.PutAway | c.WriteOff | c.RecordLoss | c.QuarantineLot
StockCommand = OfLot | c.ReceiveLot | c.ReturnStock | c.IssueStock | c.TransferStock | c.ReverseMovement


def decide(command: StockCommand, states: States, rules: Rules) -> Decided:
    """The facts of a command on goods. All that is wrong is told at once, and then nothing moves (SU-07)."""
    require_keeper(command.from_store if isinstance(command, c.TransferStock) else command.store, command, states)
    match command:
        case c.ReceiveLot():
            return arriving.receive(command, states, rules)
        case c.PassQuality():
            return arriving.passed(command, states)
        case c.FailQuality():
            return arriving.failed(command, states)
        case c.PutAway():
            return arriving.put_away(command, states)
        case c.ReturnStock():
            return arriving.bring_back(command, states)
        case c.ReverseMovement():
            return reversing.reverse(command, states)
        case _:
            return _less(command, states)


def _less(command: c.IssueStock | c.TransferStock | c.WriteOff | c.RecordLoss | c.QuarantineLot, states: States) -> Decided:
    match command:
        case c.IssueStock():
            return leaving.issue(command, states)
        case c.TransferStock():
            return leaving.transfer(command, states)
        case c.WriteOff():
            return leaving.write_off(command, states)
        case c.RecordLoss():
            return leaving.lose(command, states)
        case c.QuarantineLot():
            return leaving.quarantine(command, states)
        case _:
            assert_never(command)


def _of_item(command: c.ReceiveLot | c.ReturnStock) -> tuple[str, ...]:
    own = stock_stream(command.store, command.item)
    return store_stream(command.store), own, item_stream(command.item), lot_stream(command.lot)


def _issued(command: c.IssueStock) -> tuple[str, ...]:
    item = (item_stream(command.item), stock_stream(command.store, command.item)) if command.item else ()
    return (*named(command.store, command.lots or ()), *item)


def _transferred(command: c.TransferStock) -> tuple[str, ...]:
    return (*named(command.from_store, command.lots), store_stream(command.to_store))


def _both(command: c.TransferStock, states: States) -> tuple[str, ...]:
    return tuple(stream for store in (command.from_store, command.to_store) for stream in ledgers(store, command.lots, states))


def _reversed(command: c.ReverseMovement, states: States) -> tuple[str, ...]:
    around = ledgers_around(command.store, command.item, states)
    return (*map(lot_stream, reversing.lots_of_movement(command, states)), *around)


_OF_LOT = (c.PassQuality, c.FailQuality, c.PutAway, c.WriteOff, c.RecordLoss, c.QuarantineLot)
_HANDLES: dict[type[Command], Handles] = {
    c.ReceiveLot: Handles(_of_item),
    c.ReturnStock: Handles(_of_item, further=lambda c, states: ledgers_around(c.store, c.item, states), bulk=True),
    **{
        kind: Handles(lambda c: named(c.store, (c.lot,)), further=lambda c, states: ledgers_and_call_offs(c.store, c.lot, states))
        for kind in _OF_LOT
    },
    c.IssueStock: Handles(_issued, further=lambda c, states: ledgers(c.store, c.lots or (), states), bulk=True),
    c.TransferStock: Handles(_transferred, further=_both, bulk=True),
    c.ReverseMovement: Handles(lambda c: (store_stream(c.store), stock_stream(c.store, c.item)), further=_reversed, bulk=True),
}

STOCK = Decider(
    category="stock",
    initial=Stock(),
    decide=decide,
    evolve=evolve,
    about=about,
    joint=frozenset(_HANDLES),
    handles=_HANDLES,
    snapshot=Stock,
)
