"""What can be asked of a claim for relief. What the law wants in it is optional here: the decider names the rule that misses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.resources.events.relief import ServedHow
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, Opaque, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRelief(Command):
    """Ask for relief for the own household; an officer for a household that cannot."""

    relief: PublicId
    household: PublicId
    kind: str | None = None
    incident: PublicId | None = None
    purpose: str | None = None  # of the household's data; that of paying relief unless named


@dataclass(frozen=True, slots=True, kw_only=True)
class NominateRelief(Command):
    """Name a household for relief, as the group of villagers does (NDR-20)."""

    relief: PublicId
    household: PublicId
    kind: str | None = None
    incident: PublicId | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAppraisal(Command):
    """Write down how the village voted."""

    relief: PublicId
    votes_for: int | None = None
    votes_against: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostList(Command):
    """Post the list in the village for the full period, where everybody reads it: village, kind and amount, nobody's numbers, nor
    anything on anybody's health. A number is refused; a name or an illness no list of words would find: whoever posts leaves them
    out (domain 3.14)."""

    relief: PublicId
    text: Opaque | None = None  # judged by the decider, which names the rule for postings
    until: datetime | None = None  # the shortest period unless named
    known: bool = False  # stamped by the edge: the text holds a number that the vault keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class FileObjection(Command):
    """Object to a claim. Never dropped: late ones are kept and marked."""

    relief: PublicId
    objection: PublicId
    text: Opaque = ""  # cleaned at the edge, since it is never refused
    covered: bool = False  # stamped by the edge: something personal in it was covered


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveObjection(Command):
    """Say whether an objection is upheld, and why; upheld, the village appraises anew."""

    relief: PublicId
    objection: PublicId
    upheld: bool | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAtTownship(Command):
    """Find the claim in order at the township."""

    relief: PublicId
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnApplication(Command):
    """Send a claim back to be put right."""

    relief: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRelief(Command):
    """Grant what the tariff comes to, or less and why."""

    relief: PublicId
    amount: Decimal | None = None
    reason: str | None = None
    remedy_organ: str | None = None
    manner: ServedHow = ServedHow.IN_APP


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyRelief(Command):
    """Grant nothing, and say why and where a review may be asked for."""

    relief: PublicId
    reason: str | None = None
    remedy_organ: str | None = None
    manner: ServedHow = ServedHow.PAPER


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeRelief(Command):
    """Tell the household what was decided. On paper with the proof that it arrived."""

    relief: PublicId
    manner: ServedHow = ServedHow.PAPER
    proof: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRelief(Command):
    """Pay what was decided, whole and once."""

    relief: PublicId
    amount: Decimal | None = None
    fund: PublicId | None = None  # out of which it is paid; the division's own budget unless named
    reference: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayUrgentRelief(Command):
    """Pay temporary relief at once; two sign, the papers follow (SAR-48)."""

    relief: PublicId
    household: PublicId
    kind: str | None = None
    incident: PublicId | None = None
    amount: Decimal | None = None
    reason: str | None = None
    fund: PublicId | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRelief(Command):
    """Complete the papers of an urgent payment."""

    relief: PublicId
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscloseUse(Command):
    """Publish what was paid to whom in the least words: village, kind, amount (NDR-26)."""

    relief: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverRelief(Command):
    """Order what was got by fraud to be given back; two sign (NDR-30)."""

    relief: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRecovery(Command):
    """Write down that it was given back."""

    relief: PublicId
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateReliefClock(EscalateClock):
    """A deadline of the claim passed: publishing, papers, giving back."""

    relief: PublicId


Asking = ApplyRelief | NominateRelief
InVillage = RecordAppraisal | PostList | FileObjection | ResolveObjection | ReviewAtTownship | ReturnApplication
Deciding = DecideRelief | DenyRelief | ServeRelief
Paying = PayRelief | PayUrgentRelief | PaperRelief | DiscloseUse | RecoverRelief | RecordRecovery
