"""Gifts are used as their donors wish, balance in the ledger, and are published in time (CHL art. 42, 56, 72, 79; NDR-24)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from services.resources.deciders.donations import commands as c
from services.resources.deciders.donations.appeals import NoteResponsePhase
from services.resources.deciders.donations.disclosure import PublishDisclosure
from services.resources.deciders.donations.entries import balance, set_aside, taken_in, used
from services.resources.deciders.relief.household import RegisterHousehold
from services.resources.events import campaign as k
from services.resources.events.disclosure import DisclosurePublished
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.resources.giving_world import CHA, CIVIL, COLLEAGUE, DAY, PLACE, UNQUALIFIED, gift, goods, raising, refused, said, told
from tests.resources.world import CITY, DIGEST, NEIGHBOUR, SYS, Town, at


def test_purpose_changes_with_consent_or_filing_only():
    town = raising()
    town.do(goods())
    change = {"donation": "DO-2", "intent": NEIGHBOUR}
    refused(town, said(c.ChangePurpose, **change), RuleBroken, "CHL-56", cure="donor consent")
    refused(town, said(c.ChangePurpose, **change, consent="she said so"), RuleBroken, "PIPL-5")
    refused(town, said(c.ChangePurpose, donation="DO-2", filing="F-2"), RuleBroken, "CHL-56")
    refused(town, said(c.ChangePurpose, UNQUALIFIED, **change, consent=DIGEST), NotAllowed, "donation.own")
    assert told(town.do(said(c.ChangePurpose, **change, filing="F-2"))) == ["resources.donation.repurposed.v1"]
    assert town.state("stock-FP-XW.WATER").lots["DN-WATER-1"].intent == NEIGHBOUR
    assert town.state("lot-DN-FOOD-1").intent == NEIGHBOUR
    assert not town.do(said(c.ChangePurpose, **change, consent=DIGEST)).events


def test_money_is_set_aside_within_the_wish_and_never_for_who_receives():
    town = raising()
    town.do(gift(intent=PLACE))
    aside = {"donation": "DO-1", "to": "RF-FUND", "money": Decimal(5000), "area": PLACE}
    refused(town, said(c.AllocateDonation, **aside | {"area": NEIGHBOUR}), RuleBroken, "NDR-24.2")
    refused(town, said(c.AllocateDonation, **aside | {"money": Decimal("5000.01")}), RuleBroken, "amount")
    refused(town, said(c.AllocateDonation, **aside | {"money": None, "to": None}), RuleBroken, "amount", "donation.to")
    for own in ("CHA.1", CITY):
        refused(town, said(c.AllocateDonation, **aside | {"to": own}), RuleBroken, "PDL-11")
    town.do(said(c.AllocateDonation, **aside))
    refused(town, said(c.AllocateDonation, **aside | {"money": Decimal("0.01")}), RuleBroken, "amount")


def test_the_ledger_balances_through_the_life_of_a_gift():
    town = raising()
    town.do(gift())
    town.do(goods())
    town.do(said(c.AllocateDonation, donation="DO-1", to="RF-FUND", money=Decimal(3000)))
    use = {"donation": "DO-1", "to": "RF-FUND", "money": Decimal(2000), "cause": "RF-1"}
    refused(town, said(c.RecordDonationUse, **use | {"money": Decimal(3001)}), RuleBroken, "amount")
    refused(town, said(c.RecordDonationUse, **use | {"to": None, "cause": None}), RuleBroken, "amount", "donation.to", "donation.cause")
    town.do(said(c.RecordDonationUse, **use))
    sold = {"donation": "DO-2", "lot": "DN-WATER-1", "qty": 12, "proceeds": Decimal("7.20"), "document": DIGEST, "cosigner": COLLEAGUE}
    refused(town, said(c.ConvertDonation, **sold | {"cosigner": None}), NotAllowed, "two.persons")
    refused(town, said(c.ConvertDonation, **sold | {"qty": 13}), RuleBroken, "PDL-17.4")
    refused(town, said(c.ConvertDonation, **sold | {"proceeds": None, "document": None}), RuleBroken, "PDL-17.4", "PDL-17.4")
    town.do(said(c.ConvertDonation, **sold))
    back = {"donation": "DO-1", "money": Decimal(500), "reason": "asked for", "cosigner": COLLEAGUE}
    refused(town, said(c.ReturnDonation, **back | {"money": Decimal("2000.01")}), RuleBroken, "amount")
    refused(town, said(c.ReturnDonation, **back | {"goods": {"DN-WATER-1": 1}}), RuleBroken, "stock.nonneg")
    refused(town, said(c.ReturnDonation, **back | {"money": None, "reason": None}), RuleBroken, "donation.gift", "donation.cause")
    town.do(said(c.ReturnDonation, **back))
    ledger = town.state("campaign-CP-1").ledger
    assert (taken_in(ledger), set_aside(ledger), used(ledger)) == (Decimal("4507.20"), Decimal("3000.00"), Decimal("2000.00"))
    gifts = [town.state(f"donation-{one}").ledger for one in ("DO-1", "DO-2")]
    for account in ("unallocated", "allocated"):
        assert sum(balance(one, account) for one in gifts) == balance(ledger, account)
    answer = town.do(said(c.AnswerDonorQuery, donation="DO-1", query="Q-1")).answer
    assert answer == {"unallocated": "1500.00", "allocated": "1000.00", "used": "2000.00", "accepted": {}}
    assert not town.do(said(c.AnswerDonorQuery, donation="DO-1", query="Q-1")).events


def test_all_given_back_is_returned():
    town = raising()
    town.do(gift())
    town.do(said(c.ReturnDonation, donation="DO-1", money=Decimal(5000), reason="asked for", cosigner=COLLEAGUE))
    refused(town, said(c.AllocateDonation, donation="DO-1", to="RF-FUND", money=Decimal(1)), WrongState, "donation.state")


def test_only_what_the_ledger_says_is_published():
    town = raising()
    town.do(gift())
    town.do(goods())
    town.do(said(c.AllocateDonation, donation="DO-1", to="RF-FUND", money=Decimal(5000)))
    says = {"campaign": "CP-1", "in_": Decimal("5000.0"), "allocated": Decimal("5000.0"), "goods_in": 688}
    for wrong in ({"in_": Decimal("5000.01")}, {"allocated": Decimal(0)}, {"goods_in": 700}, {"used": Decimal(1)}):
        refused(town, said(c.PublishLedger, **says | wrong), RuleBroken, "donation.ledger", cure="in 5000.00, allocated 5000.00, used 0.00")
    published = town.do(said(c.PublishLedger, CHA, at("18:00", 23), **says)).events[0]
    assert (published.in_, published.goods, published.late) == (Decimal("5000.00"), {"WATER": 588, "FOOD": 100}, False)
    assert published.clocks[0].due_at == at("18:00", 28)
    refused(town, said(c.PublishLedger, **says, final=True), RuleBroken, "CHL-79")
    later = town.do(said(c.PublishLedger, CHA, at("18:01", 28), campaign="CP-1"))
    assert (later.flags, later.events[0].late, later.events[0].number) == (("A-LATE",), True, 2)


def test_a_missed_publication_is_told_once():
    town = raising()
    missed = said(c.EscalateCampaignClock, SYS, at("09:10", 24), campaign="CP-1", key="K-33")
    assert town.do(missed).events and not town.do(missed).events


def test_after_the_response_the_term_is_three_months_and_after_the_end_the_last_is_in_full():
    town = raising()
    over = NoteResponsePhase(by=SYS, now=at("09:00", 24), incident="INC-1", over=True)
    phase = town.do(over)
    assert isinstance(phase.events[1], k.CampaignPhaseChanged)
    assert phase.events[1].clocks[0].due_at == at("09:00", 24) + timedelta(days=90)
    assert not town.do(over).events
    assert town.do(said(c.OpenCampaign, campaign="CP-2", incident="INC-1")).events[0].response_over
    refused(town, said(c.CloseCampaign, campaign="CP-1"), RuleBroken, "CHL-79")
    closed = town.do(said(c.CloseCampaign, campaign="CP-1", reason="over")).events[0]
    assert (closed.stopped, closed.clocks[0].key) == (("K-33",), "K-33.final")
    assert town.state("raiser-CHA.1").campaigns == ("CP-2",)
    final = town.do(said(c.PublishLedger, campaign="CP-1", final=True)).events[0]
    assert (final.met, final.clocks) == (("K-33.final",), ())
    again = town.do(said(c.PublishLedger, campaign="CP-1")).events[0]
    assert (again.met, again.clocks, again.number, town.state("campaign-CP-1").status) == ((), (), 2, "disclosed in full")
    town.do(said(c.FileCampaign, campaign="CP-1", filing="F-1"))
    assert not town.state("campaign-CP-1").clocks.open()


def test_what_is_late_when_the_response_ends_is_still_late():
    town = raising()
    town.do(NoteResponsePhase(by=SYS, now=at("18:00", 24), incident="INC-1", over=True))
    late = town.do(said(c.PublishLedger, CHA, at("18:01", 24), campaign="CP-1"))
    assert late.flags == ("A-LATE",) and late.events[0].clocks[0].due_at == at("18:01", 24) + timedelta(days=90)


def test_a_response_that_begins_again_gives_nobody_more_time():
    town = raising()
    town.do(NoteResponsePhase(by=SYS, now=at("09:00", 24), incident="INC-1", over=True))
    begins = {"by": SYS, "incident": "INC-1", "over": False, "activation": "ACT-B"}
    ninety = at("09:00", 24) + timedelta(days=90)
    [_, changed] = town.do(NoteResponsePhase(**begins, now=ninety - timedelta(days=1))).events
    assert changed.clocks == () and town.state("campaign-CP-1").clocks.get("K-33").due_at == ninety


def test_money_of_nobody_known_goes_back_to_nobody_and_another_charity_signs_nothing():
    town = raising()
    town.do(gift(donor=None, anonymous=True, purpose=None))
    back = {"donation": "DO-1", "money": Decimal(1), "reason": "asked for"}
    refused(town, said(c.ReturnDonation, **back, cosigner=COLLEAGUE), RuleBroken, "CHL-56")
    refused(town, said(c.ReturnDonation, **back, cosigner=UNQUALIFIED), NotAllowed, "donation.own")


def test_no_household_is_named_where_everybody_reads_it():
    town = raising()
    town.do(gift())
    town.do(RegisterHousehold(by=CIVIL, now=DAY, household="HH-1", village=PLACE, persons=2))
    refused(town, said(c.AllocateDonation, donation="DO-1", to="HH-1", money=Decimal(1)), RuleBroken, "PIPL-25")


def test_a_disclosure_is_shown_once():
    town = Town()
    shown = said(PublishDisclosure, SYS, disclosure="DS-CP-1-1", campaign="CP-1", money={"in": Decimal(1)})
    assert isinstance(town.do(shown).events[0], DisclosurePublished)
    assert not town.do(shown).events


def test_of_two_responses_the_last_to_end_counts():
    town = raising()

    def phase(activation: str, over: bool) -> list[type[Any]]:
        said_ = NoteResponsePhase(by=SYS, now=DAY, incident="INC-1", activation=activation, over=over)
        return [type(fact) for fact in town.do(said_).events]

    assert phase("ACT-B", False) == phase("ACT-C", False) == [k.ResponsePhaseNoted]
    assert phase("ACT-B", True) == [k.ResponsePhaseNoted]
    assert phase("ACT-B", True) == []
    assert phase("ACT-C", True) == [k.ResponsePhaseNoted, k.CampaignPhaseChanged]
    assert phase("ACT-D", False) == [k.ResponsePhaseNoted, k.CampaignPhaseChanged]
    assert not town.state("campaign-CP-1").response_over
