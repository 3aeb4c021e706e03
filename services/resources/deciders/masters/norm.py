"""Norms: what people in need are counted to want of an item, and what a division or a store keeps of it (SU-02, domain 4.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from services.resources.deciders.masters.store import Store
from services.resources.deciders.streams import item_stream, norm_stream, store_stream
from services.resources.events.masters import Per, StockNormSet
from shared.kernel.commands import Code, Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNorm(Command):
    """Say what a division counts people to want of an item, or what it, or one store, keeps of it at least. Said again it is replaced."""

    item: PublicId
    division: Code | None = None  # this, or a store
    store: PublicId | None = None
    per: Per | None = None
    times: int | None = None  # so many for each
    divide_up: int | None = None  # or one for so many, rounded up
    months: tuple[int, ...] = ()  # in which it is wanted; none: in all
    minimum: int | None = None  # kept at least
    source: str | None = None  # the decision it rests on


@dataclass(frozen=True, slots=True)
class Norm:
    """`per` None: nothing is counted by it."""

    per: Per | None = None
    times: int | None = None
    divide_up: int | None = None
    months: tuple[int, ...] = ()
    minimum: int | None = None
    source: str = ""
    division: str | None = None

    def wanted(self, people: int, days: int, month: int) -> int | None:
        """For so many people and days from this month on; None when it says nothing, or nothing for this month."""
        if self.per is None or (self.months and month not in self.months):
            return None
        number = people * days if self.per is Per.PEOPLE_DAY else people
        return -(-number // self.divide_up) if self.divide_up else number * (self.times or 0)


def norm_of(said: Mapping[str, Any]) -> Norm:
    """A norm as rule data or a row says it."""
    known = {one.name for one in fields(Norm)}
    kept = {name: value for name, value in said.items() if name in known and value is not None}
    return Norm(**kept | {"per": Per(kept["per"]) if kept.get("per") else None, "months": tuple(kept.get("months", ()))})


def needs(norms: Mapping[str, Norm], people: int, days: int, month: int) -> dict[str, int]:
    """What so many people want for so many days, by item: a suggestion, which decides nothing."""
    found = {item: norm.wanted(people, days, month) for item, norm in norms.items()}
    return {item: wanted for item, wanted in found.items() if wanted is not None}


def decide(command: SetNorm, states: Mapping[str, Any], rules: Rules) -> Sequence[tuple[str, StockNormSet]]:
    """The same again changes nothing."""
    own, *_ = _streams(command)
    norm: Norm = states[own]
    store: Store | None = states.get(store_stream(command.store)) if command.store else None
    if store is not None and store.status is None:
        raise NotFound(Failure("reference", f"store {command.store} is unknown: register it first", "store"))
    refuse_all(RuleBroken, [*_of_what(command, states), *_counting(command)])
    assert command.source is not None
    fact = StockNormSet(
        place=command.store or command.division or "",
        item=command.item,
        per=command.per,
        times=command.times,
        divide_up=command.divide_up,
        months=tuple(sorted(set(command.months))),
        minimum=command.minimum,
        source=command.source,
        division=store.owner if store else command.division,
        by=command.by.actor,
        at=command.now,
        of_store=store is not None,
    )
    return [] if evolve(norm, fact) == norm else [(own, fact)]


def _of_what(command: SetNorm, states: Mapping[str, Any]) -> list[Failure]:
    faults: list[Failure] = []
    if (command.division is None) == (command.store is None):
        faults.append(Failure("norm.place", "name the division or the store it is for, one of them", "division"))
    if not states[item_stream(command.item)].unit:
        faults.append(Failure("item.known", f"{command.item} is not in the catalogue: register it first", "item"))
    if not (command.source or "").strip():
        faults.append(Failure("norm.source", "name the decision it rests on", "source"))
    if command.minimum is None and command.per is None:
        faults.append(Failure("norm.empty", "say what is kept at least, or what people are counted to want", "minimum"))
    if command.minimum is not None and command.minimum < 0:
        faults.append(Failure("norm.minimum", "what is kept is zero or more", "minimum"))
    return faults


def _counting(command: SetNorm) -> list[Failure]:
    if command.per is None:
        said = command.times is not None or command.divide_up is not None or command.months
        return [Failure("norm.per", "say what it is counted by: people, or people_day", "per")] if said else []
    faults: list[Failure] = []
    if command.store is not None:
        faults.append(Failure("norm.per", "people are counted by division: a store has only what it keeps at least", "per"))
    if (command.times is None) == (command.divide_up is None):
        faults.append(Failure("norm.per", "give `times` or `divide_up`, one of them", "times"))
    if (command.times is not None and command.times < 0) or (command.divide_up is not None and command.divide_up < 1):
        faults.append(Failure("norm.per", "`times` is zero or more, `divide_up` one or more", "times"))
    if not all(1 <= month <= 12 for month in command.months):
        faults.append(Failure("norm.months", "months are 1 to 12", "months"))
    return faults


def evolve(norm: Norm, event: StockNormSet) -> Norm:
    """The norm after the event."""
    names = ("per", "times", "divide_up", "months", "minimum", "source", "division")
    return replace(norm, **{name: getattr(event, name) for name in names})


def _streams(command: SetNorm) -> tuple[str, ...]:
    store = (store_stream(command.store),) if command.store else ()
    return (norm_stream(command.store or command.division or "none", command.item), item_stream(command.item), *store)


def _owner(command: SetNorm, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Whose store it is."""
    store = states.get(store_stream(command.store)) if command.store else None
    return (store.owner,) if isinstance(store, Store) and store.owner else ()


NORM = Decider(
    category="norm",
    initial=Norm(),
    decide=decide,
    evolve=evolve,
    about=lambda norm: About(norm.division),
    handles={SetNorm: Handles(_streams, areas=lambda c: (c.division,) if c.division else (), creates=True, state_areas=_owner)},
    joint=frozenset({SetNorm}),
)
