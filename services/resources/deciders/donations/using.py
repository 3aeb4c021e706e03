"""What becomes of a gift: set aside within the donor's wish, spent, given another purpose, sold, given back (CHL art. 42, 56; PDL-17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, assert_never

from services.resources.deciders.donations import commands as c
from services.resources.deciders.donations.entries import ALLOCATED, UNALLOCATED, balance, used
from services.resources.deciders.donations.raiser import require_own
from services.resources.deciders.donations.receiving import nowhere
from services.resources.deciders.donations.state import FLOW, Donation, booking
from services.resources.deciders.masters.lot import LotCard
from services.resources.deciders.relief.household import Household
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import campaign_stream, donation_stream, household_stream, lot_stream, stock_stream
from services.resources.events import donation as d
from services.resources.events.lot import LotRededicated
from services.resources.events.stock import StockRededicated
from shared.blocks.money import cents, unfit, unreferenced
from shared.kernel.decider import Decided
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

States = Mapping[str, Any]


def use(command: c.Handling, states: States) -> Decided | Sequence[Any]:
    """By who received it. Money is never more than there is."""
    donation: Donation = states[donation_stream(command.donation)]
    require_own(command.by, donation.receiver)
    FLOW.require(donation.status, command)
    match command:
        case c.ChangePurpose():
            return _repurpose(command, donation, states)
        case c.AllocateDonation():
            return _allocate(command, donation, states)
        case c.RecordDonationUse():
            return _spend(command, donation)
        case c.ConvertDonation():
            return _convert(command, donation)
        case c.ReturnDonation():
            return _give_back(command, donation)
        case c.AnswerDonorQuery():
            return _answer(command, donation)
        case _:
            assert_never(command)


def reached(command: Any, states: States) -> tuple[str, ...]:
    """The campaign of a gift; where its purpose changes, also its lots and the ledgers they are in."""
    donation = states.get(donation_stream(command.donation))
    if not isinstance(donation, Donation):
        return ()
    streams = [campaign_stream(donation.campaign)] if donation.campaign else []
    if isinstance(command, c.AllocateDonation) and command.to:
        streams.append(household_stream(command.to))
    if isinstance(command, c.ChangePurpose):
        streams += [lot_stream(lot) for lot in donation.accepted]
        cards = (states.get(lot_stream(lot)) for lot in donation.accepted)
        streams += [stock for card in cards if isinstance(card, LotCard) for stock in card.stocks]
    return tuple(streams)


def _repurpose(command: c.ChangePurpose, donation: Donation, states: States) -> Decided | Sequence[Any]:
    faults = [*unreferenced(command.consent, "consent"), *nowhere(command.intent)]
    if not command.consent and not (command.filing and donation.campaign):
        more = ", or the number under which the campaign's changed plan was filed" if donation.campaign else ""
        faults.append(Failure("CHL-56", f"name where the donor consent is kept{more}", "consent"))
    if command.intent is None:
        faults.append(Failure("CHL-56", "name the place it is for from now on", "intent"))
    refuse_all(RuleBroken, faults)
    if command.intent == donation.intent:
        return []
    by, at = command.by.actor, command.now
    changed = d.DonationRepurposed(command.donation, donation.intent, command.intent, command.consent, command.filing, by, at)
    facts: list[tuple[str, Any]] = [(donation_stream(command.donation), changed)]
    for lot in donation.accepted:
        card: LotCard = states[lot_stream(lot)]
        facts.append((lot_stream(lot), LotRededicated(lot, command.intent, at)))
        for store in card.stores:
            own = stock_stream(store, donation.items[lot])
            stock: Stock = states[own]
            if lot in stock.lots:
                facts.append((own, StockRededicated(store, donation.items[lot], lot, command.intent, by, at)))
    return Decided(facts, basis="CHL-56")


def _allocate(command: c.AllocateDonation, donation: Donation, states: States) -> Decided:
    faults = _some(command.money, balance(donation.ledger, UNALLOCATED), "unallocated")
    if not command.to:
        faults.append(Failure("donation.to", "name the fund or request it is for", "to"))
    if command.to and command.to in {donation.receiver, command.by.actor, command.by.organ, command.by.division, donation.division}:
        faults.append(Failure("PDL-11", "who receives gifts does not benefit from them: name another", "to"))
    helped = states.get(household_stream(command.to)) if command.to else None
    if isinstance(helped, Household) and helped.village is not None:
        faults.append(Failure("PIPL-25", "everybody reads what a gift is for: name the fund it is paid from, not the household", "to"))
    if donation.intent is not None and command.area != donation.intent:
        faults.append(Failure("NDR-24.2", f"it was given for {donation.intent}: allocate it there (area), or change the purpose", "area"))
    refuse_all(RuleBroken, faults)
    assert command.to and command.money is not None
    said = (command.donation, command.to, cents(command.money), command.area, command.by.actor, command.now)
    return _moved(command, donation, d.DonationAllocated(*said), "CHL-72")


def _spend(command: c.RecordDonationUse, donation: Donation) -> Decided:
    aside = balance(donation.ledger, f"{ALLOCATED}:{command.to}") if command.to else Decimal(0)
    faults = _some(command.money, aside, f"allocated to {command.to}")
    if not command.to:
        faults.append(Failure("donation.to", "name the fund or request it was set aside for", "to"))
    if not command.cause:
        faults.append(Failure("donation.cause", "name the payment or purchase it was spent on", "cause"))
    refuse_all(RuleBroken, faults)
    assert command.to and command.cause and command.money is not None
    said = (command.donation, command.to, cents(command.money), command.cause, command.by.actor, command.now)
    return _moved(command, donation, d.DonationUsed(*said), "CHL-72")


def _convert(command: c.ConvertDonation, donation: Donation) -> Decided:
    second = _second(command, donation, "the sale")
    left = donation.rejected.get(command.lot, 0)
    faults = [*unfit(command.proceeds, "proceeds"), *unreferenced(command.document, "document")]
    if command.qty is None or not 0 < command.qty <= left:
        faults.append(Failure("PDL-17.4", f"of {command.lot} {left} did not pass and are left: only such are sold", "qty"))
    if not command.proceeds:
        faults.append(Failure("PDL-17.4", "say what they brought", "proceeds"))
    if not command.document:
        faults.append(Failure("PDL-17.4", "name where the record of the sale is kept", "document"))
    refuse_all(RuleBroken, faults)
    assert command.qty is not None and command.proceeds is not None and command.document
    said = (command.donation, command.lot, command.qty, cents(command.proceeds), command.document, command.by.actor, second, command.now)
    return _moved(command, donation, d.DonationConverted(*said), "PDL-17.4")


def _give_back(command: c.ReturnDonation, donation: Donation) -> Decided:
    second = _second(command, donation, "giving back")
    faults = _some(command.money, balance(donation.ledger, UNALLOCATED), "unallocated") if command.money is not None else []
    if command.money and donation.donor is None:
        faults.append(Failure("CHL-56", "nobody knows who gave it: money of an anonymous gift goes to nobody", "money"))
    for lot, qty in command.goods.items():
        left = donation.rejected.get(lot, 0)
        if not 0 < qty <= left:
            faults.append(Failure("stock.nonneg", f"of {lot} {left} were not taken in and are left: only such go back from here", "goods"))
    if command.money is None and not command.goods:
        faults.append(Failure("donation.gift", "name the money or the goods", "money"))
    if not command.reason:
        faults.append(Failure("donation.cause", "say why it is given back", "reason"))
    refuse_all(RuleBroken, faults)
    assert command.reason
    money, goods = cents(command.money or Decimal(0)), dict(command.goods)
    said = (command.donation, money, goods, command.reason, command.by.actor, second, command.now)
    return _moved(command, donation, d.DonationReturned(*said), "CHL-56")


def _answer(command: c.AnswerDonorQuery, donation: Donation) -> Decided | Sequence[Any]:
    if command.query in donation.queries:
        return []
    ledger = donation.ledger
    figures = (balance(ledger, UNALLOCATED), balance(ledger, ALLOCATED), used(ledger))
    answered = d.DonorQueryAnswered(
        command.donation, command.query, *figures, command.by.actor, command.now, accepted=dict(donation.accepted)
    )
    told = dict(zip(("unallocated", "allocated", "used"), map(str, figures), strict=True))
    return Decided([(donation_stream(command.donation), answered)], answer={**told, "accepted": dict(donation.accepted)}, basis="CHL-42")


def _some(money: Decimal | None, most: Decimal, what: str) -> list[Failure]:
    """A fault unless it is something, and no more than there is."""
    if faults := unfit(money, "money"):
        return faults
    if not money or money > most:
        return [Failure("amount", f"{what} is {most}: name an amount up to that", "money")]
    return []


def _second(command: Any, donation: Donation, what: str) -> str:
    """Another of who received it. NotAllowed."""
    if command.cosigner is None or command.cosigner.actor == command.by.actor:
        raise NotAllowed(Failure("two.persons", f"a second person signs {what} too"))
    require_own(command.cosigner, donation.receiver)
    return str(command.cosigner.actor)


def _moved(command: Any, donation: Donation, fact: Any, basis: str) -> Decided:
    return Decided([(donation_stream(command.donation), fact), *booking(donation.campaign, command.donation, fact)], basis=basis)
