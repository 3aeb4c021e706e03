"""Whose affair a claim is, and everything it misses, told at once (SEED-2, SEED-12; domain 3.13)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from services.compensation.deciders.claims.amounts import kind_of
from services.compensation.deciders.claims.commands import AddEvidence, ClaimCompensation, Proof
from services.compensation.deciders.claims.state import PREPARED, Claim
from services.compensation.deciders.claims.unasked import DECIDE
from services.compensation.deciders.entitlements.entitlement import Entitlement
from services.compensation.deciders.entitlements.leader import Leader
from services.compensation.events.figures import ClaimKind, Evidence, Figures
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.blocks.money import cents, unfit, unreferenced
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed

OFFICERS = ("EMD", "CIV", "L4.office", "L5.committee")
ENTITLEMENT, FIGURES, ACCOUNT = "entitlement", "figures", "account"
STATED = ("receipts", "km", "boat_hours", "days", "damage", "loss")


def for_another(by: Signature, claimant: str, speaker: str | None) -> bool:
    """Whether an officer acts for who claims. NotAllowed unless it is the claimant, who speaks for the force, or an officer."""
    if by.actor in (claimant, speaker):
        return False
    if by.has(*OFFICERS):
        return True
    raise NotAllowed(Failure("claim.own", "each claims for themself, a leader for the own force; an officer may enter it for who cannot"))


def speaker(leader: Leader, entitlement: Entitlement, kind: ClaimKind | None) -> str | None:
    """Who speaks for who claims: the leader of a force; of a person whose registration was merged the one that is kept, else nobody,
    whatever force has the same id."""
    person = entitlement.force is False or kind is ClaimKind.VOLUNTEER
    if person or leader.leader is None:
        return leader.into
    return leader.leader


def account_by_two(command: Command, why: str) -> str | None:
    """Who else says that the money goes there. NotAllowed unless a second person signs."""
    second = command.cosigner
    if second is None or second.actor == command.by.actor:
        raise NotAllowed(Failure("two.persons", f"{why}: a second person signs too"))
    return second.actor


def interested(by: Signature, claimant: str, leader: Leader) -> bool:
    """Who would gain by it."""
    return by.actor in (claimant, leader.leader, leader.into)


def figures_of(command: ClaimCompensation | AddEvidence, before: Figures) -> Figures:
    """What is stated, with what was stated before where nothing is."""
    given = {name: value for name in STATED if (value := getattr(command, name)) is not None}
    return Figures(**{name: cents(given.get(name, getattr(before, name))) for name in STATED})


def evidence_of(proofs: Sequence[Proof]) -> tuple[Evidence, ...]:
    """The proofs as facts hold them."""
    return tuple(Evidence(one.kind, one.document) for one in proofs)


def faults(command: ClaimCompensation | AddEvidence, kind: ClaimKind | None, other: bool, rules: Rules) -> Iterable[Failure]:
    """Numbers that are none, proofs of no known kind, content where a reference belongs."""
    for name in STATED:
        value = getattr(command, name)
        yield from unfit(value, name)
        if value and kind is not None and name not in kind_of(kind, rules)["terms"]:
            yield Failure("claim.figure", f"{kind.value} is not counted from {name}", name)
    known = sorted({row["evidence"] for row in rules.value("compensation.evidence")})
    for one in command.evidence:
        if one.kind not in known:
            yield Failure("claim.evidence", f"{one.kind} is no kind of proof: {', '.join(known)}", "evidence")
        if one.document is None and not (other or command.by.has("SYS")):
            yield Failure("claim.evidence", f"name where the {one.kind} is kept; an officer may note that it was seen", "evidence")
        yield from unreferenced(one.document, "evidence")
    yield from unpayable(command.account, rules)


def missing(kind: ClaimKind, figures: Figures, proofs: Collection[str], entitled: bool, rules: Rules) -> tuple[str, ...]:
    """All of it, in one list: what the service itself waits for, and what is to be brought."""
    found = [ENTITLEMENT] if kind_of(kind, rules)["entitlement"] and not entitled else []
    for row in rules.value("compensation.evidence"):
        if row["kind"] == kind and row["evidence"] not in proofs and _asked(row, figures):
            found.append(row["evidence"])
    if not kind_of(kind, rules)["entitlement"] and not any(getattr(figures, term, None) for term in kind_of(kind, rules)["terms"]):
        found.append(FIGURES)
    return tuple(found)


def to_bring(lacks: Collection[str], account: str | None) -> list[str]:
    """All of it with where it is to be paid, which no assessment waits for: without it nothing is paid."""
    return [*lacks] if account else [*lacks, ACCOUNT]


def account_alone(command: AddEvidence) -> bool:
    """Whether nothing is said but where it is to be paid."""
    return command.account is not None and not command.evidence and all(getattr(command, name) is None for name in STATED)


def unpayable(account: str | None, rules: Rules) -> list[Failure]:
    """A fault unless it is nothing, a reference, or a way of payment without an account."""
    ways = rules.value("compensation.ways")
    if account in ways or not unreferenced(account, "account"):
        return []
    cure = f"account is a reference into the vault (purpose `payment`), or {', '.join(ways)} for who has none: never the number itself"
    return [Failure("PIPL-5", cure, "account")]


def to_decide(claim: Claim, lacks: tuple[str, ...], now: datetime, rules: Rules) -> tuple[tuple[Due, ...], tuple[str, ...]]:
    """What starts and what stops: the time to decide runs from the day the claim is complete (K-27), and not while something is missing."""
    if claim.status not in PREPARED:
        return (), ()
    runs = claim.clocks.runs(DECIDE)
    if lacks:
        return (), (DECIDE,) if runs else ()
    return () if runs else (deadline(rules, DECIDE, now),), ()


def _asked(row: Any, figures: Figures) -> bool:
    return "figure" not in row or bool(getattr(figures, row["figure"]) > row["above"])
