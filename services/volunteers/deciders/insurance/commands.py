"""What can be asked of an insurance policy (domain 3.19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.kernel.commands import Code, Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPolicy(Command):
    """Record an insurance policy: who insures whom for what, when and where, and who pays."""

    policy: PublicId
    insurer: str | None = None
    number: str | None = None
    group: tuple[PublicId, ...] = ()
    forces: tuple[PublicId, ...] = ()
    risk: str | None = None
    amount: Decimal | None = None
    from_: datetime | None = None
    to: datetime | None = None
    territory: Code | None = None
    payer: str | None = None
    division: Code | None = None
    nowhere: bool = False  # the territory is no division in force, as the edge knows the tree


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendPolicy(Command):
    """Let a policy hold longer, without a gap."""

    policy: PublicId
    to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPersons(Command):
    """Let a policy cover further volunteers and forces."""

    policy: PublicId
    group: tuple[PublicId, ...] = ()
    forces: tuple[PublicId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPolicy(Command):
    """End a policy before its time, and why."""

    policy: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInsuranceClaim(Command):
    """Claim under a policy for somebody it covered then. What happened is not said here."""

    policy: PublicId
    claim: PublicId
    holder: PublicId
    happened: datetime | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleInsuranceClaim(Command):
    """The insurer paid, or refused and said why."""

    policy: PublicId
    claim: PublicId
    paid: Decimal | None = None
    reason: str | None = None
