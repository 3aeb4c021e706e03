"""A proposal for a request of 100 lines over 115 stores: read from the models and computed, nearest store first."""

from __future__ import annotations

import sqlite3
import time
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import Figure, Scale, folder
from services.resources.deciders.allocations.proposal import Near, Proposal, propose
from services.resources.projections import offers
from services.resources.projections.stock import STOCK_LOT
from services.resources.projections.warehouses import WAREHOUSE

LINES, STORES, LOTS = 100, 115, 2  # lots of an item in a store
NEED = 10_000
TODAY = date(2021, 7, 18)


def run(scale: Scale) -> list[Figure]:
    """The median of several proposals; each reads every lot anew."""
    lines, stores = scale.of(LINES, 10), scale.of(STORES, 12)
    with folder() as place:
        db = stocked(place / "read.db", lines, stores)
        took = []
        for _ in range(scale.runs):
            began = time.perf_counter()
            found = proposed(db, lines)
            took.append((time.perf_counter() - began) * 1000)
            assert len(found.takes) > lines, "more than one lot for a line"
    return [Figure(f"proposal for {lines} lines over {stores} stores, {LOTS} lots each", "ms", median(took), None, "ours <= 200")]


def proposed(db: sqlite3.Connection, lines: int) -> Proposal:
    """As the query asks for it; every store is as far as its number says."""
    items = [f"I-{item}" for item in range(lines)]
    near = [Near(store, owner, (rank, 0, False)) for rank, (store, owner, _) in enumerate(offers.stores(db))]
    shelves = offers.shelves(db, [one.store for one in near], items)
    return propose(dict.fromkeys(items, NEED), near, shelves, TODAY, ("150722",))


def stocked(file: Path, lines: int, stores: int) -> sqlite3.Connection:
    """Read models in which no store has enough of anything."""
    db = sqlite3.connect(file)
    db.row_factory = sqlite3.Row
    for statement in (*WAREHOUSE.ddl(), *STOCK_LOT.ddl()):
        db.execute(statement)
    held = {"status": "in_service", "owner": "150722", "place": "150722"}
    rows: list[dict[str, Any]] = [
        dict.fromkeys(WAREHOUSE.columns, "") | held | {"store": f"WH-{n:03}", "level": 3, "position": n} for n in range(stores)
    ]
    db.executemany(WAREHOUSE.upsert(), [tuple(row.values()) for row in rows])
    blank = dict.fromkeys(STOCK_LOT.columns, "") | {"reserved": 0, "quarantined": 0, "intent": None, "arrived": 1, "position": 1}
    db.executemany(
        STOCK_LOT.upsert(),
        [tuple((blank | _lot(store["store"], item, lot)).values()) for store in rows for item in range(lines) for lot in range(LOTS)],
    )
    db.commit()
    return db


def _lot(store: str, item: int, lot: int) -> dict[str, object]:
    until = date(2022 + lot, 1 + item % 12, 1).isoformat()
    return {"store": store, "lot": f"{store}-{item}-{lot}", "item": f"I-{item}", "available": 40 + item, "expires": until}
