"""Claims that the system opens, for whom something was taken from: nobody else can hold their id (ERL-12, SEED-25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from services.compensation.deciders.claims.commands import ClaimCompensation
from services.compensation.deciders.claims.state import NEW, WITHDRAWN, Claim
from services.compensation.deciders.streams import claim_stream
from shared.kernel.errors import Failure

RESERVED = "SYS-"
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


def _same(claim: Claim, command: ClaimCompensation) -> bool:
    """Whether it is of this claimant and for this matter; one that was withdrawn only where the system had opened it."""
    matter = (claim.claimant, claim.incident, claim.item) == (command.claimant, command.incident, command.item)
    alike = matter and command.kind in (None, claim.kind)
    return alike and (claim.status != WITHDRAWN or command.by.actor in claim.taken_part)
