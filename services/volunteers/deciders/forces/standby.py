"""Forces asked to hold themselves ready for a warning (ERL art. 67): one request for each measure of that kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.volunteers.deciders.forces.commands import EndStandByRequest, RequestStandBy
from services.volunteers.deciders.streams import standby_stream
from services.volunteers.events.force import StandByEvent, StandByJoined, StandByRequested, StandByRequestEnded
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True)
class StandBy:
    """A request, and who follows it."""

    status: str = "new"
    division: str | None = None
    forces: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether forces may still join."""
        return self.status == "asked"


def decide(command: RequestStandBy | EndStandByRequest, request: StandBy, rules: Rules) -> Sequence[Any]:
    """A measure of another kind asks nothing of forces; a repeat changes nothing."""
    match command:
        case RequestStandBy():
            asks = command.kind.strip().lower() in rules.value("force.stand_by_measures")
            if request.status != "new" or not asks:
                return []
            return [StandByRequested(command.alert, command.measure, command.division, command.basis, command.now)]
        case EndStandByRequest():
            if not request.open:
                return []
            return [StandByRequestEnded(command.alert, command.measure, request.forces, command.reason, command.now)]
        case _:
            assert_never(command)


def evolve(request: StandBy, event: StandByEvent) -> StandBy:
    """The request after the event."""
    match event:
        case StandByRequested(division=division):
            return StandBy("asked", division)
        case StandByJoined(force=force):
            return replace(request, forces=tuple(dict.fromkeys((*request.forces, force))))
        case StandByRequestEnded():
            return replace(request, status="ended")
        case _:
            assert_never(event)


STANDBY = Decider(
    category="standby",
    initial=StandBy(),
    decide=decide,
    evolve=evolve,
    about=lambda request: About(request.division),
    handles={kind: Handles(lambda c: (standby_stream(c.alert, c.measure),), creates=True) for kind in (RequestStandBy, EndStandByRequest)},
)
