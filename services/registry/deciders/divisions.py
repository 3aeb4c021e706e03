"""The division table of one root: units come in, are renamed, taken over, abolished. Nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from services.registry.events.divisions import Change, DivisionChanged, DivisionEvent, DivisionsLoaded
from shared.geo.divisions import Divisions
from shared.geo.units import RULE, Unit, faults
from shared.kernel.commands import Command
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

UNITS = 500  # of one command: keeps its event well under 256 KB
APPROVAL = "K-56"  # 行政区划管理条例 17: changes follow an approval


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadDivisions(Command):
    """Add units. Known ones are passed over, so a file can be loaded again or in parts, parents first."""

    root: str
    units: tuple[Unit, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDivision(Command):
    """Rename a division, let another take it over, or abolish it, from a day on."""

    root: str
    division: str
    change: Change
    starts: date
    basis: str | None = None  # the approval
    zh: str | None = None
    en: str | None = None
    into: str | None = None


@dataclass(frozen=True, slots=True)
class DivisionTable:
    """Every period of every unit."""

    root: str | None = None
    periods: Mapping[str, tuple[Unit, ...]] = field(default_factory=dict)  # the current or coming one last

    @property
    def units(self) -> Iterable[Unit]:
        """All periods of all units, as `DivisionHistory` takes them."""
        return (unit for periods in self.periods.values() for unit in periods)

    @property
    def latest(self) -> Mapping[str, Unit]:
        """The last period of each unit."""
        return {code: periods[-1] for code, periods in self.periods.items()}


def decide(command: LoadDivisions | ChangeDivision, table: DivisionTable, rules: Rules) -> Sequence[DivisionEvent]:
    """Which units are new, or how one of them changes."""
    match command:
        case LoadDivisions(root=root, source=source, now=now):
            new = _new(command, table)
            return [DivisionsLoaded(root, new, source, now)] if new else []
        case ChangeDivision():
            return _changed(command, table)
        case _:
            assert_never(command)


def evolve(table: DivisionTable, event: DivisionEvent) -> DivisionTable:
    """Add periods; a change closes the last one."""
    match event:
        case DivisionsLoaded(root=root, units=units):
            return DivisionTable(root, {**table.periods, **{unit.code: (unit,) for unit in units}})
        case DivisionChanged(division=code):
            *before, last = table.periods[code]
            return replace(table, periods={**table.periods, code: (*before, *_after(last, event))})
        case _:
            assert_never(event)


def _after(last: Unit, event: DivisionChanged) -> tuple[Unit, ...]:
    ended = replace(last, valid_to=event.starts, successor=event.into)
    if event.change is not Change.RENAME:
        return (ended,)
    return ended, replace(last, zh=event.zh or last.zh, en=event.en or last.en, valid_from=event.starts)


def _new(command: LoadDivisions, table: DivisionTable) -> tuple[Unit, ...]:
    if not 0 < len(command.units) <= UNITS:
        raise RuleBroken(Failure(RULE, f"send 1 to {UNITS} units at a time, not {len(command.units)}", "units"))
    known = table.latest
    wrong = faults(command.units, known)
    if command.root not in known and all(unit.code != command.root for unit in command.units):
        cure = f"{command.root} is the root of no tree: name in the path the uppermost division of the tree, a province, or load it too"
        wrong.insert(0, Failure(RULE, cure, "root"))
    for n, unit in enumerate(command.units):
        before = known.get(unit.code)
        if unit.parent is None and unit.code != command.root:
            wrong.append(Failure(RULE, f"{unit.code} needs a parent; only {command.root} has none", f"units[{n}]"))
        if before is not None and (before.level, before.parent) != (unit.level, unit.parent):
            cure = f"{unit.code} is known at level {before.level} under {before.parent or 'nothing'}; a load changes no unit"
            wrong.append(Failure(RULE, cure, f"units[{n}]"))
    refuse_all(RuleBroken, wrong)
    return tuple(unit for unit in command.units if unit.code not in known)


def _changed(command: ChangeDivision, table: DivisionTable) -> Sequence[DivisionEvent]:
    unit = table.latest.get(command.division)
    if unit is None:
        raise NotFound(Failure("reference", f"{command.division} is not a division of {command.root}", "division"))
    if _done(command, unit):
        return []
    if unit.valid_to is not None:
        raise WrongState(Failure(RULE, f"{unit.code} ends on {unit.valid_to}; change its heir instead", "division"))
    refuse_all(RuleBroken, list(_change_faults(command, unit, table)))
    names = {"zh": command.zh, "en": command.en} if command.change is Change.RENAME else {"into": command.into}
    return [DivisionChanged(command.root, unit.code, command.change, command.starts, command.basis or "", command.now, **names)]


def _done(command: ChangeDivision, unit: Unit) -> bool:
    if command.change is Change.RENAME:
        named = (command.zh or unit.zh, command.en or unit.en) == (unit.zh, unit.en)
        return bool(command.zh or command.en) and named and unit.valid_to is None
    return unit.valid_to == command.starts and unit.successor == command.into


def _change_faults(command: ChangeDivision, unit: Unit, table: DivisionTable) -> Iterable[Failure]:
    if not (command.basis or "").strip():
        yield Failure(APPROVAL, "name the approval of the change", "basis")
    if unit.valid_from is not None and command.starts <= unit.valid_from:
        yield Failure(RULE, f"{unit.code} is as it is since {unit.valid_from}; the change begins later", "starts")
    match command.change:
        case Change.RENAME:
            named = replace(unit, zh=command.zh or unit.zh, en=command.en or unit.en)
            yield from (Failure(RULE, fault.cure, "zh") for fault in faults([named], table.latest))
            if not (command.zh or command.en):
                yield Failure(RULE, "give the new name", "zh")
        case Change.MERGE:
            yield from _heir_faults(command, unit, table)
        case Change.ABOLISH:
            below = ", ".join(Divisions(table.units, command.starts).children(unit.code))
            if below:
                yield Failure(RULE, f"{below} still lie under {unit.code}; merge or abolish them first", "division")
            if command.into is not None:
                yield Failure(RULE, "what is abolished has no heir; use merge", "into")
        case _:
            assert_never(command.change)
    if command.change is not Change.RENAME and unit.code == command.root:
        yield Failure(RULE, "the root of the tree stays", "division")


def _heir_faults(command: ChangeDivision, unit: Unit, table: DivisionTable) -> Iterable[Failure]:
    tree = Divisions(table.units, command.starts)
    heir = table.latest.get(command.into or "")
    if heir is None or not tree.in_force(heir.code):
        yield Failure(RULE, "name the division that takes it over, in force on that day", "into")
    elif heir.level > unit.level or tree.covers(unit.code, heir.code):
        yield Failure(RULE, f"{heir.code} cannot take over {unit.code}: it must stand as high and not lie under it", "into")


def _about(table: DivisionTable) -> About:
    return About(division=table.root, visibility="public")


DIVISIONS = Decider(
    category="divisions",
    initial=DivisionTable(),
    decide=decide,
    evolve=evolve,
    about=_about,
    handles={
        LoadDivisions: Handles(
            streams=lambda command: (f"divisions-{command.root}",),
            areas=lambda command: (command.root,),
            creates=True,
        ),
        ChangeDivision: Handles(streams=lambda command: (f"divisions-{command.root}",)),
    },
)
