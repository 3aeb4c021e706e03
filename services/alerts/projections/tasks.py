"""Who has what to do, how far it is, and how far up an overdue task was told."""

from __future__ import annotations

from typing import Any

from services.alerts.events.task import (
    TaskAborted,
    TaskAccepted,
    TaskAssigned,
    TaskCompleted,
    TaskDelegated,
    TaskOverdue,
    TaskProgressReported,
    TaskRefused,
    TaskSuspended,
    TaskVerified,
    TaskWithdrawn,
)
from services.alerts.projections.joining import text
from services.alerts.projections.merging import of_incident
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
TASK = Table(
    "task",
    key=("task",),
    columns={
        "task": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "roles": "TEXT NOT NULL",
        "areas": "TEXT NOT NULL",
        "executor": "TEXT NOT NULL",
        "subject": "TEXT NOT NULL",
        "text": "TEXT NOT NULL",
        "feedback": "TEXT NOT NULL",
        "given_by": "TEXT NOT NULL",
        "incident": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "assigned": "TEXT NOT NULL",
        "due": "TEXT",
        "percent": "INTEGER",
        "told": "TEXT",  # the last that was said of it: progress, refusal, outcome
        "escalated": "INTEGER NOT NULL",  # levels above its division that were told it is overdue
        "completed": "TEXT",  # when it was over, however
        "position": "INTEGER NOT NULL",
    },
    indexes=(("completed", "position"), ("position",), ("executor", "completed"), ("incident", "completed")),
)
_OF_TASKS = ("assigned", "accepted", "refused", "delegated", "progress_reported", "verified", "completed", "aborted", "withdrawn")


class Tasks:
    """Builds the task board."""

    tables: tuple[Table, ...] = (TASK,)
    listens: tuple[str, ...] = tuple(f"alerts.task.{name}" for name in (*_OF_TASKS, "suspended", "overdue"))

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if isinstance(event, TaskAssigned):
            rows.put(TASK, **_assigned(event, at))
            return
        rows.change(TASK, event.task, position=at.position, **_changed(event))


def _assigned(event: TaskAssigned, at: Envelope) -> Row:
    return {
        "task": event.task,
        "kind": event.kind,
        "state": "open",
        "roles": text(event.roles),
        "areas": text(event.areas),
        "executor": event.executor,
        "subject": event.subject,
        "text": event.text,
        "feedback": event.feedback,
        "given_by": event.by,
        "incident": event.incident,
        "division": event.division,
        "visibility": at.visibility,
        "assigned": utc(event.at),
        "due": utc(event.due) if event.due else None,
        "percent": None,
        "told": None,
        "escalated": 0,
        "completed": None,
        "position": at.position,
    }


def _changed(event: Any) -> Row:
    match event:
        case TaskAccepted(by=by):
            return {"state": "accepted", "told": by}
        case TaskRefused(reason=reason):
            return {"state": "refused", "told": reason}
        case TaskDelegated(executor=executor, reason=reason):
            return {"state": "open", "executor": executor, "told": reason}
        case TaskProgressReported():
            percent = 100 if event.finished else event.percent
            return {"state": "reported" if event.finished else "in progress", "percent": percent, "told": event.text}
        case TaskVerified(passed=passed, note=note):
            return {"state": "verified" if passed else "in progress", "told": note}
        case TaskSuspended(withdrawal=withdrawal):
            return {"state": "suspended", "told": withdrawal}
        case TaskOverdue(steps=steps):
            return {"escalated": steps}
        case TaskCompleted(outcome=outcome):
            return {"state": "done", "told": outcome, "completed": utc(event.at)}
        case TaskAborted(reason=reason):
            return {"state": "aborted", "told": reason, "completed": utc(event.at)}
        case TaskWithdrawn(reason=reason):
            return {"state": "withdrawn", "told": reason, "completed": utc(event.at)}
        case _:
            return {}


def open_of(db: Connection, incident: str) -> list[str]:
    """The tasks of an incident that are not over."""
    of, values = of_incident(db, incident)
    return [row["task"] for row in db.execute(f"SELECT task FROM task WHERE completed IS NULL{of} ORDER BY position", values)]


def listed(
    db: Connection, *, before: int | None, limit: int, open: bool | None, state: str | None, incident: str | None, executor: str | None
) -> list[Row]:
    """Tasks, the last changed first."""
    where, values = of_incident(db, incident)
    if open is not None:
        where += f" AND completed IS {'' if open else 'NOT '}NULL"
    for name, value in (("state", state), ("executor", executor)):
        if value is not None:
            where, values = f"{where} AND {name} = ?", (*values, value)
    sql = f"SELECT * FROM task WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]
