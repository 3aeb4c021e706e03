"""Paying what was decided, once; urgently before the papers; publishing its use; getting back what was got by fraud (NDR art. 26, 30)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.resources.deciders.donations.disclosure import Disclosure
from services.resources.deciders.relief.commands import (
    DiscloseUse,
    PaperRelief,
    Paying,
    PayRelief,
    PayUrgentRelief,
    RecordRecovery,
    RecoverRelief,
)
from services.resources.deciders.relief.deciding import tariff_of
from services.resources.deciders.relief.household import known
from services.resources.deciders.relief.state import Claim
from services.resources.deciders.relief.steps import PURPOSE, asked_for, refuse_contested, refuse_paid
from services.resources.deciders.relief.tariff import owed
from services.resources.deciders.streams import disclosure_stream, paid_stream, relief_stream
from services.resources.events import relief as r
from services.resources.events.disclosure import DisclosurePublished, Grant, Matter
from shared.blocks.deadlines import deadline
from shared.blocks.money import cents, unfit, unreferenced
from shared.blocks.working_days import day_of
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

States = Mapping[str, Any]
DISCLOSE, PAPER, RECOVER, SHOWN = "K-32", "relief.paper", "relief.recovery", "disclosure.household"


def pay(command: Paying, states: States, rules: Rules) -> Decided | Sequence[Any]:
    """Money leaves once, by a decision or by two signatures, and is shown."""
    claim: Claim = states[relief_stream(command.relief)]
    match command:
        case PayRelief():
            return _pay(command, claim, states, rules)
        case PayUrgentRelief():
            return _urgently(command, claim, states, rules)
        case PaperRelief():
            claim.flow.require(claim.status, command)
            faults = [*unreferenced(command.document, "document")]
            if not command.document:
                faults.append(Failure("SAR-48", "name where the papers are kept", "document"))
            refuse_all(RuleBroken, faults)
            papered = r.ReliefPapered(command.relief, str(command.document), command.by.actor, command.now, _running(claim, PAPER))
            return Decided([(relief_stream(command.relief), papered)], basis="SAR-48")
        case DiscloseUse():
            return _disclose(command, claim, states, rules)
        case RecoverRelief():
            return _recover(command, claim, rules)
        case RecordRecovery():
            return _recovered(command, claim)
        case _:
            assert_never(command)


def guards(command: Any, states: States) -> tuple[str, ...]:
    """What a payment or its publication takes with it."""
    claim = states.get(relief_stream(command.relief))
    if not isinstance(claim, Claim) or not claim.household:
        return ()
    return (paid_stream(claim.household, claim.kind, claim.incident),)


def disclosure_of(relief: str) -> str:
    """The disclosure of a claim's payment. Those of campaigns begin otherwise, so that none takes the place of another."""
    return f"DR-{relief}"


def _pay(command: PayRelief, claim: Claim, states: States, rules: Rules) -> Decided:
    if command.by.actor == claim.decided_by:
        raise NotAllowed(Failure("relief.apart", "another officer pays: not who decided"))
    if claim.payer and command.by.division != claim.payer:
        raise NotAllowed(Failure("relief.payer", f"it is paid out of the budget of {claim.payer}, by its own finance department"))
    claim.flow.require(claim.status, command)
    refuse_contested(claim)
    refuse_paid(claim.household, claim.kind, claim.incident, states)
    assert claim.amount is not None and claim.village
    faults = [*unfit(command.amount, "amount")]
    if command.amount is not None and not faults and command.amount != claim.amount:
        faults.append(Failure("amount", f"decided {claim.amount}: pay that, no more and no less", "amount"))
    refuse_all(RuleBroken, faults)
    own = relief_stream(command.relief)
    paid = r.ReliefPaid(
        relief=command.relief,
        household=claim.household,
        kind=claim.kind,
        incident=claim.incident,
        village=claim.village,
        amount=claim.amount,
        payer=claim.payer,
        fund=command.fund or f"budget of {claim.payer}",
        reference=command.reference,
        by=command.by.actor,
        at=command.now,
        person=claim.person,
        fields=claim.fields,
        purpose=claim.purpose,
        clocks=(deadline(rules, DISCLOSE, command.now),),
    )
    return Decided([(own, paid), _once(paid)], basis="NDR-20")


def _urgently(command: PayUrgentRelief, claim: Claim, states: States, rules: Rules) -> Decided:
    """Only a kind that allows it, by two, never above the tariff."""
    if command.cosigner is None or command.cosigner.actor == command.by.actor:
        raise NotAllowed(Failure("two.persons", "a second person signs an urgent payment too"))
    household = known(command.household, states)
    claim.flow.require(claim.status, command)
    kind, faults = asked_for(command, states, rules)
    if not faults and not kind["pays_first"]:
        faults.append(Failure("SAR-48", f"{command.kind} is paid after its steps: nominate or apply", "kind"))
    faults += unfit(command.amount, "amount")
    year, kept = day_of(command.now, rules).year, tariff_of(command, command.kind or "", states)
    due = owed(kept, command.kind or "", year, household.persons, rules)
    if due is None:
        faults.append(Failure("relief.tariff", f"no tariff for {command.kind} in {year}: set one (SetReliefTariff)", "amount"))
    elif command.amount is not None and not unfit(command.amount, "amount") and not 0 < command.amount <= due[0]:
        faults.append(Failure("relief.tariff", f"the tariff comes to {due[0]}: no more than that", "amount"))
    if not command.reason:
        faults.append(Failure("SAR-48", "say why it cannot wait", "reason"))
    refuse_all(RuleBroken, faults)
    assert due is not None and command.kind and command.incident and household.village and command.by.division
    refuse_paid(command.household, command.kind, command.incident, states)
    paid = r.ReliefPaid(
        relief=command.relief,
        household=command.household,
        kind=command.kind,
        incident=command.incident,
        village=household.village,
        amount=cents(due[0] if command.amount is None else command.amount),
        payer=command.by.division,
        fund=command.fund or f"budget of {command.by.division}",
        reference=None,
        by=command.by.actor,
        at=command.now,
        urgent=True,
        reason=command.reason or "",
        second=command.cosigner.actor,
        person=household.person,
        fields=household.fields,
        purpose=command.purpose or PURPOSE,
        clocks=(deadline(rules, DISCLOSE, command.now), deadline(rules, PAPER, command.now)),
    )
    return Decided([(relief_stream(command.relief), paid), _once(paid)], basis="SAR-48")


def _once(paid: r.ReliefPaid) -> tuple[str, r.PaidOnce]:
    return paid_stream(paid.household, paid.kind, paid.incident), r.PaidOnce(paid.relief, paid.village, paid.at)


def _disclose(command: DiscloseUse, claim: Claim, states: States, rules: Rules) -> Decided | Sequence[Any]:
    """Said again it changes nothing. What is shown of the household ends after its time."""
    if claim.disclosed:
        return []
    claim.flow.require(claim.status, command)
    assert claim.village
    name = disclosure_of(command.relief)
    own = relief_stream(command.relief)
    seen: Disclosure = states[disclosure_stream(name)]
    disclosed = r.ReliefDisclosed(command.relief, name, command.by.actor, command.now, _running(claim, DISCLOSE))
    published = DisclosurePublished(
        disclosure=name,
        matter=Matter.RELIEF,
        incident=claim.incident,
        source=claim.fund,
        money={"paid": claim.paid},
        goods={},
        grants=(Grant(claim.village, claim.kind, claim.paid),),
        final=True,
        late=claim.clocks.late(DISCLOSE, command.now) is not None,
        until=command.now + rules.value(SHOWN),
        division=claim.payer,
        by=command.by.actor,
        at=command.now,
    )
    shown = [(disclosure_stream(name), published)] if seen.published is None else []
    return Decided([(own, disclosed), *shown], basis="NDR-26", flags=("A-LATE",) if published.late else ())


def _recover(command: RecoverRelief, claim: Claim, rules: Rules) -> Decided:
    if command.cosigner is None or command.cosigner.actor == command.by.actor:
        raise NotAllowed(Failure("two.persons", "a second person signs the order to give back too"))
    claim.flow.require(claim.status, command)
    if not command.reason:
        raise RuleBroken(Failure("NDR-30", "say what was found", "reason"))
    said = (command.relief, claim.paid, command.reason, command.by.actor, command.cosigner.actor, command.now)
    ordered = r.RecoveryOrdered(*said, (deadline(rules, RECOVER, command.now),))
    return Decided([(relief_stream(command.relief), ordered)], basis="NDR-30")


def _recovered(command: RecordRecovery, claim: Claim) -> Decided:
    claim.flow.require(claim.status, command)
    refuse_all(RuleBroken, unfit(command.amount, "amount"))
    if command.amount is not None and command.amount != claim.paid:
        raise RuleBroken(Failure("amount", f"{claim.paid} is to be given back, no more and no less", "amount"))
    over = (*_running(claim, RECOVER), *_running(claim, PAPER))  # nothing is left to be papered
    given = r.ReliefRecovered(command.relief, claim.paid, command.by.actor, command.now, over)
    return Decided([(relief_stream(command.relief), given)], basis="NDR-30")


def _running(claim: Claim, key: str) -> tuple[str, ...]:
    return (key,) if claim.clocks.runs(key) else ()
