"""The register of property that may be requisitioned, and of things that are out now: who has them (RQ-03; callable supply, title four)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from services.resources.deciders.masters.item import counted
from services.resources.deciders.streams import item_stream, property_stream, thing_stream
from services.resources.events import property as p
from services.resources.events.wanted import Wanted
from shared.kernel.commands import Code, Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRequisitionableProperty(Command):
    """Say what an owner has that might be needed, where it is, and how much; again: as said last. Nothing is taken by it."""

    property: PublicId
    item: PublicId
    owner: PublicId | None = None
    place: Code | None = None
    quantity: int | None = None
    name: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireRequisitionableProperty(Command):
    """It is not there any more."""

    property: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """`owner` None: not registered."""

    property: str = ""
    item: str = ""
    name: str = ""
    owner: str | None = None
    place: str | None = None
    quantity: int = 0
    model: str = ""
    division: str | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """`holder`: the requisition that has it; None: its owner."""

    holder: str | None = None
    division: str | None = None


def decide(command: RegisterRequisitionableProperty | RetireRequisitionableProperty, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow. `state` is property; of the registration the states by stream."""
    match command:
        case RegisterRequisitionableProperty():
            return _register(command, state)
        case RetireRequisitionableProperty():
            if state.retired:
                return []
            if not command.reason:
                raise RuleBroken(Failure("property.reason", "say why", "reason"))
            return [p.PropertyRetired(command.property, command.reason, command.by.actor, command.now)]
        case _:
            assert_never(command)


def _register(command: RegisterRequisitionableProperty, states: Mapping[str, Any]) -> Sequence[tuple[str, p.PropertyRegistered]]:
    own = property_stream(command.property)
    known: Property = states[own]
    quantity, faults = counted(command.quantity, None, command.item, states, "quantity")
    for name in ("owner", "place"):
        if not getattr(command, name):
            faults.append(Failure("RQ-03", f"name {name}", name))
    refuse_all(RuleBroken, faults)
    assert command.owner and command.place
    what = command.item, command.name or command.item, command.owner, command.place, quantity, command.model
    if what == (known.item, known.name, known.owner, known.place, known.quantity, known.model) and not known.retired:
        return []
    division = known.division or command.by.division
    return [(own, p.PropertyRegistered(command.property, *what, division, command.by.actor, command.now))]


def evolve(state: Property, event: p.RegisterEvent) -> Property:
    """The property after the event."""
    match event:
        case p.PropertyRegistered():
            names = ("property", "item", "name", "owner", "place", "quantity", "model", "division")
            return Property(**{name: getattr(event, name) for name in names})
        case p.PropertyRetired():
            return Property(state.property, division=state.division, owner=state.owner, retired=True)
        case _:
            assert_never(event)


def property_of(property: str | None, states: Mapping[str, Any]) -> Property | None:
    """The registered property among the states of a joint command; None when none is named. NotFound when there is no such."""
    if property is None:
        return None
    found = states.get(property_stream(property))
    if not isinstance(found, Property) or found.owner is None or found.retired:
        raise NotFound(Failure("reference", f"property {property} is not registered: register it, or say whose and what", "property"))
    return found


def known_by(owner: str, item: str, property: str | None) -> tuple[str, ...]:
    """The streams of a thing: by owner and description; and of the register by its id, under which it may be called otherwise later."""
    return thing_stream(owner, item), *((thing_stream("register", property),) if property else ())


def held(
    wanted: Wanted, requisition: str, states: Mapping[str, Any], division: str | None, now: Any
) -> Sequence[tuple[str, p.PropertyHeld]]:
    """The thing is with this requisition from now on. WrongState when another has it."""
    streams = known_by(wanted.subject, wanted.item, wanted.property)
    for thing in map(states.get, streams):
        if isinstance(thing, Thing) and thing.holder not in (None, requisition):
            raise WrongState(Failure("requisition.once", f"{thing.holder} has it: it is taken once"))
    return [(own, p.PropertyHeld(own.removeprefix("thing-"), requisition, division, now)) for own in streams]


def freed(wanted: Wanted, requisition: str, now: Any) -> Sequence[tuple[str, p.PropertyFreed]]:
    """Its owner may be asked for it again."""
    streams = known_by(wanted.subject, wanted.item, wanted.property)
    return [(own, p.PropertyFreed(own.removeprefix("thing-"), requisition, now)) for own in streams]


def evolve_thing(thing: Thing, event: p.ThingEvent) -> Thing:
    """Who has it after the event."""
    match event:
        case p.PropertyHeld():
            return Thing(event.requisition, event.division)
        case p.PropertyFreed():
            return Thing(None, thing.division)
        case _:
            assert_never(event)


def _nothing_asked(command: Any, thing: Thing, rules: Rules) -> Sequence[Any]:
    """It is written by requisitions alone, in their own commit."""
    raise AssertionError(command)


PROPERTY = Decider(
    category="property",
    initial=Property(),
    decide=decide,
    evolve=evolve,
    about=lambda one: About(one.division, "restricted"),
    handles={
        RegisterRequisitionableProperty: Handles(
            lambda c: (property_stream(c.property), item_stream(c.item)), areas=lambda c: (c.place,) if c.place else (), creates=True
        ),
        RetireRequisitionableProperty: Handles(lambda c: (property_stream(c.property),)),
    },
    joint=frozenset((RegisterRequisitionableProperty,)),
)
THING = Decider(
    category="thing",
    initial=Thing(),
    decide=_nothing_asked,
    evolve=evolve_thing,
    about=lambda thing: About(thing.division, "restricted"),
    handles={},
)
