"""The library of plans: what holds, what is being worked on, with opinions and drills; and the urgent periods."""

from __future__ import annotations

from typing import Any

import msgspec

from services.alerts.events.plan import (
    PlanAdopted,
    PlanApproved,
    PlanDrafted,
    PlanDrilled,
    PlanEvaluationOpened,
    PlanExpired,
    PlanFiled,
    PlanIssued,
    PlanLegallyReviewed,
    PlanOpinionRecorded,
    PlanRepealed,
    PlanRevisionProposed,
    PlanRevisionStarted,
    PlanTriggerDefined,
)
from services.alerts.events.plan_content import PlanContent
from services.alerts.events.urgent import DroughtPeriodDeclared, DroughtPeriodEnded, FloodPeriodDeclared, FloodPeriodEnded
from services.alerts.projections.joining import text
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
PLAN = Table(
    "plan",
    key=("plan",),
    columns={
        "plan": "TEXT NOT NULL",
        "type": "TEXT NOT NULL",
        "hazard": "TEXT NOT NULL",
        "owner": "TEXT",
        "outside": "TEXT NOT NULL",
        "title": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "version": "INTEGER NOT NULL",
        "filed": "INTEGER NOT NULL",
        "valid_to": "TEXT",
        "in_force": "TEXT",
        "draft": "TEXT",
        "triggers": "TEXT NOT NULL",
        "notes": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
PERIOD = Table(
    "urgent_period",
    key=("period",),
    columns={
        "period": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "what": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "until": "TEXT NOT NULL",
        "ended": "TEXT",
        "powers": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
STATES: dict[type, str] = {
    PlanOpinionRecorded: "consulting",
    PlanLegallyReviewed: "legally reviewed",
    PlanApproved: "approved",
    PlanEvaluationOpened: "under evaluation",
    PlanRepealed: "repealed",
    PlanExpired: "expired",
}


class Plans:
    """Builds the plan library and the list of urgent periods."""

    tables: tuple[Table, ...] = (PLAN, PERIOD)
    listens: tuple[str, ...] = (
        *(
            f"alerts.plan.{name}"
            for name in (
                "drafted",
                "revision_started",
                "opinion_recorded",
                "legally_reviewed",
                "approved",
                "issued",
                "adopted",
                "filed",
                "trigger_defined",
                "evaluation_opened",
                "revision_proposed",
                "drilled",
                "repealed",
                "expired",
            )
        ),
        "alerts.flood_period.declared",
        "alerts.flood_period.ended",
        "alerts.drought_period.declared",
        "alerts.drought_period.ended",
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case PlanDrafted():
                worked_on = {"draft": text(event.content), "valid_to": None}
                rows.put(PLAN, **_new(event.plan, event.content, at) | worked_on, state="drafting", version=0, filed=0, in_force=None)
            case PlanRevisionStarted():
                _change(rows, event.plan, at, state="drafting", draft=text(event.content), title=event.content.title)
            case PlanIssued():
                held = {"in_force": text(event.content), "draft": None, "version": event.version, "valid_to": _until(event.content)}
                _change(rows, event.plan, at, state="issued", title=event.content.title, **held)
            case PlanAdopted():
                held = {"in_force": text(event.content), "version": event.version, "filed": event.version}
                rows.put(PLAN, **_new(event.plan, event.content, at) | {"triggers": text(event.triggers)}, state="issued", **held)
            case PlanFiled():
                row = rows.get(PLAN, event.plan)
                state = "filed" if row and row["state"] == "issued" else row["state"] if row else ""
                _change(rows, event.plan, at, filed=event.version, state=state)
            case PlanTriggerDefined():
                row = rows.get(PLAN, event.plan) or {"triggers": "[]"}
                others = [one for one in msgspec.json.decode(row["triggers"]) if one["trigger"] != event.trigger.trigger]
                _change(rows, event.plan, at, triggers=text([*others, event.trigger]))
            case PlanOpinionRecorded():
                _note(rows, event.plan, at, {"opinion": event.opinion, "of": event.of}, state=STATES[PlanOpinionRecorded])
            case PlanDrilled():
                _note(rows, event.plan, at, {"drill": event.findings, "held": event.held, "late": event.late})
            case PlanRevisionProposed():
                _note(rows, event.plan, at, {"evaluation": event.evaluation, "findings": event.findings})
            case PlanRepealed() | PlanExpired():
                _change(rows, event.plan, at, state=STATES[type(event)], in_force=None)
            case PlanLegallyReviewed() | PlanApproved() | PlanEvaluationOpened():
                _change(rows, event.plan, at, state=STATES[type(event)])
            case FloodPeriodDeclared(river=what):
                rows.put(PERIOD, **_period(event, "flood", what, at))
            case DroughtPeriodDeclared(area=what):
                rows.put(PERIOD, **_period(event, "drought", what, at))
            case FloodPeriodEnded() | DroughtPeriodEnded():
                rows.change(PERIOD, event.period, ended=utc(event.at), position=at.position)


def _new(plan: str, content: PlanContent, at: Envelope) -> Row:
    return {
        "plan": plan,
        "type": content.type.value,
        "hazard": content.hazard,
        "owner": content.owner,
        "outside": content.outside,
        "title": content.title,
        "valid_to": _until(content),
        "draft": None,
        "triggers": "[]",
        "notes": "[]",
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def _until(content: PlanContent) -> str | None:
    return utc(content.valid_to) if content.valid_to else None


def _change(rows: Rows, plan: str, at: Envelope, **columns: Any) -> None:
    rows.change(PLAN, plan, position=at.position, **columns)


def _note(rows: Rows, plan: str, at: Envelope, said: Row, **columns: Any) -> None:
    row = rows.get(PLAN, plan) or {"notes": "[]"}
    notes = [*msgspec.json.decode(row["notes"]), {"at": utc(at.time), "by": at.actor, **said}]
    _change(rows, plan, at, notes=text(notes), **columns)


def _period(event: FloodPeriodDeclared | DroughtPeriodDeclared, kind: str, what: str, at: Envelope) -> Row:
    return {
        "period": event.period,
        "kind": kind,
        "what": what,
        "since": utc(event.at),
        "until": utc(event.until),
        "ended": None,
        "powers": text(event.powers),
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def listed(db: Connection, *, before: int | None, limit: int, state: str | None = None) -> list[Row]:
    """Plans, the last changed first."""
    where, values = (" AND state = ?", [state]) if state else ("", [])
    sql = f"SELECT * FROM plan WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]


def one(db: Connection, plan: str) -> Row | None:
    """One plan."""
    row = db.execute("SELECT * FROM plan WHERE plan = ?", (plan,)).fetchone()
    return dict(row) if row else None


def periods(db: Connection, *, before: int | None, limit: int, open: bool | None = None) -> list[Row]:
    """Urgent periods, the last changed first; only those that are open, or over, if asked."""
    where = {None: "", True: " AND ended IS NULL", False: " AND ended IS NOT NULL"}[open]
    sql = f"SELECT * FROM urgent_period WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, limit))]
