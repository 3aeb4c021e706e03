"""Claims that the system opens, for whom something was taken from: nobody else can hold their id (ERL-12, SEED-25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from services.compensation.deciders.claims.commands import ClaimCompensation
from services.compensation.deciders.claims.proving import FIGURES, evidence_of, figures_of, missing
from services.compensation.deciders.claims.state import NEW, PREPARED, WITHDRAWN, Claim
from services.compensation.deciders.claims.taking import taken_for
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


def restated(command: ClaimCompensation, states: Mapping[str, Any], rules: Rules) -> list[tuple[str, Any]]:
    """What had been out again is back: what its claim is counted from, and for which days, is what is said now. Else nothing."""
    found = (states[claim_stream(name)] for name in (command.claim, own_id(command)))
    claim: Claim | None = next((one for one in found if one.doubt is Ground.NOT_BACK and _same(one, command)), None)
    if claim is None or claim.kind is None:
        return []
    figures, covers = figures_of(command, NOTHING_STATED), (Period(command.since, command.until),)
    proofs = (*claim.evidence, *(one.kind for one in command.evidence))
    lacks = tuple(one for one in missing(claim.kind, figures, proofs, claim.entitled, rules) if one != FIGURES)  # it may come to nothing
    waits = claim.status in PREPARED and not lacks
    clocks = (deadline(rules, DECIDE, command.now),) if waits else ()
    facts: list[tuple[str, Any]] = [
        (claim_stream(claim.claim), ClaimRestated(claim.claim, figures, covers, evidence_of(command.evidence), lacks, command.now, clocks))
    ]
    guard = entitlement_stream(claim.claimant, claim.incident)
    if (kept := states[guard].claims.get(claim.claim)) is not None:
        facts.append((guard, replace(kept, covers=covers, at=command.now, met=())))
    return [*facts, *((once_stream(one.what), one) for one in taken_for(claim, covers, states, command.now))]


def _same(claim: Claim, command: ClaimCompensation) -> bool:
    """Whether it is of this claimant and for this matter; one that was withdrawn only where the system had opened it."""
    matter = (claim.claimant, claim.incident, claim.item) == (command.claimant, command.incident, command.item)
    alike = matter and command.kind in (None, claim.kind)
    return alike and (claim.status != WITHDRAWN or command.by.actor in claim.taken_part)
