"""What can be asked of a store: registered and changed, inspected, restricted, reopened, closed empty (domain 3.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.resources.deciders.masters.closing import closed, standing
from services.resources.deciders.masters.store import CLOSED, IN_SERVICE, RESTRICTED, Store, about, evolve, store_of
from services.resources.deciders.streams import item_stream, stock_stream, store_stream
from services.resources.events import masters as m
from shared.blocks.flow import Flow
from shared.kernel.commands import Code, Command, PublicId
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState, refuse_all

POST = re.compile(r"[A-Za-z][A-Za-z0-9]*([._-][A-Za-z0-9]+)*")
Fact = tuple[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterWarehouse(Command):
    """Put a store into service, or change what is known of it: everything is said anew. Its owner and its kind stay."""

    store: PublicId
    owner: Code | None = None  # the division whose reserve it holds
    place: Code | None = None  # the division where it stands
    custodian: str | None = None  # the keeper's post
    kind: m.StoreKind = m.StoreKind.WAREHOUSE
    parent: PublicId | None = None  # of a forward point: the warehouse it is supplied from
    positions: tuple[str, ...] = ()  # bins
    keepers: tuple[str, ...] = ()  # posts that may act beside the custodian
    name: str = ""
    capacity: Mapping[str, int] = field(default_factory=dict)  # item -> units, where known
    contact: str | None = None  # the post that answers day and night; the custodian unless named
    level: int | None = None  # of the owner; from the edge, as the next
    placed: bool = False  # the place is a division of the tree


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectWarehouse(Command):
    """Write down an inspection (SU-12). A store that is not fit is restricted with it."""

    store: PublicId
    fit: bool = True
    findings: str = ""
    next: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictWarehouse(Command):
    """Nothing new is taken in or promised out of it until it is reopened."""

    store: PublicId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenWarehouse(Command):
    """Take a restricted store into service again."""

    store: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseWarehouse(Command):
    """Close a store for good. It is closed empty, with nothing on its way to it."""

    store: PublicId
    reason: str = ""


WarehouseCommand = RegisterWarehouse | InspectWarehouse | RestrictWarehouse | ReopenWarehouse | CloseWarehouse
FLOW = Flow(
    "store.state",
    {
        (IN_SERVICE, InspectWarehouse): IN_SERVICE,
        (RESTRICTED, InspectWarehouse): RESTRICTED,
        (IN_SERVICE, RestrictWarehouse): RESTRICTED,
        (RESTRICTED, ReopenWarehouse): IN_SERVICE,
        (IN_SERVICE, CloseWarehouse): CLOSED,
        (RESTRICTED, CloseWarehouse): CLOSED,
    },
)


def decide(command: WarehouseCommand, states: Mapping[str, Any], rules: Rules) -> Sequence[Fact] | Decided:
    """The same again changes nothing where something is registered; all else fits one state."""
    own = store_stream(command.store)
    store: Store = states[own]
    by, at = command.by.actor, command.now
    if isinstance(command, RegisterWarehouse):
        return _registered(command, store, states)
    store_of(command.store, states, taking=False) if store.status is None else FLOW.require(store.status, command)
    match command:
        case InspectWarehouse(store=name, fit=fit, findings=findings, next=upcoming):
            if not fit and not findings.strip():
                raise RuleBroken(Failure("store.findings", "say what is wrong with it", "findings"))
            if upcoming is not None and upcoming <= at.date():
                raise RuleBroken(Failure("store.next", "the next inspection is on a later day", "next"))
            looked: list[Fact] = [(own, m.WarehouseInspected(name, fit, findings, upcoming, by, at))]
            shut = not fit and store.status == IN_SERVICE
            return [*looked, (own, m.WarehouseRestricted(name, findings, by, at))] if shut else looked
        case RestrictWarehouse(store=name, reason=reason):
            if not reason.strip():
                raise RuleBroken(Failure("store.reason", "say why it is restricted", "reason"))
            return [(own, m.WarehouseRestricted(name, reason, by, at))]
        case ReopenWarehouse(store=name):
            return [(own, m.WarehouseReopened(name, by, at))]
        case CloseWarehouse():
            return closed(own, store, m.WarehouseClosed(command.store, by, at, command.reason), states)


def _registered(command: RegisterWarehouse, store: Store, states: Mapping[str, Any]) -> list[Fact]:
    if store.status == CLOSED:
        raise WrongState(Failure("store.state", f"{command.store} is closed: register a new one under an id of its own", "store"))
    refuse_all(RuleBroken, [*_whose(command, store), *_where(command, store, states), *_holding(command, store, states)])
    assert command.owner is not None and command.level is not None and command.place is not None and command.custodian is not None
    fact = m.WarehouseRegistered(
        store=command.store,
        kind=command.kind,
        owner=command.owner,
        level=command.level,
        place=command.place,
        custodian=command.custodian,
        positions=command.positions,
        parent=command.parent,
        by=command.by.actor,
        at=command.now,
        name=command.name,
        capacity=dict(command.capacity),
        keepers=command.keepers,
        contact=command.contact or command.custodian,
    )
    if evolve(store, fact) == store:
        return []
    noted: list[Fact] = []
    if command.parent != store.parent:
        for kind, parent in ((m.PointDetached, store.parent), (m.PointAttached, command.parent)):
            noted += [(store_stream(parent), kind(parent, command.store, command.now))] if parent else []
    return [(store_stream(command.store), fact), *noted]


def _whose(command: RegisterWarehouse, store: Store) -> list[Failure]:
    faults: list[Failure] = []
    if command.owner is None or command.level is None:
        faults.append(Failure("store.owner", "name the division whose reserve it holds", "owner"))
    elif store.owner not in (None, command.owner):
        faults.append(Failure("store.owner", f"it is of {store.owner} for good: close it and register another", "owner"))
    if store.status is not None and store.kind != command.kind:
        faults.append(Failure("store.kind", f"it is a {store.kind.value} for good: close it and register another", "kind"))
    for name in ("custodian", "contact"):
        post = getattr(command, name)
        if post is None and name == "contact":
            continue
        if not post or POST.fullmatch(post) is None:
            faults.append(Failure(f"store.{name}", "name a post such as W.MD1; numbers to call are kept with the post", name))
    if not all(POST.fullmatch(one) for one in command.keepers):
        faults.append(Failure("store.keepers", "name posts such as W.MD1", "keepers"))
    return faults


def _where(command: RegisterWarehouse, store: Store, states: Mapping[str, Any]) -> list[Failure]:
    faults: list[Failure] = []
    if command.place is None or not command.placed:
        faults.append(Failure("store.place", "name the division where it stands, one of the tree", "place"))
    if command.kind is m.StoreKind.WAREHOUSE:
        if command.parent is not None:
            faults.append(Failure("store.parent", "only a forward point has a parent", "parent"))
        return faults
    parent: Store | None = states.get(store_stream(command.parent)) if command.parent else None
    if parent is None or parent.status in (None, CLOSED) or parent.kind is not m.StoreKind.WAREHOUSE:
        faults.append(Failure("store.parent", "a forward point has a parent: name a warehouse in service", "parent"))
    elif parent.owner != command.owner:
        faults.append(Failure("store.parent", f"{parent.store} is of {parent.owner}: a forward point is of its parent's owner", "parent"))
    return faults


def _holding(command: RegisterWarehouse, store: Store, states: Mapping[str, Any]) -> list[Failure]:
    faults: list[Failure] = []
    if len(set(command.positions)) != len(command.positions) or not all(one.strip() for one in command.positions):
        faults.append(Failure("store.positions", "name each position once", "positions"))
    gone = set(store.positions) - set(command.positions)
    for item in store.items if gone else ():
        shelves = states[stock_stream(store.store, item)].shelves
        full = sorted({place for held in shelves.values() for place in held if place in gone})
        faults += [Failure("store.positions", f"{item} lies at {place}: put it elsewhere first", "positions") for place in full]
    for item, units in command.capacity.items():
        if units < 0:
            faults.append(Failure("store.capacity", f"room for {item} is not negative", "capacity"))
        if not states[item_stream(item)].unit:
            faults.append(Failure("item.known", f"{item} is not in the catalogue: register it first", "capacity"))
    return faults


def _registering(command: RegisterWarehouse) -> tuple[str, ...]:
    parent = (store_stream(command.parent),) if command.parent and command.parent != command.store else ()
    return (store_stream(command.store), *parent, *map(item_stream, command.capacity))


def _known(command: RegisterWarehouse, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Where it was supplied from; and its ledgers, when positions go."""
    store: Store = states[store_stream(command.store)]
    before = (store_stream(store.parent),) if store.parent else ()
    return (*before, *(store.stocks if set(store.positions) - set(command.positions) else ()))


def _own(command: WarehouseCommand) -> tuple[str, ...]:
    return (store_stream(command.store),)


STORE = Decider(
    category="store",
    initial=Store(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        RegisterWarehouse: Handles(_registering, areas=lambda c: (c.owner,) if c.owner else (), creates=True, bulk=True, further=_known),
        **{kind: Handles(_own) for kind in (InspectWarehouse, RestrictWarehouse, ReopenWarehouse)},
        CloseWarehouse: Handles(_own, bulk=True, further=standing),
    },
    joint=frozenset({RegisterWarehouse, InspectWarehouse, RestrictWarehouse, ReopenWarehouse, CloseWarehouse}),
)
