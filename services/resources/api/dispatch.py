"""Vehicles, shipments, distributions and tasks: what may be commanded, and what is shown to both ends of a shipment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from services.resources.api.photos import PICTURE, picture, sent
from services.resources.api.seen import near, placed
from services.resources.deciders.distributions.distribution import RecordDistribution, ReverseDistribution
from services.resources.deciders.masters.vehicle import RegisterVehicle
from services.resources.deciders.shipments import commands as c
from services.resources.deciders.task import AssignSupplyTask, CompleteSupplyTask
from services.resources.projections import shipments, tasks
from shared.handling.timers import utc
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import Failure, NotFound
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

OPERATIONS = ("GetShipments", "GetShipmentPhoto", "ListShipments", "GetInTransit", "ListVehicles", "ListDistributions", "ListSupplyTasks")
COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/vehicles/{vehicle}", RegisterVehicle),
    ("/shipments/{shipment}/amendment", c.AmendDispatch),
    ("/shipments/{shipment}/cancellation", c.CancelDispatch),
    ("/shipments/{shipment}/scans", c.PickLine),
    ("/shipments/{shipment}/pick", c.ConfirmPick),
    ("/shipments/{shipment}/load", c.ConfirmLoad),
    ("/shipments/{shipment}/pass", c.IssueTransportPass),
    ("/shipments/{shipment}/departure", c.Depart),
    ("/shipments/{shipment}/positions", c.ReportPosition),
    ("/shipments/{shipment}/delay", c.ReportDelay),
    ("/shipments/{shipment}/reroute", c.Reroute),
    ("/shipments/{shipment}/return", c.TurnBack),
    ("/shipments/{shipment}/arrival", c.Arrive),
    ("/shipments/{shipment}/resolution", c.ResolveDiscrepancy),
    ("/shipments/{shipment}/loss", c.LoseShipment),
    ("/distributions/{distribution}/reversal", ReverseDistribution),
    ("/tasks", AssignSupplyTask),
    ("/tasks/{task}/completion", CompleteSupplyTask),
)
Named = Annotated[str | None, Query(max_length=64)]
Id = Annotated[str, Path(max_length=64)]


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """Orders and what is handed out, which need the division tree beside their body; receipts, which may name photos; the queries."""
    routes.post("/shipments", c.OrderDispatch, fill=near(host, directory), stamped=("near",))
    routes.post("/distributions", RecordDistribution, fill=placed(directory), stamped=("placed",))
    routes.post("/shipments/{shipment}/receipt", c.ConfirmReceipt, fill=sent(host, c.ConfirmReceipt))

    @router.get("/shipments", operation_id="ListShipments", responses=RESPONSES)
    def list_shipments(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        to_store: Named = None,
        from_store: Named = None,
        incident: Named = None,
        state: Named = None,
        overdue: bool = False,
    ) -> Row:
        """Shipments of stores of the own line, and those that name the caller, the last changed first. `overdue`: past their deadline."""
        caller.require("ListShipments")
        mine, now, db = both_ends(host, caller.by), utc(caller.now), host.read("resources")
        named = {"to_store": to_store, "from_store": from_store, "incident": incident, "state": state}
        items, more = page(
            lambda at: shipments.listed(db, "shipment", before=at, limit=limit, **named),
            lambda row: mine(row) and (not overdue or _late(row, now)),
            limit,
            before,
        )
        return {"items": [_told(row, now) for row in items], "next": more, "positions": host.positions()}

    @router.get("/shipments/{shipment}", operation_id="GetShipments", responses=RESPONSES)
    def get_shipments(shipment: Id, caller: Caller) -> Row:
        """One shipment: state, pick list, what was loaded, received, short and damaged, and every act on it."""
        caller.require("GetShipments")
        row = shipments.find(host.read("resources"), shipment)
        if row is None or not both_ends(host, caller.by)(row):
            raise NotFound(Failure("reference", f"no shipment {shipment} that you may see", "shipment"))
        acts = [
            {"type": one.type, "time": one.envelope.time, "actor": one.envelope.actor, "role": one.envelope.role}
            for one in host.history("resources", f"shipment-{shipment}")
            if one.position <= row["position"] or not one.type.startswith("resources.shipment.")  # of one moment with the row
        ]
        return _told(row, utc(caller.now)) | {"acts": acts, "positions": host.positions()}

    @router.get("/shipments/{shipment}/photos/{photo}", operation_id="GetShipmentPhoto", response_class=Response, responses=PICTURE)
    def get_shipment_photo(shipment: Id, photo: Id, caller: Caller) -> Response:
        """A photo that the receipt of a shipment names, as JPEG."""
        caller.require("GetShipmentPhoto")
        row = shipments.find(host.read("resources"), shipment)
        if row is None or not both_ends(host, caller.by)(row):
            raise NotFound(Failure("reference", f"no shipment {shipment} that you may see", "shipment"))
        return picture(host, photo, shipments.shown(row)["photos"])

    _places(router, host)
    _lists(router, host)


def _places(router: APIRouter, host: Host) -> None:
    @router.get("/in-transit/{store}", operation_id="GetInTransit", responses=RESPONSES)
    def get_in_transit(store: Id, caller: Caller) -> Row:
        """What is under way to a store and from it, by item, with the shipments."""
        caller.require("GetInTransit")
        db, mine = host.read("resources"), both_ends(host, caller.by)
        answer: Row = {"store": store}
        for name, column in (("to", "to_store"), ("from", "from_store")):
            rows = [row for row in shipments.under_way(db, column, store) if mine(row)]
            totals: dict[str, int] = {}
            for row in rows:
                for item, qty in shipments.in_transit(row).items():
                    totals[item] = totals.get(item, 0) + qty
            answer[name] = {"items": totals, "shipments": [row["shipment"] for row in rows]}
        return answer | {"positions": host.positions()}

    @router.get("/vehicles", operation_id="ListVehicles", responses=RESPONSES)
    def list_vehicles(caller: Caller, free: bool = False) -> Row:
        """Vehicles of the own line with the shipment each carries. `free`: only those that carry none."""
        caller.require("ListVehicles")
        sees = host.sees(caller.by)
        rows = [row for row in shipments.vehicles(host.read("resources")) if sees(row["division"], row["visibility"])]
        items = [shipments.shown(row, ("capacity",)) for row in rows if not free or row["shipment"] is None]
        return {"items": items, "positions": host.positions()}


def _lists(router: APIRouter, host: Host) -> None:
    @router.get("/distributions", operation_id="ListDistributions", responses=RESPONSES)
    def list_distributions(caller: Caller, limit: Limit = 100, before: Before = None, store: Named = None, incident: Named = None) -> Row:
        """What was handed out, the last first: place, headcount, items and lots; no names and no households."""
        caller.require("ListDistributions")
        sees, db = host.sees(caller.by), host.read("resources")
        items, more = page(
            lambda at: shipments.listed(db, "distribution", before=at, limit=limit, store=store, incident=incident),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        shown = [shipments.shown(row, ("items", "lots", "requests")) | {"reversed": bool(row["reversed"])} for row in items]
        return {"items": shown, "next": more, "positions": host.positions()}

    @router.get("/tasks", operation_id="ListSupplyTasks", responses=RESPONSES)
    def list_supply_tasks(
        caller: Caller, limit: Limit = 100, before: Before = None, done: bool | None = None, subject: Named = None, mine: bool = False
    ) -> Row:
        """Tasks of the own line, the last changed first. `mine`: only those of a role of the caller."""
        caller.require("ListSupplyTasks")
        sees, now, db = host.sees(caller.by), utc(caller.now), host.read("resources")
        wanted = None if done is None else int(done)
        items, more = page(
            lambda at: tasks.listed(db, before=at, limit=limit, done=wanted, subject=subject),
            lambda row: sees(row["division"], row["visibility"]) and (not mine or caller.by.has(*msgspec.json.decode(row["roles"]))),
            limit,
            before,
        )
        shown = [
            shipments.shown(row, ("roles",)) | {"done": bool(row["done"]), "overdue": not row["done"] and (row["due"] or now) < now}
            for row in items
        ]
        return {"items": shown, "next": more, "positions": host.positions()}


def both_ends(host: Host, by: Signature) -> Callable[[Row], bool]:
    """Both ends see a shipment: who owns a store it leaves or goes to, those above, and whom it names."""
    sees = host.sees(by)

    def fits(row: Row) -> bool:
        ends = sees(row["division"], row["visibility"]) or sees(row["to_division"], row["visibility"])
        return ends or by.actor in (row["receiver"], row["driver"], row["contact_from"], row["contact_to"])

    return fits


def _late(row: Row, now: str) -> bool:
    return row["due"] is not None and row["due"] < now


def _told(row: Row, now: str) -> Row:
    """As it is answered; whether it is late is counted from its deadline."""
    shown = shipments.shown(row)
    return shown | {"back": bool(row["back"]), "over": bool(row["over"]), "overdue": _late(row, now)}
