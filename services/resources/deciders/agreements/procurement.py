"""Emergency procurement: the ground on which no tender was held, and for how long its file is kept (GPL-42, 85; domain SU-10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.resources.deciders.incident import not_open
from services.resources.deciders.streams import incident_stream, procurement_stream
from services.resources.events.procurement import ProcurementRecorded
from shared.blocks.money import cents, unfit, unreferenced
from shared.blocks.working_days import day_of
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState, refuse_all

GROUNDS, KEEP = "procurement.grounds", "K-36"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProcurement(Command):
    """Write down what was bought without a tender, and on which ground."""

    procurement: PublicId
    ground: str | None = None
    item: str | None = None
    qty: int | None = None
    price: Decimal | None = None
    supplier: PublicId | None = None
    reason: str | None = None
    incident: PublicId | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Procurement:
    """`recorded` None: nobody wrote it down."""

    recorded: ProcurementRecorded | None = None


def decide(command: RecordProcurement, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Money never passes without its ground: what is missing is told at once."""
    own = procurement_stream(command.procurement)
    if states[own].recorded is not None:
        raise WrongState(Failure("procurement.once", "it is recorded already: what is kept is not changed; record another"))
    grounds: Mapping[str, Mapping[str, Any]] = rules.value(GROUNDS)
    row = grounds.get(command.ground or "")
    faults = [*unfit(command.price, "price"), *unreferenced(command.document, "document")]
    if row is None:
        faults.append(Failure("GPL-42", f"name the ground: {', '.join(grounds)}", "ground"))
    for name in ("item", "supplier", "reason", "price"):
        if not getattr(command, name):
            faults.append(Failure("GPL-42", f"name {name}: the file says what was bought from whom, at what price and why so", name))
    if command.qty is None or command.qty < 1:
        faults.append(Failure("stock.quantity", "qty is a whole number, one at least", "qty"))
    if row is not None and row["disaster"]:
        faults += not_open(command.incident, states)
    refuse_all(RuleBroken, faults)
    assert row is not None and command.ground and command.item and command.supplier and command.reason
    assert command.price is not None and command.qty is not None
    today = day_of(command.now, rules)
    recorded = ProcurementRecorded(
        command.procurement,
        command.ground,
        row["article"],
        command.item,
        command.qty,
        cents(command.price),
        command.supplier,
        command.reason,
        command.incident,
        command.document,
        command.by.division,
        _years_later(today, rules.value(KEEP)["years"]),
        command.by.actor,
        command.now,
    )
    return Decided([(own, recorded)], answer={"keep_until": str(recorded.keep_until)}, basis=row["article"])


def evolve(procurement: Procurement, event: ProcurementRecorded) -> Procurement:
    """It is recorded once."""
    return Procurement(event)


def about(procurement: Procurement) -> About:
    """Internal to the organs of who bought."""
    kept = procurement.recorded
    return About(kept.division, "internal", kept.incident) if kept else About()


def _years_later(day: date, years: int) -> date:
    """The same day of that year; of a 29 February the day after, so that it is never too short."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _streams(command: RecordProcurement) -> Sequence[str]:
    incident = (incident_stream(command.incident),) if command.incident else ()
    return procurement_stream(command.procurement), *incident


PROCUREMENT = Decider(
    category="procurement",
    initial=Procurement(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={RecordProcurement: Handles(lambda c: tuple(_streams(c)), creates=True)},
    joint=frozenset((RecordProcurement,)),
)
