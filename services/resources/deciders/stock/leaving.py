"""Goods that leave a store, or what was available of it: used up, moved to another store, written off, lost, set apart."""

from __future__ import annotations

from collections.abc import Mapping

from services.resources.deciders.masters.item import counted
from services.resources.deciders.masters.lot import lot_of
from services.resources.deciders.masters.store import Store, first_of_item, store_of
from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.arriving import CAUSE, held_first
from services.resources.deciders.stock.finding import Facts, States, item_of, placed, refused, said, second, stock_of, unknown_place, whole
from services.resources.deciders.stock.moving import chosen, day_of, first_out, short, unfit
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.stock.unchecked import besides, checked_first
from services.resources.deciders.streams import stock_stream
from services.resources.events import stock as s
from shared.kernel.decider import Decided
from shared.kernel.errors import Failure

REASON = "stock.reason"


def issue(command: c.IssueStock, states: States) -> Decided:
    """Goods are used up without a request. What people get is handed out: to how many, and where, is named (domain 3.10)."""
    store = store_of(command.store, states, taking=False)
    if command.to is not s.Use.SITE:
        ways = {s.Use.BORROWER: "LendStock", s.Use.PEOPLE: "RecordDistribution, with place and headcount"}
        instead = ways.get(command.to, "OrderDispatch")
        refused([Failure("stock.elsewhere", f"what goes to {command.to} leaves by {instead}", "to")])
    faults = said(command.cause, CAUSE, "cause", "name the incident or the order it is for")
    picks, unlike = _named_lots(command, store, states) if command.lots else _first_out(command, store, states)
    refused(faults, unknown_place(command.place, command.placed), unlike)
    by, at = command.by.actor, command.now
    facts: Facts = [
        (
            stock_stream(store.store, item),
            s.StockIssued(store.store, item, lot, qty, command.to, command.cause, None, by, at, command.reason),
        )
        for item, lots in picks.items()
        for lot, qty in lots.items()
    ]
    return Decided(facts, {"lots": chosen(facts)})


Picked = tuple[Mapping[str, Mapping[str, int]], list[Failure]]
"""Item -> lot -> how much, and what stands against it."""


def _first_out(command: c.IssueStock, store: Store, states: States) -> Picked:
    item = command.item or ""
    qty, faults = counted(command.qty, command.unit, item, states)
    if faults:
        return {}, faults
    stock = stock_of(store.store, item, states)
    picks, missing = first_out(stock, qty, day_of(command.now), command.place or store.owner)
    return {item: picks}, [short(stock, store.store, item, missing, qty, "qty")] if missing else []


def _named_lots(command: c.IssueStock, store: Store, states: States) -> Picked:
    lots = command.lots or {}
    by_item = _by_item(lots, states)
    faults = [fault for qty in lots.values() for fault in whole(qty, "lots")]
    if command.item and set(by_item) != {command.item}:
        faults.append(Failure("lot.item", f"these lots are of {', '.join(by_item)}, not of {command.item}", "lots"))
    if command.qty is not None and command.qty != sum(lots.values()):
        faults.append(Failure("stock.quantity", f"the lots come to {sum(lots.values())}, not {command.qty}: name either", "qty"))
    place = command.place or store.owner
    for item, picks in by_item.items() if not faults else ():
        faults += unfit(stock_of(store.store, item, states), picks, day_of(command.now), command.reason.strip() or None, place)
    return by_item, faults


def _by_item(lots: Mapping[str, int], states: States) -> dict[str, dict[str, int]]:
    """The lots by the item they are of. NotFound."""
    found: dict[str, dict[str, int]] = {}
    for lot, qty in lots.items():
        found.setdefault(item_of(lot, states), {})[lot] = qty
    return found


def transfer(command: c.TransferStock, states: States) -> Decided:
    """To another store of the same owner, both sides at once. Which lot moves is the keeper's choice: nothing is used up."""
    source, target = store_of(command.from_store, states, taking=False), store_of(command.to_store, states)
    if source.owner != target.owner:
        cure = f"{target.store} belongs to {target.owner}, {source.store} to {source.owner}: order a dispatch"
        refused([Failure("stock.owner", cure, "to_store")])
    same = source.store == target.store
    faults = [Failure("stock.owner", "it lies there already", "to_store")] if same else []
    faults += placed(command.position, target)
    faults += [] if command.lots else [Failure("stock.quantity", "name the lots", "lots")]
    if command.receiver not in (target.custodian, *target.keepers):
        cure = f"{target.store} is kept by {', '.join(dict.fromkeys((target.custodian, *target.keepers)))}"
        faults.append(Failure("receiver.named", cure, "receiver"))
    by_item = _by_item(command.lots, states)
    faults += [fault for qty in command.lots.values() for fault in whole(qty, "lots")]
    on = day_of(command.now)
    for item, picks in by_item.items():
        stock = stock_of(source.store, item, states)
        for lot in picks:
            faults += unfit(stock, {lot: picks[lot]}, on, "moved", stock.lots[lot].intent if lot in stock.lots else None)
    refused(faults)
    return Decided(_both_sides(command, source, target, by_item, states), {"lots": dict(command.lots)})


def _both_sides(command: c.TransferStock, source: Store, target: Store, by_item: Mapping[str, Mapping[str, int]], states: States) -> Facts:
    by, at = command.by.actor, command.now
    out: Facts = []
    taken: Facts = []
    for item, picks in by_item.items():
        for lot, qty in picks.items():
            gone = s.StockTransferred(source.store, item, lot, qty, target.store, command.receiver, by, at)
            card = lot_of(lot, states)
            came = s.StockTakenOver(
                target.store,
                item,
                lot,
                qty,
                source.store,
                command.position,
                by,
                at,
                target.owner,
                card.expires,
                card.owner,
                card.intent,
            )
            out.append((stock_stream(source.store, item), gone))
            taken += [(stock_stream(target.store, item), came), *held_first(lot, target.store, states, command)]
        taken += first_of_item(target, item, command)
    return [*out, *taken]


def write_off(command: c.WriteOff, states: States) -> Decided:
    """Of no use any more."""
    partner = second(command, "a write-off")
    store, item = store_of(command.store, states, taking=False), item_of(command.lot, states)
    stock = stock_of(store.store, item, states)
    apart = min(command.qty, besides(stock, command.lot, states))
    faults = whole(command.qty) + said(command.reason, REASON, "reason", "say why it is of no use")
    if (more := command.qty - stock.available(command.lot)) > apart:
        waiting = checked_first(stock, command.lot, more, states) if more <= stock.quarantined(command.lot) else []
        faults += waiting or [_too_few(stock, command.lot, "written off")]
    refused(faults)
    by, at = command.by.actor, command.now
    fact = s.StockWrittenOff(store.store, item, command.lot, command.qty, apart, command.reason, by, partner.actor, at)
    return Decided([(stock_stream(store.store, item), fact)])


def lose(command: c.RecordLoss, states: States) -> Decided:
    """Gone."""
    partner = second(command, "a loss")
    store, item = store_of(command.store, states, taking=False), item_of(command.lot, states)
    stock = stock_of(store.store, item, states)
    faults = whole(command.qty) + said(command.cause, CAUSE, "cause", "name what it was lost in (SU-07)")
    faults += said(command.reason, REASON, "reason", "say how it was lost")
    if command.bucket is s.Bucket.RESERVED:
        faults.append(Failure("stock.nonneg", "what is reserved is released first: cancel its allocation", "bucket"))
    elif command.qty > stock.ledger.balance(command.bucket, command.lot):
        faults.append(_too_few(stock, command.lot, "lost"))
    elif command.bucket is s.Bucket.QUARANTINED:
        faults += checked_first(stock, command.lot, command.qty, states)
    refused(faults)
    by, at = command.by.actor, command.now
    fact = s.StockLost(store.store, item, command.lot, command.qty, command.bucket, command.cause, command.reason, by, partner.actor, at)
    return Decided([(stock_stream(store.store, item), fact)])


def quarantine(command: c.QuarantineLot, states: States) -> Decided:
    """What is available lies apart."""
    store, item = store_of(command.store, states, taking=False), item_of(command.lot, states)
    stock = stock_of(store.store, item, states)
    there = stock.available(command.lot)
    qty = there if command.qty is None else command.qty
    faults = said(command.reason, REASON, "reason", "say what is suspected")
    if not 0 < qty <= there:
        faults.append(_too_few(stock, command.lot, "set apart"))
    refused(faults)
    by, at = command.by.actor, command.now
    fact = s.StockQuarantined(store.store, item, command.lot, qty, command.reason, by, at)
    return Decided([(stock_stream(store.store, item), fact)])


def _too_few(stock: Stock, lot: str, what: str) -> Failure:
    promised = ", ".join(sorted(stock.promised(lot)))
    held = f", reserved {stock.reserved(lot)} for {promised} (cancel that first)" if promised else ""
    there = f"available {stock.available(lot)}, apart {stock.quarantined(lot)}{held}"
    return Failure("stock.nonneg", f"{lot}: {there}; more cannot be {what}", "qty")
