"""Hours by person and shift, what is not counted yet, and certificates. No personal value is here: people are public ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from services.volunteers.events import service as said
from shared.handling.declare import Rows, Table
from shared.handling.merging import of_incident, paged
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
SHIFT = Table(
    "service_shift",
    key=("person", "shift"),
    columns={
        "person": "TEXT NOT NULL",
        "shift": "INTEGER NOT NULL",
        "call_up": "TEXT",
        "incident": "TEXT",
        "task": "TEXT NOT NULL",
        "started": "TEXT NOT NULL",
        "ended": "TEXT",
        "minutes": "INTEGER NOT NULL",
        "days": "TEXT NOT NULL",
        "corrected": "INTEGER NOT NULL",
        "overdue": "INTEGER NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("incident", "position"), ("ended", "position")),
)
OVERLAP = Table(
    "service_overlap",
    key=("person", "overlap"),
    columns={
        "person": "TEXT NOT NULL",
        "overlap": "INTEGER NOT NULL",
        "shift": "INTEGER NOT NULL",
        "call_up": "TEXT",
        "incident": "TEXT",
        "task": "TEXT NOT NULL",
        "at_time": "TEXT NOT NULL",
        "own": "INTEGER",  # the shift that was counted until it was set aside
        "whose": "TEXT",  # of whom `shift` is, where it is another registration's
        "outcome": "TEXT",
        "division": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("outcome", "position"),),
)
CERTIFICATE = Table(
    "certificate",
    key=("certificate",),
    columns={
        "certificate": "TEXT NOT NULL",
        "check_code": "TEXT NOT NULL",
        "person": "TEXT NOT NULL",
        "minutes": "INTEGER NOT NULL",
        "incident": "TEXT",
        "first_day": "TEXT",
        "last_day": "TEXT",
        "issued_at": "TEXT NOT NULL",
        "issued_by": "TEXT NOT NULL",
        "revoked_at": "TEXT",
        "superseded_at": "TEXT",
        "reason": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("person", "position")),
)


class Hours:
    """Builds the ledger as people see it."""

    tables: tuple[Table, ...] = (SHIFT, OVERLAP, CERTIFICATE)
    listens: tuple[str, ...] = (
        *(f"volunteers.service.{name}" for name in ("started", "ended", "hours_corrected", "check_out_overdue")),
        *(f"volunteers.service.{name}" for name in ("overlap_quarantined", "overlap_resolved")),
        *(f"volunteers.certificate.{name}" for name in ("issued", "revoked", "superseded")),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case said.ServiceStarted():
                rows.put(SHIFT, **_shift(event, utc(event.at), at) | {"task": event.task})
            case said.ServiceEnded():
                ended = {"ended": utc(event.at), "minutes": event.minutes, "days": _json(event.days)}
                rows.change(SHIFT, event.person, event.shift, overdue=0, position=at.position, **ended)
            case said.HoursCorrected():
                _correct(rows, event, at)
            case said.CheckOutOverdue():
                rows.change(SHIFT, event.person, event.shift, overdue=1, position=at.position)
            case said.OverlapQuarantined():
                _put_aside(rows, event, at)
            case said.OverlapResolved():
                rows.change(OVERLAP, event.person, event.overlap, outcome=event.outcome, position=at.position)
            case said.CertificateIssued():
                rows.put(CERTIFICATE, **_certificate(event, at))
            case said.CertificateSuperseded():
                rows.change(CERTIFICATE, event.certificate, superseded_at=utc(event.at), position=at.position)
            case said.CertificateRevoked():
                rows.change(CERTIFICATE, event.certificate, revoked_at=utc(event.at), reason=event.reason, position=at.position)


def _shift(event: said.ServiceStarted | said.HoursCorrected, started: str, at: Envelope) -> Row:
    return {
        "person": event.person,
        "shift": event.shift,
        "call_up": event.call_up,
        "incident": event.incident,
        "task": "",
        "started": started,
        "ended": None,
        "minutes": 0,
        "days": "[]",
        "corrected": 0,
        "overdue": 0,
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def _correct(rows: Rows, event: said.HoursCorrected, at: Envelope) -> None:
    """A counted overlap is a shift that nothing started."""
    before = rows.get(SHIFT, event.person, event.shift) or _shift(event, utc(event.started), at)
    said_now = {"started": utc(event.started), "ended": utc(event.ended), "minutes": event.minutes, "days": _json(event.days)}
    rows.put(SHIFT, **before | said_now | {"corrected": 1, "overdue": 0, "position": at.position})


def _put_aside(rows: Rows, event: said.OverlapQuarantined, at: Envelope) -> None:
    if event.of is not None:
        rows.change(SHIFT, event.person, event.of, minutes=0, days="[]", position=at.position)
    rows.put(
        OVERLAP,
        person=event.person,
        overlap=event.overlap,
        shift=event.shift,
        call_up=event.call_up,
        incident=event.incident,
        task=event.task,
        at_time=utc(event.at),
        own=event.of,
        whose=event.whose,
        outcome=None,
        division=at.division,
        position=at.position,
    )


def _certificate(event: said.CertificateIssued, at: Envelope) -> Row:
    return {
        "certificate": event.certificate,
        "check_code": event.check,
        "person": event.person,
        "minutes": event.minutes,
        "incident": event.incident,
        "first_day": event.first.isoformat() if event.first else None,
        "last_day": event.last.isoformat() if event.last else None,
        "issued_at": utc(event.at),
        "issued_by": event.by,
        "revoked_at": None,
        "superseded_at": None,
        "reason": None,
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def totals(db: Connection, *, incident: str | None, person: str | None) -> list[Row]:
    """Minutes in the ledger by person, call-up and division, with what is open and what is not counted."""
    where, values = paged(db, None, incident=incident, person=person)
    sql = (
        "SELECT person, call_up, division, visibility, SUM(minutes) AS minutes,"
        " MAX(CASE WHEN ended IS NULL THEN COALESCE(call_up, incident) END) AS open_shift"
        f" FROM service_shift WHERE {where} GROUP BY person, call_up, division, visibility ORDER BY person"
    )
    return [dict(row) for row in db.execute(sql, values)]


def not_counted(db: Connection, *, incident: str | None) -> dict[str, int]:
    """How many check-ins of each person wait to be decided."""
    where, values = of_incident(db, incident)
    sql = f"SELECT person, COUNT(*) AS n FROM service_overlap WHERE outcome IS NULL{where} GROUP BY person"
    return {row["person"]: row["n"] for row in db.execute(sql, values)}


def overlaps_of(db: Connection, person: str) -> list[Row]:
    """Check-ins of a person that overlapped another, and what became of them."""
    return [dict(row) for row in db.execute("SELECT * FROM service_overlap WHERE person = ? ORDER BY overlap", (person,))]


def shifts(
    db: Connection, *, before: int | None, limit: int, person: str | None, incident: str | None, open: bool | None, overdue: bool | None
) -> list[Row]:
    """Shifts, the last changed first."""
    where, values = paged(db, before, person=person, incident=incident, overdue=None if overdue is None else int(overdue))
    if open is not None:
        where += f" AND ended IS {'' if open else 'NOT '}NULL"
    sql = f"SELECT * FROM service_shift WHERE {where} ORDER BY position DESC LIMIT ?"
    return [dict(row) | {"days": msgspec.json.decode(row["days"])} for row in db.execute(sql, (*values, limit))]


def shifts_of(db: Connection, person: str, incident: str | None = None) -> list[Row]:
    """All shifts of a person, in order."""
    where, values = of_incident(db, incident)
    sql = f"SELECT * FROM service_shift WHERE person = ?{where} ORDER BY shift"
    return [dict(row) | {"days": msgspec.json.decode(row["days"])} for row in db.execute(sql, (person, *values))]


def certificate(db: Connection, number: str) -> Row | None:
    """One certificate by its number, for whoever verifies it too: compare the check code before telling anything."""
    row = db.execute("SELECT * FROM certificate WHERE certificate = ?", (number,)).fetchone()
    return dict(row) if row is not None else None


def certificates(db: Connection, *, before: int | None, limit: int, person: str | None) -> list[Row]:
    """Certificates, the last changed first."""
    where, values = ("", ()) if person is None else (" AND person = ?", (person,))
    sql = f"SELECT * FROM certificate WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]


def duplicates_of(db: Connection, person: str) -> list[str]:
    """Second registrations of a person that were merged into this one: their hours are theirs too."""
    return [row["volunteer"] for row in db.execute("SELECT volunteer FROM volunteer WHERE kept = ? ORDER BY volunteer", (person,))]


def led_by(db: Connection, leader: str) -> frozenset[tuple[str, str]]:
    """Call-up and person of whom a post led: of forces on file alone, and of who came with them."""
    sql = (
        "SELECT p.call_up, p.members, p.gone FROM callup_party p JOIN force f ON f.force = p.holder"
        " WHERE f.leader = ? AND p.is_force = 1 AND f.status NOT IN ('applied', 'returned', 'deregistered')"
    )
    return frozenset(_came(db.execute(sql, (leader,))))


def came_with(db: Connection, force: str) -> frozenset[tuple[str, str]]:
    """Call-up and person of whoever came with a force."""
    sql = "SELECT call_up, members, gone FROM callup_party WHERE is_force = 1 AND holder = ?"
    return frozenset(_came(db.execute(sql, (force,))))


def _came(found: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for row in found:
        for person in (*msgspec.json.decode(row["members"]), *msgspec.json.decode(row["gone"])):
            yield row["call_up"], person
