"""Insurance policies as they are listed: who is covered by public id, and what was claimed."""

from __future__ import annotations

from typing import Any

import msgspec

from services.volunteers.events import policy as said
from services.volunteers.projections.tables import POLICY
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]


class Insurance:
    """Builds the list of policies."""

    tables: tuple[Table, ...] = (POLICY,)
    listens: tuple[str, ...] = tuple(
        f"volunteers.policy.{name}" for name in ("recorded", "extended", "persons_linked", "cancelled", "claim_opened", "claim_settled")
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if isinstance(event, said.PolicyRecorded):
            rows.put(POLICY, **_recorded(event, at))
        elif (row := rows.get(POLICY, event.policy)) is not None:
            rows.change(POLICY, event.policy, position=at.position, **_changed(event, row))


def _recorded(event: said.PolicyRecorded, at: Envelope) -> Row:
    named = {name: getattr(event, name) for name in ("policy", "insurer", "number", "risk", "territory", "payer")}
    period = {"since": utc(event.since), "until": utc(event.until), "amount": str(event.amount)}
    covered = {"covered": _json(event.group), "forces": _json(event.forces), "claims": "[]"}
    place = {"division": at.division, "visibility": at.visibility, "position": at.position}
    return {**named, **period, **covered, **place, "status": "active"}


def _changed(event: Any, row: Row) -> Row:
    claims = msgspec.json.decode(row["claims"])
    match event:
        case said.PolicyExtended(until=until):
            return {"until": utc(until)}
        case said.PersonsLinked():
            covered, forces = msgspec.json.decode(row["covered"]), msgspec.json.decode(row["forces"])
            return {"covered": _json([*covered, *event.group]), "forces": _json([*forces, *event.forces])}
        case said.PolicyCancelled():
            return {"status": "cancelled"}
        case said.InsuranceClaimOpened():
            opened = {"claim": event.claim, "holder": event.holder, "happened": utc(event.happened), "settled_at": None, "paid": None}
            return {"claims": _json([*claims, opened])}
        case said.InsuranceClaimSettled():
            paid = None if event.paid is None else str(event.paid)
            told = {"settled_at": utc(event.at), "paid": paid, "reason": event.reason}
            return {"claims": _json([one | told if one["claim"] == event.claim else one for one in claims])}
        case _:
            raise TypeError(type(event))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def listed(db: Connection, *, before: int | None, limit: int) -> list[Row]:
    """Policies, the last changed first."""
    rows = db.execute(
        "SELECT * FROM insurance_policy WHERE position < ? ORDER BY position DESC LIMIT ?", (before if before is not None else 2**62, limit)
    )
    return [dict(row) | {name: msgspec.json.decode(row[name]) for name in ("covered", "forces", "claims")} for row in rows]
