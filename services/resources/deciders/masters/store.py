"""A store as decisions about goods need it: in service, whose, and what ever lay in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from services.resources.deciders.streams import stock_stream, store_stream
from services.resources.events import masters as m
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import About
from shared.kernel.errors import Failure, NotAllowed, NotFound, WrongState, refuse_all

IN_SERVICE, RESTRICTED, CLOSED = "in_service", "restricted", "closed"
StoreEvent = (
    m.WarehouseRegistered
    | m.WarehouseInspected
    | m.WarehouseRestricted
    | m.WarehouseReopened
    | m.WarehouseClosed
    | m.ItemHeld
    | m.RequestAwaits
    | m.RequestOver
    | m.ShipmentNoted
    | m.ShipmentSettled
    | m.PointAttached
    | m.PointDetached
)


@dataclass(frozen=True, slots=True)
class Store:
    """`status` None: never registered."""

    store: str = ""
    status: str | None = None
    kind: m.StoreKind = m.StoreKind.WAREHOUSE
    owner: str | None = None
    level: int | None = None  # of the owner
    place: str | None = None
    custodian: str = ""
    keepers: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    parent: str | None = None
    items: tuple[str, ...] = ()  # that ever lay here
    requests: tuple[str, ...] = ()  # open ones whose goods come here, oldest first
    shipments: tuple[str, ...] = ()  # under way from here or to here
    name: str = ""
    capacity: Mapping[str, int] = field(default_factory=dict)
    contact: str = ""
    points: tuple[str, ...] = ()  # forward points supplied from here

    @property
    def kept_by(self) -> tuple[str, ...]:
        """Its custodian, and the keepers it names."""
        return tuple(dict.fromkeys((self.custodian, *self.keepers)))

    def keeps(self, signed: Signature) -> bool:
        """Whether it is a keeper of this store: one it names, or the reserve of its owner; where it names none, any of its owner."""
        if signed.division != self.owner:
            return False
        return signed.actor in self.kept_by or signed.has("RSV") or (not self.keepers and signed.has("WHK"))

    @property
    def stocks(self) -> tuple[str, ...]:
        """The streams of everything that ever lay here."""
        return tuple(stock_stream(self.store, item) for item in self.items)


def evolve(store: Store, event: StoreEvent) -> Store:
    """The store after the event."""
    match event:
        case m.WarehouseRegistered():
            return replace(
                store,
                store=event.store,
                status=store.status or IN_SERVICE,
                kind=event.kind,
                owner=event.owner,
                level=event.level,
                place=event.place,
                custodian=event.custodian,
                keepers=event.keepers,
                positions=event.positions,
                parent=event.parent,
                name=event.name,
                capacity=event.capacity,
                contact=event.contact,
            )
        case m.WarehouseInspected():
            return store
        case m.WarehouseRestricted():
            return replace(store, status=RESTRICTED)
        case m.WarehouseReopened():
            return replace(store, status=IN_SERVICE)
        case m.WarehouseClosed():
            return replace(store, status=CLOSED)
        case m.ItemHeld():
            return replace(store, items=(*store.items, event.item))
        case m.RequestAwaits():
            return replace(store, requests=(*store.requests, event.request))
        case m.RequestOver():
            return replace(store, requests=tuple(one for one in store.requests if one != event.request))
        case m.ShipmentNoted():
            return replace(store, shipments=(*store.shipments, event.shipment))
        case m.ShipmentSettled():
            return replace(store, shipments=tuple(one for one in store.shipments if one != event.shipment))
        case m.PointAttached():
            return replace(store, points=(*store.points, event.point))
        case m.PointDetached():
            return replace(store, points=tuple(one for one in store.points if one != event.point))
        case _:
            assert_never(event)


def about(store: Store) -> About:
    """Internal to the organs of its owner."""
    return About(store.owner)


def store_of(store: str, states: Mapping[str, Any], taking: bool = True) -> Store:
    """The store among the states of a joint command; `taking`: it must be in service. NotFound, WrongState."""
    found = states.get(store_stream(store))
    if not isinstance(found, Store) or found.status is None:
        raise NotFound(Failure("reference", f"store {store} is unknown: register it first", "store"))
    if found.status == CLOSED or (taking and found.status != IN_SERVICE):
        again = "" if found.status == CLOSED else ", or reopen it"  # closed is for good
        raise WrongState(Failure("store.state", f"{store} is {found.status}: choose another store{again}", "store"))
    return found


def require_keeper(store: str, command: Command, states: Mapping[str, Any]) -> None:
    """Where a store names its keepers, of all keepers of its owner only they and its custodian sign first (own default). NotAllowed."""
    refuse_all(NotAllowed, not_kept(store, command, states))


def not_kept(store: str, command: Command, states: Mapping[str, Any], field: str = "by") -> list[Failure]:
    """The fault of a keeper of the owner who does not keep this store; of a store that is unknown there is none."""
    found, by = states.get(store_stream(store)), command.by
    if not isinstance(found, Store) or not found.keepers or not by.has("WHK") or by.has("RSV", "EMD", "MKT") or by.actor in found.kept_by:
        return []
    return [Failure("store.keeper", f"{store} is kept by {', '.join(found.kept_by)}: one of them signs, or is registered for it", field)]


def not_of_line(store: Store, own: Iterable[str | None], near: bool) -> list[Failure]:
    """The fault of goods for the store of an authority that is neither of those who ask nor above or below them: nobody of it agreed
    (own default)."""
    if near or store.owner in own:
        return []
    cure = f"{store.store} belongs to {store.owner}, which lies neither above nor below who asks"
    return [Failure("store.line", f"{cure}: name a store of the own line, or let {store.owner} ask for the goods itself", "to_store")]


def first_of_item(store: Store, item: str, command: Any) -> list[tuple[str, m.ItemHeld]]:
    """What the store notes when it gets an item for the first time."""
    return [] if item in store.items else [(store_stream(store.store), m.ItemHeld(store.store, item, command.now))]


def noted(shipment: str, stores: Iterable[str], command: Any) -> list[tuple[str, m.ShipmentNoted]]:
    """What the stores of a shipment note when it is ordered: none is closed before it is over."""
    return [(store_stream(store), m.ShipmentNoted(store, shipment, command.now)) for store in stores]


def settled(shipment: str, stores: Iterable[str], states: Mapping[str, Any], command: Any) -> list[tuple[str, m.ShipmentSettled]]:
    """What those of them that noted it note when it is over for them."""
    held = [store for store in dict.fromkeys(stores) if shipment in getattr(states.get(store_stream(store)), "shipments", ())]
    return [(store_stream(store), m.ShipmentSettled(store, shipment, command.now)) for store in held]
