"""Honours, cases of harm, and the work of the desks that look after volunteers."""

from __future__ import annotations

from typing import Any

import msgspec

from services.volunteers.events import honour as said
from services.volunteers.events.task import VolunteerTaskAssigned, VolunteerTaskCompleted
from shared.handling.declare import Rows, Table
from shared.handling.merging import of_incident
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
_PLACED = {"division": "TEXT", "visibility": "TEXT NOT NULL", "position": "INTEGER NOT NULL"}
HONOUR = Table(
    "honour",
    key=("honour",),
    columns={
        "honour": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "holder": "TEXT NOT NULL",
        "minutes": "INTEGER NOT NULL",
        "reason": "TEXT NOT NULL",
        "named": "INTEGER NOT NULL",
        "consent": "INTEGER",
        "document": "TEXT",
        "told": "TEXT",
        "incident": "TEXT",
        "nominated_at": "TEXT NOT NULL",
        **_PLACED,
    },
    indexes=(("position",), ("holder", "position")),
)
INJURY = Table(
    "injury",
    key=("injury",),
    columns={
        "injury": "TEXT NOT NULL",
        "person": "TEXT NOT NULL",
        "harm": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "happened": "TEXT",
        "missing": "TEXT NOT NULL",
        "filed_at": "TEXT",
        "filed_late": "INTEGER NOT NULL",
        "told": "TEXT",
        "incident": "TEXT",
        **_PLACED,
    },
    indexes=(("position",),),
)
TASK = Table(
    "desk_task",
    key=("task",),
    columns={
        "task": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "roles": "TEXT NOT NULL",
        "subject": "TEXT NOT NULL",
        "text": "TEXT NOT NULL",
        "incident": "TEXT",
        "assigned": "TEXT NOT NULL",
        "due": "TEXT",
        "completed": "TEXT",
        "outcome": "TEXT",
        **_PLACED,
    },
    indexes=(("position",), ("completed", "position")),
)


class Honours:
    """Builds the lists of honours, cases of harm and tasks."""

    tables: tuple[Table, ...] = (HONOUR, INJURY, TASK)
    listens: tuple[str, ...] = (
        *(f"volunteers.honour.{name}" for name in ("nominated", "reviewed", "consented", "notice_posted", "granted", "refused", "revoked")),
        *(f"volunteers.injury.{name}" for name in ("reported", "filed", "recognised")),
        *(f"volunteers.task.{name}" for name in ("assigned", "completed")),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case said.HonourNominated():
                rows.put(HONOUR, **_nominated(event), **_placed(at))
            case said.InjuryReported():
                rows.put(INJURY, **_reported(event), **_placed(at))
            case VolunteerTaskAssigned():
                rows.put(TASK, **_assigned(event), **_placed(at))
            case VolunteerTaskCompleted():
                rows.change(TASK, event.task, completed=utc(event.at), outcome=event.outcome, position=at.position)
            case said.InjuryFiled() | said.InjuryRecognised():
                rows.change(INJURY, event.injury, position=at.position, **_of_injury(event))
            case _:
                rows.change(HONOUR, event.honour, position=at.position, **_of_honour(event))


def _placed(at: Envelope) -> Row:
    return {"division": at.division, "visibility": at.visibility, "position": at.position}


def _nominated(event: said.HonourNominated) -> Row:
    return {
        "honour": event.honour,
        "kind": event.kind,
        "state": "nominated",
        "holder": event.volunteer or event.force or "",
        "minutes": event.minutes,
        "reason": event.reason,
        "named": 0,
        "consent": None,
        "document": None,
        "told": None,
        "incident": event.incident,
        "nominated_at": utc(event.at),
    }


def _reported(event: said.InjuryReported) -> Row:
    return {
        "injury": event.injury,
        "person": event.person,
        "harm": event.harm,
        "state": "reported",
        "happened": utc(event.happened) if event.happened else None,
        "missing": _json(event.missing),
        "filed_at": None,
        "filed_late": 0,
        "told": None,
        "incident": event.incident,
    }


def _assigned(event: VolunteerTaskAssigned) -> Row:
    return {
        "task": event.task,
        "kind": event.kind,
        "roles": _json(event.roles),
        "subject": event.subject,
        "text": event.text,
        "incident": event.incident,
        "assigned": utc(event.at),
        "due": utc(event.clocks[0].due_at) if event.clocks else None,
        "completed": None,
        "outcome": None,
    }


def _of_honour(event: Any) -> Row:
    match event:
        case said.HonourReviewed(passed=passed):
            return {"state": "reviewed" if passed else "refused", "told": event.reason}
        case said.HonourConsented(consent=consent):
            return {"consent": int(consent)}
        case said.HonourNoticePosted(named=named):
            return {"state": "posted", "named": int(named)}
        case said.HonourGranted(document=document):
            return {"state": "granted", "document": document}
        case said.HonourRefused(reason=reason):
            return {"state": "refused", "told": reason}
        case said.HonourRevoked(reason=reason):
            return {"state": "revoked", "told": reason}
        case _:
            return {}


def _of_injury(event: said.InjuryFiled | said.InjuryRecognised) -> Row:
    if isinstance(event, said.InjuryFiled):
        return {"state": "filed", "filed_at": utc(event.at), "filed_late": int(event.late)}
    return {"state": "recognised" if event.recognised else "not recognised", "told": event.reason}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def honours(db: Connection, *, before: int | None, limit: int, holder: str | None) -> list[Row]:
    """Honours, the last changed first."""
    where, values = ("", ()) if holder is None else (" AND holder = ?", (holder,))
    return _listed(db, "honour", where, values, before, limit)


def injuries(db: Connection, *, before: int | None, limit: int) -> list[Row]:
    """Cases of harm, the last changed first."""
    return [row | {"missing": msgspec.json.decode(row["missing"])} for row in _listed(db, "injury", "", (), before, limit)]


def tasks(db: Connection, *, before: int | None, limit: int, open: bool | None, incident: str | None) -> list[Row]:
    """Tasks of the desks, the last changed first."""
    where, values = of_incident(db, incident)
    where += "" if open is None else f" AND completed IS {'' if open else 'NOT '}NULL"
    rows = _listed(db, "desk_task", where, values, before, limit)
    return [row | {"roles": msgspec.json.decode(row["roles"])} for row in rows]


def _listed(db: Connection, table: str, where: str, values: tuple[str, ...], before: int | None, limit: int) -> list[Row]:
    sql = f"SELECT * FROM {table} WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]
