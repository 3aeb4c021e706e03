"""Until when each module may collect, as privacy approved its impact assessment (PIPL art. 55)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.privacy.events.duties import ImpactAssessmentApproved
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

ASSESSED = Table(
    "module_assessed",
    key=("module", "assessment"),
    columns={"module": "TEXT NOT NULL", "assessment": "TEXT NOT NULL", "until": "TEXT NOT NULL"},
)


class Assessments:
    """Builds the list of approved assessments."""

    tables: tuple[Table, ...] = (ASSESSED,)
    listens: tuple[str, ...] = ("privacy.assessment.approved",)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if isinstance(event, ImpactAssessmentApproved):
            rows.put(ASSESSED, module=event.module, assessment=event.assessment, until=utc(event.until))


def assessed(db: Connection, module: str, now: datetime) -> bool:
    """Whether one of the module's holds."""
    found = db.execute("SELECT 1 FROM module_assessed WHERE module = ? AND until > ? LIMIT 1", (module, utc(now)))
    return found.fetchone() is not None
