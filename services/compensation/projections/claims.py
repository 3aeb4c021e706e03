"""Claims with their evidence, computation, decision and payments; and who speaks for a force."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

import msgspec

from services.compensation.deciders.claims.state import (
    APPEALED,
    ASSESSED,
    COMPLETE,
    DECIDED,
    FINAL,
    OPENED,
    PAID,
    REOPENED,
    SERVED,
    SETTLED,
    STANDING,
    WITHDRAWN,
)
from services.compensation.events.appeal import AppealFiled, AppealOutcome, AppealResultRecorded
from services.compensation.events.claim import ClaimAssessed, ClaimEntitled, ClaimOpened, ClaimWithdrawn, EvidenceAdded
from services.compensation.events.decision import ClaimDecided, ClaimFinal, ClaimSettled, DecisionServed
from services.compensation.events.entitlement import ForceLeaderNoted
from services.compensation.events.ground import ClaimDoubted, ClaimReconsidered, ClaimRestated, Ground, Grounds, Outcome
from services.compensation.events.payment import ClaimPaid, PaymentCorrected
from shared.handling.declare import Rows, Table
from shared.handling.merging import marks, paged
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
CLAIM = Table(
    "claim",
    key=("claim",),
    columns={
        "claim": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "claimant": "TEXT NOT NULL",
        "incident": "TEXT",
        "item": "TEXT",
        "covers": "TEXT NOT NULL",
        "figures": "TEXT NOT NULL",
        "tariff": "TEXT",
        "evidence": "TEXT NOT NULL",
        "missing": "TEXT NOT NULL",
        "lines": "TEXT NOT NULL",
        "computed": "TEXT",
        "assessed": "TEXT",
        "assessor": "TEXT",
        "reason": "TEXT NOT NULL",
        "responsible": "TEXT",
        "outcome": "TEXT",
        "decided": "TEXT",
        "decided_by": "TEXT",
        "remedy": "TEXT",
        "paid": "TEXT NOT NULL",
        "payer": "TEXT",
        "entered_by": "TEXT NOT NULL",
        "on_behalf": "TEXT NOT NULL",
        "opened_at": "TEXT NOT NULL",
        "decided_at": "TEXT",
        "served_at": "TEXT",
        "paid_at": "TEXT",
        "final": "INTEGER NOT NULL",
        "doubt": "TEXT",  # what it rests on was taken back, and nobody looked at it yet
        "otherwise": "TEXT NOT NULL",  # what a fact, or who claims, said that is not what is counted
        "dues": "TEXT NOT NULL",  # running deadlines by key
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("claimant", "position"), ("incident", "position"), ("state", "position")),
)
LEADER = Table("force_leader", key=("force",), columns={"force": "TEXT NOT NULL", "leader": "TEXT NOT NULL"})
_JSON = ("covers", "figures", "evidence", "missing", "lines", "remedy", "dues", "otherwise")
_FACTS = ("opened", "entitled", "evidence_added", "assessed", "withdrawn", "decided", "served", "settled", "became_final", "paid")
_DOUBTS = ("doubted", "restated", "reconsidered")


class Claims:
    """Builds the list of claims."""

    tables: tuple[Table, ...] = (CLAIM, LEADER)
    listens: tuple[str, ...] = (
        *(f"compensation.claim.{name}" for name in (*_FACTS, *_DOUBTS, "payment_corrected", "appeal_filed", "appeal_result_recorded")),
        "compensation.force.leader_noted",
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case ForceLeaderNoted(force=force, leader=leader, filed=filed):
                if filed:
                    rows.put(LEADER, force=force, leader=leader)
            case ClaimOpened():
                rows.put(CLAIM, **_opened(event, at))
            case _:
                row = rows.get(CLAIM, event.claim)
                if row is not None:
                    where = {"position": at.position, "division": at.division, "dues": _dues(event, row)}
                    rows.change(CLAIM, event.claim, **_rested(row | where | _changed(event, row)))


def _opened(event: ClaimOpened, at: Envelope) -> Row:
    blank: Row = dict.fromkeys(CLAIM.columns)
    return blank | {
        "claim": event.claim,
        "state": OPENED if event.missing else COMPLETE,
        "kind": event.kind.value,
        "claimant": event.claimant,
        "incident": event.incident,
        "item": event.item,
        "covers": _text(event.covers),
        "figures": _text(event.figures),
        "tariff": event.tariff,
        "evidence": _text(event.evidence),
        "missing": _text(event.missing),
        "lines": "[]",
        "otherwise": "[]",
        "reason": "",
        "paid": "0.00",
        "payer": event.payer,
        "entered_by": event.by,
        "on_behalf": event.on_behalf,
        "opened_at": utc(event.at),
        "final": 0,
        "dues": _dues(event, {"dues": "{}"}),
        "division": at.division,
        "visibility": at.visibility,
        "position": at.position,
    }


def _dues(event: Any, row: Row) -> str:
    running: dict[str, str] = msgspec.json.decode(row["dues"])
    for key in (*getattr(event, "met", ()), *getattr(event, "stopped", ())):
        running.pop(key, None)
    return _text(running | {due.key: utc(due.due_at) for due in getattr(event, "clocks", ())})


def _changed(event: Any, row: Row) -> Row:
    match event:
        case ClaimEntitled():
            return {"missing": _text(event.missing), "state": OPENED if event.missing else COMPLETE, "payer": event.payer or row["payer"]}
        case EvidenceAdded():
            kept = [*msgspec.json.decode(row["evidence"]), *event.evidence]
            state = row["state"] if row["state"] in (ASSESSED, REOPENED) else OPENED if event.missing else COMPLETE
            return {"evidence": _text(kept), "missing": _text(event.missing), "figures": _text(event.figures), "state": state}
        case ClaimAssessed():
            counted = {"lines": _text(event.lines), "computed": str(event.computed), "assessed": str(event.amount)}
            said = {"assessor": event.by, "reason": event.reason, "payer": event.payer, "responsible": event.responsible}
            return {"state": ASSESSED, "decided": None, "outcome": None, "doubt": None, **counted, **said}
        case ClaimWithdrawn():
            return {"state": WITHDRAWN}
        case ClaimDecided():
            said = {"outcome": event.outcome.value, "decided": str(event.amount), "decided_by": event.by, "reason": event.reason}
            return {"state": DECIDED, "remedy": _text(event.remedy), "decided_at": utc(event.at), "final": 0, **said}
        case ClaimSettled():
            return {"state": SETTLED, "decided": str(event.amount), "decided_by": event.by, "decided_at": utc(event.at), "final": 1}
        case DecisionServed():
            return {"state": SERVED, "served_at": utc(event.at)}
        case ClaimFinal():
            return {"final": 1}
        case ClaimPaid():
            return {"paid": str(Decimal(row["paid"]) + event.amount), "paid_at": utc(event.at)}
        case PaymentCorrected():
            return {"paid": str(Decimal(row["paid"]) - event.amount)}
        case AppealFiled():
            return {"state": APPEALED}
        case AppealResultRecorded():
            return _reviewed(event, row)
        case ClaimDoubted() | ClaimRestated() | ClaimReconsidered():
            return _doubted(event, row)
        case _:
            return {}


def _doubted(event: Grounds, row: Row) -> Row:
    match event:
        case ClaimDoubted(ground=ground):
            return {"doubt": ground.value}
        case ClaimRestated():
            kept = [*msgspec.json.decode(row["evidence"]), *event.evidence]
            said = {name: _text(getattr(event, name)) for name in ("figures", "covers", "missing")} | {"evidence": _text(kept)}
            if event.otherwise is not None:
                said["otherwise"] = _text([*msgspec.json.decode(row["otherwise"]), {"at": event.at, "figures": event.otherwise}])
            if row["state"] in (*STANDING, APPEALED):
                return said | {"doubt": Ground.FIGURES.value}
            state = row["state"] if row["state"] in (ASSESSED, REOPENED) else OPENED if event.missing else COMPLETE
            return said | {"state": state, "doubt": None}
        case ClaimReconsidered(outcome=Outcome.STANDS):
            return {"doubt": None}
        case ClaimReconsidered():
            out = row["doubt"] == Ground.NOT_BACK
            return {"state": REOPENED, "decided": None, "outcome": None, "reason": event.reason, "doubt": row["doubt"] if out else None}


def _reviewed(event: AppealResultRecorded, row: Row) -> Row:
    if event.outcome in (AppealOutcome.ADMITTED, AppealOutcome.EXTENDED):
        return {}
    if event.outcome is AppealOutcome.ANNULLED:
        return {"state": REOPENED, "decided": None, "outcome": None}
    decided = row["decided"] if event.amount is None else str(event.amount)
    return {"state": SERVED, "decided": decided, "final": int(bool(row["final"]) or event.final)}


def _rested(row: Row) -> Row:
    """As the decider's: what is owed waits to be paid, what is paid for the time of a review to pass."""
    if row["state"] not in (SERVED, PAID, FINAL, SETTLED) or row["decided"] is None:
        return row
    settled = row["outcome"] is None
    paid = Decimal(row["paid"])
    if Decimal(row["decided"]) > paid:
        return row | {"state": SETTLED if settled else SERVED}
    if row["final"] and not settled:
        return row | {"state": FINAL}
    return row | {"state": PAID} if paid else row


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def shown(row: Row) -> Row:
    """A row as it is answered."""
    lists = {name: msgspec.json.decode(row[name]) if row[name] else None for name in _JSON}
    return {**row, **lists, "final": bool(row["final"])}


def find(db: Connection, claim: str) -> Row | None:
    """A claim by its id."""
    row = db.execute("SELECT * FROM claim WHERE claim = ?", (claim,)).fetchone()
    return dict(row) if row is not None else None


def led_by(db: Connection, actor: str) -> set[str]:
    """The forces somebody speaks for."""
    return {dict(row)["force"] for row in db.execute("SELECT force FROM force_leader WHERE leader = ?", (actor,))}


def listed(db: Connection, *, before: int | None, limit: int, of: Collection[str] = (), **named: str | None) -> list[Row]:
    """Claims, the last changed first; only `of` these claimants if any; `named` are columns and what they must hold."""
    where, values = paged(db, before, **named)
    own = f" AND claimant IN ({marks(tuple(of))})" if of else ""
    found = db.execute(f"SELECT * FROM claim WHERE {where}{own} ORDER BY position DESC LIMIT ?", (*values, *of, limit))
    return [dict(row) for row in found]
