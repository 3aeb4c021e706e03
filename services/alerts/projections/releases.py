"""What was told to the public and what is being made; and rumours."""

from __future__ import annotations

from typing import Any

import msgspec

from services.alerts.events.release import (
    PressBriefingHeld,
    ReleaseApproved,
    ReleaseDrafted,
    ReleasePublished,
    ReleaseReviewed,
    ReleaseUpdateDrafted,
    ReleaseWithdrawn,
)
from services.alerts.events.rumour import RumourChecked, RumourClarified, RumourOpened, RumourReferred
from services.alerts.projections.joining import text
from services.alerts.projections.merging import of_incident
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
RELEASE = Table(
    "public_release",
    key=("id",),
    columns={
        "id": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "content": "TEXT NOT NULL",  # the text in hand
        "version": "INTEGER NOT NULL",
        "author": "TEXT NOT NULL",
        "approver": "TEXT",
        "secret": "TEXT",
        "privacy": "TEXT",
        "facts": "TEXT",
        "words": "TEXT",  # why they are right, where they count people otherwise than the report
        "public_content": "TEXT",  # what everybody reads
        "public_version": "INTEGER NOT NULL",
        "mark": "TEXT NOT NULL",
        "published_at": "TEXT",
        "withdrawn_at": "TEXT",
        "reason": "TEXT",
        "briefings": "INTEGER NOT NULL",
        "incident": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("state", "position")),
)
RUMOUR = Table(
    "rumour",
    key=("rumour",),
    columns={
        "rumour": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "text": "TEXT NOT NULL",
        "note": "TEXT",
        "cleared_by": "TEXT",
        "referred_to": "TEXT",
        "opened_at": "TEXT NOT NULL",
        "due_at": "TEXT",
        "incident": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
_OF_RELEASES = ("drafted", "update_drafted", "reviewed", "approved", "published", "withdrawn", "briefing_held")


class Releases:
    """Builds the lists of releases and rumours."""

    tables: tuple[Table, ...] = (RELEASE, RUMOUR)
    listens: tuple[str, ...] = (
        *(f"alerts.release.{name}" for name in _OF_RELEASES),
        *(f"alerts.rumour.{name}" for name in ("opened", "checked", "clarified", "referred")),
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case ReleaseDrafted():
                rows.put(RELEASE, **_drafted(event, rows.get(RELEASE, event.release), at))
            case RumourOpened():
                rows.put(RUMOUR, **_opened(event, at))
            case RumourChecked() | RumourClarified() | RumourReferred():
                known = rows.get(RUMOUR, event.rumour) or {}
                rows.change(RUMOUR, event.rumour, position=at.position, **_checked(event, known.get("state")))
            case _:
                row = rows.get(RELEASE, event.release)
                if row is not None:
                    rows.change(RELEASE, event.release, position=at.position, visibility=at.visibility, **_changed(event, row))


def _drafted(event: ReleaseDrafted, known: Row | None, at: Envelope) -> Row:
    public = {"public_content": None, "public_version": 0, "mark": "", "published_at": None, "briefings": 0, "version": 1}
    kept = {name: known[name] for name in public} if known else public
    return kept | {
        "id": event.release,
        "state": "drafted",
        "content": text(event.content),
        "author": event.by,
        "approver": None,
        "secret": None,
        "privacy": None,
        "facts": None,
        "words": None,
        "withdrawn_at": None,
        "reason": None,
        "incident": event.incident,
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def _changed(event: Any, row: Row) -> Row:
    match event:
        case ReleaseUpdateDrafted():
            looked = {"secret": None, "privacy": None, "facts": None, "words": None, "approver": None}
            return looked | {"state": "drafted", "content": text(event.content), "version": event.version, "author": event.by}
        case ReleaseReviewed():
            said = {name: getattr(event, name) or row[name] for name in ("secret", "privacy", "facts", "words")}
            return said | {"state": _reviewed(said, row) if event.passed else "returned"}
        case ReleaseApproved(by=by):
            return {"state": "approved", "approver": by}
        case ReleasePublished():
            public = {"public_content": text(event.content), "public_version": event.version, "published_at": utc(event.at)}
            return public | {"state": "published", "mark": event.mark}
        case ReleaseWithdrawn(reason=reason):
            return {"state": "withdrawn", "withdrawn_at": utc(event.at), "reason": reason}
        case PressBriefingHeld():
            return {"briefings": row["briefings"] + 1}
        case _:
            return {}


def _reviewed(said: Row, row: Row) -> str:
    """Once everything was looked at; facts where there are figures."""
    figures = msgspec.json.decode(row["content"])["figures"]
    return "reviewed" if said["secret"] and said["privacy"] and (said["facts"] or not figures) else "drafted"


def _opened(event: RumourOpened, at: Envelope) -> Row:
    return {
        "rumour": event.rumour,
        "state": "spotted",
        "text": event.text,
        "note": None,
        "cleared_by": None,
        "referred_to": None,
        "opened_at": utc(event.at),
        "due_at": utc(event.clocks[0].due_at) if event.clocks else None,
        "incident": event.incident,
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def _checked(event: RumourChecked | RumourClarified | RumourReferred, state: str | None) -> Row:
    match event:
        case RumourChecked(finding=finding, note=note):
            return {"state": finding.value, "note": note}
        case RumourClarified(release=release):
            return {"state": "referred" if state == "referred" else "clarified", "cleared_by": release, "due_at": None}
        case RumourReferred(to=to):
            return {"state": "referred", "referred_to": to.value}


def find(db: Connection, release: str) -> Row | None:
    """A release by its id."""
    row = db.execute("SELECT * FROM public_release WHERE id = ?", (release,)).fetchone()
    return dict(row) if row is not None else None


def listed(db: Connection, *, before: int | None, limit: int, state: str | None, incident: str | None) -> list[Row]:
    """Releases, the last changed first."""
    where, values = of_incident(db, incident)
    if state is not None:
        where, values = f"{where} AND state = ?", (*values, state)
    sql = f"SELECT * FROM public_release WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]


def rumours(db: Connection, *, before: int | None, limit: int, incident: str | None) -> list[Row]:
    """Rumours, the last changed first."""
    where, values = of_incident(db, incident)
    sql = f"SELECT * FROM rumour WHERE position < ?{where} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (before if before is not None else 2**62, *values, limit))]
