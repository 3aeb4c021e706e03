"""Claims that the system opens, for whom something was taken from: nobody else can hold their id (ERL-12, SEED-25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from services.compensation.deciders.claims.commands import ClaimCompensation
from services.compensation.deciders.claims.proving import FIGURES, evidence_of, figures_of, missing
from services.compensation.deciders.claims.state import NEW, PREPARED, WITHDRAWN, Claim
from services.compensation.deciders.claims.taking import item_stream, taken_again
from services.compensation.deciders.entitlements.once import Once
from services.compensation.deciders.streams import claim_stream, entitlement_stream, once_stream
from services.compensation.events.figures import NOTHING_STATED, Period
from services.compensation.events.ground import ClaimRestated, Ground
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure

RESERVED = "SYS-"
DECIDE = "K-27"
TRIAGE = "Q-TRIAGE"  # another claimed it before: somebody looks at it


def own_id(command: ClaimCompensation) -> str:
    """The id it has when somebody took the one it was to have: it follows from what is claimed, so a repeat finds it."""
    what = (command.claim, command.claimant, command.incident, command.kind, command.item)
    return RESERVED + sha256(" ".join(map(str, what)).encode()).hexdigest()[:16]


def reserved(claim: str) -> list[Failure]:
    """The fault of a person who names such an id."""
    cure = f"ids that begin with {RESERVED} are given by the system: name another"
    return [Failure("claim.id", cure, "claim")] if claim.startswith(RESERVED) else []


def to_open(command: ClaimCompensation, states: Mapping[str, Any]) -> ClaimCompensation | None:
    """The command under an id that is free; None when this very claim is there already."""
    for name in (command.claim, own_id(command)):
        claim: Claim = states[claim_stream(name)]
        if claim.status == NEW:
            return replace(command, claim=name)
        if _same(claim, command):
            return None
    return None


def brought_back(
    command: ClaimCompensation, states: Mapping[str, Any], rules: Rules
) -> tuple[list[tuple[str, Any]], tuple[str, ...], bool]:
    """What had been out again is back: what is counted now, what somebody looks at, and whether it is claimed for by that already.

    The system's own claim is restated and has every day of it; what others claimed goes on as they stated it.
    """
    if command.kind is None or command.item is None:
        return [], (), False
    has: Once = states[item_stream(command.kind, command.item)]
    names = dict.fromkeys((command.claim, own_id(command), *has.claims))
    waiting = [one for one in (states[claim_stream(name)] for name in names) if _waits(one, command)]
    own = next((one for one in waiting if command.by.actor in one.taken_part and _same(one, command)), None)
    covers = (Period(command.since, command.until),)
    facts: list[tuple[str, Any]] = [(claim_stream(one.claim), _restated(one, command, one is own, rules)) for one in waiting]
    if own is None:
        has_it = bool(facts) and has.holder(covers, but="", of=command.claimant) is not None
        return facts, (), has_it or (command.damage == 0 and command.days is None)  # lent, and whole: nothing to claim
    guard = entitlement_stream(own.claimant, own.incident)
    if (kept := states[guard].claims.get(own.claim)) is not None:
        facts.append((guard, replace(kept, covers=covers, at=command.now, met=())))
    taken = taken_again(own, covers, states, command.now)
    facts += [(once_stream(one.what), one) for one in taken]
    dropped = own.put_right and figures_of(command, NOTHING_STATED) != own.figures
    looked_at = dropped or any(one.claim != own.claim for one in taken)
    return facts, (TRIAGE,) if looked_at else (), True


def _waits(claim: Claim, command: ClaimCompensation) -> bool:
    """Whether it is for this thing, and waits until that is back; what was given up waits for nothing."""
    return claim.doubt is Ground.NOT_BACK and claim.status != WITHDRAWN and (claim.kind, claim.item) == (command.kind, command.item)


def _restated(claim: Claim, command: ClaimCompensation, own: bool, rules: Rules) -> ClaimRestated:
    """Counted from what is said now where it is the system's own, else from what was stated in it."""
    assert claim.kind is not None
    figures = figures_of(command, NOTHING_STATED) if own else claim.figures
    covers = (Period(command.since, command.until),) if own else claim.covers
    brought = command.evidence if own else ()
    lacks = missing(claim.kind, figures, (*claim.evidence, *(one.kind for one in brought)), claim.entitled, rules)
    lacks = tuple(one for one in lacks if not own or one != FIGURES)  # it may come to nothing
    clocks = (deadline(rules, DECIDE, command.now),) if claim.status in PREPARED and not lacks else ()
    return ClaimRestated(claim.claim, figures, covers, evidence_of(brought), lacks, command.now, clocks)


def _same(claim: Claim, command: ClaimCompensation) -> bool:
    """Whether it is of this claimant and for this matter; one that was withdrawn only where the system had opened it."""
    matter = (claim.claimant, claim.incident, claim.item) == (command.claimant, command.incident, command.item)
    alike = matter and command.kind in (None, claim.kind)
    return alike and (claim.status != WITHDRAWN or command.by.actor in claim.taken_part)
