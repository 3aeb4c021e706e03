"""One accepted example of every command of reports: received, handed on, reported upwards, doubted, settled, closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from services.alerts.deciders.incidents.commands import RegisterIncident, RegradeIncident
from services.alerts.deciders.reports import commands as reports
from services.alerts.deciders.reports.figures import EnterFigures, SettleFigures
from services.alerts.deciders.reports.triage import EscalateTriageClock, LeaveTriage, OpenTriage, ResolveTriage
from services.alerts.events.incident import IncidentType
from services.alerts.events.report import Doubt, Figure, ReportKind, Why
from services.alerts.events.scales import EventGrade
from services.alerts.events.triage import Finding
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk
from tests.hosts.alert_work import AREA

CITY = "150700"
SYSTEM = Signature("SYS", ("SYS",), AREA)
DUTY = Signature("B.DUTY", ("EMD.duty",), AREA, 3)
CITY_DUTY = Signature("C.DUTY", ("EMD.duty",), CITY, 2)
LINE = ((AREA, 3), (CITY, 2), ("150000", 1))
NUMBERS = (Figure("dead", Decimal(3)), Figure("missing", Decimal(0)))


def reports_tour(desk: Desk) -> Iterator[Command]:
    """What came in from anybody, and a line of reports from first to last."""
    yield from _received(desk)
    yield from _line(desk)
    yield from _settled(desk)


def _received(desk: Desk) -> Iterator[Command]:
    finder = Signature("PUBLIC", ("PUBLIC",))
    words = {"ref": "r-1", "size": 2, "division": AREA, "place": AREA}
    for report in ("P-1", "P-2"):
        yield reports.ReceiveReport(by=finder, now=desk.now, report=report, **words)
        yield OpenTriage(by=SYSTEM, now=desk.now, triage="public.1", kind="public_report", report=report)
    yield reports.TransferReport(by=DUTY, now=desk.now, report="P-1", to="150721", reason="theirs")
    yield LeaveTriage(by=SYSTEM, now=desk.now, triage="public.1", report="P-1")
    yield EscalateTriageClock(by=SYSTEM, now=desk.now + timedelta(hours=1), triage="public.1", key="K-06")
    yield ResolveTriage(by=DUTY, now=desk.now, triage="public.1", finding=Finding.REFUTED, reason="a fountain")


def _line(desk: Desk) -> Iterator[Command]:
    signed, first = (
        {"by": DUTY, "now": desk.now},
        {"kind": ReportKind.FIRST, "type": "NAT.DAM", "figures": NUMBERS, "line": LINE, "to": CITY},
    )
    yield reports.SubmitReport(**signed, report="RP-1", **first)
    yield reports.AcknowledgeReport(by=CITY_DUTY, now=desk.now, report="RP-1", hop=1)
    yield reports.SupplementReport(**signed, report="RP-1", figures=(Figure("affected", Decimal(10)),))
    yield reports.CorrectReport(**signed, report="RP-1", set={"affected": Decimal(9)}, reason="counted again")
    yield reports.EscalateReportClock(by=SYSTEM, now=desk.now + timedelta(days=3), report="RP-1", key="K-17")
    yield reports.AttachReport(by=SYSTEM, now=desk.now, report="RP-1", incident="INC-R")
    falling = (Figure("dead", Decimal(2)),)
    yield reports.SubmitReport(**signed, report="RP-2", kind=ReportKind.FINAL, to=CITY, line=LINE, supersedes="RP-1", figures=falling)
    yield reports.SupersedeReport(by=SYSTEM, now=desk.now, report="RP-1", successor="RP-2")
    yield reports.DoubtReport(by=SYSTEM, now=desk.now, report="RP-2", doubts=(Doubt(Why.BELOW_PARTS, "missing"),))
    yield reports.SettleReport(by=SYSTEM, now=desk.now, report="RP-2", counted=True)
    yield reports.FinaliseReport(by=SYSTEM, now=desk.now, report="RP-2")


def _settled(desk: Desk) -> Iterator[Command]:
    held = (Doubt(Why.FALLING, "dead"),)
    entered = {"incident": "INC-R", "report": "RP-2", "root": "RP-1", "figures": NUMBERS, "held": held}
    yield EnterFigures(by=SYSTEM, now=desk.now, **entered)
    yield SettleFigures(by=SYSTEM, now=desk.now, incident="INC-R", report="RP-2", counted=True)
    yield from _awaited(desk)


def _awaited(desk: Desk) -> Iterator[Command]:
    named = {"now": desk.now, "incident": "INC-F"}
    yield RegisterIncident(by=DUTY, **named, type=IncidentType.FLOOD, division=AREA)
    said = {"kind": ReportKind.FIRST, "to": CITY, "line": LINE, "type": "NAT.FLOOD", "figures": NUMBERS}
    yield reports.SubmitReport(by=DUTY, **named, report="RP-F", **said)
    yield EnterFigures(by=SYSTEM, **named, report="RP-F", root="RP-F", figures=NUMBERS)
    yield RegradeIncident(by=DUTY, **named, grade=EventGrade.MAJOR, basis="three villages")
    yield reports.AskFurther(by=SYSTEM, **named)
    yield reports.StopReportClocks(by=SYSTEM, **named, reason="INC-F was closed")
