"""Choosing lots and writing what moves, for every decider that moves goods. Pure: states in, facts out; refusals list everything short.

Every function works on the `Stock` of one store and item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from services.resources.deciders.stock.state import Lot, Stock
from services.resources.deciders.streams import stock_stream
from services.resources.events import stock as s
from shared.kernel.commands import Command
from shared.kernel.errors import Failure

Fact = tuple[str, s.StockReserved | s.ReservationReleased | s.StockIssued | s.StockDistributed | s.StockQuarantined]
Picks = Mapping[str, int]
"""How much of which lot."""
Going = str | None | tuple[str | None, ...]
"""Where goods go: a division, or a place with the divisions above it, for any of which they may have been given."""
EXPIRED = "expired"


def first_out(stock: Stock, qty: int, on: date, intent: Going = None) -> tuple[dict[str, int], int]:
    """So much of the lots that expire first, expired ones left out; and what is still short.

    Lots a donor gave for a place go only there (NDR-24.2): `intent` is where these goods go to.
    """
    picks: dict[str, int] = {}
    for lot in stock.good(on):
        if not qty:
            break
        if meant_for(lot, intent) and (there := stock.available(lot.lot)):
            picks[lot.lot] = min(qty, there)
            qty -= picks[lot.lot]
    return picks, qty


def unfit(stock: Stock, picks: Picks, on: date, reason: str | None, intent: Going = None, until: date | None = None) -> list[Failure]:
    """What stands against taking exactly these lots: unknown, too few, expired, meant for others; without a reason also out of order, or
    over by the day `until` which they are needed."""
    good = max(on, until or on)
    faults: list[Failure] = []
    for lot, qty in picks.items():
        known = stock.lots.get(lot)
        if known is not None and known.expired(on):
            faults.append(Failure("stock.expired", f"{lot} expired on {known.expires}", "lots"))
        elif known is not None and known.expired(good) and not reason:
            cure = f"{lot} is good until {known.expires}, needed by {good}: take another, or give a reason"
            faults.append(Failure("stock.expired", cure, "lots"))
        elif known is not None and not meant_for(known, intent):
            faults.append(Failure("NDR-24.2", f"{lot} was given for {known.intent}", "lots"))
        elif qty > stock.available(lot):
            keys = ", ".join(sorted(stock.promised(lot)))
            promised = f"{lot} is reserved for {keys}: " if keys else f"{lot}: "
            faults.append(Failure("stock.nonneg", f"{promised}available {stock.available(lot)}", "lots"))
    if faults or reason:
        return faults
    expected, _ = first_out(stock, sum(picks.values()), good, intent)
    last = max((stock.lots[lot].expires or date.max for lot in picks), default=date.max)
    earlier = [lot for lot in expected if (stock.lots[lot].expires or date.max) < last]
    if skipped := [lot for lot in earlier if expected[lot] > picks.get(lot, 0)]:
        faults.append(Failure("stock.fefo", f"{', '.join(skipped)} expires first; take it or give a reason", "lots"))
    return faults


def meant_for(lot: Lot, intent: Going) -> bool:
    """Whether goods that go to `intent` may be of this lot."""
    return lot.intent is None or lot.intent in (intent if isinstance(intent, tuple) else (intent,))


def short(stock: Stock, store: str, item: str, missing: int, asked: int, field: str = "items") -> Failure:
    """Too little: says how much there is."""
    return Failure("stock.nonneg", f"{store} has available {asked - missing} of {item}, {asked} are asked", field)


def reserve(stock: Stock, picks: Picks, allocation: str, command: Command, reason: str = "") -> list[Fact]:
    """The lots are promised to the allocation."""
    by, at = command.by.actor, command.now
    own = stock_stream(stock.store, stock.item)
    return [(own, s.StockReserved(stock.store, stock.item, lot, qty, allocation, by, at, reason)) for lot, qty in picks.items()]


def release(stock: Stock, allocation: str, reason: str, command: Command, lots: Picks | None = None) -> list[Fact]:
    """Everything the allocation still holds here is free again, or so much of these lots; what expired meanwhile lies apart."""
    by, at = command.by.actor, command.now
    own = stock_stream(stock.store, stock.item)
    facts: list[Fact] = []
    for lot, qty in (stock.held(allocation) if lots is None else lots).items():
        facts.append((own, s.ReservationReleased(stock.store, stock.item, lot, qty, allocation, reason, by, at)))
        if stock.lots[lot].expired(day_of(at)):
            facts.append((own, s.StockQuarantined(stock.store, stock.item, lot, qty, EXPIRED, by, at)))
    return facts


def issue(stock: Stock, picks: Picks, to: s.Use, cause: str, command: Command, allocation: str | None = None) -> list[Fact]:
    """The lots leave the store, out of the allocation's reservation when one is named."""
    by, at = command.by.actor, command.now
    own = stock_stream(stock.store, stock.item)
    return [(own, s.StockIssued(stock.store, stock.item, lot, qty, to, cause, allocation, by, at)) for lot, qty in picks.items()]


def chosen(facts: Sequence[tuple[str, object]]) -> dict[str, int]:
    """Lots and quantities of what was decided, as the answer names them (`lots`)."""
    found: dict[str, int] = {}
    for _, fact in facts:
        if isinstance(fact, s.StockReserved | s.StockIssued | s.StockDistributed):
            found[fact.lot] = found.get(fact.lot, 0) + fact.qty
    return found


def day_of(now: datetime) -> date:
    """The day by which expiry is judged: that of the clock of the command."""
    return now.date()
