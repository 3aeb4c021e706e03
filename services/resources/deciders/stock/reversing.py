"""Undo: an exact opposite entry that names what it takes back. Nothing is ever erased from the books."""

from __future__ import annotations

from services.resources.deciders.masters.lot import lot_of
from services.resources.deciders.masters.store import store_of
from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.entries import AVAILABLE, INSIDE, PEOPLE
from services.resources.deciders.stock.finding import States, refused, said, second, stock_of
from services.resources.deciders.stock.moving import day_of
from services.resources.deciders.stock.people import with_people
from services.resources.deciders.stock.state import UNDO, Movement, Stock
from services.resources.deciders.streams import stock_stream
from services.resources.events import stock as s
from shared.blocks.ledger import Leg, Overdrawn
from shared.kernel.decider import Decided
from shared.kernel.errors import Failure, NotFound, WrongState

RULE = "stock.reversed"


def lots_of_movement(command: c.ReverseMovement, states: States) -> tuple[str, ...]:
    """The lot of the movement, whose card says until when it is good."""
    found = _movement(stock_of(command.store, command.item, states), command.version)
    return (found.lot,) if found else ()


def reverse(command: c.ReverseMovement, states: States) -> Decided:
    """The movement is taken back."""
    store = store_of(command.store, states, taking=False)
    stock = stock_of(store.store, command.item, states)
    found = _movement(stock, command.version)
    if found is None:
        cure = f"version {command.version} is none of the last {UNDO} movements: what is older is corrected by a count"
        if not 1 <= command.version <= stock.version:
            cure = f"{command.item} has the versions 1 to {stock.version} in {store.store}, as ListMovements names them"
        raise NotFound(Failure("reference", cure, "version"))
    if found.reversed:
        raise WrongState(Failure(RULE, f"version {command.version} was taken back already", "version"))
    if found.undone_by:
        refused([Failure("stock.elsewhere", f"{found.type} is undone by {found.undone_by}", "version")])
    partner = second(command, "what two persons signed is taken back by two") if found.by_two else command.cosigner
    fact = opposite(stock, found, command, partner.actor if partner else None, states)
    refused(said(command.reason, "stock.reason", "reason", "say what was wrong"), _against(stock, found, fact, states, command))
    return Decided([(stock_stream(store.store, command.item), fact)])


def opposite(stock: Stock, found: Movement, command: c.ReverseMovement, partner: str | None, states: States) -> s.StockReversed:
    """The fact that takes a movement back."""
    card = lot_of(found.lot, states)
    return s.StockReversed(
        stock.store,
        stock.item,
        found.lot,
        found.version,
        found.type,
        tuple((account, -amount) for account, amount in found.legs),
        command.reason,
        command.by.actor,
        partner,
        command.now,
        found.position,
        card.expires,
        card.owner,
        card.intent,
    )


def _against(stock: Stock, found: Movement, fact: s.StockReversed, states: States, command: c.ReverseMovement) -> list[Failure]:
    """What stands against it: the goods are not there any more, or may not be promised again."""
    back = dict(fact.legs)
    card = lot_of(found.lot, states)
    if back.get(AVAILABLE, 0) > 0 and (card.recalled or (card.expires is not None and card.expires < day_of(command.now))):
        return [Failure("stock.expired", f"{found.lot} was recalled or expired: it cannot be available again", "version")]
    had = with_people(stock.store, stock.item, states)
    if (taken := -back.get(PEOPLE, 0)) > max(0, had):
        cure = f"{taken} would come back and people have {had} of these stores: take back first what was entered as returned"
        return [Failure("stock.nonneg", cure, "version")]
    try:
        stock.ledger.post(Leg(account, found.lot, amount) for account, amount in fact.legs)
    except Overdrawn:
        there = ", ".join(f"{name} {stock.ledger.balance(name, found.lot)}" for name in sorted(INSIDE))
        return [Failure("stock.nonneg", f"{found.lot}: {there}; take back first what was done with it since", "version")]
    return []


def _movement(stock: Stock, version: int) -> Movement | None:
    return next((one for one in stock.recent if one.version == version), None)
