"""Stores: whose, where, who keeps them, in which state, when they were last looked at."""

from __future__ import annotations

from typing import Any

import msgspec

from services.resources.deciders.masters.store import CLOSED, IN_SERVICE, RESTRICTED
from services.resources.events import masters as m
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
WAREHOUSE = Table(
    "warehouse",
    key=("store",),
    columns={
        "store": "TEXT NOT NULL",
        "name": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "status": "TEXT NOT NULL",
        "reason": "TEXT NOT NULL",
        "owner": "TEXT NOT NULL",
        "level": "INTEGER NOT NULL",
        "place": "TEXT NOT NULL",
        "custodian": "TEXT NOT NULL",
        "contact": "TEXT NOT NULL",
        "keepers": "TEXT NOT NULL",
        "positions": "TEXT NOT NULL",
        "capacity": "TEXT NOT NULL",
        "parent": "TEXT",
        "inspected_at": "TEXT",
        "fit": "INTEGER",
        "findings": "TEXT NOT NULL",
        "next_inspection": "TEXT",
        "at": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("owner", "position")),
)
_JSON = ("keepers", "positions", "capacity")
_SAID = ("name", "owner", "level", "place", "custodian", "contact", "parent")
_HIDDEN = ("position", "visibility", "division")


class Warehouses:
    """Builds the list of stores."""

    tables: tuple[Table, ...] = (WAREHOUSE,)
    listens: tuple[str, ...] = tuple(
        f"resources.warehouse.{name}" for name in ("registered", "inspected", "restricted", "reopened", "closed")
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        now = {"at": utc(event.at), "position": at.position, "division": at.division, "visibility": at.visibility}
        match event:
            case m.WarehouseRegistered():
                blank: Row = dict.fromkeys(WAREHOUSE.columns) | {"status": IN_SERVICE, "reason": "", "findings": ""}
                said = {name: getattr(event, name) for name in _SAID} | {name: _text(getattr(event, name)) for name in _JSON}
                before = rows.get(WAREHOUSE, event.store) or blank
                rows.put(WAREHOUSE, **before | said | now | {"store": event.store, "kind": event.kind.value})
            case m.WarehouseInspected():
                upcoming = event.next.isoformat() if event.next else None
                looked = {"inspected_at": utc(event.at), "fit": int(event.fit), "findings": event.findings, "next_inspection": upcoming}
                rows.change(WAREHOUSE, event.store, **now | looked)
            case m.WarehouseRestricted():
                rows.change(WAREHOUSE, event.store, **now | {"status": RESTRICTED, "reason": event.reason})
            case m.WarehouseReopened():
                rows.change(WAREHOUSE, event.store, **now | {"status": IN_SERVICE, "reason": ""})
            case m.WarehouseClosed():
                rows.change(WAREHOUSE, event.store, **now | {"status": CLOSED, "reason": event.reason})


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def listed(db: Connection, *, before: int | None, limit: int, **named: str | None) -> list[Row]:
    """Stores, the last changed first; `named` are columns and what they must hold."""
    given = {name: value for name, value in named.items() if value is not None}
    where = " AND ".join(("position < ?", *(f"{name} = ?" for name in given)))
    values = (before if before is not None else 2**62, *given.values(), limit)
    return [dict(row) for row in db.execute(f"SELECT * FROM warehouse WHERE {where} ORDER BY position DESC LIMIT ?", values)]


def find(db: Connection, store: str) -> Row | None:
    """One store."""
    row = db.execute("SELECT * FROM warehouse WHERE store = ?", (store,)).fetchone()
    return None if row is None else dict(row)


def every(db: Connection) -> list[Row]:
    """All stores with what decides who sees them and how far they are, closed ones too."""
    return [
        dict(row)
        for row in db.execute(
            "SELECT store, name, status, owner, level, place, capacity, division, visibility FROM warehouse ORDER BY store"
        )
    ]


def told(row: Row) -> Row:
    """A row as it is answered."""
    kept = {name: value for name, value in row.items() if name not in _HIDDEN}
    return kept | {name: msgspec.json.decode(row[name]) for name in _JSON} | {"fit": None if row["fit"] is None else bool(row["fit"])}
