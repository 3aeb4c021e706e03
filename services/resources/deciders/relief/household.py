"""A household that may be helped: where it lives and how many they are; who they are lies in the vault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.resources.deciders.streams import household_stream
from services.resources.events.household import HouseholdRegistered
from shared.kernel.commands import Code, Command, Opaque, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all

PURPOSE = "relief.household"
MOST = 100  # persons of a household (own default): money is paid by the head, and more is a slip of the hand


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterHousehold(Command):
    """Register a household, or what changed of it. Its values go into the vault; what is not named stays."""

    household: PublicId
    village: Code | None = None
    persons: int | None = None
    person: Opaque | None = None  # made by the edge
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Household:
    """`village` None: never registered."""

    household: str = ""
    village: str | None = None
    persons: int = 0
    person: str | None = None
    fields: tuple[str, ...] = ()
    version: int = 0


def decide(command: RegisterHousehold, household: Household, rules: Rules) -> Sequence[HouseholdRegistered]:
    """The same again changes nothing."""
    village, persons = command.village or household.village, command.persons if command.persons is not None else household.persons
    faults = []
    if not village:
        faults.append(Failure("RL-03", "name the village it lives in", "village"))
    if not 1 <= persons <= MOST:
        faults.append(Failure("RL-03", f"say how many persons it has: 1 to {MOST}", "persons"))
    refuse_all(RuleBroken, faults)
    assert village
    person, fields = command.person or household.person, command.fields if command.person else household.fields
    if (village, persons, person) == (household.village, household.persons, household.person):
        return []
    said = (command.household, village, persons, person, fields, PURPOSE)
    return [HouseholdRegistered(*said, command.by.actor, command.now, household.version + 1)]


def evolve(household: Household, event: HouseholdRegistered) -> Household:
    """The household after the event."""
    return Household(event.household, event.village, event.persons, event.person, event.fields, event.version)


def known(household: str, states: Any) -> Household:
    """The household among the states of a joint command. NotFound."""
    found = states.get(household_stream(household))
    if not isinstance(found, Household) or found.village is None:
        raise NotFound(Failure("reference", f"household {household} is unknown: register it first", "household"))
    return found


def lives_in(command: Any, states: Any) -> tuple[str, ...]:
    """The village of the household a command names; that of the caller when nobody knows it."""
    found = states.get(household_stream(command.household))
    village = found.village if isinstance(found, Household) else None
    return tuple(code for code in (village or command.by.division,) if code)


HOUSEHOLD = Decider(
    category="household",
    initial=Household(),
    decide=decide,
    evolve=evolve,
    about=lambda household: About(household.village, "restricted"),
    handles={
        RegisterHousehold: Handles(
            lambda c: (household_stream(c.household),), areas=lambda c: (c.village,) if c.village else (), creates=True
        )
    },
)
