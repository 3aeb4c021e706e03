"""What is asked about claims: staff and finance of the own line, auditors, and who claims about the own ones. Ranking is nobody's here:
lists are in order of change, and a person decides (PIPL art. 24)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.compensation.deciders.claims.state import FINAL, PAID, WITHDRAWN
from services.compensation.projections import claims, records
from shared.handling.timers import utc
from shared.kernel.commands import Signature
from shared.kernel.errors import Failure, NotFound
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

OPERATIONS = ("ListClaims", "GetClaim", "GetClaimEvidence", "GetCompensationRecord", "GetCompensationTotals", "ListTariffs")
LOOK = ("FIN", "CIV", "LEG")  # offices that work on claims without being staff of the command
CLAIMANTS = ("VOL", "TEAM", "CIT", "ENT", "CHA")
OVER = (PAID, FINAL, WITHDRAWN)
Named = Annotated[str | None, Query(max_length=200)]
Id = Annotated[str, Path(max_length=64)]


def add(router: APIRouter, host: Host) -> None:
    @router.get("/claims", operation_id="ListClaims", responses=RESPONSES)
    def list_claims(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        state: Named = None,
        incident: Named = None,
        claimant: Named = None,
        kind: Named = None,
        overdue: bool = False,
        doubt: Named = None,
        differs: bool = False,
    ) -> Row:
        """Claims, the last changed first: of the own line, or the caller's own. `overdue`: only with a deadline that has passed; `doubt`:
        decided on what was taken back since, by its ground (hours, anothers, not_back, figures); `differs`: only where a fact and who
        claims said what differs (`otherwise`), and nobody answered for that yet."""
        caller.require("ListClaims")
        mine, now = _mine(host, caller.by), utc(caller.now)
        own = _own(host, caller.by) if caller.by.has(*CLAIMANTS) else ()
        named = {"state": state, "incident": incident, "claimant": claimant, "kind": kind, "doubt": doubt}
        items, more = page(
            lambda at: claims.listed(host.read("compensation"), before=at, limit=limit, of=own, **named),
            lambda row: mine(row) and (not overdue or bool(_late(row, now))) and (not differs or bool(row["differs"])),
            limit,
            before,
        )
        return {"items": [_told(row, now) for row in items], "next": more, "positions": host.positions()}

    @router.get("/claims/{claim}", operation_id="GetClaim", responses=RESPONSES)
    def get_claim(claim: Id, caller: Caller) -> Row:
        """One claim: what it is counted from line by line, its decision with the remedy, what was paid, and every act on it."""
        caller.require("GetClaim")
        row = _found(host, caller.by, claim)
        acts = [
            {"type": one.type, "time": one.envelope.time, "actor": one.envelope.actor, "role": one.envelope.role}
            for one in host.history("compensation", f"claim-{row['claim']}")
        ]
        return _told(row, utc(caller.now)) | {"acts": acts, "positions": host.positions()}

    @router.get("/claims/{claim}/evidence", operation_id="GetClaimEvidence", responses=RESPONSES)
    def get_claim_evidence(claim: Id, caller: Caller) -> Row:
        """What was brought, by reference, and one list of everything that is still missing."""
        caller.require("GetClaimEvidence")
        row = claims.shown(_found(host, caller.by, claim))
        kept = {name: row[name] for name in ("claim", "state", "figures", "evidence", "missing")}
        return kept | {"complete": not row["missing"], "positions": host.positions()}

    _records(router, host)


def _records(router: APIRouter, host: Host) -> None:
    @router.get("/records/{claimant}", operation_id="GetCompensationRecord", responses=RESPONSES)
    def get_compensation_record(claimant: Id, caller: Caller) -> Row:
        """The compensation record of a person or force: settled call-ups, claims, what was decided and paid."""
        caller.require("GetCompensationRecord")
        db, mine = host.read("compensation"), _mine(host, caller.by)
        whose = {claimant, *claims.merged(db, claimant)}  # one person, whose registrations were merged
        rows = [row for row in claims.listed(db, before=None, limit=500, of=whose) if mine(row)]
        settled = [row for one in sorted(whose) for row in records.settled(db, one) if mine(row)]
        if not rows and not settled:
            raise NotFound(Failure("reference", f"nothing of {claimant} that you may see", "claimant"))
        names = ("claim", "kind", "incident", "state", "assessed", "decided", "paid", "opened_at", "decided_at", "paid_at")
        return {
            "claimant": claimant,
            "settled": settled,
            "claims": [{name: row[name] for name in names} for row in rows],
            "decided": _sum(rows, "decided"),
            "paid": _sum(rows, "paid"),
            "positions": host.positions(),
        }

    @router.get("/totals", operation_id="GetCompensationTotals", responses=RESPONSES)
    def get_compensation_totals(caller: Caller, incident: Named = None) -> Row:
        """How many claims there are by kind and state, and their sums; nobody is named."""
        caller.require("GetCompensationTotals")
        mine = _mine(host, caller.by)
        rows: list[Row] = []
        before: int | None = None
        while chunk := claims.listed(host.read("compensation"), before=before, limit=500, incident=incident):
            rows += [row for row in chunk if mine(row)]
            before = chunk[-1]["position"]
        groups = sorted({(row["kind"], row["state"]) for row in rows})
        items = [
            {"kind": kind, "state": state, **_sums([row for row in rows if (row["kind"], row["state"]) == (kind, state)])}
            for kind, state in groups
        ]
        open_ = sum(row["state"] not in OVER for row in rows)
        return {"items": items, **_sums(rows), "open": open_, "positions": host.positions()}

    @router.get("/tariffs", operation_id="ListTariffs", responses=RESPONSES)
    def list_tariffs(caller: Caller, division: Named = None) -> Row:
        """The tariffs divisions set; where none is set, those of the rules in force hold."""
        caller.require("ListTariffs")
        rows = [row for row in records.tariffs(host.read("compensation")) if division in (None, row["division"])]
        return {"items": rows, "positions": host.positions()}


def _mine(host: Host, by: Signature) -> Callable[[Row], bool]:
    """Who may look into a claim: staff of its line, finance, civil affairs and legality there, and who claims."""
    sees, own = host.sees(by), _own(host, by)
    office = by.has(*LOOK)
    return lambda row: row["claimant"] in own or sees(row["division"], "restricted") or (office and sees(row["division"], "internal"))


def _own(host: Host, by: Signature) -> set[str]:
    """The caller and the forces the caller leads."""
    return {by.actor, *claims.led_by(host.read("compensation"), by.actor)}


def _found(host: Host, by: Signature, claim: str) -> Row:
    row = claims.find(host.read("compensation"), claim)
    if row is None or not _mine(host, by)(row):
        raise NotFound(Failure("reference", f"no claim {claim} that you may see", "claim"))
    return row


def _told(row: Row, now: str) -> Row:
    kept = {name: value for name, value in claims.shown(row).items() if name not in ("position", "visibility")}
    over = Decimal(row["paid"]) - Decimal(row["decided"]) if row["decided"] is not None else Decimal(0)
    return kept | {"overdue": _late(row, now), "to_recover": str(max(over, Decimal("0.00")))}


def _late(row: Row, now: str) -> list[str]:
    """The deadlines that run and have passed; the time to ask for a review is nobody's duty."""
    dues: dict[str, str] = claims.shown(row)["dues"]
    return sorted(key for key, due in dues.items() if due <= now and key != "K-28.apply")


def _sums(rows: list[Row]) -> Row:
    return {"claims": len(rows), "decided": _sum(rows, "decided"), "paid": _sum(rows, "paid")}


def _sum(rows: list[Row], name: str) -> str:
    return str(sum((Decimal(row[name]) for row in rows if row[name] is not None), Decimal("0.00")))
