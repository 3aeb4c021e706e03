"""Goods of one or several stores are promised to a request: who may, which lots, how much, all or nothing (domain 3.9, 3.10, 3.27)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.resources.deciders.allocations import scarcity
from services.resources.deciders.allocations.commands import Allocate
from services.resources.deciders.allocations.standing import stand_ins
from services.resources.deciders.allocations.state import NEW, Allocation
from services.resources.deciders.incident import not_open
from services.resources.deciders.masters.item import counted
from services.resources.deciders.masters.lot import lot_of, unknown_lot
from services.resources.deciders.masters.store import Store, store_of
from services.resources.deciders.requests.flow import FILLABLE, require_within
from services.resources.deciders.requests.state import ASSESSED, Request, request_of
from services.resources.deciders.stock.moving import chosen, day_of, first_out, meant_for, reserve, short, unfit
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import allocation_stream, request_stream, stock_stream
from services.resources.events import allocation as a
from services.resources.events import request as r
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

MATRIX = "matrix.3.27"


@dataclass(frozen=True, slots=True)
class Part:
    """What one store is to give: an allocation of its own."""

    allocation: str
    store: Store
    picks: Mapping[str, Mapping[str, int]]  # item -> lot -> quantity

    @property
    def items(self) -> dict[str, int]:
        return {item: sum(lots.values()) for item, lots in self.picks.items()}


def named(command: Allocate) -> dict[str, str]:
    """The store of each allocation that the command makes."""
    if command.stores:
        return {f"{command.allocation}.{store}": store for store in command.stores}
    return {command.allocation: command.store or ""}


def _unexplained(command: Allocate, request: Request, given: Mapping[str, int]) -> list[Failure]:
    """The fault of promising without a word what was marked when it was asked, and nobody approved."""
    much = [item for item in request.triage if given.get(item)] if request.status == ASSESSED and not command.reason else []
    return (
        [Failure("supply.triage", f"{', '.join(much)} is far above the norm for {request.people} people: say why", "reason")]
        if much
        else []
    )


def made(command: Allocate, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Everything or nothing, and every line that is short is named."""
    stores = {name: store_of(store, states) for name, store in named(command).items()}
    request = request_of(command.request, states)
    faults = _may(command, request, list(stores.values()), rules)
    _state(command, request, states)
    parts, wrong = _picked(command, request, stores, states)
    faults += not_open(request.incident, states) if request.incident else []
    given = {item: sum(part.items.get(item, 0) for part in parts) for item in dict.fromkeys(one for part in parts for one in part.items)}
    instead, odd = stand_ins(command, request, given, states)
    faults += wrong or [*odd, *_too_much(command, request, parts), *_unexplained(command, request, given)]
    weighed = {part.allocation: _weighed(part, command, request, states, rules) for part in parts}
    if not command.reason and not faults:
        faults += [fault for part in parts for fault in _above_share(part, weighed[part.allocation])]
    refuse_all(RuleBroken, faults)
    facts: list[tuple[str, object]] = []
    for part in parts:
        facts += _facts(part, command, request, weighed[part.allocation], instead, states, rules)
    answer: dict[str, Any] = {"lots": chosen(facts)}
    if command.stores:
        answer["allocations"] = {part.store.store: part.allocation for part in parts}
    return Decided(facts, answer=answer)


def _may(command: Allocate, request: Request, stores: list[Store], rules: Rules) -> list[Failure]:
    """Own stock for a request one has or was asked to help with. Level 1 orders out of the stores below it, naming the serious case."""
    own, ordered = command.by.division, [store for store in stores if store.owner != command.by.division]
    if ordered and command.by.level != 1:
        cure = "; ".join(f"{one.store} belongs to {one.owner}: ask the neighbour, or an L1 order in a serious case" for one in ordered)
        raise NotAllowed(Failure(MATRIX, cure, "store"))
    if own not in request.asked_of and not (command.by.level == 1 and own in request.line):
        cure = f"{request.request} is with {', '.join(request.asked_of) or 'nobody'}: forwarded to you, or asked to help, you may"
        raise NotAllowed(Failure(MATRIX, cure, "request"))
    if command.by.actor == request.submitted_by and request.status == ASSESSED:
        raise NotAllowed(Failure("supply.second_person", "who asked does not promise it to themselves: have it approved first", "by"))
    if request.status == ASSESSED:  # nobody with the power to approve it did
        require_within(request, command, rules)
    if ordered and not command.reason:
        names = ", ".join(f"{one.store} of {one.owner}" for one in ordered)
        return [Failure(MATRIX, f"name the serious case for which {names} has to give", "reason")]
    return []


def _state(command: Allocate, request: Request, states: Mapping[str, Any]) -> None:
    taken = [name for name in named(command) if _known(states, name)]
    if taken:
        raise WrongState(Failure("allocation.state", f"{', '.join(taken)} is made already: choose another number", "allocation"))
    if request.status not in FILLABLE:
        cure = f"{request.request} is {request.status}: goods are promised once it is assessed and while it is open"
        raise WrongState(Failure("request.state", cure, "request"))


def _known(states: Mapping[str, Any], allocation: str) -> bool:
    found = states.get(allocation_stream(allocation))
    return isinstance(found, Allocation) and found.status != NEW


def _picked(
    command: Allocate, request: Request, stores: Mapping[str, Store], states: Mapping[str, Any]
) -> tuple[list[Part], list[Failure]]:
    """The lots of every store, with every fault of every line."""
    ways = [way for way in (command.items, command.lots, command.stores) if way]
    if len(ways) != 1 or any(not items for items in (command.stores or {}).values()):
        return [], [Failure("supply.complete", "name items of a store, lots of a store, or items of several stores", "items")]
    parts, faults = [], []
    for name, store in stores.items():
        if command.lots:
            picks, wrong = _exactly(command, request, store, states)
        else:
            items = (command.stores or {}).get(store.store) or command.items or {}
            picks, wrong = _first_out(command, items, request, store, states)
        parts.append(Part(name, store, picks))
        faults += wrong
    return parts, faults


def _first_out(
    command: Allocate, items: Mapping[str, int], request: Request, store: Store, states: Mapping[str, Any]
) -> tuple[dict[str, dict[str, int]], list[Failure]]:
    picks: dict[str, dict[str, int]] = {}
    faults: list[Failure] = []
    for item, asked in items.items():
        qty, wrong = counted(asked, None, item, states, "items")
        if wrong:
            faults += wrong
            continue
        stock: Stock = states[stock_stream(store.store, item)]
        picks[item], missing = first_out(stock, qty, good_until(request, command.now), places(request))
        if missing:
            faults.append(short(stock, store.store, item, missing, qty))
    return picks, faults


def _exactly(
    command: Allocate, request: Request, store: Store, states: Mapping[str, Any]
) -> tuple[dict[str, dict[str, int]], list[Failure]]:
    picks: dict[str, dict[str, int]] = {}
    faults: list[Failure] = []
    for lot, qty in (command.lots or {}).items():
        if unknown := unknown_lot(lot, states):
            faults += unknown
        elif qty < 1:
            faults.append(Failure("stock.quantity", f"{lot}: one at least", "lots"))
        else:
            picks.setdefault(lot_of(lot, states).item or "", {})[lot] = qty
    for item, lots in picks.items():
        stock: Stock = states[stock_stream(store.store, item)]
        until = good_until(request, command.now)
        faults += unfit(stock, lots, day_of(command.now), command.reason, places(request), until)
    return picks, faults


def places(request: Request) -> tuple[str | None, ...]:
    """Where the goods go, as a donor would have said it: the place itself, or a division above it for which goods were given."""
    return request.division, *request.line


def good_until(request: Request, now: datetime) -> date:
    """The day on which goods must still be good: that by which they are needed, today where that has passed."""
    return max(day_of(now), day_of(request.needed_by or now))


def _too_much(command: Allocate, request: Request, parts: list[Part]) -> list[Failure]:
    """Never what was not asked, nor more than is still open, unless somebody says why (a substitute, what was lost on the way)."""
    if command.reason:
        return []
    faults, promised = [], dict.fromkeys(request.lines, 0)
    for item, qty in ((item, qty) for part in parts for item, qty in part.items.items()):
        if item in request.lines:
            promised[item] += qty
        elif item not in (command.substitutes or {}):
            faults.append(Failure("supply.line", f"{item} is no line of {request.request}: say why it is given instead", "items"))
    for item, qty in promised.items():
        if qty > request.lines[item].remaining:
            cure = f"{item}: {request.lines[item].remaining} are still open, {qty} would be promised; take less, or say why"
            faults.append(Failure("supply.remaining", cure, "items"))
    return faults


def _weighed(part: Part, command: Allocate, request: Request, states: Mapping[str, Any], rules: Rules) -> dict[str, a.Weighed]:
    """What the scarcity rule is given, and what it gives, for each item of a store."""
    rivals = [request_of(name, states) for name in dict.fromkeys(command.competing) if name != request.request]
    found = {}
    for item in part.picks:
        stock: Stock = states[stock_stream(part.store.store, item)]
        available = fit(stock, good_until(request, command.now), request)
        others = (claim(one, item) for one in rivals if one.open)
        claims = (claim(request, item), *(one for one in others if one.need))
        found[item] = a.Weighed(available, claims, scarcity.share_of(request.request, available, claims, rules))
    return found


def fit(stock: Stock, until: date, request: Request) -> int:
    """What may be promised of it: available, still good then, not given for others."""
    return sum(stock.available(lot.lot) for lot in stock.good(until) if meant_for(lot, places(request)))


def claim(request: Request, item: str) -> a.Claim:
    """What a request still needs of an item, as the scarcity rule is told."""
    assert request.needed_by is not None  # of every request that was submitted
    line = request.lines.get(item)
    return a.Claim(request.request, line.remaining if line else 0, request.people, request.priority, request.needed_by)


def _above_share(part: Part, weighed: Mapping[str, a.Weighed]) -> list[Failure]:
    return [
        Failure(
            scarcity.RULE,
            f"{part.store.store}: {weighed[item].share} of {item} is the share, {qty} are asked; say why",
            "items",
        )
        for item, qty in part.items.items()
        if qty > weighed[item].share
    ]


def _facts(
    part: Part,
    command: Allocate,
    request: Request,
    weighed: Mapping[str, a.Weighed],
    instead: Mapping[str, r.StandIn],
    states: Mapping[str, Any],
    rules: Rules,
) -> list[tuple[str, object]]:
    store, reason = part.store, command.reason or ""
    stead = {item: one for item, one in instead.items() if item in part.items}
    fact = a.AllocationMade(
        allocation=part.allocation,
        request=request.request,
        incident=request.incident,
        store=store.store,
        owner=store.owner or "",
        level=store.level,
        lines=tuple(a.AllocatedLot(item, lot, qty) for item, lots in part.picks.items() for lot, qty in lots.items()),
        to_store=request.to_store,
        receiver=request.receiver,
        scarcity=scarcity.named(rules),
        inputs=weighed,
        reason=reason,
        by=command.by.actor,
        at=command.now,
        clocks=(deadline(rules, a.DISPATCH, command.now),),
        substitutes=stead,
    )
    facts: list[tuple[str, object]] = [(allocation_stream(part.allocation), fact)]
    for item, lots in part.picks.items():
        facts += reserve(states[stock_stream(store.store, item)], lots, part.allocation, command, reason)
    told = r.SupplyAllocated(request.request, part.allocation, part.items, command.now, store.owner, stead)
    return [*facts, (request_stream(request.request), told)]
