"""What people have of an item: handed out by a store and by those around it, less what came back to them (SU-07)."""

from __future__ import annotations

from services.resources.deciders.masters.store import Store
from services.resources.deciders.stock.entries import PEOPLE
from services.resources.deciders.stock.finding import States, stock_of
from services.resources.deciders.streams import stock_stream, store_stream


def around(store: str, states: States) -> tuple[str, ...]:
    """The store, the one that supplies it, and the forward points of both: what one hands out, another may take back."""
    own = _known(store, states)
    above = _known(own.parent, states) if own and own.parent else None
    found = [store, *((own.parent,) if own and own.parent else ())]
    return tuple(dict.fromkeys([*found, *(point for one in (own, above) if one for point in one.points)]))


def ledgers_around(store: str, item: str, states: States) -> tuple[str, ...]:
    """Their streams, with what each has of the item."""
    stores = around(store, states)
    return (*map(store_stream, stores), *(stock_stream(one, item) for one in stores))


def with_people(store: str, item: str, states: States) -> int:
    """How much of the item people have of these stores."""
    return sum(stock_of(one, item, states).ledger.total(PEOPLE) for one in around(store, states))


def _known(store: str, states: States) -> Store | None:
    found = states.get(store_stream(store))
    return found if isinstance(found, Store) and found.store else None
