"""Claims with their evidence, computation, decision and payments; and who speaks for a force, or for a merged registration."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

import msgspec

from services.compensation.deciders.claims.proving import to_bring
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
from services.compensation.events.entitlement import ClaimantMerged, ForceLeaderNoted
from services.compensation.events.ground import ClaimDoubted, ClaimReconsidered, ClaimRestated, Ground, Grounds, Outcome
from services.compensation.events.payment import ClaimPaid, PaymentCorrected
from shared.blocks.money import unreferenced
from shared.handling.declare import Rows, Table
from shared.handling.merging import paged
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.many import marks
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
        "way": "TEXT",  # where it is to be paid: `account`, without its reference, or another way
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
        "differs": "INTEGER NOT NULL",  # something of that was not answered for yet by who assesses, or by two
        "dues": "TEXT NOT NULL",  # running deadlines by key
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("claimant", "position"), ("incident", "position"), ("state", "position")),
)
LEADER = Table("force_leader", key=("force",), columns={"force": "TEXT NOT NULL", "leader": "TEXT NOT NULL"})
MERGED = Table("merged_claimant", key=("claimant",), columns={"claimant": "TEXT NOT NULL", "kept": "TEXT NOT NULL"}, indexes=(("kept",),))
_JSON = ("covers", "figures", "evidence", "missing", "lines", "remedy", "dues", "otherwise")
_FACTS = ("opened", "entitled", "evidence_added", "assessed", "withdrawn", "decided", "served", "settled", "became_final", "paid")
_DOUBTS = ("doubted", "restated", "reconsidered")


class Claims:
    """Builds the list of claims."""

    tables: tuple[Table, ...] = (CLAIM, LEADER, MERGED)
    listens: tuple[str, ...] = (
        *(f"compensation.claim.{name}" for name in (*_FACTS, *_DOUBTS, "payment_corrected", "appeal_filed", "appeal_result_recorded")),
        "compensation.force.leader_noted",
        "compensation.claimant.merged",
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case ForceLeaderNoted(force=force, leader=leader, filed=filed):
                if filed:
                    rows.put(LEADER, force=force, leader=leader)
            case ClaimantMerged(claimant=claimant, into=into):
                rows.put(MERGED, claimant=claimant, kept=into)
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
        "differs": 0,
        "reason": "",
        "way": _way(event.account),
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
            state = (OPENED if event.missing else COMPLETE) if row["state"] in (OPENED, COMPLETE) else row["state"]
            said = {"missing": _text(event.missing), "figures": _text(event.figures), "way": _way(event.account) or row["way"]}
            return said | {"evidence": _text(kept), "state": state}
        case ClaimAssessed():
            counted = {"lines": _text(event.lines), "computed": str(event.computed), "assessed": str(event.amount)}
            said = {"assessor": event.by, "reason": event.reason, "payer": event.payer, "responsible": event.responsible}
            return {"state": ASSESSED, "decided": None, "outcome": None, "doubt": None, "differs": 0, **counted, **said}
        case ClaimWithdrawn():
            return {"state": WITHDRAWN, "differs": 0}
        case ClaimDecided():
            said = {"outcome": event.outcome.value, "decided": str(event.amount), "decided_by": event.by, "reason": event.reason}
            return {"state": DECIDED, "remedy": _text(event.remedy), "decided_at": utc(event.at), "served_at": None, "final": 0, **said}
        case ClaimSettled():
            return {"state": SETTLED, "decided": str(event.amount), "decided_by": event.by, "decided_at": utc(event.at), "final": 1}
        case DecisionServed():
            return {"state": APPEALED if row["state"] == APPEALED else SERVED, "served_at": utc(event.at)}
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
            said: Row = {name: _text(getattr(event, name)) for name in ("figures", "covers", "missing")} | {"evidence": _text(kept)}
            said |= {"tariff": event.tariff or row["tariff"], "payer": event.payer or row["payer"]}
            if (other := event.otherwise) is not None:
                shown = {"at": event.at, "figures": other.figures, "tariff": other.tariff}
                said |= {"otherwise": _text([*msgspec.json.decode(row["otherwise"]), shown]), "differs": 1}
            if row["state"] in (*STANDING, APPEALED):
                return said | {"doubt": row["doubt"] if event.late else Ground.FIGURES.value}
            state = row["state"] if row["state"] in (ASSESSED, REOPENED) else OPENED if event.missing else COMPLETE
            return said | {"state": state, "doubt": row["doubt"] if event.late else None}
        case ClaimReconsidered(outcome=Outcome.STANDS):
            return {"doubt": None, "differs": 0}
        case ClaimReconsidered():
            out = row["doubt"] == Ground.NOT_BACK
            return {"state": REOPENED, "decided": None, "outcome": None, "reason": event.reason, "doubt": row["doubt"] if out else None}


def _reviewed(event: AppealResultRecorded, row: Row) -> Row:
    if event.outcome in (AppealOutcome.ADMITTED, AppealOutcome.EXTENDED):
        return {}
    if event.outcome is AppealOutcome.ANNULLED:
        return {"state": REOPENED, "decided": None, "outcome": None}
    decided = row["decided"] if event.amount is None else str(event.amount)
    told = {"served_at": row["served_at"] or utc(event.at)}  # at the latest the result told them of the decision
    return {"state": SERVED, "decided": decided, "final": int(bool(row["final"]) or event.final), **told}


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
    if _to_be_paid(row):
        lists["missing"] = to_bring(lists["missing"] or (), row["way"])
    return {**row, **lists, "final": bool(row["final"]), "differs": bool(row["differs"])}


def _to_be_paid(row: Row) -> bool:
    """Whether it is not known yet that nothing more will be paid."""
    return bool(row["state"] != WITHDRAWN and (row["decided"] is None or Decimal(row["decided"]) > Decimal(row["paid"])))


def _way(account: str | None) -> str | None:
    """That there is an account; which one is not shown."""
    return account if account is None or unreferenced(account, "account") else "account"


def find(db: Connection, claim: str) -> Row | None:
    """A claim by its id."""
    row = db.execute("SELECT * FROM claim WHERE claim = ?", (claim,)).fetchone()
    return dict(row) if row is not None else None


def led_by(db: Connection, actor: str) -> set[str]:
    """The forces somebody speaks for, and their own registrations that were merged into this one."""
    forces = {dict(row)["force"] for row in db.execute("SELECT force FROM force_leader WHERE leader = ?", (actor,))}
    return forces | merged(db, actor)


def merged(db: Connection, kept: str) -> set[str]:
    """The registrations of one person that were merged into this one."""
    return {dict(row)["claimant"] for row in db.execute("SELECT claimant FROM merged_claimant WHERE kept = ?", (kept,))}


def listed(db: Connection, *, before: int | None, limit: int, of: Collection[str] = (), **named: str | None) -> list[Row]:
    """Claims, the last changed first; only `of` these claimants if any; `named` are columns and what they must hold."""
    where, values = paged(db, before, **named)
    own = f" AND claimant IN ({marks(tuple(of))})" if of else ""
    found = db.execute(f"SELECT * FROM claim WHERE {where}{own} ORDER BY position DESC LIMIT ?", (*values, *of, limit))
    return [dict(row) for row in found]
