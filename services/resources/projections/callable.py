"""What can be called on beside what lies in stores: capacity under contract, and registered property that may be requisitioned."""

from __future__ import annotations

from typing import Any

from services.resources.events import agreement as a
from services.resources.events.property import PropertyRegistered, PropertyRetired
from shared.handling.declare import Rows, Table
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
CONTRACTED = Table(
    "callable_contract",
    key=("agreement",),
    columns={
        "agreement": "TEXT NOT NULL",
        "item": "TEXT NOT NULL",
        "supplier": "TEXT NOT NULL",
        "owner": "TEXT NOT NULL",
        "per_day": "INTEGER NOT NULL",  # as agreed
        "able": "INTEGER",  # as the supplier last reported
        "in_stock": "INTEGER NOT NULL",
        "lead_days": "INTEGER NOT NULL",
        "valid_to": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
    },
    indexes=(("item",),),
)
PROPERTY = Table(
    "callable_property",
    key=("property",),
    columns={
        "property": "TEXT NOT NULL",
        "item": "TEXT NOT NULL",
        "name": "TEXT NOT NULL",
        "owner": "TEXT NOT NULL",
        "place": "TEXT NOT NULL",
        "quantity": "INTEGER NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
    },
    indexes=(("item",),),
)


class Callable:
    """Builds the tables of contracts and of registered property. What of either is taken already is in the tables of agreements and of
    requisitions."""

    tables: tuple[Table, ...] = (CONTRACTED, PROPERTY)
    listens: tuple[str, ...] = (
        *(f"resources.agreement.{name}" for name in ("signed", "capacity_reported", "amended", "terminated", "expired")),
        *(f"resources.property.{name}" for name in ("registered", "retired")),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case a.AgreementSigned():
                names = {name: getattr(event, name) for name in ("agreement", "item", "supplier", "owner")}
                about = {"division": at.division, "visibility": at.visibility}
                rows.put(CONTRACTED, **names, **_terms(event.terms), able=None, in_stock=event.terms.stock_kept, **about)
            case a.CapacityReported():
                rows.change(CONTRACTED, event.agreement, able=event.per_day, in_stock=event.in_stock)
            case a.AgreementAmended():
                rows.change(CONTRACTED, event.agreement, **_terms(event.terms))
            case a.AgreementTerminated() | a.AgreementExpired():
                rows.delete(CONTRACTED, event.agreement)
            case PropertyRegistered():
                names = {name: getattr(event, name) for name in ("property", "item", "name", "owner", "place", "quantity")}
                rows.put(PROPERTY, **names, division=at.division, visibility=at.visibility)
            case PropertyRetired():
                rows.delete(PROPERTY, event.property)


def _terms(terms: a.Terms) -> Row:
    return {"per_day": terms.capacity_per_day, "lead_days": terms.lead_days, "valid_to": terms.valid_to.isoformat()}


def contracted(db: Connection, item: str, day: str) -> list[Row]:
    """Agreements on an item that hold on that day."""
    return [
        dict(row) for row in db.execute("SELECT * FROM callable_contract WHERE item = ? AND valid_to >= ? ORDER BY agreement", (item, day))
    ]


def requisitionable(db: Connection, item: str) -> list[Row]:
    """Registered property of an item."""
    return [dict(row) for row in db.execute("SELECT * FROM callable_property WHERE item = ? ORDER BY property", (item,))]
