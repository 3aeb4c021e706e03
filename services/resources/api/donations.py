"""Operations on campaigns and gifts; and what everybody may see of them without a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.resources.api.keeping import Kept, post_keeping
from services.resources.deciders.donations import commands as c
from services.resources.deciders.donations.entries import ALLOCATED, UNALLOCATED, balance, set_aside, taken_in, used
from services.resources.deciders.donations.raiser import RecordQualification
from services.resources.events.disclosure import DisclosurePublished
from services.resources.projections import donations
from shared.handling.timers import utc
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound
from shared.web.call import Call
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/fund-raisers/{fund_raiser}/qualification", RecordQualification),
    ("/campaigns", c.OpenCampaign),
    ("/campaigns/{campaign}/filing", c.FileCampaign),
    ("/campaigns/{campaign}/closing", c.CloseCampaign),
    ("/campaigns/{campaign}/ledger", c.PublishLedger),
    ("/pledges", c.RecordPledge),
    ("/donations/{donation}/purpose", c.ChangePurpose),
    ("/donations/{donation}/allocations", c.AllocateDonation),
    ("/donations/{donation}/uses", c.RecordDonationUse),
    ("/donations/{donation}/conversions", c.ConvertDonation),
    ("/donations/{donation}/returns", c.ReturnDonation),
    ("/donations/{donation}/queries", c.AnswerDonorQuery),
)
PURPOSE = "donation.receipt"
Id = Annotated[str, Path(max_length=64)]
Named = Annotated[str | None, Query(max_length=64)]


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """A gift with its donor's values, and the public ledger."""
    post_keeping(router, host, "/donations", c.ReceiveDonation, Kept("donor", PURPOSE, _incident))
    _gifts(router, host)
    _disclosures(router, host)


def _incident(caller: Call, fields: Mapping[str, Any]) -> str | None:
    """The incident a gift is for: named, or that of its campaign, or of the receiver's only open one."""
    if fields.get("incident"):
        return str(fields["incident"])
    db = caller.host.read("resources")
    if campaign := fields.get("campaign"):
        row = donations.find(db, donations.CAMPAIGN, campaign)
        return donations.campaign_of(row).incident if row else None
    found = donations.open_for(db, fields.get("fund_raiser") or caller.by.organ or caller.by.actor)
    return found[0].incident if len(found) == 1 else None


def _gifts(router: APIRouter, host: Host) -> None:
    @router.get("/donations/{donation}", operation_id="GetDonations", responses=RESPONSES)
    def get_donations(donation: Id, caller: Caller) -> Row:
        """One gift as everybody may see it: what came, was accepted, allocated, used; its donor by pseudonym. No token is needed."""
        row = donations.find(host.read("resources"), donations.GIFT, donation)
        if row is None:
            raise NotFound(Failure("reference", f"no donation {donation}", "donation"))
        return _gift(host, row) | {"positions": host.positions()}

    @router.get("/donations", operation_id="ListDonations", responses=RESPONSES)
    def list_donations(caller: Caller, limit: Limit = 100, before: Before = None, campaign: Named = None) -> Row:
        """Gifts, the last changed first, as everybody may see them."""
        items, more = page(
            lambda at: donations.listed(host.read("resources"), donations.GIFT, before=at, limit=limit, campaign=campaign),
            lambda row: True,
            limit,
            before,
        )
        return {"items": [_gift(host, row) for row in items], "next": more, "positions": host.positions()}

    @router.get("/campaigns/{campaign}", operation_id="GetCampaign", responses=RESPONSES)
    def get_campaign(campaign: Id, caller: Caller) -> Row:
        """One campaign as everybody may see it: its ledger, and whether a publication is late."""
        row = donations.find(host.read("resources"), donations.CAMPAIGN, campaign)
        if row is None:
            raise NotFound(Failure("reference", f"no campaign {campaign}", "campaign"))
        return _campaign(row, utc(caller.now)) | {"positions": host.positions()}

    @router.get("/campaigns", operation_id="ListCampaigns", responses=RESPONSES)
    def list_campaigns(caller: Caller, limit: Limit = 100, before: Before = None, incident: Named = None) -> Row:
        """Campaigns, the last changed first, as everybody may see them."""
        items, more = page(
            lambda at: donations.listed(host.read("resources"), donations.CAMPAIGN, before=at, limit=limit, incident=incident),
            lambda row: True,
            limit,
            before,
        )
        return {"items": [_campaign(row, utc(caller.now)) for row in items], "next": more, "positions": host.positions()}


def _disclosures(router: APIRouter, host: Host) -> None:
    @router.get("/disclosures/{disclosure}", operation_id="GetDisclosure", responses=RESPONSES)
    def get_disclosure(disclosure: Id, caller: Caller) -> Row:
        """What was published of goods and money. No token is needed; what is about a household ends after its time."""
        row = donations.find(host.read("resources"), donations.DISCLOSURE, disclosure)
        if row is None:
            raise NotFound(Failure("reference", f"no disclosure {disclosure}", "disclosure"))
        return _shown(donations.disclosure_of(row), utc(caller.now)) | {"positions": host.positions()}

    @router.get("/disclosures", operation_id="ListPublications", responses=RESPONSES)
    def list_disclosures(caller: Caller, limit: Limit = 100, before: Before = None, incident: Named = None) -> Row:
        """Disclosures, the last first. No token is needed."""
        items, more = page(
            lambda at: donations.listed(host.read("resources"), donations.DISCLOSURE, before=at, limit=limit, incident=incident),
            lambda row: True,
            limit,
            before,
        )
        told = [_shown(donations.disclosure_of(row), utc(caller.now)) for row in items]
        return {"items": told, "next": more, "positions": host.positions()}


def _gift(host: Host, row: Row) -> Row:
    gift = donations.gift_of(row)
    return {
        "donation": row["donation"],
        "state": gift.status,
        "campaign": gift.campaign,
        "receiver": gift.receiver,
        "donor": donations.pseudonym(host.read("resources"), gift.donor),
        "publish_name": bool(row["publish_name"]),
        "intent": gift.intent,
        "in": row["pieces"],
        "accepted": row["accepted"],
        "rejected": row["rejected"],
        "money": str(taken_in(gift.ledger)),
        "unallocated": str(balance(gift.ledger, UNALLOCATED)),
        "allocated": str(set_aside(gift.ledger)),
        "used": str(used(gift.ledger)),
        "to": sorted(gift.ledger.keys(ALLOCATED)),
        "receipted": bool(row["receipted"]),
    }


def _campaign(row: Row, now: str) -> Row:
    campaign = donations.campaign_of(row)
    ledger, dues = campaign.ledger, {due.key: utc(due.due_at) for due in campaign.clocks.open()}
    return {
        "campaign": row["campaign"],
        "state": campaign.status,
        "fund_raiser": campaign.fund_raiser,
        "incident": campaign.incident,
        "filed": campaign.filing is not None,
        "in": str(taken_in(ledger)),
        "allocated": str(set_aside(ledger)),
        "used": str(used(ledger)),
        "goods": campaign.goods,
        "published": campaign.published,
        "dues": dues,
        "late": sorted(key for key, due in dues.items() if due <= now),
    }


def _shown(said: DisclosurePublished, now: str) -> Row:
    over = said.until is not None and utc(said.until) <= now
    return {
        "disclosure": said.disclosure,
        "matter": said.matter.value,
        "incident": said.incident,
        "source": said.source,
        "money": {name: str(amount) for name, amount in said.money.items()},
        "goods": said.goods,
        "households": [] if over else [{"village": one.village, "kind": one.kind, "amount": str(one.amount)} for one in said.grants],
        "final": said.final,
        "late": said.late,
        "published_at": said.at,
    }
