"""A vehicle or a driver: what it is, and the shipment that holds it. Each carries one shipment at a time (SU-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from services.resources.deciders.streams import driver_stream, shipment_stream, vehicle_stream
from services.resources.events.vehicle import CarrierEngaged, CarrierEvent, CarrierFreed, VehicleRegistered
from shared.kernel.commands import Code, Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

Facts = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVehicle(Command):
    """A vehicle that may carry goods; again, to say something else of it. `capacity`: how many units of an item fill it, where known."""

    vehicle: PublicId
    plate: str | None = None
    owner: Code | None = None
    capacity: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle, or a driver, of whom nothing is registered. `shipment` None: free."""

    vehicle: str = ""
    plate: str = ""
    owner: str | None = None
    capacity: Mapping[str, int] = field(default_factory=dict)
    shipment: str | None = None


def decide(command: RegisterVehicle, vehicle: Vehicle, rules: Rules) -> Sequence[VehicleRegistered]:
    """Its plate and owner are known."""
    owner = command.owner or vehicle.owner or command.by.division
    faults = []
    if not command.plate:
        faults.append(Failure("vehicle.plate", "name the plate", "plate"))
    if owner is None:
        faults.append(Failure("vehicle.owner", "name the division it belongs to", "owner"))
    if any(units < 1 for units in command.capacity.values()):
        faults.append(Failure("vehicle.capacity", "a capacity is a whole number of the item's unit, one at least", "capacity"))
    refuse_all(RuleBroken, faults)
    assert command.plate and owner
    return [VehicleRegistered(command.vehicle, command.plate, owner, command.capacity, command.by.actor, command.now)]


def evolve(vehicle: Vehicle, event: CarrierEvent) -> Vehicle:
    """The vehicle or driver after the event."""
    match event:
        case VehicleRegistered():
            said: dict[str, Any] = {name: getattr(event, name) for name in ("vehicle", "plate", "owner", "capacity")}
            return replace(vehicle, **said)
        case CarrierEngaged():
            return replace(vehicle, shipment=event.shipment, owner=vehicle.owner or event.division)
        case CarrierFreed():
            return replace(vehicle, shipment=None)
        case _:
            assert_never(event)


def carriers(vehicle: str | None, driver: str | None) -> tuple[str, ...]:
    """The streams of who carries a shipment."""
    return *((vehicle_stream(vehicle),) if vehicle else ()), *((driver_stream(driver),) if driver else ())


def vehicle_of(vehicle: str | None, states: Mapping[str, Any]) -> Vehicle:
    """The vehicle among the states of a joint command; blank when none is named. NotFound."""
    if vehicle is None:
        return Vehicle()
    found = states.get(vehicle_stream(vehicle))
    if not isinstance(found, Vehicle) or not found.plate:
        raise NotFound(Failure("reference", f"vehicle {vehicle} is unknown: register it first", "vehicle"))
    return found


def held_by(vehicle: str | None, driver: str | None, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The streams of the shipments that hold them."""
    held = (getattr(states.get(stream), "shipment", None) for stream in carriers(vehicle, driver))
    return tuple(shipment_stream(one) for one in held if one)


def engage(shipment: str, division: str, vehicle: str | None, driver: str | None, states: Mapping[str, Any], command: Command) -> Facts:
    """They belong to the shipment. WrongState names the shipment each is engaged with."""
    facts: Facts = []
    taken: list[Failure] = []
    for stream in carriers(vehicle, driver):
        name, known = stream.partition("-")[2], states.get(stream)
        held = known.shipment if isinstance(known, Vehicle) else None
        if held and not getattr(states.get(shipment_stream(held)), "shipment", held):
            held = None  # of a drill: the vehicle was copied into it, what it carries was not
        if held not in (None, shipment):
            cure = f"{name} is engaged with {held} until it arrives: take another, or wait"
            taken.append(Failure("carrier.engaged", cure, stream.partition("-")[0]))
        elif held is None:
            facts.append((stream, CarrierEngaged(name, shipment, division, command.now)))
    refuse_all(WrongState, taken)
    return facts


def freed(shipment: str, vehicle: str | None, driver: str | None, states: Mapping[str, Any], command: Command) -> Facts:
    """Those of them that the shipment holds are free again."""
    held = [stream for stream in carriers(vehicle, driver) if getattr(states.get(stream), "shipment", None) == shipment]
    return [(stream, CarrierFreed(stream.partition("-")[2], shipment, command.now)) for stream in held]


VEHICLE = Decider(
    category="vehicle",
    initial=Vehicle(),
    decide=decide,
    evolve=evolve,
    about=lambda vehicle: About(vehicle.owner),
    handles={
        RegisterVehicle: Handles(
            lambda c: (vehicle_stream(c.vehicle),),
            areas=lambda c: (c.owner,) if c.owner else (),
            creates=True,
        )
    },
)
DRIVER: Decider[Vehicle] = Decider(
    category="driver", initial=Vehicle(), decide=decide, evolve=evolve, about=lambda driver: About(driver.owner), handles={}
)
