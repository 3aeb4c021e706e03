"""A gift comes: whose it is, what of it is of use, into which store, and its receipt (CHL art. 36, 38; PDL art. 11, 16)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.resources.deciders.donations.campaign_state import OPEN, Campaign
from services.resources.deciders.donations.commands import Goods, ReceiveDonation, RecordPledge
from services.resources.deciders.donations.raiser import Raiser, raiser_of, require_own
from services.resources.deciders.donations.state import FLOW, Donation, booking
from services.resources.deciders.incident import Incident, not_open
from services.resources.deciders.masters.item import counted
from services.resources.deciders.masters.lot import lot_of
from services.resources.deciders.masters.store import Store, store_of
from services.resources.deciders.purposes import unknown_purpose
from services.resources.deciders.stock.arriving import arrived
from services.resources.deciders.stock.finding import placed
from services.resources.deciders.stock.moving import day_of
from services.resources.deciders.streams import (
    campaign_stream,
    donation_stream,
    incident_stream,
    item_stream,
    lot_stream,
    raiser_stream,
    stock_stream,
    store_stream,
)
from services.resources.events import donation as d
from services.resources.events.campaign import ReceiptNumbered
from services.resources.events.stock import Source, StockReceived
from shared.blocks.money import cents, unfit
from shared.blocks.working_days import day_of as calendar_day
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

States = Mapping[str, Any]
GOVERNMENT = ("GOV", "EMD", "CIV")
_CODE = re.compile(r"[0-9]{6}(?:[0-9]{3}){0,2}")
NATURAL = "NAT"  # the branch of incident types; where none was told it is not doubted


def pledge(command: RecordPledge, states: States) -> Decided:
    """Only what somebody wishes to give: no amount is ever asked for."""
    who = raiser_of(command)
    require_own(command.by, who)
    donation: Donation = states[donation_stream(command.donation)]
    FLOW.require(donation.status, command)
    campaign = _campaign(command, states, who)
    faults = [*unfit(command.money, "money"), *_nothing(command.money, command.goods), *nowhere(command.intent)]
    faults += [Failure("stock.quantity", f"{item}: one at least", "goods") for item, qty in command.goods.items() if qty < 1]
    refuse_all(RuleBroken, faults)
    return Decided(
        [
            (
                donation_stream(command.donation),
                d.DonationPledged(
                    donation=command.donation,
                    donor=command.donor,
                    receiver=who,
                    campaign=campaign.campaign if campaign else None,
                    incident=command.incident or (campaign.incident if campaign else None),
                    intent=command.intent,
                    money=cents(command.money or Decimal(0)),
                    goods=dict(command.goods),
                    by=command.by.actor,
                    division=command.by.division,
                    at=command.now,
                    wish=command.wish,
                ),
            )
        ],
        basis="CHL-36",
    )


def receive(command: ReceiveDonation, states: States, rules: Rules) -> Decided:
    """Received, inspected, stored, receipted: all of it or nothing."""
    own, who = donation_stream(command.donation), raiser_of(command)
    require_own(command.by, who)
    before: Donation = states[own]
    FLOW.require(before.status, command)
    campaign = _campaign(command, states, who)
    incident = command.incident or (campaign.incident if campaign else None) or before.incident
    store = store_of(command.store, states) if command.store else None
    goods, faults = _counted(command, states)
    faults += [*_as_pledged(command, before), *unknown_purpose(command.purpose, "donation", rules)]
    refuse_all(RuleBroken, [*_faults(command, incident, campaign, states), *faults])
    division, at = command.by.division, command.now
    received = d.DonationReceived(
        donation=command.donation,
        donor=None if command.anonymous else command.donor or before.donor,
        receiver=who,
        campaign=campaign.campaign if campaign else None,
        incident=incident,
        intent=command.intent or before.intent,
        money=cents(command.money or Decimal(0)),
        pieces=sum(one.qty for one in goods),
        store=command.store if goods else None,
        publish_name=command.publish_name,
        purpose=command.purpose,
        person=command.person,
        fields=command.fields,
        by=command.by.actor,
        division=division,
        at=at,
        wish=command.wish,
    )
    facts: list[tuple[str, Any]] = [(own, received)]
    items: dict[str, int] = {}
    if goods:
        accepted = sum(one.passed for one in goods)
        facts.append((own, d.DonationInspected(command.donation, goods, accepted, received.pieces - accepted, command.by.actor, at)))
        assert store is not None
        facts += _stored(command, goods, received, store, states)
        for one in goods:
            items[one.item] = items.get(one.item, 0) + one.passed
    apart = sum(fact.qty for _, fact in facts if isinstance(fact, StockReceived) and fact.pending)
    number, waived = _number(command, received, states, rules)
    facts += _receipted(command, received, number, waived, states)
    facts += booking(received.campaign, command.donation, received, {item: qty for item, qty in items.items() if qty})
    return Decided(facts, answer={"receipt": number} | ({"apart": apart} if apart else {}), basis="CHL-36")


def sought(command: ReceiveDonation | RecordPledge) -> tuple[str, ...]:
    """What a gift is asked against: receiver, campaign, incident, and of goods the store, items, lots and ledgers."""
    named = [donation_stream(command.donation), raiser_stream(raiser_of(command))]
    named += [campaign_stream(command.campaign)] if command.campaign else []
    named += [incident_stream(command.incident)] if command.incident else []
    if isinstance(command, RecordPledge):
        return tuple(named)
    named += [store_stream(command.store)] if command.store else []
    for one in command.goods:
        named += [item_stream(one.item), lot_stream(one.lot)]
        named += [stock_stream(command.store, one.item)] if command.store else []
    return tuple(dict.fromkeys(named))


def implied(command: ReceiveDonation | RecordPledge, states: States) -> tuple[str, ...]:
    """The campaign nobody named, since the fund-raiser has only one; and its incident."""
    raiser = states.get(raiser_stream(raiser_of(command)))
    before = states.get(donation_stream(command.donation))
    named = command.campaign or (before.campaign if isinstance(before, Donation) else None)
    only = raiser.campaigns[0] if isinstance(raiser, Raiser) and len(raiser.campaigns) == 1 else None
    streams = [campaign_stream(one) for one in (named or only,) if one]
    campaign = states.get(streams[0]) if streams else None
    streams += [incident_stream(campaign.incident)] if isinstance(campaign, Campaign) and campaign.incident else []
    return tuple(streams)


def store_area(command: ReceiveDonation, states: States) -> tuple[str, ...]:
    """Where it is received, and whose store it goes into."""
    store = states.get(store_stream(command.store)) if command.store else None
    owner = store.owner if isinstance(store, Store) else None
    return tuple(code for code in (command.by.division, owner) if code)


def _campaign(command: ReceiveDonation | RecordPledge, states: States, who: str) -> Campaign | None:
    """The campaign it is named for, or the only open one. NotFound, WrongState, NotAllowed."""
    found = next((one for one in states.values() if isinstance(one, Campaign) and one.campaign), None)
    if command.campaign and found is None:
        raise NotFound(Failure("reference", f"campaign {command.campaign} is unknown: open it first", "campaign"))
    if found is None or (not command.campaign and (found.status != OPEN or command.incident not in (None, found.incident))):
        return None  # what was pledged for a campaign may come after its end; what is for another incident is none of it
    require_own(command.by, found.fund_raiser)
    if found.status != OPEN:
        raise WrongState(Failure("campaign.state", f"{found.campaign} is {found.status}: name an open campaign, or none", "campaign"))
    return found


def _faults(command: ReceiveDonation, incident: str | None, campaign: Campaign | None, states: States) -> Iterable[Failure]:
    yield from unfit(command.money, "money")
    yield from nowhere(command.intent)
    yield from _nothing(command.money, command.goods)
    if command.donor is not None and command.anonymous:
        yield Failure("CHL-38", "either the donor is named or the gift is anonymous", "anonymous")
    if campaign is not None and command.incident not in (None, campaign.incident):
        yield Failure("donation.campaign", f"{campaign.campaign} raises for {campaign.incident}: leave the campaign out", "campaign")
    if command.purpose and incident is None:
        yield Failure("ERL-85", "name the incident the donor's data are collected for", "incident")
    if command.goods and not command.store:
        yield Failure("stock.store", "name the store the goods go into", "store")
    if command.by.has(*GOVERNMENT):
        known = states.get(incident_stream(incident)) if incident else None
        natural = isinstance(known, Incident) and (not known.type or known.type.startswith(NATURAL))
        if not_open(incident, states) or not natural:
            yield Failure("PDL-11", "a government takes gifts in a natural disaster only: name the open incident", "incident")
    raiser = states.get(raiser_stream(raiser_of(command)))
    if campaign is None and isinstance(raiser, Raiser) and len(raiser.campaigns) > 1:
        yield Failure("donation.campaign", f"say for which campaign: {', '.join(raiser.campaigns)}", "campaign")


def _as_pledged(command: ReceiveDonation, before: Donation) -> Iterable[Failure]:
    """What the donor pledged is received as the donor wished it, and from that donor."""
    if command.donor is None and before.donor is None and not command.anonymous:
        yield Failure("CHL-38", "name the donor, or write down that the gift is anonymous", "donor")
    if before.donor is not None and command.donor not in (None, before.donor):
        yield Failure("CHL-38", f"{command.donation} was pledged by another: give what this donor brings an id of its own", "donor")
    if before.intent is not None and command.intent not in (None, before.intent):
        yield Failure("CHL-56", f"it was pledged for {before.intent}: receive it so, then change the purpose with donor consent", "intent")


def nowhere(intent: str | None) -> list[Failure]:
    """The fault of a wish that is no code of a division: it is what allocating is held to, and everybody reads it."""
    if intent is None or _CODE.fullmatch(intent):
        return []
    return [Failure("donation.intent", "intent is a division's code (6, 9 or 12 digits); what the donor says in words is wish", "intent")]


def _nothing(money: Decimal | None, goods: Any) -> Iterable[Failure]:
    if not money and not goods:
        yield Failure("donation.gift", "name the money or the goods", "money")


def _counted(command: ReceiveDonation, states: States) -> tuple[tuple[d.GivenGoods, ...], list[Failure]]:
    """The goods in the items' own units; with everything that is wrong about any line."""
    found: list[d.GivenGoods] = []
    faults: list[Failure] = []
    for one in command.goods:
        qty, wrong = counted(one.qty, one.unit, one.item, states)
        passed, wrong_too = (0, []) if wrong or (one.passed or 0) < 1 else counted(one.passed, one.unit, one.item, states, "passed")
        faults += [*wrong, *wrong_too]
        if one.passed is None:
            faults.append(Failure("CHL-36", f"{one.lot}: say how much passed the inspection", "goods"))
        elif (not wrong and not 0 <= passed <= qty) or one.passed < 0:
            faults.append(Failure("stock.quantity", f"{one.lot}: of {qty} from 0 to {qty} can pass", "goods"))
        if one.passed and one.expires is not None and one.expires < day_of(command.now):
            faults.append(Failure("stock.expired", f"{one.lot} expired on {one.expires}: none of it passes", "goods"))
        if any(one.lot == other.lot for other in found):
            faults.append(Failure("lot.once", f"{one.lot} stands twice: one line for each lot", "goods"))
        found.append(d.GivenGoods(one.lot, one.item, qty, passed, one.expires))
    return tuple(found), faults


def _stored(
    command: ReceiveDonation, goods: Sequence[d.GivenGoods], received: d.DonationReceived, store: Store, states: States
) -> list[tuple[str, Any]]:
    """What passed goes into the store with the donor's wish; the rest never does. On the word of a charity alone it lies apart there."""
    pending = not _expected(command, received, store, states)
    facts: list[tuple[str, Any]] = []
    faults: list[Failure] = []
    named: Mapping[str, Goods] = {one.lot: one for one in command.goods}
    for one in goods:
        if lot_of(one.lot, states).item is not None:  # its purpose may change with the donor's consent: no other goods are of it
            faults.append(Failure("lot.once", f"{one.lot} came before: give each gift lots of its own", "goods"))
        elif one.passed:
            position = named[one.lot].position
            said = (store, one.item, one.lot, one.passed, Source.DONATION, command.donation, command, states)
            came, wrong = arrived(*said, pending=pending, position=position, expires=one.expires, intent=received.intent)
            facts += [fact for fact in came if fact not in facts]
            faults += [*wrong, *placed(position, store, "goods")]
    refuse_all(RuleBroken, faults)
    return facts


def _expected(command: ReceiveDonation, received: d.DonationReceived, store: Store, states: States) -> bool:
    """Whether the store knows of what comes: by its own organs, by a keeper who signs too, or for the open incident of a campaign there.
    Else its keeper counts and passes it first (PassQuality): nobody fills another's store by word of mouth."""
    signed = [one for one in (command.by, command.cosigner) if one is not None]
    if any(one.actor in (store.custodian, *store.keepers) for one in signed) or not command.by.has("CHA"):
        return True
    incident = states.get(incident_stream(received.incident)) if received.campaign and received.incident else None
    return isinstance(incident, Incident) and incident.open and incident.division == store.owner


def _receipted(
    command: ReceiveDonation, received: d.DonationReceived, number: str | None, waived: str, states: States
) -> list[tuple[str, Any]]:
    said = (received.money, received.pieces, received.receiver, command.by.actor, command.now)
    facts: list[tuple[str, Any]] = [(donation_stream(command.donation), d.DonationReceipted(command.donation, number, waived, *said))]
    if number is not None:
        raiser: Raiser = states[raiser_stream(received.receiver)]
        counted_ = ReceiptNumbered(received.receiver, raiser.receipts + 1, command.donation, received.division, command.now)
        facts.append((raiser_stream(received.receiver), counted_))
    return facts


def _number(command: ReceiveDonation, received: d.DonationReceived, states: States, rules: Rules) -> tuple[str | None, str]:
    """The receipt's number; or why there is none, which is written down (CHL-38)."""
    if received.donor is None:
        return None, "anonymous"
    if command.receipt_waived:
        return None, "waived by the donor"
    raiser: Raiser = states[raiser_stream(received.receiver)]
    return f"{received.receiver}-{calendar_day(command.now, rules).year}-{raiser.receipts + 1:05d}", ""
