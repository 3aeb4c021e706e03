"""Operations on evacuations and shelters: their commands as a table, and the lists with their counts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query

from services.alerts.api.orders import if_known
from services.alerts.api.seeing import seeing
from services.alerts.deciders.evacuations import commands
from services.alerts.projections import evacuations
from shared.kernel.commands import Command
from shared.web.call import Call
from shared.web.commands import CommandRoutes, Fill
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/evacuations/{evacuation}/amendment", commands.AmendEvacuation),
    ("/evacuations/{evacuation}/return", commands.ReturnEvacuees),
    ("/evacuations/{evacuation}/review", commands.ReviewEvacuation),
    ("/evacuations/{evacuation}/filing", commands.FileEvacuation),
    ("/shelters/{shelter}", commands.RegisterShelter),
    ("/shelters/{shelter}/headcount", commands.RecordHeadcount),
    ("/shelters/{shelter}/closing", commands.CloseShelter),
)
FOR_AN_INCIDENT: tuple[tuple[str, type[Command]], ...] = (
    ("/evacuations", commands.IssueEvacuation),
    ("/shelters/{shelter}/opening", commands.OpenShelter),
)
Named = Annotated[str | None, Query(max_length=200)]
State = Literal["listed", "open", "full", "closed"]


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    for path, command in FOR_AN_INCIDENT:
        routes.post(path, command, fill=if_known(host))
    routes.post("/evacuations/{evacuation}/cleared", commands.ReportCleared, fill=_placed(host), stamped=("line",))

    @router.get("/evacuations", operation_id="ListEvacuations", responses=RESPONSES)
    def list_evacuations(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        incident: Named = None,
        unfiled: Annotated[bool | None, Query(description="not yet filed with the congress desk")] = None,
    ) -> Row:
        """Evacuations, the last changed first, with what each area reported."""
        caller.require("ListEvacuations")
        db = host.read("alerts")
        items, more = page(
            lambda at: evacuations.listed(db, before=at, limit=limit, incident=incident, unfiled=unfiled),
            seeing(host, caller.by),
            limit,
            before,
        )
        told = [
            _told(row, "below", "areas", "missing") | {"filed_late": bool(row["filed_late"])} | evacuations.cleared(db, row["evacuation"])
            for row in items
        ]
        return {"items": told, "next": more, "positions": host.positions()}

    @router.get("/shelters", operation_id="ListShelters", responses=RESPONSES)
    def list_shelters(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        state: State | None = None,
        division: Named = None,
        incident: Named = None,
    ) -> Row:
        """Shelters, the last changed first, with the places that are left and how many are over them."""
        caller.require("ListShelters")
        sees, directory = seeing(host, caller.by), host.directory
        items, more = page(
            lambda at: evacuations.shelters(host.read("alerts"), before=at, limit=limit, state=state, incident=incident),
            lambda row: (division is None or directory.within(row["division"], division)) and sees(row),
            limit,
            before,
        )
        left = [(row, row["capacity"] - row["people"]) for row in items]
        told = [
            _told(row, "facilities") | {"ready": bool(row["ready"]), "places_left": max(0, places), "over": max(0, -places)}
            for row, places in left
        ]
        return {"items": told, "next": more, "positions": host.positions()}


def _placed(host: Host) -> Fill:
    """Where the area lies, so that a part of an area to leave is known as one."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        area = fields.get("area") or caller.by.division
        fields["line"] = tuple(host.directory.divisions.chain(area)) if area is not None else ()

    return fill


def _told(row: Row, *lists: str) -> Row:
    kept = {name: value for name, value in row.items() if name not in ("by_group", "position")}
    return kept | {"groups": msgspec.json.decode(row["by_group"])} | {name: msgspec.json.decode(row[name]) for name in lists}
