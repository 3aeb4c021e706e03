"""Requests with their lines, and what was promised to them. A row holds the request as the decider folds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from services.resources.deciders.allocations.state import Allocation
from services.resources.deciders.allocations.state import evolve as allocation_after
from services.resources.deciders.requests.state import OVER, Request
from services.resources.deciders.requests.state import evolve as request_after
from services.resources.events.allocation import AllocationMade
from services.resources.events.clock import ClockMissed
from shared.handling.declare import Rows, Table
from shared.handling.merging import paged
from shared.handling.timers import utc
from shared.kernel.decoding import decoder
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, registered
from shared.sql.ports import Connection

Row = dict[str, Any]
REQUEST = Table(
    "supply_request",
    key=("request",),
    columns={
        "request": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "open": "INTEGER NOT NULL",
        "incident": "TEXT",
        "store": "TEXT",  # where the goods are to come
        "due": "TEXT NOT NULL",  # the earliest of what runs: needed by, deadlines
        "body": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("open", "position"), ("incident", "position")),
)
ALLOCATION = Table(
    "allocation",
    key=("allocation",),
    columns={
        "allocation": "TEXT NOT NULL",
        "request": "TEXT NOT NULL",
        "body": "TEXT NOT NULL",
        "why": "TEXT NOT NULL",  # rule, what it was given, reason, by whom and when
        "position": "INTEGER NOT NULL",
    },
    indexes=(("request", "position"),),
)
MISSED = "resources.clock.missed"
_requests, _allocations = decoder(Request), decoder(Allocation)


def _families(aggregate: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(family(name) for name, _ in registered("resources") if name.split(".")[1] == aggregate))


class Requests:
    """Builds the tree of each request."""

    tables: tuple[Table, ...] = (REQUEST, ALLOCATION)
    listens: tuple[str, ...] = (*_families("supply_request"), *_families("allocation"), MISSED)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        kind, _, name = at.streamid.partition("-")
        if kind == "request":
            _asked(rows, name, event, at)
        elif kind == "allocation" and not isinstance(event, ClockMissed):
            _promised(rows, name, event, at)


def _asked(rows: Rows, name: str, event: Any, at: Envelope) -> None:
    before = rows.get(REQUEST, name)
    request = request_after(_requests.decode(before["body"]) if before else Request(), event)
    dues = [due.due_at for due in request.clocks.open()] + ([request.needed_by] if request.open and request.needed_by else [])
    rows.put(
        REQUEST,
        request=name,
        state=request.status,
        open=int(request.status not in OVER),
        incident=request.incident,
        store=request.to_store,
        due=utc(min(dues)) if dues else "9",
        body=msgspec.json.encode(request).decode(),
        division=at.division,
        visibility=at.visibility,
        position=at.position,
    )


def _promised(rows: Rows, name: str, event: Any, at: Envelope) -> None:
    before = rows.get(ALLOCATION, name)
    allocation = allocation_after(_allocations.decode(before["body"]) if before else Allocation(), event)
    why = before["why"] if before else "{}"
    if isinstance(event, AllocationMade):
        said = {"scarcity": event.scarcity, "inputs": event.inputs, "reason": event.reason, "by": event.by, "at": utc(event.at)}
        why = msgspec.json.encode(said | {"substitutes": event.substitutes}).decode()
    body = msgspec.json.encode(allocation).decode()
    rows.put(ALLOCATION, allocation=name, request=allocation.request, body=body, why=why, position=at.position)


def find(db: Connection, request: str) -> tuple[Row, Request] | None:
    """One request: its row, and what it is."""
    row = db.execute("SELECT * FROM supply_request WHERE request = ?", (request,)).fetchone()
    return (dict(row), of(dict(row))) if row is not None else None


def of(row: Row) -> Request:
    """The request a row holds."""
    return _requests.decode(row["body"])


def listed(
    db: Connection,
    *,
    before: int | None,
    limit: int,
    open: bool | None = None,
    incident: str | None = None,
    store: str | None = None,
    due: str | None = None,
) -> list[Row]:
    """Requests, the last changed first; `due`: only with something that was due by then."""
    where, values = paged(db, before, open=None if open is None else int(open), incident=incident, store=store)
    if due is not None:
        where, values = f"{where} AND due <= ?", (*values, due)
    return [dict(row) for row in db.execute(f"SELECT * FROM supply_request WHERE {where} ORDER BY position DESC LIMIT ?", (*values, limit))]


def open_ones(db: Connection) -> Iterator[Request]:
    """Every request that is open."""
    for row in db.execute("SELECT body FROM supply_request WHERE open = 1 ORDER BY request"):
        yield _requests.decode(row["body"])


def promised(db: Connection, request: str) -> list[tuple[Allocation, Row]]:
    """What was promised to a request, in order, cancelled ones too; and why."""
    rows = db.execute("SELECT body, why FROM allocation WHERE request = ? ORDER BY position", (request,))
    return [(_allocations.decode(row["body"]), msgspec.json.decode(row["why"])) for row in rows]


def allocation(db: Connection, name: str) -> tuple[Allocation, Row] | None:
    """One allocation, and why it was made."""
    row = db.execute("SELECT body, why FROM allocation WHERE allocation = ?", (name,)).fetchone()
    return None if row is None else (_allocations.decode(row["body"]), msgspec.json.decode(row["why"]))
