"""Decisions on claims: what is granted, by whom, and how its remedy is told (ARC-20; domain RQ-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class Outcome(StrEnum):
    """What a decision grants."""

    GRANTED = "granted"
    PARTLY = "partly"
    DENIED = "denied"


class Manner(StrEnum):
    """How a decision reaches who claimed."""

    IN_APP = "in_app"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Remedy:
    """Where and in how many days a review may be asked for. Every decision names it."""

    organ: str
    days: int
    text: str
    article: str


@event("compensation.claim.decided.v1")
@dataclass(frozen=True, slots=True)
class ClaimDecided:
    """The claim is granted, granted in part or denied. Who decided neither assessed nor entered it."""

    claim: str
    claimant: str
    incident: str | None
    outcome: Outcome
    amount: Decimal
    assessed: Decimal
    reason: str
    payer: str
    remedy: Remedy
    manner: Manner
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()
    over: bool = False  # nothing is owed nor under review after it
    second: str | None = None  # who granted more than was assessed, too


@event("compensation.claim.served.v1")
@dataclass(frozen=True, slots=True)
class DecisionServed:
    """Who claimed was told; from now on the time for a review runs."""

    claim: str
    manner: Manner
    proof: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("compensation.claim.settled.v1")
@dataclass(frozen=True, slots=True)
class ClaimSettled:
    """Both sides agreed in writing; the amount is owed without a decision."""

    claim: str
    amount: Decimal
    document: str
    payer: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()
    reason: str = ""  # why more than was assessed
    second: str | None = None  # who agreed to more
    over: bool = False  # nothing is owed nor under review after it


@event("compensation.claim.became_final.v1")
@dataclass(frozen=True, slots=True)
class ClaimFinal:
    """The time for a review passed and none was asked for."""

    claim: str
    at: datetime
    met: tuple[str, ...] = ()
    over: bool = False  # nothing is owed nor under review after it


Decisions = ClaimDecided | DecisionServed | ClaimSettled | ClaimFinal
