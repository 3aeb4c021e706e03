"""Tariffs of relief: of the division that pays, for the year; where none is set, those of the rules in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.resources.deciders.streams import relief_tariff_stream
from services.resources.events.relief_tariff import Per, ReliefTariffSet
from shared.blocks.money import cents, unfit
from shared.kernel.commands import Code, Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReliefTariff(Command):
    """Say what a division pays for a kind of relief in a year."""

    division: Code
    kind: PublicId
    year: int | None = None
    amount: Decimal | None = None
    per: Per = Per.HOUSEHOLD
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ReliefTariff:
    """What was set, by year."""

    division: str | None = None
    years: Mapping[int, ReliefTariffSet] = field(default_factory=dict)


def decide(command: SetReliefTariff, tariff: ReliefTariff, rules: Rules) -> Sequence[ReliefTariffSet]:
    """The same again changes nothing."""
    faults = [*unfit(command.amount, "amount")]
    if not any(row["kind"] == command.kind for row in rules.value("relief.kinds")):
        faults.append(Failure("relief.kind", f"kinds are {kinds(rules)}", "kind"))
    if not command.amount:
        faults.append(Failure("relief.tariff", "name the amount: a claim that comes to nothing is denied", "amount"))
    if command.year is None or not 2000 <= command.year <= 2200:
        faults.append(Failure("relief.tariff", "name the year it holds for", "year"))
    if not command.source:
        faults.append(Failure("relief.tariff", "name the decision it rests on", "source"))
    refuse_all(RuleBroken, faults)
    assert command.year is not None and command.amount is not None and command.source
    before = tariff.years.get(command.year)
    amount = cents(command.amount)
    if before is not None and (before.amount, before.per, before.source) == (amount, command.per, command.source):
        return []
    said = (command.division, command.kind, command.year, amount, command.per, command.source)
    return [ReliefTariffSet(*said, command.by.actor, command.now)]


def evolve(tariff: ReliefTariff, event: ReliefTariffSet) -> ReliefTariff:
    """The tariff after the event."""
    return ReliefTariff(event.division, {**tariff.years, event.year: event})


def owed(tariff: ReliefTariff, kind: str, year: int, persons: int, rules: Rules) -> tuple[Decimal, str] | None:
    """What the tariff comes to for a household, and what it rests on; None when nobody set one."""
    found = tariff.years.get(year)
    if found is not None:
        return cents(found.amount * (persons if found.per is Per.PERSON else 1)), found.source
    row: Mapping[str, Any] | None = rules.value("relief.tariffs").get(kind)
    if row is None:
        return None
    return cents(Decimal(row["amount"]) * (persons if row["per"] == Per.PERSON.value else 1)), "relief.tariffs"


def kind_of(kind: str | None, rules: Rules) -> Mapping[str, Any] | None:
    """The row of a kind of relief in the rule data."""
    return next((row for row in rules.value("relief.kinds") if row["kind"] == kind), None)


def kinds(rules: Rules) -> str:
    """The kinds of relief there are, for a cure."""
    return ", ".join(row["kind"] for row in rules.value("relief.kinds"))


RELIEF_TARIFF = Decider(
    category="tariff",
    initial=ReliefTariff(),
    decide=decide,
    evolve=evolve,
    about=lambda tariff: About(tariff.division),
    handles={SetReliefTariff: Handles(lambda c: (relief_tariff_stream(c.division, c.kind),), areas=lambda c: (c.division,), creates=True)},
)
