"""What came in and could not be read, until a person decides."""

from __future__ import annotations

from typing import Any

from services.alerts.events.quarantine import ImportQuarantined, ImportResolved
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

QUARANTINE = Table(
    "quarantine",
    key=("quarantine",),
    columns={
        "quarantine": "TEXT NOT NULL",
        "digest": "TEXT NOT NULL",
        "code": "TEXT NOT NULL",
        "reason": "TEXT NOT NULL",
        "size": "INTEGER NOT NULL",
        "content_type": "TEXT",
        "division": "TEXT",
        "received": "TEXT NOT NULL",
        "decision": "TEXT",
        "decided_by": "TEXT",
        "decided_at": "TEXT",
        "decided_reason": "TEXT",
        "replaced_by": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)


class Quarantine:
    """Builds the quarantine list."""

    tables: tuple[Table, ...] = (QUARANTINE,)
    listens: tuple[str, ...] = ("alerts.import.quarantined", "alerts.import.resolved")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case ImportQuarantined():
                rows.put(
                    QUARANTINE,
                    quarantine=event.quarantine,
                    digest=event.digest,
                    code=event.code,
                    reason=event.reason,
                    size=event.size,
                    content_type=event.content_type,
                    division=event.division,
                    received=utc(event.at),
                    position=at.position,
                    **dict.fromkeys(("decision", "decided_by", "decided_at", "decided_reason", "replaced_by")),
                )
            case ImportResolved():
                rows.change(
                    QUARANTINE,
                    event.quarantine,
                    decision=event.decision.value,
                    decided_by=event.by,
                    decided_at=utc(event.at),
                    decided_reason=event.reason,
                    replaced_by=event.replaced_by,
                )


def listed(db: Connection, *, before: int | None, limit: int, waiting: bool | None) -> list[dict[str, Any]]:
    """Newest first; only those still waiting for a person, or only those settled, if asked."""
    which = "" if waiting is None else f"AND decision IS {'' if waiting else 'NOT '}NULL"
    rows = db.execute(
        f"SELECT * FROM quarantine WHERE position < ? {which} ORDER BY position DESC LIMIT ?",
        (before if before is not None else 2**62, limit),
    )
    return [dict(row) for row in rows]


def find(db: Connection, quarantine: str) -> dict[str, Any] | None:
    row = db.execute("SELECT * FROM quarantine WHERE quarantine = ?", (quarantine,)).fetchone()
    return None if row is None else dict(row)
