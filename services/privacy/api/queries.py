"""What can be asked of privacy. No answer here holds a value: those are given by readings alone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.privacy.projections import certificates, duties, readings, records, retention
from shared.kernel.errors import Failure, NotFound
from shared.web.call import Call
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

Named = Annotated[str | None, Query(max_length=64)]
Subject = Annotated[str, Path(min_length=1, max_length=64)]
SERVICE = "privacy"


def add(router: APIRouter, host: Host) -> None:
    _privacy(router, host)
    _records(router, host)
    _readings(router, host)
    _retention(router, host)
    for kind, path, name in (
        ("rights", "/rights-requests", "ListRightsRequests"),
        ("breach", "/breaches", "ListBreaches"),
        ("processor", "/processors", "ListProcessors"),
        ("assessment", "/assessments", "ListAssessments"),
        ("minors", "/minors", "ListMinorsAudits"),
        ("unclaimed", "/unclaimed", "ListUnclaimed"),
    ):
        _duties(router, host, kind, path, name)


def _privacy(router: APIRouter, host: Host) -> None:
    @router.get("/overview", operation_id="GetPrivacy", responses=RESPONSES)
    def get_privacy(caller: Caller, incident: Named = None) -> Row:
        """Counts alone: keys of incidents and how they stand, what was read and given on, certificates, what the last search found."""
        caller.require("GetPrivacy")
        db = host.read(SERVICE)
        parts = retention.parts(db, incident)
        certified = certificates.certificates(db, incident=incident)
        searched = [row["verified"] for row in certified if row["verified"] is not None]
        shown = {
            name: any(found[name] for found in searched) if searched else None
            for name in ("replay_shows_person", "export_shows_person", "backup_shows_person", "blobs_show_person")
        }
        return {
            **records.counted(db, incident),
            **readings.counted(db, incident),
            "retained": sum(part["retained"] for part in parts),
            "certificates": sorted(row["certificate"] for row in certified),
            "copies_outstanding": sum(len(row["outstanding"]) for row in certified),
            **shown,
            "open_assessments": sum(part["state"] in ("opened", "reviewed") for part in parts),
            "positions": host.positions(),
        }


def _records(router: APIRouter, host: Host) -> None:
    @router.get("/people/{subject}", operation_id="GetPersonalDataRecord", responses=RESPONSES)
    def get_record(subject: Subject, caller: Caller) -> Row:
        """What is held of a person for what, without a value; for themself, and for who answers for it."""
        if caller.by.actor != subject:
            caller.require("GetPersonalDataRecord")
        db = host.read(SERVICE)
        held = [row for row in records.of_subject(db, subject) if caller.by.actor == subject or _sees(host, caller, row["division"])]
        if not held:
            raise NotFound(Failure("reference", f"no record of {subject} that you may see", "subject"))
        shown = [{name: value for name, value in row.items() if name not in ("subject", "position")} for row in held]
        return {"subject": subject, "records": shown, "locks": records.locks_of(db, subject), "positions": host.positions()}


def _readings(router: APIRouter, host: Host) -> None:
    @router.get("/readings", operation_id="ListReadings", responses=RESPONSES)
    def list_readings(caller: Caller, limit: Limit = 100, before: Before = None, subject: Named = None) -> Row:
        """Who read what for what, the newest first: of oneself, or all for who audits."""
        if subject is None or caller.by.actor != subject:
            caller.require("ListReadings")
        own = subject is not None and caller.by.actor == subject
        items, more = page(
            lambda at: readings.readings(host.read(SERVICE), before=at, limit=limit, subject=subject),
            lambda row: own or _sees(host, caller, row["division"]),
            limit,
            before,
        )
        told = [{**row, "subjects": [subject]} for row in items] if own else items  # of others read with them nothing is said
        return {"items": told, "next": more, "positions": host.positions()}

    @router.get("/unusual-readings", operation_id="ListUnusualReadings", responses=RESPONSES)
    def list_unusual(caller: Caller, limit: Limit = 100, before: Before = None) -> Row:
        """Many at once, at night, after the response; and posts that read of many in one day."""
        caller.require("ListUnusualReadings")
        items, more = page(
            lambda at: readings.readings(host.read(SERVICE), before=at, limit=limit, unusual=True),
            lambda row: _sees(host, caller, row["division"]),
            limit,
            before,
        )
        rules = host.directory.rules_for(caller.by.division, caller.now, caller.pack)
        many = readings.many_a_day(host.read(SERVICE), rules.value("privacy.unusual")["many_a_day"])
        seen = [row for row in many if _sees(host, caller, row["division"])]
        return {"items": items, "next": more, "many_a_day": seen, "positions": host.positions()}

    @router.get("/disclosures", operation_id="ListDisclosures", responses=RESPONSES)
    def list_disclosures(caller: Caller, limit: Limit = 100, before: Before = None, subject: Named = None) -> Row:
        """The register of what was given to whom, the newest first."""
        own = subject is not None and caller.by.actor == subject
        if not own:
            caller.require("ListDisclosures")
        items, more = page(
            lambda at: readings.disclosures(host.read(SERVICE), before=at, limit=limit, subject=subject),
            lambda row: own or _sees(host, caller, row["division"]),
            limit,
            before,
        )
        return {"items": items, "next": more, "positions": host.positions()}


def _retention(router: APIRouter, host: Host) -> None:
    @router.get("/retention", operation_id="ListRetention", responses=RESPONSES)
    def list_retention(caller: Caller, incident: Named = None) -> Row:
        """The parts of assessments, with findings, decision, destruction and search."""
        caller.require("ListRetention")
        parts = [row for row in retention.parts(host.read(SERVICE), incident) if _sees(host, caller, row["division"])]
        return {"items": parts, "positions": host.positions()}

    @router.get("/retention/{register}/people", operation_id="ListRetentionPeople", responses=RESPONSES)
    def list_people(
        register: Annotated[str, Path(max_length=64)],
        incident: Annotated[str, Query(min_length=1, max_length=64)],
        caller: Caller,
        limit: Limit = 500,
        after: Annotated[str, Query(max_length=64)] = "",
    ) -> Row:
        """Who belongs to a part, by public number."""
        caller.require("ListRetention")
        parts = [row for row in retention.parts(host.read(SERVICE), incident) if row["register"] == register]
        if not parts or not _sees(host, caller, parts[0]["division"]):
            raise NotFound(Failure("reference", f"no assessment of {register} of {incident} that you may see", "register"))
        items = retention.people(host.read(SERVICE), incident, register, after=after, limit=limit)
        more = items[-1]["subject"] if len(items) == limit else None
        return {"items": items, "next": more, "positions": host.positions()}

    @router.get("/destructions", operation_id="ListDestructions", responses=RESPONSES)
    def list_certificates(caller: Caller, limit: Limit = 100, before: Before = None, incident: Named = None) -> Row:
        """Destructions with their certificates, the last changed first, and who holds copies."""
        caller.require("ListDestructions")
        items, more = page(
            lambda at: certificates.certificates(host.read(SERVICE), before=at, limit=limit, incident=incident),
            lambda row: _sees(host, caller, row["division"]),
            limit,
            before,
        )
        return {"items": items, "next": more, "holders": certificates.holders(host.read(SERVICE)), "positions": host.positions()}


def _duties(router: APIRouter, host: Host, kind: str, path: str, name: str) -> None:
    def list_duties(caller: Caller, limit: Limit = 100, before: Before = None, state: Named = None) -> Row:
        caller.require(name)
        items, more = page(
            lambda at: duties.duties(host.read(SERVICE), kind, before=at, limit=limit, state=state),
            lambda row: _sees(host, caller, row["division"]),
            limit,
            before,
        )
        return {"items": [_duty(row) for row in items], "next": more, "positions": host.positions()}

    router.add_api_route(path, list_duties, operation_id=name, description="The last changed first, with what is due.", responses=RESPONSES)


def _duty(row: Row) -> Row:
    kept: dict[str, Any] = {name: value for name, value in row.items() if name not in ("kind", "said", "position")}
    return {**row["said"], **kept}


def _sees(host: Host, caller: Call, division: str | None) -> bool:
    """Who may ask is said by roles; of that everybody sees the own area and what lies in it."""
    if division is None or caller.by.division is None:
        return True
    return host.directory.within(division, caller.by.division)
