"""Which stores somebody may see, and long plain answers encoded at once."""

from __future__ import annotations

from datetime import date

import msgspec
from starlette.responses import Response

from services.resources.projections import warehouses
from shared.geo.divisions import Divisions
from shared.sql.ports import Connection
from shared.web.directory import Sees
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


def answered(content: object) -> Response:
    """As `jsonable_encoder` would, without walking it twice."""
    return Response(msgspec.json.encode(content), media_type="application/json")


def day(text: str | None) -> date | None:
    """A day as read models keep it."""
    return date.fromisoformat(text) if text else None
