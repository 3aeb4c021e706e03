"""What is decided about a lot wherever it lies: it expired, or must not be used. Every store that has it is reached in one act."""

from __future__ import annotations

from typing import Any, assert_never

from services.resources.deciders.allocations.state import Allocation
from services.resources.deciders.masters.lot import EXPIRY, LotCard, about, evolve, lot_of
from services.resources.deciders.stock.commands import RecallLot, SweepExpired
from services.resources.deciders.stock.finding import Facts, States, refused, said
from services.resources.deciders.stock.moving import EXPIRED, day_of
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import allocation_stream, lot_stream, request_stream
from services.resources.events import lot as told
from services.resources.events import stock as s
from services.resources.events.allocation import DISPATCH, AllocatedLot, AllocationCancelled, AllocationReduced
from services.resources.events.request import SupplyUnallocated
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, WrongState


def decide(command: RecallLot | SweepExpired, states: States, rules: Rules) -> Decided:
    """The facts of a command on a lot, on its card and on the ledger of every store that has it."""
    match command:
        case RecallLot():
            return _recall(command, states)
        case SweepExpired():
            return _sweep(command, states)
        case _:
            assert_never(command)


def _sweep(command: SweepExpired, states: States) -> Decided:
    """Once, as the day after its last begins; what is reserved goes out or is released, and then lies apart."""
    card = lot_of(command.lot, states)
    if card.item is None or card.expires is None or card.expiry_told or card.expires >= day_of(command.now):
        return Decided()
    over = told.LotExpired(command.lot, card.item, card.expires, command.now, (EXPIRY,))
    facts: Facts = [(lot_stream(command.lot), over)]
    for stream, stock in _stocks(card, states):
        if qty := stock.available(command.lot):
            facts.append((stream, _apart(stock, command.lot, qty, EXPIRED, command)))
    return Decided(facts)


def _recall(command: RecallLot, states: States) -> Decided:
    """What is available or reserved lies apart everywhere; allocations and requests are told."""
    card = lot_of(command.lot, states)
    assert card.item
    if card.recalled:
        raise WrongState(Failure("stock.recalled", f"{command.lot} was recalled already: {card.recalled}", "lot"))
    refused(said(command.reason, "stock.reason", "reason", "say why it must not be used"))
    recalled = told.LotRecalled(command.lot, card.item, command.reason, card.stores, command.by.actor, command.now)
    facts: Facts = [(lot_stream(command.lot), recalled)]
    by, at = command.by.actor, command.now
    for stream, stock in _stocks(card, states):
        for allocation, qty in stock.promised(command.lot).items():
            free = s.ReservationReleased(stock.store, stock.item, command.lot, qty, allocation, command.reason, by, at)
            facts += [(stream, free), *_told(allocation, stock, qty, command, states)]
        if qty := stock.available(command.lot) + stock.reserved(command.lot):
            facts.append((stream, _apart(stock, command.lot, qty, command.reason, command)))
    return Decided(facts, {"stores": list(card.stores)})


def _told(allocation: str, stock: Stock, qty: int, command: RecallLot, states: States) -> Facts:
    """The allocation has so much less, the request asks for it again; with nothing left the allocation is over."""
    known = states.get(allocation_stream(allocation))
    if not isinstance(known, Allocation) or not known.request:
        return []
    line = AllocatedLot(stock.item, command.lot, qty)
    own = allocation_stream(allocation)
    facts: Facts = [(own, AllocationReduced(allocation, known.request, line, command.reason, command.now))]
    if all(one.lot == command.lot for one in known.lines):
        why = (known.shipment, command.reason, command.by.actor, command.now, (DISPATCH,))
        facts.append((own, AllocationCancelled(allocation, known.request, *why)))
    back = SupplyUnallocated(known.request, allocation, {stock.item: qty}, command.now)
    return [*facts, (request_stream(known.request), back)]


def _stocks(card: LotCard, states: States) -> list[tuple[str, Stock]]:
    return [(stream, stock) for stream in card.stocks if isinstance(stock := states.get(stream), Stock) and stock.store]


def _apart(stock: Stock, lot: str, qty: int, reason: str, command: Command) -> s.StockQuarantined:
    return s.StockQuarantined(stock.store, stock.item, lot, qty, reason, command.by.actor, command.now)


def _everywhere(command: RecallLot | SweepExpired, states: States) -> tuple[str, ...]:
    """The ledgers the lot ever was in; of a recall also who was promised it."""
    card: LotCard = states[lot_stream(command.lot)]
    if isinstance(command, SweepExpired):
        return card.stocks
    promised = [one for _, stock in _stocks(card, states) for one in stock.promised(command.lot)]
    allocations: list[Any] = [states.get(allocation_stream(one)) for one in promised]
    requests = [request_stream(one.request) for one in allocations if isinstance(one, Allocation) and one.request]
    return (*card.stocks, *map(allocation_stream, promised), *requests)


_BOTH: tuple[type[Command], ...] = (RecallLot, SweepExpired)
LOT = Decider(
    category="lot",
    initial=LotCard(),
    decide=decide,
    evolve=evolve,
    about=about,
    joint=frozenset(_BOTH),
    handles={kind: Handles(lambda c: (lot_stream(c.lot),), further=_everywhere, bulk=True) for kind in _BOTH},
)
