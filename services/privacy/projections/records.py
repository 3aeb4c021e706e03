"""Of whom what is held for what, without a value; and where each record stands (domain 3.25)."""

from __future__ import annotations

from typing import Any

import msgspec

from services.privacy.deciders.streams import STANDING
from services.privacy.events.record import (
    ConsentWithdrawn,
    DeferredNoticeGiven,
    PersonalDataAttached,
    PersonalDataCollected,
    PersonalDataCorrected,
    PersonalDataDestroyed,
    PersonalDataJoined,
    PersonalDataLocked,
    PersonalDataLockReleased,
    PersonalDataRestricted,
    RestrictionLifted,
)
from services.privacy.projections.listing import Row, decoded, text
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

RECORD = Table(
    "personal_record",
    key=("subject", "register", "purpose"),
    columns={
        "subject": "TEXT NOT NULL",
        "register": "TEXT NOT NULL",
        "purpose": "TEXT NOT NULL",
        "owner": "TEXT NOT NULL",
        "incident": "TEXT",
        "state": "TEXT NOT NULL",  # held | restricted (asked to be deleted) | withdrawn | destroyed
        "fields": "TEXT NOT NULL",
        "sensitive": "TEXT NOT NULL",
        "basis": "TEXT NOT NULL",
        "notice": "TEXT",
        "deferred": "TEXT",
        "collected_at": "TEXT NOT NULL",
        "corrected_at": "TEXT",
        "certificate": "TEXT",
        "division": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("incident", "owner"), ("state",)),
)
LOCK = Table(
    "personal_lock",
    key=("subject", "lock"),
    columns={
        "subject": "TEXT NOT NULL",
        "lock": "TEXT NOT NULL",
        "reason": "TEXT NOT NULL",
        "basis": "TEXT NOT NULL",
        "until": "TEXT NOT NULL",
    },
)
KEYS = Table(  # which records a person has, since a unit of work finds rows by their keys alone
    "personal_keys", key=("subject",), columns={"subject": "TEXT NOT NULL", "keys": "TEXT NOT NULL"}
)
_FACTS = (
    *("collected", "attached", "joined", "corrected", "notice_given", "locked", "lock_released", "consent_withdrawn"),
    *("restricted", "restriction_lifted", "destroyed"),
)


class Records:
    """Builds the records and the locks."""

    tables: tuple[Table, ...] = (RECORD, LOCK, KEYS)
    listens: tuple[str, ...] = tuple(f"privacy.personal_data.{name}" for name in _FACTS)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case PersonalDataCollected():
                _collected(rows, event, at)
            case PersonalDataAttached() | PersonalDataJoined():
                rows.change(RECORD, event.subject, event.register, event.purpose, incident=event.incident, position=at.position)
            case PersonalDataLocked(subject=subject, lock=lock):
                said = {"reason": event.reason, "basis": event.basis, "until": utc(event.until)}
                rows.put(LOCK, subject=subject, lock=lock, **said)
            case PersonalDataLockReleased(subject=subject, lock=lock):
                rows.delete(LOCK, subject, lock)
            case PersonalDataDestroyed():
                for register, purpose in zip(event.registers, event.purposes, strict=True):
                    gone = {"state": "destroyed", "fields": "[]", "sensitive": "[]", "certificate": event.certificate}
                    rows.change(RECORD, event.subject, register, purpose, position=at.position, **gone)
            case DeferredNoticeGiven(notice=notice):
                _each(rows, event, at, notice=notice, deferred=None)
            case PersonalDataRestricted(subject=subject, purposes=purposes):
                for purpose in purposes:
                    rows.change(RECORD, subject, STANDING, purpose, state="restricted", position=at.position)
            case RestrictionLifted(subject=subject):
                _lifted(rows, subject, at)
            case ConsentWithdrawn():
                _each(rows, event, at, state="withdrawn")
            case PersonalDataCorrected():
                _each(rows, event, at, corrected_at=utc(event.at))


def _lifted(rows: Rows, subject: str, at: Envelope) -> None:
    held = rows.get(KEYS, subject)
    for register, purpose in msgspec.json.decode(held["keys"]) if held else []:
        row = rows.get(RECORD, subject, register, purpose)
        if row is not None and row["state"] == "restricted":
            rows.change(RECORD, subject, register, purpose, state="held", position=at.position)


def _collected(rows: Rows, event: PersonalDataCollected, at: Envelope) -> None:
    before = rows.get(RECORD, event.subject, event.register, event.purpose)
    known: list[str] = msgspec.json.decode(before["fields"]) if before else []
    marked: list[str] = msgspec.json.decode(before["sensitive"]) if before else []
    rows.put(
        RECORD,
        subject=event.subject,
        register=event.register,
        purpose=event.purpose,
        owner=event.owner,
        incident=before["incident"] if before else event.incident,
        state="held",
        fields=text(list(dict.fromkeys((*known, *event.fields)))),
        sensitive=text(list(dict.fromkeys((*marked, *event.sensitive)))),
        basis=event.basis,
        notice=event.notice,
        deferred=event.deferred,
        collected_at=before["collected_at"] if before else utc(event.at),
        corrected_at=before["corrected_at"] if before else None,
        certificate=None,
        division=at.division,
        position=at.position,
    )
    if before is None:
        held = rows.get(KEYS, event.subject)
        keys = [*(msgspec.json.decode(held["keys"]) if held else []), [event.register, event.purpose]]
        rows.put(KEYS, subject=event.subject, keys=text(keys))


def _each(rows: Rows, event: DeferredNoticeGiven | ConsentWithdrawn | PersonalDataCorrected, at: Envelope, **changed: Any) -> None:
    """Every record of the person for that purpose and incident."""
    held = rows.get(KEYS, event.subject)
    for register, purpose in msgspec.json.decode(held["keys"]) if held else []:
        row = rows.get(RECORD, event.subject, register, purpose)
        if row is not None and purpose == event.purpose and row["incident"] == event.incident and row["state"] != "destroyed":
            rows.change(RECORD, event.subject, register, purpose, position=at.position, **changed)


def of_subject(db: Connection, subject: str) -> list[Row]:
    """The records of one person."""
    found = db.execute("SELECT * FROM personal_record WHERE subject = ? ORDER BY register, purpose", (subject,))
    return [decoded(dict(row), "fields", "sensitive") for row in found]


def locks_of(db: Connection, subject: str) -> list[Row]:
    """What locks a person's data."""
    return [dict(row) for row in db.execute("SELECT lock, reason, basis, until FROM personal_lock WHERE subject = ?", (subject,))]


def counted(db: Connection, incident: str | None) -> Row:
    """How many keys of incidents there are and how they stand; standing records are counted apart."""
    of, arguments = ("incident = ?", (incident,)) if incident is not None else ("incident IS NOT NULL", ())
    row = db.execute(
        f"SELECT count(*), count(DISTINCT CASE WHEN state = 'destroyed' THEN subject END) FROM personal_record WHERE {of}", arguments
    ).fetchone()
    standing = db.execute(
        "SELECT count(CASE WHEN state <> 'destroyed' THEN 1 END), count(DISTINCT CASE WHEN state = 'destroyed' THEN subject END)"
        " FROM personal_record WHERE register = 'register'"
    ).fetchone()
    owed = db.execute(f"SELECT count(*) FROM personal_record WHERE {of} AND deferred IS NOT NULL AND state = 'held'", arguments).fetchone()
    return {"keys": row[0], "destroyed": row[1], "standing": standing[0], "standing_destroyed": standing[1], "notices_owed": owed[0]}


def certified(db: Connection, certificate: str) -> list[str]:
    """Whose data were destroyed under a certificate."""
    found = db.execute("SELECT DISTINCT subject FROM personal_record WHERE certificate = ? ORDER BY subject", (certificate,))
    return [row[0] for row in found]
