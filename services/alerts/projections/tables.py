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
        "named": "TEXT NOT NULL",  # of messages that are not for everybody: the codes of their areas, of every one in the series
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
    # In the order they came: a row holds 1 KB and more, and by a key of its words every new one had a page of its own to rewrite,
    # which was a quarter of what the reader costs for a message.
    key=("position",),
    columns={
        "position": "INTEGER NOT NULL",
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
        "named": "TEXT NOT NULL",
        "fact": "TEXT NOT NULL",  # of our own: the event; of others: infos and faults, the rest has columns or stays in the log
        "recorded": "TEXT NOT NULL",
    },
    indexes=(("series", "position"), ("identifier",)),
)
ALIAS = Table(  # where a sender's identifier leads: two senders may use the same one
    "alias",
    key=("id", "sender"),
    columns={"id": "TEXT NOT NULL", "sender": "TEXT NOT NULL", "series": "TEXT NOT NULL"},
)
MOVED = Table(  # a series that went into another, or is one of our own warnings
    "moved", key=("id",), columns={"id": "TEXT NOT NULL", "series": "TEXT NOT NULL", "own": "INTEGER NOT NULL"}
)
