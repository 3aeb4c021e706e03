"""Rescue forces as they are listed, and which warnings ask them to stand by."""

from __future__ import annotations

from typing import Any

import msgspec

from services.volunteers.events import force as said
from services.volunteers.projections.tables import FORCE, STANDBY
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
_LISTS = ("disciplines", "grades", "members", "gear")
_NAMES = (
    "filing_applied filed filing_returned assessed roster_updated gear_updated readiness_reported stood_by stand_by_ended "
    "lapsed suspended restored deregistered stand_by_requested stand_by_joined stand_by_request_ended"
)


class Forces:
    """Builds the list of forces. Members are public ids with results of checks, without references."""

    tables: tuple[Table, ...] = (FORCE, STANDBY)
    listens: tuple[str, ...] = tuple(f"volunteers.force.{name}" for name in _NAMES.split())

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case said.ForceFilingApplied():
                rows.put(FORCE, **_applied(event, at))
            case said.StandByRequested():
                place = {"division": event.division, "asked_at": utc(event.at), "ended_at": None, "position": at.position}
                rows.put(STANDBY, alert=event.alert, measure=event.measure, forces="[]", **place)
            case said.StandByJoined():
                asked = rows.get(STANDBY, event.alert, event.measure)
                if asked is not None:
                    joined = [*msgspec.json.decode(asked["forces"]), event.force]
                    rows.change(STANDBY, event.alert, event.measure, forces=_json(list(dict.fromkeys(joined))), position=at.position)
            case said.StandByRequestEnded():
                rows.change(STANDBY, event.alert, event.measure, ended_at=utc(event.at), position=at.position)
            case _:
                row = rows.get(FORCE, event.force)
                if row is not None:
                    rows.change(FORCE, event.force, position=at.position, **_changed(event, row))


def _applied(event: said.ForceFilingApplied, at: Envelope) -> Row:
    return {
        "force": event.force,
        "status": "applied",
        "name": event.name,
        "kind": event.kind,
        "disciplines": _json(event.disciplines),
        "grades": "[]",
        "home": event.home,
        "contract": int(event.contract),
        "contract_with": event.contract_with,
        "registration": event.registration,
        "host_unit": event.host_unit,
        "self_sufficiency_days": event.self_sufficiency_days,
        "contact_24h": int(bool(event.contact_24h)),
        "leader": event.leader,
        "members": _members(event),
        "gear": "[]",
        "number": None,
        "readiness": None,
        "stand_by": None,
        "reason": None,
        "visibility": at.visibility,
        "position": at.position,
    }


def _changed(event: Any, row: Row) -> Row:
    match event:
        case said.ForceFiled(number=number):
            return {"status": "filed", "number": number, "reason": None}
        case said.FilingReturned(reason=reason):
            return {"status": "returned", "reason": reason}
        case said.ForceAssessed():
            grade = {"discipline": event.discipline, "grade": event.grade, "until": utc(event.valid.until) if event.valid.until else None}
            others = [one for one in msgspec.json.decode(row["grades"]) if one["discipline"] != event.discipline]
            named = [*msgspec.json.decode(row["disciplines"]), event.discipline]
            return {"grades": _json([*others, grade]), "disciplines": _json(list(dict.fromkeys(named)))}
        case said.RosterUpdated():
            return {"members": _members(event), "leader": event.leader}
        case said.GearUpdated():
            return {"gear": _json(event.gear)}
        case said.ReadinessReported():
            told = {"ready": event.ready, "people": event.people, "within_minutes": event.within_minutes, "missing": event.missing}
            held = row["status"] == "standing by" and event.ready
            status = "standing by" if held else "ready" if event.ready else "filed"
            return {"status": status, "readiness": _json(told | {"at": utc(event.at)}), "stand_by": row["stand_by"] if held else None}
        case said.ForceStoodBy():
            until = utc(event.until) if event.until else None
            return {"status": "standing by", "stand_by": _json({"alert": event.alert, "measure": event.measure, "until": until})}
        case _:
            return _ended(event, row)


def _ended(event: Any, row: Row) -> Row:
    match event:
        case said.ForceStandByEnded():
            return {"status": "ready", "stand_by": None}
        case said.ForceLapsed():
            return {} if event.ready or row["status"] not in ("ready", "standing by") else {"status": "filed", "stand_by": None}
        case said.ForceSuspended(reason=reason):
            return {"status": "suspended", "reason": reason, "stand_by": None}
        case said.ForceRestored():
            return {"status": "filed", "reason": None}
        case said.ForceDeregistered(reason=reason):
            return {"status": "deregistered", "reason": reason, "stand_by": None}
        case _:
            raise TypeError(type(event))


def _members(event: said.ForceFilingApplied | said.RosterUpdated) -> str:
    return _json([{"member": one.member, "adult": one.adult, "trained": one.trained} for one in event.members])


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def shown(row: Any) -> Row:
    """A row with its lists as lists."""
    told = dict(row) | {name: msgspec.json.decode(row[name]) for name in _LISTS}
    told |= {name: msgspec.json.decode(row[name]) if row[name] else None for name in ("readiness", "stand_by")}
    return told | {"contract": bool(row["contract"]), "contact_24h": bool(row["contact_24h"])}


def find(db: Connection, force: str) -> Row | None:
    """A force by its id."""
    row = db.execute("SELECT * FROM force WHERE force = ?", (force,)).fetchone()
    return shown(row) if row is not None else None


def listed(db: Connection, *, before: int | None, limit: int, status: str | None) -> list[Row]:
    """Forces, the last changed first."""
    where, values = ("AND status = ?", (status,)) if status else ("", ())
    sql = f"SELECT * FROM force WHERE position < ? {where} ORDER BY position DESC LIMIT ?"
    return [shown(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]


def callable_(db: Connection) -> list[Row]:
    """Every force that may be called."""
    return [shown(row) for row in db.execute("SELECT * FROM force WHERE status IN ('filed', 'ready', 'standing by') ORDER BY force")]


def asked(db: Connection) -> list[Row]:
    """Warnings' measures that ask forces to stand by and have not ended."""
    rows = db.execute("SELECT * FROM stand_by_request WHERE ended_at IS NULL ORDER BY position DESC LIMIT 200")
    return [dict(row) | {"forces": msgspec.json.decode(row["forces"])} for row in rows]
