"""Call-ups with everybody in them."""

from __future__ import annotations

from typing import Any

import msgspec

from services.volunteers.events import callup as said
from services.volunteers.events import gate, placing
from shared.handling.declare import Rows, Table
from shared.handling.merging import paged
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
CALLUP = Table(
    "callup",
    key=("call_up",),
    columns={
        "call_up": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "incident": "TEXT",
        "task": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "until": "TEXT NOT NULL",
        "place": "TEXT",
        "caller": "TEXT",
        "called_by": "TEXT NOT NULL",
        "risk_text": "INTEGER",
        "skills": "TEXT NOT NULL",
        "hazard": "TEXT NOT NULL",
        "quota": "INTEGER",
        "wave": "INTEGER NOT NULL",
        "filled": "INTEGER NOT NULL",
        "host_accepted": "INTEGER NOT NULL",
        "reason": "TEXT",
        "ended": "TEXT",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("state", "position"), ("incident", "position")),
)
PARTY = Table(
    "callup_party",
    key=("call_up", "holder"),
    columns={
        "call_up": "TEXT NOT NULL",
        "holder": "TEXT NOT NULL",
        "is_force": "INTEGER NOT NULL",
        "ordered": "INTEGER NOT NULL",
        "wave": "INTEGER NOT NULL",
        "state": "TEXT NOT NULL",
        "accepted": "INTEGER NOT NULL",
        "fit": "INTEGER",
        "failures": "TEXT NOT NULL",
        "gap": "TEXT",
        "eta": "TEXT",
        "silent": "INTEGER NOT NULL",
        "host_needed": "INTEGER NOT NULL",
        "members": "TEXT NOT NULL",
        "gone": "TEXT NOT NULL",
        "zone": "TEXT",
        "people": "INTEGER NOT NULL",
        "minutes": "INTEGER",
        "days": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("holder", "position"),),
)
_CALLUPS = (
    *(
        "offered",
        "ordered",
        "accepted",
        "declined",
        "silent",
        "reserved",
        "member_left",
        "eligibility_passed",
        "eligibility_failed",
        "quota_filled",
    ),
    *("offer_closed", "host_accepted", "withdrawn", "departed", "host_checked_in", "zone_assigned", "rotated", "stood_down"),
    *("cancelled", "checked_out", "settled"),
)


class CallUps:
    """Builds the board of call-ups."""

    tables: tuple[Table, ...] = (CALLUP, PARTY)
    listens: tuple[str, ...] = tuple(f"volunteers.callup.{name}" for name in _CALLUPS)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case said.CallUpOffered() | said.CallUpOrdered():
                _called(rows, event, at)
            case _:
                if (changed := _of_all(event)) is not None:
                    rows.change(CALLUP, event.call_up, position=at.position, **changed)
                else:
                    holder = event.volunteer or event.force
                    party = rows.get(PARTY, event.call_up, holder)
                    rows.change(PARTY, event.call_up, holder, position=at.position, **_of_one(event, party or {}))
                    free = {"filled": 0} if isinstance(event, said.CallUpWithdrawn) and event.held else {}
                    rows.change(CALLUP, event.call_up, position=at.position, **free)


def _called(rows: Rows, event: said.CallUpOffered | said.CallUpOrdered, at: Envelope) -> None:
    offered = event if isinstance(event, said.CallUpOffered) else None
    before = rows.get(CALLUP, event.call_up)
    known = before or {"quota": None, "wave": 0, "filled": 0, "host_accepted": 0, "caller": event.division, "called_by": event.by}
    rows.put(
        CALLUP,
        call_up=event.call_up,
        state="open",
        incident=event.incident,
        task=event.task,
        since=utc(event.from_),
        until=utc(event.to),
        place=event.place,
        caller=known["caller"] or event.division,
        called_by=known["called_by"],
        risk_text=event.risk_text,
        skills=_json(event.skills),
        hazard=event.hazard,
        quota=offered.quota if offered else known["quota"],
        wave=max(known["wave"], offered.wave) if offered else known["wave"],
        filled=0 if offered else known["filled"],
        host_accepted=known["host_accepted"],
        reason=None,
        ended=None,
        division=at.division,
        visibility=at.visibility,
        position=at.position,
    )
    holder = (offered.volunteer if offered else None) or event.force or ""
    again = rows.get(PARTY, event.call_up, holder) or {"members": "[]", "gone": "[]", "minutes": None, "days": None}
    rows.put(
        PARTY,
        call_up=event.call_up,
        holder=holder,
        is_force=int(offered is None or offered.force is not None),
        ordered=int(offered is None),
        wave=offered.wave if offered else 0,
        state="asked",
        accepted=0,
        fit=None,
        failures="[]",
        gap=None,
        eta=None,
        silent=0,
        host_needed=int(event.host_needed),
        zone=None,
        people=0,
        position=at.position,
        **{name: again[name] for name in ("members", "gone", "minutes", "days")},  # what they did before stays theirs
    )


def _of_all(event: Any) -> Row | None:
    match event:
        case gate.QuotaFilled():
            return {"filled": 1}
        case gate.HostAccepted():
            return {"host_accepted": 1}
        case said.CallUpStoodDown():
            return {"state": "stood down", "reason": event.reason, "ended": utc(event.at)}
        case said.CallUpCancelled():
            return {"state": "cancelled", "reason": event.reason, "ended": utc(event.at)}
        case _:
            return None


def _of_one(event: Any, party: Row) -> Row:
    match event:
        case said.CallUpAccepted():
            eta = utc(event.eta) if event.eta else None
            return {"state": "accepted", "accepted": 1, "fit": None, "silent": 0, "eta": eta} | _members(event, party)
        case said.CallUpMemberLeft():
            kept = [one for one in msgspec.json.decode(party["members"]) if one != event.member]
            return {"members": _json(kept), "gone": _json([*msgspec.json.decode(party["gone"]), event.member])}
        case said.CallUpDeclined():
            return {"state": "declined", "accepted": 0, "silent": 0}
        case said.CallUpSilent():
            return {"silent": 1}
        case said.CallUpReserved():
            return {"state": "on reserve"}
        case gate.EligibilityPassed():
            return {"fit": 1, "failures": "[]", "gap": None}
        case gate.EligibilityFailed():
            return {"fit": 0, "failures": _json(event.failures), "gap": event.gap.isoformat() if event.gap else None}
        case gate.OfferClosed():
            return {"state": "closed", "silent": 0}
        case said.CallUpWithdrawn():
            return {"state": "withdrawn", "accepted": 0, "zone": None, "people": 0}
        case said.CallUpDeparted():
            return {"state": "departed", "fit": 1} | ({"eta": utc(event.eta)} if event.eta else {})
        case said.HostCheckedIn():
            return {"state": "arrived", "fit": 1, "people": event.people}
        case placing.ZoneAssigned():
            return {"zone": event.zone, "people": event.people}
        case placing.CallUpRotated():
            return {"zone": None}
        case said.CallUpCheckedOut():
            return {"state": "checked out", "zone": None, "people": 0}
        case said.CallUpSettled():
            return {"minutes": event.minutes, "days": _json(event.days)}
        case _:
            return {}


def _members(event: said.CallUpAccepted, party: Row) -> Row:
    before = [one for name in ("gone", "members") for one in msgspec.json.decode(party[name])]
    return {"members": _json(event.members), "gone": _json([one for one in before if one not in event.members])}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def find(db: Connection, call_up: str) -> Row | None:
    """One call-up."""
    row = db.execute("SELECT * FROM callup WHERE call_up = ?", (call_up,)).fetchone()
    return dict(row) if row is not None else None


def parties(db: Connection, call_up: str) -> list[Row]:
    """Everybody in it, by id."""
    return [dict(row) for row in db.execute("SELECT * FROM callup_party WHERE call_up = ? ORDER BY holder", (call_up,))]


def of_holder(db: Connection, holder: str) -> list[Row]:
    """The call-ups of a volunteer or force, the last changed first, each with what became of it for them."""
    sql = (
        "SELECT p.*, c.incident, c.task, c.since, c.until, c.division, c.visibility, c.state AS call_up_state"
        " FROM callup_party p JOIN callup c ON c.call_up = p.call_up WHERE p.holder = ? ORDER BY p.position DESC LIMIT 500"
    )
    return [dict(row) for row in db.execute(sql, (holder,))]


def opened(db: Connection) -> list[Row]:
    """Call-ups that are open, the last changed first."""
    return [dict(row) for row in db.execute("SELECT * FROM callup WHERE state = 'open' ORDER BY position DESC LIMIT 500")]


def listed(db: Connection, *, before: int | None, limit: int, state: str | None, incident: str | None) -> list[Row]:
    """Call-ups, the last changed first."""
    chosen, values = paged(db, before, state=state, incident=incident)
    sql = f"SELECT * FROM callup WHERE {chosen} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (*values, limit))]
