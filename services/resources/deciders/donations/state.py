"""A gift as its facts make it, and which command fits which status (domain 3.15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from services.resources.deciders.donations import commands as c
from services.resources.deciders.donations.entries import EMPTY, legs
from services.resources.deciders.streams import campaign_stream
from services.resources.events import donation as d
from services.resources.events.campaign import CampaignBooked
from shared.blocks.flow import Flow
from shared.blocks.ledger import Ledger
from shared.kernel.decider import About

NEW, PLEDGED, RECEIVED, RETURNED = "new", "pledged", "received", "returned"
FLOW = Flow(
    "donation.state",
    {
        (NEW, c.RecordPledge): PLEDGED,
        (NEW, c.ReceiveDonation): RECEIVED,
        (PLEDGED, c.ReceiveDonation): RECEIVED,
        **{
            (RECEIVED, kind): RECEIVED
            for kind in (c.ChangePurpose, c.AllocateDonation, c.RecordDonationUse, c.ConvertDonation, c.ReturnDonation, c.AnswerDonorQuery)
        },
        (RETURNED, c.AnswerDonorQuery): RETURNED,
    },
)


@dataclass(frozen=True, slots=True)
class Donation:
    """A gift. `accepted` and `rejected` are by lot; of what was rejected, what was sold or given back is gone."""

    status: str = NEW
    donation: str = ""
    donor: str | None = None
    receiver: str = ""
    campaign: str | None = None
    incident: str | None = None
    intent: str | None = None
    division: str | None = None
    ledger: Ledger = EMPTY
    items: Mapping[str, str] = field(default_factory=dict)  # lot -> item
    accepted: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    queries: frozenset[str] = frozenset()


Fact = (
    d.DonationPledged
    | d.DonationReceived
    | d.DonationInspected
    | d.DonationReceipted
    | d.DonationAllocated
    | d.DonationUsed
    | d.DonationRepurposed
    | d.DonationConverted
    | d.DonationReturned
    | d.DonorQueryAnswered
)


def about(donation: Donation) -> About:
    """Internal to the organs where it was received; what the public sees of it is a read model."""
    return About(donation.division, "internal", donation.incident)


def evolve(donation: Donation, event: Fact) -> Donation:
    """The gift after the event."""
    donation = replace(donation, ledger=donation.ledger.post(legs(event)))
    match event:
        case d.DonationPledged() | d.DonationReceived():
            names = ("donation", "donor", "receiver", "campaign", "incident", "intent", "division")
            said: dict[str, Any] = {name: getattr(event, name) for name in names}
            return replace(donation, status=PLEDGED if isinstance(event, d.DonationPledged) else RECEIVED, **said)
        case d.DonationInspected(goods=goods):
            return replace(
                donation,
                items={one.lot: one.item for one in goods},
                accepted={one.lot: one.passed for one in goods if one.passed},
                rejected={one.lot: one.rejected for one in goods if one.rejected},
            )
        case d.DonationRepurposed(intent=intent):
            return replace(donation, intent=intent)
        case d.DonationConverted(lot=lot, qty=qty):
            return replace(donation, rejected=_less(donation.rejected, {lot: qty}))
        case d.DonationReturned(goods=gone):
            after = replace(donation, rejected=_less(donation.rejected, gone))
            over = after.ledger.empty and not after.rejected and not after.accepted and not after.ledger.total("used")
            return replace(after, status=RETURNED) if over else after
        case d.DonorQueryAnswered(query=query):
            return replace(donation, queries=donation.queries | {query})
        case d.DonationReceipted() | d.DonationAllocated() | d.DonationUsed():
            return donation
        case _:
            assert_never(event)


def booking(campaign: str | None, donation: str, fact: Any, goods: Mapping[str, int] | None = None) -> list[tuple[str, CampaignBooked]]:
    """The same entry in the campaign's ledger, where the gift is of one."""
    moved = tuple((leg.account, leg.amount) for leg in legs(fact))
    if campaign is None or not (moved or goods):
        return []
    return [(campaign_stream(campaign), CampaignBooked(campaign, donation, moved, goods or {}, fact.at))]


def _less(held: Mapping[str, int], gone: Mapping[str, int]) -> dict[str, int]:
    left = {lot: qty - gone.get(lot, 0) for lot, qty in held.items()}
    return {lot: qty for lot, qty in left.items() if qty > 0}
