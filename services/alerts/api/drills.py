"""Operations on drills, at the real node: their commands as a table, and what became of them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Path

from services.alerts.deciders.drills import commands as drill
from services.alerts.projections import drills
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/drills", drill.ScheduleDrill),
    ("/drills/{drill}/start", drill.StartDrill),
    ("/drills/{drill}/injects", drill.Inject),
    ("/drills/{drill}/end", drill.EndDrill),
    ("/drills/{drill}/cancellation", drill.CancelDrill),
    ("/drills/{drill}/findings", drill.RecordFinding),
    ("/drills/{drill}/findings/{finding}/settlement", drill.SettleFinding),
    ("/drills/{drill}/evaluation", drill.EvaluateDrill),
    ("/drills/{drill}/plan-revisions", drill.LinkPlanRevision),
)


def add(router: APIRouter, host: Host) -> None:
    @router.get("/drills", operation_id="ListDrills", responses=RESPONSES)
    def list_drills(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        state: Literal["scheduled", "running", "ended", "cancelled", "evaluated"] | None = None,
    ) -> Row:
        """Drills, the last changed first; without what was told and found."""
        caller.require("ListDrills")
        sees = host.sees(caller.by)
        items, more = page(
            lambda at: drills.listed(host.read("alerts"), before=at, limit=limit, state=state),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        short = [{name: value for name, value in row.items() if name not in drills.STORED} for row in items]
        return {"items": short, "next": more, "positions": host.positions()}

    @router.get("/drills/{drill}", operation_id="GetDrill", responses=RESPONSES)
    def get_drill(drill: Annotated[str, Path(max_length=200)], caller: Caller) -> Row:
        """One drill: its scenario and objectives, what the players were told, its findings and evaluation."""
        caller.require("GetDrill")
        row = drills.one(host.read("alerts"), drill)
        if row is None or not host.sees(caller.by)(row["division"], row["visibility"]):
            raise NotFound(Failure("reference", f"no drill {drill} that you may see", "drill"))
        return row | {name: msgspec.json.decode(row[name]) for name in drills.STORED} | {"positions": host.positions()}
