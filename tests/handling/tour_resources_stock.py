"""One accepted example of every command on goods in stores; works in the stores and with the items of `masters_tour`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from services.resources.deciders.masters.lot import EXPIRY
from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.loans import DUE
from services.resources.events.goods import Source
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk

AREA = "150722"
SYSTEM = Signature("SYS", ("SYS",), AREA)
KEEPER, SECOND = (Signature(post, ("WHK",), AREA, 3) for post in ("W.MD1", "W.MD2"))
RESERVES = Signature("B.RSV", ("RSV",), AREA, 3)


def stock_tour(desk: Desk) -> Iterator[Command]:
    """Goods received, checked, put away, issued, returned, moved, lent, lost, written off, taken back, recalled, expired."""
    signed = {"by": KEEPER, "now": desk.now}
    here, last = signed | {"store": "WH-MD"}, (desk.now + timedelta(days=30)).date()
    yield c.ReceiveLot(**here, item="WATER", lot="ST-WATER-1", qty=100, unit="carton", cause="DN-1", expires=last)
    yield c.ReceiveLot(**here, item="TENT", lot="ST-TENT-1", qty=50, source=Source.OPENING, position="A-01")
    yield c.ReceiveLot(**here, item="FOOD", lot="ST-FOOD-1", qty=80, cause="DN-2", pending=True)
    yield c.PassQuality(**here, lot="ST-FOOD-1", qty=40, cause="LAB-1")
    yield c.FailQuality(**here, lot="ST-FOOD-1", reason="smell", to_supplier=True)
    yield c.PutAway(**here, lot="ST-WATER-1", position="C-01")
    yield c.IssueStock(**here, item="WATER", qty=10, cause="INC-1")
    yield c.ReverseMovement(**here, item="WATER", version=3, reason="not picked up")
    yield c.ReturnStock(**here, cosigner=SECOND, item="BED", lot="ST-BED-1", good=20, damaged=2, lost=1)
    yield c.TransferStock(**signed, from_store="WH-MD", to_store="FP-XW", lots={"ST-WATER-1": 60}, receiver="W.FP")
    yield c.WriteOff(**here, cosigner=SECOND, lot="ST-BED-1", qty=2, reason="broken")
    yield c.RecordLoss(**here, cosigner=SECOND, lot="ST-TENT-1", qty=1, cause="INC-1", reason="blown away")
    yield c.QuarantineLot(**here, lot="ST-FOOD-1", reason="complaint")
    yield c.LendStock(**here, loan="LN-1", lots={"ST-TENT-1": 5}, to="150721", due_at=desk.now + timedelta(days=7), cause="INC-1")
    yield c.EscalateLoanClock(by=SYSTEM, now=desk.now + timedelta(days=8), loan="LN-1", key=DUE)
    yield c.ReturnLoan(**signed, loan="LN-1", lot="ST-TENT-1", good=5)
    yield c.RecallLot(by=RESERVES, now=desk.now, lot="ST-FOOD-1", reason="notice 1")
    yield c.SweepExpired(by=SYSTEM, now=desk.now + timedelta(days=32), lot="ST-WATER-1", key=EXPIRY)
    yield c.IssueStock(**here, lots={"ST-TENT-1": 49, "ST-BED-1": 20}, cause="INC-1", reason="what comes next has goods of its own")
