"""The gate before a departure, and what follows from it for the offers (ERL art. 39, 40; PSER art. 11; VSR art. 24; domain 3.18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from shared.kernel.events import event


@event("volunteers.callup.eligibility_passed.v1")
@dataclass(frozen=True, slots=True)
class EligibilityPassed:
    """Nothing stands against their departure (ERL art. 39, 40; PSER art. 11)."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    at: datetime


@event("volunteers.callup.eligibility_failed.v1")
@dataclass(frozen=True, slots=True)
class EligibilityFailed:
    """The rules that stand against their departure, all of them; the place is free again until they are cured."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    failures: tuple[str, ...]
    gap: date | None  # the first day without cover
    at: datetime


@event("volunteers.callup.quota_filled.v1")
@dataclass(frozen=True, slots=True)
class QuotaFilled:
    """Every place is taken by somebody who may go."""

    call_up: str
    incident: str | None
    quota: int
    at: datetime


@event("volunteers.callup.offer_closed.v1")
@dataclass(frozen=True, slots=True)
class OfferClosed:
    """The places went to others, or the registration was given up; the offer is thanked for and closed."""

    call_up: str
    incident: str | None
    volunteer: str | None
    force: str | None
    at: datetime
    stopped: tuple[str, ...] = ()
    out: bool = False  # they had accepted before: they may be out there all the same


@event("volunteers.callup.host_accepted.v1")
@dataclass(frozen=True, slots=True)
class HostAccepted:
    """Who commands where the work is takes them under command (ERL art. 39, VSR art. 24). `holders` are those who had accepted."""

    call_up: str
    incident: str | None
    holders: tuple[str, ...]
    by: str
    division: str | None
    at: datetime


Checked = EligibilityPassed | EligibilityFailed | QuotaFilled | OfferClosed | HostAccepted
