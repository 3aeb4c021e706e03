"""Operations on allocations: their commands, why each was made, and a proposal that decides nothing."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool

from services.resources.api.requests import promise, requests_of
from services.resources.deciders.allocations import rivals, scarcity
from services.resources.deciders.allocations.commands import Allocate, CancelAllocation
from services.resources.deciders.allocations.making import claim, good_until, places
from services.resources.deciders.allocations.proposal import Near, Proposal, propose, rank
from services.resources.deciders.allocations.standing import Instead, Known, conversion, offered
from services.resources.deciders.requests.state import Request
from services.resources.events.masters import Conversion
from services.resources.projections import catalogue, offers, requests
from shared.kernel.commands import Command
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotFound
from shared.sql.ports import Connection
from shared.web.call import Call
from shared.web.commands import CommandRoutes, Fill
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Caller, Row
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (("/allocations/{allocation}/cancellation", CancelAllocation),)
OPERATIONS = ("GetAllocation", "GetPlanningAllocation")


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    routes.post("/allocations", Allocate, fill=_competing(host))

    @router.get("/allocations/{allocation}", operation_id="GetAllocation", responses=RESPONSES)
    def get_allocation(allocation: Annotated[str, Path(max_length=64)], caller: Caller) -> Row:
        """One allocation: lots, state, and the rule with everything it was given, so that anyone computes the share again."""
        caller.require("GetAllocation")
        found = requests.allocation(host.read("resources"), allocation)
        if found is None or not host.sees(caller.by)(found[0].owner, "internal"):
            raise NotFound(Failure("reference", f"no allocation {allocation} that you may see", "allocation"))
        return promise(*found) | {"positions": host.positions()}

    @router.get("/planning/allocation", operation_id="GetPlanningAllocation", responses=RESPONSES)
    def get_planning_allocation(caller: Caller, request: Annotated[str, Query(max_length=64)]) -> Row:
        """Which stores could fill what is still open of a request, nearest first, lot by lot; and what all of them together lack. Stores of
        levels that forwarded it are left out: they gave what they could. Where others want the same, no more than the share by the rule,
        store by store, as `Allocate` weighs it: decided as it stands by who owns the store, it is accepted.
        `substitutes` is what the catalogue says might stand in for what runs short, by its exact conversion: lines of their own, which
        somebody decides on with `Allocate` (`substitutes` and a reason)."""
        caller.require("GetPlanningAllocation")
        found = requests_of(host, caller.by, request)
        rules = directory.rules_for(found.division, caller.now, None)
        return proposed(host, directory, found, caller, rules) | {"positions": host.positions()}


def _competing(host: Host) -> Fill:
    """Who else asked the caller's authority for the same goods, beside whom the caller names: the decision weighs what each needs then."""

    def others(request: str, own: str | None) -> list[str]:
        db = host.read("resources")
        known = requests.find(db, request)
        return [one.request for one in rivals.rivals(known[1], requests.open_ones(db), own)] if known else []

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        found = await run_in_threadpool(others, fields["request"], caller.by.division)
        fields["competing"] = tuple(dict.fromkeys((*(fields.get("competing") or ()), *found)))

    return fill


def proposed(host: Host, directory: Directory, request: Request, caller: Caller, rules: Rules) -> Row:
    """The proposal with what it rests on."""
    db = host.read("resources")
    stores = near(host, directory, request)
    shelves = offers.shelves(db, [one.store for one in stores], list(request.lines))
    good, asked = good_until(request, caller.now), set(request.asked_of)
    others = [one for one in requests.open_ones(db) if one.request != request.request]
    beside = [one for one in others if asked.intersection(one.asked_of)]
    plan = propose(request.remaining, stores, shelves, good, places(request), rivals.sharing(request, others, rules))
    told = _told(plan, request, stores)
    instead = _instead(db, request, told["unmet"], stores, beside, good)
    return {"request": request.request, "decides": False} | told | instead | {"scarcity": scarcity.named(rules)}


def _instead(db: Connection, request: Request, short: dict[str, int], stores: list[Near], rivals: list[Request], good: date) -> Row:
    """What might stand in for what runs short; what others asked for of it, and this request itself, is theirs."""
    named = {item: row for item in short if (row := catalogue.item(db, item)) is not None and row["substitutes"]}
    others = dict.fromkeys(one for row in named.values() for one in row["substitutes"])
    rows = named | {one: row for one in others if (row := catalogue.item(db, one)) is not None and not row["retired"]}
    if not named:
        return {"substitutes": [], "unconverted": []}
    known = {
        item: Known(row["unit"], row["substitutes"], {one: Conversion(**by) for one, by in row["conversions"].items()})
        for item, row in rows.items()
    }
    kept = {one: sum(claim(each, one).need for each in (request, *rivals)) for one in others}
    shelves = offers.shelves(db, [one.store for one in stores], list(others))
    found = offered(short, known, stores, shelves, kept, good, places(request))
    unknown = [
        {"item": item, "substitute": one}
        for item, row in named.items()
        for one in row["substitutes"]
        if one in known and conversion(known[item], one, known[one].unit) is None
    ]
    return {"substitutes": [_proposed(one, request, stores) for one in found], "unconverted": unknown}


def _proposed(one: Instead, request: Request, stores: list[Near]) -> Row:
    by = {"units": one.conversion.units, "stand_for": one.conversion.stand_for}
    said = {"item": one.item, "substitute": one.substitute, "qty": one.qty, "covers": one.covers, "conversion": by}
    return said | {"stores": _stores(one.plan, request, stores)}


def near(host: Host, directory: Directory, request: Request) -> list[Near]:
    """The stores that may be asked, with how far they are."""
    tree = directory.divisions
    gone, chain = {*request.holders[:-1], *request.refused}, tree.chain(request.division or "")
    return [
        Near(store, owner, rank(chain, tree.chain(place), request.line, owner))
        for store, owner, place in offers.stores(host.read("resources"))
        if owner not in gone and store != request.to_store
    ]


def _told(plan: Proposal, request: Request, stores: list[Near]) -> Row:
    shares = {item: qty - plan.unmet.get(item, 0) for item, qty in request.remaining.items()}
    said = {"proposed_stores": list(plan.by_store()), "stores": _stores(plan, request, stores)}
    return said | {"unmet": dict(plan.unmet), "shares": shares}


def _stores(plan: Proposal, request: Request, stores: list[Near]) -> list[Row]:
    by_store, owners = plan.by_store(), {one.store: one.owner for one in stores}
    return [{"store": one, "owner": owners[one], "ask": _ask(owners[one], request), "items": by_store[one]} for one in by_store]


def _ask(owner: str, request: Request) -> str:
    """What has to happen before it may give: nothing, a forwarding, or a neighbour's help."""
    if owner in request.asked_of:
        return "nothing"
    return "forward" if owner in request.line else "neighbour"
