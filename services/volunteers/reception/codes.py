"""Confirmation codes, as digests: what somebody needs to see, correct or withdraw their own registration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest

from services.volunteers.reception.forms import Forms, plain
from shared.sql.many import marks, parts
from shared.sql.pool import Pool
from shared.sql.ports import Connection, Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS code (volunteer TEXT NOT NULL, digest BLOB NOT NULL, made TEXT NOT NULL, replaced TEXT,
  PRIMARY KEY (volunteer, digest))
"""


class Fit(StrEnum):
    """Whether a code opens a registration."""

    OPENS = "opens"
    REPLACED = "replaced"  # it did, until a newer one was given out
    NONE = "none"  # never, or there is no such registration: nobody is told which


class Codes:
    """Which code opens which registration. Neither name nor contact is here."""

    def __init__(self, database: Database, forms: Forms | None = None) -> None:
        """Without forms it is only copied."""
        self._forms = forms
        self._pool = Pool(lambda: database.connect(private=True))
        with self._pool.use() as db:
            db.executescript(SCHEMA)

    def give_all(self, given: Sequence[tuple[str, str, datetime]]) -> None:
        """From now on each code opens its registration, and no other (volunteer, code, moment): all of them or none. The same one again
        changes nothing."""
        rows = [(volunteer, self._digest(volunteer, code), now.isoformat()) for volunteer, code, now in given]
        with self._pool.transaction() as db:
            for row in rows:
                _given(db, *row)

    def begin_all(self, given: Sequence[tuple[str, str, datetime]]) -> list[bool]:
        """`give_all` for who has none yet, whatever becomes of their registrations; whether each code opens now."""
        rows = [(volunteer, self._digest(volunteer, code), now.isoformat()) for volunteer, code, now in given]
        with self._pool.transaction() as db:
            opens = _known(db, [volunteer for volunteer, _, _ in given])
            fresh = {volunteer: (volunteer, digest, now) for volunteer, digest, now in reversed(rows) if volunteer not in opens}
            db.executemany("INSERT INTO code VALUES (?, ?, ?, NULL)", list(fresh.values()))
        opens |= {volunteer: {digest} for volunteer, digest, _ in fresh.values()}
        return [digest in opens[volunteer] for volunteer, digest, _ in rows]

    def fits(self, volunteer: str, code: str) -> Fit:
        """Whether this code opens it."""
        asked = self._digest(volunteer, code)
        with self._pool.use() as db:
            rows = db.execute("SELECT digest, replaced FROM code WHERE volunteer = ?", (volunteer,)).fetchall()
        found = [replaced for digest, replaced in rows if compare_digest(bytes(digest), asked)]
        if not found:
            return Fit.NONE
        return Fit.OPENS if found[0] is None else Fit.REPLACED

    def current(self, volunteer: str) -> bytes:
        """The digest of the code that opens it now: tells what was opened with an older one. Empty when there is none."""
        with self._pool.use() as db:
            row = db.execute("SELECT digest FROM code WHERE volunteer = ? AND replaced IS NULL", (volunteer,)).fetchone()
        return bytes(row[0]) if row is not None else b""

    def close(self) -> None:
        self._pool.close()

    def _digest(self, volunteer: str, code: str) -> bytes:
        if self._forms is None:
            raise ValueError("codes are compared where they were given out")
        return self._forms.mac("confirmation", volunteer, plain(code))


def _given(db: Connection, volunteer: str, digest: bytes, now: str) -> None:
    if db.execute("SELECT 1 FROM code WHERE volunteer = ? AND digest = ?", (volunteer, digest)).fetchone() is not None:
        return
    db.execute("UPDATE code SET replaced = ? WHERE volunteer = ? AND replaced IS NULL", (now, volunteer))
    db.execute("INSERT INTO code VALUES (?, ?, ?, NULL)", (volunteer, digest, now))


def _known(db: Connection, volunteers: Sequence[str]) -> dict[str, set[bytes]]:
    """Who of these has a code, and what opens the registration now."""
    found: dict[str, set[bytes]] = {}
    for some in parts(volunteers):
        asked = f"SELECT volunteer, digest, replaced FROM code WHERE volunteer IN ({marks(some)})"
        for volunteer, digest, replaced in db.execute(asked, some).fetchall():
            found.setdefault(volunteer, set()).update([bytes(digest)] if replaced is None else [])
    return found
