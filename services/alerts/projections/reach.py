"""Who was asked to acknowledge a warning, who did, and who is silent."""

from __future__ import annotations

from typing import Any

from services.alerts.events.reach import AcknowledgementOverdue, AlertAcknowledged, AlertDisseminated, NoticesDue, NoticeSent
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

REACH = Table(
    "reach",
    key=("alert", "recipient"),
    columns={
        "alert": "TEXT NOT NULL",
        "recipient": "TEXT NOT NULL",
        "channel": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "asked_at": "TEXT NOT NULL",
        "due_at": "TEXT",
        "acknowledged_at": "TEXT",
        "overdue_at": "TEXT",
    },
    indexes=(("recipient", "asked_at"),),
)
NOTICE = Table(
    "notice",
    key=("alert", "recipient"),
    columns={"alert": "TEXT NOT NULL", "recipient": "TEXT NOT NULL", "due_at": "TEXT NOT NULL", "sent_at": "TEXT", "actor": "TEXT"},
)


class Reach:
    """Builds the table of acknowledgements and that of notices."""

    tables: tuple[Table, ...] = (REACH, NOTICE)
    listens: tuple[str, ...] = (
        "alerts.alert.disseminated",
        "alerts.alert.acknowledged",
        "alerts.alert.acknowledgement_overdue",
        "alerts.alert.notices_due",
        "alerts.alert.notice_sent",
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case AlertDisseminated(alert=alert, recipient=recipient):
                _asked(rows, event)
            case AlertAcknowledged(alert=alert, recipient=recipient):
                rows.change(REACH, alert, recipient, acknowledged_at=utc(event.at))
            case AcknowledgementOverdue(alert=alert, recipient=recipient):
                rows.change(REACH, alert, recipient, overdue_at=utc(event.at))
            case NoticesDue(alert=alert):
                for to in event.to:
                    rows.put(NOTICE, alert=alert, recipient=to.value, due_at=utc(event.due_at), sent_at=None, actor=None)
            case NoticeSent(alert=alert):
                rows.change(NOTICE, alert, event.to.value, sent_at=utc(event.at), actor=event.by)


def _asked(rows: Rows, event: AlertDisseminated) -> None:
    known = rows.get(REACH, event.alert, event.recipient) or {}
    rows.put(
        REACH,
        alert=event.alert,
        recipient=event.recipient,
        channel=event.channel.value,
        state=event.state.value,
        asked_at=known.get("asked_at") or utc(event.at),
        due_at=utc(event.ack_due) if event.ack_due else known.get("due_at"),
        acknowledged_at=known.get("acknowledged_at"),
        overdue_at=known.get("overdue_at"),
    )


def acks(db: Connection, alert: str) -> dict[str, Any]:
    """Asked, acknowledged, silent past the wait, and every recipient's line."""
    found = [dict(row) for row in db.execute("SELECT * FROM reach WHERE alert = ? ORDER BY recipient", (alert,))]
    return {
        "alert": alert,
        "asked": len(found),
        "acknowledged": sum(row["acknowledged_at"] is not None for row in found),
        "silent": [row["recipient"] for row in found if row["overdue_at"] and not row["acknowledged_at"]],
        "recipients": found,
        "notices": [dict(row) for row in db.execute("SELECT * FROM notice WHERE alert = ? ORDER BY recipient", (alert,))],
    }


def one(db: Connection, alert: str, recipient: str) -> dict[str, Any] | None:
    """How it stands with one recipient of a warning."""
    row = db.execute("SELECT * FROM reach WHERE alert = ? AND recipient = ?", (alert, recipient)).fetchone()
    return dict(row) if row is not None else None


def inbox(db: Connection, recipient: str, before: tuple[str, str], limit: int) -> list[dict[str, Any]]:
    """Warnings in force that a recipient was asked to acknowledge and has not, newest first; `before` is (asked_at, alert)."""
    sql = """SELECT r.alert, r.channel, r.state AS delivery, r.asked_at, r.due_at, r.overdue_at,
                    s.hazard, s.colour, s.headline, s.sender, s.division
             FROM reach r JOIN series s ON s.id = r.alert AND s.own = 1
             WHERE r.recipient = ? AND r.acknowledged_at IS NULL AND r.due_at IS NOT NULL AND s.state = 'published'
               AND (r.asked_at, r.alert) < (?, ?) ORDER BY r.asked_at DESC, r.alert DESC LIMIT ?"""
    return [dict(row) for row in db.execute(sql, (recipient, *before, limit))]
