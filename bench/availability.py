"""What there is of a whole catalogue in all stores of a region: rows as the projection builds them, asked as the routes ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from bench.figures import Figure, Scale, folder
from services.registry.provinces import province
from services.resources.api.availability import cells, matrix
from services.resources.api.seen import answered, seen
from services.resources.events.masters import LotKnown, StoreKind, WarehouseRegistered
from services.resources.events.stock import Source, StockReceived
from services.resources.projections.availability import Availability
from services.resources.projections.warehouses import Warehouses
from shared.geo.divisions import Divisions
from shared.handling.rows import UnitOfWork
from shared.kernel.envelope import Envelope
from shared.sql.sqlite import File

ITEMS, STORES, PAGE = 500, 115, 200
BEGINS = datetime(2021, 7, 1, tzinfo=UTC)


def run(scale: Scale) -> list[Figure]:
    """One region: a page of it, one of a city's stores, what expires, and everything."""
    items, stores = scale.of(ITEMS, 20), scale.of(STORES, 10)
    tree = Divisions(province("150000").units)
    with folder() as place:
        database = File(place / "read.db")
        db = database.connect(durable=False)
        banners = [unit for unit in tree if unit.level == 3]
        _fill(db, items, stores, [unit.code for unit in banners])
        look = database.look()
        named = {
            f"availability: {PAGE} cells of {items} items x {stores} stores": _page(look, tree),
            f"availability: {PAGE} cells of one city's stores": _page(look, tree, banners[0].parent),
            f"availability: {PAGE} cells that expire within 30 days": _page(look, tree, until=(BEGINS + timedelta(30)).date().isoformat()),
        }
        pages = [Figure(name, "ms", _took(ask, scale), None, "ours <= 20") for name, ask in named.items()]
        whole = _took(lambda: answered(matrix(look, seen(look, tree, _sees))), scale)
        db.close()
    return [*pages, Figure(f"availability: all {items * stores:,} cells", "ms", whole, None, "ours <= 300")]


def _page(db: Any, tree: Divisions, division: str | None = None, until: str | None = None) -> Callable[[], object]:
    def ask() -> object:
        found = cells(db, seen(db, tree, _sees, division), ("ITEM-001", ""), PAGE, until=until)
        assert found["items"]
        return answered(found)

    return ask


def _sees(division: str | None, visibility: str) -> bool:
    return True


def _took(ask: Callable[[], object], scale: Scale) -> float:
    took = []
    for _ in range(max(scale.runs, 3)):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def _fill(db: Any, items: int, stores: int, places: list[str]) -> None:
    """Two lots in every cell, half of them with a date."""
    for shown in (Warehouses, Availability):
        for table in shown.tables:
            for statement in table.ddl():
                db.execute(statement)
    rows, there, warehouses, position = UnitOfWork(db), Availability(), Warehouses(), 0
    for store in range(stores):
        name, place = f"WH-{store:03}", places[store % len(places)]
        known = WarehouseRegistered(name, StoreKind.WAREHOUSE, place, 3, place, "W.1", (), None, "B.OFF", BEGINS)
        warehouses.apply(rows, known, _envelope(position := position + 1, place))
        for item in range(items):
            for n in (1, 2):
                lot, what = f"L-{store}-{item}-{n}", f"ITEM-{item:03}"
                expires = date(2021, 7, 1) + timedelta(days=(store * items + item) % 700) if n == 1 else None
                there.apply(rows, LotKnown(lot, what, expires, None, None, place, BEGINS), _envelope(position := position + 1, place))
                fact = StockReceived(name, what, lot, 100 + n, Source.OPENING, "books", None, "W.1", BEGINS, place, expires)
                there.apply(rows, fact, _envelope(position := position + 1, place))
        rows.flush()
    db.commit()


def _envelope(position: int, place: str) -> Envelope:
    return Envelope(
        specversion="1.0",
        id="",
        source="",
        type="",
        time=BEGINS,
        log="150000.resources",
        position=position,
        streamid="",
        streamversion=1,
        partitionkey="",
        division=place,
    )
