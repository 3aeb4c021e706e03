"""An agreement from its signing to its end (ERL-46.2, SEED-25, SMP-9; domain 3.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, assert_never

from services.resources.deciders.agreements import commands as c
from services.resources.deciders.agreements.state import AGREEMENT_FLOW, Agreement, about_agreement, evolve_agreement, require_supplier
from services.resources.deciders.clock import escalate
from services.resources.deciders.masters.item import counted
from services.resources.deciders.streams import agreement_stream, claim_for, item_stream
from services.resources.events import agreement as a
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.blocks.money import CENT, cents, unfit, unreferenced
from shared.blocks.working_days import day_of, day_over
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState, refuse_all

VALID_TO, REPORT, PAY, PLAN = "valid_to", "agreement.capacity_report", "K-37", "call_off.plan"
LAST_YEAR = 2200  # as every moment that is told: later days cannot be told in every zone
_TERMS = tuple(field.name for field in fields(a.Terms))


def decide(command: c.Contracting, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow. `state` is an agreement; of the joint signing the states by stream."""
    match command:
        case c.SignAgreement():
            return _sign(command, state, rules)
        case c.ReportCapacity():
            return _report(command, state, rules)
        case c.AmendAgreement():
            return _amend(command, state, rules)
        case c.TerminateAgreement():
            return _terminate(command, state, rules)
        case c.EscalateAgreementClock():
            return _passed(command, state)
        case _:
            assert_never(command)


def require_valid(agreement: Agreement, command: Any, rules: Rules) -> None:
    """WrongState unless it runs and its last day is not over."""
    AGREEMENT_FLOW.require(agreement.status, command)
    if agreement.terms is not None and day_of(command.now, rules) > agreement.terms.valid_to:
        raise WrongState(Failure("agreement.state", f"it ended with {agreement.terms.valid_to}: sign a new one, or buy"))


def _sign(command: c.SignAgreement, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = agreement_stream(command.agreement)
    agreement: Agreement = states[own]
    AGREEMENT_FLOW.require(agreement.status, command)
    _, faults = counted(command.capacity_per_day, None, command.item, states, "capacity_per_day")
    for name, value in (("with", command.with_), ("owner", command.owner), ("price", command.price), ("valid_to", command.valid_to)):
        if value is None:
            faults.append(Failure("ERL-46.2", f"name {name}: an agreement says who supplies whom, at what price, until when", name))
    faults += unreferenced(command.document, "document")
    said = {name: value for name in _TERMS if (value := getattr(command, name)) is not None}
    given = _defaults(rules) | said
    faults += [fault for fault in _unfit(given, command, rules) if fault.field not in {one.field for one in faults}]
    refuse_all(RuleBroken, faults)
    assert command.with_ and command.owner
    terms = a.Terms(**given | {"price": cents(given["price"])})
    signed = a.AgreementSigned(
        command.agreement,
        command.item,
        command.with_,
        command.owner,
        terms,
        command.document,
        command.by.actor,
        command.now,
        (_until(terms, command, rules), deadline(rules, REPORT, command.now)),
    )
    return Decided([(own, signed)], basis="ERL-46.2")


def _report(command: c.ReportCapacity, agreement: Agreement, rules: Rules) -> Sequence[a.CapacityReported]:
    require_supplier(command.by, agreement.supplier)
    require_valid(agreement, command, rules)
    if command.per_day is None or command.per_day < 0 or command.in_stock < 0:
        raise RuleBroken(Failure("stock.quantity", "per_day and in_stock are whole numbers from 0", "per_day"))
    assert agreement.terms is not None
    met = (REPORT,) if agreement.clocks.runs(REPORT) else ()
    next_ = (deadline(rules, REPORT, command.now),)
    below = command.per_day < agreement.terms.capacity_per_day
    actor = command.by.actor
    return [a.CapacityReported(command.agreement, command.per_day, command.in_stock, below, actor, command.now, met, next_)]


def _amend(command: c.AmendAgreement, agreement: Agreement, rules: Rules) -> Decided:
    require_valid(agreement, command, rules)
    assert agreement.terms is not None
    before = {name: getattr(agreement.terms, name) for name in _TERMS}
    said = {name: value for name in _TERMS if (value := getattr(command, name)) is not None}
    faults = [*_ungrounded(command), *_unfit(before | said, command, rules)]
    if not said:
        faults.append(Failure("agreement.terms", "name what is to be otherwise", "capacity_per_day"))
    refuse_all(RuleBroken, faults)
    terms = replace(agreement.terms, **said | ({"price": cents(said["price"])} if "price" in said else {}))
    if terms == agreement.terms:
        return Decided()
    clocks = (_until(terms, command, rules),) if terms.valid_to != agreement.terms.valid_to else ()
    amended = a.AgreementAmended(
        command.agreement,
        agreement.item,
        agreement.supplier,
        agreement.owner or "",
        terms,
        **_change(command, agreement),
        clocks=clocks,
    )
    return Decided([amended], basis="SEED-25")


def _terminate(command: c.TerminateAgreement, agreement: Agreement, rules: Rules) -> Decided:
    AGREEMENT_FLOW.require(agreement.status, command)
    refuse_all(RuleBroken, _ungrounded(command))
    stopped = tuple(due.key for due in agreement.clocks.open())
    said = _change(command, agreement)
    ended = a.AgreementTerminated(command.agreement, agreement.item, agreement.supplier, agreement.owner or "", **said, stopped=stopped)
    return Decided([ended], basis="SEED-25")


def _passed(command: c.EscalateAgreementClock, agreement: Agreement) -> Sequence[Any]:
    """After its last day it is over; a report that did not come was missed."""
    if command.key != VALID_TO:
        return escalate(command, agreement.clocks)
    if agreement.clocks.passed(VALID_TO, command.now) is None:
        return []
    return [a.AgreementExpired(command.agreement, command.now, tuple(due.key for due in agreement.clocks.open()))]


def _change(command: c.AmendAgreement | c.TerminateAgreement, agreement: Agreement) -> dict[str, Any]:
    """What both ways of changing it say; the public interest pays (SEED-25)."""
    change = agreement.changes + 1
    pays = command.ground is a.Ground.PUBLIC_INTEREST
    return {
        "ground": command.ground,
        "reason": command.reason,
        "change": change,
        "loss": cents(command.loss) if pays and command.loss else CENT * 0,
        "claim": (command.claim or claim_for(f"{command.agreement}.{change}")) if pays else None,
        "by": command.by.actor,
        "at": command.now,
    }


def _ungrounded(command: c.AmendAgreement | c.TerminateAgreement) -> list[Failure]:
    faults = [*unfit(command.loss, "loss"), *unreferenced(command.document, "document")]
    if command.ground is None:
        grounds = "consent (agreed), breach, or public interest"
        faults.append(Failure("SEED-25", f"name the ground: {grounds}; that office-holders changed is none", "ground"))
    if not command.reason:
        faults.append(Failure("SEED-25", "say why", "reason"))
    if command.ground is a.Ground.AGREED and command.document is None:
        faults.append(Failure("SEED-25", "name the digest of the paper that both sides signed", "document"))
    return faults


def _defaults(rules: Rules) -> dict[str, Any]:
    """What holds where the agreement does not say it."""
    return {**rules.value("agreement.terms"), "lead_days": 0, "pay_days": rules.value(PAY)["usual"], "stock_kept": 0}


def _unfit(said: Mapping[str, Any], command: Any, rules: Rules) -> list[Failure]:
    most = rules.value(PAY)["most"]
    price = said.get("price")
    faults = [*unfit(price, "price")]
    if not faults and price is not None and not price:
        faults.append(Failure("amount.form", "price is above 0", "price"))
    if said.get("capacity_per_day", 1) < 1:
        faults.append(Failure("stock.quantity", "capacity_per_day is a whole number, one at least", "capacity_per_day"))
    longest = rules.value(PLAN)["most_days"]
    if not 0 <= said["lead_days"] <= longest:
        faults.append(Failure("stock.quantity", f"lead_days is a whole number from 0 to {longest}", "lead_days"))
    if said["stock_kept"] < 0:
        faults.append(Failure("stock.quantity", "stock_kept is a whole number from 0", "stock_kept"))
    if not 1 <= said["pay_days"] <= most:
        faults.append(Failure("SMP-9", f"a small firm is paid within {most} days of delivery at most", "pay_days"))
    if (last := said.get("valid_to")) is not None and last < day_of(command.now, rules):
        faults.append(Failure("agreement.state", "valid_to is over already", "valid_to"))
    if last is not None and last.year >= LAST_YEAR:
        faults.append(Failure("agreement.state", f"valid_to is before the year {LAST_YEAR}", "valid_to"))
    return faults


def _until(terms: a.Terms, command: Any, rules: Rules) -> Due:
    return Due(VALID_TO, VALID_TO, command.now, day_over(terms.valid_to, rules))


def _own(command: Any) -> tuple[str, ...]:
    return (agreement_stream(command.agreement),)


def _signing(command: c.SignAgreement) -> tuple[str, ...]:
    return agreement_stream(command.agreement), item_stream(command.item)


AGREEMENT = Decider(
    category="agreement",
    initial=Agreement(),
    decide=decide,
    evolve=evolve_agreement,
    about=about_agreement,
    handles={
        c.SignAgreement: Handles(_signing, areas=lambda k: (k.owner,) if k.owner else (), creates=True),
        **{kind: Handles(_own) for kind in (c.ReportCapacity, c.AmendAgreement, c.TerminateAgreement, c.EscalateAgreementClock)},
    },
    joint=frozenset((c.SignAgreement,)),
)
