"""What lies in each store, lot by lot, and where: what operators look at (domain 3.8). Lots of which nothing is left stay to be seen."""

from __future__ import annotations

from typing import Any

import msgspec

from services.resources.deciders.stock.entries import AVAILABLE, INSIDE, QUARANTINED, RESERVED, StockEvent, legs
from services.resources.deciders.stock.families import MOVES
from services.resources.deciders.stock.state import lying
from services.resources.events.lot import LotRecalled
from services.resources.events.stock import StockRededicated
from shared.handling.declare import Rows, Table
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
STOCK_LOT = Table(
    "stock_lot",
    key=("store", "lot"),
    columns={
        "store": "TEXT NOT NULL",
        "lot": "TEXT NOT NULL",
        "item": "TEXT NOT NULL",
        "available": "INTEGER NOT NULL",
        "reserved": "INTEGER NOT NULL",
        "quarantined": "INTEGER NOT NULL",
        "held": "TEXT NOT NULL",  # allocation -> how much
        "shelves": "TEXT NOT NULL",  # position -> how much; "" is not put away yet
        "expires": "TEXT",
        "owner": "TEXT",
        "intent": "TEXT",
        "arrived": "INTEGER NOT NULL",  # the position at which it last came: of lots with one date, the first goes out first
        "recalled": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("store", "item"), ("lot",)),
)
FAMILIES = (*MOVES, "resources.stock.moved")
"""Everything that happens to goods in a store."""


class StockLots:
    """Builds what lies where."""

    tables: tuple[Table, ...] = (STOCK_LOT,)
    listens: tuple[str, ...] = (*FAMILIES, "resources.lot.recalled")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if isinstance(event, LotRecalled):
            for store in event.stores:
                if rows.get(STOCK_LOT, store, event.lot) is not None:
                    rows.change(STOCK_LOT, store, event.lot, recalled=event.reason)
            return
        row = rows.get(STOCK_LOT, event.store, event.lot) or _new(event)
        if not any(row[name] for name in (AVAILABLE, RESERVED, QUARANTINED)):
            row = row | {"arrived": at.position}
        known: Row = {name: _text(value) for name in ("expires", "owner", "intent") if (value := getattr(event, name, None)) is not None}
        if isinstance(event, StockRededicated):
            known = {"intent": event.intent}
        rows.put(
            STOCK_LOT, **row | known | moved(row, event) | {"division": at.division, "visibility": at.visibility, "position": at.position}
        )


def _new(event: Any) -> Row:
    empty: Row = dict.fromkeys((AVAILABLE, RESERVED, QUARANTINED), 0)
    blank: Row = dict.fromkeys(STOCK_LOT.columns)
    return blank | empty | {"store": event.store, "lot": event.lot, "item": event.item, "held": "{}", "shelves": "{}", "recalled": ""}


def moved(row: Row, event: StockEvent) -> Row:
    """The columns that a fact changes."""
    held: dict[str, int] = msgspec.json.decode(row["held"]) if row["held"] != "{}" else {}
    after: Row = {AVAILABLE: row[AVAILABLE], RESERVED: row[RESERVED], QUARANTINED: row[QUARANTINED]}
    change = 0
    for leg in legs(event):
        name, _, key = leg.account.partition(":")
        if name in INSIDE:
            after[name] += leg.amount
            change += leg.amount
        if key:
            held[key] = held.get(key, 0) + leg.amount
    shelves = lying(msgspec.json.decode(row["shelves"]), change, event)
    return after | {"held": _json({key: amount for key, amount in held.items() if amount}), "shelves": _json(shelves)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value.isoformat())


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def shown(row: Row, today: str) -> Row:
    """A lot as it is answered."""
    kept = {name: row[name] for name in ("item", AVAILABLE, RESERVED, QUARANTINED, "expires", "owner", "intent", "recalled")}
    expired = row["expires"] is not None and row["expires"] < today
    on_hand = row[AVAILABLE] + row[RESERVED] + row[QUARANTINED]
    held, shelves = msgspec.json.decode(row["held"]), msgspec.json.decode(row["shelves"])
    return kept | {"on_hand": on_hand, "held": held, "shelves": shelves, "expired": expired}


def of_store(db: Connection, store: str, *, item: str | None, stocked: bool, after: str, limit: int) -> list[Row]:
    """The lots of a store by their ids; `stocked`: only of which something is there."""
    where = "store = ? AND lot > ?" + (" AND item = ?" if item else "") + (" AND available + reserved + quarantined > 0" if stocked else "")
    values = (store, after, *((item,) if item else ()), limit)
    return [dict(row) for row in db.execute(f"SELECT * FROM stock_lot WHERE {where} ORDER BY lot LIMIT ?", values)]


def of_lot(db: Connection, lot: str) -> list[Row]:
    """A lot in every store it ever came to."""
    return [dict(row) for row in db.execute("SELECT * FROM stock_lot WHERE lot = ? ORDER BY store", (lot,))]
