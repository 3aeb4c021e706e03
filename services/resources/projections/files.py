"""What was received as one; and what a preview has to know of catalogue, stores and lots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from services.resources.deciders.imports.state import RECEIVED, UNDONE
from services.resources.deciders.masters.item import Item
from services.resources.deciders.masters.lot import LotCard
from services.resources.deciders.masters.store import Store
from services.resources.deciders.streams import item_stream, lot_stream, store_stream
from services.resources.events.stock_file import StockFileLineUndone, StockFileReceived, StockFileUndone
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
FILE = Table(
    "stock_file",
    key=("file",),
    columns={
        **dict.fromkeys(("file", "digest", "name", "source", "stores", "by", "at", "status", "reason", "visibility"), "TEXT NOT NULL"),
        **dict.fromkeys(("content", "division"), "TEXT"),
        **dict.fromkeys(("lines", "undone", "position"), "INTEGER NOT NULL"),
    },
    indexes=(("position",),),
)
AT_ONCE = 500  # lots in one question


class StockFiles:
    """Builds the list of files."""

    tables: tuple[Table, ...] = (FILE,)
    listens: tuple[str, ...] = ("resources.stock_file.received", "resources.stock_file.undone", "resources.stock_file.line_undone")

    def apply(self, rows: Rows, event: StockFileReceived | StockFileUndone | StockFileLineUndone, at: Envelope) -> None:
        if not isinstance(event, StockFileReceived):
            before = rows.get(FILE, event.file) or {"lines": 0, "undone": 0}
            undone = before["undone"] + (event.lines if isinstance(event, StockFileUndone) else 1)
            over = isinstance(event, StockFileUndone) or undone == before["lines"]
            said = {"reason": event.reason, "undone": undone, "position": at.position}
            rows.change(FILE, event.file, status=UNDONE if over else RECEIVED, **said)
            return
        named = {name: getattr(event, name) for name in ("file", "digest", "content", "name", "lines", "by")}
        told = {"source": event.source.value, "stores": msgspec.json.encode(event.stores).decode(), "at": utc(event.at)}
        about = {"status": RECEIVED, "reason": "", "division": at.division, "visibility": at.visibility, "position": at.position}
        rows.put(FILE, **named, undone=0, **told, **about)


def listed(db: Connection, *, before: int | None, limit: int) -> list[Row]:
    """Files, the last changed first."""
    start = before if before is not None else 2**62
    return [dict(row) for row in db.execute("SELECT * FROM stock_file WHERE position < ? ORDER BY position DESC LIMIT ?", (start, limit))]


def told(row: Row) -> Row:
    """A file as it is answered."""
    kept = {name: value for name, value in row.items() if name not in ("division", "visibility", "position")}
    return kept | {"stores": msgspec.json.decode(row["stores"])}


def find(db: Connection, file: str) -> Row | None:
    """A file by its id."""
    row = db.execute("SELECT * FROM stock_file WHERE file = ?", (file,)).fetchone()
    return dict(row) if row is not None else None


def known(db: Connection, stores: Iterable[str], items: Iterable[str], lots: Iterable[str]) -> dict[str, Any]:
    """The states a receipt of these would meet, as far as the read model knows them: what a preview decides over."""
    states: dict[str, Any] = {}
    for row in _asked(db, "SELECT store, status, owner, level, positions, custodian, keepers FROM warehouse WHERE store IN", stores):
        told = {name: row[name] for name in ("store", "status", "owner", "level", "custodian")}
        told |= {name: tuple(msgspec.json.decode(row[name])) for name in ("positions", "keepers")}
        states[store_stream(row["store"])] = Store(**told)
    for row in _asked(db, "SELECT item, unit, packs FROM catalogue_item WHERE item IN", items):
        states[item_stream(row["item"])] = Item(row["item"], unit=row["unit"], packs=msgspec.json.decode(row["packs"]))
    for row in _asked(db, "SELECT lot, item, store, expires, owner, intent, recalled FROM stock_lot WHERE lot IN", lots):
        own = lot_stream(row["lot"])
        expires = date.fromisoformat(row["expires"]) if row["expires"] else None
        card = states.get(own) or LotCard(row["lot"], row["item"], expires, row["owner"], row["intent"], recalled=row["recalled"])
        states[own] = replace(card, stores=(*card.stores, row["store"]))
    return states


def _asked(db: Connection, question: str, names: Iterable[str]) -> Iterator[Row]:
    asked = list(dict.fromkeys(names))
    for start in range(0, len(asked), AT_ONCE):
        part = asked[start : start + AT_ONCE]
        for row in db.execute(f"{question} ({', '.join('?' * len(part))})", tuple(part)):
            yield dict(row)
