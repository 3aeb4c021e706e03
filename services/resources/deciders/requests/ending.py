"""The end of a request: cancelled, or closed with what stayed unmet. Neither leaves a reservation behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.resources.deciders.allocations.cancelling import UNLOADED, released
from services.resources.deciders.allocations.state import Allocation
from services.resources.deciders.requests import commands as c
from services.resources.deciders.requests.approving import K24
from services.resources.deciders.requests.asking import unknown_lines
from services.resources.deciders.requests.flow import FLOW
from services.resources.deciders.requests.state import Request, request_of
from services.resources.deciders.streams import allocation_stream, request_stream, store_stream
from services.resources.events import request as r
from services.resources.events.masters import RequestOver
from shared.kernel.decider import Decided
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

Facts = list[tuple[str, object]]


def cancelled(command: c.CancelRequest, states: Mapping[str, Any]) -> Decided:
    """Everything that was not loaded is free again in the same act; what is under way is named and goes on."""
    request = request_of(command.request, states)
    if command.by.has("TEAM") and command.by.actor != request.submitted_by:
        raise NotAllowed(Failure("supply.own", f"a team cancels what it asked for: {request.submitted_by} asked for this", "request"))
    FLOW.require(request.status, command)
    if not command.reason:
        raise RuleBroken(Failure("supply.reason", "say why it is no longer needed", "reason"))
    held = _allocations(request, states)
    free = [one for one in held if one.status in UNLOADED]
    under_way = tuple(one.allocation for one in held if one.status not in UNLOADED)
    names = tuple(one.allocation for one in free)
    stopped = (K24,) if request.clocks.runs(K24) else ()
    fact = r.RequestCancelled(command.request, command.reason, names, under_way, command.by.actor, command.now, stopped)
    facts: Facts = [(request_stream(command.request), fact)]
    for one in free:
        facts += released(one, states, command.reason, command)
    return Decided([*facts, *over(request, command)], answer={"released": list(names), "under_way": list(under_way)})


def closed(command: c.CloseRequest, states: Mapping[str, Any]) -> Facts:
    """`unmet` is what the ledger says: wanted, less what was delivered or handed out. Nothing is promised any more."""
    request = request_of(command.request, states)
    FLOW.require(request.status, command)
    if held := [one.allocation for one in _allocations(request, states) if one.status in UNLOADED]:
        cure = f"{', '.join(held)} still holds goods: dispatch it, or cancel it"
        raise WrongState(Failure("supply.reserved", cure, "request"))
    unmet = {item: qty for item, qty in (command.unmet or {}).items() if qty}
    faults = unknown_lines(request, unmet, "unmet")
    if unmet != request.unmet:
        said = ", ".join(f"{item}: {qty}" for item, qty in request.unmet.items()) or "nothing is unmet"
        faults.append(Failure("supply.unmet", f"by what was delivered and handed out: {said}", "unmet"))
    if request.unmet and not command.reason:
        faults.append(Failure("supply.reason", "say why it is closed with lines unmet", "reason"))
    refuse_all(RuleBroken, faults)
    fact = r.RequestClosed(command.request, unmet, command.reason or "", command.by.actor, command.now)
    return [(request_stream(command.request), fact), *over(request, command)]


def over(request: Request, command: Any) -> Facts:
    """The store where the goods were to come waits no longer."""
    store = request.to_store
    return [(store_stream(store), RequestOver(store, request.request, command.now))] if store else []


def allocated(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The streams of what was promised to it, and of the goods behind; and the store that waits for them."""
    request: Request = states[request_stream(command.request)]
    found = [allocation_stream(one) for one in request.allocations]
    found += [stock for one in _allocations(request, states) for stock in one.stocks]
    return (*found, *((store_stream(request.to_store),) if request.to_store else ()))


def _allocations(request: Request, states: Mapping[str, Any]) -> list[Allocation]:
    known = (states.get(allocation_stream(one)) for one in request.allocations)
    return [one for one in known if isinstance(one, Allocation)]
