"""A claim until it is complete: opened once for each day, proved, entitled, withdrawn (domain 3.13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from services.compensation.deciders.claims.amounts import kind_of
from services.compensation.deciders.claims.commands import AddEvidence, ClaimCompensation, NoteEntitlement, WithdrawClaim
from services.compensation.deciders.claims.proving import (
    account_alone,
    account_by_two,
    evidence_of,
    faults,
    figures_of,
    for_another,
    missing,
    speaker,
    to_bring,
    to_decide,
)
from services.compensation.deciders.claims.state import FLOW, PREPARED, Claim
from services.compensation.deciders.claims.taking import OF_CALL_UPS, free, freeing, once, take
from services.compensation.deciders.claims.telling import instead, take_up
from services.compensation.deciders.claims.unasked import DECIDE, TRIAGE, reserved, to_open
from services.compensation.deciders.entitlements.entitlement import OF_WORK, OPEN, Entitlement
from services.compensation.deciders.entitlements.leader import Leader
from services.compensation.deciders.entitlements.place import Place
from services.compensation.deciders.streams import claim_stream, entitlement_stream, incident_stream, leader_stream, once_stream
from services.compensation.events.claim import ClaimEntitled, ClaimOpened, ClaimWithdrawn, EvidenceAdded
from services.compensation.events.entitlement import PeriodClaimed, PeriodFreed
from services.compensation.events.figures import NOTHING_STATED, ClaimKind, Period
from services.compensation.events.ground import Ground
from services.compensation.events.once import OnceTaken
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import DomainError, Failure, RuleBroken, WrongState, refuse_all

INCOMPLETE = "A-INCOMPLETE"
States = Mapping[str, Any]


class NotTakenUp(Exception):
    """What follows from a fact fits no rule. No refusal, which nobody would see: the fact is parked, and replayed once that is mended."""


def open_claim(command: ClaimCompensation, states: States, rules: Rules) -> Decided:
    """Taken even when incomplete; never twice for the same days. What the system claims is never lost: other claims take it up, or it
    opens one, or the fact it follows from is parked."""
    if not command.by.has("SYS"):
        return _opened(command, states, rules)
    taken, flags, claimed = take_up(command, states, rules)
    unasked = None if claimed else to_open(command, states)
    guard = entitlement_stream(command.claimant, command.incident)
    if unasked is None or (command.kind is None and not _left(command, states[guard], states)):
        return Decided(taken, flags=flags)
    try:
        opened = _opened(unasked, states, rules, instead(command, unasked.claim, states))
    except DomainError as refusal:
        raise NotTakenUp(f"{command.claim} of {command.claimant}: {refusal}") from refusal
    return replace(opened, events=[*taken, *opened.events], flags=tuple(dict.fromkeys((*flags, *opened.flags))))


def _opened(command: ClaimCompensation, states: States, rules: Rules, instead_of: str | None = None) -> Decided:
    guard = entitlement_stream(command.claimant, command.incident)
    entitlement: Entitlement = states[guard]
    leader: Leader = states[leader_stream(command.claimant)]
    other = not command.by.has("SYS") and for_another(command.by, command.claimant, speaker(leader, entitlement, command.kind))
    own = claim_stream(command.claim)
    FLOW.require(states[own].status, command)
    if other and command.account is not None:
        account_by_two(command, "where another's money goes")
    kind = _kind(command, entitlement, leader)
    covers = _covers(command, kind, entitlement)
    if kind in OF_WORK and (before := entitlement.covering(covers)) is not None:
        raise once(before)
    taken = take(command, kind, covers, entitlement, states, rules) if kind is not None else []
    faulty = (*_unsaid(command, kind, other, rules), *faults(command, kind, other, rules), *_unfounded(command, kind, entitlement, states))
    refuse_all(RuleBroken, faulty)
    assert kind is not None
    needs = bool(kind_of(kind, rules)["entitlement"])
    figures = figures_of(command, NOTHING_STATED)
    lacks = missing(kind, figures, [one.kind for one in command.evidence], entitlement.known and needs, rules)
    payer = entitlement.payer if needs else command.by.division if command.by.has("SYS") or other else None
    opened = ClaimOpened(
        claim=command.claim,
        kind=kind,
        claimant=command.claimant,
        incident=command.incident,
        item=command.item,
        covers=covers,
        figures=figures,
        tariff=command.tariff or kind_of(kind, rules)["tariff"] or None,
        evidence=evidence_of(command.evidence),
        missing=lacks,
        entitled=entitlement.known and needs,
        payer=payer,
        account=command.account,
        on_behalf=command.on_behalf or "",
        by=command.by.actor,
        division=payer or command.by.division,
        at=command.now,
        clocks=() if lacks else (deadline(rules, DECIDE, command.now),),
        instead_of=instead_of,
    )
    kept = _kept(opened, entitlement, taken)
    flags = (*((INCOMPLETE,) if lacks else ()), *((TRIAGE,) if any(one.claim != opened.claim for one in taken) else ()))
    facts = [(own, opened), (guard, kept), *((once_stream(one.what), one) for one in taken)]
    return Decided(facts, answer={"missing": to_bring(lacks, command.account)}, basis=kind_of(kind, rules)["basis"], flags=flags)


def _kept(opened: ClaimOpened, entitlement: Entitlement, taken: Iterable[OnceTaken]) -> PeriodClaimed:
    """What the claimant's own record says of the claim."""
    return PeriodClaimed(
        claimant=opened.claimant,
        incident=opened.incident,
        claim=opened.claim,
        kind=opened.kind,
        item=opened.item,
        covers=opened.covers,
        entitled=opened.entitled,
        division=opened.division,
        at=opened.at,
        met=(OPEN,) if opened.kind in OF_WORK and entitlement.clocks.runs(OPEN) else (),
        workers=tuple(one.what.removeprefix("work.") for one in taken) if opened.kind in OF_WORK else (),
    )


def _left(command: ClaimCompensation, entitlement: Entitlement, states: States) -> bool:
    """Whether any day of service is in no claim, of whomever."""
    return bool(free(entitlement.days(entitlement.unclaimed()), command.claim, states))


def prepare(command: AddEvidence | NoteEntitlement | WithdrawClaim, states: States, rules: Rules) -> Decided:
    """More proof; what was done, once it is known; or the claim is given up."""
    own = claim_stream(command.claim)
    claim: Claim = states[own]
    if isinstance(command, NoteEntitlement):
        return _entitle(command, claim, states, rules)
    leader: Leader = states[leader_stream(claim.claimant)]
    entitlement: Entitlement = states[entitlement_stream(claim.claimant, claim.incident)]
    other = for_another(command.by, claim.claimant, speaker(leader, entitlement, claim.kind))
    FLOW.require(claim.status, command)
    if isinstance(command, WithdrawClaim):
        return _withdraw(command, claim, other, states)
    assert claim.kind is not None
    alone = account_alone(command)
    if claim.status not in PREPARED and not alone:
        said = "it is decided: only `account`, where it is paid, may still be named; for all else ask for a review (FileAppeal)"
        raise WrongState(Failure("claim.state", said))
    if other and command.account is not None:
        account_by_two(command, "where another's money goes")
    refuse_all(RuleBroken, [*_nothing(command), *faults(command, claim.kind, other, rules)])
    figures = figures_of(command, claim.figures)
    proofs = (*claim.evidence, *(one.kind for one in command.evidence))
    lacks = claim.missing if alone else missing(claim.kind, figures, proofs, claim.entitled, rules)
    waits = claim.status not in PREPARED or claim.doubt is Ground.NOT_BACK
    clocks, stopped = ((), ()) if waits else to_decide(claim, lacks, command.now, rules)
    added = EvidenceAdded(
        command.claim,
        evidence_of(command.evidence),
        figures,
        command.account,
        lacks,
        command.by.actor,
        command.now,
        clocks,
        stopped,
    )
    answer = {"missing": to_bring(lacks, command.account or claim.account)}
    return Decided([(own, added)], answer=answer, flags=(INCOMPLETE,) if lacks else ())


def _withdraw(command: WithdrawClaim, claim: Claim, other: bool, states: States) -> Decided:
    """What it had may be claimed again, unless it was paid for."""
    if claim.paid:
        raise WrongState(Failure("claim.state", f"{claim.paid} of it was paid: it is decided anew, not withdrawn"))
    if other and not command.on_behalf:
        raise RuleBroken(Failure("claim.on_behalf", "say why who claims does not withdraw it themself", "on_behalf"))
    stopped = tuple(due.key for due in claim.clocks.open())
    withdrawn = ClaimWithdrawn(command.claim, command.by.actor, command.now, stopped, command.on_behalf or "")
    freed = PeriodFreed(claim.claimant, command.claim, command.now)
    guard = entitlement_stream(claim.claimant, claim.incident)
    return Decided([(claim_stream(command.claim), withdrawn), (guard, freed), *freeing(command, claim, states)])


def _entitle(command: NoteEntitlement, claim: Claim, states: States, rules: Rules) -> Decided:
    entitlement: Entitlement = states[entitlement_stream(claim.claimant, claim.incident)]
    if claim.entitled or not entitlement.known or not FLOW.allows(claim.status, NoteEntitlement) or claim.kind is None:
        return Decided()
    if not kind_of(claim.kind, rules)["entitlement"]:
        return Decided()
    lacks = missing(claim.kind, claim.figures, claim.evidence, True, rules)
    clocks, _ = to_decide(claim, lacks, command.now, rules)
    return Decided([(claim_stream(command.claim), ClaimEntitled(command.claim, lacks, entitlement.payer, command.now, clocks))])


def _kind(command: ClaimCompensation, entitlement: Entitlement, leader: Leader) -> ClaimKind | None:
    """Of a call-up it follows from who was called."""
    if command.kind is not None:
        return command.kind
    if command.item is not None:
        return None
    if entitlement.force if entitlement.known else leader.leader is not None or command.by.has("TEAM"):
        return ClaimKind.FORCE
    return ClaimKind.VOLUNTEER if entitlement.known or command.by.has("VOL") else None


def _covers(command: ClaimCompensation, kind: ClaimKind | None, entitlement: Entitlement) -> tuple[Period, ...]:
    """The days named; of a call-up else every day that nobody claimed yet."""
    named = command.since is not None or command.until is not None
    if kind in OF_CALL_UPS and entitlement.known and not named:
        return entitlement.unclaimed() or (Period(),)
    return (Period(command.since, command.until),)


def _unfounded(command: ClaimCompensation, kind: ClaimKind | None, entitlement: Entitlement, states: States) -> Iterable[Failure]:
    """What does not fit what is known of the incident, and of who was called as what."""
    if command.incident is not None and not command.by.has("SYS"):  # what follows from a fact names an incident that was open
        place: Place = states[incident_stream(command.incident)]
        if place.division is None and not entitlement.known:
            yield Failure("claim.incident", f"no incident {command.incident} is known: name the right one, or leave it out", "incident")
    if kind in OF_CALL_UPS and entitlement.known and (kind is ClaimKind.FORCE) != entitlement.force:
        yield Failure("claim.kind", f"{command.claimant} was called as a {'force' if entitlement.force else 'volunteer'}", "kind")
    leader: Leader = states[leader_stream(command.claimant)]
    if kind is ClaimKind.LABOUR and (entitlement.force or leader.leader is not None):
        yield Failure("claim.kind", f"{command.claimant} is a force and claims as one: {ClaimKind.FORCE.value}", "kind")


def _unsaid(command: ClaimCompensation, kind: ClaimKind | None, other: bool, rules: Rules) -> Iterable[Failure]:
    if not command.by.has("SYS"):
        yield from reserved(command.claim)
    if kind is None:
        yield Failure("claim.kind", f"name the kind: {', '.join(ClaimKind)}", "kind")
    elif kind not in OF_WORK and command.item is None:
        yield Failure("claim.item", "name what it is about: the requisition, agreement, herd or order", "item")
    elif kind in OF_CALL_UPS and command.item is not None:
        yield Failure("claim.item", "a call-up is claimed for by its days: leave the item out", "item")
    elif kind is ClaimKind.LABOUR and None in (command.since, command.until):
        yield Failure("claim.period", "name the days of work: since and until", "since")
    usual = kind_of(kind, rules)["tariff"] if kind is not None else ""
    if command.tariff is not None and kind is not None and not (usual and f"{command.tariff}_".startswith(f"{usual}_")):
        yield Failure("claim.tariff", f"{kind.value} is paid by {usual or 'what was lost, without a tariff'}", "tariff")
    if command.since is not None and command.until is not None and command.until < command.since:
        yield Failure("claim.period", "until is not before since", "until")
    if other and not command.on_behalf:
        yield Failure("claim.on_behalf", "say why who claims does not enter it themself", "on_behalf")


def _nothing(command: AddEvidence) -> Iterable[Failure]:
    stated = (command.receipts, command.km, command.boat_hours, command.days, command.damage, command.loss, command.account)
    if not command.evidence and all(value is None for value in stated):
        yield Failure("claim.evidence", "name a proof, a figure or the account", "evidence")
