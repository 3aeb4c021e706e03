"""What can be asked of an honour and of a case of harm (domain 3.20; SV-17 to SV-20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.volunteers.events.honour import Filer, Harm, HonourKind
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class NominateHonour(Command):
    """Propose somebody, on what the ledger holds of them."""

    honour: PublicId
    kind: HonourKind | None = None
    volunteer: PublicId | None = None
    force: PublicId | None = None
    reason: str | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMartyrCase(Command):
    """Propose somebody who died in the rescue as a martyr; the region decides (MAR art. 8, 9)."""

    honour: PublicId
    volunteer: PublicId | None = None  # or a member of a force
    reason: str | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHonour(Command):
    """Look at a proposal of somebody else's."""

    honour: PublicId
    passed: bool | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentToHonour(Command):
    """Say whether the own name may be published with it (PIPL art. 25)."""

    honour: PublicId
    consent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostHonourNotice(Command):
    """Tell the public before it is granted; with the name only if they consented."""

    honour: PublicId
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantHonour(Command):
    """Grant it, by a government or department; of a martyr case the region's result is recorded."""

    honour: PublicId
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseHonour(Command):
    """Do not grant it, and why."""

    honour: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeHonour(Command):
    """Take a granted honour back, and why."""

    honour: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInjury(Command):
    """A person came to harm in service. Taken with whatever is known; no diagnosis belongs here."""

    injury: PublicId
    person: PublicId
    harm: Harm = Harm.UNKNOWN
    happened: datetime | None = None
    call_up: PublicId | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInjury(Command):
    """File it for recognition as a work injury: the employer, or the person or family (WII art. 17)."""

    injury: PublicId
    filer: Filer | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInjuryResult(Command):
    """Whether it was recognised, or which other way pays."""

    injury: PublicId
    recognised: bool | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateInjuryClock(EscalateClock):
    """Nobody filed in time."""

    injury: PublicId


Proposing = NominateHonour | OpenMartyrCase
Deciding = ReviewHonour | ConsentToHonour | PostHonourNotice | GrantHonour | RefuseHonour | RevokeHonour
OfInjury = ReportInjury | FileInjury | RecordInjuryResult | EscalateInjuryClock
