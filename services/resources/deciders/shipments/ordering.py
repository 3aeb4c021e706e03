"""From a reservation to an order: who sends what to whom, with which vehicle; changed or called off before it leaves (domain 3.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from services.resources.deciders.allocations.state import DISPATCHED, MADE, Allocation, allocation_of
from services.resources.deciders.masters.store import Store, not_of_line, noted, settled, store_of
from services.resources.deciders.masters.vehicle import Facts, Vehicle, engage, freed, vehicle_of
from services.resources.deciders.shipments.commands import AmendDispatch, CancelDispatch, OrderDispatch
from services.resources.deciders.shipments.state import ARRIVED, FLOW, Shipment, shipment_of
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import allocation_stream, request_stream, shipment_stream, stock_stream
from services.resources.events import allocation as a
from services.resources.events import shipment as s
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState, refuse_all

PRIORITIES = "dispatch.priorities"
States = Mapping[str, Any]


def order(command: OrderDispatch, states: States, rules: Rules) -> Facts:
    """Reserved goods, a store that takes goods in, a named receiver, a free vehicle."""
    FLOW.require(shipment_of(command, states).status, command)
    allocation = allocation_of(command.allocation, states)
    if allocation.status != MADE:
        named = f" by {allocation.shipment}" if allocation.status == DISPATCHED else ""
        raise WrongState(Failure("allocation.state", f"{command.allocation} is {allocation.status}{named}", "allocation"))
    to_store = command.to_store or allocation.to_store
    source = store_of(allocation.store, states, taking=False)
    target = store_of(to_store, states) if to_store else None
    vehicle = vehicle_of(command.vehicle, states)
    division = source.owner or ""
    engaged = engage(command.shipment, division, command.vehicle, command.driver, states, command)
    lines = _reserved(allocation, states)
    receiver = command.receiver or allocation.receiver or (target.custodian if target else None)
    priority = command.priority or rules.value(PRIORITIES)[0]
    request = states.get(request_stream(allocation.request))
    asking = (allocation.owner, getattr(request, "division", None), *getattr(request, "line", ()))
    elsewhere = not_of_line(target, asking, command.near) if target and not allocation.to_store else []
    strange = [*elsewhere, *_stranger(receiver, target, allocation), *overloaded(vehicle, lines)]
    refuse_all(RuleBroken, [*_unfit(command, allocation, lines, receiver, priority, rules), *strange])
    assert target and to_store and receiver
    ordered = s.ShipmentOrdered(
        shipment=command.shipment,
        allocation=command.allocation,
        request=allocation.request,
        incident=allocation.incident,
        from_store=allocation.store,
        division=division,
        to_store=to_store,
        to_division=target.owner or division,
        receiver=receiver,
        priority=priority,
        contact_from=command.contact_from or source.custodian,
        contact_to=command.contact_to or receiver,
        vehicle=command.vehicle,
        driver=command.driver,
        lines=lines,
        pick_list=pick_list(allocation.store, lines, states),
        by=command.by.actor,
        at=command.now,
    )
    sent = a.AllocationDispatched(command.allocation, command.shipment, command.now)
    return [
        (shipment_stream(command.shipment), ordered),
        (allocation_stream(command.allocation), sent),
        *engaged,
        *noted(command.shipment, (allocation.store, to_store), command),
    ]


def amend(command: AmendDispatch, states: States) -> Facts:
    """A pass is for one vehicle: with another it is void. Where the receiver is not there, another post of the place is named, with why."""
    shipment = shipment_of(command, states)
    FLOW.require(shipment.status, command)
    vehicle, driver = command.vehicle or shipment.vehicle, command.driver or shipment.driver
    known = vehicle_of(command.vehicle, states)
    assert shipment.division
    engaged = engage(shipment.shipment, shipment.division, command.vehicle, command.driver, states, command)
    given_up = (
        shipment.vehicle if vehicle != shipment.vehicle else None,
        shipment.driver if driver != shipment.driver else None,
    )
    after = (command.receiver or shipment.receiver, vehicle, driver, command.contact_to or shipment.contact_to)
    faults = overloaded(known, shipment.lines)
    if after == (shipment.receiver, shipment.vehicle, shipment.driver, shipment.contact_to):
        faults.append(Failure("shipment.change", "name another receiver, vehicle, driver or contact"))
    if shipment.status == ARRIVED and (vehicle, driver) != (shipment.vehicle, shipment.driver):
        faults.append(Failure("shipment.change", "it arrived: nothing carries it any more, only its receiver can be another", "vehicle"))
    if not command.reason:
        faults.append(Failure("shipment.reason", "say why", "reason"))
    refuse_all(RuleBroken, faults)
    void = shipment.approval is not None and vehicle != shipment.vehicle
    changed = s.ShipmentAmended(command.shipment, *after, void, command.reason or "", command.by.actor, command.now)
    return [(shipment_stream(command.shipment), changed), *freed(shipment.shipment, *given_up, states, command), *engaged]


def cancel(command: CancelDispatch, states: States, rules: Rules) -> Facts:
    """The allocation goes on, with its reservation and a deadline for the next order, unless it was what was cancelled."""
    shipment = shipment_of(command, states)
    if command.by.has("SYS") and not FLOW.allows(shipment.status, CancelDispatch):
        return []
    FLOW.require(shipment.status, command)
    refuse_all(RuleBroken, [] if command.reason else [Failure("shipment.reason", "say why", "reason")])
    goes_on = allocation_of(shipment.allocation, states).status == DISPATCHED
    return [
        (
            shipment_stream(command.shipment),
            s.ShipmentCancelled(command.shipment, command.reason or "", shipment.incident, command.by.actor, command.now),
        ),
        *([undispatched(shipment, command, rules)] if goes_on else ()),
        *freed(shipment.shipment, shipment.vehicle, shipment.driver, states, command),
        *settled(shipment.shipment, shipment.stores, states, command),
    ]


def undispatched(shipment: Shipment, command: Any, rules: Rules) -> tuple[str, a.AllocationUndispatched]:
    """What the allocation still holds may be dispatched anew."""
    clock = deadline(rules, a.DISPATCH, command.now)
    return allocation_stream(shipment.allocation), a.AllocationUndispatched(shipment.allocation, shipment.shipment, command.now, (clock,))


def pick_list(store: str, lines: Sequence[s.Carried], states: States) -> dict[str, dict[str, int]]:
    """Where the lots lie: for each position how much of which lot to take, the fullest position first."""
    found: dict[str, dict[str, int]] = {}
    for line in lines:
        stock = states.get(stock_stream(store, line.item))
        shelves = stock.shelves.get(line.lot, {}) if isinstance(stock, Stock) else {}
        left = line.qty
        for position in sorted(shelves, key=lambda one: shelves[one], reverse=True):
            if take := min(left, shelves[position]):
                found.setdefault(position, {})[line.lot] = take
                left -= take
    return found


def overloaded(vehicle: Vehicle, lines: Sequence[s.Carried]) -> list[Failure]:
    """The fault of a load that does not fit: shares of a full load of each item, summed; items of unknown size weigh nothing."""
    share = sum((Fraction(line.qty, vehicle.capacity[line.item]) for line in lines if line.item in vehicle.capacity), Fraction(0))
    cure = f"{vehicle.vehicle} would be loaded to {float(share):.0%}: take another, or split the allocation"
    return [Failure("vehicle.capacity", cure, "vehicle")] if share > 1 else []


def _stranger(receiver: str | None, target: Store | None, allocation: Allocation) -> list[Failure]:
    """The fault of naming somebody who has nothing to do with the store nor with the request (SU-08)."""
    if receiver is None or target is None:
        return []
    known = dict.fromkeys((target.custodian, *target.keepers, *((allocation.receiver,) if allocation.receiver else ())))
    cure = f"{receiver} neither keeps {target.store} nor is named by the request: name {', '.join(known)}"
    return [] if receiver in known else [Failure("receiver.named", cure, "receiver")]


def _reserved(allocation: Allocation, states: States) -> tuple[s.Carried, ...]:
    """What the ledgers hold for it, in the order of its lines, within an item in the order in which lots go out."""
    found = []
    for item in allocation.items:
        stock = states.get(stock_stream(allocation.store, item))
        if not isinstance(stock, Stock):
            continue
        for lot, qty in stock.held(allocation.allocation).items():
            known = stock.lots[lot]
            found.append(s.Carried(item, lot, qty, known.expires, known.owner, known.intent))
    return tuple(found)


def _unfit(
    command: OrderDispatch, allocation: Allocation, lines: Sequence[s.Carried], receiver: str | None, priority: str, rules: Rules
) -> list[Failure]:
    faults = []
    wanted = command.to_store or allocation.to_store
    if not lines:
        faults.append(Failure("stock.reserved", f"nothing is reserved for {command.allocation}: allocate first", "allocation"))
    if wanted is None:
        faults.append(Failure("dispatch.store", "name the store it goes to", "to_store"))
    elif allocation.to_store and wanted != allocation.to_store:
        faults.append(Failure("dispatch.store", f"{command.allocation} is for {allocation.to_store}, not for {wanted}", "to_store"))
    elif wanted == allocation.store:
        faults.append(Failure("dispatch.store", f"the goods lie in {wanted} already", "to_store"))
    if receiver is None:
        faults.append(Failure("receiver.named", "name the post that receives it", "receiver"))
    if priority not in rules.value(PRIORITIES):
        faults.append(Failure("dispatch.priority", f"a priority is one of {', '.join(rules.value(PRIORITIES))}", "priority"))
    return faults
