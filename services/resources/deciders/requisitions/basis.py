"""On what a requisition may rest: which organ, and which state of things (RQ-02). The table is rule data; its preconditions are here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.resources.deciders.incident import Incident, not_open
from services.resources.deciders.requisitions.urgent import Urgent
from services.resources.deciders.streams import incident_stream, urgent_stream
from shared.blocks.money import unreferenced
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed

BASIS = "requisition.basis"
RULE = "RQ-02"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What it rests on: the period or the decision, and the event that says so."""

    precondition: str = ""
    source: str | None = None


def row_of(basis: str | None, rules: Rules) -> tuple[Row | None, list[Failure]]:
    """The row of a basis; or the fault that it is none."""
    table: Mapping[str, Row] = rules.value(BASIS)
    if basis in table:
        return table[basis or ""], []
    return None, [Failure(RULE, f"{basis or 'nothing'} is no basis for a requisition: {', '.join(table)}", "basis")]


def require_competent(by: Signature, basis: str, rules: Rules, who: str = "") -> None:
    """NotAllowed unless the law gives this organ this power."""
    row: Row = rules.value(BASIS)[basis]
    if not by.has(*row["roles"]) or by.level not in row["levels"]:
        levels = ", ".join(str(level) for level in row["levels"])
        raise NotAllowed(Failure(RULE, f"{who}{basis} is for {' or '.join(row['roles'])} at level {levels}"))


def founded(
    basis: str, incident: str, line: tuple[str, ...], declaration: str | None, now: datetime, states: Mapping[str, Any], rules: Rules
) -> tuple[Found, list[Failure]]:
    """What the basis rests on at that moment, with every fault. `declaration`: the decision that declared a state of emergency."""
    row: Row = rules.value(BASIS)[basis]
    faults = [*not_open(incident, states), *_of_another_type(basis, row, incident, states)]
    found = Found()
    if row["precondition"] == "period":
        found, missing = _period(row, line, now, states)
        faults += missing
    if row["precondition"] == "declaration":
        found = Found(declaration or "")
        faults += unreferenced(declaration, "declaration")
        if not declaration:
            faults.append(Failure(RULE, f"{row['closed']}: name the digest of the decision that declared it", "declaration"))
    return found, faults


def around(incident: str, line: tuple[str, ...]) -> tuple[str, ...]:
    """The streams that say what holds: the incident, and urgent periods of the division and all above it."""
    return incident_stream(incident), *map(urgent_stream, line)


def _period(row: Row, line: tuple[str, ...], now: datetime, states: Mapping[str, Any]) -> tuple[Found, list[Failure]]:
    noted = [one for code in line if isinstance(urgent := states.get(urgent_stream(code)), Urgent) for one in urgent.periods.values()]
    for one in noted:
        if one.opens(row["power"], now):
            return Found(one.period, one.source), []
    return Found(), [Failure(RULE, row["closed"], "basis")]


def _of_another_type(basis: str, row: Row, incident: str, states: Mapping[str, Any]) -> list[Failure]:
    known = states.get(incident_stream(incident))
    types = row.get("types", ())
    if not types or not isinstance(known, Incident) or any(known.type.startswith(one) for one in types):
        return []
    return [Failure(RULE, f"{basis} is for {', '.join(types)}; {incident} is {known.type or 'not classified'}", "basis")]


def second_of(command: Command, exempt: bool, basis: str, rules: Rules) -> str | None:
    """Who else signs; of a home, or what people live on, somebody must (RQ-08)."""
    second = command.cosigner
    if second is None or second.actor == command.by.actor:
        if exempt:
            raise NotAllowed(
                Failure("two.persons", "a home, living necessity or welfare institution is taken by two who may decide (RQ-08)")
            )
        return None
    require_competent(second, basis, rules, "the second person: ")
    return second.actor
