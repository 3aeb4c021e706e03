"""Claims for relief with their steps, and households, by public ids. A row holds the claim as the decider folds it."""

from __future__ import annotations

from typing import Any

import msgspec

from services.resources.deciders.relief.state import Claim, evolve
from services.resources.events.household import HouseholdRegistered
from shared.handling.declare import Rows, Table
from shared.handling.merging import paged
from shared.kernel.decoding import decoder
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, registered
from shared.sql.ports import Connection

Row = dict[str, Any]
CLAIM = Table(
    "relief",
    key=("relief",),
    columns={
        "relief": "TEXT NOT NULL",
        "household": "TEXT NOT NULL",
        "incident": "TEXT",
        "state": "TEXT NOT NULL",
        "body": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("household", "position"), ("incident", "position"), ("state", "position")),
)
HOUSEHOLD = Table(
    "household",
    key=("household",),
    columns={
        "household": "TEXT NOT NULL",
        "persons": "INTEGER NOT NULL",
        "fields": "TEXT NOT NULL",
        "division": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
RELIEF = tuple(dict.fromkeys(family(name) for name, _ in registered("resources") if name.split(".")[1] == "relief"))
_claims = decoder(Claim)


class Relief:
    """Builds the claims and the households."""

    tables: tuple[Table, ...] = (CLAIM, HOUSEHOLD)
    listens: tuple[str, ...] = (*RELIEF, "resources.household.registered", "resources.clock.missed")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        kind, _, name = at.streamid.partition("-")
        if isinstance(event, HouseholdRegistered):
            said = {"persons": event.persons, "fields": msgspec.json.encode(event.fields).decode()}
            rows.put(HOUSEHOLD, household=event.household, division=event.village, position=at.position, **said)
        elif kind == "relief":
            before = rows.get(CLAIM, name)
            claim = evolve(_claims.decode(before["body"]) if before else Claim(), event)
            rows.put(
                CLAIM,
                relief=name,
                household=claim.household,
                incident=claim.incident,
                state=claim.status,
                body=msgspec.json.encode(claim).decode(),
                division=at.division,
                visibility=at.visibility,
                position=at.position,
            )


def of(row: Row) -> Claim:
    """The claim of a row."""
    return _claims.decode(row["body"])


def find(db: Connection, relief: str) -> Row | None:
    """A claim by its id."""
    row = db.execute("SELECT * FROM relief WHERE relief = ?", (relief,)).fetchone()
    return dict(row) if row is not None else None


def listed(db: Connection, *, before: int | None, limit: int, **named: str | None) -> list[Row]:
    """Claims, the last changed first; `named` are columns and what they must hold."""
    where, values = paged(db, before, **named)
    return [dict(row) for row in db.execute(f"SELECT * FROM relief WHERE {where} ORDER BY position DESC LIMIT ?", (*values, limit))]


def households(db: Connection, *, before: int | None, limit: int) -> list[Row]:
    """Households, the last registered first."""
    values = (before if before is not None else 2**62, limit)
    return [dict(row) for row in db.execute("SELECT * FROM household WHERE position < ? ORDER BY position DESC LIMIT ?", values)]
