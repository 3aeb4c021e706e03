"""Where incidents lie, as the alerts service registered them: a call-up for one is for work there unless it says otherwise."""

from __future__ import annotations

from typing import Any

from services.alerts.events.incident import IncidentRegistered
from shared.handling.declare import Rows, Table
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

INCIDENT = Table("incident_place", key=("incident",), columns={"incident": "TEXT NOT NULL", "division": "TEXT NOT NULL"})


class Incidents:
    """Builds the list of where each incident lies."""

    tables: tuple[Table, ...] = (INCIDENT,)
    listens: tuple[str, ...] = ("alerts.incident.registered",)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if isinstance(event, IncidentRegistered):
            rows.put(INCIDENT, incident=event.incident, division=event.division)


def place_of(db: Connection, incident: str) -> str | None:
    """The division of an incident; None when it is not known here."""
    row = db.execute("SELECT division FROM incident_place WHERE incident = ?", (incident,)).fetchone()
    return str(row["division"]) if row is not None else None
