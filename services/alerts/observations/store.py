"""The observation store: one SQLite file with readings, stations, what was judged, and how far."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.alerts.observations.readings import Reading
from shared.eventlog.sqlite import connect, storage

SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, station TEXT NOT NULL, property TEXT NOT NULL, at TEXT NOT NULL, hours TEXT NOT NULL,
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
"""
_COLUMNS = "station, property, at, hours, value, observation, division"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of readings that came in. A conflicting one is kept beside the first, which goes on to count."""

    added: int
    repeated: int
    conflicting: tuple[Reading, ...]


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

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        with storage():
            self._db().executescript(SCHEMA)

    def add(self, readings: Sequence[Reading], received: datetime) -> Added:
        """Keep readings; all of a call or none."""
        added = repeated = 0
        conflicting = []
        with storage():
            db = self._db()
            db.execute("BEGIN IMMEDIATE")
            try:
                for reading in readings:
                    kept = _keep(db, reading, received)
                    added, repeated = added + (kept == "added"), repeated + (kept == "repeated")
                    if kept == "conflicting":
                        conflicting.append(reading)
                db.execute("COMMIT")
            except BaseException:
                db.execute("ROLLBACK")
                raise
        return Added(added, repeated, tuple(conflicting))

    def since(self, seq: int, limit: int = 500) -> list[tuple[int, Reading]]:
        """The readings that count, in the order they came, after a sequence number."""
        sql = f"SELECT seq, {_COLUMNS} FROM reading WHERE seq > ? AND conflicting = 0 ORDER BY seq LIMIT ?"
        return [(row[0], _reading(row[1:])) for row in self._all(sql, seq, limit)]

    def between(self, station: str, since: datetime, until: datetime) -> list[Reading]:
        """What counts of a station, of any property, ending in a span."""
        sql = f"SELECT {_COLUMNS} FROM reading WHERE station = ? AND at >= ? AND at <= ? AND conflicting = 0"
        return [_reading(row) for row in self._all(sql, station, _utc(since), _utc(until))]

    def conflicts(self, limit: int = 200) -> list[Reading]:
        """The last readings that contradict one we hold, newest first: a person looks which is right."""
        sql = f"SELECT {_COLUMNS} FROM reading WHERE conflicting = 1 ORDER BY seq DESC LIMIT ?"
        return [_reading(row) for row in self._all(sql, limit)]

    def totals(self, property: str, since: datetime) -> dict[tuple[str, str | None], Decimal]:
        """The sum of a property by (station, its division), of readings that end after `since`."""
        found: dict[tuple[str, str | None], Decimal] = {}
        sql = """SELECT r.station, coalesce(s.division, r.division), r.value FROM reading r LEFT JOIN station s ON s.station = r.station
                 WHERE r.at > ? AND r.property = ? AND r.conflicting = 0"""
        for station, division, value in self._all(sql, _utc(since), property):
            found[station, division] = found.get((station, division), Decimal(0)) + Decimal(value)
        return found

    def enroll(self, station: str, division: str) -> None:
        """The register says where the station is, whatever its readings said."""
        with storage():
            self._db().execute("INSERT OR REPLACE INTO station VALUES (?, ?, 1)", (station, division))

    def registered(self, station: str) -> bool:
        """Whether its division is known from the register."""
        return bool(self._all("SELECT 1 FROM station WHERE station = ? AND registered = 1", station))

    def division(self, station: str) -> str | None:
        """Where a station is: by the register, else of the first who reported it."""
        found = self._all("SELECT division FROM station WHERE station = ?", station)
        return found[0][0] if found else None

    def expect(self, station: str, division: str | None, interval_minutes: int | None, since: datetime) -> None:
        """From now on the station is heard at least so often; None: whenever it likes."""
        with storage():
            if interval_minutes is None:
                self._db().execute("DELETE FROM expected WHERE station = ?", (station,))
            else:
                row = (station, division, interval_minutes * 60, _utc(since))
                self._db().execute("INSERT OR REPLACE INTO expected VALUES (?, ?, ?, ?)", row)

    def silent(self, now: datetime, factor: int) -> list[Silence]:
        """Expected stations not heard for `factor` times their interval."""
        sql = """SELECT e.station, e.division, e.interval_s,
                        max(e.since, coalesce((SELECT max(at) FROM reading r WHERE r.station = e.station), '')) FROM expected e"""
        found = []
        for station, division, interval_s, heard in self._all(sql):
            last = datetime.fromisoformat(heard)
            expected_by = last + timedelta(seconds=interval_s * factor)
            if expected_by <= now:
                found.append(Silence(station, division, last, expected_by))
        return found

    def judged(self, alarms: Iterable[Alarm], repeats: Iterable[tuple[str, str, datetime]]) -> None:
        """Remember what was found; finding it again changes nothing."""
        with storage():
            db = self._db()
            db.execute("BEGIN IMMEDIATE")
            try:
                rows = [(a.crossing, a.station, a.hazard, a.colour, _utc(a.at)) for a in alarms]
                db.executemany("INSERT OR IGNORE INTO alarm VALUES (?, ?, ?, ?, ?)", rows)
                db.executemany("INSERT OR IGNORE INTO again VALUES (?, ?, ?)", [(s, h, _utc(at)) for s, h, at in repeats])
                db.execute("DELETE FROM again WHERE (station, hazard, at) IN (SELECT station, hazard, at FROM alarm)")
                db.execute("COMMIT")
            except BaseException:
                db.execute("ROLLBACK")
                raise

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
        with storage():
            self._db().execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", (name, position, chain))

    def _all(self, sql: str, *values: object) -> list[Any]:
        with storage():
            return self._db().execute(sql, values).fetchall()

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = connect(self.path)
        return db


def _keep(db: sqlite3.Connection, reading: Reading, received: datetime) -> str:
    key = (reading.station, reading.property, _utc(reading.at), _plain(reading.hours))
    held = [row[0] for row in db.execute("SELECT value FROM reading WHERE (station, property, at, hours) = (?, ?, ?, ?)", key)]
    value = _plain(reading.value)
    if value in held:
        return "repeated"
    row = (*key, value, reading.observation, reading.division, _utc(received), int(bool(held)))
    if reading.division is not None:
        db.execute("INSERT OR IGNORE INTO station VALUES (?, ?, 0)", (reading.station, reading.division))
    db.execute(f"INSERT INTO reading ({_COLUMNS}, received, conflicting) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
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


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
