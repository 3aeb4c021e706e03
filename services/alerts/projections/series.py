"""Every warning as one row, our own and received ones alike, with the messages of its series."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

import msgspec

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
from services.alerts.events.message import MessageConflicting, MessageIssued, MessageReceived, ReceivedMessage
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope

SERIES = Table(
    "series",
    key=("id", "own"),  # a sender elsewhere may use an identifier that is one of our ids
    columns={
        "id": "TEXT NOT NULL",
        "own": "INTEGER NOT NULL",
        "public": "INTEGER NOT NULL",
        "state": "TEXT NOT NULL",
        "hazard": "TEXT",
        "event": "TEXT",
        "colour": "TEXT",
        "severity": "TEXT",
        "headline": "TEXT",
        "sender": "TEXT",
        "division": "TEXT",
        "areas": "TEXT NOT NULL",
        "starts": "TEXT",
        "expires": "TEXT",
        "sent": "TEXT",
        "latest": "TEXT",
        "approval": "TEXT",
        "members": "TEXT NOT NULL",
        "updated": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
MESSAGE = Table(
    "message",
    key=("identifier", "sender", "sent", "digest"),
    columns={
        "identifier": "TEXT NOT NULL",
        "sender": "TEXT NOT NULL",
        "sent": "TEXT NOT NULL",
        "digest": "TEXT NOT NULL",
        "series": "TEXT NOT NULL",
        "msg_type": "TEXT NOT NULL",
        "own": "INTEGER NOT NULL",
        "conflicting": "INTEGER NOT NULL",
        "member_of_own": "INTEGER NOT NULL",
        "public": "INTEGER NOT NULL",
        "fact": "TEXT NOT NULL",
        "recorded": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("series", "position"),),
)
ALIAS = Table("alias", key=("id",), columns={"id": "TEXT NOT NULL", "series": "TEXT NOT NULL", "own": "INTEGER NOT NULL"})

Row = dict[str, Any]


def text(value: object) -> str:
    return msgspec.json.encode(value).decode()


class Series:
    """Builds the list of warnings."""

    tables: tuple[Table, ...] = (SERIES, MESSAGE, ALIAS)
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
                _own(rows, alert, content, "published", at, approval)
            case LevelAdjusted(alert=alert, content=content) | AlertCorrected(alert=alert, content=content):
                _own(rows, alert, content, "published", at)
            case AlertCancelled(alert=alert):
                _state(rows, alert, "cancelled", at)
            case AlertExpired(alert=alert):
                _state(rows, alert, "expired", at)
            case MessageIssued():
                _issued(rows, event, at)
            case MessageReceived(series=series, message=message):
                _received(rows, series, message, at, conflicting=False)
            case MessageConflicting(series=series, message=message):
                _received(rows, series, message, at, conflicting=True)


def _own(rows: Rows, alert: str, content: AlertContent, state: str, at: Envelope, approval: str | None = None) -> None:
    known = rows.get(SERIES, alert, 1) or {}
    row: Row = {
        "id": alert,
        "own": 1,
        "public": known.get("public", 0),
        "state": state,
        "hazard": content.hazard,
        "event": content.hazard,
        "colour": content.colour.value if content.colour else None,
        "severity": None,
        "headline": content.headline or content.cautions,
        "sender": content.issuer,
        "division": at.division,
        "areas": text(content.areas),
        "starts": utc(content.starts) if content.starts else None,
        "expires": utc(content.valid_to) if content.valid_to else None,
        "sent": known.get("sent"),
        "latest": known.get("latest"),
        "approval": approval or known.get("approval"),
        "members": known.get("members", "[]"),
        "updated": utc(at.time),
        "position": at.position,
    }
    rows.put(SERIES, **row)


def _state(rows: Rows, alert: str, state: str, at: Envelope) -> None:
    rows.change(SERIES, alert, 1, state=state, updated=utc(at.time), position=at.position)


def _issued(rows: Rows, issued: MessageIssued, at: Envelope) -> None:
    digest = ""  # written anew from the fact each time it is asked for
    row = _message(issued.identifier, issued.sender, issued.sent, digest, issued.alert, issued.msg_type, issued, at)
    rows.put(MESSAGE, **row | {"own": 1, "member_of_own": 1, "public": int(issued.scope == "Public")})
    series = rows.get(SERIES, issued.alert, 1)
    early = rows.get(SERIES, issued.identifier, 0)  # it came back from elsewhere before we had noted that it is ours
    if early is not None:
        _join(rows, early, issued.alert, 1)
    if series is not None:
        members = msgspec.json.decode(series["members"]) + (msgspec.json.decode(early["members"]) if early else [])
        members = [*members, [issued.identifier, issued.sender, utc(issued.sent), digest]]
        rows.change(SERIES, issued.alert, 1, public=1, latest=issued.identifier, sent=utc(issued.sent), members=text(members))
    rows.put(ALIAS, id=issued.series, series=issued.alert, own=1)


def _received(rows: Rows, named: str, message: ReceivedMessage, at: Envelope, *, conflicting: bool) -> None:
    series, own = _resolve(rows, named)
    key = [message.identifier, message.sender, utc(message.sent), message.digest]
    row = _message(message.identifier, message.sender, message.sent, message.digest, series, message.msg_type, message, at)
    rows.put(MESSAGE, **row | {"conflicting": int(conflicting), "member_of_own": own, "public": int(message.scope == "Public")})
    waiting = None
    if message.identifier != series:
        waiting = rows.get(SERIES, message.identifier, 0)
        if waiting is not None:
            _join(rows, waiting, series, own)
        rows.put(ALIAS, id=message.identifier, series=series, own=own)
    known = rows.get(SERIES, series, own)
    held = [(row, msgspec.json.decode(row["members"])) for row in (known, waiting) if row is not None]
    members = [*(member for _, part in held for member in part), key]
    newest = max(members, key=lambda member: str(member[2]))
    if known and own:
        rows.change(SERIES, series, 1, members=text(members))
    elif newest == key:
        rows.put(SERIES, **_shown(series, message, members, at))
    else:
        shown = next(row for row, part in held if newest in part)
        rows.put(SERIES, **shown | {"id": series, "own": 0, "members": text(members), "updated": utc(at.time), "position": at.position})


def _join(rows: Rows, waiting: Row, series: str, own: int) -> None:
    """An update came before what it refers to: its series goes into the one it belongs to."""
    for member in msgspec.json.decode(waiting["members"]):
        rows.change(MESSAGE, *member, series=series, member_of_own=own)
    rows.delete(SERIES, waiting["id"], 0)


def _resolve(rows: Rows, series: str) -> tuple[str, int]:
    """The series that an identifier stands for, and whether it is one of our own warnings."""
    seen = {series}
    while (alias := rows.get(ALIAS, series)) is not None:
        if alias["own"]:
            return alias["series"], 1
        if alias["series"] in seen:
            break
        series = alias["series"]
        seen.add(series)
    return series, 0


def _message(identifier: str, sender: str, sent: datetime, digest: str, series: str, msg_type: str, fact: object, at: Envelope) -> Row:
    return {
        "identifier": identifier,
        "sender": sender,
        "sent": utc(sent),
        "digest": digest,
        "series": series,
        "msg_type": msg_type,
        "own": 0,
        "conflicting": 0,
        "member_of_own": 0,
        "public": 1,
        "fact": text(fact),
        "recorded": utc(at.time),
        "position": at.position,
    }


def _shown(series: str, message: ReceivedMessage, members: list[list[str]], at: Envelope) -> Row:
    info = message.infos[0] if message.infos else None
    expires = max((i.expires for i in message.infos if i.expires), default=None)
    areas = [area.desc for i in message.infos[:1] for area in i.areas]
    return {
        "id": series,
        "own": 0,
        "public": int(message.scope == "Public"),
        "state": "cancelled" if message.msg_type == "Cancel" else "active",
        "hazard": (info.event_code or None) if info else None,
        "event": info.event if info else None,
        "colour": None,
        "severity": info.severity if info else None,
        "headline": info.headline if info else None,
        "sender": (info.sender_name if info else "") or message.sender,
        "division": at.division,
        "areas": text(areas),
        "starts": utc(info.onset) if info and info.onset else None,
        "expires": utc(expires) if expires else None,
        "sent": utc(message.sent),
        "latest": message.identifier,
        "approval": None,
        "members": text(members),
        "updated": utc(at.time),
        "position": at.position,
    }


def find(db: sqlite3.Connection, alert: str) -> Row | None:
    """A warning by its id (ours first), or by any identifier its series was ever known under."""
    own, seen = 1, set[str]()
    while alert not in seen:
        seen.add(alert)
        row = db.execute("SELECT * FROM series WHERE id = ? AND own IN (0, ?) ORDER BY own DESC", (alert, own)).fetchone()
        if row is not None:
            return dict(row)
        named = db.execute("SELECT series, own FROM alias WHERE id = ?", (alert,)).fetchone()
        if named is None:
            named = db.execute(
                "SELECT series, own FROM message WHERE identifier = ? ORDER BY own DESC, position LIMIT 1", (alert,)
            ).fetchone()
        if named is None:
            return None
        alert, own = named["series"], named["own"]
    return None


def messages(db: sqlite3.Connection, row: Row) -> list[Row]:
    """The messages of a series in the order they were sent; of our own warning also what others sent about it."""
    found = db.execute("SELECT * FROM message WHERE series = ? AND member_of_own = ? ORDER BY sent, position", (row["id"], row["own"]))
    return [dict(each) for each in found]


def listed(db: sqlite3.Connection, *, before: int | None, limit: int, state: str | None, own: bool | None) -> list[Row]:
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


def issued(db: sqlite3.Connection, limit: int) -> list[Row]:
    """Our own public messages, newest first, for the Atom feed and the map."""
    return [dict(row) for row in db.execute("SELECT * FROM message WHERE own = 1 ORDER BY position DESC LIMIT ?", (limit,))]
