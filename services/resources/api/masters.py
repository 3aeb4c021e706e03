"""Operations on the masters: the catalogue, stores, norms, and what people are counted to want."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.resources.deciders.masters import warehouse as w
from services.resources.deciders.masters.item import RegisterItem, RetireItem, in_packs
from services.resources.deciders.masters.norm import Norm, SetNorm, needs, norm_of
from services.resources.projections import catalogue, warehouses
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound
from shared.web.call import Call
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES, Malformed

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/items", RegisterItem),
    ("/items/{item}/retirement", RetireItem),
    ("/warehouses/{store}/inspections", w.InspectWarehouse),
    ("/warehouses/{store}/restriction", w.RestrictWarehouse),
    ("/warehouses/{store}/reopening", w.ReopenWarehouse),
    ("/warehouses/{store}/closing", w.CloseWarehouse),
    ("/norms", SetNorm),
)
EVERY = 1_000_000  # items a catalogue will never have
OPERATIONS = ("ListItems", "GetItem", "ListWarehouses", "GetWarehouse", "GetPlanningNeeds")
Named = Annotated[str | None, Query(max_length=100)]
Id = Annotated[str, Path(max_length=64)]
Number = Annotated[int, Query(ge=0, le=10_000_000)]
Days = Annotated[int, Query(ge=1, le=366)]


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """What needs the division tree beside its body, and the queries."""

    async def placed(caller: Call, fields: dict[str, Any]) -> None:
        if wrong := [item for item, units in fields["capacity"].items() if units < 0]:
            raise Malformed(
                *[Failure("store.capacity", f"room for {item} is a whole number, not below zero", "capacity") for item in wrong]
            )
        tree = directory.divisions
        fields |= {"level": directory.level(fields["owner"]), "placed": fields["place"] in tree and tree.in_force(fields["place"])}

    routes.post("/warehouses", w.RegisterWarehouse, fill=placed, stamped=("level", "placed"))
    _items(router, host)
    _warehouses(router, host)
    _needs(router, host, directory)


def _items(router: APIRouter, host: Host) -> None:
    @router.get("/items", operation_id="ListItems", responses=RESPONSES)
    def list_items(caller: Caller, limit: Limit = 100, before: Before = None, search: Named = None, retired: bool = False) -> Row:
        """The catalogue, the last changed first; `search` is part of a name in either language, of a synonym or of a code."""
        caller.require("ListItems")
        rows = catalogue.items(host.read("resources"), before=before, limit=limit, search=search, retired=retired)
        following = rows[-1]["position"] if len(rows) == limit else None
        return {"items": [_item(row) for row in rows], "next": following, "positions": host.positions()}

    @router.get("/items/{item}", operation_id="GetItem", responses=RESPONSES)
    def get_item(item: Id, caller: Caller, qty: Number | None = None) -> Row:
        """One item; with `qty` also how that is packed: largest packs first, the rest in units."""
        caller.require("GetItem")
        row = catalogue.item(host.read("resources"), item)
        if row is None:
            raise NotFound(Failure("reference", f"{item} is not in the catalogue", "item"))
        packed = {} if qty is None else {"packed": in_packs(qty, row["unit"], row["packs"])}
        return _item(row) | packed | {"positions": host.positions()}


def _warehouses(router: APIRouter, host: Host) -> None:
    @router.get("/warehouses", operation_id="ListWarehouses", responses=RESPONSES)
    def list_warehouses(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        owner: Named = None,
        status: Named = None,
        kind: Named = None,
        parent: Named = None,
    ) -> Row:
        """Stores of the own line, the last changed first."""
        caller.require("ListWarehouses")
        db, sees = host.read("resources"), host.sees(caller.by)
        items, more = page(
            lambda at: warehouses.listed(db, before=at, limit=limit, owner=owner, status=status, kind=kind, parent=parent),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        return {"items": [_store(row) for row in items], "next": more, "positions": host.positions()}

    @router.get("/warehouses/{store}", operation_id="GetWarehouse", responses=RESPONSES)
    def get_warehouse(store: Id, caller: Caller) -> Row:
        """One store: whose, where, who keeps it and answers day and night, when it was inspected, what it keeps at least."""
        caller.require("GetWarehouse")
        db = host.read("resources")
        row = warehouses.find(db, store)
        if row is None or not host.sees(caller.by)(row["division"], row["visibility"]):
            raise NotFound(Failure("reference", f"no store {store} that you may see", "store"))
        own = catalogue.norms(db, (store,)).get(store, {})
        kept = {item: norm.minimum for item, norm in own.items()}
        return _store(row) | {"minimum": kept, "positions": host.positions()}


def _needs(router: APIRouter, host: Host, directory: Directory) -> None:
    @router.get("/planning/needs", operation_id="GetPlanningNeeds", responses=RESPONSES)
    def get_planning_needs(caller: Caller, people: Number, days: Days = 1, division: Named = None, on: date | None = None) -> Row:
        """What so many people want for so many days, by item of the catalogue, by the norms of the nearest division above them that has
        any, else by the default calculator of the rules. A suggestion: it decides nothing."""
        caller.require("GetPlanningNeeds")
        if division and directory.divisions.level(division) is None:
            raise NotFound(Failure("reference", f"{division} is no division that is known: name one of the tree", "division"))
        where, day = division or caller.by.division, on or caller.now.date()
        rules = directory.rules_for(where, caller.now, None)
        given = {item: norm_of(said) for item, said in rules.value("need.norms").items()}
        chain = tuple(directory.divisions.chain(where)) if where else ()
        norms, by = _nearest(host, chain, given)
        found = needs(norms, people, days, day.month)
        told = {"norms": {item: by[item] for item in found}, "people": people, "days": days, "month": day.month}
        return {**found, **told, "positions": host.positions()}


def _nearest(host: Host, chain: tuple[str, ...], given: dict[str, Norm]) -> tuple[dict[str, Norm], dict[str, str]]:
    """The norm that counts for each item of the catalogue, and where it was set."""
    db = host.read("resources")
    said = catalogue.norms(db, chain)
    norms: dict[str, Norm] = {}
    by: dict[str, str] = {}
    for row in catalogue.items(db, before=None, limit=EVERY):
        item = row["item"]
        place = next((code for code in chain if (own := said.get(code, {}).get(item)) and own.per), None)
        norm = said[place][item] if place else given.get(item)
        if norm is not None:
            norms[item], by[item] = norm, place or "need.norms"
    return norms, by


def _store(row: Row) -> Row:
    """A store as it is answered: `bins` are its positions, since `positions` of every answer are those of the logs."""
    told = warehouses.told(row)
    return told | {"bins": told.pop("positions")}


def _item(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("position", "found_by")}
