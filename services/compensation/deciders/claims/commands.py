"""What can be asked of a claim. What the law wants in it is optional here: the decider names the rule that misses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.compensation.events.appeal import AppealOutcome
from services.compensation.events.decision import Manner
from services.compensation.events.figures import ClaimKind
from services.compensation.events.ground import Ground, Outcome
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, PublicId


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof of a claim: its kind, and where it is kept."""

    kind: str
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCompensation(Command):
    """Claim for oneself; a leader for the own force; an officer for somebody who cannot, saying why. Incomplete claims are taken and
    told everything that is missing at once."""

    claim: PublicId
    claimant: PublicId
    incident: PublicId | None = None
    kind: ClaimKind | None = None  # of a call-up it is known
    item: PublicId | None = None  # the requisition, agreement, herd or order it is about
    since: date | None = None
    until: date | None = None
    tariff: PublicId | None = None  # unless the kind's own
    receipts: Decimal | None = None
    km: Decimal | None = None
    boat_hours: Decimal | None = None
    days: Decimal | None = None
    damage: Decimal | None = None
    loss: Decimal | None = None
    evidence: tuple[Proof, ...] = ()
    account: str | None = None  # reference into the vault, purpose `payment`; or a way of payment of `compensation.ways`
    on_behalf: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEvidence(Command):
    """Add proofs, name the account, or put figures right; what is not named stays. Once it is decided, the account alone."""

    claim: PublicId
    evidence: tuple[Proof, ...] = ()
    receipts: Decimal | None = None
    km: Decimal | None = None
    boat_hours: Decimal | None = None
    days: Decimal | None = None
    damage: Decimal | None = None
    loss: Decimal | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEntitlement(Command):
    """What was done became known after it was claimed. Only policies send it."""

    claim: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessClaim(Command):
    """Say what is owed: what the formula comes to, or another amount and why. It may be assessed again until it is decided."""

    claim: PublicId
    amount: Decimal | None = None
    reason: str | None = None
    responsible: PublicId | None = None  # the unit that answers for the damage


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassessClaim(Command):
    """Assess anew after a review annulled the decision, or when what was done turned out to be more than was paid for."""

    claim: PublicId
    amount: Decimal | None = None
    reason: str | None = None
    responsible: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideClaim(Command):
    """Grant what was assessed, another amount with reasons, or nothing. Who assessed or entered it does not decide."""

    claim: PublicId
    amount: Decimal | None = None
    reason: str | None = None
    remedy: str | None = None
    remedy_organ: str | None = None
    manner: Manner = Manner.IN_APP


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleClaim(Command):
    """Write down what both sides agreed to, in place of a decision; more than was assessed by two."""

    claim: PublicId
    amount: Decimal | None = None
    document: str | None = None
    reason: str | None = None  # why more than was assessed; a second person signs that too


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeDecision(Command):
    """Tell who claimed. On paper with the proof that it arrived."""

    claim: PublicId
    manner: Manner = Manner.PAPER
    proof: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayClaim(Command):
    """Pay what is owed, whole and once."""

    claim: PublicId
    amount: Decimal | None = None
    account: str | None = None  # another than the claim names: by two
    reference: PublicId | None = None  # of the transfer; of cash the receipt that was signed


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectPayment(Command):
    """Reverse a payment, or part of it, that came back or should not have been made; a second person signs."""

    claim: PublicId
    amount: Decimal | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAppeal(Command):
    """Ask for a review of the decision. Late ones are kept and marked."""

    claim: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAppealResult(Command):
    """Write down what the reviewing organ said."""

    claim: PublicId
    outcome: AppealOutcome | None = None
    amount: Decimal | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawClaim(Command):
    """Give the claim up before it is decided; its days may be claimed again. An officer says why who claims does not do it."""

    claim: PublicId
    on_behalf: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtClaim(Command):
    """What it rests on was taken back: one claim, or every claim for a requisition. Only policies send it."""

    claim: PublicId | None = None
    item: PublicId | None = None  # the requisition, in place of a claim: who tells of it need not know which claims it has
    ground: Ground
    source: str = ""  # the event that says so


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconsiderClaim(Command):
    """Say of a decision that was doubted whether it stands or is set back to assessment, and tell who claims; by two who may decide."""

    claim: PublicId
    outcome: Outcome | None = None
    reason: str | None = None
    manner: Manner = Manner.IN_APP
    proof: str | None = None  # that it arrived on paper


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateClaimClock(EscalateClock):
    """A deadline of the claim passed: decision, service, payment, review."""

    claim: PublicId


Asking = ClaimCompensation | AddEvidence | NoteEntitlement | WithdrawClaim
Assessing = AssessClaim | ReassessClaim
Deciding = DecideClaim | SettleClaim | ServeDecision
Paying = PayClaim | CorrectPayment
Reconsidering = DoubtClaim | ReconsiderClaim
Appealing = FileAppeal | RecordAppealResult
