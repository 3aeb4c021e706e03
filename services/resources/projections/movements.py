"""The stock card: every movement with its cause, its other side, the balance after it and who entered it; and the accounts per item."""

from __future__ import annotations

from typing import Any

import msgspec

from services.resources.deciders.stock import entries
from services.resources.deciders.stock.entries import INSIDE, StockEvent, legs
from services.resources.events.stock import StockReversed
from services.resources.projections.stock import FAMILIES
from shared.handling.declare import Rows, Table
from shared.handling.merging import paged
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
MOVEMENT = Table(
    "stock_movement",
    key=("store", "item", "version"),
    columns={
        "store": "TEXT NOT NULL",
        "item": "TEXT NOT NULL",
        "lot": "TEXT NOT NULL",
        "version": "INTEGER NOT NULL",  # of the stream: what an undo names
        "type": "TEXT NOT NULL",
        "legs": "TEXT NOT NULL",  # account -> amount
        "change": "INTEGER NOT NULL",  # of what is on hand
        "balance": "INTEGER NOT NULL",  # on hand of the item in the store afterwards
        "other": "TEXT NOT NULL",  # the account outside
        "cause": "TEXT NOT NULL",
        "reason": "TEXT NOT NULL",
        "by": "TEXT NOT NULL",
        "second": "TEXT",
        "at": "TEXT NOT NULL",
        "reversed": "INTEGER",  # the version that took it back
        "reverses": "INTEGER",  # the version that it takes back
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("store", "item", "position"), ("lot", "position"), ("position",)),
)
ACCOUNTS = Table(
    "stock_accounts",
    key=("store", "item"),
    columns={
        "store": "TEXT NOT NULL",
        "item": "TEXT NOT NULL",
        "accounts": "TEXT NOT NULL",  # name -> balance
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
    },
    indexes=(("item",),),
)
GIVES = (entries.OPENING, entries.SUPPLIER, entries.DONOR, entries.OWNER, entries.FOUND)
"""Accounts that owe what lies here: shown as what they gave."""
NAMED = (entries.OPENING, entries.SUPPLIER, entries.DONOR, entries.OWNER, entries.FOUND, entries.TRANSIT, entries.STORES)
LEFT = (entries.BORROWER, entries.PEOPLE, entries.LOST, entries.WRITTEN_OFF)


class Movements:
    """Builds the stock card and the accounts."""

    tables: tuple[Table, ...] = (MOVEMENT, ACCOUNTS)
    listens: tuple[str, ...] = FAMILIES

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        known = rows.get(ACCOUNTS, event.store, event.item)
        accounts: dict[str, int] = msgspec.json.decode(known["accounts"]) if known else {}
        moved, change = _posted(event, accounts)
        told: Row = {}
        if isinstance(event, StockReversed):
            rows.change(MOVEMENT, event.store, event.item, event.version, reversed=at.streamversion)
            taken = rows.get(MOVEMENT, event.store, event.item, event.version)
            told = {"reverses": event.version, "cause": taken["cause"] if taken else ""}
        where = {"division": at.division, "visibility": at.visibility}
        own = {"store": event.store, "item": event.item}
        rows.put(ACCOUNTS, **own, accounts=_json(accounts), **where)
        balance = sum(accounts.get(name, 0) for name in INSIDE)
        rows.put(MOVEMENT, **own, **where, **_card(event, at, moved) | told, change=change, balance=balance)


def _posted(event: StockEvent, accounts: dict[str, int]) -> tuple[dict[str, int], int]:
    """What a fact moved by account, and of what is on hand; the accounts follow."""
    moved: dict[str, int] = {}
    change = 0
    for leg in legs(event):
        if not leg.amount:
            continue
        name = leg.account.partition(":")[0]
        moved[leg.account] = moved.get(leg.account, 0) + leg.amount
        accounts[name] = accounts.get(name, 0) + leg.amount
        change += leg.amount if name in INSIDE else 0
    return moved, change


def _card(event: Any, at: Envelope, moved: dict[str, int]) -> Row:
    outside = [name for name in moved if name.partition(":")[0] not in INSIDE]
    said = ("cause", "allocation", "distribution", "to_store", "from_store")
    return {
        "position": at.position,
        "lot": event.lot,
        "version": at.streamversion,
        "type": at.type,
        "legs": _json(moved),
        "other": ", ".join(outside),
        "cause": next((text for name in said if (text := getattr(event, name, None))), ""),
        "reason": getattr(event, "reason", ""),
        "by": event.by,
        "second": getattr(event, "second", None),
        "at": utc(event.at),
        "reversed": None,
        "reverses": None,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def shown(row: Row) -> Row:
    """A line of the card as it is answered."""
    kept = {name: value for name, value in row.items() if name not in ("division", "visibility")}
    return kept | {"legs": msgspec.json.decode(row["legs"])}


def listed(db: Connection, *, before: int | None, limit: int, **named: str | None) -> list[Row]:
    """Movements, the last first; `named` are columns and what they must hold."""
    where, values = paged(db, before, **named)
    return [dict(row) for row in db.execute(f"SELECT * FROM stock_movement WHERE {where} ORDER BY position DESC LIMIT ?", (*values, limit))]


def balances(db: Connection, *, store: str | None = None, item: str | None = None) -> list[Row]:
    """The accounts of each store and item."""
    given = {name: value for name, value in (("store", store), ("item", item)) if value is not None}
    where = " AND ".join(("1 = 1", *(f"{name} = ?" for name in given)))
    return [dict(row) for row in db.execute(f"SELECT * FROM stock_accounts WHERE {where} ORDER BY item, store", tuple(given.values()))]


def summed(rows: list[Row]) -> dict[str, dict[str, int]]:
    """Per item: what was given (opening, supplier, donor ...), what is in stock, and where the rest went. Both sides are equal."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        sums = found.setdefault(row["item"], dict.fromkeys((*NAMED, "stock", *LEFT), 0))
        for name, amount in msgspec.json.decode(row["accounts"]).items():
            if name in INSIDE:
                sums["stock"] += amount
            else:
                sums[name] = sums.get(name, 0) + (-amount if name in GIVES else amount)
    return found
