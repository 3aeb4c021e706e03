"""What is known of one item in one store, as the next decision needs it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.resources.deciders.stock.entries import (
    AVAILABLE,
    INSIDE,
    QUARANTINED,
    RESERVED,
    StockEvent,
    by_two,
    legs,
    reserved,
    undone_by,
)
from services.resources.events import stock as s
from shared.blocks.ledger import Ledger
from shared.kernel.decider import About
from shared.kernel.events import type_of

NOWHERE = ""  # on hand, but not put away yet
EMPTY = Ledger(INSIDE)
UNDO = 64  # movements that can still be taken back; what is older is corrected by a count
Arrival = s.StockReceived | s.StockReturned | s.StockTakenOver | s.StockAdjusted | s.StockReversed
"""What may bring a lot into the books."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot as it lies here."""

    lot: str
    expires: date | None
    owner: str | None
    intent: str | None
    arrived: int  # the how-manieth arrival in this store it was
    source: s.Source | None = None  # where it came from, when it came from outside
    failed: bool = False  # its quality
    call_offs: tuple[str, ...] = ()  # under which it came, of a supplier who brought it

    @property
    def first_out(self) -> tuple[bool, date, int]:
        """The order in which lots go out: by expiry date, none last; then by arrival (FEFO)."""
        return self.expires is None, self.expires or date.max, self.arrived

    def expired(self, on: date) -> bool:
        return self.expires is not None and self.expires < on


@dataclass(frozen=True, slots=True)
class Movement:
    """A fact that may still be taken back."""

    version: int  # of the stream
    type: str
    lot: str
    legs: tuple[tuple[str, int], ...]  # account, amount
    position: str | None
    by_two: bool
    undone_by: str  # another command; empty: its opposite entry
    reversed: bool = False
    cause: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """The ledger by lot, and where on the shelves each lot lies. Lots of which nothing is left are forgotten."""

    store: str = ""
    item: str = ""
    division: str | None = None
    ledger: Ledger = EMPTY
    lots: Mapping[str, Lot] = field(default_factory=dict)
    shelves: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # lot -> position -> on hand there
    arrivals: int = 0
    version: int = 0  # of the stream
    recent: tuple[Movement, ...] = ()
    order: tuple[str, ...] = ()  # of the lots, as they go out: kept, since a store collects thousands

    def available(self, lot: str) -> int:
        return self._of(lot, AVAILABLE)

    def quarantined(self, lot: str) -> int:
        return self._of(lot, QUARANTINED)

    def _of(self, lot: str, account: str) -> int:
        """What an account without keys holds."""
        held = self.ledger.inside.get(lot)
        return held.get(account, 0) if held else 0

    def reserved(self, lot: str) -> int:
        """Promised, to whichever allocation."""
        return self.ledger.balance(RESERVED, lot)

    def held(self, allocation: str) -> dict[str, int]:
        """What an allocation holds here, by lot, in the order in which they go out."""
        found = self.ledger.units(reserved(allocation))
        return {lot: found[lot] for lot in self.order if lot in found} if found else {}

    def promised(self, lot: str) -> dict[str, int]:
        """What each allocation holds of a lot."""
        held = self.ledger.inside.get(lot, {})
        return {name.partition(":")[2]: amount for name, amount in held.items() if name.startswith(f"{RESERVED}:")}

    def on_hand(self, lot: str) -> int:
        """What lies on the shelves: available, reserved and quarantined together."""
        return self.available(lot) + self.reserved(lot) + self.quarantined(lot)

    def good(self, on: date) -> Iterator[Lot]:
        """The lots that are not over on that day, in the order in which they go out."""
        return (self.lots[lot] for lot in self.order[self.place((False, on, 0)) :])

    def place(self, first_out: tuple[bool, date, int]) -> int:
        """Where in the order a lot stands or would stand."""
        return bisect_left(self.order, first_out, key=lambda lot: self.lots[lot].first_out)


def evolve(stock: Stock, event: StockEvent) -> Stock:
    """The stock after the event."""
    lot, entry = event.lot, legs(event)
    ledger = stock.ledger.post(entry) if entry else stock.ledger
    change = sum([leg.amount for leg in entry if leg.account.partition(":")[0] in INSIDE])
    lots, order, arrivals, shelves = stock.lots, stock.order, stock.arrivals, stock.shelves
    kind = type(event)
    if lot not in ledger.inside:
        lots, order = _gone(stock, lot) if lot in lots else (lots, order)
    elif lot not in lots and isinstance(event, Arrival):
        lots, order, arrivals = _arrived(stock, event)
    elif called := _called(event):
        lots = {**lots, lot: replace(lots[lot], call_offs=(*lots[lot].call_offs, *called))}
    elif kind in (s.QualityFailed, s.QualityPassed):
        lots = {**lots, lot: replace(lots[lot], failed=kind is s.QualityFailed)}
    elif isinstance(event, s.StockRededicated):
        lots = {**lots, lot: replace(lots[lot], intent=event.intent)}
    if change or kind is s.StockMoved:
        shelves = {**shelves, lot: lying(shelves.get(lot, {}), change, event)}
        if not shelves[lot]:
            del shelves[lot]
    return Stock(
        event.store,
        event.item,
        stock.division or getattr(event, "division", None),
        ledger,
        lots,
        shelves,
        arrivals,
        stock.version + 1,
        _remembered(stock, event, tuple([(leg.account, leg.amount) for leg in entry])),
        order,
    )


def about(stock: Stock) -> About:
    """Internal to the organs of the store's owner."""
    return About(stock.division)


def lying(held: Mapping[str, int], change: int, event: StockEvent) -> dict[str, int]:
    """Where a lot lies after the event: what came lies where it was put, what went left the named position first, then the fullest."""
    left = dict(held)
    if isinstance(event, s.StockMoved):
        source = event.source or NOWHERE
        left[source] = left.get(source, 0) - event.qty
        left[event.target] = left.get(event.target, 0) + event.qty
    named = getattr(event, "position", None)
    if change > 0:
        place = named or next(iter(left), NOWHERE)
        left[place] = left.get(place, 0) + change
    for place in sorted(left, key=lambda one: (one == named, left[one]), reverse=True) if change < 0 else ():
        taken = min(left[place], -change)
        left[place], change = left[place] - taken, change + taken
    return {place: amount for place, amount in left.items() if amount}


def _arrived(stock: Stock, event: Arrival) -> tuple[Mapping[str, Lot], tuple[str, ...], int]:
    source = event.source if isinstance(event, s.StockReceived) else None
    lot = Lot(event.lot, event.expires, event.owner, event.intent, stock.arrivals + 1, source, call_offs=_called(event))
    place = stock.place(lot.first_out)
    return {**stock.lots, lot.lot: lot}, (*stock.order[:place], lot.lot, *stock.order[place:]), lot.arrived


def _gone(stock: Stock, lot: str) -> tuple[Mapping[str, Lot], tuple[str, ...]]:
    lots, place = dict(stock.lots), stock.place(stock.lots[lot].first_out)
    del lots[lot]
    return lots, (*stock.order[:place], *stock.order[place + 1 :])


def _called(event: StockEvent) -> tuple[str, ...]:
    """The call-off it came under, if any."""
    if isinstance(event, s.StockReceived) and event.source is s.Source.AGREEMENT and not event.entered:
        return (event.cause,)
    return ()


def _paid_for(stock: Stock, event: StockEvent) -> str:
    """What takes back a check that a supplier is paid by: the entry in the books alone would leave the call-off as it was."""
    lot = stock.lots.get(event.lot)
    if lot is None or not isinstance(event, s.QualityPassed | s.ReturnedToSupplier) or event.cause not in lot.call_offs:
        return ""
    return "QuarantineLot" if isinstance(event, s.QualityPassed) else "DeliverCallOff, once it comes again"


def _remembered(stock: Stock, event: StockEvent, moved: tuple[tuple[str, int], ...]) -> tuple[Movement, ...]:
    """The last movements, each until it is taken back."""
    position = getattr(event, "position", None)
    version = stock.version + 1
    cause = getattr(event, "cause", "")
    said = by_two(event), _paid_for(stock, event) or undone_by(event), False, cause, event.by, event.at
    found = Movement(version, type_of(event), event.lot, moved, position, *said)
    kept = (*stock.recent[1 - UNDO :], found)
    if not isinstance(event, s.StockReversed):
        return kept
    return tuple(replace(one, reversed=True) if one.version == event.version else one for one in kept)
