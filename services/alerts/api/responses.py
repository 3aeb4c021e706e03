"""Operations on responses, urgent periods and evaluations: their commands as a table, and what runs."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Path, Query

from services.alerts.api.seeing import seeing
from services.alerts.deciders.responses import commands as response
from services.alerts.deciders.responses.evaluation import ApproveEvaluation, NameTeam, OpenEvaluation, SubmitEvaluation
from services.alerts.deciders.responses.urgent import DeclareUrgentDroughtPeriod, DeclareUrgentFloodPeriod, EndUrgentPeriod
from services.alerts.projections import plans, responses
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/responses", response.ActivateResponse),
    ("/response-proposals", response.ProposeActivation),
    ("/responses/{activation}/decline", response.DeclineActivation),
    ("/responses/{activation}/level", response.ChangeLevel),
    ("/responses/{activation}/extension", response.ExtendResponse),
    ("/responses/{activation}/command", response.HandOverCommand),
    ("/responses/{activation}/taken-measures", response.TakeOverMeasure),
    ("/responses/{activation}/measures/{measure}/end", response.EndMeasure),
    ("/responses/{activation}/end", response.EndResponse),
    ("/external-responses", response.RecordExternalActivation),
    ("/external-responses/{activation}/end", response.RecordExternalEnd),
    ("/urgent-flood-periods", DeclareUrgentFloodPeriod),
    ("/urgent-drought-periods", DeclareUrgentDroughtPeriod),
    ("/urgent-periods/{period}/end", EndUrgentPeriod),
    ("/evaluations", OpenEvaluation),
    ("/evaluations/{evaluation}/team", NameTeam),
    ("/evaluations/{evaluation}/report", SubmitEvaluation),
    ("/evaluations/{evaluation}/approval", ApproveEvaluation),
)
Named = Annotated[str | None, Query(max_length=200)]
State = Literal["proposed", "open", "declined", "ended"]


def add(router: APIRouter, host: Host) -> None:
    @router.get("/responses", operation_id="ListResponses", responses=RESPONSES)
    def list_responses(
        caller: Caller, limit: Limit = 100, before: Before = None, incident: Named = None, state: State | None = None
    ) -> Row:
        """Responses, ours and those of authorities outside, the last changed first."""
        caller.require("ListResponses")
        items, more = page(
            lambda at: responses.listed(host.read("alerts"), before=at, limit=limit, incident=incident, state=state),
            seeing(host, caller.by),
            limit,
            before,
        )
        return {"items": [_shown(row) for row in items], "next": more, "positions": host.positions()}

    @router.get("/responses/{activation}", operation_id="GetResponse", responses=RESPONSES)
    def get_response(activation: Annotated[str, Path(max_length=200)], caller: Caller) -> Row:
        """One response with each of its measures."""
        caller.require("GetResponse")
        db = host.read("alerts")
        row = responses.one(db, activation)
        if row is None or not seeing(host, caller.by)(row):
            raise NotFound(Failure("reference", f"no response {activation} that you may see", "activation"))
        return _shown(row) | {"measures": responses.measures(db, activation), "positions": host.positions()}

    @router.get("/urgent-periods", operation_id="ListUrgentPeriods", responses=RESPONSES)
    def list_urgent_periods(caller: Caller, limit: Limit = 100, before: Before = None, open: bool | None = None) -> Row:
        """Urgent flood and drought periods with the powers they open, the last changed first."""
        caller.require("ListUrgentPeriods")
        sees = host.sees(caller.by)
        items, more = page(
            lambda at: plans.periods(host.read("alerts"), before=at, limit=limit, open=open),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        told = [row | {"powers": msgspec.json.decode(row["powers"])} for row in items]
        return {"items": told, "next": more, "positions": host.positions()}


def _shown(row: Row) -> Row:
    return row | {"outside": bool(row["outside"])}
