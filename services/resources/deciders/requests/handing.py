"""Where a request goes that the own level cannot fill: to the level above, or to a neighbour who may help (SU-04)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.resources.deciders.masters.store import Store
from services.resources.deciders.requests import commands as c
from services.resources.deciders.requests.flow import FLOW, require_held
from services.resources.deciders.requests.state import OVER, Request, request_of
from services.resources.deciders.stock.moving import day_of
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import request_stream, stock_stream, store_stream
from services.resources.events import request as r
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

Facts = list[tuple[str, object]]
Snapshot = dict[str, dict[str, int]]
Handing = c.ForwardUp | c.AskNeighbour


def forwarded(command: c.ForwardUp, states: Mapping[str, Any]) -> Facts:
    """To the authority directly above and no other, once; the own level goes first."""
    request = request_of(command.request, states)
    own = require_held(request, command)
    FLOW.require(request.status, command)
    above = request.line[request.line.index(own) + 1 :]
    if command.to in request.forwarded_to:
        raise WrongState(Failure("request.state", f"{command.to} has it already", "to"))
    faults = []
    if not above:
        faults.append(Failure("SU-04", f"nobody of this node is above {own}: call off production, or ask the level above outside", "to"))
    elif command.to != above[0]:
        faults.append(Failure("SU-04", f"the authority directly above {own} is {above[0]}: name it", "to"))
    stock, first = _own_first(command, request, own, states)
    refuse_all(RuleBroken, faults + first)
    by, at, to = command.by.actor, command.now, command.to or ""
    fact = r.SupplyForwarded(command.request, own, to, request.remaining, stock, command.reason or "", by, at)
    return [(request_stream(command.request), fact)]


def neighbour_asked(command: c.AskNeighbour, states: Mapping[str, Any]) -> Facts:
    """A division that is not of the request's own line; one that has refused may be asked again."""
    request = request_of(command.request, states)
    own = require_held(request, command)
    FLOW.require(request.status, command)
    if command.to in request.neighbours:
        raise WrongState(Failure("request.state", f"{command.to} was asked already", "to"))
    faults = []
    if not command.to:
        faults.append(Failure("supply.complete", "name the division that is asked", "to"))
    elif not command.known:
        faults.append(Failure("supply.neighbour", f"{command.to} is no division of this province, nor a code of another: check it", "to"))
    elif command.to in (*request.line, request.division):
        faults.append(Failure("SU-04", f"{command.to} is above the place itself: forward the request up", "to"))
    stock, first = _own_first(command, request, own, states)
    refuse_all(RuleBroken, faults + first)
    fact = r.NeighbourAsked(command.request, own, command.to or "", request.remaining, stock, command.by.actor, command.now)
    return [(request_stream(command.request), fact)]


def neighbour_refused(command: c.RefuseNeighbourHelp, states: Mapping[str, Any]) -> Facts:
    """Only the neighbour says no for itself. A reason is asked for nowhere: help is voluntary."""
    request = request_of(command.request, states)
    own = command.by.division or ""
    if own not in request.neighbours:
        asked = ", ".join(request.neighbours) or "nobody"
        raise NotAllowed(Failure("matrix.3.27", f"asked for help were: {asked}", "request"))
    FLOW.require(request.status, command)
    fact = r.NeighbourRefused(command.request, own, command.reason or "", command.by.actor, command.now)
    return [(request_stream(command.request), fact)]


def shortage(command: c.NoteShortage, states: Mapping[str, Any]) -> Facts:
    """Said once, when the last authority of the line has allocated and something is still open."""
    request = request_of(command.request, states)
    remaining = {item: qty for item, qty in request.remaining.items() if qty}
    last = bool(request.line) and command.owner == request.line[-1]
    if not last or not remaining or request.short or request.status in OVER:
        return []
    return [(request_stream(command.request), r.ShortageFound(command.request, command.allocation, remaining, command.now))]


def own_stocks(command: Handing, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The streams that the snapshot is of: every line in every store of the own level."""
    request: Request = states[request_stream(command.request)]
    return tuple(stock_stream(store, item) for store in command.stores for item in request.lines)


def _own_first(command: Handing, request: Request, own: str, states: Mapping[str, Any]) -> tuple[Snapshot, list[Failure]]:
    """What the own stores could still give of each line; and the fault of asking others before anything of it was promised."""
    found: Snapshot = {}
    for name in command.stores:
        store = states.get(store_stream(name))
        if not isinstance(store, Store) or store.owner != own:
            continue
        found[name] = {item: _fit(states.get(stock_stream(name, item)), command) for item in request.lines}
    left = {item for kept in found.values() for item, qty in kept.items() if qty and request.lines[item].remaining}
    if not left or own in request.gave or command.reason:
        return found, []
    cure = f"{own} has {', '.join(sorted(left))} and promised nothing of it yet: allocate it first, or say why not"
    return found, [Failure("SU-04", cure, "reason")]


def _fit(stock: object, command: Handing) -> int:
    """Available and not expired."""
    if not isinstance(stock, Stock):
        return 0
    return sum(stock.available(lot.lot) for lot in stock.lots.values() if not lot.expired(day_of(command.now)))
