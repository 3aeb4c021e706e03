"""Operations on hours of service and certificates, and the record of a person or force."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query

from services.volunteers.api.callups import own
from services.volunteers.deciders.hours import commands as ask
from services.volunteers.deciders.hours.state import hours
from services.volunteers.projections import callups, claims, forces, honours, volunteers
from services.volunteers.projections import hours as ledger
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import Failure, NotFound
from shared.sql.ports import Connection
from shared.web.call import Call
from shared.web.commands import CommandRoutes
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/check-ins", ask.CheckIn),
    ("/check-outs", ask.CheckOut),
    ("/people/{volunteer}/hours/corrections", ask.CorrectHours),
    ("/people/{volunteer}/hours/overlaps/{overlap}/resolution", ask.ResolveOverlap),
    ("/people/{volunteer}/certificate-requests", ask.RequestCertificate),
    ("/certificates/{certificate}/revocation", ask.RevokeCertificate),
)
Named = Annotated[str | None, Query(max_length=64)]
PersonId = Annotated[str, Path(max_length=64)]
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is taken for another when it is read out


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    """The certificate, whose number nobody can guess, and the queries."""
    routes.post("/certificates", ask.IssueCertificate, fill=_numbered, stamped=("certificate", "check"))
    _hours(router, host)
    _certificates(router, host)
    _record(router, host)


async def _numbered(caller: Call, fields: dict[str, Any]) -> None:
    fields["certificate"] = f"VC-{caller.now.year}-{_drawn(10)}"
    fields["check"] = _drawn(8)


def _drawn(letters: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(letters))


def _hours(router: APIRouter, host: Host) -> None:
    @router.get("/hours", operation_id="GetHours", responses=RESPONSES)
    def get_hours(caller: Caller, incident: Named = None, person: Named = None) -> Row:
        """Hours in the ledger by person, of one incident or all, with the shift that runs and check-ins that wait to be decided. The
        total counts everybody the caller may see."""
        caller.require("GetHours")
        db = host.read("volunteers")
        aside = ledger.not_counted(db, incident=incident)
        found: dict[str, Row] = {}
        for row in ledger.totals(db, incident=incident, person=person):
            if not _seen(host, db, caller.by, row):
                continue
            told = found.setdefault(row["person"], {"minutes": 0, "open_shift": None, "not_counted": aside.get(row["person"], 0)})
            told["minutes"] += row["minutes"]
            told["open_shift"] = told["open_shift"] or row["open_shift"]
        total = sum(one["minutes"] for one in found.values())
        persons = {name: one | {"hours": str(hours(one["minutes"]))} for name, one in found.items()}
        return {"persons": persons, "people": len(found), "total": str(hours(total)), "minutes": total, "positions": host.positions()}

    @router.get("/shifts", operation_id="ListShifts", responses=RESPONSES)
    def list_shifts(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        person: Named = None,
        incident: Named = None,
        open: Annotated[bool | None, Query(description="only those not checked out, or only those that are")] = None,
        overdue: Annotated[bool | None, Query(description="only those that nobody checked out in time")] = None,
    ) -> Row:
        """Shifts, the last changed first."""
        caller.require("ListShifts")
        db = host.read("volunteers")
        items, more = page(
            lambda at: ledger.shifts(db, before=at, limit=limit, person=person, incident=incident, open=open, overdue=overdue),
            lambda row: _seen(host, db, caller.by, row),
            limit,
            before,
        )
        return {"items": [_shift(row) for row in items], "next": more, "positions": host.positions()}


def _certificates(router: APIRouter, host: Host) -> None:
    @router.get("/certificates", operation_id="ListCertificates", responses=RESPONSES)
    def list_certificates(caller: Caller, limit: Limit = 100, before: Before = None, person: Named = None) -> Row:
        """Certificates of service, the last changed first, each with what lets anybody verify it: to those it is about and their desk."""
        caller.require("ListCertificates")
        db = host.read("volunteers")
        items, more = page(
            lambda at: ledger.certificates(db, before=at, limit=limit, person=person),
            lambda row: _seen(host, db, caller.by, _desk(row, caller.by)),
            limit,
            before,
        )
        return {"items": [_certificate(row, caller.by) for row in items], "next": more, "positions": host.positions()}


def _record(router: APIRouter, host: Host) -> None:
    @router.get("/people/{holder}/record", operation_id="GetServiceRecord", responses=RESPONSES)
    def get_service_record(holder: PersonId, caller: Caller) -> Row:
        """What the service knows of the work of a person or force: hours, call-ups, certificates, honours, and what
        became of their claims (VSR art. 19)."""
        caller.require("GetServiceRecord")
        db = host.read("volunteers")
        people = _of(host, db, caller.by, holder)
        came = ledger.came_with(db, holder) if forces.find(db, holder) else None
        shifts = [row for person in people for row in ledger.shifts_of(db, person) if _of_them(row, came)]
        holders = [holder] if came is not None else people
        return {
            "holder": holder,
            "people": people,
            "hours": str(hours(sum(row["minutes"] for row in shifts))),
            "shifts": [_shift(row) for row in shifts],
            "overlaps": [row for person in people for row in ledger.overlaps_of(db, person) if _of_them(row, came)],
            "call_ups": [_called(row) for name in holders for row in callups.of_holder(db, name)],
            "certificates": [_certificate(row, caller.by) for person in people for row in _all_certificates(db, person)],
            "honours": [row for name in holders for row in honours.honours(db, before=None, limit=500, holder=name)],
            "compensation": [_claimed(row, caller.by) for name in holders for row in claims.of_claimant(db, name)],
            "positions": host.positions(),
        }

    @router.get("/people/{person}/employer-letter", operation_id="GetEmployerLetter", responses=RESPONSES)
    def get_employer_letter(person: PersonId, caller: Caller, incident: Named = None) -> Row:
        """What a letter to the employer says: days and hours in the rescue, for which wages and benefits go on (ERL art. 90)."""
        caller.require("GetEmployerLetter")
        db = host.read("volunteers")
        days: dict[str, int] = {}
        for name in _of(host, db, caller.by, person):
            for row in ledger.shifts_of(db, name, incident) if forces.find(db, person) is None else ():
                for each in row["days"]:
                    days[each["day"]] = days.get(each["day"], 0) + each["minutes"]
        if not days:
            raise NotFound(Failure("VSR-19", f"the ledger has no hours of {person}", "person"))
        told = [{"day": day, "hours": str(hours(minutes))} for day, minutes in sorted(days.items())]
        period = {"from": min(days), "to": max(days)}
        return {"person": person, "incident": incident, "basis": "ERL-90", **period, "days": told, "positions": host.positions()}


def _of(host: Host, db: Connection, by: Signature, holder: str) -> list[str]:
    """Whose ledgers are meant: of a force those of who came with it, of a volunteer theirs and merged duplicates'. NotFound."""
    force = forces.find(db, holder)
    if force is not None:
        if not (own(db, by, holder, True) if by.has("TEAM") else host.sees(by)(force["home"], "internal")):
            raise NotFound(Failure("reference", f"no force {holder} that you may see", "holder"))
        return sorted({person for _, person in ledger.came_with(db, holder)})
    rows = ledger.shifts_of(db, holder)
    row = volunteers.find(db, holder)
    place = row["division"] if row else rows[-1]["division"] if rows else None
    known = row is not None or bool(rows)
    if not known or not (by.actor == holder if by.has("VOL", "TEAM") else host.sees(by)(place, "internal")):
        raise NotFound(Failure("reference", f"nobody {holder} that you may see", "holder"))
    return [holder, *ledger.duplicates_of(db, holder)]


def _of_them(row: Row, came: frozenset[tuple[str, str]] | None) -> bool:
    """Of a force's record only what was worked with it."""
    return came is None or (row["call_up"], row["person"]) in came


def _seen(host: Host, db: Connection, by: Signature, row: Row) -> bool:
    if by.has("VOL"):
        return bool(row["person"] == by.actor)
    if by.has("TEAM"):
        led = ledger.led_by(db, by.actor)
        return (row["call_up"], row["person"]) in led if "call_up" in row else any(person == row["person"] for _, person in led)
    return host.sees(by)(row["division"], row["visibility"])


def _desk(row: Row, by: Signature) -> Row:
    """Who may issue certificates sees those of the area, though they are for few (domain SV-13)."""
    return row | {"visibility": "internal"} if by.has("CIV") else row


CLAIMED = ("claim", "kind", "incident", "state", "amount", "paid", "opened_at", "paid_at")


def _claimed(row: Row, by: Signature) -> Row:
    """What became of a claim; its lines, reasons and ways are for whose it is (the desks ask `compensation`)."""
    return row if by.has("VOL", "TEAM") else {name: value for name, value in row.items() if name in CLAIMED}


def _shift(row: Row) -> Row:
    kept = {name: value for name, value in row.items() if name not in ("position", "visibility", "corrected", "overdue")}
    return kept | {"hours": str(hours(row["minutes"])), "corrected": bool(row["corrected"]), "overdue": bool(row["overdue"])}


def _certificate(row: Row, by: Signature) -> Row:
    kept = {name: value for name, value in row.items() if name not in ("position", "visibility", "check_code")}
    check = None if by.has("TEAM") and by.actor != row["person"] else row["check_code"]  # a leader proves nothing for others
    valid = row["revoked_at"] is None and row["superseded_at"] is None
    return kept | {"check": check, "hours": str(hours(row["minutes"])), "valid": valid}


def _all_certificates(db: Connection, person: str) -> list[Row]:
    return ledger.certificates(db, before=None, limit=500, person=person)


def _called(row: Row) -> Row:
    names = ("call_up", "incident", "task", "since", "until", "state", "zone", "minutes")
    told = {name: row[name] for name in names}
    return told | {"days": msgspec.json.decode(row["days"]) if row["days"] else []}
