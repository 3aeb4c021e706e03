"""Readings of owners' and donors' values, as privacy noted them: a paper carries a name only for who just read it there (ERL art. 84)."""

from __future__ import annotations

from typing import Any

import msgspec

from services.privacy.events.record import PersonalDataAccessed, PersonalDataCollected, PersonalDataCorrected
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
OF = ("requisition", "donation")  # the modules whose papers carry names
NAME = "name"
READING = Table(
    "name_reading",
    key=("position",),
    columns={
        **dict.fromkeys(("subjects", "purpose", "actor", "at"), "TEXT NOT NULL"),
        "incident": "TEXT",
        "position": "INTEGER NOT NULL",
    },
)
CORRECTED = Table(
    "name_corrected",
    key=("subject", "purpose", "incident"),
    columns={**dict.fromkeys(("subject", "purpose", "incident", "ref"), "TEXT NOT NULL"), "position": "INTEGER NOT NULL"},
)
GIVEN = Table("name_given", key=("ref",), columns={"ref": "TEXT NOT NULL", "position": "INTEGER NOT NULL"})


class Readings:
    """Builds the list of readings of names, and where a corrected name lies."""

    tables: tuple[Table, ...] = (READING, CORRECTED, GIVEN)
    listens: tuple[str, ...] = ("privacy.personal_data.accessed", "privacy.personal_data.collected", "privacy.personal_data.corrected")

    def apply(self, rows: Rows, event: PersonalDataAccessed | PersonalDataCollected | PersonalDataCorrected, at: Envelope) -> None:
        if event.purpose.partition(".")[0] not in OF or NAME not in event.fields:
            return
        if isinstance(event, PersonalDataCollected):
            if event.ref is not None and rows.get(GIVEN, event.ref) is None:
                rows.put(GIVEN, ref=event.ref, position=at.position)
            return
        if isinstance(event, PersonalDataCorrected):
            whose = {"subject": event.subject, "purpose": event.purpose, "incident": event.incident or ""}
            rows.put(CORRECTED, **whose, ref=event.ref, position=at.position)
            return
        said = {"subjects": msgspec.json.encode(event.subjects).decode(), "actor": event.by, "at": utc(event.at)}
        rows.put(READING, position=at.position, purpose=event.purpose, incident=event.incident, **said)


def find(db: Connection, position: int) -> Row | None:
    """The reading at this position of privacy's log, if a name was read by it."""
    row = db.execute("SELECT * FROM name_reading WHERE position = ?", (position,)).fetchone()
    return None if row is None else dict(row) | {"subjects": msgspec.json.decode(dict(row)["subjects"])}


def corrected(db: Connection, given: str, subject: str, purpose: str, incident: str | None) -> str | None:
    """Where the name lies that was given under this reference, since it was corrected; None when it never was after that."""
    asked = (subject, purpose, incident or "", given)
    row = db.execute(
        "SELECT ref FROM name_corrected AS c WHERE subject = ? AND purpose = ? AND incident = ?"
        " AND NOT EXISTS (SELECT 1 FROM name_given AS g WHERE g.ref = ? AND g.position > c.position)",
        asked,
    ).fetchone()
    return dict(row)["ref"] if row is not None else None
