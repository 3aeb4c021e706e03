"""Operations on incidents: their commands as a table, the list, one of them whole, and the one a caller means without naming it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool

from services.alerts.api import naming
from services.alerts.api.seeing import seeing
from services.alerts.deciders.incidents import commands
from services.alerts.events import leading
from services.alerts.events.incident import IncidentNoteRegistered, IncidentRegistered, IncidentType, Lead
from services.alerts.events.scales import EventGrade
from services.alerts.projections import clocks, incidents, tasks, triage
from services.alerts.projections.merging import absorbed
from services.alerts.projections.ordering import ordered
from shared.kernel.commands import Command
from shared.kernel.envelope import Recorded
from shared.kernel.errors import Behind, Failure, NotFound
from shared.web.call import WAIT_S, Call
from shared.web.commands import CommandRoutes, Fill
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/incidents/{incident}/verification", commands.VerifyIncident),
    ("/incidents/{incident}/dismissal", commands.DismissIncident),
    ("/incidents/{incident}/classification", commands.ClassifyIncident),
    ("/incidents/{incident}/grade", commands.RegradeIncident),
    ("/incidents/{incident}/notes", commands.RegisterNote),
    ("/incidents/{incident}/divisions", commands.ExtendIncident),
    ("/incidents/{incident}/leads", commands.DesignateLead),
    ("/incidents/{incident}/lead-transfer", commands.TransferLead),
    ("/incidents/{incident}/site-hq", commands.SetUpSiteHQ),
    ("/incidents/{incident}/site-hq/commander", commands.HandOverSiteCommand),
    ("/incidents/{incident}/site-hq/end", commands.DissolveSiteHQ),
    ("/incidents/{incident}/secondary-incidents", commands.LinkSecondary),
    ("/incidents/{incident}/merger", commands.MergeIncidents),
    ("/incidents/{incident}/control", commands.DeclareControlled),
    ("/incidents/{incident}/after-care", commands.StartAfterCare),
    ("/incidents/{incident}/reopening", commands.ReopenIncident),
)
IncidentId = Annotated[str, Path(max_length=200)]
Named = Annotated[str | None, Query(max_length=200)]
State = Literal["Suspected", "Verified", "Responding", "Controlled", "AfterCare", "Closed", "Dismissed", "Merged"]
Sort = Literal["changed", "gravity", "overdue"]
MOST = 200  # of each kind that goes on after an incident is closed
NEXT, LOOKED_AT = 3, 10  # deadlines shown of each incident, of so many
_LISTED = ("divisions", "leads")


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    """The registration, which may turn out to be known already, and the queries."""
    routes.post("/incidents", commands.RegisterIncident, fill=_known_already(host))
    routes.post("/incidents/{incident}/closing", commands.CloseIncident, fill=_going_on(host), stamped=("tasks", "triages"))

    @router.get("/incidents", operation_id="ListIncidents", responses=RESPONSES)
    def list_incidents(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        state: State | None = None,
        division: Named = None,
        open: bool | None = None,
        grade: EventGrade | None = None,
        type: IncidentType | None = None,
        sort: Sort = "changed",
    ) -> Row:
        """Incidents, the last changed first, the gravest, or those whose next deadline comes first: with their casualties, how many of
        their deadlines run, press and have passed, the next of them, and what was merged into them."""
        caller.require("ListIncidents")
        db = host.read("alerts")
        given = {"state": state, "open": None if open is None else int(open), "grade": grade, "type": type}
        every = [] if sort == "changed" else incidents.every(db, given)
        sees = seeing(host, caller.by, every)

        def wanted(row: Row) -> bool:
            return (division is None or _touches(host, row, division)) and sees(row)

        if sort == "changed":
            items, more = page(lambda at: incidents.listed(db, before=at, limit=limit, given=given), wanted, limit, before)
        else:  # what presses changes its place as it goes on: a page begins after so many
            rows, begin = ordered(db, filter(wanted, every), sort, sees), before or 0
            items, more = rows[begin : begin + limit], begin + limit if len(rows) > begin + limit else None
        return {"items": _listed(host, caller, items), "next": more, "positions": host.positions()}

    @router.get("/incidents/{incident}", operation_id="GetIncident", responses=RESPONSES)
    def get_incident(incident: IncidentId, caller: Caller) -> Row:
        """One incident: its deadlines running and ended, who led and commanded, its notes, what stands in the way of closing it, and
        the incidents it belongs together with."""
        caller.require("GetIncident")
        db, sees, now = host.read("alerts"), seeing(host, caller.by), host.now()
        row = incidents.find(db, incident)
        if row is None or not sees(row):
            raise NotFound(Failure("reference", f"no incident {incident[:100]} that you may see", "incident"))
        secondaries, merged = ([one for one in some if sees(one)] for some in incidents.belonging(db, incident))
        running = [one for one in clocks.every(db, incident) if sees(one)]  # with the incident it came from
        history = host.history("alerts", f"incident-{incident}")
        return (
            _shown(row)
            | _types(host, caller).get(row["type"], {})
            | {
                "clocks": [one | {"colour": clocks.colour(one, now)} for one in running],
                "closure": incidents.closure_items(db, incident),
                "secondaries": secondaries,
                "merged_incidents": merged,
                "lead_history": list(_led(history)),
                "site_history": list(_commanded(history)),
                "notes_taken": [_note(one.event) for one in history if isinstance(one.event, IncidentNoteRegistered)],
                "timeline": [_step(one) for one in history],
                "positions": host.positions(),
            }
        )


def _listed(host: Host, caller: Call, rows: list[Row]) -> list[Row]:
    """Rows of the list with what their reader may see of their figures and deadlines."""
    db, sees, now, types = host.read("alerts"), seeing(host, caller.by), host.now(), _types(host, caller)
    rules = host.directory.rules_for(caller.by.division, now, caller.pack)
    where: dict[str, str | None] = {row["incident"]: row["division"] for row in rows}
    names = list(where)
    under = absorbed(db, sees, names)
    counts, due, dead = clocks.counted(db, names, now, sees), clocks.next_of(db, names, LOOKED_AT, sees), triage.casualties(db, where, sees)

    def deadline(row: Row) -> Row:
        told = {name: row[name] for name in ("stream", "key", "rule", "due_at", "amber_at", "division")}
        return told | {"colour": clocks.colour(row, now)} | naming.named(row["rule"], rules, row["key"])

    return [
        _shown(row)
        | types.get(row["type"], {})
        | {"clocks": counts.get(row["incident"], clocks.NO_CLOCKS), "casualties": dead.get(row["incident"], {})}
        | {"deadlines": [deadline(one) for one in due.get(row["incident"], ()) if sees(one)][:NEXT]}
        | {"absorbed": [one for one, into in under.items() if into == row["incident"]]}
        for row in rows
    ]


def only_incident(host: Host, caller: Call) -> str | None:
    """The one open incident of the caller's line that follows from no other, of everything decided before now; None without one, or
    with several: then the caller says which. It waits and reads, so an async route asks it in a thread."""
    own = caller.by.division
    if own is None:
        return None
    caught_up(host)
    mains = [row for row in incidents.opened(host.read("alerts")) if row["main"] is None and _touches(host, row, own)]
    return str(mains[0]["incident"]) if len(mains) == 1 else None


def with_incident(host: Host) -> Fill:
    """For `CommandRoutes.post(..., fill=...)`: a command that left out its incident means the only one."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        if fields.get("incident") is None:
            fields["incident"] = await run_in_threadpool(only_incident, host, caller)

    return fill


def _known_already(host: Host) -> Fill:
    """The same type at the same place at about the same time, or in the same words at the same time, is the same fact, unless the caller
    says why it is another."""

    def same(caller: Call, fields: dict[str, Any]) -> str | None:
        caught_up(host)
        named = fields["type"].value, fields["at_place"], fields["text"]
        began: datetime = fields["occurred_at"] or fields["known_at"] or caller.now
        rule = "incident.same_within" if fields["at_place"] is not None else "incident.same_words_within"
        window = host.directory.rules_for(fields["division"], caller.now, None).value(rule)
        for row in incidents.alike(host.read("alerts"), *named):
            apart = abs(datetime.fromisoformat(row["occurred_at"] or row["known_at"]) - began)
            covers = row["division"] is not None and host.directory.divisions.covers(row["division"], fields["division"])
            if row["incident"] != fields["incident"] and covers and apart <= window:
                return str(row["incident"])
        return None

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        told = fields["at_place"] is not None or fields["text"].strip()
        if told and fields["same_as"] is None and fields["separate"] is None:
            fields["same_as"] = await run_in_threadpool(same, caller, fields)

    return fill


def _going_on(host: Host) -> Fill:
    """What stands in no way of closing and goes on, so that who closes is told of it."""

    def found(incident: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        with suppress(Behind):
            caught_up(host)
        db = host.read("alerts")
        return tuple(tasks.open_of(db, incident)[:MOST]), tuple(triage.open_of(db, incident)[:MOST])

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        fields["tasks"], fields["triages"] = await run_in_threadpool(found, fields["incident"])

    return fill


def caught_up(host: Host) -> None:
    """Wait until the read model shows everything decided before now."""
    log, deadline = host.log("alerts"), time.monotonic() + WAIT_S
    head = host.heads()[log]
    while host.positions().get(log, 0) < head:
        if time.monotonic() > deadline:
            raise Behind(Failure("incident", "what was decided last is not shown yet; ask again, or name the incident", "incident"))
        time.sleep(0.01)


def _touches(host: Host, row: Row, division: str) -> bool:
    return any(host.directory.within(touched, division) for touched in msgspec.json.decode(row["divisions"]))


def _types(host: Host, caller: Call) -> Mapping[str, Row]:
    """The types of incidents by code, with their names."""
    types: Mapping[str, Row] = host.directory.rules_for(caller.by.division, host.now(), caller.pack).value("incident.types")
    return {code: {"zh": named["zh"], "en": named["en"]} for code, named in types.items()}


def _shown(row: Row) -> Row:
    kept = {name: value for name, value in row.items() if name not in ("weight", "position", "open", "place_key")}
    return kept | {name: msgspec.json.decode(row[name]) for name in _LISTED} | {"open": bool(row["open"])}


def _names(leads: tuple[Lead, ...]) -> list[str]:
    return [lead.division for lead in leads]


def _led(history: Any) -> Iterator[Row]:
    """Who led from when on; what was to come and never did is not told."""
    coming: Row = {}
    for recorded in history:
        match recorded.event:
            case IncidentRegistered() | leading.LeadDesignated() | leading.IncidentExtended() as event:
                yield {"leads": _names(event.leads), "since": event.at, "by": event.by}
            case leading.LeadTransferred() as event:
                led = _names(event.leads) or [event.to]
                told = {"leads": led, "since": event.effective_at, "by": event.by, "reason": event.reason}
                if event.clocks:
                    coming = told
                else:
                    yield told
            case leading.LeadTaken():
                yield coming


def _commanded(history: Any) -> Iterator[Row]:
    """Who commanded on the spot from when on."""
    for recorded in history:
        match recorded.event:
            case leading.SiteHQEstablished() | leading.SiteCommandTransferred() as event:
                yield {"commander": event.commander, "division": event.division, "since": event.at, "by": event.by}
            case leading.SiteHQDissolved() as event:
                yield {"commander": None, "division": None, "since": event.at, "by": event.by}


def _note(note: IncidentNoteRegistered) -> Row:
    return {"text": note.text, "by": note.by, "at": note.at}


def _step(recorded: Recorded) -> Row:
    at = recorded.envelope
    told = {"position": recorded.position, "type": recorded.type, "time": at.time, "actor": at.actor, "role": at.role}
    return told | {"cosigner": at.cosigner, "basis": at.basis, "rulepack": at.rulepack}
