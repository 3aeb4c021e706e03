"""Requisitions and the register of property: what may be commanded, what staff and auditors are shown, and what an owner is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from services.resources.api.keeping import Kept, post_keeping
from services.resources.api.photos import PICTURE, picture, sent
from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.register import RegisterRequisitionableProperty, RetireRequisitionableProperty
from services.resources.deciders.requisitions.state import Requisition
from services.resources.deciders.requisitions.taking import UNTIL
from services.resources.events import requisition as r
from services.resources.projections.requisitions import PROPERTIES, REQUISITIONS
from shared.handling.timers import utc
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import Failure, NotFound
from shared.web.call import Call
from shared.web.commands import CommandRoutes, Fill
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

OPERATIONS = ("ListRequisitions", "GetRequisition", "GetRequisitionCertificate", "GetRequisitionPhoto", "ListRequisitionableProperty")
COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/requisitions/{requisition}/approval", c.ApproveRequisition),
    ("/requisitions/{requisition}/refusal", c.RefuseRequisition),
    ("/requisitions/{requisition}/notice", c.ServeNotice),
    ("/requisitions/{requisition}/paper", c.PaperRequisition),
    ("/requisitions/{requisition}/uses", c.RecordUse),
    ("/requisitions/{requisition}/loss", c.DeclareLoss),
    ("/requisitions/{requisition}/return-correction", c.CorrectReturn),
    ("/requisitions/{requisition}/revocation", c.RevokeRequisition),
    ("/requisitions/{requisition}/closing", c.CloseRequisition),
    ("/requisitionable-property/{property}", RegisterRequisitionableProperty),
    ("/requisitionable-property/{property}/retirement", RetireRequisitionableProperty),
)
Named = Annotated[str | None, Query(max_length=64)]
Id = Annotated[str, Path(max_length=64)]
PURPOSE = "requisition"
KEPT = ("mode", "incident", "requested_by", "papered", "served", "claim", "undecided", "decided")


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """What needs the division tree, may hold the owner's values or name photos beside its body, and the queries."""
    described = (("/requisitions", c.RequestRequisition), ("/requisitions/oral", c.TakeOrally), ("/requisitions/lent", c.BorrowProperty))
    kept = Kept("subject", PURPOSE, lambda caller, fields: fields.get("incident"))
    for path, command in described:
        post_keeping(router, host, path, command, kept, fill=_line(host, directory, command), stamped=("line",))
    for path, what in (("taking", c.RecordTaking), ("return", c.ReturnProperty)):
        routes.post(f"/requisitions/{{requisition}}/{path}", what, fill=sent(host, what))
    _lists(router, host)
    _one(router, host)


def _lists(router: APIRouter, host: Host) -> None:
    @router.get("/requisitions", operation_id="ListRequisitions", responses=RESPONSES)
    def list_requisitions(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        state: Named = None,
        incident: Named = None,
        open: bool | None = None,
        overdue: bool = False,
    ) -> Row:
        """Requisitions and loans of the own line, or the owner's own, the last changed first. `open`: not back yet; `overdue`: paper (K-25)
        or return (K-26) is owed past its time (ERL-95)."""
        caller.require("ListRequisitions")
        db, mine, now = host.read("resources"), _mine(host, caller.by), utc(caller.now)
        named = {"state": state, "incident": incident, "open": None if open is None else "yes" if open else "no"}
        items, more = page(
            lambda at: REQUISITIONS.listed(db, before=at, limit=limit, **named),
            lambda row: mine(row) and (not overdue or row["due"] <= now),
            limit,
            before,
        )
        return {"items": [_told(row, now) for row in items], "next": more, "positions": host.positions()}

    @router.get("/requisitionable-property", operation_id="ListRequisitionableProperty", responses=RESPONSES)
    def list_requisitionable_property(
        caller: Caller, limit: Limit = 100, before: Before = None, item: Named = None, place: Named = None
    ) -> Row:
        """What owners have that may be requisitioned, and which of it is taken now."""
        caller.require("ListRequisitionableProperty")
        db, sees = host.read("resources"), host.sees(caller.by)
        items, more = page(
            lambda at: PROPERTIES.listed(db, before=at, limit=limit, item=item, place=place, retired="no"),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        names = ("property", "item", "name", "owner", "place", "quantity", "model")

        def told(row: Row) -> Row:
            one, taken = PROPERTIES.state(row), REQUISITIONS.listed(db, before=None, limit=1, property=row["id"])
            return {name: getattr(one, name) for name in names} | {"taken_by": taken[0]["id"] if taken else None}

        return {"items": [told(row) for row in items], "next": more, "positions": host.positions()}


def _one(router: APIRouter, host: Host) -> None:
    @router.get("/requisitions/{requisition}", operation_id="GetRequisition", responses=RESPONSES)
    def get_requisition(requisition: Id, caller: Caller) -> Row:
        """One requisition or loan, and every act on it."""
        caller.require("GetRequisition")
        row = requisition_seen(host, caller.by, requisition)
        acts = [
            {"type": one.type, "time": one.envelope.time, "actor": one.envelope.actor, "role": one.envelope.role}
            for one in host.history("resources", f"requisition-{row['id']}")
        ]
        return _told(row, utc(caller.now)) | {"acts": acts, "positions": host.positions()}

    @router.get("/requisitions/{requisition}/certificate", operation_id="GetRequisitionCertificate", responses=RESPONSES)
    def get_requisition_certificate(requisition: Id, caller: Caller) -> Row:
        """What the owner's certificate says (RQ-03): who decided what, on which basis, for what and how long, in which condition it was
        taken and given back, and where a review may be asked for."""
        caller.require("GetRequisitionCertificate")
        return certified(host, caller.by, requisition) | {"positions": host.positions()}

    @router.get(
        "/requisitions/{requisition}/photos/{photo}", operation_id="GetRequisitionPhoto", response_class=Response, responses=PICTURE
    )
    def get_requisition_photo(requisition: Id, photo: Id, caller: Caller) -> Response:
        """A photo of the condition in which a thing was taken or given back, as JPEG."""
        caller.require("GetRequisitionPhoto")
        facts = [one.event for one in host.history("resources", f"requisition-{requisition_seen(host, caller.by, requisition)['id']}")]
        return picture(host, photo, [one for fact in facts for one in getattr(fact, "photos", ())])


def certified(host: Host, by: Signature, requisition: str) -> Row:
    """The certificate of what was decided or taken: what was only asked for has none. NotFound."""
    row = requisition_seen(host, by, requisition)
    said = certificate(REQUISITIONS.state(row), [one.event for one in host.history("resources", f"requisition-{row['id']}")])
    if said["approved"] is None and said["taken"] is None:
        cure = f"{requisition} has no certificate: it is approved, taken orally or lent first"
        raise NotFound(Failure("requisition.state", cure, "requisition"))
    return said


def certificate(state: Requisition, facts: list[Any]) -> Row:
    """The certificate out of what happened; what did not happen is None."""
    said: Row = {"requisition": state.requisition, "issuer": state.division, "mode": state.mode.value, "incident": state.incident}
    said |= dict.fromkeys(("approved", "oral", "notice", "taken", "returned", "lost"))
    for fact in facts:
        match fact:
            case r.RequisitionApproved() | r.RequisitionPapered():
                said["approved"] = {"by": fact.by, "second": fact.second, "necessity": fact.necessity, "at": fact.at}
            case r.RequisitionNoticeServed():
                said["notice"] = {"at": fact.at, "manner": fact.manner.value, "remedy": msgspec.to_builtins(fact.remedy)}
            case r.RequisitionTakenOrally() | r.PropertyTaken() | r.PropertyLent():
                said["taken"] = {"at": fact.at, "by": fact.by, "condition": fact.condition, "photos": list(fact.photos)}
                if isinstance(fact, r.RequisitionTakenOrally):
                    said["oral"] = {"ordered_by": fact.ordered_by, "paper_by": fact.clocks[0].due_at}
            case r.PropertyReturned():
                kept = {"at": fact.at, "days": fact.days, "condition": fact.condition, "damage": str(fact.damage)}
                said["returned"] = kept | {"photos": list(fact.photos), "claim": fact.claim}
            case r.PropertyLost():
                said["lost"] = {"at": fact.at, "days": fact.days, "loss": str(fact.loss), "reason": fact.reason, "claim": fact.claim}
            case r.ReturnCorrected():
                said["returned"] = said["lost"] = None
            case _:
                pass
    return said | {"wanted": _wanted(state)}


def _line(host: Host, directory: Directory, command: type[Command]) -> Fill:
    """The caller's division and all above it: an urgent period declared there covers it. Photos are those somebody sent."""
    photographed = sent(host, command)

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        await photographed(caller, fields)
        fields["line"] = tuple(directory.divisions.chain(caller.by.division)) if caller.by.division else ()

    return fill


def _mine(host: Host, by: Signature) -> Callable[[Row], bool]:
    """Staff of the line; the owner; and who asked for it."""
    sees = host.sees(by)

    def mine(row: Row) -> bool:
        own = row["subject"] in (by.actor, by.organ) or (by.has("L4.office") and REQUISITIONS.state(row).requested_by == by.actor)
        return own or sees(row["division"], row["visibility"])

    return mine


def requisition_seen(host: Host, by: Signature, requisition: str) -> Row:
    row = REQUISITIONS.find(host.read("resources"), requisition)
    if row is None or not _mine(host, by)(row):
        raise NotFound(Failure("reference", f"no requisition {requisition} that you may see", "requisition"))
    return row


def _told(row: Row, now: str) -> Row:
    one: Requisition = REQUISITIONS.state(row)
    told = {"requisition": row["id"], "state": one.status, "open": row["open"] == "yes"} | {name: getattr(one, name) for name in KEPT}
    dues = {due.key: due for due in one.clocks.open()}
    late = sorted(key for key, due in dues.items() if key != UNTIL and utc(due.due_at) <= now)
    since = utc(one.since) if one.since else None
    return told | {"wanted": _wanted(one), "since": since, "dues": {key: utc(due.due_at) for key, due in dues.items()}, "overdue": late}


def _wanted(one: Requisition) -> Row | None:
    """As it is told: where the division lies is known without it."""
    told: Row | None = msgspec.to_builtins(one.wanted)
    return {name: value for name, value in told.items() if name != "line"} if told else None
