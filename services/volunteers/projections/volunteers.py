"""The register of volunteers as it is listed: public ids and results of checks, masked as the law wants it (VSR art. 20, 21)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.volunteers.events import volunteer as said
from services.volunteers.events.engagement import EngagementReleased, EngagementTaken
from services.volunteers.events.force import ForceCoverEnded, ForceCoverNoted
from services.volunteers.events.skills import SkillsSet
from services.volunteers.events.validity import Cover, Valid
from services.volunteers.projections.tables import COVER, ENGAGED, FOREVER, SPAN, VALID, VOLUNTEER, codes, mask
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
EVERY_DAY = mask((1, 2, 3, 4, 5, 6, 7))
_STATUS: dict[type, str] = {
    said.IdentityRejected: "rejected",
    said.VolunteerApproved: "approved",
    said.VolunteerRejected: "rejected",
    said.VolunteerPaused: "paused",
    said.VolunteerResumed: "approved",
    said.VolunteerWithdrawn: "withdrawn",
}
_NAMES = (
    "registered self_arrival_registered identity_verified identity_rejected approved rejected training_recorded skill_certified "
    "availability_set languages_set skills_set fitness_set cover_noted cover_ended paused resumed withdrawn erased merged "
    "duplicate_taken"
)


class Volunteers:
    """Builds the register, with what is asked when candidates are looked for."""

    tables: tuple[Table, ...] = (VOLUNTEER, VALID, SPAN, COVER, ENGAGED)
    listens: tuple[str, ...] = (
        *(f"volunteers.volunteer.{name}" for name in _NAMES.split()),
        "volunteers.force.cover_noted",
        "volunteers.force.cover_ended",
        "volunteers.engagement.taken",
        "volunteers.engagement.released",
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case said.VolunteerRegistered() | said.SelfArrivalRegistered():
                _enter(rows, event, at)
            case said.VolunteerCoverNoted(volunteer=holder, cover=cover) | ForceCoverNoted(force=holder, cover=cover):
                _cover(rows, holder, cover)
            case said.VolunteerCoverEnded(volunteer=holder, policy=policy) | ForceCoverEnded(force=holder, policy=policy):
                rows.delete(COVER, holder, policy)
            case EngagementTaken():
                period = {"since": utc(event.since), "until": utc(event.until)}
                rows.put(ENGAGED, holder=event.holder, call_up=event.call_up, incident=event.incident, **period)
            case EngagementReleased():
                rows.delete(ENGAGED, event.holder, event.call_up)
            case _:
                row = rows.get(VOLUNTEER, event.volunteer)
                if row is not None:
                    rows.change(VOLUNTEER, event.volunteer, position=at.position, **_changed(rows, event, row))


def _enter(rows: Rows, event: said.VolunteerRegistered | said.SelfArrivalRegistered, at: Envelope) -> None:
    known = rows.get(VOLUNTEER, event.volunteer)
    if isinstance(event, said.SelfArrivalRegistered):
        if known is None:
            rows.put(VOLUNTEER, **_blank(event.volunteer, "walk-in", event.division, event.incident, at))
        return
    row = known or _blank(event.volunteer, "registered", event.division, None, at)
    stated = {
        "status": "registered",
        "division": event.division,
        "township": event.township,
        "adult": _bit(event.adult),
        "guardian": int(event.guardian),
        "fit": _bit(event.fit) if event.fit is not None else row["fit"],
        "excluded": codes(event.excluded),
        "languages": codes(event.languages),
        "declared": codes(event.skills),
        "organised": int(event.organisation is not None),
        "duplicates": codes(event.duplicates),
        "position": at.position,
    }
    rows.put(VOLUNTEER, **row | stated)


def _blank(volunteer: str, status: str, division: str, incident: str | None, at: Envelope) -> Row:
    nothing = dict.fromkeys(("township", "adult", "fit", "kept"))
    empty = dict.fromkeys(("excluded", "too_old", "languages", "declared", "certified", "trained_until", "duplicates"), "")
    place = {"division": division, "incident": incident, "visibility": at.visibility, "position": at.position}
    numbers = {"guardian": 0, "weekly": EVERY_DAY, "spans": 0, "organised": 0}
    return {"volunteer": volunteer, "status": status, **nothing, **empty, **place, **numbers, "registered_at": utc(at.time)}


def _changed(rows: Rows, event: Any, row: Row) -> Row:
    match event:
        case said.IdentityVerified():
            status = "verified" if row["status"] == "registered" else row["status"]
            return {"status": status, "adult": int(event.adult), "too_old": codes(event.excluded)}
        case said.TrainingRecorded(training=one):
            return _valid(rows, row, "training", one)
        case said.SkillCertified(skill=one):
            return _valid(rows, row, "skill", one)
        case said.AvailabilitySet():
            return _spans(rows, event, row)
        case said.LanguagesSet():
            return {"languages": codes(event.languages)}
        case SkillsSet():
            return {"declared": codes(event.skills)}
        case said.FitnessSet():
            return {"fit": int(event.fit), "excluded": codes(event.excluded)}
        case said.VolunteerErased():
            gone = dict.fromkeys(("excluded", "too_old", "languages", "declared", "certified", "trained_until", "duplicates"), "")
            return {"status": "erased", "township": None, "fit": None, "adult": None, **gone}
        case said.VolunteerMerged(into=into):
            return {"status": "merged", "kept": into}
        case said.DuplicateTaken():
            return _taken(rows, event, row)
        case _:
            return {"status": _STATUS[type(event)]}


def _valid(rows: Rows, row: Row, kind: str, one: Valid) -> Row:
    """`trained_until` only ever tells too much: what holds in truth is asked of the single records."""
    until = utc(one.until) if one.until else FOREVER
    rows.put(VALID, volunteer=row["volunteer"], kind=kind, code=one.code, since=utc(one.since), until=until)
    if kind == "training":
        return {"trained_until": max(row["trained_until"], until)}
    known = tuple(row["certified"].split())
    return {"certified": codes(tuple(dict.fromkeys((*known, one.code))))}


def _spans(rows: Rows, event: said.AvailabilitySet, row: Row) -> Row:
    for n in range(row["spans"]):
        rows.delete(SPAN, event.volunteer, n)
    for n, span in enumerate(event.spans):
        rows.put(SPAN, volunteer=event.volunteer, n=n, since=utc(span.since), until=utc(span.until), available=int(span.available))
    return {"weekly": mask(event.weekly), "spans": len(event.spans)}


def _taken(rows: Rows, event: said.DuplicateTaken, row: Row) -> Row:
    changed: Row = {}
    for kind, taken in (("training", event.trainings), ("skill", event.skills)):
        for one in taken:
            changed |= _valid(rows, row | changed, kind, one)
    for cover in event.covers:
        _cover(rows, event.volunteer, cover)
    for name in event.through:  # so that one step leads from every duplicate to the kept registration
        rows.change(VOLUNTEER, name, kept=event.volunteer)
    return changed


def _cover(rows: Rows, holder: str, cover: Cover) -> None:
    period = {"since": utc(cover.since), "until": utc(cover.until)}
    rows.put(COVER, holder=holder, policy=cover.policy, **period, territory=cover.territory, risk=cover.risk)


def _bit(value: bool | None) -> int | None:
    return None if value is None else int(value)


def find(db: Connection, volunteer: str) -> Row | None:
    """A volunteer by public id."""
    row = db.execute("SELECT * FROM volunteer WHERE volunteer = ?", (volunteer,)).fetchone()
    return dict(row) if row is not None else None


def taken_for(db: Connection, volunteer: str) -> list[str]:
    """Registrations that came later with the same number or phone."""
    asked = "SELECT volunteer FROM volunteer WHERE duplicates LIKE ? ORDER BY volunteer"
    return [row["volunteer"] for row in db.execute(asked, (f"% {volunteer} %",))]


def statuses(db: Connection, names: Sequence[str]) -> dict[str, str]:
    """The status of each of these volunteers that is registered."""
    marks = ", ".join("?" * len(names))
    asked = f"SELECT volunteer, status FROM volunteer WHERE volunteer IN ({marks})"
    return {name: str(status) for name, status in db.execute(asked, list(names)).fetchall()}


def listed(db: Connection, *, before: int | None, limit: int, status: str | None) -> list[Row]:
    """Volunteers, the last changed first."""
    where, values = ("AND status = ?", (status,)) if status else ("", ())
    sql = f"SELECT * FROM volunteer WHERE position < ? {where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]


def qualified(db: Connection, volunteer: str) -> list[Row]:
    """Trainings and certificates with their dates."""
    sql = "SELECT kind, code, since, until FROM volunteer_valid WHERE volunteer = ? ORDER BY kind, code"
    return [dict(row) | {"until": None if row["until"] == FOREVER else row["until"]} for row in db.execute(sql, (volunteer,))]


def calendar(db: Connection, volunteer: str) -> list[Row]:
    """Periods in which somebody said to be available, or not to be."""
    sql = "SELECT since, until, available FROM volunteer_span WHERE volunteer = ? ORDER BY n"
    return [{"since": row["since"], "until": row["until"], "available": bool(row["available"])} for row in db.execute(sql, (volunteer,))]


def covers(db: Connection, holder: str) -> list[Row]:
    """Insurance covers of a volunteer or force."""
    sql = "SELECT policy, since, until, territory, risk FROM cover WHERE holder = ? ORDER BY until"
    return [dict(row) for row in db.execute(sql, (holder,))]


def engagements(db: Connection, holder: str) -> list[Row]:
    """What a volunteer or force is promised to."""
    sql = "SELECT call_up, incident, since, until FROM engaged WHERE holder = ? ORDER BY since"
    return [dict(row) for row in db.execute(sql, (holder,))]
