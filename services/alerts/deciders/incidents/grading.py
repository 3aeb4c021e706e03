"""The grade of an event from its figures, by the tables of domain 4.3. Pure: rows are rule data, the worst criterion wins,
"above" includes the number and "below" excludes it (PSIR art. 3, FFR art. 40)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.alerts.deciders.reports.figures import Book, uppermost
from services.alerts.events.incident import IncidentType
from services.alerts.events.scales import EventGrade
from shared.kernel.decider import Rules

TABLES = "incident.grades"
_GRAVEST_FIRST = tuple(EventGrade)
NO_FIGURES: Mapping[str, Decimal] = {}


@dataclass(frozen=True, slots=True)
class Graded:
    """What the tables give, and the row that says so."""

    grade: EventGrade
    basis: str


def graver(one: EventGrade | None, other: EventGrade | None) -> bool:
    """`one` is graver than `other`; anything is graver than none."""
    if one is None:
        return False
    return other is None or _GRAVEST_FIRST.index(one) < _GRAVEST_FIRST.index(other)


def at_least(grade: EventGrade | None, floor: EventGrade) -> bool:
    """`grade` is `floor` or graver."""
    return grade is not None and not graver(floor, grade)


def grade_of(rules: Rules, type: IncidentType, figures: Mapping[str, Decimal] = NO_FIGURES, size: str = "") -> Graded | None:
    """The gravest grade that any row of the type gives; None where no row speaks of what is known."""
    found: Graded | None = None
    for row in rules.value(TABLES):
        if type.value in row["types"]:
            for grade in (_by_size(row, size), *(_by_number(criterion, figures) for criterion in row.get("criteria", ()))):
                if grade is not None and graver(grade, found.grade if found else None):
                    found = Graded(grade, row["rule"])
    return found


def totals(rules: Rules, book: Book) -> dict[str, Decimal]:
    """What it comes to by the figures that count: of each division the newest, nobody counted twice; only what some table asks for."""
    asked = {name for row in rules.value(TABLES) for criterion in row.get("criteria", ()) for name in criterion["sum"]}
    found: dict[str, Decimal] = {}
    for name in sorted(asked):
        standing = {division: entry.value for division, entry in book.standing(name).items() if division is not None}
        if standing:
            found[name] = sum((standing[division] for division in uppermost(book.above, standing)), Decimal())
    return found


def _by_size(row: Mapping[str, Any], size: str) -> EventGrade | None:
    grade = row.get("sizes", {}).get(size)
    return EventGrade(grade) if grade is not None else None


def _by_number(criterion: Mapping[str, Any], figures: Mapping[str, Decimal]) -> EventGrade | None:
    known = [figures[name] for name in criterion["sum"] if name in figures]
    if not known:
        return None
    total = sum(known)
    return next((grade for grade in _GRAVEST_FIRST if grade.value in criterion and total >= criterion[grade.value]), None)
