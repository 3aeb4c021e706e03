"""A store is closed empty, and when nothing is promised or under way to it or from it, and nothing lent (domain 3.7, `zero.balance`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.resources.deciders.allocations.state import MADE
from services.resources.deciders.masters.store import Store
from services.resources.deciders.requests.state import Request
from services.resources.deciders.stock.entries import BORROWER
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import allocation_stream, item_stream, request_stream, stock_stream, store_stream
from services.resources.events import masters as m
from shared.kernel.decider import Decided
from shared.kernel.errors import Failure, RuleBroken, refuse_all


def standing(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Everything that ever lay in the store, and what the open requests for it were promised."""
    store: Store = states[store_stream(command.store)]
    above = (store_stream(store.parent),) if store.parent else ()
    found = [*above, *store.stocks, *map(item_stream, store.items), *map(request_stream, store.requests)]
    return (*found, *map(allocation_stream, _promised(store, states)))


def closed(own: str, store: Store, fact: m.WarehouseClosed, states: Mapping[str, Any]) -> Decided:
    """The store closed, and taken off its parent. RuleBroken names everything that is still there, promised or under way."""
    faults = _balance(store, states)
    for shipment in store.shipments:
        faults.append(Failure("zero.balance", f"shipment {shipment} is under way: receive it, or account for what is short", "store"))
    for what in _coming(store, states):
        faults.append(Failure("zero.balance", f"{what} is on its way here: receive it, or send it elsewhere", "store"))
    if store.points:
        faults.append(
            Failure("store.points", f"{', '.join(store.points)} is supplied from here: close it, or name it another parent", "store")
        )
    refuse_all(RuleBroken, faults)
    facts: list[tuple[str, Any]] = [(own, fact)]
    if store.parent:
        facts.append((store_stream(store.parent), m.PointDetached(store.parent, store.store, fact.at)))
    return Decided(facts, answer={"requests": list(store.requests)} if store.requests else {})


def _balance(store: Store, states: Mapping[str, Any]) -> list[Failure]:
    left: list[str] = []
    lent: list[Failure] = []
    for item in store.items:
        stock: Stock = states[stock_stream(store.store, item)]
        if (out := stock.ledger.total(BORROWER)) > 0:
            cure = f"{out} {states[item_stream(item)].unit} of {item} are lent out: they come back here first, or are written down as lost"
            lent.append(Failure("zero.balance", cure, "store"))
        if there := sum(map(stock.on_hand, stock.lots)):
            left.append(f"{there} {states[item_stream(item)].unit} of {item}")
    if not left:
        return lent
    verb = "are" if len(left) > 1 or not left[0].startswith("1 ") else "is"
    return [Failure("zero.balance", f"{_listed(left)} {verb} still there: move or write off what is left", "store"), *lent]


def _coming(store: Store, states: Mapping[str, Any]) -> Iterator[str]:
    """Goods promised for here and not sent, requests of which nothing has come."""
    for allocation in _promised(store, states):
        if states[allocation_stream(allocation)].status == MADE:
            yield f"allocation {allocation}"
    for request in _open(store, states):
        if not any(line.came for line in request.lines.values()):
            yield f"what request {request.request} asks for"


def _promised(store: Store, states: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(allocation for request in _open(store, states) for allocation in request.allocations)


def _open(store: Store, states: Mapping[str, Any]) -> tuple[Request, ...]:
    found = (states.get(request_stream(request)) for request in store.requests)
    return tuple(one for one in found if isinstance(one, Request) and one.open)


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
