"""Gifts: who may raise them, how they are inspected and receipted (CHL art. 22, 36, 38; PDL-11)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.resources.deciders.donations import commands as c
from services.resources.deciders.donations.raiser import RecordQualification
from services.resources.deciders.incident import NoteSupplyIncident
from services.resources.events import donation as d
from services.resources.events.stock import StockReceived
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.giving_world import (
    CHA,
    CIVIL,
    COLLEAGUE,
    DAY,
    PLACE,
    UNQUALIFIED,
    WATER,
    gift,
    goods,
    raising,
    refused,
    said,
    told,
)
from tests.resources.world import APP, AREA, OFF, SYS, Town, at, stocked_town


def test_who_is_not_qualified_raises_nothing():
    town = stocked_town()
    refused(town, said(c.OpenCampaign, UNQUALIFIED, campaign="CP-0"), RuleBroken, "CHL-22", "incident.open")
    named = {"fund_raiser": "CHA.1", "certificate": "C-1", "valid_until": date(2021, 7, 19)}
    refused(town, said(RecordQualification, CIVIL, **named), RuleBroken, "CHL-22", cure="it ended on 2021-07-19")
    town.do(said(RecordQualification, CIVIL, at("08:00", 19), **named))
    cure = "no public fund-raising qualification"
    refused(town, said(c.OpenCampaign, campaign="CP-1", incident="INC-1"), RuleBroken, "CHL-22", cure=cure)
    refused(town, said(c.OpenCampaign, campaign="CP-1", incident="INC-1", fund_raiser="CHA.9"), NotAllowed, "donation.own")
    over = datetime(2021, 7, 19, 16, tzinfo=UTC)  # where the calendar holds it is the next day
    refused(town, said(c.OpenCampaign, CHA, over, campaign="CP-1", incident="INC-1"), RuleBroken, "CHL-22")
    assert town.do(said(c.OpenCampaign, CHA, at("09:00", 19), campaign="CP-1", incident="INC-1")).events


def test_a_qualification_names_its_certificate():
    town = Town()
    refused(town, said(RecordQualification, CIVIL, fund_raiser="CHA.1"), RuleBroken, "CHL-22", "CHL-22")
    named = {"fund_raiser": "CHA.1", "certificate": "C-1", "valid_until": date(2021, 12, 31)}
    assert town.do(said(RecordQualification, CIVIL, **named)).events
    assert not town.do(said(RecordQualification, CIVIL, **named)).events


def test_a_campaign_starts_its_clocks_and_is_filed_in_ten_days():
    town = raising()
    opened = town.past["campaign-CP-1"][0]
    assert [(due.key, due.due_at) for due in opened.clocks] == [("K-33", at("09:10", 24)), ("K-34", at("09:10", 29))]
    refused(town, said(c.FileCampaign, campaign="CP-1"), RuleBroken, "CHL-24")
    refused(town, said(c.FileCampaign, UNQUALIFIED, campaign="CP-1", filing="F-1"), NotAllowed, "donation.own")
    late = town.do(said(c.FileCampaign, CHA, at("09:11", 29), campaign="CP-1", filing="F-1"))
    assert late.flags == ("A-LATE",)
    refused(town, said(c.FileCampaign, campaign="CP-1", filing="F-2"), RuleBroken, "CHL-24")


def test_a_colleague_acts_for_the_organisation():
    town = raising()
    assert town.do(said(c.FileCampaign, COLLEAGUE, campaign="CP-1", filing="F-1")).events
    assert town.do(gift(by=COLLEAGUE)).events[0].receiver == "CHA.1"


def test_money_is_received_and_receipted_for_the_only_campaign():
    town = raising()
    first = town.do(gift())
    assert told(first) == ["resources.donation.received.v1", "resources.donation.receipted.v1"]
    received = first.events[0]
    assert (received.campaign, received.incident, received.money) == ("CP-1", "INC-1", Decimal("5000.00"))
    assert first.answer == {"receipt": "CHA.1-2021-00001"}
    assert town.do(gift(donation="DO-9")).answer == {"receipt": "CHA.1-2021-00002"}
    refused(town, gift(), WrongState, "donation.state")


def test_goods_are_inspected_and_what_fails_never_enters_the_store():
    town = raising()
    came = town.do(goods())
    assert told(came) == [
        "resources.donation.received.v1",
        "resources.donation.inspected.v1",
        "resources.stock.received.v1",
        "resources.stock.received.v1",
        "resources.donation.receipted.v1",
    ]
    assert (came.events[1].accepted, came.events[1].rejected) == (688, 12)
    stock = town.state("stock-FP-XW.WATER")
    assert (stock.available("DN-WATER-1"), stock.lots["DN-WATER-1"].intent) == (588, PLACE)
    assert town.state("campaign-CP-1").goods == {"WATER": 588, "FOOD": 100}


def test_two_lots_of_one_item_and_one_that_failed_altogether():
    town = raising()
    lines = (WATER, c.Goods("DN-WATER-2", "WATER", 10, 10, date(2022, 1, 1)), c.Goods("DN-FOOD-0", "FOOD", 5, 0, date(2021, 7, 1)))
    came = town.do(goods(*lines))
    assert sum(isinstance(fact, StockReceived) for fact in came.events) == 2
    assert town.state("stock-FP-XW.WATER").available("DN-WATER-2") == 10
    assert town.state("stock-FP-XW.FOOD").store == ""
    assert town.state("lot-DN-FOOD-0").item is None


def test_packs_are_counted_exactly():
    town = raising()
    came = town.do(goods(c.Goods("DN-WATER-1", "WATER", 50, 49, date(2021, 12, 1), unit="carton")))
    assert (came.events[1].accepted, came.events[1].rejected) == (588, 12)


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"donor": None}, ["CHL-38"]),
        ({"anonymous": True}, ["CHL-38"]),
        ({"money": None}, ["donation.gift"]),
        ({"money": Decimal("-1")}, ["amount.form"]),
        ({"money": Decimal("0.001")}, ["amount.form"]),
        ({"purpose": "relief.payment"}, ["PIPL-6"]),
    ],
)
def test_a_gift_that_misses_something(change: dict[str, Any], rules: list[str]):
    refused(raising(), gift(**change), RuleBroken, *rules)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (c.Goods("L-1", "WATER", 10, None), "CHL-36"),
        (c.Goods("L-1", "WATER", 10, 11), "stock.quantity"),
        (c.Goods("L-1", "WATER", 10, -1), "stock.quantity"),
        (c.Goods("L-1", "WATER", 0, 0), "stock.quantity"),
        (c.Goods("L-1", "WATER", 10**12 + 1, 1), "stock.quantity"),
        (c.Goods("L-1", "WATER", 10**12, 1, unit="carton"), "stock.quantity"),
        (c.Goods("L-1", "WATER", 10, 10, unit="bale"), "item.unit"),
        (c.Goods("L-1", "GOLD", 10, 10), "item.known"),
        (c.Goods("L-1", "WATER", 10, 10, date(2021, 7, 19)), "stock.expired"),
        (c.Goods("L-1", "WATER", 10, 10, position="Z-9"), "store.position"),
    ],
)
def test_goods_that_do_not_fit(line: c.Goods, rule: str):
    refused(raising(), goods(line), RuleBroken, rule)


def test_goods_need_a_store_that_is_open_and_a_lot_of_their_own():
    town = raising()
    refused(town, goods(store=None), RuleBroken, "stock.store")
    refused(town, goods(store="WH-NONE"), NotFound, "reference")
    refused(town, goods(WATER, WATER), RuleBroken, "lot.once")
    town.do(goods())
    for line in (c.Goods("DN-WATER-1", "FOOD", 1, 1), WATER):
        refused(town, goods(line, donation="DO-3", intent=None), RuleBroken, "lot.once")


def test_anonymous_and_waived_receipts_are_written_down():
    town = raising()
    unknown = town.do(gift(donor=None, anonymous=True, purpose=None)).events[1]
    assert (unknown.receipt, unknown.waived) == (None, "anonymous")
    waived = town.do(gift(donation="DO-2", receipt_waived=True)).events[1]
    assert (waived.receipt, waived.waived) == (None, "waived by the donor")
    assert town.do(gift(donation="DO-3")).answer == {"receipt": "CHA.1-2021-00001"}


def test_with_several_campaigns_the_gift_names_its_own():
    town = raising()
    town.do(NoteSupplyIncident(by=SYS, now=DAY, incident="INC-2", division=AREA))
    town.do(said(c.OpenCampaign, campaign="CP-2", incident="INC-2"))
    refused(town, gift(), RuleBroken, "ERL-85", "donation.campaign")
    assert town.do(gift(campaign="CP-2")).events[0].incident == "INC-2"
    refused(town, gift(donation="DO-2", campaign="CP-9"), NotFound, "reference")
    town.do(said(c.CloseCampaign, campaign="CP-2", reason="over"))
    refused(town, gift(donation="DO-2", campaign="CP-2"), WrongState, "campaign.state")


def test_without_a_campaign_a_donors_data_need_an_incident():
    town = stocked_town()
    refused(town, gift(by=UNQUALIFIED), RuleBroken, "ERL-85")
    assert town.do(gift(by=UNQUALIFIED, incident="INC-1")).events[0].campaign is None


def test_a_government_takes_gifts_in_a_natural_disaster_for_its_division():
    town = stocked_town()
    refused(town, gift(by=OFF, purpose=None), RuleBroken, "PDL-11")
    town.do(NoteSupplyIncident(by=SYS, now=DAY, incident="INC-3", division=AREA, type="ACC.MINE"))
    refused(town, gift(by=OFF, incident="INC-3"), RuleBroken, "PDL-11")
    assert town.do(gift(by=OFF, incident="INC-1")).events[0].receiver == AREA
    colleague = said(c.AllocateDonation, APP, donation="DO-1", to="RF-FUND", money=Decimal(1))
    assert town.do(colleague).events


def test_a_pledge_becomes_a_gift():
    town = raising()
    refused(town, said(c.RecordPledge, donation="DO-1"), RuleBroken, "donation.gift")
    refused(town, said(c.RecordPledge, donation="DO-1", goods={"WATER": 0}), RuleBroken, "stock.quantity")
    pledged = town.do(said(c.RecordPledge, donation="DO-1", donor="DN-1", money=Decimal(10), intent=PLACE)).events[0]
    assert isinstance(pledged, d.DonationPledged) and pledged.campaign == "CP-1"
    town.do(said(c.CloseCampaign, campaign="CP-1", reason="over"))
    refused(town, gift(incident="INC-1", intent=AREA), RuleBroken, "CHL-56")
    refused(town, gift(incident="INC-1", donor="DN-2"), RuleBroken, "CHL-38")
    received = town.do(gift(incident="INC-1", donor=None, money=Decimal(10))).events[0]
    assert (received.intent, received.campaign, received.donor) == (PLACE, None, "DN-1")


def test_who_pledged_may_give_unnamed():
    town = raising()
    town.do(said(c.RecordPledge, donation="DO-1", donor="DN-1", money=Decimal(10)))
    received, receipted = town.do(gift(donor=None, anonymous=True, purpose=None)).events[:2]
    assert (received.donor, receipted.receipt, receipted.waived) == (None, None, "anonymous")


def test_a_gift_for_another_incident_is_of_no_campaign_for_this_one():
    town = raising()
    town.do(NoteSupplyIncident(by=SYS, now=DAY, incident="INC-2", division=AREA))
    refused(town, gift(incident="INC-2", campaign="CP-1"), RuleBroken, "donation.campaign")
    assert town.do(gift(incident="INC-2")).events[0].campaign is None
