"""What can be called on for a place, under its four titles and with the time it takes (domain 2.5 SU-01 to SU-04, 2.6)."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.resources.api.seen import seen
from services.resources.deciders.agreements.agreement import PLAN
from services.resources.deciders.masters.store import IN_SERVICE
from services.resources.projections import availability, callable, catalogue
from services.resources.projections.agreements import AGREEMENTS
from services.resources.projections.requisitions import gone
from shared.geo.distances import kilometres, point_of
from shared.geo.divisions import Divisions
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotFound
from shared.sql.ports import Connection
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Caller, Row
from shared.web.problems import RESPONSES

OPERATIONS = ("GetCallableSupply",)
Id = Annotated[str, Path(max_length=64)]
Named = Annotated[str | None, Query(max_length=64)]
DAYS = 7  # shown of a contract
CLASSES = {3: "county", 2: "city", 1: "province"}  # level of the nearest division above both


def add(router: APIRouter, host: Host, directory: Directory) -> None:
    @router.get("/callable-supply/{item}", operation_id="GetCallableSupply", responses=RESPONSES)
    def get_callable_supply(item: Id, caller: Caller, place: Named = None) -> Row:
        """Of one item, the nearest first: what is available in stores as their owners' own; what one keeps for another (entrusted); what
        suppliers hold ready under contract, less what was called off of each day (`free`, from the first day it can be made); registered
        property that could be requisitioned (`free`: none of what is out, or approved to be taken). Only what the caller may see. Lead
        times are estimates by our own default."""
        caller.require("GetCallableSupply")
        db, sees = host.read("resources"), host.sees(caller.by)
        known = catalogue.item(db, item)
        if known is None:
            raise NotFound(Failure("reference", f"{item} is not in the catalogue", "item"))
        where, today = place or caller.by.division or "", caller.now.date()
        if where not in directory.divisions:
            raise NotFound(Failure("reference", f"{where or 'no place'} is no division that is known", "place"))
        rules = directory.rules_for(where, caller.now, None)
        lead, first = Lead(directory.divisions, rules, where), today + timedelta(days=rules.value(PLAN)["first_day"])
        stores = {name: row for name, row in seen(db, directory.divisions, sees).items() if row["status"] == IN_SERVICE}
        own, entrusted = _lying(availability.lots(db, item, stores), stores, today, lead)
        under = [row for row in callable.contracted(db, item, today.isoformat()) if sees(row["division"], row["visibility"])]
        contracts = [_contract(row, _free(db, row["agreement"], first)) for row in under]
        known_of = [row for row in callable.requisitionable(db, item) if sees(row["division"], row["visibility"])]
        things = [_thing(row, lead, gone(db, row["property"], row["owner"], row["name"]) is None) for row in known_of]
        titles = {"own": own, "entrusted": entrusted, "contracted": contracts, "requisitionable": things}
        totals = {"own": _sum(own, "available"), "entrusted": _sum(entrusted, "available")}
        free = [{"free": one["free"][first.isoformat()]} for one in contracts]
        totals |= {"contracted_per_day": _sum(free, "free"), "requisitionable": _sum(things, "free")}
        sorted_ = {title: sorted(rows, key=lambda row: row["lead_hours"]) for title, rows in titles.items()}
        named = {"item": item, "unit": known["unit"], "place": where, "substitutes": known["substitutes"]}
        return named | sorted_ | {"totals": totals, "positions": host.positions()}


class Lead:
    """How long goods take to a place: handling, and the road by how far or by how the divisions lie."""

    def __init__(self, tree: Divisions, rules: Rules, place: str) -> None:
        self._tree, self._place, self._here = tree, place, point_of(tree, place)
        self._handling: timedelta = rules.value("lead.handling")
        self._road, self._speed = rules.value("lead.road"), int(rules.value("lead.speed_km_h"))

    def hours(self, start: str) -> int:
        """From a division to the place, rounded up."""
        return ceil(self._handling / timedelta(hours=1) + self._way(start))

    def _way(self, start: str) -> float:
        there = point_of(self._tree, start)
        far = kilometres(self._here, there) if self._here and there else 0.0
        if far >= 1:  # two places with the point of the same county are near, not at one spot
            return far / self._speed
        common = self._tree.common((start, self._place))
        level = min(self._tree.level(common) or 0, 3)
        return float(self._road[CLASSES.get(level, "elsewhere")])


def _lying(lots: dict[str, dict[str, Row]], stores: dict[str, Row], today: date, lead: Lead) -> tuple[list[Row], list[Row]]:
    """What is available and not expired: of the store's own division, and of others."""
    own: list[Row] = []
    entrusted: list[Row] = []
    for store, held in lots.items():
        row = stores[store]
        by_owner: dict[str, list[Row]] = {}
        for lot in held.values():
            if lot["available"] and (lot["expires"] is None or lot["expires"] >= today.isoformat()):
                by_owner.setdefault(lot["owner"] or row["owner"], []).append(lot)
        for owner, found in by_owner.items():
            told: dict[str, Any] = {"store": store, "name": row["name"], "kept_by": row["owner"], "owner": owner, "place": row["place"]}
            told |= {
                "available": _sum(found, "available"),
                "expires": min((lot["expires"] for lot in found if lot["expires"]), default=None),
            }
            (own if owner == row["owner"] else entrusted).append(told | {"lead_hours": lead.hours(row["place"])})
    return own, entrusted


def _free(db: Connection, agreement: str, first: date) -> dict[str, int]:
    """What no call-off has of the days to come, as a call-off would be given it."""
    row = AGREEMENTS.find(db, agreement)
    assert row is not None, "its signing is in both tables"
    days = (first + timedelta(days=n) for n in range(DAYS))
    return {day.isoformat(): AGREEMENTS.state(row).free(day) for day in days}


def _contract(row: Row, free: dict[str, int]) -> Row:
    kept = {name: row[name] for name in ("agreement", "supplier", "owner", "per_day", "able", "in_stock", "lead_days", "valid_to")}
    return kept | {"free": free, "lead_hours": row["lead_days"] * 24}


def _thing(row: Row, lead: Lead, there: bool) -> Row:
    """A thing is taken once: nothing of what is out in part is free (`requisition.once`)."""
    told = {name: row[name] for name in ("property", "name", "owner", "place", "quantity")}
    return told | {"free": row["quantity"] if there else 0, "lead_hours": lead.hours(row["place"])}


def _sum(rows: list[Row], name: str) -> int:
    return sum(row[name] for row in rows)
