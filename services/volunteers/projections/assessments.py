"""Until when the standing register may collect, as privacy approved its impact assessment (PIPL art. 55)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.privacy.events.duties import ImpactAssessmentApproved
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

MODULE = "register"
ASSESSED = Table("register_assessed", key=("assessment",), columns={"assessment": "TEXT NOT NULL", "until": "TEXT NOT NULL"})


class Assessments:
    """Builds the list of approved assessments of the register."""

    tables: tuple[Table, ...] = (ASSESSED,)
    listens: tuple[str, ...] = ("privacy.assessment.approved",)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if isinstance(event, ImpactAssessmentApproved) and event.module == MODULE:
            rows.put(ASSESSED, assessment=event.assessment, until=utc(event.until))


def assessed(db: Connection, now: datetime) -> bool:
    """Whether one of them holds."""
    return db.execute("SELECT 1 FROM register_assessed WHERE until > ? LIMIT 1", (utc(now),)).fetchone() is not None
