"""Drills: when, of which plan, what was told to the players, what was found and what became of it."""

from __future__ import annotations

from typing import Any

import msgspec

from services.alerts.events.drill import (
    DrillCancelled,
    DrillEnded,
    DrillEvaluated,
    DrillFindingRecorded,
    DrillFindingSettled,
    DrillFollowed,
    DrillPlanRevisionLinked,
    DrillScheduled,
    DrillStarted,
    InjectDelivered,
)
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
DRILL = Table(
    "drill",
    key=("drill",),
    columns={
        "drill": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "title": "TEXT NOT NULL",
        "plan": "TEXT",
        "unit": "TEXT NOT NULL",
        "previous": "TEXT",
        "participants": "TEXT NOT NULL",
        "scenario": "TEXT NOT NULL",
        "objectives": "TEXT NOT NULL",
        "starts_at": "TEXT",
        "started_at": "TEXT",
        "ended_at": "TEXT",
        "next_due": "TEXT",
        "assessment": "TEXT NOT NULL",
        "reported_to": "TEXT",
        "injects": "TEXT NOT NULL",
        "findings": "TEXT NOT NULL",
        "open_findings": "INTEGER NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
STORED = ("participants", "objectives", "assessment", "injects", "findings")  # as JSON
NAMES = (
    "scheduled",
    "started",
    "inject_delivered",
    "ended",
    "cancelled",
    "finding_recorded",
    "finding_settled",
    "evaluated",
    "plan_revision_linked",
    "followed",
)


class Drills:
    """Builds the list of drills."""

    tables: tuple[Table, ...] = (DRILL,)
    listens: tuple[str, ...] = tuple(f"alerts.drill.{name}" for name in NAMES)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        before = rows.get(DRILL, event.drill) or _new(event.drill)
        rows.put(
            DRILL, **before | _changed(before, event) | {"division": at.division, "visibility": at.visibility, "position": at.position}
        )


def _new(drill: str) -> Row:
    empty: Row = dict.fromkeys(DRILL.columns)
    return empty | {"drill": drill, "title": "", "scenario": "", "open_findings": 0} | dict.fromkeys(STORED, "[]") | {"assessment": "{}"}


def _changed(before: Row, event: Any) -> Row:
    match event:
        case DrillScheduled():
            lists = {"participants": _text(event.participants), "objectives": _text(event.objectives)}
            told = {"title": event.title, "scenario": event.scenario, "starts_at": utc(event.starts_at)}
            return {"state": "scheduled", "plan": event.plan, "unit": event.unit.value, "previous": event.previous, **lists, **told}
        case DrillStarted():
            begun = {"state": "running", "started_at": utc(event.at)}
            return begun | {"plan": event.plan, "unit": event.unit.value, "previous": event.previous}
        case DrillEnded():
            return {"state": "ended", "ended_at": utc(event.at)}
        case DrillCancelled():
            return {"state": "cancelled"}
        case InjectDelivered():
            told = {name: getattr(event, name) for name in ("inject", "text", "to", "played_at", "at", "by")}
            return {"injects": _text([*msgspec.json.decode(before["injects"]), told])}
        case DrillFindingRecorded():
            found = {name: getattr(event, name) for name in ("finding", "text", "aspect", "owner", "due")}
            return _findings([*msgspec.json.decode(before["findings"]), found | {"settled": None}])
        case DrillFindingSettled(finding=finding, how=how):
            return _findings(_settled(before, (finding,), how))
        case DrillPlanRevisionLinked():
            return _findings(_settled(before, event.findings, f"{event.plan}@{event.version}"))
        case DrillEvaluated():
            due = next((utc(clock.due_at) for clock in event.clocks), None)
            return {"state": "evaluated", "assessment": _text(event.assessment), "reported_to": event.reported_to, "next_due": due}
        case DrillFollowed():
            return {"next_due": None}
    return {}


def _settled(before: Row, findings: tuple[str, ...], how: str) -> list[Row]:
    kept: list[Row] = msgspec.json.decode(before["findings"])
    return [one | {"settled": how} if one["finding"] in findings else one for one in kept]


def _findings(found: list[Row]) -> Row:
    return {"findings": _text(found), "open_findings": sum(one["settled"] is None for one in found)}


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def listed(db: Connection, *, before: int | None, limit: int, state: str | None) -> list[Row]:
    """The last changed first; of one state if asked."""
    which, values = ("AND state = ?", (state,)) if state else ("", ())
    sql = f"SELECT * FROM drill WHERE position < ? {which} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit)).fetchall()]


def one(db: Connection, drill: str) -> Row | None:
    """A drill; None when it is unknown."""
    row = db.execute("SELECT * FROM drill WHERE drill = ?", (drill,)).fetchone()
    return None if row is None else dict(row)
