"""Goods of one store promised to one request: made, cancelled, dispatched, loaded (domain 3.10).

What is promised stands as `reserved:<allocation>` in the ledger of the store; these facts say why, and by which rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.resources.events.request import Priority, StandIn
from shared.blocks.clocks import Due
from shared.kernel.events import event

DISPATCH = "allocation.dispatch"
"""The deadline by which an allocation must be dispatched; the rule of the same name says how long."""


@dataclass(frozen=True, slots=True)
class AllocatedLot:
    """So much of a lot."""

    item: str
    lot: str
    qty: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that wants the same goods: what it still needs, for how many people, how urgently."""

    request: str
    need: int
    people: int
    priority: Priority
    needed_by: datetime


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the scarcity rule was given for an item, and what it gave this request. Anyone computes the share again from it."""

    available: int  # fit to be promised in this store before
    claims: tuple[Claim, ...]  # this request first
    share: int


@event("resources.allocation.made.v1")
@dataclass(frozen=True, slots=True)
class AllocationMade:
    """The lots are promised to the request. More than the rule's share carries a reason."""

    allocation: str
    request: str
    incident: str | None
    store: str
    owner: str  # division whose store it is
    level: int | None  # of that division
    lines: tuple[AllocatedLot, ...]
    to_store: str | None
    receiver: str | None
    scarcity: str  # rule@version
    inputs: Mapping[str, Weighed]  # by item
    reason: str
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()  # by when it must be dispatched, or its goods are free again
    substitutes: Mapping[str, StandIn] = field(default_factory=dict)  # what of it stands in for which line, as the catalogue said then


@event("resources.allocation.cancelled.v1")
@dataclass(frozen=True, slots=True)
class AllocationCancelled:
    """Promised no longer: its reservations were released in the same act. `shipment`: one that was ordered for it, which has nothing to
    carry any more."""

    allocation: str
    request: str
    shipment: str | None
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("resources.allocation.dispatched.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class AllocationDispatched:
    """A shipment was ordered for it."""

    allocation: str
    shipment: str
    at: datetime
    met: tuple[str, ...] = (DISPATCH,)


@event("resources.allocation.undispatched.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class AllocationUndispatched:
    """Its shipment was cancelled before anything was loaded: it may be dispatched anew, or cancelled."""

    allocation: str
    shipment: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.allocation.loaded.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class AllocationLoaded:
    """Its goods left the store with the shipment: nothing is reserved any more."""

    allocation: str
    shipment: str
    at: datetime


@event("resources.allocation.reduced.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class AllocationReduced:
    """A lot of it was recalled: so much less is promised. Its reservation was released in the same act."""

    allocation: str
    request: str
    line: AllocatedLot
    reason: str
    at: datetime
