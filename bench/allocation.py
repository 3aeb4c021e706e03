"""A proposal for a request of 100 lines over 115 stores: read from the models and computed, nearest store first; once with nobody
beside it, once with a thousand open requests for some of the goods, each of which asked its banner, its city and the region."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from bench.figures import Figure, Scale, folder
from services.registry.provinces import province
from services.resources.deciders.allocations.proposal import Near, Proposal, propose
from services.resources.deciders.allocations.rivals import sharing
from services.resources.deciders.requests.state import APPROVED, Line, Request
from services.resources.events.request import Priority
from services.resources.projections import offers, requests
from services.resources.projections.stock import STOCK_LOT
from services.resources.projections.warehouses import WAREHOUSE
from services.wiring import rule_folders
from shared.rules.loading import load_packs
from shared.runtime.tuning import tune

LINES, STORES, LOTS = 100, 115, 2  # lots of an item in a store
RIVALS, WANTS = 1_000, 10  # so many others, each for so many of the goods
NEED = 10_000
TODAY = date(2021, 7, 18)
NOW = datetime(2021, 7, 18, 6, tzinfo=timezone(timedelta(hours=8)))
CITIES, REGION = 12, "150000"
RULES = load_packs(*rule_folders(province("150000")))[0].resolve((), NOW)


def run(scale: Scale) -> list[Figure]:
    """The median of several proposals; each reads every lot anew."""
    lines, stores, others = scale.of(LINES, 10), scale.of(STORES, 14), scale.of(RIVALS, 20)
    tune()
    with folder() as place:
        db = stocked(place / "read.db", lines, stores)
        alone = [_timed(db, lines) for _ in range(scale.runs)]
        compete(db, lines, stores, others)
        beside = [_timed(db, lines) for _ in range(scale.runs)]
    said = f"proposal for {lines} lines over {stores} stores, {LOTS} lots each"
    return [
        Figure(said, "ms", median(alone), None, "ours <= 200"),
        Figure(f"the same beside {others} open requests, each for {WANTS} of the goods", "ms", median(beside), None, ""),
    ]


def _timed(db: sqlite3.Connection, lines: int) -> float:
    """Milliseconds of one proposal; it reads every lot and every open request anew."""
    began = time.perf_counter()
    found = proposed(db, lines)
    took = (time.perf_counter() - began) * 1000
    assert len(found.takes) > lines, "more than one lot for a line"
    return took


def proposed(db: sqlite3.Connection, lines: int) -> Proposal:
    """As the query asks for it; every store is as far as its number says."""
    asked = request("SR-0", range(lines), NEED, (owner(0, STORES), *above(0)))
    near = [Near(store, owner, (rank, 0, False)) for rank, (store, owner, _) in enumerate(offers.stores(db))]
    shelves = offers.shelves(db, [one.store for one in near], list(asked.lines))
    share = sharing(asked, requests.open_ones(db), RULES)
    return propose(asked.remaining, near, shelves, TODAY, ("150722",), share)


def request(name: str, items: Iterable[int], need: int, holders: tuple[str, ...]) -> Request:
    """One that wants so much of each of the items, and was forwarded up its line."""
    wanted = {f"I-{item}": Line(need) for item in items}
    return Request(
        status=APPROVED,
        request=name,
        line=holders,
        people=100 + need % 7,
        needed_by=NOW,
        priority=list(Priority)[need % 3],
        lines=wanted,
        forwarded_to=holders[1:],
    )


def compete(db: sqlite3.Connection, lines: int, stores: int, others: int) -> None:
    """So many open requests: each banner's own, all of them with its city and the region too."""
    blank = dict.fromkeys(requests.REQUEST.columns, "") | {"open": 1, "incident": None, "store": None, "division": None, "position": 1}
    for n in range(1, others + 1):
        items = {(n * 7 + item * 13) % lines for item in range(WANTS)}
        one = request(f"SR-{n}", items, 3 + n % 11, (owner(n % stores, stores), *above(n)))
        row = blank | {"request": one.request, "body": msgspec.json.encode(one).decode()}
        db.execute(requests.REQUEST.upsert(), tuple(row.values()))
    db.commit()


def owner(store: int, stores: int) -> str:
    """Whose store it is: the first are banners', the last thirteen the cities' and the region's."""
    after = store - (stores - CITIES - 1)
    return f"B-{store}" if after < 0 else above(after)[0] if after < CITIES else REGION


def above(n: int) -> tuple[str, str]:
    """Who is asked after the banner."""
    return f"C-{n % CITIES}", REGION


def stocked(file: Path, lines: int, stores: int) -> sqlite3.Connection:
    """Read models in which no store has enough of anything."""
    db = sqlite3.connect(file)
    db.row_factory = sqlite3.Row
    for statement in (*WAREHOUSE.ddl(), *STOCK_LOT.ddl(), *requests.REQUEST.ddl()):
        db.execute(statement)
    held = {"status": "in_service", "place": "150722"}
    rows: list[dict[str, Any]] = [
        dict.fromkeys(WAREHOUSE.columns, "") | held | {"store": f"WH-{n:03}", "owner": owner(n, stores), "level": 3, "position": n}
        for n in range(stores)
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
