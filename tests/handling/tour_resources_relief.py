"""One accepted example of every command on relief."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from services.resources.deciders.relief import commands as c
from services.resources.deciders.relief import winter as w
from services.resources.deciders.relief.household import RegisterHousehold
from services.resources.deciders.relief.tariff import SetReliefTariff
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk

AREA, VILLAGE = "150722", "150722106"
SYSTEM = Signature("SYS", ("SYS",), AREA)
GACHA = Signature("G.COM", ("L5.committee",), VILLAGE, 5)
TOWNSHIP = Signature("T.XW", ("L4.office",), VILLAGE, 4)
APPROVER = Signature("B.APP", ("EMD.approver",), AREA, 3)
CIVIL = Signature("B.CIV", ("CIV",), AREA, 3)
GOVERNMENT = Signature("B.GOV", ("GOV",), AREA, 3)
FINANCE = Signature("B.FIN", ("FIN",), AREA, 3)
CITIZEN = Signature("HH-2", ("CIT",), VILLAGE, 5)
DOCUMENT = "0" * 64


def relief_tour(desk: Desk) -> Iterator[Command]:
    """A home repaired, paid, recovered; temporary relief paid before its papers; one denied, one sent back; help over the winter."""
    for household in ("HH-1", "HH-2"):
        yield RegisterHousehold(by=GACHA, now=desk.now, household=household, village=VILLAGE, persons=4)
    tariff = {"division": AREA, "kind": "temporary", "year": desk.now.year, "amount": Decimal(500), "source": "notice 1"}
    yield SetReliefTariff(by=FINANCE, now=desk.now, **tariff)
    named = {"incident": "INC-1", "kind": "relief_house_repair"}
    yield c.NominateRelief(by=GACHA, now=desk.now, relief="RF-1", household="HH-1", **named)
    yield c.RecordAppraisal(by=GACHA, now=desk.now, relief="RF-1", votes_for=7, votes_against=0)
    yield c.PostList(by=GACHA, now=desk.now, relief="RF-1", text="one household, house repair")
    yield c.FileObjection(by=CITIZEN, now=desk.now, relief="RF-1", objection="O-1", text="not damaged")
    yield c.ResolveObjection(by=TOWNSHIP, now=desk.now, relief="RF-1", objection="O-1", upheld=False, reason="seen")
    later = {"now": desk.now + timedelta(days=8), "relief": "RF-1"}
    yield c.ReviewAtTownship(by=TOWNSHIP, **later)
    yield c.DecideRelief(by=APPROVER, **later)
    yield c.ServeRelief(by=APPROVER, **later, proof="receipt 1")
    yield c.PayRelief(by=FINANCE, **later)
    yield c.DiscloseUse(by=SYSTEM, **later)
    yield c.RecoverRelief(by=APPROVER, cosigner=CIVIL, **later, reason="no such house")
    yield c.RecordRecovery(by=FINANCE, **later)
    yield from _temporary(desk)
    yield from _winter(desk)


def _temporary(desk: Desk) -> Iterator[Command]:
    named = {"household": "HH-1", "kind": "temporary", "incident": "INC-1", "reason": "no food"}
    yield c.PayUrgentRelief(by=CIVIL, cosigner=FINANCE, now=desk.now, relief="RF-2", **named)
    yield c.EscalateReliefClock(by=SYSTEM, now=desk.now + timedelta(days=11), relief="RF-2", key="relief.paper")
    yield c.PaperRelief(by=CIVIL, now=desk.now, relief="RF-2", document=DOCUMENT)
    asked = {"household": "HH-2", "kind": "temporary", "incident": "INC-1"}
    for relief in ("RF-3", "RF-4"):
        yield c.ApplyRelief(by=CITIZEN, now=desk.now, relief=relief, **asked)
    yield c.DenyRelief(by=CIVIL, now=desk.now, relief="RF-3", reason="no hardship")
    yield c.ReturnApplication(by=TOWNSHIP, now=desk.now, relief="RF-4", reason="asked twice")


def _winter(desk: Desk) -> Iterator[Command]:
    of = {"now": desk.now, "division": AREA, "year": desk.now.year}
    yield w.CountWinterNeed(by=APPROVER, **of, persons={"food": 120})
    november = desk.now.replace(month=11)
    yield w.EscalateWinterClock(by=SYSTEM, now=november, winter=f"{AREA}.{desk.now.year}", key="K-31")
    yield w.AssessWinterNeed(by=APPROVER, **of, finding="true")
    yield w.ApproveWinterPlan(by=GOVERNMENT, **of, amount=Decimal(12000))
    yield w.FileWinterPlan(by=APPROVER, **of, document="filing 1")
