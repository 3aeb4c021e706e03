"""Where incidents lie and what they are, as the alerts service has them: a call-up for one is for work there unless it says otherwise."""

from __future__ import annotations

from typing import Any

from services.alerts.events.incident import IncidentClassified, IncidentRegistered
from shared.handling.declare import Rows, Table
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

INCIDENT = Table("incident_place", key=("incident",), columns={name: "TEXT NOT NULL" for name in ("incident", "division", "type")})


class Incidents:
    """Builds the list of where each incident lies, and of its type."""

    tables: tuple[Table, ...] = (INCIDENT,)
    listens: tuple[str, ...] = ("alerts.incident.registered", "alerts.incident.classified")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if isinstance(event, IncidentRegistered):
            rows.put(INCIDENT, incident=event.incident, division=event.division, type=event.type)
        elif isinstance(event, IncidentClassified) and rows.get(INCIDENT, event.incident) is not None:
            rows.change(INCIDENT, event.incident, type=event.type)


def find(db: Connection, incident: str) -> tuple[str, str]:
    """Division and type of an incident; empty when it is not known here."""
    row = db.execute("SELECT division, type FROM incident_place WHERE incident = ?", (incident,)).fetchone()
    return (str(row["division"]), str(row["type"])) if row is not None else ("", "")
