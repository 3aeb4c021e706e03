"""Orders with what they owe and how they were answered, and requests for military help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from services.alerts.events.military import (
    MilitaryCostReported,
    MilitaryHelpAnswered,
    MilitaryHelpRequested,
    MilitarySupportEnded,
    MilitarySupportStarted,
)
from services.alerts.events.order import (
    ObjectionDecided,
    OrderAcknowledged,
    OrderAmended,
    OrderContent,
    OrderDecidedAbove,
    OrderEnded,
    OrderFiled,
    OrderIssued,
    OrderObjected,
    OrderPapered,
    OrderPublished,
    OrderRevoked,
    ProportionalityReviewed,
)
from services.alerts.projections.clocks import due_of
from services.alerts.projections.joining import text
from services.alerts.projections.merging import of_incident
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
FILING = "K-21"
ORDER = Table(
    "emergency_order",
    key=("id",),
    columns={
        "id": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "measure_type": "TEXT NOT NULL",
        "basis": "TEXT NOT NULL",
        "executor": "TEXT NOT NULL",
        "due": "TEXT NOT NULL",
        "content": "TEXT NOT NULL",
        "restricts": "INTEGER NOT NULL",
        "issuer": "TEXT NOT NULL",
        "given_by": "TEXT NOT NULL",
        "liable_government": "TEXT",
        "oral": "INTEGER NOT NULL",
        "on_screen": "TEXT NOT NULL",
        "incident": "TEXT",
        "activation": "TEXT",
        "amendments": "INTEGER NOT NULL",
        "issued_at": "TEXT NOT NULL",
        "published_at": "TEXT",
        "public_text": "TEXT",
        "filing_due": "TEXT",
        "filed_at": "TEXT",
        "filed_late": "INTEGER NOT NULL",
        "review_due": "TEXT",
        "above_due": "TEXT",  # the level above decides by then
        "approved": "INTEGER",  # as it decided
        "acknowledged": "TEXT NOT NULL",
        "objections": "TEXT NOT NULL",
        "ended_at": "TEXT",
        "reason": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("state", "position"), ("incident", "position")),
)
MILITARY = Table(
    "military_request",
    key=("request",),
    columns={
        "request": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "asked": "TEXT NOT NULL",
        "note": "TEXT",
        "incident": "TEXT",
        "requested_at": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
_OF_ORDERS = ("issued", "papered", "published", "filed", "amended", "proportionality_reviewed", "acknowledged", "objected", "decided_above")


class Orders:
    """Builds the order board and the list of requests for military help."""

    tables: tuple[Table, ...] = (ORDER, MILITARY)
    listens: tuple[str, ...] = (
        *(f"alerts.order.{name}" for name in (*_OF_ORDERS, "objection_decided", "revoked", "ended")),
        *(f"alerts.military.{name}" for name in ("requested", "answered", "supporting", "ended", "cost_reported")),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case OrderIssued():
                rows.put(ORDER, **_issued(event, at))
            case MilitaryHelpRequested():
                rows.put(MILITARY, **_requested(event, at))
            case MilitaryHelpAnswered() | MilitarySupportStarted() | MilitarySupportEnded() | MilitaryCostReported():
                rows.change(MILITARY, event.request, position=at.position, **_military(event))
            case _:
                row = rows.get(ORDER, event.order)
                if row is not None:
                    rows.change(ORDER, event.order, position=at.position, **_changed(event, row))


def _issued(event: OrderIssued, at: Envelope) -> Row:
    return {
        "id": event.order,
        "state": "in force",
        **_content(event.content),
        "restricts": int(event.restricts),
        "issuer": event.issuer,
        "given_by": event.by,
        "liable_government": event.liable_government,
        "oral": int(event.oral),
        "on_screen": text(event.on_screen),
        "incident": event.incident,
        "activation": event.activation,
        "amendments": 0,
        "issued_at": utc(event.at),
        "published_at": None,
        "public_text": None,
        "filing_due": due_of(event.clocks, FILING),
        "filed_at": None,
        "filed_late": 0,
        "review_due": due_of(event.clocks, "K-19"),
        "above_due": due_of(event.clocks, "K-20"),
        "approved": None,
        "acknowledged": "[]",
        "objections": "[]",
        "ended_at": None,
        "reason": None,
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def _content(content: OrderContent) -> Row:
    named = {"measure_type": content.measure_type, "basis": content.basis, "executor": content.executor, "due": utc(content.due)}
    return named | {"content": text(content)}


def _changed(event: Any, row: Row) -> Row:
    match event:
        case OrderAmended():
            anew = {"filed_at": None, "filing_due": due_of(event.clocks, FILING) or row["filing_due"], "acknowledged": "[]"}
            terms = {"restricts": int(event.restricts), "amendments": event.amendment, "review_due": due_of(event.clocks, "K-19")}
            above = {"above_due": due_of(event.clocks, "K-20"), "approved": None}
            return _content(event.content) | anew | terms | above
        case OrderDecidedAbove(approved=approved):
            return {"approved": int(approved), "above_due": None}
        case OrderPapered():
            return {"oral": 0}
        case OrderPublished():
            return {"published_at": utc(event.at), "public_text": event.text}
        case OrderFiled():
            return {"filed_at": utc(event.at), "filed_late": int(event.late)}
        case ProportionalityReviewed():
            return {"review_due": due_of(event.clocks, "K-19")}
        case OrderAcknowledged(by=by):
            return {"acknowledged": text([*msgspec.json.decode(row["acknowledged"]), by])}
        case OrderObjected():
            said = {"objection": event.objection, "by": event.by, "reason": event.reason, "outcome": None}
            return {"objections": text([*msgspec.json.decode(row["objections"]), said])}
        case ObjectionDecided():
            known = msgspec.json.decode(row["objections"])
            decided = [one | {"outcome": event.outcome.value} if one["objection"] == event.objection else one for one in known]
            return {"objections": text(decided)}
        case OrderRevoked(reason=reason):
            return {"state": "revoked", "ended_at": utc(event.at), "reason": reason, "review_due": None, "above_due": None}
        case OrderEnded(reason=reason):
            return {"state": "ended", "ended_at": utc(event.at), "reason": reason, "review_due": None, "above_due": None}
        case _:
            return {}


def _requested(event: MilitaryHelpRequested, at: Envelope) -> Row:
    six = {"kind": event.kind, "time": event.time, "area": event.area, "degree": event.degree}
    return {
        "request": event.request,
        "state": "requested",
        "asked": text({"to": event.to, **six, "measures": event.measures, "forces": event.forces}),
        "note": None,
        "incident": event.incident,
        "requested_at": utc(event.at),
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def _military(event: MilitaryHelpAnswered | MilitarySupportStarted | MilitarySupportEnded | MilitaryCostReported) -> Row:
    match event:
        case MilitaryHelpAnswered(agreed=agreed, note=note):
            return {"state": "agreed" if agreed else "declined", "note": note}
        case MilitarySupportStarted(note=note):
            return {"state": "supporting", "note": note}
        case MilitarySupportEnded(note=note):
            return {"state": "ended", "note": note}
        case MilitaryCostReported(document=document):
            return {"state": "cost reported", "note": document}


def find(db: Connection, order: str) -> Row | None:
    """An order by its id."""
    row = db.execute("SELECT * FROM emergency_order WHERE id = ?", (order,)).fetchone()
    return dict(row) if row is not None else None


def listed(db: Connection, *, before: int | None, limit: int, state: str | None, incident: str | None, unfiled: bool | None) -> list[Row]:
    """Orders, the last changed first."""
    where, values = of_incident(db, incident)
    if unfiled is not None:
        where += f" AND filed_at IS {'' if unfiled else 'NOT '}NULL"
    if state is not None:
        where, values = f"{where} AND state = ?", (*values, state)
    sql = f"SELECT * FROM emergency_order WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]


def requests(db: Connection, *, before: int | None, limit: int, incident: str | None) -> list[Row]:
    """Requests for military help, the last changed first."""
    where, values = of_incident(db, incident)
    sql = f"SELECT * FROM military_request WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]


def for_board(db: Connection, seen: Callable[[Row], bool], now: datetime, incident: str | None = None) -> Row:
    """The orders in force that a reader sees, and how it stands with filing (K-21): late, running or met; None without an order.

    Of one incident if named.
    """
    where, values = of_incident(db, incident)
    sql = f"SELECT * FROM emergency_order WHERE (state = 'in force' OR filed_at IS NULL){where} ORDER BY position DESC LIMIT 500"
    rows = [row for row in map(dict, db.execute(sql, values)) if seen(row)]
    unfiled = [row for row in rows if row["filed_at"] is None]
    late = any(row["filing_due"] is not None and row["filing_due"] <= utc(now) for row in unfiled)
    in_force = [row for row in rows if row["state"] == "in force"]
    clock = "late" if late else "running" if unfiled else "met" if in_force else None
    shown = ("id", "measure_type", "executor", "due", "issuer", "incident", "division", "filing_due", "filed_at", "review_due")
    return {"orders": [{name: row[name] for name in shown} for row in in_force], "orders_unfiled": len(unfiled), "clock_K21": clock}
