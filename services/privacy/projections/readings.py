"""Who read what of whom, what looks unusual, and who was given what (PIPL art. 51, 54; K-52)."""

from __future__ import annotations

from typing import Any

from services.privacy.events.record import PersonalDataAccessed, PersonalDataDisclosed
from services.privacy.projections.listing import Row, decoded, listed, text
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

READING = Table(
    "reading",
    key=("position",),
    columns={
        "position": "INTEGER NOT NULL",
        "subjects": "TEXT NOT NULL",
        "persons": "INTEGER NOT NULL",
        "fields": "TEXT NOT NULL",
        "purpose": "TEXT NOT NULL",
        "incident": "TEXT",
        "unusual": "TEXT NOT NULL",
        "odd": "INTEGER NOT NULL",
        "actor": "TEXT NOT NULL",
        "role": "TEXT NOT NULL",
        "day": "TEXT NOT NULL",
        "at": "TEXT NOT NULL",
        "division": "TEXT",
    },
    indexes=(("odd", "position"), ("actor", "day")),
)
READ = Table("reading_of", key=("subject", "position"), columns={"subject": "TEXT NOT NULL", "position": "INTEGER NOT NULL"})
DISCLOSURE = Table(
    "disclosure",
    key=("position",),
    columns={
        "position": "INTEGER NOT NULL",
        "subject": "TEXT NOT NULL",
        "recipient": "TEXT NOT NULL",
        "purpose": "TEXT NOT NULL",
        "incident": "TEXT",
        "fields": "TEXT NOT NULL",
        "basis": "TEXT NOT NULL",
        "consent": "TEXT",
        "actor": "TEXT NOT NULL",
        "keep_until": "TEXT NOT NULL",
        "at": "TEXT NOT NULL",
        "division": "TEXT",
    },
    indexes=(("subject", "position"),),
)


class Readings:
    """Builds the access log and the register of disclosures."""

    tables: tuple[Table, ...] = (READING, READ, DISCLOSURE)
    listens: tuple[str, ...] = ("privacy.personal_data.accessed", "privacy.personal_data.disclosed")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case PersonalDataAccessed():
                _accessed(rows, event, at)
            case PersonalDataDisclosed():
                rows.put(
                    DISCLOSURE,
                    position=at.position,
                    subject=event.subject,
                    recipient=event.recipient,
                    purpose=event.purpose,
                    incident=event.incident,
                    fields=text(event.fields),
                    basis=event.basis,
                    consent=event.consent,
                    actor=event.by,
                    keep_until=utc(event.keep_until),
                    at=utc(event.at),
                    division=at.division,
                )


def _accessed(rows: Rows, event: PersonalDataAccessed, at: Envelope) -> None:
    for subject in event.subjects:
        rows.put(READ, subject=subject, position=at.position)
    rows.put(
        READING,
        position=at.position,
        subjects=text(event.subjects),
        persons=len(event.subjects),
        fields=text(event.fields),
        purpose=event.purpose,
        incident=event.incident,
        unusual=text(event.unusual),
        odd=int(bool(event.unusual)),
        actor=event.by,
        role=event.role,
        day=f"{event.at:%Y-%m-%d}",
        at=utc(event.at),
        division=at.division,
    )


def readings(db: Connection, *, before: int | None, limit: int, subject: str | None = None, unusual: bool = False) -> list[Row]:
    """Readings, the newest first: of one person, or those that look unusual."""
    if subject is None:
        found = listed(db, "reading", before=before, limit=limit, odd=1 if unusual else None)
    else:
        sql = "SELECT r.* FROM reading r JOIN reading_of o ON o.position = r.position WHERE o.subject = ? AND r.position < ?"
        found = [dict(row) for row in db.execute(f"{sql} ORDER BY r.position DESC LIMIT ?", (subject, before or 2**62, limit))]
    return [decoded(row, "subjects", "fields", "unusual") for row in found]


def many_a_day(db: Connection, most: int) -> list[Row]:
    """Posts that read of more persons in one day than usual, one by one or not."""
    sql = "SELECT actor, day, division, sum(persons) AS persons, count(*) AS readings FROM reading GROUP BY actor, day, division"
    return [dict(row) for row in db.execute(f"{sql} HAVING sum(persons) >= ? ORDER BY day DESC, actor LIMIT 500", (most,))]


def disclosures(db: Connection, *, before: int | None, limit: int, subject: str | None = None) -> list[Row]:
    """What was given to whom, the newest first."""
    return [decoded(row, "fields") for row in listed(db, "disclosure", before=before, limit=limit, subject=subject)]


def counted(db: Connection, incident: str | None) -> Row:
    """How often data were read and given on."""
    of, arguments = ("WHERE incident = ?", (incident,)) if incident is not None else ("", ())
    accessed = db.execute(f"SELECT count(*) FROM reading {of}", arguments).fetchone()[0]
    disclosed = db.execute(f"SELECT count(*) FROM disclosure {of}", arguments).fetchone()[0]
    return {"accessed": accessed, "disclosed": disclosed}
