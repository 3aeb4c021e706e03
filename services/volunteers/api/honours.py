"""Operations on honours, cases of harm, and the work of the desks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services.volunteers.api.callups import own, with_incident
from services.volunteers.deciders.honours import commands as ask
from services.volunteers.deciders.tasks.task import AssignVolunteerTask, CompleteVolunteerTask
from services.volunteers.projections import forces, honours
from shared.kernel.commands import Command
from shared.web.commands import CommandRoutes
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/honours", ask.NominateHonour),
    ("/martyr-cases", ask.OpenMartyrCase),
    ("/honours/{honour}/review", ask.ReviewHonour),
    ("/honours/{honour}/consent", ask.ConsentToHonour),
    ("/honours/{honour}/notice", ask.PostHonourNotice),
    ("/honours/{honour}/grant", ask.GrantHonour),
    ("/honours/{honour}/refusal", ask.RefuseHonour),
    ("/honours/{honour}/revocation", ask.RevokeHonour),
    ("/injuries/{injury}/filing", ask.FileInjury),
    ("/injuries/{injury}/result", ask.RecordInjuryResult),
    ("/volunteer-tasks/{task}/completion", CompleteVolunteerTask),
)
Named = Annotated[str | None, Query(max_length=64)]


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    """What may leave out its incident, and the queries."""
    routes.post("/injuries", ask.ReportInjury, fill=with_incident(host))
    routes.post("/volunteer-tasks", AssignVolunteerTask, fill=with_incident(host))

    @router.get("/honours", operation_id="ListHonours", responses=RESPONSES)
    def list_honours(caller: Caller, limit: Limit = 100, before: Before = None, holder: Named = None) -> Row:
        """Honours, the last changed first; a volunteer and a leader see their own."""
        caller.require("ListHonours")
        db, by, sees = host.read("volunteers"), caller.by, host.sees(caller.by)

        def wanted(row: Row) -> bool:
            if by.has("VOL", "TEAM"):
                return own(db, by, row["holder"], forces.find(db, row["holder"]) is not None)
            return sees(row["division"], row["visibility"])

        items, more = page(lambda at: honours.honours(db, before=at, limit=limit, holder=holder), wanted, limit, before)
        return {"items": [_honour(row) for row in items], "next": more, "positions": host.positions()}

    @router.get("/injuries", operation_id="ListInjuries", responses=RESPONSES)
    def list_injuries(caller: Caller, limit: Limit = 100, before: Before = None) -> Row:
        """Cases of harm in service, the last changed first: to the desks of the area that help (the permission names them)."""
        caller.require("ListInjuries")
        db, sees = host.read("volunteers"), host.sees(caller.by)
        items, more = page(
            lambda at: honours.injuries(db, before=at, limit=limit), lambda row: sees(row["division"], "internal"), limit, before
        )
        told = [_kept(row) | {"filed_late": bool(row["filed_late"])} for row in items]
        return {"items": told, "next": more, "positions": host.positions()}

    @router.get("/volunteer-tasks", operation_id="ListVolunteerTasks", responses=RESPONSES)
    def list_volunteer_tasks(
        caller: Caller, limit: Limit = 100, before: Before = None, open: bool | None = None, incident: Named = None
    ) -> Row:
        """Tasks of the desks that look after volunteers, the last changed first."""
        caller.require("ListVolunteerTasks")
        db, by, sees = host.read("volunteers"), caller.by, host.sees(caller.by)
        items, more = page(
            lambda at: honours.tasks(db, before=at, limit=limit, open=open, incident=incident),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        told = [_kept(row) | {"mine": by.has(*row["roles"])} for row in items]
        return {"items": told, "next": more, "positions": host.positions()}


def _honour(row: Row) -> Row:
    consent = None if row["consent"] is None else bool(row["consent"])
    return _kept(row) | {"named": bool(row["named"]), "consent": consent}


def _kept(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("position", "visibility")}
