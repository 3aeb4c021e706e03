"""Emergency shelters: listed, opened, counted, closed. Over capacity is recorded and seen; people are never turned away here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.alerts.deciders.evacuations.commands import CloseShelter, OpenShelter, RecordHeadcount, RegisterShelter
from services.alerts.deciders.evacuations.counts import possible
from services.alerts.deciders.scene import open_incident, surroundings
from services.alerts.deciders.streams import shelter_stream
from services.alerts.events.shelter import (
    HeadcountRecorded,
    ShelterClosed,
    ShelterEntry,
    ShelterEvent,
    ShelterFull,
    ShelterOpened,
    ShelterRegistered,
)
from shared.blocks.flow import Flow
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

NEW, LISTED, OPEN, FULL, CLOSED = "new", "listed", "open", "full", "closed"


@dataclass(frozen=True, slots=True)
class Shelter:
    """A shelter as registered, and who it shelters: how many, and for which incident."""

    status: str = NEW
    entry: ShelterEntry | None = None
    people: int = 0
    incident: str | None = None


FLOW = Flow(
    "shelter.life",
    {
        **{(status, OpenShelter): OPEN for status in (LISTED, CLOSED)},
        **{(status, RecordHeadcount): OPEN for status in (OPEN, FULL)},
        **{(status, CloseShelter): CLOSED for status in (OPEN, FULL)},
    },
)


def decide(command: RegisterShelter | OpenShelter | RecordHeadcount | CloseShelter, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow; of `OpenShelter` the states by stream."""
    match command:
        case RegisterShelter():
            return _register(command, state)
        case OpenShelter():
            return _open(command, state)
        case RecordHeadcount():
            return _count(command, state)
        case CloseShelter():
            return _close(command, state)
        case _:
            assert_never(command)


def _register(command: RegisterShelter, shelter: Shelter) -> Sequence[ShelterRegistered]:
    possible({}, capacity=command.capacity)
    refuse_all(RuleBroken, [] if command.capacity else [Failure("count", "a shelter has at least one place", "capacity")])
    entry = ShelterEntry(command.zh, command.division, command.capacity, command.en, command.address, command.ready, command.facilities)
    return [] if entry == shelter.entry else [ShelterRegistered(command.shelter, entry, command.now)]


def _open(command: OpenShelter, states: Mapping[str, Any]) -> Decided:
    """In need it is opened also before it was inspected; that is noted."""
    own = shelter_stream(command.shelter)
    shelter: Shelter = states[own]
    open_incident(command.incident, states)
    FLOW.require(shelter.status, command)
    assert shelter.entry is not None
    opened = ShelterOpened(command.shelter, command.by.actor, command.now, command.incident, shelter.entry.ready)
    return Decided([(own, opened)], basis="ERL-73")


def _count(command: RecordHeadcount, shelter: Shelter) -> Decided:
    FLOW.require(shelter.status, command)
    possible(command.groups, command.people, people=command.people)
    assert shelter.entry is not None
    capacity = shelter.entry.capacity
    over = max(0, command.people - capacity)
    counted = HeadcountRecorded(
        command.shelter, command.people, capacity, over, command.by.actor, command.now, command.groups, shelter.incident
    )
    facts: list[HeadcountRecorded | ShelterFull] = [counted]
    if command.people >= capacity and shelter.status != FULL:
        facts.append(ShelterFull(command.shelter, command.people, capacity, command.now, shelter.incident))
    return Decided(facts, answer={"over": over, "places_left": max(0, capacity - command.people)}, flags=("A-OVER",) if over else ())


def _close(command: CloseShelter, shelter: Shelter) -> Sequence[ShelterClosed]:
    FLOW.require(shelter.status, command)
    if shelter.people:
        raise RuleBroken(Failure("shelter.empty", f"{shelter.people} people are in it: say where they went, then count again", "people"))
    return [ShelterClosed(command.shelter, command.reason or "", command.by.actor, command.now, shelter.incident)]


def evolve(shelter: Shelter, event: ShelterEvent) -> Shelter:
    """The shelter after the event."""
    match event:
        case ShelterRegistered(entry=entry):
            return replace(shelter, status=LISTED if shelter.status == NEW else shelter.status, entry=entry)
        case ShelterOpened(incident=incident):
            return replace(shelter, status=OPEN, people=0, incident=incident)
        case HeadcountRecorded(people=people):
            return replace(shelter, status=FULL if people >= event.capacity and shelter.status == FULL else OPEN, people=people)
        case ShelterFull():
            return replace(shelter, status=FULL)
        case ShelterClosed():
            return replace(shelter, status=CLOSED, people=0)  # its last incident stays: what is said of its end is that one's matter
        case _:
            assert_never(event)


def about(shelter: Shelter) -> About:
    """Internal to the organs of the own chain; where people are told to go is in the evacuation's public words."""
    return About(shelter.entry.division if shelter.entry else None, "internal", shelter.incident)


SHELTER = Decider(
    category="shelter",
    initial=Shelter(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        RegisterShelter: Handles(lambda c: (shelter_stream(c.shelter),), areas=lambda c: (c.division,), creates=True),
        OpenShelter: Handles(lambda c: surroundings(shelter_stream(c.shelter), c.incident)),
        RecordHeadcount: Handles(lambda c: (shelter_stream(c.shelter),)),
        CloseShelter: Handles(lambda c: (shelter_stream(c.shelter),)),
    },
    joint=frozenset({OpenShelter}),
)
