"""Flights of drones that were asked for, and what was answered."""

from __future__ import annotations

from typing import Any

from services.alerts.events.flight import FlightAnswered, FlightEvent, FlightRequested, FlightWithdrawn
from services.alerts.projections.clocks import due_of
from services.alerts.projections.merging import of_incident
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
FLIGHT = Table(
    "flight",
    key=("flight",),
    columns={
        "flight": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "operator": "TEXT NOT NULL",
        "purpose": "TEXT NOT NULL",
        "area": "TEXT NOT NULL",
        "starts": "TEXT NOT NULL",
        "ends": "TEXT NOT NULL",
        "urgent": "TEXT NOT NULL",
        "note": "TEXT",
        "requested_at": "TEXT NOT NULL",
        "answer_due": "TEXT",
        "incident": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)


class Flights:
    """Builds the list of flights."""

    tables: tuple[Table, ...] = (FLIGHT,)
    listens: tuple[str, ...] = tuple(f"alerts.flight.{name}" for name in ("requested", "answered", "withdrawn"))

    def apply(self, rows: Rows, event: FlightEvent, at: Envelope) -> None:
        match event:
            case FlightRequested():
                rows.put(FLIGHT, **_requested(event, at))
            case FlightAnswered(permitted=permitted, note=note):
                told = {"state": "permitted" if permitted else "refused", "note": note, "answer_due": None}
                rows.change(FLIGHT, event.flight, position=at.position, **told)
            case FlightWithdrawn(reason=reason):
                rows.change(FLIGHT, event.flight, position=at.position, state="withdrawn", note=reason, answer_due=None)


def _requested(event: FlightRequested, at: Envelope) -> Row:
    return {
        **{name: getattr(event, name) for name in ("flight", "operator", "purpose", "area", "urgent", "incident")},
        "state": "requested",
        "starts": utc(event.starts),
        "ends": utc(event.ends),
        "note": None,
        "requested_at": utc(event.at),
        "answer_due": due_of(event.clocks, "K-41"),
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def listed(db: Connection, *, before: int | None, limit: int, state: str | None, incident: str | None) -> list[Row]:
    """Flights, the last changed first."""
    where, values = of_incident(db, incident)
    if state is not None:
        where, values = f"{where} AND state = ?", (*values, state)
    sql = f"SELECT * FROM flight WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]
