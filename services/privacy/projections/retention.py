"""How far the retention assessment of each incident is, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from services.privacy.events.retention import (
    DestructionOrdered,
    PersonFound,
    RetentionDecided,
    RetentionLapsed,
    RetentionOpened,
    RetentionResumed,
    RetentionReviewed,
    RetentionVerified,
    SubjectNoted,
    SubjectsLeft,
)
from services.privacy.projections.listing import Row, searched, text
from shared.blocks.clocks import Due
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

PART = Table(
    "retention_part",
    key=("incident", "register"),
    columns={
        "incident": "TEXT NOT NULL",
        "register": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "subjects": "INTEGER NOT NULL",
        "opened_at": "TEXT",
        "due_at": "TEXT",
        "findings": "TEXT",
        "decision": "TEXT",
        "retained": "INTEGER NOT NULL",
        "until": "TEXT",
        "destroyed": "INTEGER NOT NULL",
        "certificates": "TEXT NOT NULL",
        "verified": "TEXT NOT NULL",  # by certificate: what the search found
        "division": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
PERSON = Table(
    "retention_person",
    key=("incident", "register", "subject"),
    columns={"incident": "TEXT NOT NULL", "register": "TEXT NOT NULL", "subject": "TEXT NOT NULL", "retained": "INTEGER NOT NULL"},
)
_FACTS = (
    "subject_noted",
    "opened",
    "resumed",
    "reviewed",
    "decided",
    "lapsed",
    "subjects_left",
    "destruction_ordered",
    "verified",
    "person_found",
)


class RetentionParts:
    """Builds the parts, with who belongs to them."""

    tables: tuple[Table, ...] = (PART, PERSON)
    listens: tuple[str, ...] = tuple(f"privacy.retention.{name}" for name in _FACTS)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        key = (event.incident, event.register)
        row = rows.get(PART, *key) or _new(event, at)
        match event:
            case SubjectNoted(subject=subject):
                if rows.get(PERSON, *key, subject) is None:
                    rows.put(PERSON, incident=event.incident, register=event.register, subject=subject, retained=0)
                    row["subjects"] += 1
            case SubjectsLeft(subjects=subjects):
                for subject in subjects:
                    row["retained"] -= _kept(rows, key, subject) if row["retained"] else 0
                    rows.delete(PERSON, *key, subject)
                row["subjects"] -= len(subjects)
            case RetentionDecided(retain=retain):
                for subject in retain:
                    row["retained"] += 1 - _kept(rows, key, subject)
                    rows.change(PERSON, *key, subject, retained=1)
            case RetentionLapsed(subjects=subjects):
                for subject in subjects:
                    rows.change(PERSON, *key, subject, retained=0)
        rows.put(PART, **row | _changed(event, row) | {"position": at.position, "division": at.division})


def _kept(rows: Rows, key: tuple[str, str], subject: str) -> int:
    """1 when a decision keeps the person."""
    found = rows.get(PERSON, *key, subject)
    return found["retained"] if found is not None else 0


def _new(event: Any, at: Envelope) -> Row:
    none = {"opened_at": None, "due_at": None, "findings": None, "decision": None, "until": None}
    counts = {"subjects": 0, "retained": 0, "destroyed": 0, "certificates": "[]", "verified": "{}", "division": at.division}
    return {"incident": event.incident, "register": event.register, "state": "collecting", **none, **counts}


def _changed(event: Any, row: Row) -> Row:
    match event:
        case SubjectNoted():
            return {"due_at": _due(event.clocks, row)}
        case RetentionOpened():
            return {"state": "opened", "opened_at": utc(event.at), "due_at": _due(event.clocks, row), "destroyed": 0}
        case RetentionResumed():
            return {"state": "collecting", "due_at": None}
        case RetentionReviewed():
            said = {"legality": event.legality, "necessity": event.necessity, "safety": event.safety}
            return {"state": "reviewed", "findings": text(said)}
        case RetentionDecided():
            decision: Row = {
                "destroy": event.destroy,
                "reason": event.reason,
                "readers": event.readers,
                "by": event.by,
                "second": event.second,
            }
            until = event.until.isoformat() if event.until else row["until"]
            state = "decided" if event.destroy else "executed"
            return {"state": state, "decision": text(decision), "until": until, "due_at": None}
        case RetentionLapsed():
            return {"retained": 0, "due_at": _due(event.clocks, row)}
        case DestructionOrdered():
            done = row["destroyed"] + event.subjects
            ordered = msgspec.json.decode(row["decision"])["destroy"] if row["decision"] else 0
            certificates = [*msgspec.json.decode(row["certificates"]), event.certificate]
            state = "executed" if row["state"] == "decided" and done >= ordered else row["state"]
            return {"state": state, "destroyed": done, "certificates": text(certificates)}
        case RetentionVerified() | PersonFound():
            return _searched(event, row)
        case _:
            return {}


def _due(clocks: Sequence[Due], row: Row) -> str | None:
    """Until when it is to be decided: as the fact says, or as before."""
    return next((utc(one.due_at) for one in clocks if one.key == "K-55"), row["due_at"])


def _searched(event: RetentionVerified | PersonFound, row: Row) -> Row:
    verified = {**msgspec.json.decode(row["verified"]), event.certificate: searched(event)}
    state = "verified" if isinstance(event, RetentionVerified) and row["state"] == "executed" else row["state"]
    return {"state": state, "verified": text(verified)}


def shown(row: Row) -> Row:
    """A part as it is answered."""
    plain = {name: value for name, value in row.items() if name != "position"}
    return plain | {
        name: msgspec.json.decode(row[name]) if row[name] is not None else None
        for name in ("findings", "decision", "certificates", "verified")
    }


def parts(db: Connection, incident: str | None) -> list[Row]:
    """The parts of an incident, or of all."""
    of, arguments = ("WHERE incident = ?", (incident,)) if incident is not None else ("", ())
    return [shown(dict(row)) for row in db.execute(f"SELECT * FROM retention_part {of} ORDER BY incident, register", arguments)]


def of_register(db: Connection, register: str) -> list[Row]:
    """The opened parts of a register, the last changed first."""
    found = db.execute("SELECT * FROM retention_part WHERE register = ? AND opened_at IS NOT NULL ORDER BY position DESC", (register,))
    return [shown(dict(row)) for row in found]


def people(db: Connection, incident: str, register: str, *, after: str, limit: int) -> list[Row]:
    """Who belongs to a part, by id."""
    sql = "SELECT subject, retained FROM retention_person WHERE incident = ? AND register = ? AND subject > ? ORDER BY subject LIMIT ?"
    return [dict(row) for row in db.execute(sql, (incident, register, after, limit))]
