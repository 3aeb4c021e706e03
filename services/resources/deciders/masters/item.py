"""The catalogue: what goods are called, what they are counted in, what may stand in for them (SU-01, SU-15, domain 4.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from services.resources.deciders.streams import item_stream
from services.resources.events.masters import Conversion, ItemRegistered, ItemRetired, Threshold
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState, refuse_all

LARGEST = 10**6  # of either side of a conversion (own default)
MOST = 10**12  # units in one line (own default): so every sum of them fits the 64 bits of a read model


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterItem(Command):
    """Put an item into the catalogue; again makes a new version. Its unit stays: all quantities are counted in it."""

    item: PublicId
    code: str | None = None  # GB/T 38565: seven digits, or one of the local extension table
    unit: str | None = None
    zh: str | None = None
    en: str = ""
    reusable: bool = False
    packs: Mapping[str, int] = field(default_factory=dict)  # name of a pack -> how many units it holds
    synonyms: tuple[str, ...] = ()
    substitutes: tuple[PublicId, ...] = ()  # items that may stand in for it
    thresholds: tuple[Threshold, ...] = ()  # by level of the store's owner; a store's own norm goes before
    expiring: tuple[int, ...] = ()  # two numbers of days before expiry; none: those of the rules
    conversions: Mapping[PublicId, Conversion] = field(default_factory=dict)  # substitute -> how many for how many; one for one if left out


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireItem(Command):
    """Take an item out of the catalogue: it is not asked for any more, what lies in stores is used up."""

    item: PublicId
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """`unit` empty: not in the catalogue. Quantities are whole numbers of it."""

    item: str = ""
    code: str = ""
    unit: str = ""
    zh: str = ""
    en: str = ""
    reusable: bool = False
    packs: Mapping[str, int] = field(default_factory=dict)
    substitutes: tuple[str, ...] = ()
    division: str | None = None
    version: int = 0
    synonyms: tuple[str, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    expiring: tuple[int, ...] = ()
    retired: bool = False
    conversions: Mapping[str, Conversion] = field(default_factory=dict)

    def threshold(self, level: int | None) -> Threshold:
        """What a store of this level should hold: what is said of the level itself, else of any."""
        said = {one.level: one for one in self.thresholds}
        return said.get(level) or said.get(None) or Threshold(None)


def decide(
    command: RegisterItem | RetireItem, states: Mapping[str, Any], rules: Rules
) -> Sequence[tuple[str, ItemRegistered | ItemRetired]]:
    """The same again changes nothing."""
    own = item_stream(command.item)
    item: Item = states[own]
    if isinstance(command, RetireItem):
        return [(own, _retired(command, item))]
    faults = [*_named(command, item, rules), *_counted_in(command), *_stand_ins(command, states), *_thresholds(command)]
    refuse_all(RuleBroken, faults)
    assert command.code is not None and command.unit is not None and command.zh is not None
    fact = ItemRegistered(
        item=command.item,
        code=command.code,
        unit=command.unit,
        zh=command.zh,
        en=command.en,
        reusable=command.reusable,
        packs=dict(command.packs),
        synonyms=tuple(dict.fromkeys(command.synonyms)),
        substitutes=tuple(dict.fromkeys(command.substitutes)),
        division=item.division or command.by.division,
        by=command.by.actor,
        at=command.now,
        version=item.version + 1,
        thresholds=command.thresholds,
        expiring=tuple(sorted(command.expiring, reverse=True)),
        conversions=dict(command.conversions),
    )
    same = not item.retired and evolve(item, replace(fact, version=item.version)) == item
    return [] if same else [(own, fact)]


def _retired(command: RetireItem, item: Item) -> ItemRetired:
    if item.retired:
        raise WrongState(Failure("item.state", f"{command.item} is not in the catalogue any more: register it to bring it back", "item"))
    if not command.reason.strip():
        raise RuleBroken(Failure("item.reason", "say why it is taken out", "reason"))
    return ItemRetired(command.item, command.reason, command.by.actor, command.now)


def _named(command: RegisterItem, item: Item, rules: Rules) -> list[Failure]:
    faults: list[Failure] = []
    if not (command.zh or "").strip():
        faults.append(Failure("item.name", "give its Chinese name", "zh"))
    if not (command.unit or "").strip():
        faults.append(Failure("item.unit", "name the unit it is counted in", "unit"))
    elif item.unit and command.unit != item.unit:
        cure = f"{command.item} is counted in {item.unit} for good: register what is counted in {command.unit} as an item of its own"
        faults.append(Failure("item.unit", cure, "unit"))
    code = command.code or ""
    if re.fullmatch(rules.value("item.code"), code, re.ASCII) is None and code not in rules.value("item.local_codes"):
        table = "of the local extension table (rule item.local_codes in GetRulePack)"
        cure = f"give its code: seven digits that begin with 1, 2 or 3, or a code {table}"
        faults.append(Failure("SU-15", cure, "code"))
    return faults


def _counted_in(command: RegisterItem) -> list[Failure]:
    faults: list[Failure] = []
    for pack, units in command.packs.items():
        if not pack.strip() or pack == command.unit:
            faults.append(Failure("item.packs", f"a pack has a name of its own, not {pack!r}", "packs"))
        if units < 1:
            faults.append(Failure("item.packs", f"a {pack} holds a whole number of {command.unit or 'units'}, one at least", "packs"))
    return faults


def _stand_ins(command: RegisterItem, states: Mapping[str, Any]) -> list[Failure]:
    faults: list[Failure] = []
    for one in command.substitutes:
        if one == command.item:
            faults.append(Failure("item.substitutes", f"{one} does not stand in for itself", "substitutes"))
        elif not states[item_stream(one)].unit:
            faults.append(Failure("item.substitutes", f"{one} is not in the catalogue: register it first", "substitutes"))
    for one, by in command.conversions.items():
        if one not in command.substitutes:
            faults.append(Failure("item.substitutes", f"{one} is no substitute: name it among them, or leave it out", "conversions"))
        if not (1 <= by.units <= LARGEST and 1 <= by.stand_for <= LARGEST):
            cure = f"{one}: so many units stand for so many, whole numbers from 1 to {LARGEST}"
            faults.append(Failure("item.substitutes", cure, "conversions"))
    return faults


def _thresholds(command: RegisterItem) -> list[Failure]:
    faults: list[Failure] = []
    levels = [one.level for one in command.thresholds]
    if len(set(levels)) != len(levels) or not all(level is None or 1 <= level <= 5 for level in levels):
        faults.append(Failure("item.thresholds", "name each level once, 1 to 5, or none for all others", "thresholds"))
    for one in command.thresholds:
        if min(one.low or 0, one.high or 0) < 0 or (one.low is not None and one.high is not None and one.low > one.high):
            faults.append(Failure("item.thresholds", "low is zero at least, and not above high", "thresholds"))
    days = set(command.expiring)
    if command.expiring and (len(command.expiring) != 2 or len(days) != 2 or min(days) < 1):
        faults.append(Failure("item.expiring", "name two different numbers of days before expiry, or none", "expiring"))
    return faults


def evolve(item: Item, event: ItemRegistered | ItemRetired) -> Item:
    """The item after the event."""
    match event:
        case ItemRetired():
            return replace(item, retired=True)
        case ItemRegistered():
            return Item(
                event.item,
                event.code,
                event.unit,
                event.zh,
                event.en,
                event.reusable,
                event.packs,
                event.substitutes,
                event.division,
                event.version,
                event.synonyms,
                event.thresholds,
                event.expiring,
                conversions=event.conversions,
            )
        case _:
            assert_never(event)


def about(item: Item) -> About:
    """The catalogue is for everybody."""
    return About(item.division, "public" if item.unit else "internal")


def counted(qty: int | None, unit: str | None, item: str, states: Mapping[str, Any], field: str = "qty") -> tuple[int, list[Failure]]:
    """A quantity in the item's own unit, packs converted exactly; with what is wrong about it."""
    known = states.get(item_stream(item))
    if not isinstance(known, Item) or not known.unit:
        return 0, [Failure("item.known", f"{item} is not in the catalogue: register it first", "item"), *_none(qty, item, field)]
    units = 1 if unit is None or unit == known.unit else known.packs.get(unit)
    if units is None:
        fits = ", ".join((known.unit, *known.packs))
        return 0, [Failure("item.unit", f"{item} is counted in {fits}, not in {unit}", "unit"), *_none(qty, item, field)]
    if qty is None or not 1 <= qty * units <= MOST:
        return 0, [Failure("stock.quantity", f"{field} of {item} is a whole number of {known.unit}, 1 to {MOST}", field)]
    return qty * units, []


def _none(qty: int | None, item: str, field: str) -> list[Failure]:
    """The fault of no quantity, or of less than nothing, whatever it is counted in."""
    return [] if qty is not None and qty > 0 else [Failure("stock.quantity", f"{field} of {item} is a whole number, one at least", field)]


def in_packs(qty: int, unit: str, packs: Mapping[str, int]) -> dict[str, int]:
    """A quantity in its largest packs first, the rest in units: counted together again it is the same, to the piece."""
    found: dict[str, int] = {}
    for pack, units in sorted(packs.items(), key=lambda one: (-one[1], one[0])):
        if times := qty // units:
            found[pack], qty = times, qty % units
    return found | ({unit: qty} if qty or not found else {})


def _streams(command: RegisterItem) -> tuple[str, ...]:
    return (item_stream(command.item), *map(item_stream, command.substitutes))


def _areas(command: RegisterItem) -> tuple[str, ...]:
    return (command.by.division,) if command.by.division else ()


ITEM = Decider(
    category="item",
    initial=Item(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        RegisterItem: Handles(_streams, areas=_areas, creates=True),
        RetireItem: Handles(lambda c: (item_stream(c.item),)),
    },
    joint=frozenset({RegisterItem, RetireItem}),
)
