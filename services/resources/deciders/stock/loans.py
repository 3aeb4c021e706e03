"""Goods lent: what is still out, until when, what came back. The goods stay on the books of their store as lent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from services.resources.deciders.clock import escalate
from services.resources.deciders.masters.lot import lot_of
from services.resources.deciders.masters.store import require_keeper, store_of
from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.arriving import returned
from services.resources.deciders.stock.finding import Facts, States, item_of, ledgers, named, refused, said, second, stock_of, whole
from services.resources.deciders.stock.moving import day_of, unfit
from services.resources.deciders.streams import loan_stream, stock_stream, store_stream
from services.resources.events import loan as told
from services.resources.events import stock as s
from services.resources.events.clock import ClockMissed
from shared.blocks.clocks import STILL, Clocks, Due
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState

DUE, LONGEST = "loan.due", "loan.longest"


@dataclass(frozen=True, slots=True)
class Loan:
    """`store` empty: never made. `out` is what is still with the borrower, by lot."""

    loan: str = ""
    store: str = ""
    borrower: str = ""
    items: Mapping[str, str] = field(default_factory=dict)
    out: Mapping[str, int] = field(default_factory=dict)
    over: bool = False
    division: str | None = None
    clocks: Clocks = STILL


def evolve(loan: Loan, event: told.LoanMade | told.LoanReturned | ClockMissed) -> Loan:
    """The loan after the event."""
    match event:
        case told.LoanMade():
            clocks = STILL.start(*event.clocks)
            return Loan(event.loan, event.store, event.borrower, event.items, event.lots, False, event.division, clocks)
        case told.LoanReturned():
            out = {lot: qty - event.lots.get(lot, 0) for lot, qty in loan.out.items()}
            left = {lot: qty for lot, qty in out.items() if qty}
            return replace(loan, out=left, over=event.over, clocks=loan.clocks.end(event.at, *event.met))
        case ClockMissed():
            return replace(loan, clocks=loan.clocks.miss(event.key))
        case _:
            assert_never(event)


def decide(command: c.LendStock | c.ReturnLoan | c.EscalateLoanClock, states: States, rules: Rules) -> Decided:
    """The facts of a command on a loan, on its own stream and on the ledgers of its goods."""
    match command:
        case c.LendStock():
            return _lend(command, states, rules)
        case c.ReturnLoan():
            return _bring_back(command, states)
        case c.EscalateLoanClock():
            loan: Loan = states[loan_stream(command.loan)]
            return Decided([(loan_stream(command.loan), fact) for fact in escalate(command, loan.clocks)])
        case _:
            assert_never(command)


def _lend(command: c.LendStock, states: States, rules: Rules) -> Decided:
    loan: Loan = states[loan_stream(command.loan)]
    if loan.store:
        raise WrongState(Failure("loan.once", f"{command.loan} was made already: a new loan has an id of its own", "loan"))
    require_keeper(command.store, command, states)
    store = store_of(command.store, states, taking=False)
    faults = said(command.cause, "stock.cause", "cause", "name what it is lent for")
    faults += [] if command.lots else [Failure("stock.quantity", "name the lots", "lots")]
    faults += [fault for qty in command.lots.values() for fault in whole(qty, "lots")]
    faults += _unfit_due(command.due_at, command.now, rules)
    items = {lot: item_of(lot, states) for lot in command.lots}
    for item in dict.fromkeys(items.values()):
        picks = {lot: qty for lot, qty in command.lots.items() if items[lot] == item}
        faults += unfit(stock_of(store.store, item, states), picks, day_of(command.now), command.reason.strip() or None, store.owner)
    refused(faults)
    assert command.due_at
    by, at = command.by.actor, command.now
    due = Due(DUE, LONGEST, at, command.due_at)
    made = told.LoanMade(command.loan, store.store, command.to, dict(command.lots), items, command.cause, by, store.owner, at, (due,))
    facts: Facts = [(loan_stream(command.loan), made)]
    for lot, qty in command.lots.items():
        gone = s.StockIssued(store.store, items[lot], lot, qty, s.Use.BORROWER, command.loan, None, by, at, command.reason)
        facts.append((stock_stream(store.store, items[lot]), gone))
    return Decided(facts, {"lots": dict(command.lots)})


def _unfit_due(due_at: datetime | None, now: datetime, rules: Rules) -> list[Failure]:
    longest = rules.value(LONGEST)
    if due_at is not None and now < due_at <= now + longest:
        return []
    return [Failure(LONGEST, f"say when it comes back: after now, within {longest.days} days", "due_at")]


def _bring_back(command: c.ReturnLoan, states: States) -> Decided:
    loan: Loan = states[loan_stream(command.loan)]
    require_keeper(loan.store, command, states)
    if loan.over:
        raise WrongState(Failure("loan.over", f"everything of {command.loan} came back", "loan"))
    parts = command.good, command.damaged, command.lost
    if command.lost > 0:
        second(command, "a loss")
    if command.lot not in loan.items:
        raise RuleBroken(Failure("loan.balance", f"{command.lot} is none of {command.loan}: {', '.join(loan.items)}", "lot"))
    store, out, item = store_of(loan.store, states, taking=False), loan.out.get(command.lot, 0), loan.items[command.lot]
    still = Failure("loan.balance", f"of {command.lot} {out} are still out on {command.loan}", "lot")
    faults = [still] if sum(parts) > out else []
    expires = lot_of(command.lot, states).expires
    facts, other = returned(store, item, command.lot, parts, s.From.BORROWER, command.loan, command.position, command, states, expires)
    refused(faults, other)
    left = sum(loan.out.values()) - sum(parts)
    back = told.LoanReturned(command.loan, {command.lot: sum(parts)}, not left, command.by.actor, command.now, () if left else (DUE,))
    return Decided([(loan_stream(command.loan), back), *facts])


def _lent(command: c.LendStock) -> tuple[str, ...]:
    return (loan_stream(command.loan), *named(command.store, command.lots))


def _back(command: c.ReturnLoan, states: States) -> tuple[str, ...]:
    loan: Loan = states[loan_stream(command.loan)]
    return (*named(loan.store, (command.lot,)), *ledgers(loan.store, (command.lot,), states)) if loan.store else ()


def _owner(command: c.LendStock, states: States) -> tuple[str, ...]:
    owner = getattr(states.get(store_stream(command.store)), "owner", None)
    return (owner,) if owner else ()


LOAN = Decider(
    category="loan",
    initial=Loan(),
    decide=decide,
    evolve=evolve,
    about=lambda loan: About(loan.division),
    joint=frozenset({c.LendStock, c.ReturnLoan, c.EscalateLoanClock}),
    handles={
        c.LendStock: Handles(
            _lent, creates=True, state_areas=_owner, further=lambda c, states: ledgers(c.store, c.lots, states), bulk=True
        ),
        c.ReturnLoan: Handles(lambda c: (loan_stream(c.loan),), further=_back),
        c.EscalateLoanClock: Handles(lambda c: (loan_stream(c.loan),)),
    },
)
