"""What the desks of supplies have to do."""

from __future__ import annotations

from typing import Any

import msgspec

from services.resources.events.task import SupplyTaskAssigned, SupplyTaskCompleted
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
TASK = Table(
    "supply_task",
    key=("task",),
    columns={
        "task": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "roles": "TEXT NOT NULL",
        "subject": "TEXT NOT NULL",
        "incident": "TEXT",
        "text": "TEXT NOT NULL",
        "assigned_at": "TEXT NOT NULL",
        "due": "TEXT",
        "done": "INTEGER NOT NULL",
        "outcome": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("done", "position"), ("subject", "position")),
)


class SupplyTasks:
    """Builds the list of tasks."""

    tables: tuple[Table, ...] = (TASK,)
    listens: tuple[str, ...] = ("resources.task.assigned", "resources.task.completed")

    def apply(self, rows: Rows, event: SupplyTaskAssigned | SupplyTaskCompleted, at: Envelope) -> None:
        if isinstance(event, SupplyTaskCompleted):
            rows.change(TASK, event.task, done=1, outcome=event.outcome, position=at.position)
            return
        said = {name: getattr(event, name) for name in ("task", "kind", "subject", "incident", "text")}
        due = utc(event.clocks[0].due_at) if event.clocks else None
        told = {"roles": msgspec.json.encode(event.roles).decode(), "assigned_at": utc(event.at), "due": due, "done": 0, "outcome": None}
        rows.put(TASK, **said, **told, division=at.division, visibility=at.visibility, position=at.position)


def listed(db: Connection, *, before: int | None, limit: int, **named: str | int | None) -> list[Row]:
    """Tasks, the last changed first; `named` are columns and what they must hold."""
    given = {name: value for name, value in named.items() if value is not None}
    where = " AND ".join(("position < ?", *(f"{name} = ?" for name in given)))
    values = (before if before is not None else 2**62, *given.values(), limit)
    return [dict(row) for row in db.execute(f"SELECT * FROM supply_task WHERE {where} ORDER BY position DESC LIMIT ?", values)]
