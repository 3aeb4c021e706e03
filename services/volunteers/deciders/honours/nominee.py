"""For what a volunteer or force stands proposed: one open proposal of a kind, so that two bodies do not decide one honour twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.volunteers.deciders.hours.oneself import registrations
from services.volunteers.deciders.streams import nominee_stream
from services.volunteers.events.honour import HonourKind, HonourNominated, NomineeProposed
from shared.kernel.decider import About, Decider


@dataclass(frozen=True, slots=True)
class Nominee:
    """The last proposal of each kind for each incident; whether it is open still, its own stream says."""

    division: str | None = None
    last: Mapping[tuple[HonourKind, str | None], str] = field(default_factory=dict)


def nominees(volunteer: str | None, force: str | None, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The streams of whom a proposal is about: of a person all registrations, whichever of them is named."""
    return tuple(map(nominee_stream, (*(registrations(volunteer, states) if volunteer else ()), *((force,) if force else ()))))


def proposals(streams: Iterable[str], kind: HonourKind | None, incident: str | None, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The last honours of this kind for which these were proposed for this incident, as far as their states are known."""
    known = (states.get(stream) for stream in streams)
    return tuple(
        one.last[kind, incident] for one in known if isinstance(one, Nominee) and kind is not None and (kind, incident) in one.last
    )


def stands(said: HonourNominated) -> list[tuple[str, NomineeProposed]]:
    """The other side of a proposal."""
    holders = filter(None, (said.volunteer, said.force))
    return [(nominee_stream(one), NomineeProposed(one, said.kind, said.honour, said.division, said.at, said.incident)) for one in holders]


def evolve(nominee: Nominee, event: NomineeProposed) -> Nominee:
    """Who stands proposed after the event."""
    return replace(nominee, division=event.division or nominee.division, last={**nominee.last, (event.kind, event.incident): event.honour})


def _nothing_asked(command: Any, nominee: Nominee, rules: Any) -> Sequence[Any]:
    """It is written by proposals alone, in their own commit."""
    raise AssertionError(command)


NOMINEE = Decider(
    category="nominee",
    initial=Nominee(),
    decide=_nothing_asked,
    evolve=evolve,
    about=lambda nominee: About(nominee.division, "restricted"),  # of several incidents: as the narrowest of them may be
    handles={},
)
