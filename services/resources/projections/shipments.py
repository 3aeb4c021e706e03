"""Shipments as both ends and the command centre see them; vehicles with what they carry; what was handed out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from services.resources.events import receipt as r
from services.resources.events import shipment as s
from services.resources.events.distribution import DistributionReversed, SuppliesDistributed
from services.resources.events.vehicle import CarrierEngaged, CarrierFreed, VehicleRegistered
from shared.handling.declare import Rows, Table
from shared.handling.merging import paged
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
_JSON = ("lines", "pick_list", "picked", "received", "short_lots", "damaged_lots", "photos")
UNDER_WAY = ("In transit", "Delayed", "Rerouted", "Turned back", "Arrived", "Received short", "Loaded")
STATES = {r.Result.FULL: "Received", r.Result.SHORT: "Received short", r.Result.DAMAGED: "Received damaged"}
_TEXT, _WHOLE = "TEXT NOT NULL", "INTEGER NOT NULL"
_SAID = ("shipment", "allocation", "request", "incident", "from_store", "to_store", "to_division", "receiver", "priority")
_ALSO = ("contact_from", "contact_to", "vehicle", "driver")
SHIPMENT = Table(
    "shipment",
    key=("shipment",),
    columns={
        **{name: _TEXT for name in ("shipment", "state", "allocation", "request", "from_store", "to_store", "to_division", "receiver")},
        **{name: _TEXT for name in ("priority", "contact_from", "contact_to")},
        **{name: "TEXT" for name in ("incident", "vehicle", "driver", "approval", "route", "via", "reason", "result", "note")},
        **{name: "TEXT" for name in ("eta", "due", "departed_at", "arrived_at", "received_at", "located_at", "place", "lat", "lon")},
        **{name: _TEXT for name in (*_JSON, "ordered_at")},
        **{name: _WHOLE for name in ("loaded", "short", "damaged", "back", "over")},
        "division": "TEXT",
        "visibility": _TEXT,
        "position": _WHOLE,
    },
    indexes=(("position",), ("to_store", "position"), ("from_store", "position"), ("incident", "position"), ("state", "position")),
)
VEHICLE = Table(
    "vehicle",
    key=("vehicle",),
    columns={"vehicle": _TEXT, "plate": _TEXT, "capacity": _TEXT, "shipment": "TEXT", "division": "TEXT", "visibility": _TEXT},
)
DISTRIBUTION = Table(
    "distribution",
    key=("distribution",),
    columns={
        **{name: _TEXT for name in ("distribution", "store", "place", "items", "lots", "requests", "at", "visibility")},
        **{name: _WHOLE for name in ("people", "households", "reversed", "position")},
        **{name: "TEXT" for name in ("incident", "division", "period")},
    },
    indexes=(("position",), ("store", "position"), ("incident", "position")),
)
_ON_SHIPMENTS = (
    *("ordered", "amended", "line_picked", "picked", "loaded", "pass_issued", "departed", "position_reported", "delayed", "rerouted"),
    *("turned_back", "arrived", "received", "discrepancy_found", "reconciled", "cancelled", "lost"),
)


class Shipments:
    """Builds the lists of shipments, vehicles and distributions."""

    tables: tuple[Table, ...] = (SHIPMENT, VEHICLE, DISTRIBUTION)
    listens: tuple[str, ...] = (
        *(f"resources.shipment.{name}" for name in _ON_SHIPMENTS),
        *("resources.vehicle.registered", "resources.guard.carrier_engaged", "resources.guard.carrier_freed"),
        *("resources.supplies.distributed", "resources.supplies.distribution_reversed"),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case VehicleRegistered() | CarrierEngaged() | CarrierFreed():
                _carrier(rows, event, at)
            case SuppliesDistributed():
                rows.put(DISTRIBUTION, **_distributed(event, at))
            case DistributionReversed(distribution=distribution):
                rows.change(DISTRIBUTION, distribution, reversed=1, position=at.position)
            case s.ShipmentOrdered():
                rows.put(SHIPMENT, **_ordered(event, at))
            case _:
                row = rows.get(SHIPMENT, event.shipment)
                if row is not None:
                    rows.change(SHIPMENT, event.shipment, position=at.position, **_changed(event, row))


def _ordered(event: s.ShipmentOrdered, at: Envelope) -> Row:
    blank: Row = dict.fromkeys(SHIPMENT.columns)
    blank |= dict.fromkeys(("loaded", "short", "damaged", "back", "over"), 0) | dict.fromkeys(_JSON, "{}")
    said = {name: getattr(event, name) for name in (*_SAID, *_ALSO)}
    return (
        blank
        | said
        | {
            "state": "Ordered",
            "lines": text(event.lines),
            "pick_list": text(event.pick_list),
            "photos": "[]",
            "ordered_at": utc(event.at),
            "division": at.division,
            "visibility": at.visibility,
            "position": at.position,
        }
    )


def _changed(event: Any, row: Row) -> Row:
    """What an event on a shipment changes in its row."""
    match event:
        case s.ShipmentAmended():
            void = {"approval": None, "route": None} if event.pass_void else {}
            return {name: getattr(event, name) for name in ("receiver", "vehicle", "driver", "contact_to")} | void
        case s.LinePicked(lot=lot, qty=qty):
            picked = msgspec.json.decode(row["picked"])
            return {"picked": text(picked | {lot: picked.get(lot, 0) + qty})}
        case s.ShipmentPicked():
            return {"state": "Picked", "picked": text(event.lots), "pick_list": text(event.pick_list), "reason": event.reason or None}
        case s.ShipmentLoaded(lines=lines):
            return {"state": "Loaded", "lines": text(lines), "loaded": sum(line.qty for line in lines), "reason": event.reason or None}
        case s.TransportPassIssued():
            return {"approval": event.approval, "route": event.route}
        case s.PositionReported():
            return {"lat": str(event.lat), "lon": str(event.lon), "place": event.place or None, "located_at": utc(event.at)}
        case s.ShipmentDeparted() | s.ShipmentDelayed() | s.ShipmentRerouted() | s.ShipmentTurnedBack():
            return _moved(event, row)
        case s.ShipmentArrived():
            return {"state": "Arrived", "arrived_at": utc(event.at), "due": _due(event)}
        case s.ShipmentCancelled():
            return {"state": "Cancelled", "over": 1, "reason": event.reason}
        case _:
            return _ended(event)


def _moved(event: s.ShipmentDeparted | s.ShipmentDelayed | s.ShipmentRerouted | s.ShipmentTurnedBack, row: Row) -> Row:
    known: Row = {"eta": utc(event.eta), "due": _due(event)}
    match event:
        case s.ShipmentDeparted():
            return known | {"state": "In transit", "departed_at": utc(event.at)}
        case s.ShipmentTurnedBack():
            where = {"to_store": event.to_store, "to_division": event.to_division, "receiver": event.receiver, "back": 1}
            return known | where | {"state": "Turned back", "reason": event.reason}
        case s.ShipmentRerouted():
            return known | {"state": row["state"] if row["back"] else "Rerouted", "reason": event.reason, "via": event.via}
        case s.ShipmentDelayed():
            return known | {"state": row["state"] if row["back"] else "Delayed", "reason": event.reason}


def _ended(event: Any) -> Row:
    match event:
        case r.ShipmentReceived():
            counts = {"short": sum(event.short.values()), "damaged": sum(event.damaged.values())}
            lots = {"received": text(event.received), "short_lots": text(event.short), "damaged_lots": text(event.damaged)}
            said = {"result": event.result.value, "photos": text(event.photos), "note": event.note or None, "over": int(event.over)}
            return {"state": STATES[event.result], "received_at": utc(event.at), "due": None, **counts, **lots, **said}
        case r.ShipmentReconciled():
            return {"state": "Reconciled", "over": 1}
        case r.ShipmentLost():
            return {"state": "Lost", "over": 1, "due": None, "reason": event.reason}
        case _:
            return {}


def _due(event: Any) -> str | None:
    return utc(event.clocks[0].due_at) if event.clocks else None


def _carrier(rows: Rows, event: VehicleRegistered | CarrierEngaged | CarrierFreed, at: Envelope) -> None:
    if isinstance(event, VehicleRegistered):
        held = (rows.get(VEHICLE, event.vehicle) or {}).get("shipment")
        said = {"vehicle": event.vehicle, "plate": event.plate, "capacity": text(event.capacity), "shipment": held}
        rows.put(VEHICLE, **said, division=at.division, visibility=at.visibility)
    elif at.streamid.startswith("vehicle-"):
        rows.change(VEHICLE, event.carrier, shipment=event.shipment if isinstance(event, CarrierEngaged) else None)


def _distributed(event: SuppliesDistributed, at: Envelope) -> Row:
    said = {name: getattr(event, name) for name in ("distribution", "store", "place", "people", "incident", "period")}
    lots = {line.lot: line.qty for line in event.lines}
    told = {"items": text(event.items), "lots": text(lots), "requests": text(event.requests), "households": len(event.households)}
    where = {"at": utc(event.at), "division": at.division, "visibility": at.visibility, "position": at.position}
    return said | told | where | {"reversed": 0}


def text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def shown(row: Row, lists: tuple[str, ...] = _JSON) -> Row:
    """A row as it is answered."""
    hidden = ("position", "visibility")
    return {name: msgspec.json.decode(value) if name in lists else value for name, value in row.items() if name not in hidden}


def find(db: Connection, shipment: str) -> Row | None:
    """A shipment by its id."""
    row = db.execute("SELECT * FROM shipment WHERE shipment = ?", (shipment,)).fetchone()
    return dict(row) if row is not None else None


def listed(db: Connection, table: str, *, before: int | None, limit: int, **named: str | None) -> list[Row]:
    """Rows of `shipment` or `distribution`, the last changed first; `named` are columns and what they must hold."""
    where, values = paged(db, before, **named)
    return [dict(row) for row in db.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY position DESC LIMIT ?", (*values, limit))]


def under_way(db: Connection, column: str, store: str) -> list[Row]:
    """Shipments from or to a store whose goods are in transit, wholly or in part."""
    marks = ", ".join("?" * len(UNDER_WAY))
    sql = f"SELECT * FROM shipment WHERE {column} = ? AND state IN ({marks}) ORDER BY shipment"
    return [dict(row) for row in db.execute(sql, (store, *UNDER_WAY))]


def in_transit(row: Row) -> dict[str, int]:
    """What of a shipment is in transit, by item: all of it until it is counted, then what is short."""
    counted = row["state"] == "Received short"
    short: Mapping[str, int] = msgspec.json.decode(row["short_lots"]) if counted else {}
    found: dict[str, int] = {}
    for line in msgspec.json.decode(row["lines"]):
        if qty := short.get(line["lot"], 0) if counted else line["qty"]:
            found[line["item"]] = found.get(line["item"], 0) + qty
    return found


def vehicles(db: Connection) -> list[Row]:
    """All vehicles, by id."""
    return [dict(row) for row in db.execute("SELECT * FROM vehicle ORDER BY vehicle")]
