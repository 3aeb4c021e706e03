"""The catalogue and the norms, as they are looked up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from services.resources.deciders.masters.norm import Norm, norm_of
from services.resources.events.masters import ItemRegistered, ItemRetired, StockNormSet
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
ITEM = Table(
    "catalogue_item",
    key=("item",),
    columns={
        "item": "TEXT NOT NULL",
        "code": "TEXT NOT NULL",
        "unit": "TEXT NOT NULL",
        "zh": "TEXT NOT NULL",
        "en": "TEXT NOT NULL",
        "reusable": "INTEGER NOT NULL",
        "packs": "TEXT NOT NULL",
        "synonyms": "TEXT NOT NULL",
        "substitutes": "TEXT NOT NULL",
        "conversions": "TEXT NOT NULL",
        "thresholds": "TEXT NOT NULL",
        "expiring": "TEXT NOT NULL",
        "version": "INTEGER NOT NULL",
        "retired": "INTEGER NOT NULL",
        "found_by": "TEXT NOT NULL",  # every name and code it goes by, in small letters
        "division": "TEXT",
        "at": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
NORM = Table(
    "stock_norm",
    key=("item", "place"),
    columns={
        "item": "TEXT NOT NULL",
        "place": "TEXT NOT NULL",  # division, or store
        "of_store": "INTEGER NOT NULL",
        "said": "TEXT NOT NULL",
        "minimum": "INTEGER",
        "source": "TEXT NOT NULL",
        "division": "TEXT",
        "position": "INTEGER NOT NULL",
    },
)
_JSON = ("packs", "synonyms", "substitutes", "conversions", "thresholds", "expiring")


class Catalogue:
    """Builds the catalogue and the table of norms."""

    tables: tuple[Table, ...] = (ITEM, NORM)
    listens: tuple[str, ...] = ("resources.item.registered", "resources.item.retired", "resources.norm.set")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case ItemRegistered():
                rows.put(ITEM, **_item(event, at))
            case ItemRetired():
                rows.change(ITEM, event.item, retired=1, at=utc(event.at), position=at.position)
            case StockNormSet():
                said = {name: getattr(event, name) for name in ("per", "times", "divide_up", "months", "minimum", "source", "division")}
                about = {"minimum": event.minimum, "source": event.source, "division": event.division, "position": at.position}
                rows.put(NORM, item=event.item, place=event.place, of_store=int(event.of_store), said=_text(said), **about)


def _item(event: ItemRegistered, at: Envelope) -> Row:
    names = (event.item, event.code, event.zh, event.en, *event.synonyms)
    return {
        "item": event.item,
        "code": event.code,
        "unit": event.unit,
        "zh": event.zh,
        "en": event.en,
        "reusable": int(event.reusable),
        **{name: _text(getattr(event, name)) for name in _JSON},
        "version": event.version,
        "retired": 0,
        "found_by": "\n".join(names).lower(),
        "division": event.division,
        "at": utc(event.at),
        "position": at.position,
    }


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def items(db: Connection, *, before: int | None, limit: int, search: str | None = None, retired: bool = False) -> list[Row]:
    """Items of the catalogue, the last changed first; `search` is part of a name, synonym or code in either language."""
    found, values = "position < ?", [before if before is not None else 2**62]
    wanted: list[Any] = list(values)
    if not retired:
        found += " AND retired = 0"
    if search:
        found += " AND found_by LIKE ? ESCAPE '!'"
        wanted.append(f"%{_literal(search.lower())}%")
    rows = db.execute(f"SELECT * FROM catalogue_item WHERE {found} ORDER BY position DESC LIMIT ?", (*wanted, limit))
    return [_shown(dict(row)) for row in rows]


def item(db: Connection, name: str) -> Row | None:
    """One item, retired ones too."""
    row = db.execute("SELECT * FROM catalogue_item WHERE item = ?", (name,)).fetchone()
    return None if row is None else _shown(dict(row))


def norms(db: Connection, places: Iterable[str], name: str | None = None) -> dict[str, dict[str, Norm]]:
    """The norms of these divisions and stores: place -> item -> norm."""
    codes = list(places)
    found: dict[str, dict[str, Norm]] = {}
    marks = ", ".join("?" * len(codes))
    only, value = (" AND item = ?", (name,)) if name else ("", ())
    for row in db.execute(f"SELECT item, place, said FROM stock_norm WHERE place IN ({marks}){only}", (*codes, *value)) if codes else ():
        found.setdefault(row["place"], {})[row["item"]] = norm_of(msgspec.json.decode(row["said"]))
    return found


def _literal(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _shown(row: Row) -> Row:
    return (
        row
        | {name: msgspec.json.decode(row[name]) for name in _JSON}
        | {"reusable": bool(row["reusable"]), "retired": bool(row["retired"])}
    )
