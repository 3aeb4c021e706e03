"""A threshold crossed, once per (rule, station, window): the one fact observations leave in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.alerts.events.crossing import ReadingUsed, ThresholdCrossed
from services.alerts.events.scales import WarningColour
from shared.kernel.commands import Command, Opaque, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCrossing(Command):
    """What was measured reached a limit. `crossing` follows from rule, station and window."""

    crossing: Opaque  # a digest
    station: PublicId
    rule: str
    hazard: str
    colour: WarningColour
    number: int
    property: str
    hours: Decimal
    limit: Decimal
    value: Decimal
    since: datetime
    until: datetime
    readings: tuple[ReadingUsed, ...]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Whether it was recorded, and where."""

    known: bool = False
    division: str | None = None


def decide(command: RecordCrossing, crossing: Crossing, rules: Rules) -> Sequence[ThresholdCrossed]:
    """Recorded once, however often the monitor sees it."""
    if crossing.known:
        return []
    return [
        ThresholdCrossed(
            command.crossing,
            command.station,
            command.rule,
            command.hazard,
            command.colour,
            command.number,
            command.property,
            command.hours,
            command.limit,
            command.value,
            command.since,
            command.until,
            command.readings,
            command.by.division,
            command.now,
        )
    ]


def evolve(crossing: Crossing, event: ThresholdCrossed) -> Crossing:
    """Recorded."""
    return Crossing(True, event.division)


def about(crossing: Crossing) -> About:
    """Internal to the organs of the own chain."""
    return About(crossing.division)


CROSSING = Decider(
    category="crossing",
    initial=Crossing(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={RecordCrossing: Handles(lambda c: (f"crossing-{c.crossing}",), creates=True)},
)
