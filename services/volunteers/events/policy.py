"""Facts of insurance policies (domain 3.19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.kernel.events import event


@event("volunteers.policy.recorded.v1")
@dataclass(frozen=True, slots=True)
class PolicyRecorded:
    """An insurance policy was taken out (ERL-40.1, VSR-17.2, CHL-69.2). `group` are public ids of volunteers, `forces` of forces."""

    policy: str
    insurer: str
    number: str
    group: tuple[str, ...]
    forces: tuple[str, ...]
    risk: str
    amount: Decimal  # yuan for each person
    since: datetime
    until: datetime
    territory: str
    payer: str
    division: str | None
    by: str
    at: datetime


@event("volunteers.policy.extended.v1")
@dataclass(frozen=True, slots=True)
class PolicyExtended:
    """The policy holds longer; everything else of it stays."""

    policy: str
    group: tuple[str, ...]
    forces: tuple[str, ...]
    risk: str
    since: datetime
    until: datetime
    territory: str
    by: str
    at: datetime


@event("volunteers.policy.persons_linked.v1")
@dataclass(frozen=True, slots=True)
class PersonsLinked:
    """The policy covers these too."""

    policy: str
    group: tuple[str, ...]
    forces: tuple[str, ...]
    risk: str
    since: datetime
    until: datetime
    territory: str
    by: str
    at: datetime


@event("volunteers.policy.cancelled.v1")
@dataclass(frozen=True, slots=True)
class PolicyCancelled:
    """The policy ended before its time: whom it covered it covers no longer."""

    policy: str
    group: tuple[str, ...]
    forces: tuple[str, ...]
    reason: str
    by: str
    at: datetime


@event("volunteers.policy.claim_opened.v1")
@dataclass(frozen=True, slots=True)
class InsuranceClaimOpened:
    """Something happened that the policy is to pay for. `holder` is a public id; what happened to them is told elsewhere."""

    policy: str
    claim: str
    holder: str
    happened: datetime
    incident: str | None
    by: str
    at: datetime


@event("volunteers.policy.claim_settled.v1")
@dataclass(frozen=True, slots=True)
class InsuranceClaimSettled:
    """The insurer paid, or said why not."""

    policy: str
    claim: str
    paid: Decimal | None
    reason: str
    by: str
    at: datetime


PolicyEvent = PolicyRecorded | PolicyExtended | PersonsLinked | PolicyCancelled | InsuranceClaimOpened | InsuranceClaimSettled
