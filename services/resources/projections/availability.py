"""What there is of every item in every store, and what is on its way there: one narrow row for a cell, so that many are read at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from services.resources.deciders.stock.entries import AVAILABLE, QUARANTINED, RESERVED, TRANSIT, StockEvent, legs
from services.resources.deciders.stock.families import MOVES
from services.resources.events.masters import LotKnown
from services.resources.events.shipment import ShipmentOrdered, ShipmentTurnedBack
from services.resources.events.stock import StockReceived
from shared.handling.declare import Rows, Table
from shared.kernel.decoding import decoder
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
CELL = Table(
    "availability",
    key=("item", "store"),
    columns={
        "item": "TEXT NOT NULL",
        "store": "TEXT NOT NULL",
        "on_hand": "INTEGER NOT NULL",
        "held": "INTEGER NOT NULL",
        "available": "INTEGER NOT NULL",
        "quarantined": "INTEGER NOT NULL",
        "incoming": "INTEGER NOT NULL",
        "expires": "TEXT",  # the earliest of the lots
    },
)  # no index by store: pages go by item, and a planner that has one takes it and sorts everything
# Lot by lot, beside the cells: who reads many cells does not read these.
LOTS = Table(
    "availability_lots",
    key=("item", "store"),
    columns={"item": "TEXT NOT NULL", "store": "TEXT NOT NULL", "lots": "TEXT NOT NULL", "entrusted": "INTEGER NOT NULL"},
    indexes=(("entrusted", "store", "item"),),
)
CARD = Table(
    "availability_card",
    key=("lot",),
    columns={"lot": "TEXT NOT NULL", "expires": "TEXT", "owner": "TEXT"},
)
WAY = Table(
    "availability_way",
    key=("shipment",),
    columns={"shipment": "TEXT NOT NULL", "to_store": "TEXT NOT NULL", "items": "TEXT NOT NULL"},
)
_BUCKETS = (AVAILABLE, RESERVED, QUARANTINED)
COLUMNS = ("item", "store", "on_hand", "held", "available", "quarantined", "incoming", "expires")
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM availability"
Lots = dict[str, list[int]]
"""By lot: available, reserved, quarantined, and the day it came (as an ordinal)."""
_lots = decoder(Lots)
_items = decoder(dict[str, int])


class Availability:
    """Builds the cells of items and stores."""

    tables: tuple[Table, ...] = (CELL, LOTS, CARD, WAY)
    listens: tuple[str, ...] = (*MOVES, "resources.guard.lot_known", "resources.shipment.ordered", "resources.shipment.turned_back")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case LotKnown():
                _carded(rows, event)
            case ShipmentOrdered():
                rows.put(WAY, shipment=event.shipment, to_store=event.to_store, items="{}")
            case ShipmentTurnedBack():
                _turned(rows, event)
            case _:
                _moved(rows, event)


def _moved(rows: Rows, event: StockEvent) -> None:
    inside, moving = [0, 0, 0], 0
    for leg in legs(event):
        account = leg.account.partition(":")[0]
        if account in _BUCKETS:
            inside[_BUCKETS.index(account)] += leg.amount
        elif account == TRANSIT:
            moving += leg.amount
    if any(inside):
        _counted(rows, event, inside)
    if moving:
        _on_the_way(rows, getattr(event, "cause", ""), event.item, moving)


def _carded(rows: Rows, event: LotKnown | StockReceived) -> None:
    expires = event.expires.isoformat() if event.expires else None
    rows.put(CARD, lot=event.lot, expires=expires, owner=event.owner)


def _counted(rows: Rows, event: StockEvent, change: list[int]) -> None:
    if isinstance(event, StockReceived) and rows.get(CARD, event.lot) is None:
        _carded(rows, event)  # its card is of the same decision, and may be written after it
    before = rows.get(LOTS, event.item, event.store)
    lots: Lots = _lots.decode(before["lots"]) if before else {}
    known = set(lots)
    *held, since = lots.get(event.lot) or [0, 0, 0, event.at.toordinal()]
    left = [amount + more for amount, more in zip(held, change, strict=True)]
    if any(left):
        lots[event.lot] = [*left, since]
    else:
        lots.pop(event.lot, None)
    cell = _cell(rows, event.item, event.store)
    named, expires = (before["entrusted"], cell["expires"]) if before else (0, None)
    if lots.keys() != known:  # else no other card has a say: a store may have many lots
        came = (event.lot,) if event.lot in lots else lots
        cards = [card for lot in came if (card := rows.get(CARD, lot))]
        days = [card["expires"] for card in cards if card["expires"]] + ([expires] if expires and event.lot in lots else [])
        named, expires = int(any(card["owner"] for card in cards) or (named and event.lot in lots)), min(days, default=None)
    rows.put(LOTS, item=event.item, store=event.store, lots=msgspec.json.encode(lots).decode(), entrusted=named)
    free, promised, apart = (cell[name] + more for name, more in zip(("available", "held", "quarantined"), change, strict=True))
    cell |= {"available": free, "held": promised, "quarantined": apart, "on_hand": free + promised + apart}
    rows.put(CELL, **cell | {"expires": expires})


def _on_the_way(rows: Rows, shipment: str, item: str, more: int) -> None:
    """What left for a shipment is on its way to where that goes, until it is received, returned or lost."""
    way = rows.get(WAY, shipment)
    if way is None:
        return
    items = _items.decode(way["items"])
    items[item] = items.get(item, 0) + more
    rows.change(WAY, shipment, items=msgspec.json.encode({name: amount for name, amount in items.items() if amount}).decode())
    _incoming(rows, item, way["to_store"], more)


def _turned(rows: Rows, event: ShipmentTurnedBack) -> None:
    way = rows.get(WAY, event.shipment)
    for item, amount in _items.decode(way["items"]).items() if way else ():
        _incoming(rows, item, way["to_store"] if way else "", -amount)
        _incoming(rows, item, event.to_store, amount)
    rows.change(WAY, event.shipment, to_store=event.to_store)


def _incoming(rows: Rows, item: str, store: str, more: int) -> None:
    cell = _cell(rows, item, store)
    rows.put(CELL, **cell | {"incoming": cell["incoming"] + more})


def _cell(rows: Rows, item: str, store: str) -> Row:
    blank = dict.fromkeys(("on_hand", "held", "available", "quarantined", "incoming"), 0)
    return rows.get(CELL, item, store) or {"item": item, "store": store, **blank, "expires": None}


def cells(
    db: Connection,
    stores: Collection[str],
    *,
    after: tuple[str, str] = ("", ""),
    limit: int | None = None,
    item: str | None = None,
    until: str | None = None,
) -> list[Any]:
    """The cells of these stores as plain rows, by item and store, from after a cell on; `until`: only what expires by that day."""
    wanted = list(stores)
    if not wanted:
        return []
    where, values = ["(item, store) > (?, ?)"], [*after]
    if item is not None:
        where, values = [*where, "item = ?"], [*values, item]
    if until is not None:
        where, values = [*where, "expires <= ?"], [*values, until]
    where.append(f"store IN ({', '.join('?' * len(wanted))})")
    sql = f"{_SELECT} WHERE {' AND '.join(where)} ORDER BY item, store" + ("" if limit is None else f" LIMIT {int(limit)}")
    return db.execute(sql, (*values, *wanted)).fetchall()


def cell(row: Any) -> Row:
    """A plain row by the names of its columns."""
    return dict(zip(COLUMNS, row, strict=True))


def lots(db: Connection, item: str, stores: Collection[str]) -> dict[str, dict[str, Row]]:
    """Store -> lot -> what there is of it, since when, until when it is good, whose it is."""
    found: dict[str, dict[str, Row]] = {}
    for row in db.execute("SELECT store, lots FROM availability_lots WHERE item = ?", (item,)):
        if row["store"] in stores:
            found[row["store"]] = {lot: _lot(held) | _card(db, lot) for lot, held in _lots.decode(row["lots"]).items()}
    return found


def of_others(db: Connection, owners: Mapping[str, str]) -> Iterator[tuple[str, str, str, Row]]:
    """Store, item, lot and what there is of it, where it is not of the store's owner."""
    sql = "SELECT item, store, lots FROM availability_lots WHERE entrusted = 1 ORDER BY store, item"
    for row in db.execute(sql).fetchall():
        for lot, held in _lots.decode(row["lots"]).items() if row["store"] in owners else ():
            card = _card(db, lot)
            if card["owner"] not in (None, owners[row["store"]]):
                yield row["store"], row["item"], lot, _lot(held) | card


def _lot(held: list[int]) -> Row:
    free, promised, apart, since = held
    return {"available": free, "held": promised, "quarantined": apart, "since": date.fromordinal(since)}


def _card(db: Connection, lot: str) -> Row:
    row = db.execute("SELECT expires, owner FROM availability_card WHERE lot = ?", (lot,)).fetchone()
    return {"expires": row["expires"], "owner": row["owner"]} if row else {"expires": None, "owner": None}
