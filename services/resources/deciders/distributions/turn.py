"""One turn for a household in a period: the key is the stream's name, so nobody is served twice (own default)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.resources.deciders.streams import handout_stream
from services.resources.events.distribution import TurnEvent, TurnTaken
from shared.kernel.decider import About, Decider
from shared.kernel.errors import Failure


@dataclass(frozen=True, slots=True)
class Turn:
    """`distribution` None: not taken."""

    distribution: str | None = None
    division: str | None = None


def evolve(turn: Turn, event: TurnEvent) -> Turn:
    """The turn after the event."""
    return Turn(event.distribution, event.division) if isinstance(event, TurnTaken) else Turn(None, turn.division)


def had_theirs(households: Sequence[str], period: str, states: Mapping[str, Any]) -> list[Failure]:
    """The households that had their turn in the period, each with where."""
    found = []
    for household in dict.fromkeys(households):
        turn = states.get(handout_stream(household, period))
        if isinstance(turn, Turn) and turn.distribution:
            cure = f"{household} had its turn for {period} with {turn.distribution}: name another period, or leave it out"
            found.append(Failure("distribution.turn", cure, "households"))
    return found


TURN: Decider[Turn] = Decider(
    category="handout",
    initial=Turn(),
    decide=lambda command, turn, rules: [],
    evolve=evolve,
    about=lambda turn: About(turn.division, "restricted"),
    handles={},
)
