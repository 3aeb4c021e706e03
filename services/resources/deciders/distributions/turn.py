"""One turn for a household in a period: the key is the stream's name, so nobody is served twice (own default)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.resources.deciders.streams import handout_stream, household_stream
from services.resources.events.distribution import TurnEvent, TurnTaken
from shared.kernel.decider import About, Decider
from shared.kernel.errors import Failure

_DATED = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")  # as a month or a day is written


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


def strangers(households: Sequence[str], states: Mapping[str, Any]) -> list[Failure]:
    """The households that nobody registered: a turn of theirs would count for nobody (own default)."""
    cure = "is not registered: register the household, or leave it out and say the headcount alone"
    return [
        Failure("distribution.household", f"{one} {cure}", "households")
        for one in dict.fromkeys(households)
        if getattr(states.get(household_stream(one)), "village", None) is None
    ]


def no_month(period: str) -> list[Failure]:
    """The fault of a period that is written as a month or a day and is none; any other name is a period too."""
    if not _DATED.fullmatch(period):
        return []
    try:
        date.fromisoformat(period if len(period) > len("2021-07") else f"{period}-01")
    except ValueError:
        return [Failure("distribution.turn", f"{period} is no month and no day: write it as 2021-07, or name the period", "period")]
    return []


TURN: Decider[Turn] = Decider(
    category="handout",
    initial=Turn(),
    decide=lambda command, turn, rules: [],
    evolve=evolve,
    about=lambda turn: About(turn.division, "restricted"),
    handles={},
)
