"""One accepted example of every command on orders, tasks, military help, evacuations, shelters, releases and rumours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from services.alerts.deciders.evacuations import commands as evacuations
from services.alerts.deciders.incidents import commands as incidents
from services.alerts.deciders.orders import commands as orders
from services.alerts.deciders.orders import flight, military, task
from services.alerts.deciders.releases import commands as releases
from services.alerts.deciders.releases.bulletin import PostBulletin, WithdrawBulletin
from services.alerts.events.incident import IncidentType
from services.alerts.events.order import Finding, ObjectionOutcome
from services.alerts.events.release import ReleaseKind
from services.alerts.events.rumour import ReferredTo, RumourFinding
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk
from tests.hosts.alert_work import AREA, GOVERNMENT, OFFICER

SYSTEM = Signature("SYS", ("SYS",), AREA)
HEADQUARTERS = Signature("B.HQ", ("HQ",), AREA, 3)
COMMANDER = Signature("B.ICP", ("ICP",), AREA, 3)
TEAM = Signature("TL.1", ("TEAM",), AREA, 3)
SPOKESPERSON = Signature("B.PIO", ("PIO",), AREA, 3)
TOWNSHIP = Signature("T.XW", ("L4.office",), "150722106", 4)
CITY = Signature("C.GOV", ("GOV",), "150700", 2)
HOUR = timedelta(hours=1)


def orders_tour(desk: Desk) -> Iterator[Command]:
    """An order to its end, work in all its ways, help asked for, people moved and sheltered, the public told."""
    yield from _orders(desk)
    yield from _tasks(desk)
    yield from _military(desk)
    yield from _flights(desk)
    yield from _evacuation(desk)
    yield from _released(desk)
    yield from _rumour(desk)


def _orders(desk: Desk) -> Iterator[Command]:
    signed = {"by": HEADQUARTERS, "now": desk.now}
    said = {"measure_type": "close road", "basis": "ERL-67", "executor": COMMANDER.actor, "due": desk.now + HOUR, "feedback": "hourly"}
    for order in ("OR-1", "OR-2"):
        yield orders.IssueOrder(**signed, order=order, **said, end_condition="dry", remedy="notice 1", text="the road is closed", oral=True)
    for one in (orders.PublishOrder, orders.PaperOrder, orders.FileOrder):
        told = {orders.PaperOrder: {"document": "DOC-1"}, orders.FileOrder: {"desk": "standing committee"}}.get(one, {})
        yield one(**signed, order="OR-1", **told)
    yield orders.AcknowledgeOrder(by=COMMANDER, now=desk.now, order="OR-1")
    yield orders.ObjectToOrder(by=COMMANDER, now=desk.now, order="OR-1", reason="the bypass is under water")
    yield orders.DecideObjection(**signed, order="OR-1", outcome=ObjectionOutcome.DISMISSED, reason="it is passable")
    yield orders.ReviewProportionality(**signed, order="OR-1", finding=Finding.KEEP, note="the water still rises")
    yield orders.AmendOrder(**signed, order="OR-1", due=desk.now + 2 * HOUR, reason="longer")
    yield orders.EscalateOrderClock(by=SYSTEM, now=desk.now + 25 * HOUR, order="OR-1", key="K-19")
    yield orders.EndOrder(**signed, order="OR-1", reason="the road is dry")
    yield orders.RevokeOrder(**signed, order="OR-2", reason="given twice")
    isolation = said | {"measure_type": "close place", "basis": "IDL-41", "end_condition": "nobody is ill", "remedy": "notice 2"}
    epidemic = {"incident": "INC-EP", "type": IncidentType.EPIDEMIC, "division": AREA, "known_at": desk.now}
    yield incidents.RegisterIncident(by=OFFICER, now=desk.now, **epidemic)
    yield orders.IssueOrder(**signed, order="OR-3", **isolation, incident="INC-EP")
    yield orders.DecideOrderAbove(by=CITY, now=desk.now, order="OR-3", approved=True)


def _tasks(desk: Desk) -> Iterator[Command]:
    signed = {"by": HEADQUARTERS, "now": desk.now}
    work = {"kind": "guard_dam", "executor": TEAM.actor, "due": desk.now + HOUR, "feedback": "hourly"}
    for name in ("T-11", "T-12", "T-13", "T-14"):
        yield task.AssignTask(**signed, task=name, **work)
    doing = {"by": TEAM, "now": desk.now}
    yield task.AcceptTask(**doing, task="T-11")
    yield task.ReportProgress(**doing, task="T-11", text="built", finished=True)
    yield task.VerifyTask(**signed, task="T-11")
    yield task.RefuseTask(**doing, task="T-12", reason="no boat")
    yield task.DelegateTask(**signed, task="T-12", executor="TL.2")
    yield task.AbortTask(**signed, task="T-12", reason="no longer needed")
    yield task.EscalateTaskClock(by=SYSTEM, now=desk.now + HOUR, task="T-13", key="due")
    yield task.WithdrawTeams(by=COMMANDER, now=desk.now, withdrawal="WD-1", reason="the dam gives way", tasks=("T-13",))
    yield task.WithdrawTask(by=SYSTEM, now=desk.now, task="T-14", reason="the level was lowered")


def _military(desk: Desk) -> Iterator[Command]:
    signed = {"by": GOVERNMENT, "now": desk.now, "request": "MR-1"}
    six = {"kind": "dam failure", "time": desk.now - HOUR, "area": AREA, "degree": "a town", "measures": "moved", "forces": "10 boats"}
    yield military.RequestMilitaryAssistance(**signed, **six)
    yield military.RecordMilitaryAnswer(**signed, agreed=True)
    yield military.StartMilitarySupport(**signed)
    yield military.EndMilitarySupport(**signed)
    yield military.ReportMilitaryCost(**signed, document="DOC-2")


def _flights(desk: Desk) -> Iterator[Command]:
    said = {"operator": "TL.1", "purpose": "look for people", "area": AREA, "starts": desk.now + HOUR, "ends": desk.now + 2 * HOUR}
    for name in ("FL-1", "FL-2"):
        yield flight.RequestFlight(by=HEADQUARTERS, now=desk.now, flight=name, **said)
    yield flight.RecordFlightAnswer(by=HEADQUARTERS, now=desk.now, flight="FL-1", permitted=True)
    yield flight.WithdrawFlight(by=HEADQUARTERS, now=desk.now, flight="FL-1", reason="found")
    yield flight.EscalateFlightClock(by=SYSTEM, now=desk.now + HOUR, flight="FL-2", key="K-41")


def _evacuation(desk: Desk) -> Iterator[Command]:
    signed, there = {"by": HEADQUARTERS, "now": desk.now}, {"by": TOWNSHIP, "now": desk.now}
    yield evacuations.RegisterShelter(by=OFFICER, now=desk.now, shelter="SH-1", zh="学校", division=AREA, capacity=100)
    yield evacuations.OpenShelter(**there, shelter="SH-1")
    yield evacuations.IssueEvacuation(**signed, evacuation="EV-1", areas=(AREA,), shelter="SH-1", route="north road")
    yield evacuations.AmendEvacuation(**signed, evacuation="EV-1", headcount=120)
    yield evacuations.ReportCleared(**there, evacuation="EV-1", people=118, refused=2)
    yield evacuations.RecordHeadcount(**there, shelter="SH-1", people=118)
    yield evacuations.ReviewEvacuation(**signed, evacuation="EV-1", finding=Finding.KEEP, note="the water still rises")
    yield evacuations.FileEvacuation(**signed, evacuation="EV-1", desk="standing committee")
    yield evacuations.EscalateEvacuationClock(by=SYSTEM, now=desk.now + 25 * HOUR, evacuation="EV-1", key="K-19")
    yield evacuations.ReturnEvacuees(**signed, evacuation="EV-1", people=118, reason="the water fell")
    yield evacuations.RecordHeadcount(**there, shelter="SH-1", people=0)
    yield evacuations.CloseShelter(**there, shelter="SH-1")


def _released(desk: Desk) -> Iterator[Command]:
    signed = {"by": SPOKESPERSON, "now": desk.now, "release": "RL-1"}
    yield releases.DraftRelease(**signed, kind=ReleaseKind.MEASURE, text="the road is closed")
    for version in (1, 2):
        if version == 2:
            yield releases.UpdateRelease(**signed, text="the road is open", reason="the water fell")
        yield releases.ReviewRelease(**signed | {"by": OFFICER}, secret="none", privacy="none")
        yield releases.ApproveRelease(**signed | {"by": GOVERNMENT})
        yield releases.PublishRelease(**signed)
        yield PostBulletin(by=SYSTEM, now=desk.now, release="RL-1", version=version, kind=ReleaseKind.MEASURE)
    yield releases.HoldBriefing(**signed, place="banner hall")
    yield releases.WithdrawRelease(**signed, reason="over")
    yield WithdrawBulletin(by=SYSTEM, now=desk.now, release="RL-1")


def _rumour(desk: Desk) -> Iterator[Command]:
    signed = {"by": SPOKESPERSON, "now": desk.now}
    yield releases.DraftRelease(**signed, release="RL-2", kind=ReleaseKind.CLARIFICATION, text="there are two dams")
    yield releases.ReviewRelease(by=OFFICER, now=desk.now, release="RL-2", secret="none", privacy="none")
    yield releases.ApproveRelease(by=replace(GOVERNMENT, actor="B.GOV2"), now=desk.now, release="RL-2")
    yield releases.PublishRelease(**signed, release="RL-2")
    for name in ("RU-1", "RU-2"):
        yield releases.OpenRumourCase(**signed, rumour=name, text="a third dam failed")
    yield releases.EscalateRumourClock(by=SYSTEM, now=desk.now + 49 * HOUR, rumour="RU-2", key="answer")
    yield releases.CheckRumour(**signed, rumour="RU-1", finding=RumourFinding.FALSE, note="the register has two")
    yield releases.Clarify(**signed, rumour="RU-1", release="RL-2")
    yield releases.ReferRumour(**signed, rumour="RU-1", to=ReferredTo.POLICE, evidence=("blob-1",), reason="fabricated")
