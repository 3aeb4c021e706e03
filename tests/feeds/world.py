"""A small node for feed logs: a tree of divisions, logs of two services, and a process that dies at its commits."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from shared.eventlog.ports import EventStore, New
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from shared.geo.divisions import Divisions
from shared.geo.units import Unit
from shared.handling.audiences import Audience
from shared.handling.feeding import Filter
from shared.kernel.envelope import Envelope, seal
from shared.testing.facts import AT, all_of

ALERTS, STOCK, FEED = "150000.alerts", "150000.resources", "150000.to.B"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def unit(code: str, level: int, parent: str | None = None, **more: object) -> Unit:
    return Unit(code, f"单位{code}", f"Unit {code}", level, parent, **more)  # type: ignore[arg-type]


# R over A and B; B over B1 and B2; A over A1.
UNITS = (unit("R", 1), unit("A", 2, "R"), unit("B", 2, "R"), unit("A1", 3, "A"), unit("B1", 3, "B"), unit("B2", 3, "B"))
TREE = Divisions(UNITS)
MOVED = Divisions([each for each in UNITS if each.code != "A1"] + [unit("A1", 3, "B")])  # A1 came to B
CENTRE = Audience("B", "乙中心", "Centre B", "B", ("alerts",), ("alerts.alert.published", "alerts.message"), ("public",))


def add(
    log: EventStore,
    stream: str,
    fact: str = "alert.drafted",
    division: str | None = "B1",
    visibility: str = "public",
    count: int = 1,
    release: int = 1,
) -> None:
    """Append so many events to a stream."""
    kind = f"{log.name.rpartition('.')[2]}.{fact}.v{release}"
    first = len(log.stream(stream)) + 1
    with log.pen() as pen:
        pen.append([new(log.name, stream, version, kind, division, visibility) for version in range(first, first + count)], time=AT)


def new(log: str, stream: str, version: int, kind: str, division: str | None = "B1", visibility: str = "public", said: str = "") -> New:
    """One event to append, or to forge; `said` makes it another."""
    return New(stream, version, kind, partial(_seal, log, stream, version, kind, division, visibility, said or f"{stream} {version}"))


def _seal(log: str, stream: str, version: int, kind: str, division: str | None, visibility: str, said: str, position: int) -> bytes:
    return seal(
        Envelope(
            specversion="1.0",
            id=f"{log}:{position}",
            source=f"urn:ortoo:{log}",
            type=kind,
            time=AT,
            datacontenttype="application/json",
            log=log,
            position=position,
            streamid=stream,
            streamversion=version,
            partitionkey=stream,
            division=division,
            visibility=visibility,
            causationid=f"{log}:{position - 1}",
            commandid="5e8f2f3a-3c38-5a6e-9d6c-0d6a2b1f8a11",
            commandevents=2,
            traceparent=TRACE,
            actor="B.DUTY",
            role="EMD.duty",
            rulepack="china-2024@0123456789ab",
            data=msgspec.Raw(msgspec.json.encode({"said": said})),
        )
    )


class Crash(BaseException):
    """The process dies."""


@dataclass
class Deadly:
    """Dies before or after its n-th commit; never, when n is 0."""

    n: int = 0
    after: bool = False
    commits: int = field(default=0, init=False)

    def connect(self, path: Path, synchronous: str = "FULL") -> sqlite3.Connection:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=_Connection)
        db.execute("PRAGMA journal_mode = WAL")
        db.deadly = self  # type: ignore[attr-defined]
        return db


class _Connection(sqlite3.Connection):
    deadly: Deadly | None = None

    def execute(self, sql: str, parameters: object = (), /) -> sqlite3.Cursor:
        deadly = self.deadly
        if deadly is None or not (sql == "COMMIT" or (not self.in_transaction and sql.startswith("INSERT"))):
            return super().execute(sql, parameters)  # type: ignore[arg-type]
        deadly.commits += 1
        if deadly.commits == deadly.n and not deadly.after:
            raise Crash
        done = super().execute(sql, parameters)  # type: ignore[arg-type]
        if deadly.commits == deadly.n:
            raise Crash
        return done


class World:
    """Source logs in a folder and filters over them; each filter opened is another process."""

    def __init__(self, folder: Path, audience: Audience = CENTRE) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.audience, self.tree = folder, audience, TREE
        self.feed = audience.log("150000")
        self.alerts: EventStore = self.log(ALERTS)
        self.stock: EventStore = self.log(STOCK)

    def log(self, name: str, deadly: Deadly | None = None) -> SqliteLog:
        return SqliteLog(self.folder / f"{name}.db", name, *([deadly.connect] if deadly else []))

    def filter(self, audience: Audience | None = None, deadly: Deadly | None = None) -> Filter:
        told = audience or self.audience
        sources = [log for log in (self.alerts, self.stock) if log.name in told.sources("150000")]
        return Filter(told, sources, self.log(self.feed, deadly), lambda: self.tree)

    def given(self, audience: Audience | None = None) -> list[str]:
        """What the feed log holds once a new process ran dry: `stream@version` in order."""
        run_dry(self.filter(audience))
        return self.held()

    def held(self) -> list[str]:
        return [f"{recorded.stream}@{recorded.version}" for recorded in all_of(self.log(self.feed))]


def run_dry(*filters: Filter) -> None:
    for _ in range(10_000):
        if not any([each.step() for each in filters]):
            return
    raise AssertionError("did not run dry")


def check(feed: EventStore, sources: Sequence[EventStore]) -> None:
    """The feed is a whole log: beginnings of streams of its sources, each event once and as it was, but for its place."""
    assert verify(feed).fault is None
    originals = {recorded.id: recorded for source in sources for recorded in all_of(source)}
    events = all_of(feed)
    assert max(Counter(recorded.envelope.origin for recorded in events).values(), default=1) == 1
    for recorded in events:
        at, original = recorded.envelope, originals[recorded.envelope.origin or ""]
        assert (recorded.stream, recorded.version, recorded.type) == (original.stream, original.version, original.type)
        assert (at.id, at.source, at.log) == (f"{feed.name}:{recorded.position}", f"urn:ortoo:{feed.name}", feed.name)
        same = {"id": at.id, "source": at.source, "log": at.log, "position": at.position, "origin": at.origin}
        assert msgspec.structs.replace(original.envelope, **same, traceparent=None, commandid=None, commandevents=1) == at
