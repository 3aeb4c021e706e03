"""Incidents as rows, and what stands in the way of closing each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from services.alerts.deciders.incidents.registering import same_place
from services.alerts.events import closure, incident, leading
from services.alerts.events.scales import EventGrade
from services.alerts.projections import clocks
from services.alerts.projections.joining import text
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, registered
from shared.sql.ports import Connection

Row = dict[str, Any]
INCIDENT = Table(
    "incident",
    key=("incident",),
    columns={
        "incident": "TEXT NOT NULL",
        "type": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "open": "INTEGER NOT NULL",
        "grade": "TEXT",
        "weight": "INTEGER NOT NULL",  # of the grade: the gravest first
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "divisions": "TEXT NOT NULL",
        "leads": "TEXT NOT NULL",
        "main": "TEXT",
        "merged_into": "TEXT",
        "commander": "TEXT",
        "commander_division": "TEXT",
        "at_place": "TEXT",
        "place_key": "TEXT",  # what two ways of telling where it is have in common
        "text": "TEXT NOT NULL",
        "occurred_at": "TEXT",
        "known_at": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "closed_at": "TEXT",
        "notes": "INTEGER NOT NULL",
        "reported_again": "INTEGER NOT NULL",
        "updated": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("open", "weight", "since"), ("place_key",), ("main",), ("merged_into",)),
)
CLOSURE_ITEM = Table(
    "closure_item",
    key=("incident", "kind", "item"),
    columns={
        "incident": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "item": "TEXT NOT NULL",
        "opened": "TEXT NOT NULL",
        "settled": "TEXT",
        "how": "TEXT",
        "position": "INTEGER NOT NULL",
    },
)
WEIGHTS = {grade.value: n for n, grade in enumerate(EventGrade)}  # the gravest is 0
UNGRADED = len(WEIGHTS)

STATES: dict[type, str] = {
    incident.IncidentVerified: "Verified",
    incident.IncidentResponding: "Responding",
    incident.IncidentControlled: "Controlled",
    incident.IncidentAfterCareStarted: "AfterCare",
    incident.IncidentClosed: "Closed",
    incident.IncidentDismissed: "Dismissed",
    leading.IncidentMerged: "Merged",
}
ENDED = ("Closed", "Dismissed", "Merged")
MOST = 2_000  # deadlines of one incident looked at for a board
_TOLD_BY = ("incident", "type", "state", "grade", "division", "visibility", "divisions", "leads", "main", "commander")
_OPENED = f"SELECT {', '.join(_TOLD_BY)} FROM incident WHERE open = 1 ORDER BY weight, since, incident"


class Incidents:
    """Builds the list of incidents and of what each waits for."""

    tables: tuple[Table, ...] = (INCIDENT, CLOSURE_ITEM)
    listens: tuple[str, ...] = tuple(
        family(name) for name, _ in registered("alerts") if name.startswith(("alerts.incident.", "alerts.closure."))
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case incident.IncidentRegistered():
                rows.put(INCIDENT, **_registered(event, at))
            case closure.ClosureItemOpened():
                rows.put(
                    CLOSURE_ITEM,
                    incident=event.incident,
                    item=event.item,
                    kind=event.kind,
                    opened=utc(event.at),
                    settled=None,
                    how=None,
                    position=at.position,
                )
            case closure.ClosureItemSettled():
                ended: Row = {"settled": utc(event.at), "how": event.how}
                if rows.get(CLOSURE_ITEM, event.incident, event.kind, event.item) is not None:
                    rows.change(CLOSURE_ITEM, event.incident, event.kind, event.item, **ended)
                else:  # told of only once it was over
                    named: Row = {"incident": event.incident, "item": event.item, "kind": event.kind, "opened": utc(event.at)}
                    rows.put(CLOSURE_ITEM, **named, **ended, position=at.position)
            case closure.ClosureItemsCarried():
                for item, kind in event.items:
                    rows.change(CLOSURE_ITEM, event.incident, kind, item, settled=utc(event.at), how=f"carried to {event.into}")
            case closure.ClosureItemForwarded():
                pass  # counted with the incident it was forwarded to
            case _:
                _changed(rows, event, at)


def _registered(event: incident.IncidentRegistered, at: Envelope) -> Row:
    return {
        "incident": event.incident,
        "type": event.type.value,
        "state": "Suspected",
        "open": 1,
        "grade": None,
        "weight": UNGRADED,
        "division": at.division,
        "visibility": at.visibility,
        "divisions": text(event.divisions),
        "leads": text([lead.division for lead in event.leads]),
        "main": None,
        "merged_into": None,
        "commander": None,
        "commander_division": None,
        "at_place": event.at_place,
        "place_key": _place_key(event.at_place, event.text),
        "text": event.text,
        "occurred_at": utc(event.occurred_at) if event.occurred_at else None,
        "known_at": utc(event.known_at),
        "since": utc(event.at),
        "closed_at": None,
        "notes": 0,
        "reported_again": 0,
        "updated": utc(at.time),
        "position": at.position,
    }


def _changed(rows: Rows, event: Any, at: Envelope) -> None:
    row = rows.get(INCIDENT, event.incident)
    if row is None:
        return
    changed: Row = {"division": at.division, "visibility": at.visibility, "updated": utc(at.time), "position": at.position}
    state = STATES.get(type(event)) if row["state"] != "Merged" else None
    if isinstance(event, incident.IncidentVerified) and row["state"] != "Suspected":
        state = None  # it was responded to before
    if state is not None:
        changed |= {"state": state, "open": int(state not in ENDED), "closed_at": utc(event.at) if state in ENDED else None}
    if state in ENDED:
        changed |= {"commander": None, "commander_division": None}
    rows.change(INCIDENT, event.incident, **changed, **_said(event, row))


def _said(event: Any, row: Row) -> Row:
    match event:
        case incident.IncidentClassified():
            return {"type": event.type.value, "grade": event.grade.value, "weight": WEIGHTS[event.grade.value]}
        case incident.IncidentRegraded():
            return {"grade": event.grade.value, "weight": WEIGHTS[event.grade.value]}
        case incident.IncidentReopened():
            return {"state": "Suspected" if row["state"] == "Dismissed" else "Responding", "open": 1, "closed_at": None}
        case incident.IncidentNoteRegistered():
            return {"notes": row["notes"] + 1}
        case incident.IncidentReportedAgain():
            return {"reported_again": row["reported_again"] + 1}
        case leading.LeadTransferred():
            return {} if event.clocks else {"leads": _names(event.leads) if event.leads else text([event.to])}
        case leading.LeadDesignated() | leading.LeadTaken():
            return {"leads": _names(event.leads)}
        case leading.IncidentExtended() | leading.IncidentAbsorbed():
            return {"leads": _names(event.leads), "divisions": text(event.divisions), **_absorbed(event)}
        case leading.SiteHQEstablished() | leading.SiteCommandTransferred():
            return {"commander": event.commander, "commander_division": event.division}
        case leading.SiteHQDissolved():
            return {"commander": None, "commander_division": None}
        case leading.MadeSecondary():
            return {"main": event.main}
        case leading.IncidentMerged():
            return {"merged_into": event.into}
        case _:
            return {}


def _absorbed(event: Any) -> Row:
    """What was found of the other holds for this one."""
    if not isinstance(event, leading.IncidentAbsorbed):
        return {}
    graded = {"grade": event.grade.value, "weight": WEIGHTS[event.grade.value]} if event.grade is not None else {}
    return graded | ({"state": event.status} if event.status is not None else {})


def _names(leads: Iterable[incident.Lead]) -> str:
    return text([lead.division for lead in leads])


def find(db: Connection, incident: str) -> Row | None:
    """An incident by its id."""
    row = db.execute("SELECT * FROM incident WHERE incident = ?", (incident,)).fetchone()
    return dict(row) if row is not None else None


def opened(db: Connection) -> list[Row]:
    """Every open incident, the gravest first, of equal grade the oldest; only what tells them apart."""
    return [dict(row) for row in db.execute(_OPENED)]


def _place_key(at_place: str | None, words: str) -> str | None:
    """Where no place is named, what the words have in common."""
    told = same_place(at_place or words)
    return told if at_place or not told else f"words.{sha256(told.encode()).hexdigest()[:32]}"


def alike(db: Connection, type: str, at_place: str | None, words: str) -> list[Row]:
    """Open incidents of a type at a place, however that is written, or told of without one in the same words; the newest first."""
    sql = "SELECT incident, division, visibility, occurred_at, known_at FROM incident WHERE place_key = ? AND type = ? AND open = 1"
    return [dict(row) for row in db.execute(f"{sql} ORDER BY since DESC", (_place_key(at_place, words), type))]


def for_board(db: Connection, seen: Callable[[Row], bool], now: datetime, incident: str | None = None) -> Row:
    """The open incidents a reader sees, and the one looked at: as named, else the gravest that followed from no other."""
    rows = [row for row in opened(db) if seen(row)]
    chosen = (row for row in rows if (row["incident"] == incident if incident else row["main"] is None))
    shown = next(chosen, None)
    grades = Counter(row["grade"] or "ungraded" for row in rows)
    board: Row = {"incidents": len(rows), "incidents_by_grade": dict(grades)}
    board |= {name: shown[name] if shown else None for name in ("incident", "type", "state", "grade", "commander")}
    board["leads"] = msgspec.json.decode(shown["leads"]) if shown else []
    return board | _clocks(db, seen, shown["incident"] if shown else None, now)


def _clocks(db: Connection, seen: Callable[[Row], bool], incident: str | None, now: datetime) -> Row:
    """What runs for the incident and its reports, by the rows of the catalogue (domain 2.17). What orders and goods owe has its own
    place, and so has a part of a row: the press conference stands beside the release (K-30)."""
    running = clocks.running(db, after=clocks.FIRST, limit=MOST, incident=incident) if incident else []
    running = [row for row in running if row["incident"] == incident or seen(row)]  # what was merged into it may be restricted
    ours = [row for row in running if row["stream"].startswith(("incident-", "report-")) and "." not in row["rule"]]
    release, press = (clocks.one(db, f"incident-{incident}", key) if incident else None for key in ("release", "press"))
    told = {"press": clocks.used(press, now) if press else None}
    return {
        "open_clocks": sorted({row["rule"] for row in ours}),
        "open_clocks_amber": sorted({row["rule"] for row in ours if clocks.colour(row, now) == "amber"}),
        "open_clocks_red": sorted({row["rule"] for row in ours if clocks.colour(row, now) == "red"}),
        "clock_K30": clocks.used(release, now) | told if release else None,
    }


def listed(db: Connection, *, before: int | None, limit: int, given: Mapping[str, object]) -> list[Row]:
    """Incidents, the last changed first; `before` is the position of the last row of the page before, `given` what columns are."""
    chosen, where = _where(given)
    sql = f"SELECT * FROM incident WHERE {where} AND position < ? ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (*chosen, before if before is not None else 2**62, limit))]


def every(db: Connection, given: Mapping[str, object]) -> list[Row]:
    """All incidents, in no order; `given` is what columns are."""
    chosen, where = _where(given)
    return [dict(row) for row in db.execute(f"SELECT * FROM incident WHERE {where}", chosen)]


def _where(given: Mapping[str, object]) -> tuple[list[object], str]:
    said = {name: value for name, value in given.items() if value is not None}
    return list(said.values()), " AND ".join(f"{name} = ?" for name in said) or "1 = 1"


def belonging(db: Connection, incident: str) -> tuple[list[Row], list[Row]]:
    """Its secondary incidents, and those that were merged into it."""
    named = "SELECT incident, state, grade, division, visibility FROM incident WHERE {} = ? ORDER BY since"
    secondaries = [dict(row) for row in db.execute(named.format("main"), (incident,))]
    return secondaries, [dict(row) for row in db.execute(named.format("merged_into"), (incident,))]


def closure_items(db: Connection, incident: str) -> list[Row]:
    """What was opened for an incident and how it ended, in the order it was opened."""
    sql = "SELECT item, kind, opened, settled, how FROM closure_item WHERE incident = ? ORDER BY position, item"
    return [dict(row) for row in db.execute(sql, (incident,))]
