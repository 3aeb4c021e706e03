"""Of whom a law or a proceeding asks that nothing be read, changed or destroyed, as privacy locked it (PIPL art. 47)."""

from __future__ import annotations

from typing import Any

from services.privacy.events.record import PersonalDataLocked, PersonalDataLockReleased
from shared.handling.declare import Rows, Table
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

HOLD = Table("register_hold", key=("subject", "lock"), columns={"subject": "TEXT NOT NULL", "lock": "TEXT NOT NULL"})


class Holds:
    """Builds the list of locks that are in force."""

    tables: tuple[Table, ...] = (HOLD,)
    listens: tuple[str, ...] = ("privacy.personal_data.locked", "privacy.personal_data.lock_released")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case PersonalDataLocked():
                rows.put(HOLD, subject=event.subject, lock=event.lock)
            case PersonalDataLockReleased():
                rows.delete(HOLD, event.subject, event.lock)


def held(db: Connection, subject: str) -> bool:
    """Whether one of them is of this person."""
    return db.execute("SELECT 1 FROM register_hold WHERE subject = ? LIMIT 1", (subject,)).fetchone() is not None
