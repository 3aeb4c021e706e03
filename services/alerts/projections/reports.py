"""Reports as rows: each with its hops, figures and running deadlines, and the line of versions it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from services.alerts.events.awaited import Awaited, ReportAskedFurther, ReportClocksStopped
from services.alerts.events.report import (
    Doubt,
    Figure,
    ReportAcknowledged,
    ReportAttached,
    ReportCorrected,
    ReportDoubted,
    ReportEvent,
    ReportFinalised,
    ReportOverdue,
    ReportReceived,
    ReportSettled,
    ReportSubmitted,
    ReportSuperseded,
    ReportSupplemented,
    ReportTransferred,
)
from services.alerts.projections.joining import text
from services.alerts.projections.merging import of_incident
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
LISTS = ("hops", "figures", "missing", "doubts", "uncounted", "situations", "blocks", "corrections", "clocks")  # JSON columns
REPORT = Table(
    "report",
    key=("report",),
    columns={
        "report": "TEXT NOT NULL",
        "status": "TEXT NOT NULL",
        "kind": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "incident": "TEXT",
        "type": "TEXT",
        "root": "TEXT NOT NULL",
        "supersedes": "TEXT",
        "superseded_by": "TEXT",
        "actor": "TEXT NOT NULL",
        "trust": "TEXT",
        "cluster": "TEXT",
        "digest": "TEXT",
        "place": "TEXT",
        "transferred_to": "TEXT",
        "late": "INTEGER NOT NULL",
        "clock": "TEXT",
        "overdue_s": "INTEGER NOT NULL",
        "minutes_used": "INTEGER",
        "known_at": "TEXT",
        "since": "TEXT NOT NULL",
        **{name: "TEXT NOT NULL" for name in LISTS},
        "next_due": "TEXT",  # of the deadlines that run
        "stopped": "TEXT",  # why nothing is awaited of it any longer
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("incident", "position"), ("next_due",)),
)
LINE = Table("report_line", key=("root",), columns={"root": "TEXT NOT NULL", "reports": "TEXT NOT NULL"})


class Reports:
    """Builds the rows of reports."""

    tables: tuple[Table, ...] = (REPORT, LINE)
    listens: tuple[str, ...] = (
        "alerts.report.received",
        "alerts.report.transferred",
        "alerts.report.submitted",
        "alerts.report.acknowledged",
        "alerts.report.supplemented",
        "alerts.report.corrected",
        "alerts.report.superseded",
        "alerts.report.attached",
        "alerts.report.doubted",
        "alerts.report.settled",
        "alerts.report.overdue",
        "alerts.report.finalised",
        "alerts.report.asked_further",
        "alerts.report.clocks_stopped",
    )

    def apply(self, rows: Rows, event: ReportEvent | Awaited, at: Envelope) -> None:
        row = rows.get(REPORT, event.report) or _new(event.report, at)
        changed = _changed(row, event)
        ended = (*getattr(event, "met", ()), *getattr(event, "stopped", ()))
        clocks = [clock for clock in _list(row, "clocks") if clock["key"] not in ended]
        clocks += [{"key": due.key, "rule": due.rule, "due_at": utc(due.due_at)} for due in getattr(event, "clocks", ())]
        changed |= {"clocks": clocks, "next_due": min((clock["due_at"] for clock in clocks), default=None)}
        where = {"division": at.division, "visibility": at.visibility, "incident": at.correlationid or row["incident"]}
        rows.put(REPORT, **row | where | {name: text(value) if name in LISTS else value for name, value in changed.items()})
        if isinstance(event, ReportSubmitted) and row["kind"] is None:
            line = rows.get(LINE, event.root)
            reports = msgspec.json.decode(line["reports"]) if line else []
            rows.put(LINE, root=event.root, reports=text([*reports, event.report]))


def _changed(row: Row, event: ReportEvent | Awaited) -> Row:
    match event:
        case ReportReceived():
            doubts = [doubt.code for doubt in event.doubts]
            kept = {name: getattr(event, name) for name in ("trust", "cluster", "digest", "place", "type")}
            return kept | {"actor": event.by, "status": "received", "doubts": doubts, "since": utc(event.at)}
        case ReportTransferred():
            return {"status": "transferred", "transferred_to": event.to}
        case ReportSubmitted():
            return _submitted(row, event)
        case ReportAcknowledged():
            seen = {"acknowledged_by": event.by, "acknowledged_at": utc(event.at)}
            return {"hops": [hop | seen if hop["hop"] == event.hop else hop for hop in _list(row, "hops")]}
        case ReportSupplemented():
            told = {"figures": _figures(row, event.figures), "missing": event.missing, "blocks": [*_list(row, "blocks"), *event.blocks]}
            told |= _doubted(row, event.doubts)
            return told | ({"digest": event.text} if event.text else {})
        case ReportCorrected():
            pairs = [
                {"metric": old.metric, "before": _plain(old), "after": _plain(new)}
                for old, new in zip(event.before, event.after, strict=True)
            ]
            told = {"at": utc(event.at), "by": event.by, "reason": event.reason, "figures": pairs}
            more = {"figures": _figures(row, event.after), "corrections": [*_list(row, "corrections"), told]}
            return more | _doubted(row, event.doubts)
        case ReportSuperseded():
            return {"superseded_by": event.successor}
        case ReportDoubted(doubts=doubts):
            return _doubted(row, doubts)
        case ReportSettled():
            return {"doubts": [], "uncounted": [] if event.counted else _list(row, "uncounted")}
        case ReportFinalised():
            return {"status": "finalised"}
        case ReportClocksStopped():
            return {"stopped": event.reason}
        case ReportAskedFurther():
            return {"stopped": None}
        case ReportOverdue() | ReportAttached():
            return {}


def _doubted(row: Row, doubts: Iterable[Doubt]) -> Row:
    codes = sorted({*_list(row, "doubts"), *(doubt.code for doubt in doubts)})
    return {"doubts": codes, "uncounted": sorted({*_list(row, "uncounted"), *(doubt.of for doubt in doubts)})}


def _submitted(row: Row, event: ReportSubmitted) -> Row:
    hop = {name: getattr(event, name) for name in ("hop", "to", "by", "division", "minutes_used", "late", "clock", "overdue_s", "skipped")}
    hop |= {
        "at": utc(event.at),
        "known_at": utc(event.known_at) if event.known_at else None,
        "acknowledged_by": None,
        "acknowledged_at": None,
    }
    told: Row = {"hops": [*_list(row, "hops"), hop], "doubts": sorted({*_list(row, "doubts"), *(doubt.code for doubt in event.doubts)})}
    if row["status"] != "finalised":
        told["status"] = "submitted"
    if row["kind"] is not None:
        return told
    metrics = {figure.metric for figure in event.figures}
    return told | {
        **{name: getattr(event, name) for name in ("type", "root", "supersedes", "clock", "overdue_s", "minutes_used")},
        **{name: getattr(event, name) for name in ("missing", "situations", "blocks")},
        "kind": event.kind.value,
        "actor": event.by,
        "late": int(event.late),
        "digest": event.text or row["digest"],
        "known_at": hop["known_at"],
        "since": utc(event.at),
        "figures": _figures(row, event.figures),
        "uncounted": sorted({doubt.of for doubt in event.doubts} & metrics),
    }


def _new(report: str, at: Envelope) -> Row:
    empty = dict.fromkeys(REPORT.columns)
    plain = {"report": report, "root": report, "status": "", "actor": "", "since": "", "late": 0, "overdue_s": 0, "position": at.position}
    return empty | dict.fromkeys(LISTS, "[]") | plain


def _list(row: Row, name: str) -> list[Any]:
    found: list[Any] = msgspec.json.decode(row[name])
    return found


def _figures(row: Row, figures: Iterable[Figure]) -> list[Row]:
    """Those of the row with these in the place of theirs."""
    by_metric = {figure["metric"]: figure for figure in _list(row, "figures")}
    return list((by_metric | {figure.metric: _plain(figure) for figure in figures}).values())


def _plain(figure: Figure) -> Row:
    as_of = utc(figure.as_of) if figure.as_of else None
    told = {name: getattr(figure, name) for name in ("metric", "unit", "source", "reason")}
    return told | {"value": number(figure.value), "as_of": as_of}


def number(value: Decimal | None) -> int | float | None:
    """As JSON has numbers: whole ones whole."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def shown(row: Row, now: str) -> Row:
    """A row as it is answered; what is overdue is computed as it is asked."""
    told = {name: value for name, value in row.items() if name not in ("next_due", "digest")}
    told |= {name: _list(row, name) for name in LISTS} | {"late": bool(row["late"])}
    told["clocks"] = [clock | {"overdue": clock["due_at"] <= now} for clock in told["clocks"]]
    return told | {"has_text": row["digest"] is not None}


def find(db: Connection, report: str) -> Row | None:
    row = db.execute("SELECT * FROM report WHERE report = ?", (report,)).fetchone()
    return None if row is None else dict(row)


def listed(
    db: Connection, *, before: int | None, limit: int, incident: str | None = None, status: str | None = None, overdue_at: str | None = None
) -> list[Row]:
    """Newest first; of one incident, in one state, or with a deadline that has passed by then."""
    where, values = of_incident(db, incident)
    for condition, value in (("status = ?", status), ("next_due <= ?", overdue_at)):
        if value is not None:
            where, values = f"{where} AND {condition}", (*values, value)
    sql = f"SELECT * FROM report WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit)).fetchall()]


def line(db: Connection, root: str) -> list[Row]:
    """Every version of a line, the first one first."""
    found = db.execute("SELECT reports FROM report_line WHERE root = ?", (root,)).fetchone()
    names: list[str] = msgspec.json.decode(found["reports"]) if found is not None else []
    return [row for name in names if (row := find(db, name)) is not None]


def standing(versions: Iterable[Row]) -> dict[str, Row]:
    """The figures of a line as they stand: of each the newest that counts, with the report it is from."""
    found: dict[str, Row] = {}
    for row in versions:
        uncounted = _list(row, "uncounted")
        for figure in _list(row, "figures"):
            if figure["value"] is not None and figure["metric"] not in uncounted:
                found[figure["metric"]] = figure | {"report": row["report"]}
    return found
