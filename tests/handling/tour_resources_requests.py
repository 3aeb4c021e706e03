"""One accepted example of every command on requests and allocations of resources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from services.resources.deciders.allocations.commands import Allocate, CancelAllocation, EscalateAllocationClock
from services.resources.deciders.requests import commands as c
from services.resources.deciders.stock.commands import ReceiveLot
from services.resources.events.allocation import DISPATCH
from services.resources.events.request import Priority
from services.resources.events.stock import Source
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk

AREA, CITY, REGION, NEIGHBOUR = "150722", "150700", "150000", "150721"
LINE = (AREA, CITY, REGION)
SYSTEM = Signature("SYS", ("SYS",), AREA)
TOWN = Signature("T.XW", ("L4.office",), "150722106", 4)
OFFICER = Signature("B.OFF", ("EMD.officer",), AREA, 3)
APPROVER = Signature("B.APP", ("EMD.approver",), AREA, 3)
KEEPER = Signature("W.MD1", ("WHK",), AREA, 3)
CITY_OFFICER = Signature("C.OFF", ("EMD.officer",), CITY, 2)
NEXT_DUTY = Signature("A.DUTY", ("EMD.duty",), NEIGHBOUR, 3)


def requests_tour(desk: Desk) -> Iterator[Command]:
    """One request goes its whole way; others are cut, declined, cancelled. Of what was received for them nothing stays reserved."""
    signed = {"by": KEEPER, "now": desk.now, "store": "WH-MD", "source": Source.OPENING, "cause": "opening"}
    yield ReceiveLot(**signed, item="TENT", lot="RQ-TENT-1", qty=50)
    for request in ("SR-T1", "SR-T2", "SR-T3", "SR-T4"):
        yield _submit(desk, request)
        if request != "SR-T4":
            yield c.AssessRequest(by=OFFICER, now=desk.now, request=request, vulnerable={"elderly": "some"})
    yield from _granted(desk)
    yield from _promised(desk)
    yield from _handed_on(desk)
    yield from _over(desk)


def _submit(desk: Desk, request: str) -> Command:
    said = {"incident": "INC-1", "place": "150722106", "receiver": "W.FP", "to_store": "FP-XW", "people": 40, "line": LINE}
    until = desk.now + timedelta(days=1)
    return c.SubmitRequest(by=TOWN, now=desk.now, request=request, needed_by=until, items={"TENT": 10}, **said)


def _granted(desk: Desk) -> Iterator[Command]:
    signed, late = {"by": APPROVER, "now": desk.now}, desk.now + timedelta(hours=49)
    yield c.ChangePriority(**signed, request="SR-T1", priority=Priority.LIFE, reason="people in the water")
    yield c.ApproveRequest(**signed, request="SR-T2", items={"TENT": 8}, reason="two are there")
    yield c.CutRequest(**signed, request="SR-T2", items={"TENT": 6}, reason="two more are there")
    yield c.ApproveOrally(**signed, request="SR-T1", channel="duty phone")
    yield c.EscalateRequestClock(by=SYSTEM, now=late, request="SR-T1", key="K-24")
    yield c.PaperApproval(by=APPROVER, now=late, request="SR-T1", document="D-1")


def _promised(desk: Desk) -> Iterator[Command]:
    signed, late = {"by": APPROVER, "now": desk.now}, desk.now + timedelta(days=2)
    yield Allocate(**signed, allocation="AC-T1", request="SR-T1", store="WH-MD", lots={"RQ-TENT-1": 4}, reason="RQ-TENT-1 lies in front")
    yield Allocate(**signed, allocation="AC-T2", request="SR-T2", store="WH-MD", items={"TENT": 2})
    yield CancelAllocation(**signed, allocation="AC-T1", reason="another store gives them")
    yield EscalateAllocationClock(by=SYSTEM, now=late, allocation="AC-T2", key=DISPATCH)
    yield Allocate(**signed, allocation="AC-T3", request="SR-T3", store="WH-MD", items={"TENT": 1})


def _handed_on(desk: Desk) -> Iterator[Command]:
    yield c.ForwardUp(by=OFFICER, now=desk.now, request="SR-T1", to=CITY, stores=("WH-MD", "FP-XW"), reason="kept for the dam site")
    yield c.AskNeighbour(by=CITY_OFFICER, now=desk.now, request="SR-T1", to=NEIGHBOUR, stores=("WH-HL",))
    yield c.RefuseNeighbourHelp(by=NEXT_DUTY, now=desk.now, request="SR-T1", reason="our own river rises")
    yield c.NoteShortage(by=SYSTEM, now=desk.now, request="SR-T1", allocation="AC-T1", owner=REGION)


def _over(desk: Desk) -> Iterator[Command]:
    yield c.CloseRequest(by=OFFICER, now=desk.now, request="SR-T2", unmet={"TENT": 6}, reason="the water went down")
    yield c.CancelRequest(by=TOWN, now=desk.now, request="SR-T3", reason="the school has room")
    yield c.DeclineRequest(by=APPROVER, now=desk.now, request="SR-T4", reason="asked twice")
