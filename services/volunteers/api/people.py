"""Operations on volunteers, and the register as it may be looked into: masked in every list (VSR art. 20, 21)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.volunteers.deciders.people import commands as ask
from services.volunteers.projections import volunteers
from shared.handling.timers import utc
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound
from shared.web.commands import CommandRoutes
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/volunteers/{volunteer}/identity", ask.VerifyIdentity),
    ("/volunteers/{volunteer}/review", ask.ReviewVolunteer),
    ("/volunteers/{volunteer}/trainings", ask.RecordTraining),
    ("/volunteers/{volunteer}/memberships", ask.ConfirmMembership),
    ("/volunteers/{volunteer}/skill-certificates", ask.RecordSkillCertificate),
    ("/volunteers/{volunteer}/availability", ask.SetAvailability),
    ("/volunteers/{volunteer}/languages", ask.SetLanguages),
    ("/volunteers/{volunteer}/skills", ask.SetSkills),
    ("/volunteers/{volunteer}/fitness", ask.SetFitness),
    ("/volunteers/{volunteer}/pause", ask.PauseVolunteer),
    ("/volunteers/{volunteer}/resumption", ask.ResumeVolunteer),
    ("/volunteers/{volunteer}/withdrawal", ask.WithdrawVolunteer),
    ("/volunteers/{volunteer}/erasure", ask.EraseVolunteer),
)
Named = Annotated[str | None, Query(max_length=64)]
_LISTED = ("volunteer", "status", "division", "township", "kept", "registered_at")


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    """Add the queries."""

    @router.get("/volunteers", operation_id="ListVolunteers", responses=RESPONSES)
    def list_volunteers(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        status: Named = None,
        division: Named = None,
        skill: Named = None,
        language: Named = None,
    ) -> Row:
        """Volunteers by public id, the last changed first. Nothing of the registration that says who somebody is."""
        caller.require("ListVolunteers")
        sees, within, db = host.sees(caller.by), host.directory.within, host.read("volunteers")

        def wanted(row: Row) -> bool:
            return (
                sees(row["division"], row["visibility"])
                and (division is None or within(row["division"], division))
                and (skill is None or skill in _skills(row))
                and (language is None or language in row["languages"].split())
            )

        items, more = page(lambda at: volunteers.listed(db, before=at, limit=limit, status=status), wanted, limit, before)
        return {"items": [_listed(row) for row in items], "next": more, "positions": host.positions()}

    @router.get("/volunteers/{volunteer}", operation_id="GetVolunteer", responses=RESPONSES)
    def get_volunteer(volunteer: Annotated[str, Path(max_length=64)], caller: Caller) -> Row:
        """One volunteer; of a merged registration the one that is kept. A volunteer sees only themself."""
        caller.require("GetVolunteer")
        db, by = host.read("volunteers"), caller.by
        row = asked = volunteers.find(db, volunteer)
        while row is not None and row["kept"] is not None:
            row = volunteers.find(db, row["kept"])
        own = row is not None and asked is not None and by.actor in (asked["volunteer"], row["volunteer"])
        if row is None or not (own if by.has("VOL") else host.sees(by)(row["division"], row["visibility"])):
            raise NotFound(Failure("reference", f"no volunteer {volunteer[:64]} that you may see", "volunteer"))
        shown = _whole(db, row, utc(caller.now))
        if by.has("VOL"):
            shown.pop("duplicates", None)  # whose number is known already is told to nobody but officers
        elif "duplicates" in shown:  # on both, whichever came first
            shown["duplicates"] = list(dict.fromkeys((*shown["duplicates"], *volunteers.taken_for(db, row["volunteer"]))))
        return shown | {"asked": volunteer, "positions": host.positions()}


def _listed(row: Row) -> Row:
    told = {name: row[name] for name in _LISTED}
    return told | {"languages": row["languages"].split(), "skills": _skills(row), "adult": _said(row["adult"])}


def _skills(row: Row) -> list[str]:
    return list(dict.fromkeys((*row["declared"].split(), *row["certified"].split())))


def _whole(db: Any, row: Row, now: str) -> Row:
    if row["status"] == "erased":
        return {name: row[name] for name in ("volunteer", "status", "division")}
    name = row["volunteer"]
    valid = volunteers.qualified(db, name)
    for one in valid:
        one["valid"] = one["since"] <= now and (one["until"] is None or now < one["until"])
    covers = volunteers.covers(db, name)
    days = [day for day in range(1, 8) if row["weekly"] & 1 << day - 1]
    return _listed(row) | {
        "fit": _said(row["fit"]),
        "excluded": list(dict.fromkeys((*row["excluded"].split(), *row["too_old"].split()))),
        "guardian": bool(row["guardian"]),
        "trainings": [one for one in valid if one["kind"] == "training"],
        "certificates": [one for one in valid if one["kind"] == "skill"],
        "trained": any(one["valid"] for one in valid if one["kind"] == "training"),
        "covers": covers,
        "insured": any(one["since"] <= now <= one["until"] for one in covers),
        "weekly": days,
        "calendar": volunteers.calendar(db, name),
        "engagements": volunteers.engagements(db, name),
        "duplicates": row["duplicates"].split(),
    }


def _said(bit: int | None) -> bool | None:
    return None if bit is None else bool(bit)
