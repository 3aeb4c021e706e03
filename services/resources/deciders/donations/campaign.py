"""A campaign of public fund-raising (CHL art. 22, 24, 72, 73, 79): opened, filed, its ledger published in time, closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, assert_never

from services.resources.deciders.clock import escalate
from services.resources.deciders.donations.appeals import Appeals
from services.resources.deciders.donations.campaign_state import (
    CLOSED,
    DISCLOSE,
    FILE,
    FINAL,
    FINAL_CLOCK,
    FLOW,
    Campaign,
    about,
    disclosing,
    evolve,
)
from services.resources.deciders.donations.commands import CloseCampaign, EscalateCampaignClock, FileCampaign, OpenCampaign, PublishLedger
from services.resources.deciders.donations.entries import set_aside, taken_in, used
from services.resources.deciders.donations.raiser import Raiser, raiser_of, require_own
from services.resources.deciders.incident import not_open
from services.resources.deciders.streams import appeals_stream, campaign_stream, incident_stream, raiser_stream
from services.resources.events import campaign as c
from shared.blocks.deadlines import deadline
from shared.blocks.money import unfit
from shared.blocks.working_days import day_of
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

Asked = OpenCampaign | FileCampaign | CloseCampaign | PublishLedger | EscalateCampaignClock


def decide(command: Asked, state: Any, rules: Rules) -> Decided | Sequence[Any]:
    """Facts that follow from a command, or a refusal; joint ones get the states by stream."""
    match command:
        case OpenCampaign():
            return _open(command, state, rules)
        case FileCampaign():
            return _file(command, state)
        case CloseCampaign():
            return _close(command, state, rules)
        case PublishLedger():
            return _publish(command, state, rules)
        case EscalateCampaignClock():
            return escalate(command, state.clocks)
        case _:
            assert_never(command)


def _open(command: OpenCampaign, states: Mapping[str, Any], rules: Rules) -> Decided:
    own, who = campaign_stream(command.campaign), raiser_of(command)
    require_own(command.by, who)
    raiser: Raiser = states[raiser_stream(who)]
    FLOW.require(states[own].status, command)
    faults = []
    if not raiser.qualified(day_of(command.now, rules)):
        faults.append(Failure("CHL-22", f"{who} has no public fund-raising qualification that is valid today: it is recorded first"))
    faults += not_open(command.incident, states)
    refuse_all(RuleBroken, faults)
    assert command.incident and raiser.certificate
    appeals: Appeals = states[appeals_stream(command.incident)]
    clocks = [disclosing(appeals.over, command.now, rules)]
    if command.filing is None:
        clocks.append(deadline(rules, FILE, command.now))
    division, now = command.by.division, command.now
    opened = c.CampaignOpened(
        campaign=command.campaign,
        fund_raiser=who,
        certificate=raiser.certificate,
        incident=command.incident,
        filing=command.filing,
        response_over=appeals.over,
        division=division,
        by=command.by.actor,
        at=now,
        clocks=tuple(clocks),
    )
    noted = c.RaiserCampaign(who, command.campaign, True, division, now)
    appeal = c.AppealNoted(command.incident, command.campaign, True, now)
    return Decided([(own, opened), (raiser_stream(who), noted), (appeals_stream(command.incident), appeal)], basis="CHL-22")


def _file(command: FileCampaign, campaign: Campaign) -> Decided:
    require_own(command.by, campaign.fund_raiser)
    FLOW.require(campaign.status, command)
    faults = []
    if campaign.filing:
        faults.append(Failure("CHL-24", f"filed as {campaign.filing}", "filing"))
    if not command.filing:
        faults.append(Failure("CHL-24", "name under which number the plan was filed", "filing"))
    refuse_all(RuleBroken, faults)
    assert command.filing
    late = campaign.clocks.late(FILE, command.now) is not None
    filed = c.CampaignFiled(command.campaign, command.filing, late, command.by.actor, command.now, (FILE,))
    return Decided([filed], basis="CHL-73", flags=("A-LATE",) if late else ())


def _close(command: CloseCampaign, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = campaign_stream(command.campaign)
    campaign: Campaign = states[own]
    require_own(command.by, campaign.fund_raiser)
    FLOW.require(campaign.status, command)
    if not command.reason:
        raise RuleBroken(Failure("CHL-79", "say why it ends", "reason"))
    clocks = (deadline(rules, FINAL_CLOCK, command.now),)
    closed = c.CampaignClosed(command.campaign, command.reason, command.by.actor, command.now, clocks, (DISCLOSE,))
    noted = c.RaiserCampaign(campaign.fund_raiser, command.campaign, False, campaign.division, command.now)
    appeal = c.AppealNoted(campaign.incident, command.campaign, False, command.now)
    streams = raiser_stream(campaign.fund_raiser), appeals_stream(campaign.incident)
    return Decided([(own, closed), (streams[0], noted), (streams[1], appeal)], basis="CHL-79")


def _publish(command: PublishLedger, campaign: Campaign, rules: Rules) -> Decided:
    """The figures are those of the ledger. Who names others is told the ledger's."""
    require_own(command.by, campaign.fund_raiser)
    FLOW.require(campaign.status, command)
    ledger = campaign.ledger
    says: dict[str, Decimal | int] = {
        "in": taken_in(ledger),
        "allocated": set_aside(ledger),
        "used": used(ledger),
        "goods_in": sum(campaign.goods.values()),
    }
    named = {"in": command.in_, "allocated": command.allocated, "used": command.used, "goods_in": command.goods_in}
    faults = [fault for name, said in named.items() if isinstance(said, Decimal) for fault in unfit(said, name)]
    if any(said is not None and said != says[name] for name, said in named.items()):
        told = ", ".join(f"{name} {said}" for name, said in says.items())
        faults.append(Failure("donation.ledger", f"the ledger says {told}: publish that, or book what is missing", "in"))
    final = campaign.status in (CLOSED, FINAL)
    if command.final and not final:
        faults.append(Failure("CHL-79", "the full disclosure follows the end: close the campaign first", "final"))
    refuse_all(RuleBroken, faults)
    key = FINAL_CLOCK if final else DISCLOSE
    late = campaign.clocks.late(key, command.now) is not None and campaign.clocks.runs(key)
    published = c.LedgerPublished(
        campaign=command.campaign,
        number=campaign.published + 1,
        incident=campaign.incident,
        fund_raiser=campaign.fund_raiser,
        in_=taken_in(ledger),
        allocated=set_aside(ledger),
        used=used(ledger),
        goods_in=sum(campaign.goods.values()),
        final=command.final,
        late=late,
        by=command.by.actor,
        at=command.now,
        goods=campaign.goods,
        division=campaign.division,
        met=(key,) if command.final or not final else (),
        clocks=() if final else (disclosing(campaign.response_over, command.now, rules),),
    )
    return Decided([published], basis="CHL-72", flags=("A-LATE",) if late else ())


def _own(command: Any) -> tuple[str, ...]:
    return (campaign_stream(command.campaign),)


def _opening(command: OpenCampaign) -> tuple[str, ...]:
    incident = (incident_stream(command.incident), appeals_stream(command.incident)) if command.incident else ()
    return (*_own(command), raiser_stream(raiser_of(command)), *incident)


def _closing(command: CloseCampaign, states: Mapping[str, Any]) -> tuple[str, ...]:
    campaign = states.get(campaign_stream(command.campaign))
    if not isinstance(campaign, Campaign) or not campaign.fund_raiser:
        return ()
    return raiser_stream(campaign.fund_raiser), appeals_stream(campaign.incident)


def _where(command: OpenCampaign) -> tuple[str, ...]:
    return (command.by.division,) if command.by.division else ()


CAMPAIGN = Decider(
    category="campaign",
    initial=Campaign(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        OpenCampaign: Handles(_opening, areas=_where, creates=True),
        FileCampaign: Handles(_own),
        CloseCampaign: Handles(_own, further=_closing),
        PublishLedger: Handles(_own),
        EscalateCampaignClock: Handles(_own),
    },
    joint=frozenset({OpenCampaign, CloseCampaign}),
)
