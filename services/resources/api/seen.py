"""Which stores somebody may see or send goods to, and long plain answers encoded at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.resources.projections import warehouses
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
    """Whether the owner of the store that goods are to go to lies above or below the place that asks; else the division of who signs."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        store, asking = fields.get("to_store"), fields.get("place") or caller.by.division
        row = await run_in_threadpool(lambda: warehouses.find(host.read("resources"), store)) if store else None
        fields["near"] = bool(row and asking and row["owner"] and directory.within(row["owner"], asking))

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
