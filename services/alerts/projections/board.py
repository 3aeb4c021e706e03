"""What a duty room needs beside the warnings: crossings, checklists, measures, warning periods, the timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from services.alerts.events.alert import AlertCancelled, AlertExpired, AlertRatified, RatificationDue
from services.alerts.events.checklist import ChecklistItemCompleted, ChecklistOpened
from services.alerts.events.crossing import ThresholdCrossed
from services.alerts.events.measures import MeasureLifted, MeasureStarted, WarningPeriodEnded, WarningPeriodEntered
from services.alerts.projections.merging import of_incident
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
TASKS = 500  # shown at the most
CROSSING = Table(
    "crossing",
    key=("crossing",),
    columns={
        "crossing": "TEXT NOT NULL",
        "station": "TEXT NOT NULL",
        "hazard": "TEXT NOT NULL",
        "colour": "TEXT NOT NULL",
        "value": "TEXT NOT NULL",
        "hours": "TEXT NOT NULL",
        "until": "TEXT NOT NULL",
        "division": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
CHECK = Table(
    "checklist_item",
    key=("alert", "checklist", "item"),
    columns={
        "alert": "TEXT NOT NULL",
        "checklist": "TEXT NOT NULL",
        "item": "TEXT NOT NULL",
        "n": "INTEGER NOT NULL",
        "zh": "TEXT NOT NULL",
        "en": "TEXT NOT NULL",
        "outcome": "TEXT",
        "actor": "TEXT",
        "at": "TEXT",
    },
)
MEASURE = Table(
    "measure",
    key=("alert", "measure"),
    columns={
        "alert": "TEXT NOT NULL",
        "measure": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "basis": "TEXT NOT NULL",
        "division": "TEXT",
        "since": "TEXT NOT NULL",
        "lifted": "TEXT",
    },
)
PERIOD = Table(
    "warning_period",
    key=("alert",),
    columns={"alert": "TEXT NOT NULL", "division": "TEXT", "since": "TEXT NOT NULL", "until": "TEXT NOT NULL", "ended": "TEXT"},
)
RATIFICATION = Table(
    "ratification",
    key=("alert",),
    columns={"alert": "TEXT NOT NULL", "division": "TEXT", "due_at": "TEXT NOT NULL", "open": "INTEGER NOT NULL"},
)


class Board:
    """Builds the open work of a duty room."""

    tables: tuple[Table, ...] = (CROSSING, CHECK, MEASURE, PERIOD, RATIFICATION)
    listens: tuple[str, ...] = (
        "alerts.threshold.crossed",
        "alerts.checklist.opened",
        "alerts.checklist.item_completed",
        "alerts.alert.measure_started",
        "alerts.alert.measure_lifted",
        "alerts.warning_period.entered",
        "alerts.warning_period.ended",
        "alerts.alert.ratification_due",
        "alerts.alert.ratified",
        "alerts.alert.cancelled",
        "alerts.alert.expired",
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case ThresholdCrossed():
                _crossed(rows, event, at)
            case ChecklistOpened():
                for n, item in enumerate(event.items):
                    rows.put(
                        CHECK,
                        alert=event.alert,
                        checklist=event.checklist,
                        item=item.item,
                        n=n,
                        zh=item.zh,
                        en=item.en,
                        outcome=None,
                        actor=None,
                        at=None,
                    )
            case ChecklistItemCompleted():
                rows.change(CHECK, event.alert, event.checklist, event.item, outcome=event.outcome.value, actor=event.by, at=utc(event.at))
            case MeasureStarted():
                rows.put(
                    MEASURE,
                    alert=event.alert,
                    measure=event.measure,
                    kind=event.kind,
                    basis=event.basis,
                    division=at.division,
                    since=utc(event.at),
                    lifted=None,
                )
            case MeasureLifted():
                rows.change(MEASURE, event.alert, event.measure, lifted=utc(event.at))
            case WarningPeriodEntered():
                rows.put(PERIOD, alert=event.alert, division=at.division, since=utc(event.at), until=utc(event.until), ended=None)
            case WarningPeriodEnded():
                rows.change(PERIOD, event.alert, ended=utc(event.at))
            case RatificationDue():
                rows.put(RATIFICATION, alert=event.alert, division=at.division, due_at=utc(event.due_at), open=1)
            case AlertRatified() | AlertCancelled() | AlertExpired():
                rows.change(RATIFICATION, event.alert, open=0)


def _crossed(rows: Rows, event: ThresholdCrossed, at: Envelope) -> None:
    rows.put(
        CROSSING,
        crossing=event.crossing,
        station=event.station,
        hazard=event.hazard,
        colour=event.colour.value,
        value=str(event.value),
        hours=str(event.hours),
        until=utc(event.until),
        division=event.division,
        position=at.position,
    )


def open_work(db: Connection, seen: Callable[[Row], bool], incident: str | None = None) -> dict[str, list[Row]]:
    """Everything open, by kind, the tasks that are seen, of one incident if named; of the others the caller leaves out what is not."""
    queries = {
        "crossings": "SELECT * FROM crossing ORDER BY position DESC LIMIT 200",
        "measures": "SELECT * FROM measure WHERE lifted IS NULL ORDER BY since",
        "warning_periods": "SELECT * FROM warning_period WHERE ended IS NULL ORDER BY since",
        "ratifications": "SELECT alert, division, due_at FROM ratification WHERE open = 1 ORDER BY due_at",
        "published": "SELECT * FROM series WHERE own = 1 AND state = 'published' ORDER BY position DESC",
    }
    found = {name: [dict(row) for row in db.execute(sql)] for name, sql in queries.items()}
    return found | {"tasks": [row | {"roles": msgspec.json.decode(row["roles"])} for row in _tasks(db, seen, incident)]}


def _tasks(db: Connection, seen: Callable[[Row], bool], incident: str | None) -> list[Row]:
    """The newest that are seen, however many others came between them."""
    of, values = of_incident(db, incident)
    sql = f"SELECT * FROM task WHERE completed IS NULL{of} AND position < ? ORDER BY position DESC LIMIT ?"
    found, before = list[Row](), 2**62
    while len(found) < TASKS:
        rows = [dict(row) for row in db.execute(sql, (*values, before, TASKS))]
        found += filter(seen, rows)
        if len(rows) < TASKS:
            break
        before = rows[-1]["position"]
    return found[:TASKS]


def checklist(db: Connection, alert: str) -> list[dict[str, Any]]:
    """The duties of a warning in the order of the law."""
    return [dict(row) for row in db.execute("SELECT * FROM checklist_item WHERE alert = ? ORDER BY checklist, n", (alert,))]
