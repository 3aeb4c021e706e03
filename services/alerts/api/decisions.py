"""`ListDecisions`: who decided what, on which basis."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services.alerts.api.seeing import seeing
from services.alerts.projections import decisions
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

Named = Annotated[str | None, Query(max_length=200)]


def add(router: APIRouter, host: Host) -> None:
    @router.get("/decisions", operation_id="ListDecisions", responses=RESPONSES)
    def list_decisions(
        caller: Caller, limit: Limit = 100, before: Before = None, incident: Named = None, actor: Named = None, division: Named = None
    ) -> Row:
        """Every act a post signed, the newest first: the power it used, its legal basis, rule pack, second signature and deadlines."""
        caller.require("ListDecisions")
        sees, directory = seeing(host, caller.by), host.directory
        items, more = page(
            lambda at: decisions.taken(host.read("alerts"), before=at, limit=limit, incident=incident, actor=actor),
            lambda row: (division is None or directory.within(row["division"], division)) and sees(row),
            limit,
            before,
        )
        return {"items": items, "next": more, "positions": host.positions()}
