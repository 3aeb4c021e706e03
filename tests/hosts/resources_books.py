"""Books kept once more, by plain counting of facts: nothing of the product's ledger, entries or tables is used to keep them."""

from __future__ import annotations

from collections import Counter

import msgspec

from services.resources.deciders.allocations.allocation import ALLOCATION
from services.resources.deciders.allocations.state import DISPATCHED, MADE
from services.resources.deciders.requests.request import REQUEST
from services.resources.deciders.shipments import state as shipping
from services.resources.deciders.shipments.shipment import SHIPMENT
from services.resources.deciders.stock.commands import ReceiveLot
from services.resources.deciders.stock.stock import STOCK
from services.resources.events import stock as s
from shared.testing.invariants import Broken

ONCE = (
    "allocation.made",
    "allocation.cancelled",
    "shipment.loaded",
    "shipment.received",
    "shipment.reconciled",
    "shipment.lost",
    "shipment.cancelled",
    "distribution.recorded",
    "distribution.reversed",
    "supply_request.closed",
    "warehouse.closed",
)
CARRIES = (shipping.LOADED, *shipping.MOVING, shipping.ARRIVED)
OUTSIDE = {s.Use.TRANSIT: "transit", s.Use.BORROWER: "borrower", s.Use.PEOPLE: "people", s.Use.SITE: "people"}
BACK = {s.From.TRANSIT: "transit", s.From.BORROWER: "borrower", s.From.PEOPLE: "people"}


class Books:
    """What lies where, is promised, is under way, and went elsewhere, after each fact."""

    def __init__(self) -> None:
        self.lies: Counter[tuple[str, str]] = Counter()  # store, lot
        self.promised: Counter[tuple[str, str, str]] = Counter()  # allocation, store, lot
        self.way: Counter[tuple[str, str]] = Counter()  # shipment, lot
        self.went: Counter[tuple[str, str]] = Counter()  # item, account
        self.entered: Counter[str] = Counter()  # item
        self.by_hand = 0
        self.shut: set[str] = set()

    def write(self, fact) -> None:
        """One fact of stock; Broken when anything is below zero, or comes into a store that is closed."""
        before = self.lies[fact.store, fact.lot]
        self._count(fact)
        where = (fact.store, fact.lot)
        held = sum(qty for (_, store, lot), qty in self.promised.items() if (store, lot) == where)
        if self.lies[where] < held or min(self.promised.values(), default=0) < 0 or min(self.way.values(), default=0) < 0:
            raise Broken(f"below zero after {fact}")
        if fact.store in self.shut and self.lies[where] > before:
            raise Broken(f"{fact.store} is closed and got {fact}")

    def close(self, store: str) -> None:
        self.shut.add(store)
        if left := {lot: qty for (one, lot), qty in self.lies.items() if one == store and qty}:
            raise Broken(f"{store} was closed with {left}")

    def _count(self, fact) -> None:
        match fact:
            case s.StockReceived(source=s.Source.TRANSFER):
                self._lie(fact, fact.qty + fact.damaged)
                self.way[fact.cause, fact.lot] -= fact.qty + fact.damaged
            case s.StockReceived():
                self._enter(fact, fact.qty + fact.damaged)
                self.by_hand += (fact.qty + fact.damaged) if fact.entered else 0
            case s.StockReserved():
                self.promised[fact.allocation, fact.store, fact.lot] += fact.qty
            case s.ReservationReleased():
                self.promised[fact.allocation, fact.store, fact.lot] -= fact.qty
            case s.StockIssued():
                if fact.allocation:
                    self.promised[fact.allocation, fact.store, fact.lot] -= fact.qty
                self._leave(fact, fact.qty, OUTSIDE[fact.to])
            case s.StockDistributed():
                self._leave(fact, fact.qty, "people")
            case s.StockReturned():
                self._leave(fact, -(fact.good + fact.damaged + fact.lost), BACK[fact.source])
                self._leave(fact, fact.lost, "lost")
            case s.StockLost(bucket="transit"):
                self.way[fact.cause, fact.lot] -= fact.qty
                self.went[fact.item, "lost"] += fact.qty
            case s.StockLost() | s.StockWrittenOff() | s.StockTransferred():
                kind = {s.StockLost: "lost", s.StockWrittenOff: "written off", s.StockTransferred: "between"}[type(fact)]
                self._leave(fact, fact.qty, kind)
            case s.StockTakenOver():
                self._leave(fact, -fact.qty, "between")
            case s.ReturnedToSupplier():
                self._enter(fact, -fact.qty)
            case s.StockAdjusted():
                self._enter(fact, fact.difference)
            case s.StockReversed():
                self._reverse(fact)

    def _reverse(self, fact) -> None:
        parts = Counter[str]()
        for account, amount in fact.legs:
            parts[account] += amount
        if parts.total():
            raise Broken(f"what is taken back does not balance: {fact}")
        inside = sum(parts.pop(name, 0) for name in ("available", "quarantined"))
        self._lie(fact, inside)
        for account, amount in parts.items():
            if account in ("people", "lost", "written_off"):
                self.went[fact.item, account.replace("_", " ")] += amount
            else:
                self.entered[fact.item] -= amount

    def _lie(self, fact, qty: int) -> None:
        self.lies[fact.store, fact.lot] += qty

    def _enter(self, fact, qty: int) -> None:
        self._lie(fact, qty)
        self.entered[fact.item] += qty

    def _leave(self, fact, qty: int, account: str) -> None:
        self._lie(fact, -qty)
        if account == "transit":
            self.way[fact.cause, fact.lot] += qty
        else:
            self.went[fact.item, account] += qty


def check_books(events, read, asks) -> None:
    """Everything that must hold of goods after a history. Raises Broken."""
    books, once, items = Books(), Counter(), {}
    for recorded in events:
        name = ".".join(recorded.type.split(".")[1:3])
        once[name, recorded.stream] += name in ONCE
        if isinstance(recorded.event, s.StockReversed):
            once[f"reversal of {recorded.event.version}", recorded.stream] += 1
        if name == "warehouse.closed":
            books.close(recorded.event.store)
        if recorded.stream.startswith("stock-"):
            books.write(recorded.event)
            items[recorded.event.lot] = recorded.event.item
    if twice := [key for key, times in once.items() if times > 1]:
        raise Broken(f"happened twice: {twice}")
    asked = sum(ask.command.qty + ask.command.damaged for ask in asks if isinstance(ask.command, ReceiveLot) and ask.answers)
    if asked != books.by_hand:
        raise Broken(f"{asked} were answered as received, {books.by_hand} are on the log")
    _conserved(books, items)
    folded = {decider.category: _folded(events, decider) for decider in (STOCK, SHIPMENT, ALLOCATION, REQUEST)}
    _ledgers(books, folded["stock"].values())
    _under_way(books, folded["shipment"].values())
    _promises(books, folded["allocation"], folded["request"])
    _shown(books, items, read)


def _folded(events, decider):
    past = {}
    for recorded in events:
        if recorded.stream.startswith(f"{decider.category}-"):
            past.setdefault(recorded.stream.partition("-")[2], []).append(recorded.event)
    return {name: decider.fold(facts) for name, facts in past.items()}


def _conserved(books, items) -> None:
    """What entered lies somewhere, is under way, or went where the books say."""
    for item, entered in books.entered.items():
        there = sum(qty for (_, lot), qty in books.lies.items() if items[lot] == item)
        moving = sum(qty for (_, lot), qty in books.way.items() if items[lot] == item)
        gone = {account: qty for (one, account), qty in books.went.items() if one == item}
        if gone.pop("between", 0) or entered != there + moving + sum(gone.values()):
            raise Broken(f"{item}: entered {entered}, lies {there}, under way {moving}, went {gone}")


def _ledgers(books, stocks) -> None:
    for stock in stocks:
        inside = {lot: sum(held.values()) for lot, held in stock.ledger.inside.items()}
        counted = {lot: qty for (store, lot), qty in books.lies.items() if store == stock.store and qty and lot.startswith(stock.item)}
        if inside != counted or sum(inside.values()) + sum(stock.ledger.outside.values()):
            raise Broken(f"the ledger of {stock.store} says {inside}, the facts {counted}")


def _under_way(books, shipments) -> None:
    """`transit` of all ledgers together is what shipments carry, lot by lot."""
    carried = {}
    for one in shipments:
        lots = one.lots if one.status in CARRIES else one.short if one.status == shipping.SHORT else {}
        carried |= {(one.shipment, lot): qty for lot, qty in lots.items() if qty}
    if (way := {key: qty for key, qty in books.way.items() if qty}) != carried:
        raise Broken(f"shipments carry {carried}, the books say {way}")


def _promises(books, allocations, requests) -> None:
    """Nothing is held for an allocation that is over, nor for a request that is."""
    for (name, store, lot), qty in books.promised.items():
        allocation = allocations[name]
        if qty and (allocation.status not in (MADE, DISPATCHED) or not requests[allocation.request].open):
            raise Broken(f"{store} still holds {qty} of {lot} for {name}, which is {allocation.status}")


def _shown(books, items, read) -> None:
    """The tables say what plain counting gives: lots on shelves, cells of stores and items, accounts."""
    db = read.look()
    lots = {(row[0], row[1]): row[2] for row in db.execute("SELECT store, lot, available + reserved + quarantined FROM stock_lot")}
    if _some(lots) != _some(books.lies):
        raise Broken(f"stock_lot says {_some(lots)}, the log {_some(books.lies)}")
    held = {(row[0], row[1]): row[2] for row in db.execute("SELECT store, lot, reserved FROM stock_lot")}
    promised, cells = Counter(), Counter()
    for (_, store, lot), qty in books.promised.items():
        promised[store, lot] += qty
    for (store, lot), qty in books.lies.items():
        cells[store, items[lot]] += qty
    if _some(held) != _some(promised):
        raise Broken(f"stock_lot says {_some(held)} are promised, the log {_some(promised)}")
    on_hand = {(row[0], row[1]): row[2] for row in db.execute("SELECT store, item, on_hand FROM availability")}
    incoming = db.execute("SELECT coalesce(sum(incoming), 0) FROM availability").fetchone()[0]
    if _some(on_hand) != _some(cells) or incoming != sum(books.way.values()):
        raise Broken(f"availability says {_some(on_hand)} and {incoming} coming, the log {_some(cells)} and {sum(books.way.values())}")
    accounts = Counter()
    for item, body in db.execute("SELECT item, accounts FROM stock_accounts"):
        for account, amount in msgspec.json.decode(body).items():
            accounts[item, account.replace("_", " ")] += amount
    for item, account in books.went:
        if account != "between" and accounts[item, account] != books.went[item, account]:
            raise Broken(f"stock_accounts says {accounts[item, account]} of {item} {account}, the log {books.went[item, account]}")


def _some(counted):
    return {key: qty for key, qty in counted.items() if qty}
