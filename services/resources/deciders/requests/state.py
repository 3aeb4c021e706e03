"""A request for supplies as its facts make it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from services.resources.deciders.streams import request_stream
from services.resources.events import request as r
from services.resources.events.clock import ClockMissed
from shared.blocks.clocks import STILL, Clocks
from shared.kernel.decider import About
from shared.kernel.errors import Failure, NotFound

NEW, SUBMITTED, ASSESSED, APPROVED, PARTLY_APPROVED = "new", "submitted", "assessed", "approved", "partly approved"
DECLINED, CANCELLED, CLOSED = "declined", "cancelled", "closed"
OVER = frozenset({DECLINED, CANCELLED, CLOSED})
RequestEvent = (
    r.SupplyRequested
    | r.NeedAssessed
    | r.SupplyApproved
    | r.SupplyCut
    | r.SupplyOrallyApproved
    | r.ApprovalPapered
    | r.SupplyDeclined
    | r.SupplyForwarded
    | r.NeighbourAsked
    | r.NeighbourRefused
    | r.PriorityChanged
    | r.ShortageFound
    | r.RequestCancelled
    | r.RequestClosed
    | r.SupplyAllocated
    | r.SupplyUnallocated
    | r.SupplyDelivered
    | r.SupplyDistributed
    | ClockMissed
)


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a request. `approved` None: nobody decided about it yet."""

    asked: int
    raised: int = 0  # what the assessor holds right, where it is more than was asked
    approved: int | None = None
    allocated: int = 0
    delivered: int = 0
    distributed: int = 0
    instead: int = 0  # of what is promised of it, what stands in for another
    stood: int = 0  # of it, what others that stand in for it are promised for
    stood_came: int = 0  # and what of that came

    @property
    def wanted(self) -> int:
        """What is to be filled: what was approved, before that what was asked."""
        return self.approved if self.approved is not None else max(self.asked, self.raised)

    @property
    def remaining(self) -> int:
        """Not promised by anybody yet."""
        return max(0, self.wanted - self.allocated - self.stood)

    @property
    def own(self) -> int:
        """What of it does not stand in for another: what is wanted of it, and what is given beyond that for its own sake."""
        return max(self.wanted, self.allocated - self.instead)

    @property
    def undistributed(self) -> int:
        """What may still be handed out for this request: what is wanted, and what stands in for another beyond it."""
        return (self.own + self.instead if self.instead else self.wanted) - self.distributed

    @property
    def came(self) -> int:
        """What reached people or their store: goods that came outside shipments of this request are seen when they are handed out."""
        return max(self.delivered, self.distributed)

    @property
    def unmet(self) -> int:
        """Wanted, and it did not come."""
        return max(0, self.wanted - self.came - self.stood_came)


@dataclass(frozen=True, slots=True)
class Request:
    """A request, its lines, and who promised what of it."""

    status: str = NEW
    request: str = ""
    incident: str | None = None
    division: str | None = None
    line: tuple[str, ...] = ()
    receiver: str | None = None
    to_store: str | None = None
    people: int = 0
    needed_by: datetime | None = None
    priority: r.Priority = r.Priority.ROUTINE
    triage: tuple[str, ...] = ()  # lines asked far above the norm per person
    submitted: datetime | None = None
    submitted_by: str = ""
    raised_by: tuple[str, ...] = ()  # who held more right than was asked
    lines: Mapping[str, Line] = field(default_factory=dict)
    allocations: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # live ones, with what each promises
    forwarded_to: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    stead: Mapping[str, r.StandIn] = field(default_factory=dict)  # what was given in the place of which line
    instead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # and by which allocations
    gave: tuple[str, ...] = ()  # divisions that promised something of their own stores
    orally: bool = False  # approved by word of mouth, not papered yet
    short: bool = False  # a shortage was found
    clocks: Clocks = STILL

    @property
    def open(self) -> bool:
        return self.status not in OVER and self.status != NEW

    @property
    def holders(self) -> tuple[str, ...]:
        """The authorities of its line that have it: the first, and those it was forwarded to."""
        return *self.line[:1], *self.forwarded_to

    @property
    def asked_of(self) -> tuple[str, ...]:
        """Who may allocate to it: those that have it, and neighbours that did not refuse."""
        return *self.holders, *self.neighbours

    @property
    def remaining(self) -> dict[str, int]:
        """What nobody promised yet, by item; every line is named."""
        return {item: line.remaining for item, line in self.lines.items()}

    @property
    def unmet(self) -> dict[str, int]:
        """What was wanted and did not come, lines with nothing left out."""
        return {item: line.unmet for item, line in self.lines.items() if line.unmet}


def request_of(request: str, states: Mapping[str, Any]) -> Request:
    """The request among the states of a joint command. NotFound."""
    found = states.get(request_stream(request))
    if not isinstance(found, Request) or found.status == NEW:
        raise NotFound(Failure("reference", f"request {request} is unknown: submit it first", "request"))
    return found


def about(request: Request) -> About:
    """Internal to the organs of the line of the place where the goods are needed."""
    return About(request.division, "internal", request.incident)


def evolve(request: Request, event: RequestEvent) -> Request:
    """The request after the event."""
    clocks = request.clocks.end(event.at, *getattr(event, "met", ()), *getattr(event, "stopped", ())).start(*getattr(event, "clocks", ()))
    request = replace(request, clocks=clocks)
    match event:
        case r.SupplyRequested() | r.NeedAssessed() | r.PriorityChanged():
            return _asked(request, event)
        case r.SupplyApproved() | r.SupplyCut() | r.SupplyOrallyApproved() | r.ApprovalPapered():
            return _approved(request, event)
        case r.SupplyForwarded(to=to):
            return replace(request, forwarded_to=(*request.forwarded_to, to))
        case r.NeighbourAsked(to=to):
            refused = tuple(one for one in request.refused if one != to)
            return replace(request, neighbours=(*request.neighbours, to), refused=refused)
        case r.NeighbourRefused(neighbour=neighbour):
            left = tuple(one for one in request.neighbours if one != neighbour)
            return replace(request, neighbours=left, refused=(*request.refused, neighbour))
        case r.ShortageFound():
            return replace(request, short=True)
        case r.SupplyDeclined():
            return replace(request, status=DECLINED)
        case r.RequestCancelled():
            return replace(request, status=CANCELLED)
        case r.RequestClosed():
            return replace(request, status=CLOSED)
        case r.SupplyAllocated() | r.SupplyUnallocated() | r.SupplyDelivered() | r.SupplyDistributed():
            return _filled(request, event)
        case ClockMissed(key=key):
            return replace(request, clocks=clocks.miss(key))
        case _:
            assert_never(event)


def _asked(request: Request, event: r.SupplyRequested | r.NeedAssessed | r.PriorityChanged) -> Request:
    match event:
        case r.SupplyRequested():
            names = ("request", "incident", "division", "line", "receiver", "to_store", "people", "needed_by", "priority", "triage")
            same: dict[str, Any] = {name: getattr(event, name) for name in names}
            lines = {item: Line(qty) for item, qty in event.items.items()}
            return replace(request, status=SUBMITTED, submitted=event.at, submitted_by=event.by, lines=lines, **same)
        case r.NeedAssessed(raised=raised, by=by):
            raisers = (*request.raised_by, by) if raised and by not in request.raised_by else request.raised_by
            status = ASSESSED if request.status == SUBMITTED else request.status
            lines = {item: replace(line, raised=raised.get(item, line.raised)) for item, line in request.lines.items()}
            return _stood(replace(request, status=status, lines=lines, raised_by=raisers))
        case r.PriorityChanged(priority=priority):
            return replace(request, priority=priority)
        case _:
            assert_never(event)


def _approved(request: Request, event: r.SupplyApproved | r.SupplyCut | r.SupplyOrallyApproved | r.ApprovalPapered) -> Request:
    if isinstance(event, r.ApprovalPapered):
        return replace(request, orally=False)
    lines = {item: replace(line, approved=event.items.get(item, line.approved)) for item, line in request.lines.items()}
    whole = all(line.wanted >= line.asked for line in lines.values())
    orally = isinstance(event, r.SupplyOrallyApproved) or (request.orally and isinstance(event, r.SupplyCut))
    return _stood(replace(request, status=APPROVED if whole else PARTLY_APPROVED, lines=lines, orally=orally))


def _filled(request: Request, event: r.SupplyAllocated | r.SupplyUnallocated | r.SupplyDelivered | r.SupplyDistributed) -> Request:
    lines = dict(request.lines)
    for item, line in _known(lines, event.items):
        qty = event.items[item]
        match event:
            case r.SupplyAllocated():
                lines[item] = replace(line, allocated=line.allocated + qty)
            case r.SupplyUnallocated():
                lines[item] = replace(line, allocated=line.allocated - qty)
            case r.SupplyDelivered():
                lines[item] = replace(line, delivered=line.delivered + qty)
            case r.SupplyDistributed():
                lines[item] = replace(line, distributed=line.distributed + qty)
            case _:
                assert_never(event)
    request = replace(request, lines=lines)
    match event:
        case r.SupplyAllocated(allocation=allocation, items=items, owner=owner):
            gave = (*request.gave, owner) if owner and owner not in request.gave else request.gave
            instead = {**request.instead} | {item: (*request.instead.get(item, ()), allocation) for item in event.substitutes}
            request = replace(request, stead={**request.stead, **event.substitutes}, instead=instead)
            request = replace(request, allocations={**request.allocations, allocation: items}, gave=gave)
        case r.SupplyUnallocated(allocation=allocation, items=items):
            held = {item: qty - items.get(item, 0) for item, qty in request.allocations.get(allocation, {}).items()}
            others = {one: of for one, of in request.allocations.items() if one != allocation}
            left = {item: qty for item, qty in held.items() if qty > 0}
            request = replace(request, allocations={**others, allocation: left} if left else others)
        case _:
            pass
    return _stood(request)


def _stood(request: Request) -> Request:
    """What allocations give in the place of a line counts for it, beyond what was asked of the substitute itself or given for its own
    sake; whole groups only."""
    if not request.stead:
        return request
    lines, short = dict(request.lines), {one.item for one in request.stead.values()}
    for item in request.stead:
        named = (request.allocations.get(one, {}) for one in request.instead.get(item, ()))
        lines[item] = replace(lines[item], instead=sum(items.get(item, 0) for items in named))
    promised, came = dict.fromkeys(short, 0), dict.fromkeys(short, 0)
    for item, by in request.stead.items():
        line = lines[item]
        promised[by.item] += max(0, line.allocated - line.own) // by.units * by.stand_for
        came[by.item] += min(line.instead, max(0, line.came - line.own)) // by.units * by.stand_for
    return replace(request, lines=lines | {item: replace(lines[item], stood=promised[item], stood_came=came[item]) for item in short})


def _known(lines: Mapping[str, Line], items: Iterable[str]) -> list[tuple[str, Line]]:
    """The lines of these items; goods nobody asked for (a substitute) have a line of their own, of which nothing was asked."""
    return [(item, lines.get(item, Line(0))) for item in items]
