"""Agreements on production and supply, and what is called off under them (ERL-46.2, SMP-9; domain 2.5 SU-03, SU-11, 3.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class Ground(StrEnum):
    """Why an agreement is changed or ended. That office-holders changed is none (SEED-25)."""

    AGREED = "agreed"
    BREACH = "breach"
    PUBLIC_INTEREST = "public_interest"  # opens a claim of the supplier


@dataclass(frozen=True, slots=True)
class Terms:
    """What both sides agreed to. Quantities are in the item's own unit, money in yuan."""

    capacity_per_day: int
    lead_days: int  # from the day something is made to the day it is delivered
    price: Decimal
    pay_days: int
    valid_to: date
    standard: str = ""
    stock_kept: int = 0
    confidentiality: str = ""
    breach: str = ""


@dataclass(frozen=True, slots=True)
class DayShare:
    """So much of the capacity of one day."""

    day: date
    qty: int


@event("resources.agreement.signed.v1")
@dataclass(frozen=True, slots=True)
class AgreementSigned:
    """A supplier holds capacity ready for the owner, who may call off until `valid_to`."""

    agreement: str
    item: str
    supplier: str
    owner: str
    terms: Terms
    document: str | None  # digest of the signed paper
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.agreement.capacity_reported.v1")
@dataclass(frozen=True, slots=True)
class CapacityReported:
    """What the supplier could make and has in stock now. It changes nothing of what was agreed."""

    agreement: str
    per_day: int
    in_stock: int
    below: bool  # less than agreed
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("resources.agreement.amended.v1")
@dataclass(frozen=True, slots=True)
class AgreementAmended:
    """Other terms hold from now on; what was called off before keeps its own. `claim` is opened for `loss` in the public interest."""

    agreement: str
    item: str
    supplier: str
    owner: str
    terms: Terms
    ground: Ground
    reason: str
    change: int  # the how-manieth
    loss: Decimal
    claim: str | None
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("resources.agreement.terminated.v1")
@dataclass(frozen=True, slots=True)
class AgreementTerminated:
    """Nothing more is called off. What was goes on, unless it is cancelled."""

    agreement: str
    item: str
    supplier: str
    owner: str
    ground: Ground
    reason: str
    change: int
    loss: Decimal
    claim: str | None
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("resources.agreement.expired.v1")
@dataclass(frozen=True, slots=True)
class AgreementExpired:
    """Its last day is over."""

    agreement: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("resources.agreement.capacity_taken.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class CapacityTaken:
    """The call-off has so much of these days; no other has it."""

    agreement: str
    call_off: str
    days: tuple[DayShare, ...]
    at: datetime


@event("resources.agreement.capacity_freed.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class CapacityFreed:
    """The call-off needs its days no more."""

    agreement: str
    call_off: str
    at: datetime


AgreementEvent = (
    AgreementSigned | CapacityReported | AgreementAmended | AgreementTerminated | AgreementExpired | CapacityTaken | CapacityFreed
)
