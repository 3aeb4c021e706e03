"""What somebody should look at in the stores of the own line, counted from what there is: stored is only what was told once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query

from services.resources.api.seen import day, seen
from services.resources.deciders.masters.item import Item
from services.resources.deciders.masters.notice import bounds
from services.resources.deciders.masters.store import CLOSED, Store
from services.resources.events.masters import Threshold
from services.resources.projections import availability, catalogue, loans, notices
from shared.handling.timers import utc
from shared.kernel.decider import Rules
from shared.sql.ports import Connection
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Caller, Row
from shared.web.problems import RESPONSES

OPERATIONS = ("ListNotices",)
Named = Annotated[str | None, Query(max_length=64)]
Most = Annotated[int, Query(ge=1, le=5_000)]


class Kind(StrEnum):
    """What is to be looked at."""

    LOW = "low"
    OVER = "over"
    EXPIRING = "expiring"
    PRESSING = "pressing"
    EXPIRED = "expired"  # neither expiring nor pressing any more: to be written off
    LENT = "lent"  # a borrower's time is over
    ENTRUSTED = "entrusted"  # goods of another owner that are to go back
    NORM_GAP = "norm_gap"  # a division keeps less than its norm


def add(router: APIRouter, host: Host, directory: Directory) -> None:
    @router.get("/notices", operation_id="ListNotices", responses=RESPONSES)
    def list_notices(caller: Caller, kind: Kind | None = None, division: Named = None, item: Named = None, limit: Most = 500) -> Row:
        """Short, too much, expiring by two thresholds, expired, not back, below the norm: of the stores of a division and below it.
        `told_at` is when it was escalated; `more` says that there are more than `limit`."""
        caller.require("ListNotices")
        db, sees = host.read("resources"), host.sees(caller.by)
        stores = {name: row for name, row in seen(db, directory.divisions, sees, division).items() if row["status"] != CLOSED}
        look = Look(db, stores, directory.rules_for(division or caller.by.division, caller.now, None), caller.now.date())
        found = [one for one in look.all(utc(caller.now)) if kind in (None, one["kind"]) and item in (None, one["item"])]
        return {"items": found[:limit], "total": len(found), "more": len(found) > limit, "positions": host.positions()}


class Look:
    """One look at the stores somebody may see."""

    def __init__(self, db: Connection, stores: Mapping[str, Row], rules: Rules, today: date) -> None:
        self._db, self._stores, self._today = db, stores, today
        self._default, self._back = tuple(rules.value("notice.expiring")), rules.value("notice.return")
        self._items = {row["item"]: row for row in catalogue.items(db, before=None, limit=1_000_000, retired=True)}
        owners = {row["owner"] for row in stores.values()}
        self._norms = catalogue.norms(db, (*stores, *owners))
        self._owners, self._told = owners, notices.told(db)
        self._shops = {name: Store(name, level=row["level"], capacity=msgspec.json.decode(row["capacity"])) for name, row in stores.items()}
        self._articles = {name: _article(row) for name, row in self._items.items()}

    def all(self, now: str) -> Iterator[Row]:
        """Everything there is to look at, by store and item."""
        kept: dict[tuple[str, str], int] = {}
        missing = {(store, item) for store in self._stores for item in self._norms.get(store, {})}
        expiring: dict[str, list[str]] = {}
        for row in availability.cells(self._db, self._stores):
            cell = availability.cell(row)
            item, store = cell["item"], cell["store"]
            missing.discard((store, item))
            owner = self._stores[store]["owner"]
            kept[owner, item] = kept.get((owner, item), 0) + cell["on_hand"] - cell["quarantined"]
            if cell["expires"] and cell["expires"] <= (self._today + timedelta(self._days(item)[0])).isoformat():
                expiring.setdefault(item, []).append(store)
            elif low := self._low(store, item, cell["available"]):
                yield low
            yield from self._over(store, item, cell["on_hand"])
        for store, item in sorted(missing):
            if low := self._low(store, item, 0):
                yield low
        for item, stores in sorted(expiring.items()):
            yield from self._expiring(item, stores)
        yield from self._gaps(kept)
        yield from self._lent(now)
        yield from self._entrusted()

    def _days(self, item: str) -> tuple[int, ...]:
        article = self._articles.get(item)
        return article.expiring if article and article.expiring else self._default

    def _bounds(self, store: str, item: str) -> tuple[int | None, int | None]:
        return bounds(self._articles.get(item, Item(item)), self._shops[store], self._norms.get(store, {}).get(item))

    def _low(self, store: str, item: str, available: int) -> Row | None:
        low, _ = self._bounds(store, item)
        return self._one(Kind.LOW, store, item, available, low) if low is not None and available < low else None

    def _over(self, store: str, item: str, on_hand: int) -> Iterator[Row]:
        _, high = self._bounds(store, item)
        if high is not None and on_hand > high:
            yield self._one(Kind.OVER, store, item, on_hand, high)

    def _expiring(self, item: str, stores: list[str]) -> Iterator[Row]:
        """Each kind with its lots; what expired is nothing to count on."""
        far, near = self._days(item)
        for store, lots in sorted(availability.lots(self._db, item, stores).items()):
            by = {name: ends for name, lot in lots.items() if (ends := day(lot["expires"]))}
            fit = sum(lot["available"] for name, lot in lots.items() if name not in by or by[name] >= self._today)
            if low := self._low(store, item, fit):
                yield low
            gone = {name for name, ends in by.items() if ends < self._today}
            for kind, within in ((Kind.EXPIRING, far), (Kind.PRESSING, near), (Kind.EXPIRED, 0)):
                close = {name for name, ends in by.items() if ends - timedelta(within) <= self._today} - gone
                if named := sorted(gone if kind is Kind.EXPIRED else close):
                    amount = sum(lots[name][what] for name in named for what in ("available", "held", "quarantined"))
                    first = min(by[name] for name in named).isoformat()
                    yield self._one(kind, store, item, amount, within) | {"lots": named, "expires": first}

    def _gaps(self, kept: Mapping[tuple[str, str], int]) -> Iterator[Row]:
        for owner in sorted(self._owners):
            for item, norm in sorted(self._norms.get(owner, {}).items()):
                amount = kept.get((owner, item), 0)
                if norm.minimum is not None and amount < norm.minimum:
                    told = {"store": None, "item": item, "unit": self._unit(item), "division": owner, "source": norm.source}
                    yield {"kind": Kind.NORM_GAP, **told, "amount": amount, "bound": norm.minimum, "told_at": None}

    def _lent(self, now: str) -> Iterator[Row]:
        for loan in loans.overdue(self._db, now):
            for lot, qty in loan["out"].items() if loan["store"] in self._stores else ():
                one = self._one(Kind.LENT, loan["store"], loan["items"][lot], qty, None)
                yield one | {"lots": [lot], "loan": loan["loan"], "borrower": loan["borrower"], "due_at": loan["due_at"]}

    def _entrusted(self) -> Iterator[Row]:
        limit = self._today - self._back
        for store, item, name, lot in availability.of_others(self._db, {name: row["owner"] for name, row in self._stores.items()}):
            if lot["since"] <= limit:
                amount = lot["available"] + lot["held"] + lot["quarantined"]
                yield self._one(Kind.ENTRUSTED, store, item, amount, None) | {"lots": [name], "owner": lot["owner"], "since": lot["since"]}

    def _unit(self, item: str) -> str:
        return str(self._items[item]["unit"]) if item in self._items else ""

    def _one(self, kind: Kind, store: str, item: str, amount: int, bound: int | None) -> Row:
        told = self._told.get((store, item, Kind.PRESSING if kind is Kind.EXPIRED else kind.value))  # the last that was told of it
        where: dict[str, Any] = {"store": store, "item": item, "unit": self._unit(item), "division": self._stores[store]["owner"]}
        return {"kind": kind, **where, "amount": amount, "bound": bound, "told_at": told}


def _article(row: Row) -> Item:
    return Item(row["item"], thresholds=tuple(Threshold(**one) for one in row["thresholds"]), expiring=tuple(row["expiring"]))
