"""Urgent periods that `alerts` told of, by the division that declared them. Only policies write here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.resources.deciders.streams import urgent_stream
from services.resources.events.urgent import UrgentPeriodNoted
from shared.kernel.commands import Command, Opaque
from shared.kernel.decider import About, Decider, Handles, Rules

NOBODY = "-"  # a period whose division is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteUrgentPeriod(Command):
    """A period was declared, declared for longer, or ended. Only policies send it."""

    period: str
    division: str | None
    source: Opaque
    powers: tuple[str, ...] = ()
    until: datetime | None = None
    open: bool = True


@dataclass(frozen=True, slots=True)
class Period:
    """A period as told last."""

    period: str
    powers: tuple[str, ...]
    until: datetime | None
    open: bool
    source: str

    def opens(self, power: str, now: datetime) -> bool:
        """Whether an act may rest on it at that moment, and not a moment longer."""
        return self.open and power in self.powers and self.until is not None and now < self.until


@dataclass(frozen=True, slots=True)
class Urgent:
    """The periods of one division."""

    division: str | None = None
    periods: Mapping[str, Period] = field(default_factory=dict)


def decide(command: NoteUrgentPeriod, urgent: Urgent, rules: Rules) -> Sequence[UrgentPeriodNoted]:
    """The same event again changes nothing; an end keeps what was declared."""
    before = urgent.periods.get(command.period)
    if before is not None and (before.source, before.open) == (command.source, command.open):
        return []
    if command.open:
        told = Period(command.period, command.powers, command.until, True, command.source)
    elif before is not None and before.open:
        told = replace(before, open=False)
    else:
        return []
    return [UrgentPeriodNoted(told.period, command.division, told.powers, told.until, told.open, told.source, command.now)]


def evolve(urgent: Urgent, event: UrgentPeriodNoted) -> Urgent:
    """The periods after the event."""
    told = Period(event.period, event.powers, event.until, event.open, event.source)
    return Urgent(event.division, {**urgent.periods, event.period: told})


URGENT = Decider(
    category="urgent",
    initial=Urgent(),
    decide=decide,
    evolve=evolve,
    about=lambda urgent: About(urgent.division),
    handles={NoteUrgentPeriod: Handles(lambda c: (urgent_stream(c.division or NOBODY),), creates=True)},
)
