"""A gift from the pledge to its use (domain 3.15; CHL art. 36, 38, 56; PDL art. 11, 16-18). Which money each fact moves stands in
`deciders/donations/entries.py`. The donor is a public id; who it is lies in the vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from shared.kernel.events import event


@dataclass(frozen=True, slots=True)
class GivenGoods:
    """A lot as it was given: `passed` of it is usable and safe (CHL-36), the rest never enters a store."""

    lot: str
    item: str
    qty: int
    passed: int
    expires: date | None

    @property
    def rejected(self) -> int:
        return self.qty - self.passed


@event("resources.donation.pledged.v1")
@dataclass(frozen=True, slots=True)
class DonationPledged:
    """Promised, not here yet."""

    donation: str
    donor: str | None
    receiver: str
    campaign: str | None
    incident: str | None
    intent: str | None
    money: Decimal
    goods: Mapping[str, int]  # item -> quantity
    by: str
    division: str | None
    at: datetime
    wish: str | None = None


@event("resources.donation.received.v1")
@dataclass(frozen=True, slots=True)
class DonationReceived:
    """Money, goods, or both, are here."""

    donation: str
    donor: str | None  # None: anonymous
    receiver: str
    campaign: str | None
    incident: str | None
    intent: str | None  # the division it is for, as the donor wishes
    money: Decimal
    pieces: int
    store: str | None
    publish_name: bool
    purpose: str | None  # of the donor's data
    person: str | None  # into the vault
    fields: tuple[str, ...]
    by: str
    division: str | None
    at: datetime
    wish: str | None = None  # in words


@event("resources.donation.inspected.v1")
@dataclass(frozen=True, slots=True)
class DonationInspected:
    """What of the goods may be used."""

    donation: str
    goods: tuple[GivenGoods, ...]
    accepted: int
    rejected: int
    by: str
    at: datetime


@event("resources.donation.receipted.v1")
@dataclass(frozen=True, slots=True)
class DonationReceipted:
    """The receipt (CHL-38); without a number when the donor is unknown or wants none, which is written down too."""

    donation: str
    receipt: str | None
    waived: str  # why there is none
    money: Decimal
    pieces: int
    receiver: str
    handler: str
    at: datetime


@event("resources.donation.allocated.v1")
@dataclass(frozen=True, slots=True)
class DonationAllocated:
    """Money is set aside for a fund or request."""

    donation: str
    to: str
    amount: Decimal
    area: str | None  # where it is to be used
    by: str
    at: datetime


@event("resources.donation.used.v1")
@dataclass(frozen=True, slots=True)
class DonationUsed:
    """Money that was set aside was spent."""

    donation: str
    to: str
    amount: Decimal
    cause: str
    by: str
    at: datetime


@event("resources.donation.repurposed.v1")
@dataclass(frozen=True, slots=True)
class DonationRepurposed:
    """It is for another place from now on; by the donor's consent, or by the changed plan's filing (CHL-56)."""

    donation: str
    before: str | None
    intent: str | None
    consent: str | None
    filing: str | None
    by: str
    at: datetime


@event("resources.donation.converted.v1")
@dataclass(frozen=True, slots=True)
class DonationConverted:
    """Goods of no use were sold; what they brought serves the same purpose (PDL-17.4)."""

    donation: str
    lot: str
    qty: int
    proceeds: Decimal
    document: str
    by: str
    second: str
    at: datetime


@event("resources.donation.returned.v1")
@dataclass(frozen=True, slots=True)
class DonationReturned:
    """Given back to the donor: money that was not set aside, goods that were not taken in."""

    donation: str
    money: Decimal
    goods: Mapping[str, int]  # lot -> quantity
    reason: str
    by: str
    second: str
    at: datetime


@event("resources.donation.query_answered.v1")
@dataclass(frozen=True, slots=True)
class DonorQueryAnswered:
    """The donor asked what became of the gift and was told (CHL-42). The figures are those of the ledger at that moment."""

    donation: str
    query: str
    unallocated: Decimal
    allocated: Decimal
    used: Decimal
    by: str
    at: datetime
    accepted: Mapping[str, int] = field(default_factory=dict)  # lot -> quantity
