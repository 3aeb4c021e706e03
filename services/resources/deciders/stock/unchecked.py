"""What came under a call-off and was not checked yet. AcceptQuality alone says what of it is good: that is what is paid for (SMP-9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from services.resources.deciders.agreements.state import Called
from services.resources.deciders.stock.finding import States, ledgers
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import call_off_stream
from shared.kernel.errors import Failure

RULE = "call_off.quality"


def ledgers_and_call_offs(store: str, lot: str, states: States) -> tuple[str, ...]:
    """What the store has of the lot's item, and the call-offs the lot came under."""
    found = ledgers(store, (lot,), states)
    return (*found, *call_offs(found, (lot,), states))


def call_offs(stocks: Iterable[str], lots: Collection[str], states: States) -> tuple[str, ...]:
    """The call-offs these lots came under, as far as the stocks are known."""
    known = (stock.lots.get(lot) for one in stocks if isinstance(stock := states.get(one), Stock) for lot in lots)
    return tuple(call_off_stream(one) for lying in known if lying for one in lying.call_offs)


def unchecked(stock: Stock, lot: str, states: States) -> dict[str, int]:
    """How much of a lot lies apart until it is checked, by call-off."""
    lying = stock.lots.get(lot)
    found: dict[str, int] = {}
    for name in lying.call_offs if lying else ():
        called = states.get(call_off_stream(name))
        came = called.deliveries.get(lot) if isinstance(called, Called) else None
        if came is not None and came.store == stock.store and came.pending:
            found[name] = came.pending
    return found


def besides(stock: Stock, lot: str, states: States) -> int:
    """What lies apart for another reason."""
    return max(0, stock.quarantined(lot) - sum(unchecked(stock, lot, states).values()))


def checked_first(stock: Stock, lot: str, qty: int, states: States) -> list[Failure]:
    """The fault of taking so much of what lies apart otherwise, while its supplier still waits for the check."""
    waiting, others = unchecked(stock, lot, states), besides(stock, lot, states)
    if not waiting or qty <= others:
        return []
    came = ", ".join(f"{pending} of {lot} came under {name}" for name, pending in waiting.items())
    rest = f"; {others} lie apart besides" if others else ""
    return [Failure(RULE, f"{came}: say with AcceptQuality what passed, failed or was lost, the supplier is paid for that{rest}", "lot")]
