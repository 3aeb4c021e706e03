"""What is lent, to whom, until when."""

from __future__ import annotations

from typing import Any

import msgspec

from services.resources.events.loan import LoanMade, LoanReturned
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
LOAN = Table(
    "loan",
    key=("loan",),
    columns={
        "loan": "TEXT NOT NULL",
        "store": "TEXT NOT NULL",
        "borrower": "TEXT NOT NULL",
        "items": "TEXT NOT NULL",
        "lots": "TEXT NOT NULL",
        "out": "TEXT NOT NULL",  # lot -> still with the borrower
        "cause": "TEXT NOT NULL",
        "by": "TEXT NOT NULL",
        "at": "TEXT NOT NULL",
        "due_at": "TEXT NOT NULL",
        "over": "INTEGER NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("store", "position")),
)


class Loans:
    """Builds the list of loans."""

    tables: tuple[Table, ...] = (LOAN,)
    listens: tuple[str, ...] = ("resources.loan.made", "resources.loan.returned")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case LoanMade():
                said = {"loan": event.loan, "store": event.store, "borrower": event.borrower, "cause": event.cause, "by": event.by}
                lots = {"items": _json(event.items), "lots": _json(event.lots), "out": _json(event.lots)}
                times = {"at": utc(event.at), "due_at": utc(event.clocks[0].due_at), "over": 0}
                where = {"division": at.division, "visibility": at.visibility, "position": at.position}
                rows.put(LOAN, **said, **lots, **times, **where)
            case LoanReturned():
                row = rows.get(LOAN, event.loan)
                if row is not None:
                    out = {lot: qty - event.lots.get(lot, 0) for lot, qty in msgspec.json.decode(row["out"]).items()}
                    left = _json({lot: qty for lot, qty in out.items() if qty})
                    rows.change(LOAN, event.loan, out=left, over=int(event.over), position=at.position)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def shown(row: Row, now: str) -> Row:
    """A loan as it is answered."""
    kept = {name: value for name, value in row.items() if name not in ("division", "visibility", "position")}
    lists = {name: msgspec.json.decode(row[name]) for name in ("items", "lots", "out")}
    return kept | lists | {"over": bool(row["over"]), "overdue": not row["over"] and row["due_at"] <= now}


def listed(db: Connection, *, before: int | None, limit: int, store: str | None) -> list[Row]:
    """Loans, the last changed first."""
    where = "position < ?" + (" AND store = ?" if store else "")
    values = (before if before is not None else 2**62, *((store,) if store else ()), limit)
    return [dict(row) for row in db.execute(f"SELECT * FROM loan WHERE {where} ORDER BY position DESC LIMIT ?", values)]


def overdue(db: Connection, now: str) -> list[Row]:
    """Loans that should be back, the oldest first."""
    return [shown(dict(row), now) for row in db.execute("SELECT * FROM loan WHERE over = 0 AND due_at <= ? ORDER BY due_at, loan", (now,))]
