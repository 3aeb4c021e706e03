"""The tables of warnings, and how the messages of a series come together in whatever order they arrive."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from services.alerts.events.message import MessageIssued, ReceivedMessage
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
        "status": "TEXT NOT NULL",
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
    """JSON for a column."""
    return msgspec.json.encode(value).decode()


def add_issued(rows: Rows, issued: MessageIssued, at: Envelope) -> None:
    """One of our own public messages goes to its warning."""
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


def add_received(rows: Rows, named: str, message: ReceivedMessage, at: Envelope, *, conflicting: bool) -> None:
    """A message goes to the series it continues; what waited for it comes along."""
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
        "status": message.status,
        "sent": utc(message.sent),
        "latest": message.identifier,
        "approval": None,
        "members": text(members),
        "updated": utc(at.time),
        "position": at.position,
    }
