"""What the formula of a kind comes to: a sum of lines, each so much at this rate. Which terms a kind has is rule data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.compensation.deciders.tariff import Tariff
from services.compensation.events.figures import ZERO, ClaimKind, Day, Figures, Line
from shared.blocks.money import cents
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, RuleBroken

ONE = Decimal(1)
Rates = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Counted:
    """What the terms are counted from; `rates` are those of a day."""

    days: tuple[Day, ...]
    figures: Figures
    rates: Callable[[date], Rates]
    last: date  # the day by which quantities without a day of their own are rated


def kind_of(kind: ClaimKind, rules: Rules) -> Mapping[str, Any]:
    """The row of a kind in the rule data."""
    return next(row for row in rules.value("compensation.kinds") if row["kind"] == kind)


def lines(kind: ClaimKind, counted: Counted, rules: Rules) -> tuple[Line, ...]:
    """Every line that comes to something. RuleBroken when a rate is missing."""
    return tuple(line for term in kind_of(kind, rules)["terms"] for line in TERMS[term](counted) if line.quantity)


def total(lines: Sequence[Line]) -> Decimal:
    """The sum of the lines."""
    return sum((line.amount for line in lines), ZERO)


def rates_of(name: str, tariffs: Sequence[Tariff], rules: Rules) -> Callable[[date], Rates]:
    """The rates of a day as the first of these divisions set them; what it did not set is as the rules in force say."""
    plain: Mapping[str, Any] = rules.value("compensation.tariffs").get(name) or {}
    default = {key: Decimal(value) for key, value in plain.items()}
    return lambda day: default | next((dict(rates) for tariff in tariffs if (rates := tariff.on(day)) is not None), {})


def _service_days(counted: Counted) -> list[Line]:
    """For each person the full and the half days, by the tariff of the day (from `full_from_h` on a day is full)."""
    found: dict[tuple[str, str, Decimal], Decimal] = {}
    for day in counted.days:
        rates = counted.rates(day.day)
        code = "full" if day.minutes >= _rate(rates, "full_from_h") * 60 else "half"
        key = day.person, code, _rate(rates, code)
        found[key] = found.get(key, Decimal(0)) + ONE
    return [_line(f"{code}_day", number, rate, person) for (person, code, rate), number in sorted(found.items())]


def _at(field: str, rate: str) -> Callable[[Counted], list[Line]]:
    def counts(counted: Counted) -> list[Line]:
        quantity: Decimal = getattr(counted.figures, field)
        return [_line(field, quantity, _rate(counted.rates(counted.last), rate))] if quantity else []

    return counts


def _stated(field: str) -> Callable[[Counted], list[Line]]:
    return lambda counted: [_line(field, ONE, amount)] if (amount := getattr(counted.figures, field)) else []


def _line(code: str, quantity: Decimal, rate: Decimal, person: str | None = None) -> Line:
    return Line(code, quantity, cents(rate), cents(quantity * rate), person)


def _rate(rates: Rates, name: str) -> Decimal:
    if name not in rates:
        raise RuleBroken(Failure("claim.tariff", f"no tariff gives {name}: set one (SetTariff), or name another `tariff` in the claim"))
    return rates[name]


TERMS: Mapping[str, Callable[[Counted], list[Line]]] = {
    "service_days": _service_days,
    "receipts": _stated("receipts"),
    "damage": _stated("damage"),
    "loss": _stated("loss"),
    "km": _at("km", "per_km"),
    "boat_hours": _at("boat_hours", "boat_hour"),
    "days": _at("days", "per_day"),
}
