"""Who is promised to which call-up, and how full each zone of work is."""

from __future__ import annotations

from typing import Any

import msgspec

from services.volunteers.events.engagement import EngagementReleased, EngagementTaken, ZoneEntered, ZoneLeft, ZoneRegistered
from shared.handling.declare import Rows, Table
from shared.handling.merging import paged
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
ENGAGEMENT = Table(
    "engagement",
    key=("holder", "call_up"),
    columns={
        "holder": "TEXT NOT NULL",
        "call_up": "TEXT NOT NULL",
        "party": "TEXT NOT NULL",
        "incident": "TEXT",
        "since": "TEXT NOT NULL",
        "until": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
ZONE = Table(
    "zone_of_work",
    key=("zone",),
    columns={
        "zone": "TEXT NOT NULL",
        "name": "TEXT NOT NULL",
        "cap": "INTEGER NOT NULL",
        "people": "INTEGER NOT NULL",
        "there": "TEXT NOT NULL",
        "incident": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)


class Engagements:
    """Builds the lists of engagements and zones."""

    tables: tuple[Table, ...] = (ENGAGEMENT, ZONE)
    listens: tuple[str, ...] = (
        *(f"volunteers.engagement.{name}" for name in ("taken", "released")),
        *(f"volunteers.zone.{name}" for name in ("registered", "entered", "left")),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if isinstance(event, EngagementTaken | EngagementReleased):
            _engaged(rows, event, at)
        else:
            _zoned(rows, event, at)


def _engaged(rows: Rows, event: EngagementTaken | EngagementReleased, at: Envelope) -> None:
    if isinstance(event, EngagementReleased):
        rows.delete(ENGAGEMENT, event.holder, event.call_up)
        return
    rows.put(
        ENGAGEMENT,
        holder=event.holder,
        call_up=event.call_up,
        party=event.party or event.holder,
        incident=event.incident,
        since=utc(event.since),
        until=utc(event.until),
        division=event.division,
        visibility=at.visibility,
        position=at.position,
    )


def _zoned(rows: Rows, event: ZoneRegistered | ZoneEntered | ZoneLeft, at: Envelope) -> None:
    before = rows.get(ZONE, event.zone)
    if isinstance(event, ZoneRegistered):
        kept = {"people": before["people"], "there": before["there"]} if before else {"people": 0, "there": "{}"}
        about = {"incident": event.incident, "division": event.division, "visibility": at.visibility, "position": at.position}
        rows.put(ZONE, zone=event.zone, name=event.name, cap=event.cap, **kept, **about)
    elif before is not None:
        there: dict[str, int] = msgspec.json.decode(before["there"])
        there.pop(f"{event.call_up}/{event.holder}", None)
        if isinstance(event, ZoneEntered):
            there[f"{event.call_up}/{event.holder}"] = event.people
        rows.change(ZONE, event.zone, there=_json(there), people=sum(there.values()), position=at.position)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def engagements(db: Connection, *, before: int | None, limit: int, call_up: str | None, holder: str | None) -> list[Row]:
    """Who is promised to what, the last promised first."""
    chosen, values = paged(db, before, call_up=call_up, holder=holder)
    sql = f"SELECT * FROM engagement WHERE {chosen} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (*values, limit))]


def zones(db: Connection, *, before: int | None, limit: int, incident: str | None) -> list[Row]:
    """Zones of work with how many people are there, the last changed first."""
    chosen, values = paged(db, before, incident=incident)
    sql = f"SELECT * FROM zone_of_work WHERE {chosen} ORDER BY position DESC LIMIT ?"
    return [dict(row) | {"there": msgspec.json.decode(row["there"])} for row in db.execute(sql, (*values, limit))]
