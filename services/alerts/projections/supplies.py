"""What the board shows of goods and property: requisitions that are open, and approvals by word of mouth that are owed on paper (K-24)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.alerts.projections.merging import of_incident
from services.resources.events.request import ApprovalPapered, RequestCancelled, SupplyOrallyApproved
from services.resources.events.requisition import (
    PropertyLent,
    PropertyLost,
    PropertyReturned,
    RequisitionRefused,
    RequisitionRequested,
    RequisitionRevoked,
    RequisitionTakenOrally,
)
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
PLACED = {"division": "TEXT", "visibility": "TEXT NOT NULL", "incident": "TEXT"}
REQUISITION = Table(
    "open_requisition",
    key=("requisition",),
    columns={"requisition": "TEXT NOT NULL", "open": "INTEGER NOT NULL", **PLACED},
    indexes=(("open",),),
)
ORAL = Table(
    "oral_approval",
    key=("request",),
    columns={"request": "TEXT NOT NULL", "due_at": "TEXT", "state": "TEXT NOT NULL", "since": "TEXT NOT NULL", **PLACED},
    indexes=(("incident", "since"),),
)


class Supplies:
    """Builds what a duty room sees of them."""

    tables: tuple[Table, ...] = (REQUISITION, ORAL)
    listens: tuple[str, ...] = (
        *(f"resources.requisition.{name}" for name in ("requested", "taken_orally", "lent", "refused", "revoked", "returned", "lost")),
        *(f"resources.supply_request.{name}" for name in ("orally_approved", "papered", "cancelled")),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        where = {"division": at.division, "visibility": at.visibility, "incident": at.correlationid}
        match event:
            case RequisitionRequested() | RequisitionTakenOrally() | PropertyLent():
                rows.put(REQUISITION, requisition=event.requisition, open=1, **where)
            case RequisitionRevoked(over=False):
                pass
            case RequisitionRefused() | RequisitionRevoked() | PropertyReturned() | PropertyLost():
                rows.change(REQUISITION, event.requisition, open=0)
            case SupplyOrallyApproved():
                due_at = utc(event.clocks[0].due_at) if event.clocks else None
                rows.put(ORAL, request=event.request, due_at=due_at, state="running", since=utc(event.at), **where)
            case ApprovalPapered():
                rows.change(ORAL, event.request, state="late" if event.late else "met")
            case RequestCancelled() if event.stopped:  # what was put on paper before stays so
                rows.change(ORAL, event.request, state="stopped")


def for_board(db: Connection, seen: Callable[[Row], bool], incident: str | None = None) -> Row:
    """How many requisitions are open, and how the last approval by word of mouth stands; None without one. Of one incident if named."""
    where, values = of_incident(db, incident)
    taken = [row for row in map(dict, db.execute(f"SELECT * FROM open_requisition WHERE open = 1{where}", values)) if seen(row)]
    oral = "SELECT * FROM oral_approval WHERE state <> 'stopped'" + where + " ORDER BY since DESC LIMIT 100"
    approvals = [row for row in map(dict, db.execute(oral, values)) if seen(row)]
    return {
        "requisitions_open": len(taken),
        "requisitions": sorted(row["requisition"] for row in taken),
        "oral_approvals": [{"request": row["request"], "due_at": row["due_at"], "state": row["state"]} for row in approvals],
        "clock_K24": approvals[0]["state"] if approvals else None,
    }
