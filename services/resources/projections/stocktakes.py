"""Stocktakes with their lines: what was found, what the books said, every earlier count beside it."""

from __future__ import annotations

from typing import Any

import msgspec

from services.resources.deciders.stocktakes.state import CANCELLED, CLOSED, COUNTING, OPEN, POSTED, PUT_AWAY
from services.resources.events import stocktake as t
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
STOCKTAKE = Table(
    "stocktake",
    key=("stocktake",),
    columns={
        **dict.fromkeys(("stocktake", "store", "status", "items", "positions", "opened_at", "opened_by", "reason"), "TEXT NOT NULL"),
        **dict.fromkeys(("posted_by", "approved_by", "division"), "TEXT"),
        "blind": "INTEGER NOT NULL",
        "above": "TEXT NOT NULL",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("store", "position")),
)
LINE = Table(
    "stocktake_line",
    key=("stocktake", "lot", "place"),
    columns={
        **dict.fromkeys(("stocktake", "lot", "place", "item", "store", "counts"), "TEXT NOT NULL"),  # place "": the whole store
        **dict.fromkeys(("qty", "expected", "version"), "INTEGER NOT NULL"),
    },
)
_AFTER = {t.StocktakeClosed: CLOSED, t.StocktakePosted: POSTED, t.StocktakeCancelled: CANCELLED}


class Stocktakes:
    """Builds the list of stocktakes."""

    tables: tuple[Table, ...] = (STOCKTAKE, LINE)
    listens: tuple[str, ...] = tuple(f"resources.stocktake.{name}" for name in ("opened", "line_counted", "closed", "posted", "cancelled"))

    def apply(self, rows: Rows, event: t.StocktakeEvent, at: Envelope) -> None:
        if isinstance(event, t.StocktakeOpened):
            said = {"stocktake": event.stocktake, "store": event.store, "blind": int(event.blind)}
            scope = {"items": _text(event.items), "positions": _text(event.positions)}
            told = {"status": COUNTING, "opened_at": utc(event.at), "opened_by": event.by, "reason": "", "above": "[]"}
            place = {"division": at.division, "visibility": at.visibility, "position": at.position}
            rows.put(STOCKTAKE, **said, **scope, **told, **place, posted_by=None, approved_by=None)
            return
        if isinstance(event, t.LineCounted):
            _counted(rows, event)
            rows.change(STOCKTAKE, event.stocktake, status=COUNTING, position=at.position)
            return
        more: Row = {"reason": event.reason} if isinstance(event, t.StocktakeCancelled) else {}
        if isinstance(event, t.StocktakePosted):
            more = {"reason": event.reason, "posted_by": event.by, "approved_by": event.second, "above": _text(event.above)}
        rows.change(STOCKTAKE, event.stocktake, status=_AFTER[type(event)], position=at.position, **more)


def _counted(rows: Rows, event: t.LineCounted) -> None:
    place = event.position or ""
    before = rows.get(LINE, event.stocktake, event.lot, place)
    counts = msgspec.json.decode(before["counts"]) if before else []
    counts.append({"qty": event.qty, "expected": event.expected, "by": event.by, "at": utc(event.at)})
    where = {"stocktake": event.stocktake, "lot": event.lot, "place": place, "item": event.item, "store": event.store}
    rows.put(LINE, **where, counts=_text(counts), qty=event.qty, expected=event.expected, version=event.version)


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def find(db: Connection, stocktake: str) -> Row | None:
    """A stocktake by its id."""
    row = db.execute("SELECT * FROM stocktake WHERE stocktake = ?", (stocktake,)).fetchone()
    return dict(row) if row is not None else None


def listed(db: Connection, *, before: int | None, limit: int, store: str | None) -> list[Row]:
    """Stocktakes, the last changed first."""
    where, values = ("AND store = ?", (store,)) if store else ("", ())
    start = before if before is not None else 2**62
    found = db.execute(f"SELECT * FROM stocktake WHERE position < ? {where} ORDER BY position DESC LIMIT ?", (start, *values, limit))
    return [dict(row) for row in found]


def lines(db: Connection, stocktake: str, after: tuple[str, str], limit: int) -> list[Row]:
    """Its lines by lot and position; `moved`: goods of the lot came, went or changed their place after the count."""
    moved = (
        "EXISTS (SELECT 1 FROM stock_movement m WHERE m.store = l.store AND m.item = l.item AND m.lot = l.lot AND m.version > l.version"
        " AND (m.change != 0 OR (m.type = ? AND l.place != '')))"
    )
    sql = (
        f"SELECT l.*, CASE WHEN {moved} THEN 1 ELSE 0 END AS moved FROM stocktake_line l"
        " WHERE l.stocktake = ? AND (l.lot > ? OR (l.lot = ? AND l.place > ?)) ORDER BY l.lot, l.place LIMIT ?"
    )
    return [dict(row) for row in db.execute(sql, (PUT_AWAY, stocktake, after[0], after[0], after[1], limit))]


def told(row: Row) -> Row:
    """A stocktake as it is answered."""
    kept = {name: value for name, value in row.items() if name not in ("visibility", "division", "position", "positions")}
    lists = {name: msgspec.json.decode(row[name]) for name in ("items", "above")}
    return kept | lists | {"blind": bool(row["blind"]), "places": msgspec.json.decode(row["positions"])}


def told_line(row: Row, status: str, blind: bool) -> Row:
    """A line as it is answered: while it is counted blind, nobody sees what to expect. `moved` only means something until it is posted."""
    counts = msgspec.json.decode(row["counts"])
    known = {"lot": row["lot"], "item": row["item"], "position": row["place"] or None, "qty": row["qty"]}
    if blind and status == COUNTING:
        return known | {"counts": [{name: one[name] for name in ("qty", "by", "at")} for one in counts]}
    moved = bool(row["moved"]) and status in OPEN
    return known | {"expected": row["expected"], "difference": row["qty"] - row["expected"], "moved": moved, "counts": counts}
