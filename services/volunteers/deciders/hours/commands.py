"""What can be asked of the hours of people, and of what certifies them (VSR art. 19; domain 3.17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.volunteers.events.service import OverlapOutcome
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(Command):
    """These people begin to work, for the call-up they are engaged in or where they arrived uncalled. `codes` are those of their cards.
    `at` says when it was, if it is written down late; long afterwards two persons do."""

    people: tuple[PublicId, ...] = ()
    codes: tuple[str, ...] = ()
    incident: PublicId | None = None
    call_up: PublicId | None = None
    task: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOut(Command):
    """These people stop; so many minutes are in the ledger."""

    people: tuple[PublicId, ...] = ()
    codes: tuple[str, ...] = ()
    incident: PublicId | None = None
    call_up: PublicId | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectHours(Command):
    """Put a shift right, as two persons and with a reason: the one that runs unless another is named."""

    volunteer: PublicId  # or a member of a force
    shift: int | None = None
    started: datetime | None = None
    ended: datetime | None = None
    open_shift_ended: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveOverlap(Command):
    """Decide, as two persons, what becomes of a check-in that overlapped another."""

    volunteer: PublicId
    overlap: int
    outcome: OverlapOutcome | None = None
    started: datetime | None = None
    ended: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCertificate(Command):
    """Ask for the own hours to be certified; it is free (VSR art. 19, K-38)."""

    volunteer: PublicId
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCertificate(Command):
    """Certify what the ledger holds, of one incident or of all service. Number and check code are made at the edge."""

    certificate: PublicId
    check: str
    volunteer: PublicId
    hours: Decimal | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCertificate(Command):
    """Take a certificate back, and why."""

    certificate: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupersedeCertificate(Command):
    """Hours that it certifies were put right: it holds no longer. Only policies send it."""

    certificate: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateServiceClock(EscalateClock):
    """Nobody checked somebody out, or certified their hours, in time."""

    person: PublicId


Clocking = CheckIn | CheckOut
Correcting = CorrectHours | ResolveOverlap
