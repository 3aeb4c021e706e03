"""Events made by hand, for the suites that know no service."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import msgspec

from shared.eventlog.chain import Cursor
from shared.eventlog.ports import EventFeed, EventStore, New
from shared.kernel.envelope import Envelope, Recorded, genesis, seal

TYPE = "testing.thing.happened.v1"
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def new(log: str, stream: str, version: int, said: str = "") -> New:
    """One event to append."""
    return New(stream, version, TYPE, partial(_seal, log, stream, version, said))


def run_of(log: str, stream: str, first: int, count: int, said: str = "") -> list[New]:
    """So many events of one stream, from a version on."""
    return [new(log, stream, version, said) for version in range(first, first + count)]


def put(log: EventStore, *events: New) -> list[Recorded]:
    """Append under a pen of their own."""
    with log.pen() as pen:
        return pen.append(events, time=AT)


def said(recorded: Recorded) -> str:
    """What `new` was given to say."""
    told: str = msgspec.json.decode(recorded.envelope.data)["said"]
    return told


def all_of(feed: EventFeed) -> list[Recorded]:
    """Everything, counted and with its chain checked as a reader does."""
    cursor, found = Cursor(0, genesis(feed.name)), []
    while batch := cursor.follow(feed.read(cursor.position)):
        found += batch
    return found


def _seal(log: str, stream: str, version: int, said: str, position: int) -> bytes:
    return seal(
        Envelope(
            specversion="1.0",
            id=f"{log}:{position}",
            source=f"urn:ortoo:{log}",
            type=TYPE,
            time=AT,
            datacontenttype="application/json",
            log=log,
            position=position,
            streamid=stream,
            streamversion=version,
            partitionkey=stream,
            data=msgspec.Raw(msgspec.json.encode({"said": said})),
        )
    )
