"""Allocations: the decider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.resources.deciders.allocations import cancelling, making
from services.resources.deciders.allocations.commands import Allocate, CancelAllocation, EscalateAllocationClock
from services.resources.deciders.allocations.state import Allocation, about, evolve
from services.resources.deciders.masters.lot import LotCard
from services.resources.deciders.masters.store import Store
from services.resources.deciders.requests.state import Request
from services.resources.deciders.streams import (
    allocation_stream,
    incident_stream,
    item_stream,
    lot_stream,
    request_stream,
    stock_stream,
    store_stream,
)
from shared.kernel.decider import Decided, Decider, Handles, Rules


def decide(
    command: Allocate | CancelAllocation | EscalateAllocationClock, states: Mapping[str, Any], rules: Rules
) -> Sequence[Any] | Decided:
    """The facts, each with its stream."""
    match command:
        case Allocate():
            return making.made(command, states, rules)
        case CancelAllocation():
            return cancelling.cancelled(command, states)
        case EscalateAllocationClock():
            return cancelling.expired(command, states)
        case _:
            assert_never(command)


def _own(command: Any) -> tuple[str, ...]:
    return (allocation_stream(command.allocation),)


def _making(command: Allocate) -> tuple[str, ...]:
    """The allocations, their stores, the request and its rivals, and the goods as far as the command names them."""
    parts = {name: store for name, store in making.named(command).items() if store}
    named = command.stores or ({command.store: command.items or {}} if command.store else {})
    items = dict.fromkeys(item for wanted in named.values() for item in wanted)
    return (
        *(allocation_stream(name) for name in parts or (command.allocation,)),
        *(store_stream(store) for store in parts.values()),
        *(request_stream(request) for request in (command.request, *command.competing)),
        *(item_stream(item) for item in dict.fromkeys((*items, *(one for pair in (command.substitutes or {}).items() for one in pair)))),
        *(stock_stream(store, item) for store, wanted in named.items() for item in wanted),
        *(lot_stream(lot) for lot in command.lots or ()),
    )


def _behind(command: Allocate, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The incident of the request, and the stock that named lots are of."""
    request = states.get(request_stream(command.request))
    incident = (incident_stream(request.incident),) if isinstance(request, Request) and request.incident else ()
    cards = (states.get(lot_stream(lot)) for lot in command.lots or ())
    items = dict.fromkeys(card.item for card in cards if isinstance(card, LotCard) and card.item)
    return (*incident, *(stock_stream(command.store, item) for item in items if command.store))


def _owners(command: Allocate, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Whose stores they are."""
    stores = (states.get(store_stream(store)) for store in making.named(command).values())
    return tuple(dict.fromkeys(store.owner for store in stores if isinstance(store, Store) and store.owner))


def _held(command: CancelAllocation | EscalateAllocationClock, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The request, and the goods that are reserved."""
    allocation: Allocation = states[allocation_stream(command.allocation)]
    return (request_stream(allocation.request), *allocation.stocks) if allocation.request else ()


ALLOCATION: Decider[Allocation] = Decider(
    category="allocation",
    initial=Allocation(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        Allocate: Handles(_making, creates=True, state_areas=_owners, instead=True, further=_behind, bulk=True),
        CancelAllocation: Handles(_own, further=_held, bulk=True),
        EscalateAllocationClock: Handles(_own, further=_held, bulk=True),
    },
    joint=frozenset((Allocate, CancelAllocation, EscalateAllocationClock)),
)
