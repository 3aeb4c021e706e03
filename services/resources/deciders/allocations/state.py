"""An allocation as its facts make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.resources.deciders.streams import allocation_stream, stock_stream
from services.resources.events import allocation as a
from services.resources.events.clock import ClockMissed
from shared.blocks.clocks import STILL, Clocks
from shared.kernel.decider import About
from shared.kernel.errors import Failure, NotFound

NEW, MADE, DISPATCHED, LOADED, CANCELLED = "new", "made", "dispatched", "loaded", "cancelled"
AllocationEvent = (
    a.AllocationMade
    | a.AllocationCancelled
    | a.AllocationDispatched
    | a.AllocationUndispatched
    | a.AllocationLoaded
    | a.AllocationReduced
    | ClockMissed
)


@dataclass(frozen=True, slots=True)
class Allocation:
    """Goods of one store promised to one request."""

    status: str = NEW
    allocation: str = ""
    request: str = ""
    incident: str | None = None
    store: str = ""
    owner: str | None = None  # division whose store it is
    lines: tuple[a.AllocatedLot, ...] = ()
    to_store: str | None = None
    receiver: str | None = None
    shipment: str | None = None
    clocks: Clocks = STILL

    @property
    def items(self) -> dict[str, int]:
        """What is promised, by item."""
        found: dict[str, int] = {}
        for line in self.lines:
            found[line.item] = found.get(line.item, 0) + line.qty
        return found

    @property
    def stocks(self) -> tuple[str, ...]:
        """The streams whose ledgers hold the reservation."""
        return tuple(stock_stream(self.store, item) for item in self.items)


def allocation_of(allocation: str, states: Mapping[str, Any]) -> Allocation:
    """The allocation among the states of a joint command. NotFound."""
    found = states.get(allocation_stream(allocation))
    if not isinstance(found, Allocation) or found.status == NEW:
        raise NotFound(Failure("reference", f"allocation {allocation} is unknown: allocate first", "allocation"))
    return found


def about(allocation: Allocation) -> About:
    """Internal to the organs of the store's owner."""
    return About(allocation.owner, "internal", allocation.incident)


def evolve(allocation: Allocation, event: AllocationEvent) -> Allocation:
    """The allocation after the event."""
    ended = (*getattr(event, "met", ()), *getattr(event, "stopped", ()))
    allocation = replace(allocation, clocks=allocation.clocks.end(event.at, *ended).start(*getattr(event, "clocks", ())))
    match event:
        case a.AllocationMade():
            names = ("allocation", "request", "incident", "store", "owner", "lines", "to_store", "receiver")
            same: dict[str, Any] = {name: getattr(event, name) for name in names}
            return replace(allocation, status=MADE, **same)
        case a.AllocationCancelled():
            return replace(allocation, status=CANCELLED)
        case a.AllocationDispatched(shipment=shipment):
            return replace(allocation, status=DISPATCHED, shipment=shipment)
        case a.AllocationUndispatched():
            return replace(allocation, status=MADE if allocation.status == DISPATCHED else allocation.status, shipment=None)
        case a.AllocationLoaded(shipment=shipment):
            return replace(allocation, status=LOADED, shipment=shipment)
        case a.AllocationReduced(line=gone):
            return replace(allocation, lines=tuple(line for line in allocation.lines if line.lot != gone.lot))
        case ClockMissed(key=key):
            return replace(allocation, clocks=allocation.clocks.miss(key))
        case _:
            assert_never(event)
