"""One accepted example of every command on agreements, call-offs and purchases of resources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from services.resources.deciders.agreements import commands as c
from services.resources.deciders.agreements.agreement import REPORT
from services.resources.deciders.agreements.calling import ANSWER
from services.resources.deciders.agreements.procurement import RecordProcurement
from services.resources.events.agreement import Ground
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk

AREA = "150722"
SYSTEM = Signature("SYS", ("SYS",), AREA)
APPROVER = Signature("B.APP", ("EMD.approver",), AREA, 3)
FINANCE = Signature("B.FIN", ("FIN",), AREA, 3)
KEEPER = Signature("W.MD1", ("WHK",), AREA, 3)
SUPPLIER = Signature("ENT.FOOD", ("ENT",), "150702", 3)


def agreements_tour(desk: Desk) -> Iterator[Command]:
    """One call-off to its payment; others rejected, cancelled, in default. The agreement is changed and ended."""
    signed, supplies, days = {"by": APPROVER, "now": desk.now}, {"by": SUPPLIER, "now": desk.now}, timedelta(days=1)
    until = (desk.now + 300 * days).date()
    terms = {"capacity_per_day": 2000, "lead_days": 1, "price": Decimal(12), "valid_to": until}
    yield c.SignAgreement(**signed, agreement="AG-T1", item="FOOD", with_="ENT.FOOD", owner=AREA, **terms)
    yield c.ReportCapacity(**supplies, agreement="AG-T1", per_day=2500)
    for call_off in ("CO-T1", "CO-T2", "CO-T3", "CO-T4"):
        yield c.CallOff(**signed, call_off=call_off, agreement="AG-T1", qty=100, days=1, to_store="WH-MD", incident="INC-1")
    yield c.RejectCallOff(**supplies, call_off="CO-T2", reason="a machine broke")
    yield c.CancelCallOff(**signed, call_off="CO-T3", reason="not needed")
    yield c.EscalateCallOffClock(by=SYSTEM, now=desk.now + 2 * days, call_off="CO-T4", key=ANSWER)
    for call_off in ("CO-T1", "CO-T4"):
        yield c.AcceptCallOff(**supplies, call_off=call_off)
    yield c.DeliverCallOff(**supplies, call_off="CO-T1", lot="AG-T-FOOD-1", qty=100, expires=until)
    yield c.AcceptQuality(by=KEEPER, now=desk.now, call_off="CO-T1", lot="AG-T-FOOD-1", passed=90, failed=10, reason="wet packs")
    yield c.PayCallOff(by=FINANCE, now=desk.now, call_off="CO-T1")
    yield c.DefaultCallOff(by=APPROVER, now=desk.now + 5 * days, call_off="CO-T4", reason="it did not come")
    yield c.AmendAgreement(**signed, agreement="AG-T1", ground=Ground.PUBLIC_INTEREST, reason="less is needed", capacity_per_day=1000)
    yield c.EscalateAgreementClock(by=SYSTEM, now=desk.now + 31 * days, agreement="AG-T1", key=REPORT)
    yield c.TerminateAgreement(**signed, agreement="AG-T1", ground=Ground.BREACH, reason="three call-offs failed")
    bought = {"item": "pumps", "qty": 4, "price": Decimal(2000), "supplier": "ENT.PUMP", "reason": "the water rises", "incident": "INC-1"}
    yield RecordProcurement(**signed, procurement="PR-T1", ground="disaster", **bought)
