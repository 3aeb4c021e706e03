"""The observation store: readings, stations, what was judged, and how far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from services.alerts.observations.readings import Reading
from shared.handling.timers import utc
from shared.sql.pool import Pool
from shared.sql.ports import Connection, Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    seq INTEGER PRIMARY KEY, station TEXT NOT NULL, property TEXT NOT NULL, at TEXT NOT NULL, hours TEXT NOT NULL,
    value TEXT NOT NULL, observation TEXT NOT NULL, division TEXT, received TEXT NOT NULL, conflicting INTEGER NOT NULL,
    UNIQUE (station, property, at, hours, value));
CREATE UNIQUE INDEX IF NOT EXISTS reading_counts ON reading (station, property, at, hours) WHERE conflicting = 0;
CREATE INDEX IF NOT EXISTS reading_ended ON reading (at);
CREATE INDEX IF NOT EXISTS reading_heard ON reading (station, at);
CREATE TABLE IF NOT EXISTS expected (station TEXT PRIMARY KEY, division TEXT, interval_s INTEGER NOT NULL, since TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS station (station TEXT PRIMARY KEY, division TEXT NOT NULL, registered INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS alarm (
    crossing TEXT PRIMARY KEY, station TEXT NOT NULL, hazard TEXT NOT NULL, colour TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS again (station TEXT NOT NULL, hazard TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (station, hazard, at));
CREATE TABLE IF NOT EXISTS cursor (name TEXT PRIMARY KEY, position INTEGER NOT NULL, chain BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS refused (
    digest BLOB PRIMARY KEY, place TEXT NOT NULL, reason TEXT NOT NULL, value BLOB NOT NULL, received TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS numbered (what TEXT PRIMARY KEY, last INTEGER NOT NULL);
INSERT INTO numbered SELECT 'reading', coalesce(max(seq), 0) FROM reading WHERE true ON CONFLICT (what) DO NOTHING;
"""
_NUMBERS = "UPDATE numbered SET last = last + ? WHERE what = 'reading' RETURNING last"
TAKEN = 5_000  # readings copied in one transaction
_COLUMNS = "station, property, at, hours, value, observation, division"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of readings that came in. A conflicting one is kept beside the first, which goes on to count."""

    added: int
    repeated: int
    conflicting: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A record of a topic from which nothing could be kept: where it lay, why, and all of it."""

    place: str
    reason: str
    value: bytes
    received: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """A station that should have been heard by `expected_by`."""

    station: str
    division: str | None
    last_heard: datetime
    expected_by: datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """One crossing, and how often it was repeated before the next one of the same station and hazard."""

    crossing: str
    station: str
    hazard: str
    colour: str
    at: datetime
    repeats: int = 0


class ObservationStore:
    """Idempotent by station, property, time and span; durable before `add` returns. Safe from any thread."""

    def __init__(self, database: Database) -> None:
        self._pool = Pool(database.connect)
        with self._pool.use() as db:
            db.executescript(SCHEMA)

    def close(self) -> None:
        """Close its connections."""
        self._pool.close()

    def add(self, readings: Sequence[Reading], received: datetime) -> Added:
        """Keep readings; all of a call or none. Several processes add one after the other, so that numbers are seen in their order."""
        with self._pool.transaction() as db:
            (last,) = db.execute("UPDATE numbered SET last = last + ? WHERE what = 'reading' RETURNING last", (len(readings),)).fetchall()[
                0
            ]
            first = last - len(readings) + 1
            kept = [_keep(db, seq, reading, received) for seq, reading in enumerate(readings, first)]
        conflicting = tuple(reading for reading, what in zip(readings, kept, strict=True) if what == "conflicting")
        return Added(kept.count("added"), kept.count("repeated"), conflicting)

    def take(self, source: Connection, until: datetime | None = None) -> None:
        """Into an empty store what had come into another by then, as it came: what counted there counts here, and nobody has judged it."""
        sql = f"SELECT seq, received, {_COLUMNS} FROM reading WHERE seq > ? AND received <= ? ORDER BY seq LIMIT {TAKEN}"
        rows: list[Any] = [(0,)]
        while rows := source.execute(sql, (rows[-1][0], utc(until) if until is not None else "9")).fetchall():
            with self._pool.transaction() as db:
                for seq, received, *row in rows:
                    _keep(db, seq, _reading(row), datetime.fromisoformat(received))
                db.execute("UPDATE numbered SET last = ? WHERE what = 'reading'", (rows[-1][0],))

    def since(self, seq: int, limit: int = 500) -> list[tuple[int, Reading]]:
        """The readings that count, in the order they came, after a sequence number."""
        sql = f"SELECT seq, {_COLUMNS} FROM reading WHERE seq > ? AND conflicting = 0 ORDER BY seq LIMIT ?"
        return [(row[0], _reading(row[1:])) for row in self._all(sql, seq, limit)]

    def between(self, station: str, since: datetime, until: datetime) -> list[Reading]:
        """What counts of a station, of any property, ending in a span."""
        sql = f"SELECT {_COLUMNS} FROM reading WHERE station = ? AND at >= ? AND at <= ? AND conflicting = 0"
        return [_reading(row) for row in self._all(sql, station, utc(since), utc(until))]

    def conflicts(self, limit: int = 200) -> list[Reading]:
        """The last readings that contradict one we hold, newest first: a person looks which is right."""
        sql = f"SELECT {_COLUMNS} FROM reading WHERE conflicting = 1 ORDER BY seq DESC LIMIT ?"
        return [_reading(row) for row in self._all(sql, limit)]

    def refuse(self, records: Iterable[Refused]) -> None:
        """Keep what cannot be read or cannot be true, for a person; the same bytes once."""
        rows = [(sha256(r.value).digest(), r.place, r.reason, r.value, utc(r.received)) for r in records]
        if rows:
            with self._pool.transaction() as db:
                db.executemany("INSERT INTO refused VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)

    def refused(self, limit: int = 200) -> list[Refused]:
        """The last records that were set aside, newest first."""
        sql = "SELECT place, reason, value, received FROM refused ORDER BY received DESC, place LIMIT ?"
        return [Refused(place, reason, value, datetime.fromisoformat(at)) for place, reason, value, at in self._all(sql, limit)]

    def totals(self, property: str, since: datetime) -> dict[tuple[str, str | None], Decimal]:
        """The sum of a property by (station, its division), of readings that end after `since`."""
        found: dict[tuple[str, str | None], Decimal] = {}
        sql = """SELECT r.station, coalesce(s.division, r.division), r.value FROM reading r LEFT JOIN station s ON s.station = r.station
                 WHERE r.at > ? AND r.property = ? AND r.conflicting = 0"""
        for station, division, value in self._all(sql, utc(since), property):
            found[station, division] = found.get((station, division), Decimal(0)) + Decimal(value)
        return found

    def enroll(self, station: str, division: str) -> None:
        """The register says where the station is, whatever its readings said."""
        self._do(
            "INSERT INTO station VALUES (?, ?, 1) ON CONFLICT (station) DO UPDATE SET division = excluded.division, registered = 1",
            station,
            division,
        )

    def registered(self, station: str) -> bool:
        """Whether its division is known from the register."""
        return bool(self._all("SELECT 1 FROM station WHERE station = ? AND registered = 1", station))

    def division(self, station: str) -> str | None:
        """Where a station is: by the register, else of the first who reported it."""
        found = self._all("SELECT division FROM station WHERE station = ?", station)
        return found[0][0] if found else None

    def expect(self, station: str, division: str | None, interval_minutes: int | None, since: datetime) -> None:
        """From now on the station is heard at least so often; None: whenever it likes."""
        if interval_minutes is None:
            self._do("DELETE FROM expected WHERE station = ?", station)
        else:
            sql = """INSERT INTO expected VALUES (?, ?, ?, ?) ON CONFLICT (station) DO UPDATE SET
                     division = excluded.division, interval_s = excluded.interval_s, since = excluded.since"""
            self._do(sql, station, division, interval_minutes * 60, utc(since))

    def silent(self, now: datetime, factor: int) -> list[Silence]:
        """Expected stations not heard for `factor` times their interval."""
        sql = """SELECT station, division, interval_s, since, coalesce((SELECT max(at) FROM reading r WHERE r.station = e.station), '')
                 FROM expected e"""
        found = []
        for station, division, interval_s, since, heard in self._all(sql):
            last = datetime.fromisoformat(max(since, heard))
            patience_s = interval_s * factor
            if (now - last).total_seconds() >= patience_s:  # compared as numbers: an interval of ages has no date at which it ends
                found.append(Silence(station, division, last, last + timedelta(seconds=patience_s)))
        return found

    def judged(self, alarms: Iterable[Alarm], repeats: Iterable[tuple[str, str, datetime]]) -> None:
        """Remember what was found; finding it again changes nothing."""
        with self._pool.transaction() as db:
            rows = [(a.crossing, a.station, a.hazard, a.colour, utc(a.at)) for a in alarms]
            db.executemany("INSERT INTO alarm VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)
            db.executemany("INSERT INTO again VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [(s, h, utc(at)) for s, h, at in repeats])
            db.execute("DELETE FROM again WHERE (station, hazard, at) IN (SELECT station, hazard, at FROM alarm)")

    def alarms(self, limit: int = 200) -> list[Alarm]:
        """The last crossings, newest first, each with the repeats it stands for."""
        sql = """SELECT crossing, station, hazard, colour, at, (
                    SELECT count(*) FROM again g WHERE g.station = a.station AND g.hazard = a.hazard AND g.at > a.at AND g.at < coalesce(
                        (SELECT min(n.at) FROM alarm n WHERE n.station = a.station AND n.hazard = a.hazard AND n.at > a.at), '9'))
                 FROM alarm a ORDER BY at DESC, crossing LIMIT ?"""
        found = self._all(sql, limit)
        return [
            Alarm(crossing, station, hazard, colour, datetime.fromisoformat(at), again)
            for crossing, station, hazard, colour, at, again in found
        ]

    def cursor(self, name: str) -> tuple[int, bytes]:
        """How far a reader of this store, or into it, has come."""
        found: list[tuple[int, bytes]] = self._all("SELECT position, chain FROM cursor WHERE name = ?", name)
        return found[0] if found else (0, b"")

    def save_cursor(self, name: str, position: int, chain: bytes = b"") -> None:
        """Go on from here next time."""
        sql = "INSERT INTO cursor VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET position = excluded.position, chain = excluded.chain"
        self._do(sql, name, position, chain)

    def _all(self, sql: str, *values: object) -> list[Any]:
        with self._pool.use() as db:
            return db.execute(sql, values).fetchall()

    def _do(self, sql: str, *values: object) -> None:
        with self._pool.use() as db:
            db.execute(sql, values)


def _keep(db: Connection, seq: int, reading: Reading, received: datetime) -> str:
    key = (reading.station, reading.property, utc(reading.at), _plain(reading.hours))
    held = [row[0] for row in db.execute("SELECT value FROM reading WHERE (station, property, at, hours) = (?, ?, ?, ?)", key)]
    value = _plain(reading.value)
    if value in held:
        return "repeated"
    row = (seq, *key, value, reading.observation, reading.division, utc(received), int(bool(held)))
    if reading.division is not None:
        db.execute("INSERT INTO station VALUES (?, ?, 0) ON CONFLICT (station) DO NOTHING", (reading.station, reading.division))
    db.execute(f"INSERT INTO reading (seq, {_COLUMNS}, received, conflicting) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return "conflicting" if held else "added"


def _reading(row: Sequence[object]) -> Reading:
    station, property, at, hours, value, observation, division = (None if cell is None else str(cell) for cell in row)
    return Reading(
        station or "",
        property or "",
        datetime.fromisoformat(at or ""),
        Decimal(hours or 0),
        Decimal(value or 0),
        observation or "",
        division,
    )


def _plain(number: Decimal) -> str:
    """One text for one number: 48, 48.0 and 4.8E+1 are the same reading."""
    return f"{number.normalize():f}"
