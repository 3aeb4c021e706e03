"""One accepted example of every command of an incident and of its closing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from services.alerts.deciders.incidents import commands as incidents
from services.alerts.events.incident import IncidentType, Lead
from services.alerts.events.scales import EventGrade
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk
from tests.hosts.alert_work import AREA, GOVERNMENT, OFFICER

CITY = Signature("C.GOV", ("GOV",), "150700", 2)
NEIGHBOUR = "150721"
SYSTEM = Signature("SYS", ("SYS",), AREA)


def incidents_tour(desk: Desk) -> Iterator[Command]:
    """An incident from its first word until it is reopened; beside it one that followed, one that is the same, one that was none."""
    known = desk.now - timedelta(minutes=10)
    for incident in ("INC-1", "INC-2", "INC-3", "INC-4"):
        named = {"incident": incident, "type": IncidentType.FLOOD, "division": AREA, "known_at": known}
        yield incidents.RegisterIncident(by=OFFICER, now=desk.now, **named)
    accident = {"incident": "INC-5", "type": IncidentType.MINE, "division": AREA, "known_at": known}
    yield incidents.RegisterIncident(by=OFFICER, now=desk.now, **accident)
    yield incidents.AwaitUnitReport(by=SYSTEM, now=desk.now, incident="INC-5")
    signed = {"now": desk.now, "incident": "INC-1"}
    yield incidents.VerifyIncident(by=OFFICER, **signed, evidence="seen from the dam")
    yield incidents.DismissIncident(by=OFFICER, now=desk.now, incident="INC-2", reason="a drill of the neighbour")
    yield incidents.ClassifyIncident(by=OFFICER, **signed, grade=EventGrade.ORDINARY, basis="damage to roads")
    yield incidents.RegradeIncident(by=OFFICER, **signed, grade=EventGrade.LARGER, basis="three villages")
    yield incidents.RaiseGradeByRule(by=SYSTEM, **signed, grade=EventGrade.MAJOR, basis="AS-4", secondary="INC-3")
    yield incidents.RegisterNote(by=OFFICER, **signed, text="the bridge holds")
    yield from _led(desk)
    yield incidents.LinkSecondary(by=OFFICER, **signed, secondary="INC-3")
    yield incidents.MergeIncidents(by=OFFICER, now=desk.now, incident="INC-4", into="INC-1", reason="the same river")
    yield incidents.FollowMerger(by=SYSTEM, now=desk.now, incident="INC-4", into="INC-3")
    yield from _ended(desk)


def _led(desk: Desk) -> Iterator[Command]:
    signed = {"now": desk.now, "incident": "INC-1"}
    yield incidents.ExtendIncident(by=CITY, **signed, divisions=(NEIGHBOUR,))
    yield incidents.DesignateLead(by=CITY, **signed, leads=(Lead("150000"),))
    yield incidents.TransferLead(by=CITY, **signed, from_="150000", to="150700")
    yield incidents.SetUpSiteHQ(by=CITY, **signed, commander="C.ICP")
    yield incidents.HandOverSiteCommand(by=CITY, **signed, commander="C.ICP2", reason="shift")
    yield incidents.DissolveSiteHQ(by=CITY, **signed, reason="water below the road")


def _ended(desk: Desk) -> Iterator[Command]:
    signed = {"now": desk.now, "incident": "INC-1"}
    yield incidents.EscalateIncidentClock(by=SYSTEM, now=desk.now + timedelta(hours=1), incident="INC-1", key="respond")
    yield incidents.StartResponding(by=SYSTEM, **signed, activation="ACT-1")
    yield incidents.MeetIncidentClock(by=SYSTEM, **signed, key="report", evidence="report-RP-1")
    for kind in ("activation", "evaluation", "retention", "final_report"):
        yield incidents.OpenClosureItem(by=SYSTEM, **signed, item=f"{kind}-1", kind=kind)
    for kind in ("activation", "retention", "final_report"):
        yield incidents.SettleClosureItem(by=SYSTEM, **signed, item=f"{kind}-1", kind=kind, how="ended")
    yield incidents.EscalateClosureClock(by=SYSTEM, now=desk.now + timedelta(days=31), incident="INC-1", key="K-22")
    yield incidents.DeclareControlled(by=GOVERNMENT, **signed)
    yield incidents.StartAfterCare(by=GOVERNMENT, **signed)
    yield incidents.CloseIncident(by=GOVERNMENT, **signed)
    yield incidents.ReopenIncident(by=GOVERNMENT, **signed, reason="the water rises again")
