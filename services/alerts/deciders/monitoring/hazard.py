"""The register of hazard sources (ERL art. 33): who manages a dam, and what is said when it is in danger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.alerts.deciders.monitoring.registers import RegisterHazardSource
from services.alerts.deciders.streams import hazard_stream
from services.alerts.events.registers import HazardSource, HazardSourceRegistered
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken


@dataclass(frozen=True, slots=True)
class Hazard:
    """A hazard source as registered; nothing before."""

    entry: HazardSource | None = None


def decide(command: RegisterHazardSource, hazard: Hazard, rules: Rules) -> Sequence[HazardSourceRegistered]:
    """The entry, unless nothing changes."""
    if command.hazard_source.isdecimal():
        raise RuleBroken(Failure("id.pattern", "digits alone are a division code: begin the id with a letter", "hazard_source"))
    entry = HazardSource(
        command.zh,
        command.type,
        command.manager,
        command.division,
        command.en,
        command.size,
        command.storage_m3,
        command.inundation,
        command.areas,
        command.cautions,
        command.measures,
    )
    return [] if entry == hazard.entry else [HazardSourceRegistered(command.hazard_source, entry, command.now)]


def evolve(hazard: Hazard, event: HazardSourceRegistered) -> Hazard:
    """The source after the event."""
    return Hazard(event.entry)


def about(hazard: Hazard) -> About:
    """Internal: where a dam is weak is not for everybody."""
    return About(hazard.entry.division if hazard.entry else None)


HAZARD = Decider(
    category="hazard",
    initial=Hazard(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        RegisterHazardSource: Handles(
            lambda c: (hazard_stream(c.hazard_source),),
            areas=lambda c: (c.division, *c.areas),
            creates=True,
        )
    },
)
