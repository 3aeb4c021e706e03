"""Agreements, call-offs and purchases: what may be commanded, and what the owner's line and each supplier are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query

from services.resources.api.seen import near
from services.resources.deciders.agreements import commands as c
from services.resources.deciders.agreements.procurement import RecordProcurement
from services.resources.projections.agreements import AGREEMENTS, CALL_OFFS, PROCUREMENTS
from shared.handling.timers import utc
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import Failure, NotFound
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

OPERATIONS = ("ListAgreements", "ListCallOffs", "GetCallOff", "ListProcurements")
COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/agreements", c.SignAgreement),
    ("/agreements/{agreement}/capacity-reports", c.ReportCapacity),
    ("/agreements/{agreement}/amendments", c.AmendAgreement),
    ("/agreements/{agreement}/termination", c.TerminateAgreement),
    ("/call-offs/{call_off}/acceptance", c.AcceptCallOff),
    ("/call-offs/{call_off}/rejection", c.RejectCallOff),
    ("/call-offs/{call_off}/deliveries", c.DeliverCallOff),
    ("/call-offs/{call_off}/quality", c.AcceptQuality),
    ("/call-offs/{call_off}/payments", c.PayCallOff),
    ("/call-offs/{call_off}/default", c.DefaultCallOff),
    ("/call-offs/{call_off}/cancellation", c.CancelCallOff),
    ("/procurements", RecordProcurement),
)
Named = Annotated[str | None, Query(max_length=64)]
Id = Annotated[str, Path(max_length=64)]


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """A call-off, which needs the division tree beside its body, and the queries."""
    routes.post("/call-offs", c.CallOff, fill=near(host, directory), stamped=("near",))

    @router.get("/agreements", operation_id="ListAgreements", responses=RESPONSES)
    def list_agreements(caller: Caller, limit: Limit = 100, before: Before = None, state: Named = None, item: Named = None) -> Row:
        """Agreements of the own line, or the supplier's own, the last changed first: terms, and what of which day is taken."""
        caller.require("ListAgreements")
        db, mine = host.read("resources"), _mine(host, caller.by)
        items, more = page(lambda at: AGREEMENTS.listed(db, before=at, limit=limit, state=state, item=item), mine, limit, before)
        return {"items": [_agreement(row) for row in items], "next": more, "positions": host.positions()}

    @router.get("/procurements", operation_id="ListProcurements", responses=RESPONSES)
    def list_procurements(caller: Caller, limit: Limit = 100, before: Before = None, incident: Named = None, ground: Named = None) -> Row:
        """Purchases made without a public tender: ground, supplier, price, reason, and until when the file is kept."""
        caller.require("ListProcurements")
        db, sees = host.read("resources"), host.sees(caller.by)
        items, more = page(
            lambda at: PROCUREMENTS.listed(db, before=at, limit=limit, incident=incident, ground=ground),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        told = [msgspec.to_builtins(PROCUREMENTS.state(row).recorded) for row in items]
        return {"items": told, "next": more, "positions": host.positions()}

    _call_offs(router, host)


def _call_offs(router: APIRouter, host: Host) -> None:
    @router.get("/call-offs", operation_id="ListCallOffs", responses=RESPONSES)
    def list_call_offs(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        state: Named = None,
        agreement: Named = None,
        incident: Named = None,
        store: Named = None,
        overdue: bool = False,
    ) -> Row:
        """Call-offs of the own line, or the supplier's own, the last changed first. `overdue`: with a deadline that has passed (K-37)."""
        caller.require("ListCallOffs")
        db, mine, now = host.read("resources"), _mine(host, caller.by), utc(caller.now)
        named = {"state": state, "agreement": agreement, "incident": incident, "store": store}
        items, more = page(
            lambda at: CALL_OFFS.listed(db, before=at, limit=limit, **named),
            lambda row: mine(row) and (not overdue or row["due"] <= now),
            limit,
            before,
        )
        return {"items": [_call_off(row, now) for row in items], "next": more, "positions": host.positions()}

    @router.get("/call-offs/{call_off}", operation_id="GetCallOff", responses=RESPONSES)
    def get_call_off(call_off: Id, caller: Caller) -> Row:
        """One call-off: what was ordered, came, passed, failed, is owed and was paid; null where nobody said why it failed, or by which
        transfer it was paid."""
        caller.require("GetCallOff")
        row = CALL_OFFS.find(host.read("resources"), call_off)
        if row is None or not _mine(host, caller.by)(row):
            raise NotFound(Failure("reference", f"no call-off {call_off} that you may see", "call_off"))
        return _call_off(row, utc(caller.now)) | {"positions": host.positions()}


def _mine(host: Host, by: Signature) -> Callable[[Row], bool]:
    """Organs of the owner's line; a supplier its own."""
    sees = host.sees(by)
    return lambda row: sees(row["division"], row["visibility"]) or row["supplier"] in (by.actor, by.organ)


def _agreement(row: Row) -> Row:
    one = AGREEMENTS.state(row)
    taken: dict[str, int] = {}
    for shares in one.taken.values():
        for share in shares:
            taken[str(share.day)] = taken.get(str(share.day), 0) + share.qty
    named = {"agreement": row["id"], "state": one.status, "item": one.item, "supplier": one.supplier, "owner": one.owner}
    return named | {"terms": msgspec.to_builtins(one.terms), "changes": one.changes, "taken": dict(sorted(taken.items()))}


def _call_off(row: Row, now: str) -> Row:
    one = CALL_OFFS.state(row)
    names = ("agreement", "incident", "supplier", "owner", "item", "qty", "to_store", "missing", "passed")
    told = {"call_off": row["id"], "state": one.status} | {name: getattr(one, name) for name in names}
    money = {"price": str(one.price), "owed": str(one.owed), "paid": str(one.paid), "references": list(one.references)}
    lots = {
        lot: {name: getattr(came, name) for name in ("qty", "passed", "failed", "store")} | {"reason": came.reason or None}
        for lot, came in one.deliveries.items()
    }
    late = sorted(due.key for due in one.clocks.open() if utc(due.due_at) <= now)
    return told | money | {"lots": lots, "due": utc(one.due) if one.due else None, "overdue": late}
