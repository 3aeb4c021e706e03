"""Which claim has an item, or the days of work of one person: whoever claims, in whatever incident, it is paid once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.compensation.events.figures import Period
from services.compensation.events.once import OnceTaken
from shared.kernel.decider import About, Decider


@dataclass(frozen=True, slots=True)
class Once:
    """The claims that have it, each for its days."""

    division: str | None = None
    claims: Mapping[str, OnceTaken] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()  # claims from which it was taken, when it showed whose it is

    def holder(self, covers: Sequence[Period], *, but: str, of: str | None = None) -> str | None:
        """Another claim that has any of these days; `of`: only among the claims of that claimant."""
        return next((one.claim for one in self.sharing(covers, but=but) if of in (None, one.claimant)), None)

    def sharing(self, covers: Sequence[Period], *, but: str) -> tuple[OnceTaken, ...]:
        """What other claims have of which any day is among these."""
        others = (one for one in self.claims.values() if one.claim != but)
        return tuple(one for one in others if any(a.overlaps(b) for a in one.covers for b in covers))

    def covers(self, claim: str) -> tuple[Period, ...]:
        """The days for which that claim has it."""
        return self.claims[claim].covers if claim in self.claims else ()


def evolve(once: Once, event: OnceTaken) -> Once:
    """Who has it after the event."""
    others = {claim: one for claim, one in once.claims.items() if claim != event.claim}
    division = once.division or event.division
    if event.covers:
        return Once(division, {**others, event.claim: event}, once.lost)
    taken = any(one.at == event.at for one in others.values())  # in the same commit, by another claim
    return Once(division, others, once.lost | {event.claim} if taken else once.lost)


def _nothing_asked(command: Any, once: Once, rules: Any) -> Sequence[Any]:
    """It is written by claims alone, in their own commit."""
    raise AssertionError(command)


ONCE = Decider(
    category="once",
    initial=Once(),
    decide=_nothing_asked,
    evolve=evolve,
    about=lambda once: About(once.division, "restricted"),
    handles={},
)
