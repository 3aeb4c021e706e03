"""Goods that come into a store: received, checked, put away, brought back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.resources.deciders.masters.item import counted
from services.resources.deciders.masters.lot import LotCard, lies_apart, lot_of, made_known
from services.resources.deciders.masters.store import Store, first_of_item, store_of
from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.entries import legs
from services.resources.deciders.stock.finding import Facts, States, item_of, placed, refused, said, second, stock_of, whole
from services.resources.deciders.stock.moving import day_of
from services.resources.deciders.stock.people import with_people
from services.resources.deciders.stock.state import NOWHERE, Stock
from services.resources.deciders.stock.unchecked import checked_first
from services.resources.deciders.streams import lot_stream, stock_stream
from services.resources.events import stock as s
from services.resources.events.lot import LotHeld
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure
from shared.kernel.events import type_of

CAUSE = "stock.cause"
TRIAGE = "Q-TRIAGE"
AGAIN = "stock.again"
BACK_TO_SUPPLIER = (s.Source.PURCHASE, s.Source.AGREEMENT, s.Source.DONATION)


def arrived(
    store: Store,
    item: str,
    lot: str,
    qty: int,
    source: s.Source,
    cause: str,
    command: Command,
    states: States,
    *,
    damaged: int = 0,
    pending: bool = False,
    position: str | None = None,
    expires: date | None = None,
    owner: str | None = None,
    intent: str | None = None,
    entered: bool = False,
) -> tuple[Facts, list[Failure]]:
    """Goods received and what is noted for the first time; what expired or was recalled lies apart. A known lot keeps its owner."""
    card = lot_of(lot, states)
    unlike = [] if source is s.Source.TRANSFER else _unlike(card, owner or (store.owner if source is s.Source.PURCHASE else None), intent)
    expires, owner, intent = expires or card.expires, card.owner or owner or store.owner, card.intent if card.item else intent
    noted, faults = made_known(lot, item, states, command, expires, owner, intent, store.owner, store.store)
    apart = pending or lies_apart(lot, states, expires, day_of(command.now))
    fact = s.StockReceived(
        store.store,
        item,
        lot,
        qty,
        source,
        cause,
        position,
        command.by.actor,
        command.now,
        store.owner,
        expires,
        owner,
        intent,
        damaged,
        apart,
        entered,
    )
    return [(stock_stream(store.store, item), fact), *noted, *first_of_item(store, item, command)], faults or unlike


def _unlike(card: LotCard, owner: str | None, intent: str | None) -> list[Failure]:
    """The fault of mixing what came with goods of somebody else, or given for another place: nobody could tell them apart any more."""
    whose = f"{card.lot} is of {card.owner}" + (f", given for {card.intent}" if card.intent else "")
    cure = f"{whose}: give what is new a lot of its own"
    said = {"owner": (owner, card.owner), "intent": (intent, card.intent)}
    return [Failure("lot.once", cure, field) for field, (new, known) in said.items() if card.item and new not in (None, known)]


def receive(command: c.ReceiveLot, states: States, rules: Rules) -> Decided:
    """Goods came with a document, or lay there when the books were opened. What looks odd is taken and looked at."""
    store = store_of(command.store, states)
    nothing = command.qty == 0 and command.damaged > 0
    qty, faults = (0, []) if nothing else counted(command.qty, command.unit, command.item, states)
    damaged, broken = counted(command.damaged, command.unit, command.item, states, "damaged") if command.damaged else (0, [])
    opening = command.source is s.Source.OPENING
    facts, other = arrived(
        store,
        command.item,
        command.lot,
        qty,
        command.source,
        command.cause or ("opening" if opening else ""),
        command,
        states,
        damaged=damaged,
        pending=command.pending,
        position=command.position,
        expires=command.expires,
        owner=command.owner,
        intent=command.intent,
        entered=True,
    )
    why = [] if opening else said(command.cause, CAUSE, "cause", "name the document it came with")
    refused(faults, [fault for fault in broken if fault not in faults], other, placed(command.position, store), why)
    came: s.StockReceived = facts[0][1]
    expired = not opening and came.expires is not None and came.expires < day_of(command.now)
    odd = expired or _again(came, stock_of(store.store, command.item, states), rules.value(AGAIN))
    answer = {"lots": {command.lot: qty + damaged}, "apart": qty + damaged if came.pending else damaged}
    return Decided(facts, answer, flags=(TRIAGE,) if odd else ())


def _again(came: s.StockReceived, stock: Stock, within: timedelta) -> bool:
    """Whether the same person entered the same a short time ago: under a key of its own it counts twice, perhaps by mistake."""
    recent = [one for one in stock.recent if one.lot == came.lot and not one.reversed and one.at is not None and came.at - one.at <= within]
    same = (type_of(came), tuple((leg.account, leg.amount) for leg in legs(came)), came.cause, came.by) if recent else ()
    return any((one.type, one.legs, one.cause, one.by) == same for one in recent)


def passed(command: c.PassQuality, states: States) -> Decided:
    """What lay apart may be promised; what a supplier brought under a call-off is checked by AcceptQuality."""
    store, item = store_of(command.store, states, taking=False), item_of(command.lot, states)
    stock, card = stock_of(store.store, item, states), lot_of(command.lot, states)
    qty, faults = _apart(stock.quarantined(command.lot), command.qty, command.lot)
    on = day_of(command.now)
    if card.expires is not None and card.expires < on:
        faults.append(Failure("stock.expired", f"{command.lot} expired on {card.expires}: write it off", "lot"))
    if card.recalled:
        faults.append(Failure("stock.recalled", f"{command.lot} was recalled ({card.recalled}): write it off or send it back", "lot"))
    refused(faults or checked_first(stock, command.lot, qty, states), said(command.cause, CAUSE, "cause", "name the check"))
    if (known := stock.lots.get(command.lot)) and known.failed:
        second(command, f"{command.lot} failed a check before")
    by, at = command.by.actor, command.now
    return Decided([(stock_stream(store.store, item), s.QualityPassed(store.store, item, command.lot, qty, command.cause, by, at))])


def failed(command: c.FailQuality, states: States) -> Decided:
    """What lay apart stays there, or goes back."""
    store, item = store_of(command.store, states, taking=False), item_of(command.lot, states)
    stock, own = stock_of(store.store, item, states), stock_stream(store.store, item)
    qty, faults = _apart(stock.quarantined(command.lot), command.qty, command.lot)
    by, at = command.by.actor, command.now
    known = stock.lots.get(command.lot)
    source = known.source if known else None
    if command.to_supplier and known and source not in BACK_TO_SUPPLIER:
        cure = f"{command.lot} did not come from a supplier or donor: transfer it, return it, or write it off"
        faults.append(Failure("stock.supplier", cure, "to_supplier"))
    waiting = checked_first(stock, command.lot, qty, states)
    refused(faults or waiting, said(command.reason, "stock.reason", "reason", "say what the check found"))
    facts: Facts = [(own, s.QualityFailed(store.store, item, command.lot, qty, command.reason, by, at))]
    if command.to_supplier and source is not None:
        facts = [(own, s.ReturnedToSupplier(store.store, item, command.lot, qty, source, command.reason, by, at))]
    return Decided(facts)


def put_away(command: c.PutAway, states: States) -> Decided:
    """From one position to another."""
    store, item = store_of(command.store, states, taking=False), item_of(command.lot, states)
    source = command.from_position or NOWHERE
    there = stock_of(store.store, item, states).shelves.get(command.lot, {}).get(source, 0)
    qty = there if command.qty is None else command.qty
    faults = placed(command.position, store) + (whole(qty) if command.qty is not None else [])
    if command.position == source:
        faults.append(Failure("store.position", f"{command.lot} lies in {source} already", "position"))
    if qty > there or not there:
        shelves = stock_of(store.store, item, states).shelves.get(command.lot, {})
        lies = ", ".join(f"{qty} in {place}" for place, qty in shelves.items() if place != NOWHERE and qty)
        instead = f": name from_position ({lies})" if lies else ""
        cure = f"of {command.lot} there are {there} in {source}" if source else f"of {command.lot} {there} are not put away yet{instead}"
        faults.append(Failure("stock.nonneg", cure, "qty"))
    refused(faults)
    by, at = command.by.actor, command.now
    fact = s.StockMoved(store.store, item, command.lot, qty, command.from_position, command.position, by, at)
    return Decided([(stock_stream(store.store, item), fact)])


def bring_back(command: c.ReturnStock, states: States) -> Decided:
    """Goods came back from people; more than were handed out around here is signed by two, and looked at."""
    store = store_of(command.store, states)
    if command.from_ is not s.From.PEOPLE:
        instead = "ReturnLoan" if command.from_ is s.From.BORROWER else "the commands of its shipment"
        refused([Failure("stock.elsewhere", f"what comes back from {command.from_} is entered by {instead}", "from")])
    card = lot_of(command.lot, states)
    facts, faults = returned(
        store,
        command.item,
        command.lot,
        (command.good, command.damaged, command.lost),
        s.From.PEOPLE,
        command.cause or s.From.PEOPLE.value,
        command.position,
        command,
        states,
        expires=command.expires or card.expires,
        owner=command.owner,
        entered=True,
    )
    _, unknown = counted(1, None, command.item, states)
    refused(unknown, faults)
    back, had = command.good + command.damaged + command.lost, max(0, with_people(store.store, command.item, states))
    if back > had:
        second(command, f"people have {had} of {command.item} out of this store and those around it, {back} come back")
    return Decided(facts, {"lots": {command.lot: command.good + command.damaged}}, flags=(TRIAGE,) if back > had else ())


def returned(
    store: Store,
    item: str,
    lot: str,
    parts: tuple[int, int, int],
    source: s.From,
    cause: str,
    position: str | None,
    command: Command,
    states: States,
    expires: date | None,
    owner: str | None = None,
    entered: bool = False,
) -> tuple[Facts, list[Failure]]:
    """Goods brought back, good, damaged and lost, and what is noted for the first time; with what is wrong about it."""
    card = lot_of(lot, states)
    owner, intent = card.owner or owner or store.owner, card.intent
    noted, faults = made_known(lot, item, states, command, expires, owner, intent, store.owner, store.store)
    good, damaged, lost = parts
    if min(parts) < 0 or not sum(parts):
        faults.append(Failure("stock.quantity", "good, damaged and lost are whole numbers, one at least together", "good"))
    if good > 0 and lies_apart(lot, states, expires, day_of(command.now)):
        why = f"{lot} was recalled" if card.recalled else f"{lot} expired on {expires}"
        faults.append(Failure("stock.recalled" if card.recalled else "stock.expired", f"{why}: enter it as damaged, it lies apart", "good"))
    by, at, partner = command.by.actor, command.now, command.cosigner.actor if command.cosigner else None
    fact = s.StockReturned(
        store.store, item, lot, good, damaged, lost, source, cause, position, by, at, store.owner, expires, owner, intent, entered, partner
    )
    facts: Facts = [(stock_stream(store.store, item), fact), *noted, *first_of_item(store, item, command)]
    return facts, faults + placed(position, store)


def held_first(lot: str, store: str, states: States, command: Command) -> list[tuple[str, Any]]:
    """What a known lot notes when it comes to another store."""
    known = store in lot_of(lot, states).stores
    return [] if known else [(lot_stream(lot), LotHeld(lot, store, command.now))]


def _apart(there: int, qty: int | None, lot: str) -> tuple[int, list[Failure]]:
    """So much of what lies apart, all of it when not said; or the fault that there is not so much."""
    asked = there if qty is None else qty
    if there and 0 < asked <= there:
        return asked, []
    return asked, [Failure("stock.nonneg", f"{lot}: {there} lie apart", "qty")]
