"""Rights requests, breaches, processors and impact assessments with where they stand and what is due."""

from __future__ import annotations

from typing import Any

import msgspec

from services.privacy.events.clock import ClockMissed
from services.privacy.events.duties import (
    BreachClosed,
    BreachContained,
    BreachDetected,
    BreachGraded,
    BreachReported,
    BreachSubjectsNotified,
    ImpactAssessmentApproved,
    ImpactAssessmentDrafted,
    ProcessorEnded,
    ProcessorRegistered,
    ProcessorSupervised,
    RightsIdentityChecked,
    RightsRequestDecided,
    RightsRequestDone,
    RightsRequestReceived,
    RightsWordsDestroyed,
)
from services.privacy.events.minors import MinorsAudited, MinorsHeld
from services.privacy.events.record import PersonalDataAttached, PersonalDataDestroyed, PersonalDataJoined, PersonalDataUnclaimed
from services.privacy.events.words import RightsWordsKept, RightsWordsRead
from services.privacy.projections.listing import Row, decoded, listed, text
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, registered
from shared.sql.ports import Connection

DUTY = Table(
    "privacy_duty",
    key=("kind", "id"),
    columns={
        "kind": "TEXT NOT NULL",  # rights | breach | processor | assessment | minors | unclaimed
        "id": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "subject": "TEXT",  # of a request
        "said": "TEXT NOT NULL",  # what its facts said, under their names
        "due": "TEXT NOT NULL",  # by clock
        "missed": "TEXT NOT NULL",
        "at": "TEXT NOT NULL",
        "division": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("kind", "position"),),
)
_STATES: dict[type, str] = {
    RightsRequestReceived: "received",
    RightsIdentityChecked: "identity checked",
    RightsRequestDecided: "decided",
    RightsRequestDone: "done",
    RightsWordsDestroyed: "",  # as it was
    RightsWordsKept: "",
    BreachDetected: "detected",
    BreachContained: "contained",
    BreachGraded: "graded",
    BreachReported: "",  # told while something else is still done: see `_state`
    BreachSubjectsNotified: "subjects told",
    BreachClosed: "closed",
    ProcessorRegistered: "running",
    ProcessorSupervised: "running",
    ProcessorEnded: "ended",
    ImpactAssessmentDrafted: "drafted",
    ImpactAssessmentApproved: "valid",
    MinorsHeld: "held",
    PersonalDataUnclaimed: "waiting",
    MinorsAudited: "audited",
}
_KEPT_OUT = {"at", "by", "clocks", "met", "stopped", "division", "digest", "request", "breach", "processor", "ref", "run", "words"}
_AGGREGATES = ("rights", "breach", "processor", "assessment", "minors")


class Duties:
    """Builds one list for each kind of duty."""

    tables: tuple[Table, ...] = (DUTY,)
    listens: tuple[str, ...] = (
        *(family(name) for name, _ in registered("privacy") if name.split(".")[1] in _AGGREGATES),
        *(f"privacy.personal_data.{name}" for name in ("unclaimed", "attached", "joined", "destroyed")),
        "privacy.clock.missed",
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        kind, _, id = at.streamid.partition("-")
        if kind == "person":
            _of_person(rows, event, id, at)
        if kind not in _AGGREGATES or isinstance(event, RightsWordsRead):
            return
        if isinstance(event, ImpactAssessmentDrafted | ImpactAssessmentApproved):
            id = f"{event.module}.{event.assessment}"
        elif isinstance(event, ClockMissed) and kind == "assessment":
            id = f"{id}.{event.key.removeprefix('expires-')}"
        row = rows.get(DUTY, kind, id) or _new(kind, id, event, at)
        rows.put(DUTY, **row | _changed(event, row) | {"position": at.position, "division": at.division})


def _of_person(rows: Rows, event: Any, subject: str, at: Envelope) -> None:
    """What no incident has: one row for each record, by the key of its clock."""
    match event:
        case PersonalDataUnclaimed():
            for one in event.clocks:
                row = _new("unclaimed", f"{subject}.{one.key}", event, at)
                rows.put(DUTY, **row | _changed(event, row) | {"position": at.position})
        case ClockMissed():
            id = f"{subject}.{event.key}"
            if rows.get(DUTY, "unclaimed", id) is not None:
                rows.change(DUTY, "unclaimed", id, missed=text([event.key]), position=at.position)
        case PersonalDataAttached() | PersonalDataJoined() | PersonalDataDestroyed():
            for key in event.met:
                rows.change(DUTY, "unclaimed", f"{subject}.{key}", state="settled", due="{}", position=at.position)


def _new(kind: str, id: str, event: Any, at: Envelope) -> Row:
    about = {"subject": getattr(event, "subject", None), "at": utc(event.at), "division": at.division}
    return {"kind": kind, "id": id, "state": "", "said": "{}", "due": "{}", "missed": "[]", **about}


def _changed(event: Any, row: Row) -> Row:
    due: dict[str, str] = msgspec.json.decode(row["due"])
    if isinstance(event, ClockMissed):
        state = "expired" if row["kind"] == "assessment" else row["state"]
        return {"missed": text([*msgspec.json.decode(row["missed"]), event.key]), "state": state}
    for key in (*getattr(event, "met", ()), *getattr(event, "stopped", ())):
        due.pop(key, None)
    due |= {one.key: utc(one.due_at) for one in getattr(event, "clocks", ())}
    facts: Row = {name: value for name, value in msgspec.to_builtins(event).items() if name not in _KEPT_OUT}
    named: Row = {"subject": event.subject} if isinstance(event, RightsIdentityChecked) and event.subject else {}
    if isinstance(event, RightsIdentityChecked) and not named:
        facts.pop("subject", None)
    said = {**msgspec.json.decode(row["said"]), **facts}
    return {"state": _state(event, row), "said": text(said), "due": text(due), **named}


def _state(event: Any, row: Row) -> str:
    if isinstance(event, BreachReported):
        return "reported" if row["state"] == "graded" else str(row["state"])
    return _STATES[type(event)] or str(row["state"])


def duties(db: Connection, kind: str, *, before: int | None, limit: int, state: str | None = None) -> list[Row]:
    """Duties of one kind, the last changed first."""
    found = listed(db, "privacy_duty", before=before, limit=limit, kind=kind, state=state)
    return [decoded(row, "said", "due", "missed") for row in found]


def find(db: Connection, kind: str, id: str) -> Row | None:
    """One of them."""
    row = db.execute("SELECT * FROM privacy_duty WHERE kind = ? AND id = ?", (kind, id)).fetchone()
    return decoded(dict(row), "said", "due", "missed") if row is not None else None
