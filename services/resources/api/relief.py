"""Operations on relief: households with their values, claims step by step, tariffs, help over the winter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query

from services.resources.api.keeping import Kept, post_keeping
from services.resources.deciders.relief import commands as c
from services.resources.deciders.relief import winter as w
from services.resources.deciders.relief.household import PURPOSE, RegisterHousehold
from services.resources.deciders.relief.state import POSTED, Claim
from services.resources.deciders.relief.tariff import SetReliefTariff
from services.resources.events.relief import ObjectionFiled
from services.resources.projections import relief as claims
from shared.handling.guard import masked
from shared.kernel.commands import Command, Signature
from shared.kernel.envelope import Recorded
from shared.kernel.errors import Failure, NotAllowed, NotFound
from shared.web.call import Call
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

OPERATIONS = ("ListRelief", "GetRelief", "ListPostings", "ListHouseholds")
# Who works on claims of the own line without being staff of the command: village, township, the departments that decide and pay.
OFFICES = ("L5.committee", "L4.office", "FIN", "CIV")
COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/relief/applications", c.ApplyRelief),
    ("/relief/nominations", c.NominateRelief),
    ("/relief/urgent-payments", c.PayUrgentRelief),
    ("/relief/{relief}/appraisal", c.RecordAppraisal),
    ("/relief/{relief}/objections/{objection}/resolution", c.ResolveObjection),
    ("/relief/{relief}/township-review", c.ReviewAtTownship),
    ("/relief/{relief}/return", c.ReturnApplication),
    ("/relief/{relief}/decision", c.DecideRelief),
    ("/relief/{relief}/denial", c.DenyRelief),
    ("/relief/{relief}/service", c.ServeRelief),
    ("/relief/{relief}/payment", c.PayRelief),
    ("/relief/{relief}/papers", c.PaperRelief),
    ("/relief/{relief}/disclosure", c.DiscloseUse),
    ("/relief/{relief}/recovery", c.RecoverRelief),
    ("/relief/{relief}/recovery/receipt", c.RecordRecovery),
    ("/relief-tariffs/{division}/{kind}", SetReliefTariff),
    ("/winter-need/{division}/{year}/count", w.CountWinterNeed),
    ("/winter-need/{division}/{year}/assessment", w.AssessWinterNeed),
    ("/winter-need/{division}/{year}/approval", w.ApproveWinterPlan),
    ("/winter-need/{division}/{year}/filing", w.FileWinterPlan),
)
ReliefId = Annotated[str, Path(max_length=64)]
Named = Annotated[str | None, Query(max_length=64)]


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """What holds values, what needs the vault's knowledge of them, and the queries."""
    post_keeping(router, host, "/households", RegisterHousehold, Kept("household", PURPOSE))
    routes.post("/relief/{relief}/posting", c.PostList, fill=_known(host), stamped=("known",))
    routes.post("/relief/{relief}/objections", c.FileObjection, fill=_cleaned(host), stamped=("covered",))
    _queries(router, host, directory)
    _postings(router, host, directory)


def _known(host: Host) -> Any:
    """Whether a posting holds a number the vault keeps (names are in no index): the decider refuses it under the rule for postings."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        text = fields.get("text") or ""
        fields["known"] = masked(text, host.knows) != text

    return fill


def _cleaned(host: Host) -> Any:
    """An objection is never refused: a number of somebody in it is covered, and who filed it is told so by a flag."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        text = fields.get("text") or ""
        fields["text"] = masked(text, host.knows)
        fields["covered"] = fields["text"] != text

    return fill


def _queries(router: APIRouter, host: Host, directory: Directory) -> None:
    @router.get("/relief", operation_id="ListRelief", responses=RESPONSES)
    def list_relief(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        incident: Named = None,
        household: Named = None,
        state: Named = None,
        overdue: bool = False,
    ) -> Row:
        """Claims, the last changed first: of the own line, or of the own household. `overdue`: papers of an urgent payment, publication or
        what is to be given back are owed past their time."""
        caller.require("ListRelief")
        mine, now = _mine(host, caller.by), caller.now
        named = {"incident": incident, "household": caller.by.actor if caller.by.has("CIT") else household, "state": state}
        items, more = page(
            lambda at: claims.listed(host.read("resources"), before=at, limit=limit, **named),
            lambda row: mine(row) and (not overdue or bool(_late(claims.of(row), now))),
            limit,
            before,
        )
        told = [_short(row["relief"], claim := claims.of(row)) | {"overdue": _late(claim, now)} for row in items]
        return {"items": told, "next": more, "positions": host.positions()}

    @router.get("/relief/{relief}", operation_id="GetRelief", responses=RESPONSES)
    def get_relief(relief: ReliefId, caller: Caller) -> Row:
        """One claim: its steps, how the village voted, what is posted, objections, decision, payment; nobody's values. `said` are the words
        of the objections, for who may resolve them. The village sees what hangs there; who objected, the own words and what became of
        them; and no more."""
        caller.require("GetRelief")
        row = claims.find(host.read("resources"), relief)
        claim = claims.of(row) if row is not None else Claim()
        if row is None or not _mine(host, caller.by)(row):
            return _outside(host, directory, relief, claim, caller) | {"positions": host.positions()}
        history = host.history("resources", f"relief-{relief}")
        acts = [{"type": one.type, "time": one.envelope.time, "actor": one.envelope.actor, "role": one.envelope.role} for one in history]
        dues = {due.key: due.due_at for due in claim.clocks.open()}
        said = {"objections": _told(claim.objections), "dues": dues, "acts": acts, "positions": host.positions()}
        if _resolves(directory, caller.by, claim):
            said["said"] = _words(history)
        return _short(relief, claim) | _hanging(claim) | said

    @router.get("/households", operation_id="ListHouseholds", responses=RESPONSES)
    def list_households(caller: Caller, limit: Limit = 100, before: Before = None) -> Row:
        """Households by public id, village and number of persons; who they are is read from the vault, for a purpose."""
        caller.require("ListHouseholds")
        mine = _mine(host, caller.by)
        items, more = page(lambda at: claims.households(host.read("resources"), before=at, limit=limit), mine, limit, before)
        told = [
            {
                "household": row["household"],
                "village": row["division"],
                "persons": row["persons"],
                "holds": msgspec.json.decode(row["fields"]),
            }
            for row in items
        ]
        return {"items": told, "next": more, "positions": host.positions()}


def _mine(host: Host, by: Signature) -> Callable[[Row], bool]:
    """Staff of the line, the offices from the village to the purse, and the household itself."""
    sees, office = host.sees(by), by.has(*OFFICES)
    return lambda row: (
        (by.has("CIT") and row["household"] == by.actor)
        or sees(row["division"], "restricted")
        or (office and sees(row["division"], "internal"))
    )


def _late(claim: Claim, now: datetime) -> list[str]:
    return sorted(due.key for due in claim.clocks.open() if due.due_at <= now)


def _told(objections: Mapping[str, bool]) -> dict[str, str]:
    return {name: "open" if open_ else "resolved" for name, open_ in objections.items()}


def _postings(router: APIRouter, host: Host, directory: Directory) -> None:
    @router.get("/relief-postings", operation_id="ListPostings", responses=RESPONSES)
    def list_postings(caller: Caller, limit: Limit = 100, before: Before = None) -> Row:
        """What hangs in the caller's village now, as it was posted, so that anybody there may object (NDR-20); staff see those of the
        divisions they see. No household is named."""
        caller.require("ListPostings")
        mine = _mine(host, caller.by)
        items, more = page(
            lambda at: claims.listed(host.read("resources"), before=at, limit=limit, state=POSTED),
            lambda row: (claim := claims.of(row)).hangs(caller.now) and (mine(row) or _villager(directory, caller.by, claim)),
            limit,
            before,
        )
        told = [_posted(row["relief"], claims.of(row)) for row in items]
        return {"items": told, "next": more, "positions": host.positions()}


def _outside(host: Host, directory: Directory, name: str, claim: Claim, caller: Call) -> Row:
    """What hangs, for the village; what became of the own objections, for who has any. NotFound for all others."""
    own = [one for one, who in claim.objectors.items() if who == caller.by.actor]
    if not own and not (claim.hangs(caller.now) and _villager(directory, caller.by, claim)):
        raise NotFound(Failure("reference", f"no claim {name} that you may see", "relief"))
    words = _words(host.history("resources", f"relief-{name}"))
    objections = _told({one: claim.objections[one] for one in own})
    told = _posted(name, claim) | {"objections": objections, "said": {one: words[one] for one in own}}
    if not (claim.hangs(caller.now) and _villager(directory, caller.by, claim)):  # one's own objection opens no paper that came down
        told |= {"posting": None, "votes": None}
    return told


def _villager(directory: Directory, by: Signature, claim: Claim) -> bool:
    """Whoever is of the village, in whatever role."""
    own, village = by.division, claim.village
    return own is not None and village is not None and (own == village or directory.divisions.covers(village, own))


def _resolves(directory: Directory, by: Signature, claim: Claim) -> bool:
    try:
        directory.may(c.ResolveObjection.__name__, by, (claim.village,) if claim.village else ())
    except NotAllowed:
        return False
    return True


def _words(history: Sequence[Recorded]) -> dict[str, str]:
    """What each objection says; numbers in it were covered when it came."""
    return {fact.objection: fact.text for one in history if isinstance(fact := one.event, ObjectionFiled)}


def _posted(name: str, claim: Claim) -> Row:
    return {"relief": name, "state": claim.status, "kind": claim.kind, "village": claim.village} | _hanging(claim)


def _hanging(claim: Claim) -> Row:
    """The posting, and how the village voted."""
    votes = None if claim.votes is None else dict(zip(("for", "against"), claim.votes, strict=True))
    return {"posting": claim.posting or None, "posted_until": claim.until, "votes": votes}


def _short(name: str, claim: Claim) -> Row:
    kept = ("household", "kind", "incident", "village", "payer", "fund")
    said = {key: getattr(claim, key) for key in kept}
    money = {"amount": None if claim.amount is None else str(claim.amount), "paid": str(claim.paid)}
    return {"relief": name, "state": claim.status, **said, **money, "disclosed": claim.disclosed}
