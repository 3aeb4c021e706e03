"""The tables of warnings and of the messages in their series."""

from __future__ import annotations

from shared.handling.declare import Table

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
        "due": "TEXT",  # of our own: when that was decided whose message a policy has yet to issue
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
        "division": "TEXT",
        "fact": "TEXT NOT NULL",
        "recorded": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("series", "position"),),
)
ALIAS = Table(  # where a sender's identifier leads: two senders may use the same one
    "alias",
    key=("id", "sender"),
    columns={"id": "TEXT NOT NULL", "sender": "TEXT NOT NULL", "series": "TEXT NOT NULL"},
)
MOVED = Table(  # a series that went into another, or is one of our own warnings
    "moved", key=("id",), columns={"id": "TEXT NOT NULL", "series": "TEXT NOT NULL", "own": "INTEGER NOT NULL"}
)
