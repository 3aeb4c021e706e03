"""Operations on call-ups: their commands as a table, what the edge adds to them, the board of each, engagements and zones."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool

from services.volunteers.deciders.callups import commands as ask
from services.volunteers.deciders.callups.arriving import RegisterSelfArrival
from services.volunteers.projections import callups, engagements, forces, incidents, letters, volunteers
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import Failure, NotFound
from shared.sql.ports import Connection
from shared.web.call import Call
from shared.web.commands import CommandRoutes, Fill
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/call-ups/{call_up}/answers", ask.AnswerCallUp),
    ("/call-ups/{call_up}/reserve", ask.StayOnReserve),
    ("/call-ups/{call_up}/withdrawals", ask.WithdrawFromCallUp),
    ("/call-ups/{call_up}/host-acceptance", ask.AcceptHostCommand),
    ("/call-ups/{call_up}/rotations", ask.Rotate),
    ("/call-ups/{call_up}/standing-down", ask.StandDown),
    ("/call-ups/{call_up}/cancellation", ask.CancelCallUp),
)
Named = Annotated[str | None, Query(max_length=64)]
CallUpId = Annotated[str, Path(max_length=64)]
ONE = ("holder", "state", "wave", "gap", "eta", "zone", "people", "minutes")


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    """What needs the tree or an incident beside its body, and the queries."""
    routes.post("/call-ups/{call_up}/offers", ask.OfferCallUp, fill=_lines(host), stamped=("lines", "type"))
    routes.post("/call-ups/{call_up}/orders", ask.OrderCallUp, fill=_lines(host), stamped=("lines", "type"))
    routes.post("/call-ups/{call_up}/departures", ask.DepartForHost, fill=_typed(host), stamped=("type",))
    routes.post("/call-ups/{call_up}/arrivals", ask.CheckInAtHost, fill=_typed(host), stamped=("type",))
    routes.post("/zones", ask.RegisterZone, fill=with_incident(host))
    routes.post("/self-arrivals", RegisterSelfArrival, fill=with_incident(host), stamped=("person", "fields"))
    _call_ups(router, host)
    _lists(router, host)


def _call_ups(router: APIRouter, host: Host) -> None:
    @router.get("/call-ups", operation_id="ListCallUps", responses=RESPONSES)
    def list_call_ups(caller: Caller, limit: Limit = 100, before: Before = None, state: Named = None, incident: Named = None) -> Row:
        """Call-ups, the last changed first; a volunteer and a leader see those they were called in, with their own answer alone."""
        caller.require("ListCallUps")
        db, sees, by = host.read("volunteers"), host.sees(caller.by), caller.by
        personal = by.has("VOL", "TEAM")

        def wanted(row: Row) -> bool:
            return bool(mine(db, by, row["call_up"])) if personal else sees(row["division"], row["visibility"])

        items, more = page(lambda at: callups.listed(db, before=at, limit=limit, state=state, incident=incident), wanted, limit, before)
        return {"items": [_shown(db, row, by) for row in items], "next": more, "positions": host.positions()}

    @router.get("/call-ups/{call_up}", operation_id="GetCallups", responses=RESPONSES)
    def get_callups(call_up: CallUpId, caller: Caller) -> Row:
        """One call-up: how many places, who accepted, declined, is silent or on the reserve list, and what stands against whom. Nobody
        has a penalty, whatever they answered."""
        caller.require("GetCallups")
        db, by = host.read("volunteers"), caller.by
        row = callups.find(db, call_up)
        personal = by.has("VOL", "TEAM")
        if row is None or not (mine(db, by, call_up) if personal else host.sees(by)(row["division"], row["visibility"])):
            raise NotFound(Failure("reference", f"no call-up {call_up} that you may see", "call_up"))
        return _shown(db, row, by) | {"positions": host.positions()}


def _lists(router: APIRouter, host: Host) -> None:
    @router.get("/engagements", operation_id="ListEngagements", responses=RESPONSES)
    def list_engagements(caller: Caller, limit: Limit = 100, before: Before = None, call_up: Named = None, holder: Named = None) -> Row:
        """Who is promised to which call-up and for when, the last promised first."""
        caller.require("ListEngagements")
        db, sees = host.read("volunteers"), host.sees(caller.by)
        items, more = page(
            lambda at: engagements.engagements(db, before=at, limit=limit, call_up=call_up, holder=holder),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        return {"items": [_without_place(row) for row in items], "next": more, "positions": host.positions()}

    @router.get("/zones", operation_id="ListZones", responses=RESPONSES)
    def list_zones(caller: Caller, limit: Limit = 100, before: Before = None, incident: Named = None) -> Row:
        """Zones of work: how many people each takes, and who is there."""
        caller.require("ListZones")
        db, sees = host.read("volunteers"), host.sees(caller.by)
        items, more = page(
            lambda at: engagements.zones(db, before=at, limit=limit, incident=incident),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        told = [_without_place(row) | {"free": max(row["cap"] - row["people"], 0)} for row in items]
        return {"items": told, "next": more, "positions": host.positions()}


def with_incident(host: Host) -> Fill:
    """A command that left out its incident means that of the only open call-ups of the caller's area, when they are of one."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        if fields.get("incident") is None:
            fields["incident"] = await run_in_threadpool(only_incident, host, caller.by)

    return fill


def only_incident(host: Host, by: Signature) -> str | None:
    """The incident of every open call-up that touches the caller's line; None when there are several, or none."""
    tree = host.directory.divisions
    found = {
        row["incident"]
        for row in callups.opened(host.read("volunteers"))
        if row["incident"] and by.division and _touches(tree.chain(by.division), row["division"], tree.chain)
    }
    return found.pop() if len(found) == 1 else None


def mine(db: Connection, by: Signature, call_up: str) -> list[Row]:
    """What of a call-up is a volunteer's or leader's own."""
    return [row for row in callups.parties(db, call_up) if own(db, by, row["holder"], bool(row["is_force"]))]


def own(db: Connection, by: Signature, holder: str, is_force: bool) -> bool:
    """Whether a holder is the caller, or the force the caller leads."""
    if not is_force:
        return holder == by.actor
    found = forces.find(db, holder) if by.has("TEAM") else None
    return found is not None and found["leader"] == by.actor


def _touches(line: tuple[str, ...], division: str | None, chain: Any) -> bool:
    return division is not None and (division in line or line[0] in chain(division))


def _lines(host: Host) -> Fill:
    """The divisions that a call-up names, with all above them: its place, the caller's, and the homes and contracts of who is called.
    Without a place it is where its incident lies, if the caller has command there; what the incident is, is the call-up's hazard."""

    def look(caller: Call, fields: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
        db, tree = host.read("volunteers"), host.directory.divisions
        before = callups.find(db, fields["call_up"])
        incident = fields.get("incident") or (before["incident"] if before else None)
        there, fields["type"] = incidents.find(db, incident) if incident else ("", "")
        if not there and fields.get("incident"):
            raise NotFound(Failure("reference", f"{incident} is unknown: check the id; if it is a moment old, send this again", "incident"))
        if before is None and fields.get("place") is None and there in tree and caller.by.division in tree.chain(there):
            fields["place"] = there
        codes = {fields.get("place"), caller.by.division}
        for volunteer in fields.get("volunteers") or ():
            row = volunteers.find(db, volunteer)
            codes.add(row["division"] if row else None)
        force = forces.find(db, fields["force"]) if fields.get("force") else None
        codes |= {force["home"], force["contract_with"]} if force else set()
        return tuple(tuple(tree.chain(code)) for code in sorted(code for code in codes if code and code in tree))

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        fields["lines"] = await run_in_threadpool(look, caller, fields)

    return fill


def _typed(host: Host) -> Fill:
    """What the incident of a call-up is by now: it may have been classified after people were asked."""

    def look(call_up: str) -> str:
        db = host.read("volunteers")
        row = callups.find(db, call_up)
        return incidents.find(db, row["incident"])[1] if row and row["incident"] else ""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        fields["type"] = await run_in_threadpool(look, fields["call_up"])

    return fill


def _shown(db: Connection, row: Row, by: Signature) -> Row:
    every = callups.parties(db, row["call_up"])
    seen = mine(db, by, row["call_up"]) if by.has("VOL", "TEAM") else every
    told = letters.told(db, row["call_up"])
    kept = {name: value for name, value in row.items() if name not in ("position", "visibility", "filled", "host_accepted", "skills")}
    return (
        kept
        | {"skills": msgspec.json.decode(row["skills"]), "filled": bool(row["filled"]), "host_accepted": bool(row["host_accepted"])}
        | {
            "asked": len(every),
            "accepted": sum(one["accepted"] for one in every),
            "declined": _count(every, "declined"),
            "silent": sum(one["silent"] for one in every),
            "withdrawn": _count(every, "withdrawn"),
            "fit_to_go": sum(one["accepted"] and one["fit"] == 1 for one in every),
            "closed_offers": [one["holder"] for one in seen if one["state"] == "closed"],
            "reserve": [one["holder"] for one in seen if one["state"] == "on reserve"],
            "penalty": None,  # there is none, and no field that could hold one (VSR art. 25)
            "parties": [_party(one) | {"told": told.get(one["holder"])} for one in seen],
        }
    )


def _count(parties: list[Row], state: str) -> int:
    return sum(one["state"] == state for one in parties)


def _party(row: Row) -> Row:
    flags = {name: bool(row[name]) for name in ("ordered", "silent", "host_needed")}
    lists = {name: msgspec.json.decode(row[name]) for name in ("failures", "members")}
    fit = None if row["fit"] is None else bool(row["fit"])
    return {name: row[name] for name in ONE} | {"kind": "force" if row["is_force"] else "volunteer", "fit": fit} | flags | lists


def _without_place(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("position", "visibility")}
