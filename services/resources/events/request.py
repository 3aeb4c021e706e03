"""A request for supplies from the soum to the region: asked, assessed, approved, forwarded, filled (domain 3.9, SU-04, SU-05)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event

Items = Mapping[str, int]
"""Item -> how many of its own unit."""


class Priority(StrEnum):
    """Which request goes first when there is not enough for all; in this order."""

    LIFE = "life"  # lives depend on it
    URGENT = "urgent"
    ROUTINE = "routine"


@dataclass(frozen=True, slots=True)
class StandIn:
    """What an item stands in for, and how: so many `units` of it for so many of that."""

    item: str
    units: int
    stand_for: int


@event("resources.supply_request.submitted.v1")
@dataclass(frozen=True, slots=True)
class SupplyRequested:
    """Somebody asks for goods. Without an incident they are to be placed ahead of need, `ahead` says why."""

    request: str
    incident: str | None
    division: str | None  # where the goods are needed: the request belongs to the organs above it
    line: tuple[str, ...]  # who may allocate to it, nearest first: the first decides, the next one is asked by forwarding
    receiver: str | None  # public handle of the post that takes them in
    to_store: str | None
    people: int
    needed_by: datetime
    items: Items
    priority: Priority
    ahead: str
    triage: tuple[str, ...]  # items asked far above the norm: a person looks at them first
    by: str
    at: datetime


@event("resources.supply_request.assessed.v1")
@dataclass(frozen=True, slots=True)
class NeedAssessed:
    """Somebody who knows the place looked at it: who is vulnerable, and where more is needed than was asked."""

    request: str
    vulnerable: Mapping[str, str]  # group -> what is known of it; no persons
    raised: Items  # what is needed of the lines that were too low
    reason: str
    by: str
    at: datetime


@event("resources.supply_request.approved.v1")
@dataclass(frozen=True, slots=True)
class SupplyApproved:
    """So much of each line; what was asked stays written. A reason where it is less."""

    request: str
    items: Items
    reason: str
    level: int
    by: str
    at: datetime


@event("resources.supply_request.cut.v1")
@dataclass(frozen=True, slots=True)
class SupplyCut:
    """Less of these lines than was approved or asked, with the reason; what was asked stays written."""

    request: str
    items: Items
    reason: str
    by: str
    at: datetime


@event("resources.supply_request.orally_approved.v1")
@dataclass(frozen=True, slots=True)
class SupplyOrallyApproved:
    """Approved by word of mouth in an emergency (SU-05); the paper is due by the clock."""

    request: str
    items: Items
    channel: str  # how it was said: the duty phone, a meeting
    level: int
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    reason: str = ""  # why so much, where it is far above the norm


@event("resources.supply_request.papered.v1")
@dataclass(frozen=True, slots=True)
class ApprovalPapered:
    """What was approved by word of mouth is on paper now; `late` by so many seconds after its clock, 0 when in time."""

    request: str
    document: str
    late: int
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("resources.supply_request.declined.v1")
@dataclass(frozen=True, slots=True)
class SupplyDeclined:
    """Not granted, and why. Who asked may ask again or go to the level above."""

    request: str
    reason: str
    by: str
    at: datetime


@event("resources.supply_request.forwarded.v1")
@dataclass(frozen=True, slots=True)
class SupplyForwarded:
    """Handed to the authority of the level above, with what the own stores had left of the lines at this position of the log (SU-04)."""

    request: str
    source: str  # division that forwards
    to: str
    remaining: Items
    own_stock: Mapping[str, Mapping[str, int]]  # own store -> item -> available
    reason: str  # why, when the own level still had some
    by: str
    at: datetime


@event("resources.supply_request.neighbour_asked.v1")
@dataclass(frozen=True, slots=True)
class NeighbourAsked:
    """A division of the same level is asked for help; it answers by an allocation or a refusal."""

    request: str
    source: str
    to: str
    remaining: Items
    own_stock: Mapping[str, Mapping[str, int]]
    by: str
    at: datetime


@event("resources.supply_request.neighbour_refused.v1")
@dataclass(frozen=True, slots=True)
class NeighbourRefused:
    """The neighbour cannot help; no duty was broken."""

    request: str
    neighbour: str
    reason: str
    by: str
    at: datetime


@event("resources.supply_request.priority_changed.v1")
@dataclass(frozen=True, slots=True)
class PriorityChanged:
    """It goes before others, or after them, and why."""

    request: str
    priority: Priority
    reason: str
    by: str
    at: datetime


@event("resources.supply_request.shortage_found.v1")
@dataclass(frozen=True, slots=True)
class ShortageFound:
    """The highest level asked has allocated, and these lines are still open: production and purchase must fill them."""

    request: str
    allocation: str  # after which it was found
    items: Items
    at: datetime


@event("resources.supply_request.cancelled.v1")
@dataclass(frozen=True, slots=True)
class RequestCancelled:
    """No longer needed. Reservations were released in the same act; `under_way` are the allocations that were loaded already."""

    request: str
    reason: str
    released: tuple[str, ...]
    under_way: tuple[str, ...]
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("resources.supply_request.closed.v1")
@dataclass(frozen=True, slots=True)
class RequestClosed:
    """Nothing more will be done. `unmet` agrees with what was delivered and handed out."""

    request: str
    unmet: Items
    reason: str
    by: str
    at: datetime


@event("resources.supply_request.allocated.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class SupplyAllocated:
    """On the request: so much is promised by an allocation."""

    request: str
    allocation: str
    items: Items
    at: datetime
    owner: str | None = None  # division whose store it is out of
    substitutes: Mapping[str, StandIn] = field(default_factory=dict)  # what of it stands in for which line


@event("resources.supply_request.unallocated.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class SupplyUnallocated:
    """On the request: an allocation was cancelled; its goods are promised no longer."""

    request: str
    allocation: str
    items: Items
    at: datetime


@event("resources.supply_request.delivered.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class SupplyDelivered:
    """On the request: so much came in good order with a shipment."""

    request: str
    shipment: str
    items: Items
    at: datetime


@event("resources.supply_request.distributed.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class SupplyDistributed:
    """On the request: so much was handed out to people."""

    request: str
    distribution: str
    items: Items
    at: datetime
