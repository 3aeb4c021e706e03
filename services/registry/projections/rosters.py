"""Duty rosters: who has the duty at a time, and whether they took over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.registry.events.rosters import DutyShift, HandOverAcknowledged, HandOverMissed, RosterEvent, RosterPublished
from shared.handling.declare import Rows, Table
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
ROSTERS = Table(
    "roster",
    key=("roster",),
    columns={"roster": "TEXT NOT NULL", "division": "TEXT NOT NULL", "organ": "TEXT", "shifts": "TEXT NOT NULL"},
    indexes=(("division",),),
)


class RosterList:
    """Rosters with their shifts."""

    tables: tuple[Table, ...] = (ROSTERS,)
    listens: tuple[str, ...] = ("registry.roster.published", "registry.handover.acknowledged", "registry.handover.missed")

    def apply(self, rows: Rows, event: RosterEvent, at: Envelope) -> None:
        row = rows.get(ROSTERS, event.roster)
        shifts: list[Row] = msgspec.json.decode(row["shifts"]) if row else []
        match event:
            case RosterPublished(roster=roster, division=division, organ=organ):
                rows.put(ROSTERS, roster=roster, division=division, organ=organ, shifts=_json(_joined(shifts, event.shifts)))
            case HandOverAcknowledged(shift=name):
                _mark(rows, event.roster, shifts, name, {"acknowledged_at": _utc(event.at), "late": event.late})
            case HandOverMissed(shift=name):
                _mark(rows, event.roster, shifts, name, {"missed_at": _utc(event.at), "standing_in": event.standing_in})


def duty(db: Connection, division: str, at: datetime) -> Sequence[Row]:
    """Of each roster of a division the shift that holds then, and who has the duty: the post itself, or who stands in for it."""
    found, moment = [], _utc(at)
    for row in db.execute("SELECT * FROM roster WHERE division = ? ORDER BY roster", (division,)).fetchall():
        for shift in msgspec.json.decode(row["shifts"]):
            if shift["starts"] <= moment < shift["ends"]:
                absent = shift["missed_at"] is not None and shift["acknowledged_at"] is None
                has = shift["standing_in"] if absent else shift["post"]
                found.append({"roster": row["roster"], "organ": row["organ"], "on_duty": has, **shift})
    return found


def missed(db: Connection, at: datetime) -> Sequence[Row]:
    """The take-overs that nobody made, of shifts that hold then, in every division."""
    divisions = [row["division"] for row in db.execute("SELECT DISTINCT division FROM roster ORDER BY division").fetchall()]
    found = [{"division": division, **shift} for division in divisions for shift in duty(db, division, at)]
    return [shift for shift in found if shift["missed_at"] is not None and shift["acknowledged_at"] is None]


def _joined(old: Sequence[Row], new: Sequence[DutyShift]) -> list[Row]:
    first = _utc(new[0].starts)
    kept = [shift | {"ends": min(shift["ends"], first)} for shift in old if shift["starts"] < first]
    known = {(shift["shift"], shift["post"]): shift for shift in old}
    for shift in new:
        plain = {"shift": shift.shift, "post": shift.post, "starts": _utc(shift.starts), "ends": _utc(shift.ends)}
        told = {"due_at": _utc(shift.due_at) if shift.due_at else None}
        said = known.get((shift.shift, shift.post), {"acknowledged_at": None, "late": False, "missed_at": None, "standing_in": None})
        kept.append({**said, **plain, **told})
    return kept


def _mark(rows: Rows, roster: str, shifts: Sequence[Row], name: str, told: Row) -> None:
    rows.change(ROSTERS, roster, shifts=_json([shift | told if shift["shift"] == name else shift for shift in shifts]))


def _json(shifts: Sequence[Row]) -> str:
    return msgspec.json.encode(shifts).decode()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
