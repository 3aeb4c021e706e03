"""Who is being moved and who is sheltered: counts by area and group."""

from __future__ import annotations

from typing import Any

import msgspec

from services.alerts.deciders.reports.figures import uppermost
from services.alerts.events.evacuation import EvacuationAmended, EvacuationFiled, EvacuationIssued, EvacueesReturned, HouseholdsCleared
from services.alerts.events.shelter import HeadcountRecorded, ShelterClosed, ShelterFull, ShelterOpened, ShelterRegistered
from services.alerts.projections.joining import text
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
EVACUATION = Table(
    "evacuation",
    key=("evacuation",),
    columns={
        "evacuation": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "below": "TEXT NOT NULL",
        "areas": "TEXT NOT NULL",
        "shelter": "TEXT",
        "route": "TEXT NOT NULL",
        "headcount": "INTEGER",
        "households": "INTEGER",
        "by_group": "TEXT NOT NULL",
        "due": "TEXT",
        "missing": "TEXT NOT NULL",
        "incident": "TEXT",
        "issued_at": "TEXT NOT NULL",
        "returned_at": "TEXT",
        "filed_at": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("incident", "position")),
)
CLEARED = Table(
    "evacuation_area",
    key=("evacuation", "area"),
    columns={
        "evacuation": "TEXT NOT NULL",
        "area": "TEXT NOT NULL",
        "people": "INTEGER",
        "households": "INTEGER",
        "refused": "INTEGER",
        "remaining": "INTEGER",
        "above": "TEXT NOT NULL",
        "by_group": "TEXT NOT NULL",
        "reported_at": "TEXT NOT NULL",
        "reported_by": "TEXT NOT NULL",
    },
)
SHELTER = Table(
    "shelter",
    key=("shelter",),
    columns={
        "shelter": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "zh": "TEXT NOT NULL",
        "en": "TEXT NOT NULL",
        "address": "TEXT NOT NULL",
        "facilities": "TEXT NOT NULL",
        "ready": "INTEGER NOT NULL",
        "capacity": "INTEGER NOT NULL",
        "people": "INTEGER NOT NULL",
        "by_group": "TEXT NOT NULL",
        "counted_at": "TEXT",
        "incident": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("state", "position")),
)
COUNTED = ("people", "households", "refused", "remaining")


class Evacuations:
    """Builds the lists of evacuations and shelters."""

    tables: tuple[Table, ...] = (EVACUATION, CLEARED, SHELTER)
    listens: tuple[str, ...] = (
        *(f"alerts.evacuation.{name}" for name in ("issued", "amended", "households_cleared", "returned", "filed")),
        *(f"alerts.shelter.{name}" for name in ("registered", "opened", "headcount_recorded", "full", "closed")),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case EvacuationIssued():
                rows.put(EVACUATION, **_issued(event, at))
            case EvacuationAmended():
                again = {"state": "underway"} if event.reopened else {}
                rows.change(EVACUATION, event.evacuation, position=at.position, **_said(event), **again)
            case HouseholdsCleared():
                _cleared(rows, event, at)
            case EvacueesReturned():
                rows.change(EVACUATION, event.evacuation, position=at.position, state="returned", returned_at=utc(event.at))
            case EvacuationFiled():
                rows.change(EVACUATION, event.evacuation, position=at.position, filed_at=utc(event.at))
            case ShelterRegistered():
                _registered(rows, event, at)
            case _:
                rows.change(SHELTER, event.shelter, position=at.position, **_sheltered(event))


def _said(event: EvacuationIssued | EvacuationAmended) -> Row:
    return {
        "areas": text(event.areas),
        "shelter": event.shelter,
        "route": event.route,
        "headcount": event.headcount,
        "households": event.households,
        "by_group": text(event.groups),
        "due": utc(event.due) if event.due else None,
        "missing": text(event.missing),
    }


def _issued(event: EvacuationIssued, at: Envelope) -> Row:
    return {
        "evacuation": event.evacuation,
        "state": "issued",
        "below": text(event.below),
        **_said(event),
        "incident": event.incident,
        "issued_at": utc(event.at),
        "returned_at": None,
        "filed_at": None,
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def _cleared(rows: Rows, event: HouseholdsCleared, at: Envelope) -> None:
    """What an area says replaces what it said before; what it leaves out stays."""
    area = event.area or ""
    was = rows.get(CLEARED, event.evacuation, area) or dict.fromkeys(COUNTED)
    rows.put(
        CLEARED,
        evacuation=event.evacuation,
        area=area,
        **{name: was[name] if getattr(event, name) is None else getattr(event, name) for name in COUNTED},
        above=text(event.above),
        by_group=text(event.groups) if event.groups or "by_group" not in was else was["by_group"],
        reported_at=utc(event.at),
        reported_by=event.by,
    )
    row = rows.get(EVACUATION, event.evacuation)
    if row is not None:
        state = "returned" if row["state"] == "returned" else "cleared" if event.whole else "underway"
        rows.change(EVACUATION, event.evacuation, position=at.position, state=state)


def _registered(rows: Rows, event: ShelterRegistered, at: Envelope) -> None:
    known = rows.get(SHELTER, event.shelter) or {"state": "listed", "people": 0, "by_group": "{}", "counted_at": None, "incident": None}
    entry = event.entry
    said = {"zh": entry.zh, "en": entry.en, "address": entry.address, "facilities": text(entry.facilities)}
    fit = {"ready": int(entry.ready), "capacity": entry.capacity}
    place = {"division": at.division, "visibility": at.visibility, "position": at.position}
    rows.put(SHELTER, **known | {"shelter": event.shelter} | said | fit | place)


def _sheltered(event: Any) -> Row:
    match event:
        case ShelterOpened(incident=incident):
            return {"state": "open", "incident": incident, "people": 0, "by_group": "{}"}
        case HeadcountRecorded(people=people):
            state = "full" if people >= event.capacity else "open"
            return {"people": people, "by_group": text(event.groups), "counted_at": utc(event.at), "state": state}
        case ShelterFull():
            return {"state": "full"}
        case ShelterClosed():
            return {"state": "closed", "incident": None, "people": 0, "by_group": "{}"}
        case _:
            return {}


def listed(db: Connection, *, before: int | None, limit: int, incident: str | None) -> list[Row]:
    """Evacuations, the last changed first."""
    where, values = (" AND incident = ?", (incident,)) if incident else ("", ())
    sql = f"SELECT * FROM evacuation WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]


def cleared(db: Connection, evacuation: str) -> Row:
    """What its areas reported: each by itself and, of what they counted, the sums, without counting a part beside its whole."""
    sql = "SELECT * FROM evacuation_area WHERE evacuation = ? ORDER BY area"
    areas = [dict(row) | {"by_group": msgspec.json.decode(row["by_group"])} for row in db.execute(sql, (evacuation,))]
    above = {row["area"]: msgspec.json.decode(row.pop("above")) for row in areas}
    outer = [row for row in areas if row["area"] in uppermost(above, above)]
    sums = {name: sum(known) if (known := [row[name] for row in outer if row[name] is not None]) else None for name in COUNTED}
    return {"cleared": sums, "reports": areas}


def shelters(db: Connection, *, before: int | None, limit: int, state: str | None) -> list[Row]:
    """Shelters, the last changed first."""
    where, values = (" AND state = ?", (state,)) if state else ("", ())
    sql = f"SELECT * FROM shelter WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]
