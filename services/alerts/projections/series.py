"""Every warning as one row, our own and received ones alike, with the messages of its series."""

from __future__ import annotations

from typing import Any

from services.alerts.events.alert import (
    AlertApproved,
    AlertCancelled,
    AlertCorrected,
    AlertDrafted,
    AlertExpired,
    AlertPublished,
    AlertRejected,
    AlertRevised,
    LevelAdjusted,
)
from services.alerts.events.content import AlertContent
from services.alerts.events.message import MessageConflicting, MessageIssued, MessageReceived
from services.alerts.formats.hazards import by_number
from services.alerts.projections.joining import Row, add_issued, add_received, text
from services.alerts.projections.tables import ALIAS, MESSAGE, MOVED, SERIES
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection


class Series:
    """Builds the list of warnings."""

    tables: tuple[Table, ...] = (SERIES, MESSAGE, ALIAS, MOVED)
    listens: tuple[str, ...] = (
        "alerts.alert.drafted",
        "alerts.alert.revised",
        "alerts.alert.approved",
        "alerts.alert.rejected",
        "alerts.alert.published",
        "alerts.alert.level_adjusted",
        "alerts.alert.corrected",
        "alerts.alert.cancelled",
        "alerts.alert.expired",
        "alerts.message.received",
        "alerts.message.conflicting",
        "alerts.message.issued",
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case AlertDrafted(alert=alert, content=content):
                _own(rows, alert, content, "drafted", at)
            case AlertRevised(alert=alert, content=content):
                _own(rows, alert, content, "drafted", at)
            case AlertApproved(alert=alert):
                _state(rows, alert, "approved", at)
            case AlertRejected(alert=alert):
                _state(rows, alert, "rejected", at)
            case AlertPublished(alert=alert, content=content, approval=approval):
                _own(rows, alert, content, "published", at, approval, utc(event.at))
            case LevelAdjusted(alert=alert, content=content) | AlertCorrected(alert=alert, content=content):
                _own(rows, alert, content, "published", at, due=utc(event.at))
            case AlertCancelled(alert=alert):
                _state(rows, alert, "cancelled", at)
                rows.change(SERIES, alert, 1, due=utc(event.at))
            case AlertExpired(alert=alert):
                _state(rows, alert, "expired", at)
            case MessageIssued():
                add_issued(rows, event, at)
            case MessageReceived(series=series, message=message):
                add_received(rows, series, message, at, conflicting=False)
            case MessageConflicting(series=series, message=message):
                add_received(rows, series, message, at, conflicting=True)


def _own(
    rows: Rows, alert: str, content: AlertContent, state: str, at: Envelope, approval: str | None = None, due: str | None = None
) -> None:
    known = rows.get(SERIES, alert, 1) or {}
    hazard = by_number("code", content.hazard)
    row: Row = {
        "id": alert,
        "own": 1,
        "public": known.get("public", 0),
        "state": state,
        "hazard": content.hazard,
        "event": f"{hazard.zh} / {hazard.en}" if hazard else content.hazard,
        "colour": content.colour.value if content.colour else None,
        "severity": None,
        "headline": content.headline or content.cautions,
        "sender": content.issuer,
        "division": at.division,
        "named": "[]",
        "areas": text(content.areas),
        "starts": utc(content.starts) if content.starts else None,
        "expires": utc(content.valid_to) if content.valid_to else None,
        "status": "Exercise" if at.exercise else "Actual",
        "sent": known.get("sent"),
        "latest": known.get("latest"),
        "due": due or known.get("due"),
        "approval": approval or known.get("approval"),
        "members": known.get("members", "[]"),
        "updated": utc(at.time),
        "position": at.position,
    }
    rows.put(SERIES, **row)


def _state(rows: Rows, alert: str, state: str, at: Envelope) -> None:
    rows.change(SERIES, alert, 1, state=state, updated=utc(at.time), position=at.position)


def find(db: Connection, alert: str) -> Row | None:
    """A warning by its id (ours first), or by any identifier its series was ever known under."""
    own, seen = 1, set[str]()
    while alert not in seen:
        seen.add(alert)
        row = db.execute("SELECT * FROM series WHERE id = ? AND own IN (0, ?) ORDER BY own DESC", (alert, own)).fetchone()
        if row is not None:
            return dict(row)
        named = db.execute("SELECT series, own FROM moved WHERE id = ?", (alert,)).fetchone()
        if named is None:
            named = db.execute(
                "SELECT series, member_of_own AS own FROM message WHERE identifier = ? ORDER BY own DESC, position LIMIT 1", (alert,)
            ).fetchone()
        if named is None:
            return None
        alert, own = named["series"], named["own"]
    return None


def messages(db: Connection, row: Row) -> list[Row]:
    """The messages of a series in the order they were sent; of our own warning also what others sent about it."""
    found = db.execute("SELECT * FROM message WHERE series = ? AND member_of_own = ? ORDER BY sent, position", (row["id"], row["own"]))
    return [dict(each) for each in found]


def listed(db: Connection, *, before: int | None, limit: int, state: str | None, own: bool | None) -> list[Row]:
    """Warnings, the last changed first; `before` is the position of the last row of the page before."""
    where, values = ["position < ?"], [before if before is not None else 2**62]
    if own is not None:
        where.append("own = ?")
        values.append(int(own))
    arguments: list[object] = list(values)
    if state is not None:
        where.append("state = ?")
        arguments.append(state)
    sql = f"SELECT * FROM series WHERE {' AND '.join(where)} ORDER BY position DESC, id LIMIT ?"
    return [dict(row) for row in db.execute(sql, (*arguments, limit))]


def issued(db: Connection, limit: int) -> list[Row]:
    """Our own public messages, newest first, for the Atom feed and the map."""
    return [dict(row) for row in db.execute("SELECT * FROM message WHERE own = 1 ORDER BY position DESC LIMIT ?", (limit,))]
