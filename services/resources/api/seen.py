"""Which stores somebody may see or send goods to, and long plain answers encoded at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.resources.projections import requests, warehouses
from shared.geo.divisions import Divisions
from shared.sql.ports import Connection
from shared.web.call import Call
from shared.web.commands import Fill
from shared.web.directory import Directory, Sees
from shared.web.host import Host
from shared.web.paging import Row


def seen(db: Connection, tree: Divisions, sees: Sees, division: str | None = None, store: str | None = None) -> dict[str, Row]:
    """The stores somebody may see, of a division and below it if named."""
    below = tree.subtree(division) if division else None
    return {
        row["store"]: row
        for row in warehouses.every(db)
        if store in (None, row["store"])
        and (below is None or row["owner"] in below or row["place"] in below)
        and sees(row["division"], row["visibility"])
    }


def near(host: Host, directory: Directory) -> Fill:
    """Whether the owner of the store that goods are to go to lies above or below the place that asks: as named, else where the request
    of an allocation came from; or that of who signs. A store that is not shown yet stops nobody."""

    def found(store: str, allocation: str | None) -> tuple[Row | None, str | None]:
        db = host.read("resources")
        held = requests.allocation(db, allocation) if allocation else None
        asked = requests.find(db, held[0].request) if held else None
        return warehouses.find(db, store), asked[1].division if asked else None

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        store = fields.get("to_store")
        row, asked = await run_in_threadpool(found, store, fields.get("allocation")) if store else (None, None)
        place = fields.get("place")
        asking = [one for one in ((place,) if place else (asked, caller.by.division)) if one]
        fields["near"] = bool(store) and (row is None or any(directory.within(row["owner"], one) for one in asking))

    return fill


def placed(directory: Directory) -> Fill:
    """Whether the place that a body names is a division in force."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        fields["placed"] = directory.divisions.in_force(fields["place"]) if fields.get("place") else False

    return fill


def answered(content: object) -> Response:
    """As `jsonable_encoder` would, without walking it twice."""
    return Response(msgspec.json.encode(content), media_type="application/json")


def day(text: str | None) -> date | None:
    """A day as read models keep it."""
    return date.fromisoformat(text) if text else None
