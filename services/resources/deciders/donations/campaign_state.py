"""A campaign as its facts make it: its own ledger, and by when it publishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from services.resources.deciders.donations.commands import CloseCampaign, FileCampaign, OpenCampaign, PublishLedger
from services.resources.deciders.donations.entries import EMPTY, booked
from services.resources.events import campaign as c
from services.resources.events.clock import ClockMissed
from shared.blocks.clocks import STILL, Clocks, Due
from shared.blocks.deadlines import deadline
from shared.blocks.flow import Flow
from shared.blocks.ledger import Ledger
from shared.kernel.decider import About, Rules

NEW, OPEN, CLOSED, FINAL = "new", "open", "closed", "disclosed in full"
DISCLOSE, AFTER, FINAL_CLOCK, FILE = "K-33", "K-33.after", "K-33.final", "K-34"
FLOW = Flow(
    "campaign.state",
    {
        (NEW, OpenCampaign): OPEN,
        (OPEN, FileCampaign): OPEN,
        (OPEN, PublishLedger): OPEN,
        **{(status, kind): status for status in (CLOSED, FINAL) for kind in (FileCampaign, PublishLedger)},
        (OPEN, CloseCampaign): CLOSED,
    },
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign. `goods` is what was accepted, by item."""

    status: str = NEW
    campaign: str = ""
    fund_raiser: str = ""
    incident: str = ""
    filing: str | None = None
    division: str | None = None
    response_over: bool = False
    ledger: Ledger = EMPTY
    goods: Mapping[str, int] = field(default_factory=dict)
    published: int = 0
    clocks: Clocks = STILL


Fact = c.CampaignOpened | c.CampaignFiled | c.CampaignPhaseChanged | c.CampaignClosed | c.LedgerPublished | c.CampaignBooked | ClockMissed


def about(campaign: Campaign) -> About:
    """A public campaign is for everybody."""
    return About(campaign.division, "public", campaign.incident or None)


def evolve(campaign: Campaign, event: Fact) -> Campaign:
    """The campaign after the event."""
    ended = (*getattr(event, "met", ()), *getattr(event, "stopped", ()))
    campaign = replace(campaign, clocks=campaign.clocks.end(event.at, *ended).start(*getattr(event, "clocks", ())))
    match event:
        case c.CampaignOpened():
            names = ("campaign", "fund_raiser", "incident", "filing", "division", "response_over")
            said: dict[str, Any] = {name: getattr(event, name) for name in names}
            return replace(campaign, status=OPEN, **said)
        case c.CampaignFiled(filing=filing):
            return replace(campaign, filing=filing)
        case c.CampaignPhaseChanged(response_over=over):
            return replace(campaign, response_over=over)
        case c.CampaignClosed():
            return replace(campaign, status=CLOSED)
        case c.LedgerPublished():
            return replace(campaign, published=event.number, status=FINAL if event.final else campaign.status)
        case c.CampaignBooked():
            goods = {item: campaign.goods.get(item, 0) + qty for item, qty in event.goods.items()}
            return replace(campaign, ledger=campaign.ledger.post(booked(event.legs)), goods={**campaign.goods, **goods})
        case ClockMissed(key=key):
            return replace(campaign, clocks=campaign.clocks.miss(key))
        case _:
            assert_never(event)


def disclosing(over: bool, now: datetime, rules: Rules) -> Due:
    """By when it publishes next: within days while the response runs, within months after it (CHL-72, 79)."""
    return deadline(rules, AFTER if over else DISCLOSE, now, DISCLOSE)
