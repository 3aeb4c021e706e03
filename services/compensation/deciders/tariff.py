"""Tariffs a division sets for what it pays, with the day they hold from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.compensation.deciders.streams import tariff_stream
from services.compensation.events.tariff import Rate, TariffSet
from shared.blocks.money import unfit
from shared.kernel.commands import Code, Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

NAMES = ("full", "half", "full_from_h", "per_km", "boat_hour", "per_day")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTariff(Command):
    """Say by which rates a division pays from a day on. Claims for earlier days are counted by the rates before."""

    division: Code
    tariff: PublicId
    since: date | None = None
    source: str | None = None
    full: Decimal | None = None
    half: Decimal | None = None
    full_from_h: Decimal | None = None
    per_km: Decimal | None = None
    boat_hour: Decimal | None = None
    per_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """What was set, the newest day first."""

    division: str | None = None
    periods: tuple[TariffSet, ...] = ()

    def on(self, day: date) -> Mapping[str, Decimal] | None:
        """The rates of that day; None when none had been set for it."""
        found = next((one for one in self.periods if one.since <= day), None)
        return {rate.name: rate.value for rate in found.rates} if found else None


def decide(command: SetTariff, tariff: Tariff, rules: Rules) -> Sequence[TariffSet]:
    """The same rates again change nothing."""
    given = {name: value for name in NAMES if (value := getattr(command, name)) is not None}
    faults = [fault for name, value in given.items() for fault in unfit(value, name)]
    if not given:
        faults.append(Failure("tariff.rates", f"name at least one rate: {', '.join(NAMES)}"))
    if command.since is None:
        faults.append(Failure("tariff.since", "name the day it holds from", "since"))
    if not command.source:
        faults.append(Failure("tariff.source", "name the decision it rests on", "source"))
    if ("full" in given or "half" in given) and not {"full", "half", "full_from_h"} <= given.keys():
        faults.append(Failure("tariff.days", "a tariff of days has full, half and full_from_h", "full"))
    refuse_all(RuleBroken, faults)
    assert command.since is not None and command.source
    rates = tuple(Rate(name, value) for name, value in given.items())
    if any(one.since == command.since and one.rates == rates for one in tariff.periods):
        return []
    return [TariffSet(command.tariff, command.division, command.since, rates, command.source, command.by.actor, command.now)]


def evolve(tariff: Tariff, event: TariffSet) -> Tariff:
    """The tariff after the event; set again for the same day, the last counts."""
    others = [one for one in tariff.periods if one.since != event.since]
    return Tariff(event.division, tuple(sorted((*others, event), key=lambda one: one.since, reverse=True)))


def _areas(command: Any) -> tuple[str, ...]:
    return (command.division,)


TARIFF = Decider(
    category="tariff",
    initial=Tariff(),
    decide=decide,
    evolve=evolve,
    about=lambda tariff: About(tariff.division),
    handles={SetTariff: Handles(lambda c: (tariff_stream(c.division, c.tariff),), areas=_areas, creates=True)},
)
