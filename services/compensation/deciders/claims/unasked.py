"""Claims that the system opens, for whom something was taken from: nobody else can hold their id (ERL-12, SEED-25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from services.compensation.deciders.claims.commands import ClaimCompensation
from services.compensation.deciders.claims.state import NEW, TOLD, WITHDRAWN, Claim
from services.compensation.deciders.streams import claim_stream
from shared.kernel.errors import Failure

RESERVED = "SYS-"
DECIDE = "K-27"
TRIAGE = "Q-TRIAGE"  # another claimed it before: somebody looks at it


def reserved(claim: str) -> list[Failure]:
    """The fault of a person who names such an id."""
    cure = f"ids that begin with {RESERVED} are given by the system: name another"
    return [Failure("claim.id", cure, "claim")] if claim.startswith(RESERVED) else []


def to_open(command: ClaimCompensation, states: Mapping[str, Any]) -> ClaimCompensation | None:
    """The command under an id that is free; None when a claim took it up already."""
    for name in possible(command):
        claim: Claim = states[claim_stream(name)]
        if claim.status == NEW:
            return replace(command, claim=name)
        if heard(claim, command):
            return None
    return None


def possible(command: ClaimCompensation) -> tuple[str, ...]:
    """The ids it may have, in this order, for where somebody took the first; they follow from what is claimed, so a repeat finds them. The
    last is of that one fact: a claim that was given up stays given up, and what is taken again has another."""
    return tuple(dict.fromkeys((command.claim, _hashed(command), _hashed(command, *sorted(proofs_of(command))))))


def proofs_of(command: ClaimCompensation) -> frozenset[str]:
    """Where what it brings is kept: of the system's claims the facts they follow from."""
    return frozenset(one.document for one in command.evidence if one.document)


def heard(claim: Claim, command: ClaimCompensation) -> bool:
    """Whether that claim took up what the system brings: it opened it from these facts, or told it of them."""
    proofs = proofs_of(command)
    if not proofs:  # what nobody claimed in time: its id is of the event that says so
        return same(claim, command)
    return proofs <= {proof for by, proof in claim.heard if by in (TOLD, command.by.actor)}


def same(claim: Claim, command: ClaimCompensation) -> bool:
    """Whether it is of this claimant and for this matter; one that was withdrawn only where the system had opened it."""
    matter = (claim.claimant, claim.incident, claim.item) == (command.claimant, command.incident, command.item)
    alike = matter and command.kind in (None, claim.kind)
    return alike and (claim.status != WITHDRAWN or command.by.actor in claim.taken_part)


def _hashed(command: ClaimCompensation, *more: str) -> str:
    what = (command.claim, command.claimant, command.incident, command.kind, command.item, *more)
    return RESERVED + sha256(" ".join(map(str, what)).encode()).hexdigest()[:16]
