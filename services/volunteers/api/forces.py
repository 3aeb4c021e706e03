"""Operations on rescue forces and insurance policies, and their lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.volunteers.api.callups import own
from services.volunteers.deciders.forces import commands as ask
from services.volunteers.deciders.insurance import commands as insure
from services.volunteers.projections import forces, insurance, volunteers
from shared.handling.timers import utc
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import Failure, NotFound
from shared.sql.ports import Connection
from shared.web.call import Call
from shared.web.commands import CommandRoutes, Fill
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/forces", ask.ApplyFiling),
    ("/forces/{force}/filing", ask.AcceptFiling),
    ("/forces/{force}/return", ask.ReturnFiling),
    ("/forces/{force}/assessments", ask.AssessForce),
    ("/forces/{force}/roster", ask.UpdateRoster),
    ("/forces/{force}/gear", ask.UpdateGear),
    ("/forces/{force}/readiness", ask.ReportReadiness),
    ("/forces/{force}/stand-by", ask.SetStandBy),
    ("/forces/{force}/stand-by/end", ask.EndStandBy),
    ("/forces/{force}/suspension", ask.SuspendForce),
    ("/forces/{force}/restoration", ask.RestoreForce),
    ("/forces/{force}/deregistration", ask.DeregisterForce),
    ("/policies/{policy}/extension", insure.ExtendPolicy),
    ("/policies/{policy}/persons", insure.LinkPersons),
    ("/policies/{policy}/cancellation", insure.CancelPolicy),
    ("/policies/{policy}/claims", insure.OpenInsuranceClaim),
    ("/policies/{policy}/claims/{claim}/settlement", insure.SettleInsuranceClaim),
)
Named = Annotated[str | None, Query(max_length=64)]


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    """Add what needs the tree beside its body, and the queries."""
    routes.post("/policies", insure.RecordPolicy, fill=_placed(host), stamped=("nowhere",))

    @router.get("/forces", operation_id="ListForces", responses=RESPONSES)
    def list_forces(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        status: Named = None,
        discipline: Named = None,
        division: Named = None,
    ) -> Row:
        """Forces, the last changed first, and which warnings ask forces to stand by. A leader sees the own force."""
        caller.require("ListForces")
        db, sees, within = host.read("volunteers"), host.sees(caller.by), host.directory.within

        def wanted(row: Row) -> bool:
            return (
                _may(host, caller.by, row)
                and (discipline is None or discipline in row["disciplines"])
                and (division is None or within(row["home"], division))
            )

        items, more = page(lambda at: forces.listed(db, before=at, limit=limit, status=status), wanted, limit, before)
        asked = [row for row in forces.asked(db) if sees(row["division"], "internal")]
        return {"items": [_listed(row) for row in items], "stand_by_asked": asked, "next": more, "positions": host.positions()}

    @router.get("/forces/{force}", operation_id="GetForce", responses=RESPONSES)
    def get_force(force: Annotated[str, Path(max_length=64)], caller: Caller) -> Row:
        """One force with its roster by public id, covers and engagements."""
        caller.require("GetForce")
        db = host.read("volunteers")
        row = forces.find(db, force)
        if row is None or not _may(host, caller.by, row):
            raise NotFound(Failure("reference", f"no force {force[:64]} that you may see", "force"))
        covers, now = volunteers.covers(db, force), utc(caller.now)
        insured = any(one["since"] <= now <= one["until"] for one in covers)
        told = {"covers": covers, "insured": insured, "engagements": volunteers.engagements(db, force)}
        return {name: value for name, value in row.items() if name != "visibility"} | told | {"positions": host.positions()}

    @router.get("/policies", operation_id="ListPolicies", responses=RESPONSES)
    def list_policies(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        ending: Annotated[int | None, Query(ge=0, le=3650, description="only those that end within so many days")] = None,
    ) -> Row:
        """Insurance policies, the last changed first. Whoever pays for one sees it too; a leader sees those of the own force, as far as
        they are about it."""
        caller.require("ListPolicies")
        db, sees, now = host.read("volunteers"), host.sees(caller.by), caller.now

        def wanted(row: Row) -> bool:
            mine = row["payer"] == caller.by.actor
            soon = ending is None or utc(now) <= row["until"] <= utc(now + timedelta(days=ending))
            return soon and (mine or bool(_led(db, caller.by, row)) or sees(row["division"], row["visibility"]))

        items, more = page(lambda at: insurance.listed(db, before=at, limit=limit), wanted, limit, before)
        for row in items:
            row["expired"] = row["until"] < utc(now)
            if row["payer"] != caller.by.actor and (led := _led(db, caller.by, row)):
                row |= {"covered": [], "forces": led, "claims": [one for one in row["claims"] if one["holder"] in led]}
            del row["visibility"]
        return {"items": items, "next": more, "positions": host.positions()}


def _placed(host: Host) -> Fill:
    """A policy holds in a division that there is."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        place = fields.get("territory")
        fields["nowhere"] = place is not None and not host.directory.divisions.in_force(place)

    return fill


def _led(db: Connection, by: Signature, row: Row) -> list[str]:
    """Which of a policy's forces the caller leads."""
    return [force for force in row["forces"] if own(db, by, force, True)]


def _may(host: Host, by: Signature, row: Row) -> bool:
    return row["leader"] == by.actor if by.has("TEAM") else host.sees(by)(row["home"], row["visibility"])


def _listed(row: Row) -> Row:
    hidden = ("members", "gear", "visibility", "reason")
    return {name: value for name, value in row.items() if name not in hidden} | {"people": len(row["members"])}
