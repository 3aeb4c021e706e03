"""Public fund-raising: who may, for what, until when, and what came in (domain 3.15; CHL art. 22, 24, 72, 73, 79)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("resources.raiser.qualified.v1")
@dataclass(frozen=True, slots=True)
class QualificationRecorded:
    """This organisation may raise funds in public until that day (CHL-22)."""

    fund_raiser: str
    certificate: str
    valid_until: date
    division: str | None
    by: str
    at: datetime


@event("resources.campaign.opened.v1")
@dataclass(frozen=True, slots=True)
class CampaignOpened:
    """Funds are raised for this incident. What came in is published every few days while the response runs."""

    campaign: str
    fund_raiser: str
    certificate: str
    incident: str
    filing: str | None  # of its plan, when it was filed before
    response_over: bool
    division: str | None
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.campaign.filed.v1")
@dataclass(frozen=True, slots=True)
class CampaignFiled:
    """Its plan was filed; `late`: after the ten days (CHL-73)."""

    campaign: str
    filing: str
    late: bool
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("resources.campaign.phase_changed.v1")
@dataclass(frozen=True, slots=True)
class CampaignPhaseChanged:
    """The response ended or began again: from now on it publishes by another term."""

    campaign: str
    response_over: bool
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.campaign.closed.v1")
@dataclass(frozen=True, slots=True)
class CampaignClosed:
    """Nothing more is taken; the full disclosure is due."""

    campaign: str
    reason: str
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    stopped: tuple[str, ...] = ()


@event("resources.donation.ledger_published.v1")
@dataclass(frozen=True, slots=True)
class LedgerPublished:
    """What came in, was allocated and used until now, as the ledger of the campaign has it. `late`: after its term."""

    campaign: str
    number: int  # the how-manieth
    incident: str
    fund_raiser: str
    in_: Decimal
    allocated: Decimal
    used: Decimal
    goods_in: int
    final: bool
    late: bool
    by: str
    at: datetime
    goods: Mapping[str, int] = field(default_factory=dict)  # by item
    division: str | None = None
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("resources.guard.campaign_booked.v1")
@dataclass(frozen=True, slots=True)
class CampaignBooked:
    """On the campaign: what a fact of one of its donations moved."""

    campaign: str
    donation: str
    legs: tuple[tuple[str, int], ...]  # account, cents
    goods: Mapping[str, int]  # item -> accepted
    at: datetime


@event("resources.guard.raiser_campaign.v1")
@dataclass(frozen=True, slots=True)
class RaiserCampaign:
    """On the fund-raiser: a campaign of its opened or closed."""

    fund_raiser: str
    campaign: str
    open: bool
    division: str | None
    at: datetime


@event("resources.guard.receipt_numbered.v1")
@dataclass(frozen=True, slots=True)
class ReceiptNumbered:
    """On the receiver: the last receipt it gave."""

    fund_raiser: str
    number: int
    donation: str
    division: str | None
    at: datetime


@event("resources.guard.appeal_noted.v1")
@dataclass(frozen=True, slots=True)
class AppealNoted:
    """On the incident's appeals: a campaign for it opened or closed."""

    incident: str
    campaign: str
    open: bool
    at: datetime


@event("resources.guard.response_phase.v1")
@dataclass(frozen=True, slots=True)
class ResponsePhaseNoted:
    """On the incident's appeals: a response began or ended; `over` when none runs any more."""

    incident: str
    over: bool
    running: tuple[str, ...]  # activations
    at: datetime
    division: str | None = None
    restricted: bool = False  # as the response
