"""Operations on requests: their commands as a table, what the edge knows of divisions and stores, the tree of each, lists."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool

from services.resources.api.seen import near
from services.resources.deciders.allocations.state import Allocation
from services.resources.deciders.requests import commands as c
from services.resources.deciders.requests.state import Line, Request
from services.resources.projections import offers, requests
from shared.handling.timers import utc
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import Failure, NotFound
from shared.web.call import Call
from shared.web.commands import CommandRoutes, Fill
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/requests/{request}/assessment", c.AssessRequest),
    ("/requests/{request}/approval", c.ApproveRequest),
    ("/requests/{request}/cuts", c.CutRequest),
    ("/requests/{request}/oral-approval", c.ApproveOrally),
    ("/requests/{request}/paper", c.PaperApproval),
    ("/requests/{request}/declining", c.DeclineRequest),
    ("/requests/{request}/refusals", c.RefuseNeighbourHelp),
    ("/requests/{request}/priority", c.ChangePriority),
    ("/requests/{request}/cancellation", c.CancelRequest),
    ("/requests/{request}/closing", c.CloseRequest),
)
OPERATIONS = ("ListRequests", "GetRequestTree")
LEVELS = 3  # levels that allocate (matrix 3.27); those below hand out
RequestId = Annotated[str, Path(max_length=64)]
Named = Annotated[str | None, Query(max_length=64)]

_CODE = re.compile(r"[1-8]\d{5}")  # of a division, as GB/T 2260 writes it


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """What needs the division tree or the list of stores beside its body, and the queries."""
    routes.post("/requests", c.SubmitRequest, fill=_asked(host, directory), stamped=("line", "near"))
    routes.post("/requests/{request}/forwarding", c.ForwardUp, fill=_stores(host), stamped=("stores",))
    routes.post("/requests/{request}/neighbours", c.AskNeighbour, fill=_neighbour(host, directory), stamped=("stores", "known"))
    _queries(router, host)


def _queries(router: APIRouter, host: Host) -> None:
    @router.get("/requests", operation_id="ListRequests", responses=RESPONSES)
    def list_requests(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        open: bool | None = None,
        incident: Named = None,
        store: Named = None,
        overdue: bool = False,
    ) -> Row:
        """Requests, the last changed first; `overdue`: only those needed by now, or with a deadline that has passed."""
        caller.require("ListRequests")
        due = utc(caller.now) if overdue else None
        items, more = page(
            lambda at: requests.listed(host.read("resources"), before=at, limit=limit, open=open, incident=incident, store=store, due=due),
            lambda row: seen(host, caller.by, row, requests.of(row)) and (not overdue or bool(_late(requests.of(row), caller))),
            limit,
            before,
        )
        return {"items": [_short(requests.of(row), caller) for row in items], "next": more, "positions": host.positions()}

    @router.get("/requests/{request}", operation_id="GetRequestTree", responses=RESPONSES)
    def get_request_tree(request: RequestId, caller: Caller) -> Row:
        """A request line by line: asked, approved, allocated, delivered, handed out, unmet; and every promise with what became of it."""
        caller.require("GetRequestTree")
        db = host.read("resources")
        found = requests_of(host, caller.by, request)
        made = [promise(allocation, why) for allocation, why in requests.promised(db, request)]
        return _short(found, caller) | {
            "lines": {item: _line_of(line) for item, line in found.lines.items()},
            "substitutes": msgspec.to_builtins(found.stead),
            "delivered": {item: line.delivered for item, line in found.lines.items()},
            "distributed": {item: line.distributed for item, line in found.lines.items()},
            "allocations": made,
            "positions": host.positions(),
        }


def requests_of(host: Host, by: Signature, request: str) -> Request:
    """A request that the caller may see. NotFound."""
    known = requests.find(host.read("resources"), request)
    if known is None or not seen(host, by, *known):
        raise NotFound(Failure("reference", f"no request {request} that you may see", "request"))
    return known[1]


def seen(host: Host, by: Signature, row: Row, request: Request) -> bool:
    """The organs of its line, and the neighbours that were asked to help."""
    return host.sees(by)(row["division"], row["visibility"]) or by.division in (*request.neighbours, *request.refused)


def promise(allocation: Allocation, why: Row) -> Row:
    """An allocation as it is answered."""
    names = ("allocation", "request", "store", "owner", "to_store", "receiver", "shipment", "items")
    lots = {line.lot: line.qty for line in allocation.lines}
    return {name: getattr(allocation, name) for name in names} | {"state": allocation.status, "lots": lots} | why


def _short(request: Request, caller: Call) -> Row:
    names = ("request", "incident", "receiver", "to_store", "people", "needed_by", "remaining", "unmet")
    told = {name: getattr(request, name) for name in (*names, "forwarded_to", "neighbours", "refused")}
    told |= {"state": request.status, "place": request.division, "priority": request.priority.value}
    return told | {"orally_approved": request.orally, "shortage_found": request.short, "overdue": _late(request, caller)}


def _late(request: Request, caller: Call) -> list[str]:
    """What was due by now: the time by which it is needed, while anything is unmet, and its deadlines."""
    late = [due.key for due in request.clocks.open() if due.due_at <= caller.now]
    needed = request.open and request.needed_by and request.needed_by <= caller.now and request.unmet
    return [*late, "needed_by"] if needed else late


def _line_of(line: Line) -> Row:
    names = ("asked", "raised", "approved", "allocated", "stood", "remaining", "delivered", "distributed", "unmet")
    return {name: getattr(line, name) for name in names}


def _asked(host: Host, directory: Directory) -> Fill:
    """Who may allocate to the place: it and the divisions above, as far down as stock is allocated; and whether the store is theirs."""
    to_store = near(host, directory)

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        await to_store(caller, fields)
        tree, place = directory.divisions, fields.get("place")
        chain = tree.chain(place) if place else ()
        fields["line"] = tuple(code for code in chain if (tree.level(code) or LEVELS + 1) <= LEVELS)

    return fill


def _neighbour(host: Host, directory: Directory) -> Fill:
    """The stores of the caller's division, and whether there is such a neighbour: of another province nothing is known here, and it may
    be asked all the same (RQ-01)."""
    stores = _stores(host)

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        await stores(caller, fields)
        to = fields.get("to") or ""
        fields["known"] = directory.divisions.level(to) is not None or (_CODE.fullmatch(to) is not None and to[:2] != host.province[:2])

    return fill


def _stores(host: Host) -> Fill:
    """The stores of the caller's division: what they have left is read in the decision itself."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        own = caller.by.division
        found = await run_in_threadpool(lambda: offers.stores(host.read("resources"), own)) if own else []
        fields["stores"] = tuple(store for store, _, _ in found)

    return fill
