"""What was called off comes, is checked and is paid: nothing is promised before it was checked, and nothing paid that failed (SMP-9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from services.resources.deciders.agreements import commands as c
from services.resources.deciders.agreements.agreement import PAY
from services.resources.deciders.agreements.calling import DUE
from services.resources.deciders.agreements.state import CALL_OFF_FLOW, Called, evolve_call_off, require_supplier
from services.resources.deciders.masters.item import counted
from services.resources.deciders.masters.lot import lot_of
from services.resources.deciders.masters.store import require_keeper, store_of
from services.resources.deciders.stock.arriving import arrived
from services.resources.deciders.stock.finding import said, second
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import call_off_stream, stock_stream
from services.resources.events import call_off as o
from services.resources.events import stock as s
from shared.blocks.clocks import Due
from shared.blocks.money import cents, unfit
from shared.blocks.working_days import day_of
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, refuse_all


def deliver(command: c.DeliverCallOff, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Part or all of it, each time in a lot of its own, into the store that it was ordered to. Late goods are taken."""
    own = call_off_stream(command.call_off)
    called: Called = states[own]
    where = command.store or called.to_store
    if not command.by.has("WHK"):
        require_supplier(command.by, called.supplier)
    CALL_OFF_FLOW.require(called.status, command)
    store = store_of(where, states)
    if command.by.has("WHK") and command.by.division != store.owner:
        raise NotAllowed(Failure("matrix.3.27", f"{where} is kept by {store.owner}: its keeper writes down what comes, or the supplier"))
    require_keeper(where, command, states)
    qty, faults = counted(command.qty, command.unit, called.item, states)
    if where != called.to_store:
        faults.append(Failure("call_off.store", f"it was ordered to {called.to_store}", "store"))
    if qty > called.missing:
        faults.append(Failure("call_off.quantity", f"{called.missing} of {command.call_off} are still to come", "qty"))
    if command.lot in called.deliveries:
        faults.append(Failure("lot.once", f"{command.lot} came already: give each delivery a lot of its own", "lot"))
    if command.expires is not None and command.expires < day_of(command.now, rules):
        faults.append(Failure("stock.expired", f"{command.lot} expired on {command.expires}", "expires"))
    card = lot_of(command.lot, states)
    if card.item and (card.owner != called.owner or card.intent is not None):
        faults.append(Failure("lot.once", f"{command.lot} are goods of {card.owner}: give what is delivered a lot of its own", "lot"))
    named = store, called.item, command.lot, qty, s.Source.AGREEMENT, command.call_off, command, states
    came, unfitting = arrived(*named, pending=True, expires=command.expires, owner=called.owner)
    refuse_all(RuleBroken, [*faults, *unfitting])
    met = (DUE,) if qty == called.missing and called.clocks.runs(DUE) else ()
    late = called.due is not None and command.now > called.due
    delivered = o.CallOffDelivered(
        command.call_off,
        command.lot,
        qty,
        command.expires,
        where,
        command.by.actor,
        command.now,
        met,
        (Due(_pay(command.lot), PAY, command.now, command.now + timedelta(days=called.pay_days)),),
    )
    return Decided([(own, delivered), *came], answer={"missing": called.missing - qty}, flags=("A-LATE",) if late else ())


def accept_quality(command: c.AcceptQuality, states: Mapping[str, Any], rules: Rules) -> Decided:
    """What passed may be promised, what failed goes back; another checks than who brought it."""
    own = call_off_stream(command.call_off)
    called: Called = states[own]
    came = called.deliveries.get(command.lot)
    if came is None:
        raise NotFound(Failure("reference", f"no lot {command.lot} came of {command.call_off}", "lot"))
    partner = second(command, "what was lost before it was checked is paid for").actor if command.lost else None
    if came.by in (command.by.actor, partner):
        raise NotAllowed(Failure("two.persons", "another checks the goods than who brought them"))
    require_keeper(came.store, command, states)
    CALL_OFF_FLOW.require(called.status, command)
    stock_of = stock_stream(came.store, called.item)
    stock: Stock = states[stock_of]
    parts, apart = (command.passed, command.failed, command.lost), min(came.pending, stock.quarantined(command.lot))
    faults: list[Failure] = []
    if min(parts) < 0 or not sum(parts):
        faults.append(Failure("stock.quantity", "passed, failed and lost are whole numbers from 0, and not all 0", "passed"))
    elif sum(parts) > apart:
        faults.append(Failure("stock.nonneg", f"{apart} of {command.lot} are to be checked", "passed"))
    if command.passed and (recalled := lot_of(command.lot, states).recalled):
        faults.append(Failure("stock.recalled", f"{command.lot} was recalled ({recalled}): it goes back to the supplier", "passed"))
    reason = command.reason or ""
    refuse_all(RuleBroken, [*faults, *(said(reason, "stock.reason", "reason", "say how it was lost") if command.lost else [])])
    by, now = command.by.actor, command.now
    checked = o.CallOffQualityAccepted(
        command.call_off, command.lot, command.passed, command.failed, reason, by, now, lost=command.lost, second=partner
    )
    after = evolve_call_off(called, checked)
    quality = replace(checked, stopped=_settled(after, after.paid), clocks=_awaited(after, command))
    facts: list[tuple[str, Any]] = [(own, quality)]
    where = came.store, called.item, command.lot
    if command.passed:
        facts.append((stock_of, s.QualityPassed(*where, command.passed, command.call_off, by, now)))
    if command.failed:
        back = s.ReturnedToSupplier(*where, command.failed, s.Source.AGREEMENT, command.call_off, by, now)
        facts.append((stock_of, back))
    if partner is not None:
        gone = s.StockLost(*where, command.lost, s.Bucket.QUARANTINED, command.call_off, reason, by, partner, now)
        facts.append((stock_of, gone))
    return Decided(facts)


def pay(command: c.PayCallOff, called: Called, rules: Rules) -> Sequence[o.CallOffPaid]:
    """Never above what was found good at the price agreed; who ordered it does not pay it."""
    if command.by.actor == called.issued_by:
        raise NotAllowed(Failure("two.persons", "another pays than who called it off"))
    CALL_OFF_FLOW.require(called.status, command)
    refuse_all(RuleBroken, unfit(command.amount, "amount"))
    amount = called.owed if command.amount is None else cents(command.amount)
    if not 0 < amount <= called.owed:
        good = f"accepted {called.passed} x {called.price} = {called.passed * called.price}"
        before = f", paid {called.paid}" if called.paid else ""
        raise RuleBroken(Failure("amount", good + before, "amount"))
    total = called.paid + amount
    return [o.CallOffPaid(command.call_off, amount, total, command.reference, command.by.actor, command.now, _settled(called, total))]


def _settled(called: Called, total: Decimal) -> tuple[str, ...]:
    """The deliveries of which nothing is to be checked or paid any more: money covers them, first come first, or all of it failed."""
    met: list[str] = []
    for lot, came in called.deliveries.items():
        worth = came.passed * called.price
        total -= worth
        if (total >= 0 or not worth) and not came.pending and called.clocks.runs(_pay(lot)):
            met.append(_pay(lot))
    return tuple(met)


def _awaited(called: Called, command: c.AcceptQuality) -> tuple[Due, ...]:
    """What failed is to be brought again, by the same moment; past that, who waits for it is told at once."""
    if not command.failed or called.due is None or called.clocks.runs(DUE) or not CALL_OFF_FLOW.allows(called.status, c.DeliverCallOff):
        return ()
    return (Due(DUE, DUE, command.now, called.due),)


def _pay(lot: str) -> str:
    """The time to pay runs for each delivery by itself."""
    return f"{PAY}.{lot}"
