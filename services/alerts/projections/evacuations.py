"""Who is being moved and who is sheltered: counts by area and group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from services.alerts.deciders.evacuations.review import REVIEW
from services.alerts.deciders.filing import FILE
from services.alerts.deciders.reports.figures import uppermost
from services.alerts.events.evacuation import (
    EvacuationAmended,
    EvacuationFiled,
    EvacuationIssued,
    EvacuationReviewed,
    EvacueesReturned,
    HouseholdsCleared,
)
from services.alerts.events.shelter import HeadcountRecorded, ShelterClosed, ShelterFull, ShelterOpened, ShelterRegistered
from services.alerts.projections.clocks import due_of
from services.alerts.projections.joining import text
from services.alerts.projections.merging import of_incident
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
        "returned": "INTEGER",
        "filing_due": "TEXT",
        "filed_at": "TEXT",
        "filed_late": "INTEGER NOT NULL",
        "review_due": "TEXT",
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
REPORTED = Table(  # every number that was said, counted or not
    "evacuation_report",
    key=("position",),
    columns={
        "position": "INTEGER NOT NULL",
        "evacuation": "TEXT NOT NULL",
        "area": "TEXT NOT NULL",
        "people": "INTEGER",
        "households": "INTEGER",
        "refused": "INTEGER",
        "remaining": "INTEGER",
        "note": "TEXT NOT NULL",
        "doubts": "TEXT NOT NULL",
        "reported_at": "TEXT NOT NULL",
        "reported_by": "TEXT NOT NULL",
    },
    indexes=(("evacuation", "position"),),
)
HISTORY = 200  # of an evacuation, the last
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

    tables: tuple[Table, ...] = (EVACUATION, CLEARED, REPORTED, SHELTER)
    listens: tuple[str, ...] = (
        *(f"alerts.evacuation.{name}" for name in ("issued", "amended", "households_cleared", "reviewed", "returned", "filed")),
        *(f"alerts.shelter.{name}" for name in ("registered", "opened", "headcount_recorded", "full", "closed")),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case EvacuationIssued():
                rows.put(EVACUATION, **_issued(event, at))
            case EvacuationAmended():
                again: Row = {"state": "underway"} if event.reopened else {}
                again |= {"filing_due": due_of(event.clocks, FILE), "filed_at": None, "filed_late": 0} if event.clocks else {}
                rows.change(EVACUATION, event.evacuation, position=at.position, **_said(event), **again)
            case EvacuationReviewed():
                rows.change(EVACUATION, event.evacuation, position=at.position, review_due=due_of(event.clocks, REVIEW))
            case HouseholdsCleared():
                _reported(rows, event, at)
                if not event.doubts:
                    _cleared(rows, event, at)
            case EvacueesReturned():
                home = {"state": "returned", "returned_at": utc(event.at), "returned": event.people, "review_due": None}
                rows.change(EVACUATION, event.evacuation, position=at.position, **home)
            case EvacuationFiled():
                rows.change(EVACUATION, event.evacuation, position=at.position, filed_at=utc(event.at), filed_late=int(event.late))
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
        "returned": None,
        "filing_due": due_of(event.clocks, FILE),
        "filed_at": None,
        "filed_late": 0,
        "review_due": due_of(event.clocks, REVIEW),
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def _reported(rows: Rows, event: HouseholdsCleared, at: Envelope) -> None:
    said = {name: getattr(event, name) for name in COUNTED} | {"note": event.note, "doubts": text(event.doubts)}
    who = {"reported_at": utc(event.at), "reported_by": event.by}
    rows.put(REPORTED, position=at.position, evacuation=event.evacuation, area=event.area or "", **said, **who)


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


def for_board(db: Connection, seen: Callable[[Row], bool], now: datetime, incident: str | None = None) -> Row:
    """Evacuations that are not on record with the congress desk, and how many of them should be (K-21). Of one incident if named."""
    where, values = of_incident(db, incident)
    sql = f"SELECT * FROM evacuation WHERE filing_due IS NOT NULL AND filed_at IS NULL{where} ORDER BY filing_due LIMIT 500"
    due = [row["filing_due"] for row in map(dict, db.execute(sql, values)) if seen(row)]
    return {"evacuations_unfiled": len(due), "evacuations_filing_late": sum(at <= utc(now) for at in due)}


def listed(db: Connection, *, before: int | None, limit: int, incident: str | None, unfiled: bool | None) -> list[Row]:
    """Evacuations, the last changed first."""
    where, values = of_incident(db, incident)
    if unfiled is not None:
        where += f" AND {'' if unfiled else 'NOT '}(filing_due IS NOT NULL AND filed_at IS NULL)"
    sql = f"SELECT * FROM evacuation WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]


def cleared(db: Connection, evacuation: str) -> Row:
    """What its areas reported: each by itself and, of what they counted, the sums, without counting a part beside its whole; and all
    that was ever said, the newest first, with what is in doubt and therefore not counted."""
    sql = "SELECT * FROM evacuation_area WHERE evacuation = ? ORDER BY area"
    areas = [dict(row) | {"by_group": msgspec.json.decode(row["by_group"])} for row in db.execute(sql, (evacuation,))]
    above = {row["area"]: msgspec.json.decode(row.pop("above")) for row in areas}
    outer = [row for row in areas if row["area"] in uppermost(above, above)]
    sums = {name: sum(known) if (known := [row[name] for row in outer if row[name] is not None]) else None for name in COUNTED}
    sql = "SELECT * FROM evacuation_report WHERE evacuation = ? ORDER BY position DESC LIMIT ?"
    history = [dict(row) | {"doubts": msgspec.json.decode(row["doubts"])} for row in db.execute(sql, (evacuation, HISTORY))]
    return {"cleared": sums, "reports": areas, "history": history}


def shelters(db: Connection, *, before: int | None, limit: int, state: str | None, incident: str | None) -> list[Row]:
    """Shelters, the last changed first; open for one incident if named."""
    where, values = of_incident(db, incident)
    if state is not None:
        where, values = f"{where} AND state = ?", (*values, state)
    sql = f"SELECT * FROM shelter WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]
