"""What stands in for what: as the catalogue names it, by whole numbers and never silently. Pure; a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.resources.deciders.allocations.commands import Allocate
from services.resources.deciders.allocations.proposal import Near, Proposal, Shelf, propose
from services.resources.deciders.masters.item import Item
from services.resources.deciders.requests.state import Request
from services.resources.deciders.streams import item_stream
from services.resources.events.masters import Conversion
from services.resources.events.request import StandIn
from shared.kernel.errors import Failure

RULE = "supply.substitute"
ONE_FOR_ONE = Conversion(1, 1)


@dataclass(frozen=True, slots=True)
class Known:
    """An item as the catalogue has it, as far as this asks."""

    unit: str
    substitutes: Sequence[str] = ()
    conversions: Mapping[str, Conversion] | None = None


@dataclass(frozen=True, slots=True)
class Instead:
    """Of a substitute so much is there, in the place of so much of what runs short."""

    item: str
    substitute: str
    qty: int
    covers: int
    conversion: Conversion
    plan: Proposal


def conversion(item: Known | Item, substitute: str, unit: str) -> Conversion | None:
    """How many of the substitute stand for how many of the item: as registered; one for one where both are counted alike; else unknown."""
    said = (item.conversions or {}).get(substitute)
    return said or (ONE_FOR_ONE if item.unit == unit else None)


def offered(
    short: Mapping[str, int],
    known: Mapping[str, Known],
    stores: Sequence[Near],
    shelves: Mapping[tuple[str, str], Sequence[Shelf]],
    kept: Mapping[str, int],
    good_until: date,
    places: Iterable[str | None],
) -> list[Instead]:
    """What might stand in for what runs short, in the order the catalogue names it; of a substitute no more than is there beyond what is
    `kept` of it for who asked for it. Whole groups only, so that each conversion is exact."""
    found: list[Instead] = []
    fit_for, left = tuple(places), dict(shelves)
    for item, missing in short.items():
        for other in known[item].substitutes if item in known else ():
            by = conversion(known[item], other, known[other].unit) if other in known else None
            if by is None or missing <= 0:
                continue
            free = sum(take.qty for take in propose({other: 10**15}, stores, _of(other, left), good_until, fit_for).takes)
            groups = min(-(-missing // by.stand_for), max(0, free - kept.get(other, 0)) // by.units)
            if groups:
                qty = groups * by.units
                plan = propose({other: qty}, stores, _of(other, left), good_until, fit_for)
                found.append(Instead(item, other, qty, min(missing, groups * by.stand_for), by, plan))
                left = _without(plan, left)
                missing -= groups * by.stand_for
    return found


def _without(plan: Proposal, shelves: Mapping[tuple[str, str], Sequence[Shelf]]) -> dict[tuple[str, str], Sequence[Shelf]]:
    """What lies there beyond the plan: no lot is offered twice."""
    left = dict(shelves)
    for take in plan.takes:
        key = take.store, take.item
        left[key] = [one._replace(available=one.available - take.qty) if one.lot == take.lot else one for one in left[key]]
    return left


def _of(item: str, shelves: Mapping[tuple[str, str], Sequence[Shelf]]) -> dict[tuple[str, str], Sequence[Shelf]]:
    return {key: lots for key, lots in shelves.items() if key[1] == item}


def _beyond(item: str, qty: int, request: Request) -> int:
    """How much of it would stand in for another: what was asked of it itself is filled first."""
    line = request.lines.get(item)
    return max(0, qty - max(0, line.wanted - line.allocated)) if line else qty


def stand_ins(
    command: Allocate, request: Request, given: Mapping[str, int], states: Mapping[str, Any]
) -> tuple[dict[str, StandIn], list[Failure]]:
    """What each named substitute stands in for, with everything that is wrong about it."""
    made: dict[str, StandIn] = {}
    faults: list[Failure] = []
    short = {item: line.remaining - given.get(item, 0) for item, line in request.lines.items()}
    for other, item in (command.substitutes or {}).items():
        named, own = states.get(item_stream(item)), states.get(item_stream(other))
        before = request.stead.get(other)
        by = conversion(named, other, own.unit) if isinstance(named, Item) and isinstance(own, Item) else None
        if other not in given:
            faults.append(Failure(RULE, f"{other} is not among what is given: name it there too, or leave it out", "substitutes"))
        elif item not in request.lines or not request.lines[item].wanted:
            faults.append(Failure(RULE, f"{item} is no line of {request.request}: nothing stands in for it", "substitutes"))
        elif not isinstance(named, Item) or other not in named.substitutes:
            faults.append(Failure(RULE, f"the catalogue names no {other} for {item}: register it as a substitute first", "substitutes"))
        elif by is None:
            cure = f"{other} is counted otherwise than {item}: register its conversion (RegisterItem), so many for so many"
            faults.append(Failure(RULE, cure, "substitutes"))
        elif before not in (None, StandIn(item, by.units, by.stand_for)) and request.lines[other].instead:
            assert before is not None
            cure = f"{other} stands in for {before.item} here, {before.units} for {before.stand_for}: cancel that first"
            faults.append(Failure(RULE, cure, "substitutes"))
        else:
            made[other] = StandIn(item, by.units, by.stand_for)
            most = max(0, -(-short[item] // by.stand_for)) * by.units
            beyond = _beyond(other, given[other], request)
            short[item] -= -(-beyond // by.units) * by.stand_for
            if beyond > most:
                cure = f"{item}: {most} of {other} fill what is still open, {beyond} would be given in its place; give so many at most"
                faults.append(Failure(RULE, cure, "substitutes"))
    if command.substitutes and not command.reason:
        faults.append(Failure(RULE, "say why something else is given", "reason"))
    return made, faults
