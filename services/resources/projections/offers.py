"""What every store could give of some items, out of the models of stores and of lots: the input of a proposal."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from services.resources.deciders.allocations.proposal import Shelf
from services.resources.deciders.masters.store import IN_SERVICE
from shared.sql.many import marks
from shared.sql.ports import Connection

Store = tuple[str, str, str]
"""Its id, the division whose it is, and where it stands."""


def stores(db: Connection, owner: str | None = None) -> list[Store]:
    """The stores in service, of one owner if named."""
    mine, values = (" AND owner = ?", (IN_SERVICE, owner)) if owner else ("", (IN_SERVICE,))
    rows = db.execute(f"SELECT store, owner, place FROM warehouse WHERE status = ?{mine} ORDER BY store", values)
    return [(row["store"], row["owner"], row["place"]) for row in rows]


def shelves(db: Connection, places: Collection[str], items: Collection[str]) -> dict[tuple[str, str], list[Shelf]]:
    """The lots of which anything is available, by store and item."""
    found: dict[tuple[str, str], list[Shelf]] = {}
    if not places or not items:
        return found
    where = f"store IN ({marks(places)}) AND item IN ({marks(items)}) AND available > 0"
    for store, item, lot, available, expires, intent, arrived in db.execute(
        f"SELECT store, item, lot, available, expires, intent, arrived FROM stock_lot WHERE {where}", (*places, *items)
    ):
        until = date.fromisoformat(expires) if expires else None
        found.setdefault((store, item), []).append(Shelf(lot, available, until, intent, arrived))
    return found
