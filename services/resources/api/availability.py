"""What there is where: pages of cells, the whole matrix at once, and what somebody should look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.resources.api import callable_supply, notices
from services.resources.api.seen import answered, seen
from services.resources.projections import availability
from shared.kernel.commands import Command
from shared.kernel.errors import Failure
from shared.sql.ports import Connection
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Caller, Row
from shared.web.problems import RESPONSES, Malformed

COMMANDS: tuple[tuple[str, type[Command]], ...] = ()
OPERATIONS = ("GetAvailability", "GetAvailabilityMatrix", *callable_supply.OPERATIONS, *notices.OPERATIONS)
Named = Annotated[str | None, Query(max_length=100)]
Most = Annotated[int, Query(ge=1, le=500)]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]
Within = Annotated[int | None, Query(ge=0, le=36_500, description="only what expires within so many days")]


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """The queries; there is nothing to decide here."""

    @router.get("/availability", operation_id="GetAvailability", responses=RESPONSES, response_model=None)
    def get_availability(
        caller: Caller,
        limit: Most = 200,
        after: After = None,
        item: Named = None,
        store: Named = None,
        division: Named = None,
        expiring: Within = None,
    ) -> Response:
        """Of each item in each store of the own line: on hand, held for allocations, available, quarantined, on its way there, and
        when the first of it expires. By item and store; `division` is whose stores they are, or where they stand, with all below."""
        caller.require("GetAvailability")
        db = host.read("resources")
        stores = seen(db, directory.divisions, host.sees(caller.by), division, store)
        until = None if expiring is None else (caller.now.date() + timedelta(days=expiring)).isoformat()
        found = cells(db, stores, _place(after), limit, item, until)
        return answered(found | {"positions": host.positions()})

    @router.get("/availability/matrix", operation_id="GetAvailabilityMatrix", responses=RESPONSES, response_model=None)
    def get_availability_matrix(caller: Caller, division: Named = None) -> Response:
        """All cells at once, each a row of values in the order of `columns`."""
        caller.require("GetAvailabilityMatrix")
        db = host.read("resources")
        stores = seen(db, directory.divisions, host.sees(caller.by), division)
        return answered(matrix(db, stores) | {"positions": host.positions()})

    callable_supply.add(router, host, directory)
    notices.add(router, host, directory)


def cells(
    db: Connection, stores: dict[str, Row], after: tuple[str, str], limit: int, item: str | None = None, until: str | None = None
) -> dict[str, Any]:
    """A page of the cells of these stores, and where the next begins."""
    rows = availability.cells(db, stores, after=after, limit=limit, item=item, until=until)
    following = "/".join((rows[-1][0], rows[-1][1])) if len(rows) == limit else None
    return {"items": [availability.cell(row) for row in rows], "next": following}


def matrix(db: Connection, stores: dict[str, Row]) -> dict[str, Any]:
    """All cells of these stores."""
    return {"columns": availability.COLUMNS, "cells": [tuple(row) for row in availability.cells(db, stores)]}


def _place(after: str | None) -> tuple[str, str]:
    if after is None:
        return "", ""
    item, mark, store = after.partition("/")
    if not mark:
        raise Malformed(Failure("page.after", "send `next` of the page before, or nothing", "after"))
    return item, store
