"""Nothing is paid twice: an item, and each day of each person's work, is of one claim, whoever claims it and for which incident."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.compensation.deciders.claims.amounts import kind_of
from services.compensation.deciders.claims.commands import ClaimCompensation, WithdrawClaim
from services.compensation.deciders.claims.state import Claim
from services.compensation.deciders.entitlements.entitlement import OF_WORK, Entitlement, joined
from services.compensation.deciders.entitlements.once import Once
from services.compensation.deciders.streams import claim_stream, entitlement_stream, once_stream
from services.compensation.events.figures import ClaimKind, Day, Period
from services.compensation.events.once import OnceTaken
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, WrongState

States = Mapping[str, Any]
OF_CALL_UPS = (ClaimKind.VOLUNTEER, ClaimKind.FORCE)


def work_of(person: str) -> str:
    """The stream of somebody's days of work."""
    return once_stream(f"work.{person}")


def item_stream(kind: ClaimKind, item: str) -> str:
    """The stream of an item."""
    return once_stream(f"{kind.value}.{item}")


def free(days: Sequence[Day], claim: str, states: States) -> tuple[Day, ...]:
    """The days of work that no other claim has."""
    return tuple(day for day in days if _has(states[work_of(day.person)], day, claim) is None)


def take(
    command: ClaimCompensation, kind: ClaimKind, covers: tuple[Period, ...], entitlement: Entitlement, states: States, rules: Rules
) -> list[OnceTaken]:
    """What the claim has from now on. WrongState when another claim has it; of a call-up the days of others are left out."""
    division = command.by.division
    if kind in OF_CALL_UPS:
        sought = entitlement.days(covers) if entitlement.known else ()
        found = free(sought, command.claim, states)
        if sought and not found:
            raise once(_has(states[work_of(sought[0].person)], sought[0], command.claim))
        return list(taking(command.claim, command.claimant, found, (), states, division, command.now))
    stream = work_of(command.claimant) if kind in OF_WORK else item_stream(kind, command.item) if command.item else None
    if stream is None:
        return []
    unasked = command.by.has("SYS")  # the fact that it was taken says from whom: what others claimed of it is not theirs
    each = kind_of(kind, rules).get("once") == "claimant"  # several may claim it, each once
    has: Once = states[stream]
    if (before := has.holder(covers, but=command.claim, of=command.claimant if unasked or each else None)) is not None:
        raise once(before)
    taken = OnceTaken(stream.partition("-")[2], command.claim, command.claimant, covers, division, command.now)
    others = [one for one in has.sharing(covers, but=command.claim) if unasked and not each]
    return [taken, *(replace(one, covers=(), at=command.now) for one in others)]


def taking(
    claim: str, claimant: str, days: Sequence[Day], before: Collection[str], states: States, division: str | None, now: Any
) -> Iterable[OnceTaken]:
    """The days of each person that are the claim's from now on, where they differ; `before` are the persons of whom it had days."""
    for person in sorted({*before, *(day.person for day in days)}):
        covers = joined({day.day for day in days if day.person == person})
        if covers != states[work_of(person)].covers(claim):
            yield OnceTaken(f"work.{person}", claim, claimant, covers, division, now)


def taken_again(claim: Claim, covers: tuple[Period, ...], states: States, now: Any) -> list[OnceTaken]:
    """The claim has its thing for these days, and no other claim has any of them: the fact that it was taken says from whom."""
    facts: list[OnceTaken] = []
    for own in items(claim):
        others = states[own].sharing(covers, but=claim.claim)
        if others or states[own].covers(claim.claim) != covers:
            taken = OnceTaken(own.partition("-")[2], claim.claim, claim.claimant, covers, claim.division, now)
            facts += [taken, *(replace(one, covers=(), at=now) for one in others)]
    return facts


def freeing(command: WithdrawClaim, claim: Claim, states: States) -> list[tuple[str, OnceTaken]]:
    """Everything the claim had is nobody's."""
    had = [stream for stream in held(command, states) if states[stream].covers(command.claim)]
    return [(one, OnceTaken(one.partition("-")[2], command.claim, claim.claimant, (), claim.division, command.now)) for one in had]


def sought(command: ClaimCompensation, states: States) -> tuple[str, ...]:
    """What an opening may take."""
    entitlement: Entitlement = states[entitlement_stream(command.claimant, command.incident)]
    item = (item_stream(command.kind, command.item),) if command.kind is not None and command.item else ()
    beside = of_item(item[0], states) if item and command.by.has("SYS") else ()
    return (*item, *map(work_of, sorted({command.claimant, *entitlement.people})), *beside)


def of_item(stream: str, states: States) -> tuple[str, ...]:
    """The claims that have a thing, as far as its stream is known."""
    return tuple(map(claim_stream, sorted(states[stream].claims))) if stream in states else ()


def held(command: Any, states: States) -> tuple[str, ...]:
    """What a claim may have."""
    claim: Claim = states[claim_stream(command.claim)]
    stream = entitlement_stream(claim.claimant, claim.incident)
    kept = states[stream].claims.get(command.claim) if stream in states else None
    item = (item_stream(claim.kind, claim.item),) if claim.kind is not None and claim.item else ()
    return (*item, *map(work_of, sorted({claim.claimant, *(kept.workers if kept else ())})))


def items(claim: Claim) -> tuple[str, ...]:
    """The stream of what it is for, where that is a thing."""
    if claim.kind is None or claim.kind in OF_WORK or claim.item is None:
        return ()
    return (item_stream(claim.kind, claim.item),)


def lost_it(claim: Claim, states: States) -> tuple[str, ...]:
    """The claims from which that thing was taken, as far as its stream is known."""
    return tuple(claim_stream(one) for own in items(claim) if own in states for one in sorted(states[own].lost - {claim.claim}))


def paid_before(claim: Claim, states: States) -> list[str]:
    """The other claims that were paid for the same days of the same thing, before it showed whose it was."""
    others: list[Claim] = [states[one] for one in lost_it(claim, states)]
    return [one.claim for one in others if one.paid > 0 and any(a.overlaps(b) for a in one.covers for b in claim.covers)]


def has_it(claim: Claim, states: States) -> str | None:
    """The other claim that has what it is for by now."""
    for own in items(claim):
        has: Once = states[own]
        if not has.covers(claim.claim) and (other := has.holder(claim.covers, but=claim.claim)) is not None:
            return other
    return None


def require_had(claim: Claim, states: States) -> None:
    """WrongState when what it is for is another's claim by now."""
    if (other := has_it(claim, states)) is not None:
        raise once(other)


def once(before: str | None) -> WrongState:
    """Another claim covers it."""
    return WrongState(Failure("claim.once", f"{before} covers this period: add to it, name other days, or withdraw it"))


def _has(has: Once, day: Day, claim: str) -> str | None:
    return has.holder((Period(day.day, day.day),), but=claim)
