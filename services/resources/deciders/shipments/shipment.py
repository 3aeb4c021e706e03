"""A shipment through its life (domain 3.10): who may, what follows, and what else it writes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never, get_args

from services.resources.deciders.allocations.state import Allocation
from services.resources.deciders.clock import escalate
from services.resources.deciders.masters.store import require_keeper
from services.resources.deciders.masters.vehicle import carriers, held_by
from services.resources.deciders.shipments import commands as c
from services.resources.deciders.shipments.ordering import amend, cancel, order
from services.resources.deciders.shipments.packing import load, pick, scan
from services.resources.deciders.shipments.receiving import lose, receive, resolve
from services.resources.deciders.shipments.state import Shipment, about, evolve, shipment_of
from services.resources.deciders.shipments.travelling import travel
from services.resources.deciders.streams import allocation_stream, lot_stream, request_stream, shipment_stream, store_stream
from shared.kernel.decider import Decided, Decider, Handles, Rules

Asked = c.Leaving | c.Packing | c.UnderWay | c.Ending | c.EscalateShipmentClock
States = Mapping[str, Any]


def decide(command: Asked, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a shipment; of a joint command the states by stream."""
    if isinstance(command, c.PickLine | c.ConfirmPick | c.ConfirmLoad):
        require_keeper(shipment_of(command, state).from_store, command, state)
    match command:
        case c.OrderDispatch():
            return order(command, state, rules)
        case c.AmendDispatch():
            return amend(command, state)
        case c.CancelDispatch():
            return cancel(command, state, rules)
        case c.PickLine():
            return scan(command, shipment_of(command, state))
        case c.ConfirmPick():
            return pick(command, state)
        case c.ConfirmLoad():
            return load(command, state, rules)
        case c.ConfirmReceipt():
            return receive(command, state)
        case c.ResolveDiscrepancy():
            return resolve(command, state)
        case c.LoseShipment():
            return lose(command, state)
        case c.EscalateShipmentClock():
            return escalate(command, state.clocks)
        case c.IssueTransportPass() | c.Depart() | c.ReportPosition() | c.ReportDelay() | c.Reroute() | c.TurnBack() | c.Arrive():
            return travel(command, state, rules)
        case _:
            assert_never(command)


def _own(command: Any) -> tuple[str, ...]:
    return (shipment_stream(command.shipment),)


def _ordering(command: c.OrderDispatch) -> tuple[str, ...]:
    named = (shipment_stream(command.shipment), allocation_stream(command.allocation), *carriers(command.vehicle, command.driver))
    return *named, *((store_stream(command.to_store),) if command.to_store else ())


def _of_allocation(command: c.OrderDispatch, states: States) -> tuple[str, ...]:
    """Where the allocation's goods lie, and where they are to go."""
    allocation: Allocation = states[allocation_stream(command.allocation)]
    stores = (allocation.store, command.to_store or allocation.to_store)
    goods = (*allocation.stocks, request_stream(allocation.request)) if allocation.store else ()
    return *(store_stream(store) for store in stores if store), *goods, *held_by(command.vehicle, command.driver, states)


def _owner(command: c.OrderDispatch, states: States) -> tuple[str, ...]:
    """An order is given by who owns the store."""
    allocation: Allocation = states[allocation_stream(command.allocation)]
    return (allocation.owner,) if allocation.owner else ()


def _shipment(command: Any, states: States) -> Shipment:
    found: Shipment = states[shipment_stream(command.shipment)]
    return found


def _from(command: Any, states: States) -> tuple[str, ...]:
    """The store the goods leave, which says who keeps it."""
    shipment = _shipment(command, states)
    return (store_stream(shipment.from_store),) if shipment.shipment else ()


def _sources(command: Any, states: States) -> tuple[str, ...]:
    """The ledgers the goods leave; the allocation and the request they were promised to."""
    shipment = _shipment(command, states)
    if not shipment.shipment:
        return ()
    named = allocation_stream(shipment.allocation), request_stream(shipment.request), store_stream(shipment.from_store)
    return *named, *shipment.sources


def _both(command: Any, states: States) -> tuple[str, ...]:
    """And the store they go to, with its ledgers; and what the lots are."""
    shipment = _shipment(command, states)
    if not shipment.shipment:
        return ()
    return *_sources(command, states), *map(store_stream, shipment.stores), *shipment.targets, *map(lot_stream, shipment.lots)


def _carriers(command: Any, states: States) -> tuple[str, ...]:
    """Whoever carries it, or is to; its stores and its allocation."""
    shipment = _shipment(command, states)
    if not shipment.shipment:
        return ()
    around = (allocation_stream(shipment.allocation), *map(store_stream, shipment.stores))
    return *carriers(shipment.vehicle, shipment.driver), *around


def _amended(command: c.AmendDispatch, states: States) -> tuple[str, ...]:
    return *_carriers(command, states), *held_by(command.vehicle, command.driver, states)


def _lost(command: Any, states: States) -> tuple[str, ...]:
    return *_sources(command, states), *_carriers(command, states)


SHIPMENT = Decider(
    category="shipment",
    initial=Shipment(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        c.OrderDispatch: Handles(_ordering, creates=True, bulk=True, state_areas=_owner, further=_of_allocation),
        c.AmendDispatch: Handles(lambda c: (*_own(c), *carriers(c.vehicle, c.driver)), further=_amended),
        c.CancelDispatch: Handles(_own, further=_carriers),
        **{kind: Handles(_own, bulk=True, further=_sources) for kind in (c.ConfirmPick, c.ConfirmLoad)},
        **{kind: Handles(_own, bulk=True, further=_both) for kind in (c.ConfirmReceipt, c.ResolveDiscrepancy)},
        c.LoseShipment: Handles(_own, bulk=True, further=_lost),
        **{kind: Handles(_own, further=_carriers) for kind in get_args(c.UnderWay)},
        c.PickLine: Handles(_own, further=_from),
        c.EscalateShipmentClock: Handles(_own),
    },
    joint=frozenset({*get_args(c.Leaving), c.PickLine, c.ConfirmPick, c.ConfirmLoad, *get_args(c.UnderWay), *get_args(c.Ending)}),
)
