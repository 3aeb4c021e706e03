"""What was taken for an incident and is not back; when the last response to it ends, all of it is asked back (ERL-12, NDR-15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from services.resources.deciders.streams import held_stream
from services.resources.events import urgent as u
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules

REASON = "the last response ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteResponse(Command):
    """A response to the incident began or ended. Only policies send it."""

    incident: PublicId
    activation: PublicId
    open: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """The responses that run, and the requisitions whose property is out."""

    incident: str = ""
    division: str | None = None
    responses: frozenset[str] = frozenset()
    requisitions: tuple[str, ...] = ()
    home: str | None = None  # of the first response, while nothing was taken


def decide(command: NoteResponse, held: Held, rules: Rules) -> Sequence[u.ResponseNoted | u.ReturnsAsked]:
    """Said again it changes nothing."""
    if command.open == (command.activation in held.responses):
        return []
    noted = u.ResponseNoted(command.incident, command.activation, command.open, command.now, command.by.division)
    if command.open or held.responses != {command.activation} or not held.requisitions:
        return [noted]
    return [noted, u.ReturnsAsked(command.incident, held.requisitions, REASON, command.now)]


def evolve(held: Held, event: u.HeldEvent) -> Held:
    """What is out after the event."""
    match event:
        case u.ResponseNoted(activation=one):
            responses = held.responses | {one} if event.open else held.responses - {one}
            return replace(held, incident=event.incident, responses=responses, home=held.home or event.division)
        case u.RequisitionHeld():
            kept = (*held.requisitions, event.requisition)
            return replace(held, incident=event.incident, division=held.division or event.division, requisitions=kept)
        case u.RequisitionLetGo():
            return replace(held, requisitions=tuple(one for one in held.requisitions if one != event.requisition))
        case u.ReturnsAsked():
            return held
        case _:
            assert_never(event)


HELD = Decider(
    category="held",
    initial=Held(),
    decide=decide,
    evolve=evolve,
    about=lambda held: About(held.division or held.home, "restricted", held.incident or None),
    handles={NoteResponse: Handles(lambda c: (held_stream(c.incident),), creates=True)},
)
