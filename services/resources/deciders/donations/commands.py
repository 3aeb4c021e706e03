"""What can be asked of campaigns and gifts. There is no field for a target: nobody is assigned an amount (PDL-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Code, Command, Opaque, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCampaign(Command):
    """Begin to raise funds in public for an incident; with a qualification only (CHL-22)."""

    campaign: PublicId
    incident: PublicId | None = None
    filing: PublicId | None = None  # of its plan, where it was filed before
    fund_raiser: PublicId | None = None  # the signer's organisation unless named


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCampaign(Command):
    """Say under which number the plan was filed; within ten days of the beginning (CHL-73)."""

    campaign: PublicId
    filing: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCampaign(Command):
    """End it; the full disclosure is due from then on."""

    campaign: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishLedger(Command):
    """Publish what came in, was allocated and used, as the ledger has it; figures that are named must agree."""

    campaign: PublicId
    in_: Decimal | None = None
    allocated: Decimal | None = None
    used: Decimal | None = None
    goods_in: int | None = None  # pieces accepted
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateCampaignClock(EscalateClock):
    """A deadline of the campaign passed: filing, publishing."""

    campaign: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPledge(Command):
    """Write down what somebody promises to give."""

    donation: PublicId
    donor: PublicId | None = None
    campaign: PublicId | None = None
    incident: PublicId | None = None
    intent: Code | None = None
    wish: str | None = None  # in words
    money: Decimal | None = None
    goods: Mapping[str, int] = field(default_factory=dict)  # item -> quantity
    fund_raiser: PublicId | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """A lot of a gift: how much came, and how much of it passed the inspection."""

    lot: PublicId
    item: PublicId
    qty: int | None = None
    passed: int | None = None
    expires: date | None = None
    unit: str | None = None
    position: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveDonation(Command):
    """Take a gift of money or goods in: inspected, stored, receipted in one act. Its campaign is the fund-raiser's only open one unless
    named."""

    donation: PublicId
    donor: PublicId | None = None
    anonymous: bool = False
    purpose: str | None = None  # of the donor's data; nothing is collected without
    campaign: PublicId | None = None
    incident: PublicId | None = None
    intent: Code | None = None  # the division it is for, as the donor wishes
    wish: str | None = None  # in words; kept for who uses the gift, never published
    money: Decimal | None = None
    goods: tuple[Goods, ...] = ()
    store: PublicId | None = None
    publish_name: bool = False
    receipt_waived: bool = False
    fund_raiser: PublicId | None = None  # who receives: the signer's organisation unless named
    person: Opaque | None = None  # made by the edge
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePurpose(Command):
    """Let a gift serve another place; with the donor's consent, or a campaign's changed plan filed (CHL-56)."""

    donation: PublicId
    intent: Code | None = None
    consent: str | None = None  # where the donor's consent is kept
    filing: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocateDonation(Command):
    """Set money aside for a fund or request, within what the donor wished."""

    donation: PublicId
    to: PublicId | None = None
    money: Decimal | None = None
    area: Code | None = None  # where it is to be used


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDonationUse(Command):
    """Write down what money that was set aside was spent on."""

    donation: PublicId
    to: PublicId | None = None
    money: Decimal | None = None
    cause: PublicId | None = None  # the payment, purchase or claim


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertDonation(Command):
    """Sell goods that did not pass the inspection; what they bring serves the same purpose. Two sign."""

    donation: PublicId
    lot: PublicId
    qty: int | None = None
    proceeds: Decimal | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDonation(Command):
    """Give back to the donor money that was not set aside, or goods that were not taken in. Two sign."""

    donation: PublicId
    money: Decimal | None = None
    goods: Mapping[str, int] = field(default_factory=dict)  # lot -> quantity
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDonorQuery(Command):
    """Tell the donor what became of the gift, as the ledger has it (CHL-42)."""

    donation: PublicId
    query: PublicId


Handling = ChangePurpose | AllocateDonation | RecordDonationUse | ConvertDonation | ReturnDonation | AnswerDonorQuery
