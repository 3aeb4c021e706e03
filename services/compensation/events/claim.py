"""A claim until it is assessed (domain 3.13). No personal value: a public id, a reference to the account, references to documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.compensation.events.figures import ClaimKind, Evidence, Figures, Line, Period
from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("compensation.claim.opened.v1")
@dataclass(frozen=True, slots=True)
class ClaimOpened:
    """Somebody claims compensation. `missing` is everything that is still missing, told at once (SEED-2, SEED-12)."""

    claim: str
    kind: ClaimKind
    claimant: str
    incident: str | None
    item: str | None
    covers: tuple[Period, ...]
    figures: Figures
    tariff: str | None
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]
    entitled: bool
    payer: str | None
    account: str | None  # reference into the vault, purpose `payment`
    on_behalf: str  # why somebody else entered it
    by: str
    division: str | None
    at: datetime
    clocks: tuple[Due, ...] = ()
    instead_of: str | None = None  # the claim that a fact asked for, where another has that id


@event("compensation.claim.entitled.v1")
@dataclass(frozen=True, slots=True)
class ClaimEntitled:
    """What was done is known now; the claim had come before it."""

    claim: str
    missing: tuple[str, ...]
    payer: str | None
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("compensation.claim.evidence_added.v1")
@dataclass(frozen=True, slots=True)
class EvidenceAdded:
    """More proof, or figures put right by who claims; and what is missing after it."""

    claim: str
    evidence: tuple[Evidence, ...]
    figures: Figures
    account: str | None
    missing: tuple[str, ...]
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()


@event("compensation.claim.assessed.v1")
@dataclass(frozen=True, slots=True)
class ClaimAssessed:
    """What the formula comes to, line by line, and what the assessor holds right; where they differ, why."""

    claim: str
    lines: tuple[Line, ...]
    computed: Decimal
    amount: Decimal
    reason: str
    payer: str
    responsible: str | None  # the unit that answers for the damage and pays first (PSER-19.2); the payer advances
    round: int  # 1; one more after each decision that a review annulled
    by: str
    at: datetime
    revisions: tuple[tuple[str, int], ...] = ()  # of each call-up it was counted from
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()


@event("compensation.claim.withdrawn.v1")
@dataclass(frozen=True, slots=True)
class ClaimWithdrawn:
    """Who claimed does so no more, and nobody asks them why; an officer who does it for them says why."""

    claim: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()
    on_behalf: str = ""


Prepared = ClaimOpened | ClaimEntitled | EvidenceAdded | ClaimAssessed | ClaimWithdrawn
