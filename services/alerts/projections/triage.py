"""What waits for a person, and the figures of an incident from all its reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from services.alerts.deciders.reports.figures import newest, uppermost
from services.alerts.events.report import Why
from services.alerts.events.triage import (
    FiguresEntered,
    FiguresEvent,
    FiguresSettled,
    TriageEvent,
    TriageJoined,
    TriageLeft,
    TriageOpened,
    TriageResolved,
)
from services.alerts.projections.joining import text
from services.alerts.projections.merging import of_incident
from services.alerts.projections.reports import number
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
TRIAGE = Table(
    "triage",
    key=("triage",),
    columns={
        "triage": "TEXT NOT NULL",
        "round": "INTEGER NOT NULL",
        "kind": "TEXT NOT NULL",
        "open": "INTEGER NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "incident": "TEXT",
        "reports": "TEXT NOT NULL",
        "doubts": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "due_at": "TEXT",
        "finding": "TEXT",
        "reason": "TEXT",
        "settled_by": "TEXT",
        "settled": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("open", "position"),),
)
FIGURE = Table(
    "figure",
    key=("incident", "metric", "report", "counts"),  # what counts, and beside it what the same report says and is in doubt
    columns={
        "incident": "TEXT NOT NULL",
        "metric": "TEXT NOT NULL",
        "report": "TEXT NOT NULL",
        "root": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "above": "TEXT NOT NULL",
        "value": "TEXT NOT NULL",
        "unit": "TEXT NOT NULL",
        "as_of": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "source": "TEXT NOT NULL",
        "counts": "INTEGER NOT NULL",
        "doubt": "TEXT",
        "position": "INTEGER NOT NULL",
    },
)
OF_REPORT = Table("figure_of_report", key=("incident", "report"), columns={"incident": "TEXT", "report": "TEXT", "metrics": "TEXT"})


FOUND = Table(  # what was found of each report, whatever comes in later rounds
    "triage_finding", key=("triage", "report"), columns={"triage": "TEXT NOT NULL", "report": "TEXT NOT NULL", "finding": "TEXT NOT NULL"}
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What decides which of several numbers counts, of a row."""

    root: str
    division: str | None
    as_of: str
    since: str
    row: Row


class TriageQueue:
    """Builds the queue of what waits, and the table of figures."""

    tables: tuple[Table, ...] = (TRIAGE, FIGURE, OF_REPORT, FOUND)
    listens: tuple[str, ...] = (
        "alerts.triage.opened",
        "alerts.triage.joined",
        "alerts.triage.left",
        "alerts.triage.resolved",
        "alerts.figures.entered",
        "alerts.figures.settled",
    )

    def apply(self, rows: Rows, event: TriageEvent | FiguresEvent, at: Envelope) -> None:
        match event:
            case TriageOpened():
                rows.put(TRIAGE, **_opened(event, at))
            case FiguresEntered():
                _entered(rows, event, at)
                for metric, report in event.below:
                    _moved(rows, (event.incident, metric, report), counts=0, doubt=Why.BELOW_PARTS.value)
            case FiguresSettled(incident=incident, report=report, counted=counted):
                known = rows.get(OF_REPORT, incident, report)
                for metric in msgspec.json.decode(known["metrics"]) if known else ():
                    _settled(rows, (incident, metric, report), counted)
            case TriageJoined() | TriageLeft() | TriageResolved():
                row = rows.get(TRIAGE, event.triage)
                if row is not None:
                    rows.put(TRIAGE, **row | _changed(row, event))
                if isinstance(event, TriageResolved):
                    for report in event.reports:
                        rows.put(FOUND, triage=event.triage, report=report, finding=event.finding.value)


def _opened(event: TriageOpened, at: Envelope) -> Row:
    return {
        **{name: getattr(event, name) for name in ("triage", "round", "kind", "division", "incident")},
        **dict.fromkeys(("finding", "reason", "settled_by", "settled")),
        "open": 1,
        "visibility": at.visibility,
        "reports": text([event.report]),
        "doubts": text(event.doubts),
        "since": utc(event.at),
        "due_at": utc(event.clocks[0].due_at) if event.clocks else None,
        "position": at.position,
    }


def _changed(row: Row, event: TriageJoined | TriageLeft | TriageResolved) -> Row:
    reports: list[str] = msgspec.json.decode(row["reports"])
    match event:
        case TriageJoined():
            doubts = [*msgspec.json.decode(row["doubts"]), *event.doubts]
            return {"reports": text(list(dict.fromkeys([*reports, event.report]))), "doubts": text(doubts)}
        case TriageLeft():
            left = [report for report in reports if report != event.report]
            return {"reports": text(left), "open": int(bool(left))}
        case TriageResolved():
            told = {"finding": event.finding.value, "reason": event.reason, "settled_by": event.by, "settled": utc(event.at)}
            return told | {"open": 0, "incident": event.incident}


def _settled(rows: Rows, key: tuple[str, str, str], counted: bool) -> None:
    """A person looked at a number in doubt; what was looked at before stays as it was found."""
    row = rows.get(FIGURE, *key, 0)
    if row is not None and row["doubt"] is not None:
        if counted:
            _moved(rows, key, counts=1)
        else:
            rows.change(FIGURE, *key, 0, doubt=None)


def _moved(rows: Rows, key: tuple[str, str, str], *, counts: int, doubt: str | None = None) -> None:
    """A number that was in doubt counts now, or one that counted is in doubt."""
    row = rows.get(FIGURE, *key, 1 - counts)
    if row is not None:
        rows.delete(FIGURE, *key, 1 - counts)
        if counts or rows.get(FIGURE, *key, 0) is None:
            rows.put(FIGURE, **row | {"counts": counts, "doubt": doubt})


def _entered(rows: Rows, event: FiguresEntered, at: Envelope) -> None:
    doubts = {doubt.of: doubt.code for doubt in event.doubts}
    for figure in event.figures:
        counts = int(figure.metric not in doubts)
        for stale in (0, 1) if counts else (0,):
            rows.delete(FIGURE, event.incident, figure.metric, event.report, stale)
        if figure.value is None:
            continue
        rows.put(
            FIGURE,
            incident=event.incident,
            metric=figure.metric,
            report=event.report,
            root=event.root,
            division=event.division,
            visibility=at.visibility,
            above=text(event.above),
            value=str(figure.value),
            unit=figure.unit,
            as_of=utc(figure.as_of or event.at),
            since=utc(event.since or event.at),
            source=figure.source,
            counts=counts,
            doubt=doubts.get(figure.metric),
            position=at.position,
        )
    known = rows.get(OF_REPORT, event.incident, event.report)
    metrics = dict.fromkeys([*(msgspec.json.decode(known["metrics"]) if known else ()), *(figure.metric for figure in event.figures)])
    rows.put(OF_REPORT, incident=event.incident, report=event.report, metrics=text(list(metrics)))


def open_of(db: Connection, incident: str) -> list[str]:
    """What of an incident waits for a person."""
    of, values = of_incident(db, incident)
    return [row["triage"] for row in db.execute(f"SELECT triage FROM triage WHERE open = 1{of} ORDER BY position", values)]


def waiting(db: Connection, *, before: int | None, limit: int, open: bool | None, incident: str | None = None) -> list[Row]:
    """Newest first; only what waits, or only what is settled, or of one incident, if asked."""
    which, values = of_incident(db, incident)
    if open is not None:
        which += f" AND open = {int(open)}"
    sql = f"SELECT * FROM triage WHERE position < ?{which} ORDER BY position DESC LIMIT ?"
    rows = db.execute(sql, (before if before is not None else 2**62, *values, limit)).fetchall()
    return [
        dict(row) | {name: msgspec.json.decode(row[name]) for name in ("reports", "doubts")} | {"open": bool(row["open"])} for row in rows
    ]


def finding(db: Connection, triage: str, report: str) -> str | None:
    """What was found of one report; None while it is looked at."""
    row = db.execute("SELECT finding FROM triage_finding WHERE triage = ? AND report = ?", (triage, report)).fetchone()
    return None if row is None else str(row["finding"])


def figures(db: Connection, incident: str) -> list[Row]:
    """Every number of every report of an incident, in the order they came."""
    rows = db.execute("SELECT * FROM figure WHERE incident = ? ORDER BY position, metric", (incident,)).fetchall()
    return [dict(row) | {"above": msgspec.json.decode(row["above"]), "counts": bool(row["counts"])} for row in rows]


def casualties(db: Connection, incidents: Mapping[str, str | None], sees: Callable[[Row], bool]) -> dict[str, Row]:
    """Of each of these incidents how many are dead, missing and hurt, as far as anybody said so and one may see it: who sees the
    incident, named with its division, sees its numbers."""
    asked = f"incident IN ({', '.join('?' * len(incidents))}) AND metric IN ('dead', 'missing', 'hurt')"
    sql = f"SELECT * FROM figure WHERE {asked} ORDER BY position, metric"
    by_incident: dict[str, list[Row]] = {}
    for row in map(dict, db.execute(sql, tuple(incidents)).fetchall() if incidents else ()):
        if sees(row | {"division": incidents[row["incident"]]}):
            by_incident.setdefault(row["incident"], []).append(row | {"above": msgspec.json.decode(row["above"])})
    found = {incident: {metric: total["value"] for metric, total in totals(rows).items()} for incident, rows in by_incident.items()}
    return {incident: {metric: value for metric, value in said.items() if value is not None} for incident, said in found.items()}


def totals(rows: list[Row]) -> dict[str, Row]:
    """Each figure as it stands: of every division the newest that counts, added up without counting anybody twice; and what is in doubt."""
    by_metric: dict[str, list[Row]] = {}
    for row in rows:
        by_metric.setdefault(row["metric"], []).append(row)
    above: Mapping[str, list[str]] = {row["division"]: row["above"] for row in rows if row["division"]}
    return {metric: _total(of, above) for metric, of in by_metric.items()}


def _total(rows: list[Row], above: Mapping[str, list[str]]) -> Row:
    said = newest(_Said(row["root"], row["division"] or "", row["as_of"], row["since"], row) for row in rows if row["counts"])
    standing = {division: one.row for division, one in said.items() if division is not None}
    parts = [standing[division] for division in uppermost(above, standing)]
    total = sum((Decimal(part["value"]) for part in parts), Decimal()) if parts else None
    return {
        "value": number(total),
        "unit": (parts or rows)[-1]["unit"],
        "as_of": max((part["as_of"] for part in parts), default=None),
        "parts": [_told(part) for part in standing.values()],
        "in_doubt": [_told(row) for row in rows if row["doubt"] is not None],
        "refuted": [_told(row) for row in rows if not row["counts"] and row["doubt"] is None],
    }


def _told(row: Row) -> Row:
    told = {name: row[name] for name in ("division", "unit", "as_of", "source", "report", "doubt")}
    return told | {"value": number(Decimal(row["value"]))}
