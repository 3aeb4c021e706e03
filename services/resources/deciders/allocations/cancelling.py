"""An allocation is given up: by decision, with its request, or because nobody dispatched it. Its reservations go with it, always."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.resources.deciders.allocations.commands import CancelAllocation, EscalateAllocationClock
from services.resources.deciders.allocations.state import CANCELLED, DISPATCHED, MADE, Allocation, allocation_of
from services.resources.deciders.stock.moving import release
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import allocation_stream, request_stream
from services.resources.events import allocation as a
from services.resources.events.request import SupplyUnallocated
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState

Facts = list[tuple[str, object]]
UNLOADED = (MADE, DISPATCHED)
EXPIRED = "not dispatched in time"


def cancelled(command: CancelAllocation, states: Mapping[str, Any]) -> Facts:
    """By the authority whose store it is, or level 1; with a reason; not once it was loaded."""
    allocation = allocation_of(command.allocation, states)
    if command.by.division != allocation.owner and command.by.level != 1:
        cure = f"{allocation.store} belongs to {allocation.owner}: it cancels what it promised, or level 1 does"
        raise NotAllowed(Failure("matrix.3.27", cure, "allocation"))
    if allocation.status not in UNLOADED:
        known = "is cancelled already" if allocation.status == CANCELLED else f"was loaded on {allocation.shipment}: turn the shipment back"
        raise WrongState(Failure("allocation.state", f"{command.allocation} {known}", "allocation"))
    if not command.reason:
        raise RuleBroken(Failure("supply.reason", "say why it is promised no longer", "reason"))
    return released(allocation, states, command.reason, command)


def expired(command: EscalateAllocationClock, states: Mapping[str, Any]) -> Facts:
    """Once, and only while nobody dispatched it."""
    allocation = allocation_of(command.allocation, states)
    if allocation.status != MADE or allocation.clocks.passed(command.key, command.now) is None:
        return []
    return released(allocation, states, EXPIRED, command)


def released(allocation: Allocation, states: Mapping[str, Any], reason: str, command: Command) -> Facts:
    """The allocation is over, what its store still holds for it is free, and the request lacks it again."""
    name, request, at = allocation.allocation, allocation.request, command.now
    stopped = (a.DISPATCH,) if allocation.clocks.runs(a.DISPATCH) else ()
    over = a.AllocationCancelled(name, request, allocation.shipment, reason, command.by.actor, at, stopped)
    facts: Facts = [(allocation_stream(name), over)]
    items: dict[str, int] = {}
    for stream in allocation.stocks:
        stock = states[stream]
        if isinstance(stock, Stock) and (held := stock.held(name)):
            facts += release(stock, name, reason, command)
            items[stock.item] = sum(held.values())  # what was loaded, or recalled, was taken off before
    return [*facts, (request_stream(request), SupplyUnallocated(request, name, items, at))]
