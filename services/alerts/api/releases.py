"""Operations on releases and rumours: their commands as a table; what is public is read without a token."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool

from services.alerts.api.incidents import with_incident
from services.alerts.api.seeing import seeing
from services.alerts.deciders.releases import commands
from services.alerts.deciders.releases.release import RELEASE
from services.alerts.deciders.streams import release_stream, report_stream
from services.alerts.projections import releases
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound
from shared.web.call import Call
from shared.web.commands import CommandRoutes, Fill
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/releases/{release}/update", commands.UpdateRelease),
    ("/releases/{release}/review", commands.ReviewRelease),
    ("/releases/{release}/withdrawal", commands.WithdrawRelease),
    ("/releases/{release}/briefings", commands.HoldBriefing),
    ("/rumours/{rumour}/check", commands.CheckRumour),
    ("/rumours/{rumour}/clarification", commands.Clarify),
    ("/rumours/{rumour}/referral", commands.ReferRumour),
)
Named = Annotated[str | None, Query(max_length=200)]
State = Literal["drafted", "approved", "published", "withdrawn"]


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    routes.post("/releases", commands.DraftRelease, fill=_of_its_report(host))
    routes.post("/releases/{release}/approval", commands.ApproveRelease, fill=_as_drafted(host, "from_report", "incident"))
    routes.post("/releases/{release}/publication", commands.PublishRelease, fill=_as_drafted(host, "from_report"))
    routes.post("/rumours", commands.OpenRumourCase, fill=with_incident(host))

    @router.get("/releases", operation_id="ListReleases", responses=RESPONSES)
    def list_releases(caller: Caller, limit: Limit = 100, before: Before = None, state: State | None = None, incident: Named = None) -> Row:
        """Releases, the last changed first. Without a token only what is public."""
        sees = seeing(host, caller.by)
        items, more = page(
            lambda at: releases.listed(host.read("alerts"), before=at, limit=limit, state=state, incident=incident),
            lambda row: bool(row["public_version"]) or sees(row),
            limit,
            before,
        )
        told = [_inner(row) if sees(row) else _public(row) for row in items]
        return {"items": told, "next": more, "positions": host.positions()}

    @router.get("/releases/{release}", operation_id="GetRelease", responses=RESPONSES)
    def get_release(release: Annotated[str, Path(max_length=200)], caller: Caller) -> Row:
        """One release: what is public of it; for those who may see it being made, also the text in hand and its reviews."""
        row = releases.find(host.read("alerts"), release)
        inner = row is not None and seeing(host, caller.by)(row)
        if row is None or not (inner or row["public_version"]):
            raise NotFound(Failure("reference", f"no release {release[:100]} that you may see", "release"))
        return (_inner(row) if inner else _public(row)) | {"positions": host.positions()}

    @router.get("/rumours", operation_id="ListRumours", responses=RESPONSES)
    def list_rumours(caller: Caller, limit: Limit = 100, before: Before = None, incident: Named = None) -> Row:
        """Rumours, the last changed first, with what was found."""
        caller.require("ListRumours")
        items, more = page(
            lambda at: releases.rumours(host.read("alerts"), before=at, limit=limit, incident=incident),
            seeing(host, caller.by),
            limit,
            before,
        )
        return {"items": items, "next": more, "positions": host.positions()}


def _of_its_report(host: Host) -> Fill:
    """A release that names no incident means that of the report it is drawn from, else the only one."""
    only = with_incident(host)

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        if fields.get("incident") is None and fields.get("from_report") is not None:
            history = await run_in_threadpool(host.history, "alerts", report_stream(fields["from_report"]))
            fields["incident"] = history[-1].envelope.correlationid if history else None
        await only(caller, fields)

    return fill


def _as_drafted(host: Host, *names: str) -> Fill:
    """Who stands behind it means what it was drafted with, unless they say so themselves; the decider compares."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        history = await run_in_threadpool(host.history, "alerts", release_stream(fields["release"]))
        release = RELEASE.fold([one.event for one in history])
        drafted = {"from_report": release.source, "incident": release.incident}
        fields.update({name: drafted[name] for name in names if fields.get(name) is None})

    return fill


def _public(row: Row) -> Row:
    """What everybody reads; of what was withdrawn, that it was and why, and nothing of what it said."""
    withdrawn = {"withdrawn_at": row["withdrawn_at"], "reason": row["reason"]}
    said = {"version": row["public_version"], "mark": row["mark"], "published_at": row["published_at"], "division": row["division"]}
    return {"release": row["id"], **said, **withdrawn, "content": None if row["withdrawn_at"] else _decoded(row["public_content"])}


def _inner(row: Row) -> Row:
    kept = {name: value for name, value in row.items() if name not in ("id", "content", "public_content", "position")}
    return {"release": row["id"], **kept, "content": _decoded(row["content"]), "public_content": _decoded(row["public_content"])}


def _decoded(content: str | None) -> Any:
    return msgspec.json.decode(content) if content is not None else None
