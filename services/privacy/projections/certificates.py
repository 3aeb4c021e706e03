"""Destructions with their certificates, and who holds copies."""

from __future__ import annotations

from typing import Any

import msgspec

from services.privacy.events.certificate import (
    CopyDestructionConfirmed,
    CopyHolderRegistered,
    CopyHolderReleased,
    DestructionBegun,
    DestructionCertified,
    DestructionCompleted,
    DestructionSearched,
)
from services.privacy.events.retention import PersonFound, RetentionVerified
from services.privacy.projections.listing import Row, decoded, listed, searched, text
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

CERTIFICATE = Table(
    "certificate",
    key=("certificate",),
    columns={
        "certificate": "TEXT NOT NULL",
        "incident": "TEXT",
        "register": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",  # begun | certified | complete
        "subjects": "INTEGER NOT NULL",
        "what": "TEXT",
        "log_position": "INTEGER",
        "chain": "TEXT",
        "root": "TEXT",
        "outstanding": "TEXT NOT NULL",
        "confirmed": "TEXT NOT NULL",
        "begun_at": "TEXT NOT NULL",
        "certified_at": "TEXT",
        "completed_at": "TEXT",
        "verified": "TEXT",  # what the last search found; None: not searched
        "finders": "INTEGER",  # numbers in reports of before the vault that the search found, which nothing destroys; None: not searched
        "division": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("incident",)),
)
HOLDER = Table(
    "copy_holder",
    key=("holder",),
    columns={
        "holder": "TEXT NOT NULL",
        "name": "TEXT NOT NULL",
        "what": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "until": "TEXT",
        "division": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)


class Certificates:
    """Builds the certificates and the copy holders."""

    tables: tuple[Table, ...] = (CERTIFICATE, HOLDER)
    listens: tuple[str, ...] = (
        *(f"privacy.destruction.{name}" for name in ("begun", "certified", "copy_confirmed", "completed", "searched")),
        *(f"privacy.retention.{name}" for name in ("verified", "person_found")),
        "privacy.holder.registered",
        "privacy.holder.released",
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case DestructionBegun():
                rows.put(CERTIFICATE, **_begun(event, at))
            case CopyHolderRegistered(holder=holder, name=name, what=what, division=division):
                said = {"since": utc(event.at), "until": None, "division": division, "position": at.position}
                rows.put(HOLDER, holder=holder, name=name, what=what, **said)
            case CopyHolderReleased(holder=holder):
                rows.change(HOLDER, holder, until=utc(event.at), position=at.position)
            case _:
                row = rows.get(CERTIFICATE, event.certificate)
                if row is not None:
                    rows.change(CERTIFICATE, event.certificate, position=at.position, **_changed(event, row))


def _begun(event: DestructionBegun, at: Envelope) -> Row:
    none = dict.fromkeys(("what", "log_position", "chain", "root", "certified_at", "completed_at", "verified", "finders"))
    return {
        "certificate": event.certificate,
        "incident": event.incident,
        "register": event.register,
        "state": "begun",
        "subjects": event.subjects,
        **none,
        "outstanding": "[]",
        "confirmed": "[]",
        "begun_at": utc(event.at),
        "division": event.division,
        "position": at.position,
    }


def _changed(event: Any, row: Row) -> Row:
    match event:
        case RetentionVerified() | PersonFound() | DestructionSearched():
            return {"finders": event.finders, "verified": text(searched(event))}
        case DestructionCertified():
            said = {"what": event.what, "log_position": event.position, "chain": event.chain, "root": event.root}
            return said | {"state": "certified", "outstanding": text(event.outstanding), "certified_at": utc(event.at)}
        case CopyDestructionConfirmed(holder=holder):
            left = [one for one in msgspec.json.decode(row["outstanding"]) if one != holder]
            return {"outstanding": text(left), "confirmed": text([*msgspec.json.decode(row["confirmed"]), holder])}
        case DestructionCompleted():
            return {"state": "complete", "completed_at": utc(event.at)}
        case _:
            return {}


def certificates(db: Connection, *, before: int | None = None, limit: int = 500, incident: str | None = None) -> list[Row]:
    """Certificates, the last changed first."""
    found = listed(db, "certificate", before=before, limit=limit, incident=incident)
    return [decoded(row, "outstanding", "confirmed", "verified") for row in found]


def find(db: Connection, certificate: str) -> Row | None:
    """One destruction."""
    row = db.execute("SELECT * FROM certificate WHERE certificate = ?", (certificate,)).fetchone()
    return None if row is None else dict(row)


def holders(db: Connection) -> list[Row]:
    """Who holds copies now."""
    return [dict(row) for row in db.execute("SELECT * FROM copy_holder WHERE until IS NULL ORDER BY holder")]
