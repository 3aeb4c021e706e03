"""What became of the claims of people and forces, as compensation tells it: the record of a person shows it beside the hours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from services.compensation.events.appeal import AppealFiled, AppealOutcome, AppealResultRecorded
from services.compensation.events.claim import ClaimAssessed, ClaimEntitled, ClaimOpened, ClaimWithdrawn, EvidenceAdded
from services.compensation.events.decision import ClaimDecided, ClaimFinal, ClaimSettled, DecisionServed
from services.compensation.events.ground import ClaimReconsidered, ClaimRestated, Outcome
from services.compensation.events.payment import ClaimPaid, PaymentCorrected
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

Row = dict[str, Any]
NOTHING: Row = {"missing": [], "account": False, "lines": [], "decision": None}
CLAIM = Table(
    "claim_of_holder",
    key=("claim",),
    columns={
        "claim": "TEXT NOT NULL",
        "claimant": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "amount": "TEXT",
        "paid": "TEXT",
        "incident": "TEXT",
        "opened_at": "TEXT NOT NULL",
        "paid_at": "TEXT",
        "told": "TEXT NOT NULL",  # what its claimant is told of it, as JSON: what is missing, lines, the decision with its remedy
    },
    indexes=(("claimant",),),
)
_TOLD = (
    "opened",
    "entitled",
    "evidence_added",
    "restated",
    "assessed",
    "withdrawn",
    "decided",
    "settled",
    "served",
    "became_final",
    "paid",
    "payment_corrected",
)
_FACTS = (*_TOLD, "appeal_filed", "appeal_result_recorded", "reconsidered")


class Claims:
    """Builds the compensation side of a record."""

    tables: tuple[Table, ...] = (CLAIM,)
    listens: tuple[str, ...] = tuple(f"compensation.claim.{name}" for name in _FACTS)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        if isinstance(event, ClaimOpened):
            about = {"claimant": event.claimant, "kind": str(event.kind), "incident": event.incident, "opened_at": utc(event.at)}
            rows.put(CLAIM, claim=event.claim, state="opened", amount=None, paid=None, paid_at=None, told=_json(_heard(event, at)), **about)
        elif (row := rows.get(CLAIM, event.claim)) is not None:
            told = msgspec.json.decode(row["told"])
            told |= _heard(event, at)
            if isinstance(event, DecisionServed) and told.get("decision"):
                told["decision"] |= {"served_at": event.at.isoformat()}
            rows.change(CLAIM, event.claim, **_changed(event, row), told=_json(told))


def _heard(event: Any, at: Envelope) -> Row:
    """What who claims is told with the decision: from what it was counted, why, by whom, when, and the way to a review (ARC-20)."""
    match event:
        case ClaimOpened() | EvidenceAdded():
            return {"missing": event.missing} | ({"account": True} if event.account else {})
        case ClaimEntitled() | ClaimRestated():
            return {"missing": event.missing}
        case ClaimAssessed():
            return {"missing": (), "lines": [_line(one) for one in event.lines], "decision": None}
        case ClaimDecided(remedy=remedy):
            reviewed = {"organ": remedy.organ, "days": remedy.days, "text": remedy.text, "article": remedy.article}
            said = {"outcome": str(event.outcome), "amount": str(event.amount), "assessed": str(event.assessed), "reason": event.reason}
            who = {"by": event.by, "division": at.division, "at": event.at.isoformat()}
            return {"decision": said | who | {"remedy": reviewed, "served_at": None}}
        case _:
            return {}


def _line(line: Any) -> Row:
    return {"code": line.code} | {name: str(getattr(line, name)) for name in ("quantity", "rate", "amount")}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _changed(event: Any, row: Row) -> Row:
    match event:
        case ClaimAssessed(amount=amount):
            return {"state": "assessed", "amount": str(amount)}
        case ClaimDecided(amount=amount, outcome=outcome):
            return {"state": str(outcome), "amount": str(amount)}
        case ClaimSettled(amount=amount):
            return {"state": "settled", "amount": str(amount)}
        case DecisionServed():
            return {} if row["state"] == "appealed" else {"state": "served"}
        case ClaimFinal():
            return {"state": "final"} if event.over else {}
        case ClaimPaid(amount=amount):
            paid = {"paid": str(Decimal(row["paid"] or 0) + amount), "paid_at": utc(event.at)}
            return paid | ({"state": "paid"} if event.over else {})
        case PaymentCorrected(amount=amount):
            back = {"paid": str(Decimal(row["paid"] or 0) - amount)}  # so much came back
            return back | ({"state": "served"} if row["state"] in ("paid", "final") and not event.over else {})
        case AppealFiled():
            return {"state": "appealed"}
        case AppealResultRecorded():
            return _reviewed(event, row)
        case ClaimReconsidered(outcome=outcome):
            return {"state": "reopened", "amount": None} if outcome is Outcome.SET_BACK else {}
        case ClaimWithdrawn():
            return {"state": "withdrawn"}
        case _:
            return {}


def _reviewed(event: AppealResultRecorded, row: Row) -> Row:
    if event.outcome in (AppealOutcome.ADMITTED, AppealOutcome.EXTENDED):
        return {}
    if event.outcome is AppealOutcome.ANNULLED:
        return {"state": "reopened", "amount": None}
    state = "final" if event.over and event.final else "paid" if event.over and row["paid"] else "served"
    return {"state": state, "amount": str(event.amount)}


def of_claimant(db: Connection, claimant: str) -> list[Row]:
    """The claims of a volunteer or force, the first opened first."""
    found = db.execute("SELECT * FROM claim_of_holder WHERE claimant = ? ORDER BY opened_at, claim", (claimant,))
    return [_whole(dict(row)) for row in found]


def _whole(row: Row) -> Row:
    told: Row = msgspec.json.decode(row.pop("told"))
    return row | NOTHING | told
