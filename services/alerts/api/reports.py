"""Reports upwards, and what can be asked of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from itertools import islice
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.alerts.api.incidents import caught_up, only_incident
from services.alerts.api.intake import ReportId
from services.alerts.api.reading import sees_report
from services.alerts.api.seeing import seeing
from services.alerts.deciders.incidents.state import REPORT
from services.alerts.deciders.reports.commands import AcknowledgeReport, CorrectReport, SubmitReport, SupplementReport, TransferReport
from services.alerts.deciders.reports.triage import ResolveTriage
from services.alerts.deciders.reports.trust import COUNTY
from services.alerts.events.report import Figure, ReportKind
from services.alerts.events.scales import EventGrade
from services.alerts.projections import clocks, incidents, reports, triage
from shared.blobs.store import digest
from shared.handling.guard import Knows, masked
from shared.handling.timers import utc
from shared.kernel.commands import Command
from shared.kernel.errors import Behind, Failure, NotFound, RuleBroken
from shared.sql.ports import NotReadable
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted, Moment
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/reports/{report}/transfer", TransferReport),
    ("/reports/{report}/acknowledgement", AcknowledgeReport),
    ("/reports/{report}/correction", CorrectReport),
    ("/triage/{triage}/resolution", ResolveTriage),
)
ACCEPTED: dict[int | str, dict[str, Any]] = {201: {"model": Accepted}, 200: {"model": Accepted, "description": "A repeat"}, **RESPONSES}

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]  # of a figure, a block, a situation
Number = Annotated[Decimal, Field(ge=0, max_digits=20, decimal_places=6, allow_inf_nan=False)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Words = Annotated[str, Field(min_length=1, max_length=20_000)]
IncidentId = Annotated[str, Path(min_length=1, max_length=64)]
Division = Annotated[str | None, Query(max_length=40)]
Said = Annotated[str | None, Query(max_length=64)]


class FigureBody(BaseModel):
    """A number with what it rests on; what is left out is taken from the report."""

    model_config = ConfigDict(extra="forbid")

    value: Number | None
    unit: Annotated[str, Field(max_length=20)] = ""
    as_of: Moment | None = None
    source: Annotated[str, Field(max_length=100)] = ""


class FiguresBody(BaseModel):
    """Figures, and the words of a report's blocks (unit, place, course, measures, ...)."""

    model_config = ConfigDict(extra="forbid")

    figures: Annotated[dict[Name, Number | FigureBody | None], Field(max_length=200)] = {}
    unknown: Annotated[dict[Name, Reason], Field(max_length=200, description="why a figure is not known")] = {}
    reasons: Annotated[dict[Name, Reason], Field(max_length=200, description="why a casualty number fell")] = {}
    blocks: Annotated[dict[Name, Words], Field(max_length=20)] = {}


class SubmitReportBody(FiguresBody):
    """One hop upwards. What the law asks for and is not here is flagged, not refused."""

    kind: ReportKind
    to: Annotated[str, Field(min_length=1, max_length=20, description="a division's code, or `national`")]
    hop: Annotated[int | None, Field(ge=1, le=9, description="left out: the next of the report")] = None
    known_at: Moment | None = None
    due_at: Moment | None = None
    supersedes: Annotated[str | None, Field(max_length=64)] = None
    incident: Annotated[str | None, Field(max_length=64)] = None
    type: Annotated[str | None, Field(max_length=40)] = None
    grade: EventGrade | None = None
    situations: Annotated[list[Name] | None, Field(max_length=30, description="empty: none of them holds")] = None
    skip_reason: Annotated[str, Field(max_length=500)] = ""


def add(router: APIRouter, host: Host, log: str) -> None:
    _upwards(router, host, log)
    _one(router, host)
    _many(router, host)


def _upwards(router: APIRouter, host: Host, log: str) -> None:
    @router.post("/reports/{report}/hops", operation_id="SubmitReport", status_code=201, response_model=None, responses=ACCEPTED)
    async def submit_report(report: ReportId, body: SubmitReportBody, caller: Annotated[Call, Depends(call)]) -> Response:
        """Report one hop upwards: late, incomplete or doubtful reports are taken and flagged. Without `incident` it is that of the report
        before, or the only open one of the caller's line, if the report names no other type."""
        name, blobs = _blob(body.blocks)
        incident = body.incident
        if incident is None:
            with suppress(Behind, NotReadable):  # a report is never refused because of what is shown
                incident = await run_in_threadpool(_incident, host, caller, report, body)
        tree = host.directory.divisions
        own = caller.by.division
        fields = {
            "report": report,
            "kind": body.kind,
            "hop": body.hop or 0,
            "to": masked(body.to, host.knows),
            "known_at": body.known_at,
            "due_at": body.due_at,
            "supersedes": body.supersedes,
            "incident": incident,
            "type": body.type,
            "grade": body.grade,
            "situations": None if body.situations is None else tuple(body.situations),
            "figures": figures_of(body, host.knows),
            "blocks": tuple(body.blocks),
            "text": name,
            "skip_reason": masked(body.skip_reason, host.knows),
            "line": tuple((code, tree.level(code) or 0) for code in tree.chain(own)) if own else (),
            "over": await run_in_threadpool(_over, host, caller, incident),
        }
        return answered(log, await caller.handle("alerts", SubmitReport, fields, blobs))

    @router.post("/reports/{report}/supplement", operation_id="SupplementReport", status_code=201, response_model=None, responses=ACCEPTED)
    async def supplement_report(report: ReportId, body: FiguresBody, caller: Annotated[Call, Depends(call)]) -> Response:
        """Add what was missing. What was said is corrected (CorrectReport), not supplemented."""
        name, blobs = _blob(body.blocks)
        fields = {"report": report, "figures": figures_of(body, host.knows), "blocks": tuple(body.blocks), "text": name}
        return answered(log, await caller.handle("alerts", SupplementReport, fields, blobs))


def _one(router: APIRouter, host: Host) -> None:
    @router.get("/reports/{report}", operation_id="GetReport", responses=RESPONSES)
    def get_report(report: ReportId, caller: Caller) -> Row:
        """One report: its hops, figures, corrections, doubts and deadlines. Its words are GetReportText."""
        return _shown(host, _found(host, caller, report, "GetReport")) | {"positions": host.positions()}

    @router.get("/reports/{report}/text", operation_id="GetReportText", responses=RESPONSES)
    def get_report_text(report: ReportId, caller: Caller) -> Row:
        """The words of an organ's report as they were written. Those of a finder are read with ReadPersonalData, which is noted."""
        row = _found(host, caller, report, "GetReportText")
        if row["cluster"] is not None and not row["digest"]:
            cure = f"a member of the public wrote them: ReadPersonalData of {report} for report.words"
            raise RuleBroken(Failure("ERL-84", cure, "report"))
        raw = host.blobs.get(row["digest"]) if row["digest"] else None
        if raw is None:
            raise NotFound(Failure("reference", f"{report} has no words", "report"))
        words: Row = msgspec.json.decode(raw)
        return {"report": report} | {name: said for name, said in words.items() if name != "salt"} | {"positions": host.positions()}

    @router.get("/reports/{report}/tree", operation_id="GetReportTree", responses=RESPONSES)
    def get_report_tree(report: ReportId, caller: Caller) -> Row:
        """A report with all versions of its line, their hops, what is late or overdue, and the figures as they stand with their source."""
        row = _found(host, caller, report, "GetReportTree")
        line = list(filter(sees_report(host, caller), reports.line(host.read("alerts"), row["root"])))
        versions = [_shown(host, each) for each in line]
        overdue = [{"report": each["report"], **clock} for each in versions for clock in each["clocks"] if clock["overdue"]]
        return _shown(host, row) | {
            "versions": versions,
            "overdue": overdue,
            "standing": reports.standing(line),
            "positions": host.positions(),
        }


def _many(router: APIRouter, host: Host) -> None:
    @router.get("/reports", operation_id="ListReports", responses=RESPONSES)
    def list_reports(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        incident: Said = None,
        status: Literal["received", "transferred", "submitted", "finalised"] | None = None,
        overdue: bool = False,
        division: Division = None,
    ) -> Row:
        """Reports, the newest first: of an incident, in a state, or only those after which something is overdue. `owed` then names the
        first reports that incidents should have made and nobody did."""
        caller.require("ListReports")
        sees, seen, directory, now = seeing(host, caller.by), sees_report(host, caller), host.directory, utc(host.now())
        items, more = page(
            lambda at: reports.listed(
                host.read("alerts"), before=at, limit=limit, incident=incident, status=status, overdue_at=now if overdue else None
            ),
            lambda row: (division is None or directory.within(row["division"], division)) and seen(row),
            limit,
            before,
        )
        owed: Row = {}
        if overdue and status is None and before is None:
            late = clocks.owed(host.read("alerts"), REPORT, host.now(), incident)
            ours = (row for row in late if (division is None or directory.within(row["division"], division)))
            told = islice(filter(sees, ours), limit)
            owed["owed"] = [{name: row[name] for name in ("incident", "division", "rule", "due_at")} for row in told]
        return {"items": [_shown(host, row) for row in items], **owed, "next": more, "positions": host.positions()}

    @router.get("/triage", operation_id="ListTriage", responses=RESPONSES)
    def list_triage(caller: Caller, limit: Limit = 100, before: Before = None, open: bool | None = None, incident: Said = None) -> Row:
        """What waits for a person, the newest first: public reports by place and hour, doubtful figures, transferred reports."""
        caller.require("ListTriage")
        items, more = page(
            lambda at: triage.waiting(host.read("alerts"), before=at, limit=limit, open=open, incident=incident),
            seeing(host, caller.by),
            limit,
            before,
        )
        return {"items": items, "next": more, "positions": host.positions()}

    @router.get("/incidents/{incident}/figures", operation_id="GetFigures", responses=RESPONSES)
    def get_figures(incident: IncidentId, caller: Caller) -> Row:
        """The figures of an incident as they stand: totals of what counts, by division with source report; and what is in doubt."""
        caller.require("GetFigures")
        sees, db = seeing(host, caller.by), host.read("alerts")
        known = incidents.find(db, incident)
        whole = {"division": known["division"]} if known is not None and sees(known) else {}
        rows = [row for row in triage.figures(db, incident) if sees({**row, **whole})]
        if not rows and not whole:
            raise NotFound(Failure("reference", f"no incident {incident} that you may see", "incident"))
        return {"incident": incident, "figures": triage.totals(rows), "positions": host.positions()}


def figures_of(body: FiguresBody, knows: Knows) -> tuple[Figure, ...]:
    """The figures of a body. Reasons are cleaned, since nothing may be refused for them; the whole body is not kept."""
    named: dict[str, FigureBody] = {
        metric: said if isinstance(said, FigureBody) else FigureBody(value=said) for metric, said in body.figures.items()
    }
    for metric in body.unknown:
        named.setdefault(metric, FigureBody(value=None))
    return tuple(
        Figure(
            metric,
            said.value,
            masked(said.unit, knows),
            said.as_of,
            masked(said.source, knows),
            masked((body.unknown if said.value is None else body.reasons).get(metric, ""), knows),
        )
        for metric, said in named.items()
    )


def _incident(host: Host, caller: Call, report: str, body: SubmitReportBody) -> str | None:
    """Of the report itself or the one before it, as far as it is shown; else the only one of the caller's line. The decider looks again."""
    db = host.read("alerts")
    for known in (report if body.hop != 1 else None, body.supersedes):
        row = reports.find(db, known) if known is not None else None
        if row is not None and row["incident"] is not None:
            return str(row["incident"])
    only = only_incident(host, caller) if body.supersedes is None and body.hop in (None, 1) else None
    meant = incidents.find(db, only) if only is not None and body.type is not None else None
    return only if meant is None or meant["type"] == body.type else None


def _over(host: Host, caller: Call, incident: str | None) -> bool:
    """The incident lies below the caller, as far as it is shown: else what they say of it waits for a person."""
    own, tree = caller.by.division, host.directory.divisions
    if incident is None or own is None or (tree.level(own) or COUNTY) >= COUNTY:
        return False
    with suppress(Behind, NotReadable):
        caught_up(host)
        row = incidents.find(host.read("alerts"), incident)
        return row is not None and any(tree.covers(own, each) for each in msgspec.json.decode(row["divisions"]))
    return False


def _blob(blocks: Mapping[str, str]) -> tuple[str, dict[str, bytes]]:
    """The words of the blocks under their digest, salted, so that it tells nothing to who guesses them."""
    if not blocks:
        return "", {}
    words = msgspec.json.encode({"salt": secrets.token_hex(16), "blocks": blocks})
    name = digest(words)
    return name, {name: words}


def _found(host: Host, caller: Call, report: str, query: str) -> Row:
    caller.require(query)
    row = reports.find(host.read("alerts"), report)
    if row is None or not sees_report(host, caller)(row):
        raise NotFound(Failure("reference", f"no report {report} that you may see", "report"))
    return row


def _shown(host: Host, row: Row) -> Row:
    return reports.shown(row, utc(host.now()))
