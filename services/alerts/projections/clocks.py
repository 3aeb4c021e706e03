"""The clock board: every deadline of every stream, whatever it belongs to. Amber and red are computed when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.alerts.deciders.incidents.state import BROUGHT_BY, LEAD
from services.alerts.events.clock import ClockMissed
from services.alerts.projections.merging import absorbed, of_incident
from shared.blocks.clocks import Due
from shared.handling.clocked import clock_families
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.many import marks
from shared.sql.ports import Connection

Row = dict[str, Any]
Place = tuple[str, str, str]
"""Where a page ended: due time, stream, key."""

FIRST: Place = ("", "", "")
NO_CLOCKS = {"running": 0, "amber": 0, "red": 0}
MINUTE = timedelta(minutes=1)
RUNS = f"ended IS NULL AND key <> '{LEAD}'"  # a duty of somebody; when a transfer comes into effect is none
CLOCK = Table(
    "clock",
    key=("stream", "key"),
    columns={
        "stream": "TEXT NOT NULL",
        "key": "TEXT NOT NULL",
        "rule": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "due_at": "TEXT NOT NULL",
        "amber_at": "TEXT",
        "ended": "TEXT",
        "how": "TEXT",  # met, late (met after it had passed) or stopped
        "told": "TEXT",  # when it was escalated
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "incident": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("ended", "due_at", "stream", "key"), ("incident", "ended", "due_at")),
)


class ClockBoard:
    """Builds the clock board from whatever facts carry deadlines."""

    tables: tuple[Table, ...] = (CLOCK,)
    listens: tuple[str, ...] = clock_families("alerts")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        for how in ("met", "stopped"):
            for key in getattr(event, how, ()):
                row = rows.get(CLOCK, at.streamid, key)
                if row is not None and row["ended"] is None:
                    late = how == "met" and utc(at.time) > row["due_at"]
                    rows.change(CLOCK, at.streamid, key, ended=utc(at.time), how="late" if late else how)
        for due in getattr(event, "clocks", ()):
            rows.put(
                CLOCK,
                stream=at.streamid,
                key=due.key,
                rule=due.rule,
                since=utc(due.since),
                due_at=utc(due.due_at),
                amber_at=utc(due.amber_at) if due.amber_at else None,
                ended=None,
                how=None,
                told=None,
                division=at.division,
                visibility=at.visibility,
                incident=at.correlationid,
                position=at.position,
            )
        if isinstance(event, ClockMissed):
            rows.change(CLOCK, at.streamid, event.key, told=utc(event.at))


def due_of(clocks: Sequence[Due], key: str) -> str | None:
    """By when a fact asks for what a key names, as columns hold it."""
    return next((utc(due.due_at) for due in clocks if due.key == key), None)


def running(db: Connection, *, after: Place, limit: int, incident: str | None = None) -> list[Row]:
    """A page of the deadlines that run, the next to pass first; of one incident if named."""
    where, values = of_incident(db, incident)
    sql = f"SELECT * FROM clock WHERE {RUNS}{where} AND (due_at, stream, key) > (?, ?, ?) ORDER BY due_at, stream, key LIMIT ?"
    return [dict(row) for row in db.execute(sql, (*values, *after, limit))]


def owed(db: Connection, key: str, now: datetime, incident: str | None = None) -> Iterator[Row]:
    """What incidents still owe under a key and should have done, the longest overdue first; what secondary incidents brought among it."""
    where, values = of_incident(db, incident)
    sql = f"SELECT * FROM clock WHERE ended IS NULL AND due_at <= ?{where} AND stream LIKE 'incident-%' AND (key = ? OR key LIKE ?)"
    for row in db.execute(f"{sql} ORDER BY due_at, stream, key", (utc(now), *values, key, f"{key}{BROUGHT_BY}%")):
        yield dict(row)


def every(db: Connection, incident: str, limit: int = 500) -> list[Row]:
    """Every deadline of an incident, ended ones too, those that run first."""
    where, values = of_incident(db, incident)
    sql = f"SELECT * FROM clock WHERE 1 = 1{where} ORDER BY ended IS NOT NULL, due_at, stream, key LIMIT ?"
    return [dict(row) for row in db.execute(sql, (*values, limit))]


def counted(db: Connection, incidents: Sequence[str], now: datetime, seen: Callable[[Row], bool]) -> dict[str, Row]:
    """Of each of these incidents how many deadlines run, press and have passed; of what was merged into it, if its reader may see that."""
    gone = absorbed(db, seen, incidents)
    names = tuple(dict.fromkeys((*incidents, *gone)))
    sql = f"""SELECT incident, COUNT(*) AS running, SUM(CASE WHEN due_at <= ? THEN 1 ELSE 0 END) AS red,
        SUM(CASE WHEN due_at > ? AND amber_at <= ? THEN 1 ELSE 0 END) AS amber
        FROM clock WHERE incident IN ({marks(names)}) AND {RUNS} GROUP BY incident"""
    found: dict[str, Row] = {}
    for row in db.execute(sql, (*[utc(now)] * 3, *names)) if names else ():
        for shown in _shown_with(row["incident"], gone, incidents):
            so_far = found.get(shown, NO_CLOCKS)
            found[shown] = {name: so_far[name] + int(row[name]) for name in NO_CLOCKS}
    return found


def next_of(db: Connection, incidents: Sequence[str], most: int, seen: Callable[[Row], bool]) -> dict[str, list[Row]]:
    """Of each of these incidents the deadlines that run and pass, or passed, first; each under the incident it came from."""
    gone = absorbed(db, seen, incidents)
    names = tuple(dict.fromkeys((*incidents, *gone)))
    ranked = f"SELECT *, ROW_NUMBER() OVER (PARTITION BY incident ORDER BY due_at, stream, key) AS place FROM clock WHERE {RUNS}"
    sql = f"SELECT * FROM ({ranked} AND incident IN ({marks(names)})) AS one WHERE place <= ? ORDER BY due_at, stream, key"
    found: dict[str, list[Row]] = {}
    for row in db.execute(sql, (*names, most)) if names else ():
        for shown in _shown_with(row["incident"], gone, incidents):
            found.setdefault(shown, []).append(dict(row))
    return {shown: rows[:most] for shown, rows in found.items()}


def _shown_with(incident: str, gone: Mapping[str, str], incidents: Sequence[str]) -> Iterator[str]:
    """With which of the incidents asked for what lies under this one is shown: itself, and the one it was merged into."""
    if incident in incidents:
        yield incident
    if incident in gone:
        yield gone[incident]


def one(db: Connection, stream: str, key: str) -> Row | None:
    """One deadline of a stream."""
    row = db.execute("SELECT * FROM clock WHERE stream = ? AND key = ?", (stream, key)).fetchone()
    return dict(row) if row is not None else None


def colour(row: Row, now: datetime) -> str:
    """Red once it passed, amber once it presses, else green; grey when it ended."""
    at = utc(now)
    if row["ended"] is not None:
        return "grey"
    if row["due_at"] <= at:
        return "red"
    return "amber" if row["amber_at"] is not None and row["amber_at"] <= at else "green"


def used(row: Row, now: datetime) -> Row:
    """How much of the time was used: limit and use in whole minutes, and whether it was late."""
    since, due_at = datetime.fromisoformat(row["since"]), datetime.fromisoformat(row["due_at"])
    until = datetime.fromisoformat(row["ended"]) if row["ended"] else now
    return {
        "limit_min": (due_at - since) // MINUTE,
        "used_min": (until - since) // MINUTE,
        "late": until > due_at,
        "due_at": row["due_at"],
        "met": row["how"] in ("met", "late"),
    }
