"""Counts which responses of an incident run: with the last one the purpose of its personal data ends (ERL art. 85)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from services.privacy.deciders.streams import activity_stream
from services.privacy.events.activity import ActivityEvent, ResponseBegan, ResponseEnded
from shared.kernel.commands import Command
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteResponseRuns(Command):
    """A response runs, ours or one of an authority outside."""

    incident: str
    activation: str
    restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteResponseOver(Command):
    """It ended."""

    incident: str
    activation: str


@dataclass(frozen=True, slots=True)
class Activity:
    """What runs, and what ended."""

    incident: str | None = None
    division: str | None = None
    running: frozenset[str] = frozenset()
    restricted: bool = False


def decide(command: NoteResponseRuns | NoteResponseOver, activity: Activity, rules: Rules) -> Sequence[ActivityEvent]:
    """Twice changes nothing."""
    match command:
        case NoteResponseRuns(activation=activation):
            if activation in activity.running:
                return []
            secret = command.restricted or activity.restricted
            return [ResponseBegan(command.incident, activation, activity.division or command.by.division, command.now, secret)]
        case NoteResponseOver(activation=activation):
            if activation not in activity.running:
                return []
            return [ResponseEnded(command.incident, activation, activity.running == {activation}, command.now)]
        case _:
            assert_never(command)


def evolve(activity: Activity, event: ActivityEvent) -> Activity:
    """What runs after the event."""
    match event:
        case ResponseBegan():
            return Activity(event.incident, activity.division or event.division, activity.running | {event.activation}, event.restricted)
        case ResponseEnded(activation=activation):
            return replace(activity, running=activity.running - {activation})
        case _:
            assert_never(event)


ACTIVITY = Decider(
    category="activity",
    initial=Activity(),
    decide=decide,
    evolve=evolve,
    about=lambda activity: About(activity.division, "restricted" if activity.restricted else "internal", activity.incident),
    handles={
        NoteResponseRuns: Handles(lambda c: (activity_stream(c.incident),), creates=True),
        NoteResponseOver: Handles(lambda c: (activity_stream(c.incident),), creates=True),
    },
)
