"""What a claim comes to: formula and reasons; another officer decides (domain 3.13; PIPL art. 24: no machine decides)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.compensation.deciders.claims.amounts import Counted, lines, rates_of, total
from services.compensation.deciders.claims.commands import Assessing, ReassessClaim
from services.compensation.deciders.claims.deciding import APPLY, LOOK, PAY, counted_anew, require_back
from services.compensation.deciders.claims.proving import interested
from services.compensation.deciders.claims.state import FLOW, OPENED, REOPENED, Claim
from services.compensation.deciders.claims.taking import free, has_it, held, require_had, taking, work_of
from services.compensation.deciders.claims.unasked import DECIDE
from services.compensation.deciders.entitlements.entitlement import Entitlement, joined
from services.compensation.deciders.streams import claim_stream, entitlement_stream, leader_stream, once_stream, tariff_stream
from services.compensation.events.claim import ClaimAssessed
from services.compensation.events.figures import ClaimKind, Day, Line, Period
from shared.blocks.deadlines import deadline
from shared.blocks.money import cents, unfit
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all


def assess(command: Assessing, states: Mapping[str, Any], rules: Rules) -> Decided:
    """The lines of the formula are kept with the amount; where the assessor differs from it, why."""
    own = claim_stream(command.claim)
    claim: Claim = states[own]
    if interested(command.by, claim.claimant, states[leader_stream(claim.claimant)]):
        raise NotAllowed(Failure("claim.assessor", "nobody assesses the own claim; another officer assesses"))
    nothing = command.amount == 0 and has_it(claim, states) is not None  # another has what it is for: it comes to nothing
    if claim.status == OPENED and not nothing:
        raise WrongState(Failure("claim.incomplete", f"still missing: {', '.join(claim.missing)}"))
    FLOW.require(claim.status, command)
    if not nothing:
        _require_whole(claim, states)
    guard = entitlement_stream(claim.claimant, claim.incident)
    entitlement: Entitlement = states[guard]
    kept = entitlement.claims.get(command.claim)
    covers = kept.covers if kept else claim.covers
    done = entitlement.days(covers) if claim.entitled else ()
    days = free(done, command.claim, states)
    fixed = _fixed(covers, days)  # what was claimed before the days were known covers them and no later ones
    counted = () if nothing else _lines(claim, days, command, states, rules)
    computed = total(counted)
    amount = computed if command.amount is None else command.amount
    faults = unfit(command.amount, "amount") or _unreasoned(command, claim, amount, computed)
    payer = _payer(claim, command)
    if payer is None:
        faults.append(Failure("RQ-11", "nobody is known to pay: assess it where it is to be paid"))
    if claim.entitled and entitlement.known and (claim.kind is ClaimKind.FORCE) != entitlement.force:
        faults.append(Failure("claim.kind", "it was claimed as another kind than they were called as: withdraw it and claim anew"))
    anew = isinstance(command, ReassessClaim) and claim.status != REOPENED
    if anew and not faults:
        _require_more(claim, amount, entitlement)
    refuse_all(RuleBroken, faults)
    assert payer is not None
    assessed = ClaimAssessed(
        claim=command.claim,
        lines=counted,
        computed=computed,
        amount=cents(amount),
        reason=command.reason or "",
        payer=payer,
        responsible=command.responsible,
        round=claim.round + 1 if isinstance(command, ReassessClaim) else max(claim.round, 1),
        by=command.by.actor,
        at=command.now,
        revisions=entitlement.revisions(fixed) if claim.entitled else (),
        clocks=(deadline(rules, DECIDE, command.now),) if anew else (),
        stopped=tuple(key for key in (LOOK, *((APPLY, PAY) if anew else ())) if claim.clocks.runs(key)),
    )
    facts: list[tuple[str, Any]] = [(own, assessed)]
    if kept is not None and claim.entitled:
        workers = tuple(sorted({day.person for day in days}))
        if (fixed, workers) != (kept.covers, kept.workers):
            facts.append((guard, replace(kept, covers=fixed, entitled=True, workers=workers, at=command.now, met=())))
        had = taking(command.claim, claim.claimant, days, kept.workers, states, payer, command.now)
        facts += [(once_stream(one.what), one) for one in had]
    elsewhere = [f"{day.person} {day.day}" for day in done if day not in days]
    return Decided(facts, answer={"computed": str(computed)} | ({"elsewhere": elsewhere} if elsewhere else {}))


def _unreasoned(command: Assessing, claim: Claim, amount: Decimal, computed: Decimal) -> list[Failure]:
    """Whoever assesses it otherwise than the formula, or than a fact or who claims said, says why."""
    faults = []
    if amount != computed and not command.reason:
        faults.append(Failure("claim.reason", f"the formula comes to {computed}; say why it is to be {cents(amount)}", "reason"))
    if claim.differs and not command.reason:
        cure = "what was said differs from what is counted (`otherwise` of GetClaim): say why it is assessed so"
        faults.append(Failure("claim.otherwise", cure, "reason"))
    return faults


def _require_whole(claim: Claim, states: Mapping[str, Any]) -> None:
    """Everything was brought, the thing is its own, and back."""
    if claim.missing:
        raise WrongState(Failure("claim.incomplete", f"still missing: {', '.join(claim.missing)}"))
    require_had(claim, states)
    require_back(claim)


def _fixed(covers: tuple[Period, ...], days: tuple[Day, ...]) -> tuple[Period, ...]:
    return joined({day.day for day in days}) if days and any(None in (one.since, one.until) for one in covers) else covers


def _require_more(claim: Claim, amount: Decimal, entitlement: Entitlement) -> None:
    """What was paid is assessed anew only upwards, and only when what was done turned out otherwise."""
    if claim.settled or not counted_anew(claim, entitlement):
        raise WrongState(Failure("claim.state", "nothing it was counted from has changed since: who claims may ask for a review"))
    if amount <= (claim.decided or 0):
        raise RuleBroken(Failure("amount", f"decided {claim.decided}: it is assessed anew only when it comes to more", "amount"))


def _lines(claim: Claim, days: tuple[Day, ...], command: Assessing, states: Mapping[str, Any], rules: Rules) -> tuple[Line, ...]:
    assert claim.kind is not None and claim.opened is not None
    tariffs = [states[stream] for stream in _tariffs(claim, command)]
    rates = rates_of(claim.tariff or "", tariffs, rules)
    return lines(claim.kind, Counted(days, claim.figures, rates, _last(claim, days)), rules)


def _last(claim: Claim, days: tuple[Day, ...]) -> date:
    """The last day of service or of what was claimed, else the day it was claimed."""
    assert claim.opened is not None
    untils = [period.until for period in claim.covers if period.until is not None]
    return max((day.day for day in days), default=max(untils, default=claim.opened.date()))


def _payer(claim: Claim, command: Assessing) -> str | None:
    """Who called or took it; where that is not known, whose officer assesses."""
    return claim.payer or command.by.division


def _tariffs(claim: Claim, command: Assessing) -> tuple[str, ...]:
    """Of who pays; where it set none, of whose officer assesses, such as a banner for its townships."""
    divisions = dict.fromkeys(one for one in (_payer(claim, command), command.by.division) if one)
    return tuple(tariff_stream(one, claim.tariff) for one in divisions) if claim.tariff else ()


def surroundings(command: Assessing, states: Mapping[str, Any]) -> tuple[str, ...]:
    """What it is assessed by: what was done, who leads the force, the rates of who pays."""
    claim: Claim = states[claim_stream(command.claim)]
    if not claim.claimant:
        return ()
    guard = entitlement_stream(claim.claimant, claim.incident)
    people = map(work_of, sorted(states[guard].people)) if guard in states else ()
    return (guard, leader_stream(claim.claimant), *_tariffs(claim, command), *held(command, states), *people)
