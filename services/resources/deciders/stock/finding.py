"""What a command on goods names, and what it finds there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.resources.deciders.masters.lot import lot_of
from services.resources.deciders.masters.store import Store
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import lot_stream, stock_stream, store_stream
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken

Facts = list[tuple[str, Any]]
States = Mapping[str, Any]


def named(store: str, lots: Iterable[str]) -> tuple[str, ...]:
    """The store, on which the command acts, and the lots."""
    return (store_stream(store), *map(lot_stream, lots))


def ledgers(store: str, lots: Iterable[str], states: States) -> tuple[str, ...]:
    """What the store has of the items of these lots, once the lots told them."""
    return tuple(stock_stream(store, item) for lot in lots if (item := lot_of(lot, states).item))


def stock_of(store: str, item: str, states: States) -> Stock:
    """What a store has of an item; empty when it never had any."""
    found = states.get(stock_stream(store, item))
    return found if isinstance(found, Stock) and found.store else Stock(store, item)


def item_of(lot: str, states: States) -> str:
    """The item of a lot. NotFound."""
    found = lot_of(lot, states).item
    if found is None:
        raise NotFound(Failure("reference", f"lot {lot} is unknown: check the label, or receive it first", "lot"))
    return found


def placed(position: str | None, store: Store, field: str = "position") -> list[Failure]:
    """The fault of a position the store does not have."""
    if position is None or position in store.positions:
        return []
    return [Failure("store.position", f"{store.store} has {', '.join(store.positions) or 'no positions'}, not {position}", field)]


def unknown_place(place: str | None, known: bool) -> list[Failure]:
    """The fault of a place that the edge does not find among the divisions in force."""
    cure = f"{place} is no division in force: name one, or leave it out for the place of the store"
    return [Failure("stock.place", cure, "place")] if place and not known else []


def said(text: str, rule: str, field: str, cure: str) -> list[Failure]:
    """The fault of leaving out why."""
    return [] if text.strip() else [Failure(rule, cure, field)]


def whole(qty: int, field: str = "qty") -> list[Failure]:
    """The fault of moving nothing, or less."""
    return [] if qty > 0 else [Failure("stock.quantity", f"{field} is a whole number, one at least", field)]


def second(command: Command, why: str) -> Signature:
    """Who signs beside the first. NotAllowed (SU-07)."""
    if command.cosigner is None or command.cosigner.actor == command.by.actor:
        raise NotAllowed(Failure("two.persons", f"{why}: a second person signs too"))
    return command.cosigner


def refused(*faults: list[Failure]) -> None:
    """RuleBroken with everything that is wrong, when anything is."""
    if found := [fault for some in faults for fault in some]:
        raise RuleBroken(*found)
