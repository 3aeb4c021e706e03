"""A lot wherever it lies: one id, one item, one expiry date, for ever; and the stores it ever came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, assert_never

from services.resources.deciders.streams import lot_stream, stock_stream
from services.resources.events import lot as told
from services.resources.events.masters import LotKnown
from shared.blocks.clocks import Due
from shared.kernel.commands import Command
from shared.kernel.decider import About
from shared.kernel.errors import Failure

EXPIRY = "lot.expiry"
TAKEN = ("positions", "next")  # beside the lots of a store, in one answer
LotEvent = LotKnown | told.LotHeld | told.LotRededicated | told.LotExpired | told.LotRecalled


@dataclass(frozen=True, slots=True)
class LotCard:
    """`item` None: nobody ever received it."""

    lot: str = ""
    item: str | None = None
    expires: date | None = None
    owner: str | None = None
    intent: str | None = None
    division: str | None = None
    stores: tuple[str, ...] = ()  # it ever came to
    expiry_told: bool = False
    recalled: str = ""  # why

    @property
    def stocks(self) -> tuple[str, ...]:
        """The ledgers it ever was in."""
        return tuple(stock_stream(store, self.item) for store in self.stores) if self.item else ()


def evolve(lot: LotCard, event: LotEvent) -> LotCard:
    """The lot after the event: the first to say what it is is right."""
    match event:
        case LotKnown():
            stores = (event.store,) if event.store else ()
            return LotCard(event.lot, event.item, event.expires, event.owner, event.intent, event.division, stores)
        case told.LotHeld():
            return replace(lot, stores=(*lot.stores, event.store))
        case told.LotRededicated():
            return replace(lot, intent=event.intent)
        case told.LotExpired():
            return replace(lot, expiry_told=True)
        case told.LotRecalled():
            return replace(lot, recalled=event.reason)
        case _:
            assert_never(event)


def about(lot: LotCard) -> About:
    """Internal to the organs of whose goods they are."""
    return About(lot.division)


def lot_of(lot: str, states: Mapping[str, Any]) -> LotCard:
    """The lot among the states of a joint command; empty when nobody ever received it."""
    found = states.get(lot_stream(lot))
    return found if isinstance(found, LotCard) else LotCard()


def unknown_lot(lot: str, states: Mapping[str, Any]) -> list[Failure]:
    """The fault of naming a lot that nobody ever received."""
    cure = f"lot {lot} is unknown: check the label, or receive it first"
    return [] if lot_of(lot, states).item else [Failure("reference", cure, "lot")]


def made_known(
    lot: str,
    item: str,
    states: Mapping[str, Any],
    command: Command,
    expires: date | None,
    owner: str | None,
    intent: str | None,
    division: str | None,
    store: str,
) -> tuple[list[tuple[str, LotKnown | told.LotHeld]], list[Failure]]:
    """What the lot notes when it comes for the first time, at all or to this store; or the fault that it is known as something else."""
    known, own = lot_of(lot, states), lot_stream(lot)
    if lot in TAKEN:
        return [], [Failure("lot.id", f"{lot} has a meaning of its own in answers: give the lot another id", "lot")]
    if known.item is None:
        clocks = _expiry(expires, command.now)
        return [(own, LotKnown(lot, item, expires, owner, intent, division, command.now, store, clocks))], []
    if (known.item, known.expires) == (item, expires):
        return ([] if store in known.stores else [(own, told.LotHeld(lot, store, command.now))]), []
    until = f"good until {known.expires}" if known.expires else "without an expiry date"
    cure = f"{lot} is of {known.item}, {until}: give what is new a lot of its own"
    return [], [Failure("lot.once", cure, "lot")]


def lies_apart(lot: str, states: Mapping[str, Any], expires: date | None, on: date) -> bool:
    """Whether what comes of this lot must not be promised: it expired, or was recalled. `StockReceived.pending` says so."""
    return bool(lot_of(lot, states).recalled) or (expires is not None and expires < on)


def _expiry(expires: date | None, now: datetime) -> tuple[Due, ...]:
    """The clock of a lot that is still good: it strikes as the day after its last begins, where the command came from."""
    if expires is None or expires < now.date() or expires == date.max:
        return ()
    return (Due(EXPIRY, EXPIRY, now, datetime.combine(expires + timedelta(days=1), time(), now.tzinfo)),)
