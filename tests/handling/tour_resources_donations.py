"""One accepted example of every command on campaigns and gifts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from services.resources.deciders.donations import commands as c
from services.resources.deciders.donations.appeals import NoteResponsePhase
from services.resources.deciders.donations.disclosure import PublishDisclosure
from services.resources.deciders.donations.raiser import RecordQualification
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk

AREA, CITY, PLACE = "150722", "150700", "150722106"
SYSTEM = Signature("SYS", ("SYS",), AREA)
CIVIL = Signature("C.CIV", ("CIV",), CITY, 2)
CHARITY = Signature("CHA.1", ("CHA",), CITY, 2)
COLLEAGUE = Signature("CHA.1B", ("CHA",), CITY, 2, organ="CHA.1")
DOCUMENT = "0" * 64


def donations_tour(desk: Desk) -> Iterator[Command]:
    """A campaign with a gift of money and one of goods, used, sold, given back, published, closed."""
    by = {"by": CHARITY, "now": desk.now}
    until = (desk.now + timedelta(days=300)).date()
    yield RecordQualification(by=CIVIL, now=desk.now, fund_raiser="CHA.1", certificate="C-1", valid_until=until)
    yield c.OpenCampaign(**by, campaign="CP-1", incident="INC-1")
    yield c.FileCampaign(**by, campaign="CP-1", filing="F-1")
    yield c.RecordPledge(**by, donation="DO-1", donor="DN-1", money=Decimal(5000))
    yield c.ReceiveDonation(**by, donation="DO-1", donor="DN-1", money=Decimal(5000))
    water = c.Goods("DN-WATER-1", "WATER", 600, 588, until)
    yield c.ReceiveDonation(**by, donation="DO-2", donor="DN-1", intent=PLACE, goods=(water,), store="FP-XW")
    yield c.ChangePurpose(**by, donation="DO-2", intent=AREA, consent=DOCUMENT)
    yield c.AllocateDonation(**by, donation="DO-1", to="RF-FUND", money=Decimal(3000))
    yield c.RecordDonationUse(**by, donation="DO-1", to="RF-FUND", money=Decimal(2000), cause="RF-1")
    sold = {"lot": "DN-WATER-1", "qty": 2, "proceeds": Decimal(2), "document": DOCUMENT}
    yield c.ConvertDonation(**by, cosigner=COLLEAGUE, donation="DO-2", **sold)
    yield c.ReturnDonation(**by, cosigner=COLLEAGUE, donation="DO-2", goods={"DN-WATER-1": 10}, reason="asked for")
    yield c.AnswerDonorQuery(**by, donation="DO-1", query="Q-1")
    yield c.PublishLedger(**by, campaign="CP-1")
    yield PublishDisclosure(by=SYSTEM, now=desk.now, disclosure="DS-CP-1-1", campaign="CP-1", money={"in": Decimal(5000)})
    yield c.EscalateCampaignClock(by=SYSTEM, now=desk.now + timedelta(days=6), campaign="CP-1", key="K-33")
    yield NoteResponsePhase(by=SYSTEM, now=desk.now, incident="INC-1")
    yield c.CloseCampaign(**by, campaign="CP-1", reason="over")
