"""The rows of the clock catalogue (domain 2.17) that concern incidents, reports, plans, responses, orders, releases and drills: what
starts each clock and when it is due, what meets it, and whose work it is once it was missed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.alerts.deciders.drills import commands as drills
from services.alerts.deciders.evacuations.commands import FileEvacuation, IssueEvacuation, ReviewEvacuation
from services.alerts.deciders.incidents.commands import ClassifyIncident
from services.alerts.deciders.orders.commands import AcknowledgeOrder, DecideOrderAbove, FileOrder, PaperOrder, ReviewProportionality
from services.alerts.deciders.orders.flight import RecordFlightAnswer, RequestFlight
from services.alerts.deciders.plans.commands import ApprovePlan, FilePlan, IssuePlan, PassLegalReview, RecordOpinion, RecordPlanDrill
from services.alerts.deciders.releases import commands as releases
from services.alerts.deciders.reports.commands import AcknowledgeReport, TransferReport
from services.alerts.deciders.reports.triage import ResolveTriage
from services.alerts.deciders.responses.commands import ExtendResponse
from services.alerts.deciders.responses.evaluation import ApproveEvaluation, OpenEvaluation, SubmitEvaluation
from services.alerts.deciders.responses.tasks import review_task
from services.alerts.events.evaluation import EvaluationKind
from services.alerts.events.incident import IncidentType
from services.alerts.events.order import Finding
from services.alerts.events.report import ReportKind
from services.alerts.events.rumour import RumourFinding
from services.alerts.events.scales import EventGrade
from services.alerts.events.triage import Finding as Found
from shared.kernel.commands import Command, Signature
from tests.alerts.command.incidents import OFF
from tests.alerts.command.reporting import CITY_DUTY, received, submit
from tests.alerts.command.responding import C_GOV, LEGAL, activate, adopt, draft, end
from tests.alerts.command.test_orders import ICP, issue
from tests.alerts.command.town import VERIFIED, registered
from tests.alerts.world import DUTY, GOV, HQ, RULES, TXW, at

PIO, AUD = Signature("B.PIO", ("PIO",), "150722", 3), Signature("C.AUD", ("AUD",), "150700", 2)
TYPE = IncidentType


def day(day: int, clock: str = "00:00", month: int = 7, year: int = 2021) -> datetime:
    """A time after that July, in Beijing."""
    return datetime.fromisoformat(f"{year}-{month:02}-{day:02}T{clock}:00+08:00")


@dataclass(frozen=True)
class Row:
    """A clock: what starts it, when it is due, what meets it, and the work it is once it was missed."""

    name: str
    begin: tuple[Command, ...]
    stream: str
    key: str
    rule: str
    due: datetime
    meet: tuple[Command, ...]
    work: str

    def __str__(self) -> str:
        return self.name


def late(stream: str, key: str) -> str:
    return f"late-{stream}.{key}"


INCIDENT, ORDER, EVACUATION = "incident-INC-1", "order-OR-1", "evacuation-EV-1"


def reported(rule: str, type: IncidentType, due: datetime) -> Row:
    """The first report of an incident that the county came to know of."""
    sent = submit(incident="INC-1", type=None, clock="13:59")
    return Row(f"{rule} first report of {type}", (registered(type),), INCIDENT, "report", rule, due, (sent,), late(INCIDENT, "report"))


def onward(rule: str, type: IncidentType, due: datetime) -> Row:
    """The recipient's own hop of a report that goes further up."""
    classified = ClassifyIncident(by=OFF, now=at("14:00"), incident="INC-1", grade=EventGrade.LARGER, basis="as seen")
    begin = (registered(type), VERIFIED, classified, submit(incident="INC-1", type=None, clock="14:05"))
    sent = submit(by=CITY_DUTY, hop=2, to="150000", incident="INC-1", clock="14:10")
    return Row(f"{rule} onward report of {type}", begin, "report-RP-1", "hop.2", rule, due, (sent,), "chase-RP-1.hop.2")


CHAINS = (
    reported("K-01", TYPE.GRASS_FIRE, at("14:20")),
    onward("K-01", TYPE.FOREST_FIRE, at("14:35")),
    reported("K-11", TYPE.MINE, at("15:50")),
    onward("K-11", TYPE.TRAFFIC, at("16:05")),
    reported("K-13", TYPE.EPIDEMIC, at("15:50")),
    onward("K-13", TYPE.EPIDEMIC, at("16:05")),
    reported("K-15", TYPE.ANIMAL, at("15:50")),
    onward("K-15", TYPE.ANIMAL, at("16:05")),
    reported("K-16", TYPE.FLOOD, at("15:50")),
    onward("K-16", TYPE.DAM, at("16:05")),
    reported("K-18", TYPE.ENVIRONMENT, at("17:50")),
    onward("K-18", TYPE.ENVIRONMENT, at("18:05")),
    reported("K-40", TYPE.CYBER, at("17:50")),
    onward("K-40", TYPE.CYBER, at("18:05")),
)

UNIT: dict[str, Any] = {"by": Signature("ENT.1", ("ENT.mine",), "150722106", 4), "to": "150722", "incident": "INC-1", "type": None}
HEALTH = Signature("B.HEALTH", ("SECT.health",), "150722", 3)
CLASS_A = ("class_a",)
FOUND_ABOVE = submit(by=HEALTH, incident="INC-1", type=None, situations=CLASS_A, clock="13:59")
OF_UNIT = (
    Row(
        "K-10 accident", (registered(TYPE.MINE),), INCIDENT, "K-10", "K-10", at("14:50"), (submit("RP-9", **UNIT),), late(INCIDENT, "K-10")
    ),
    Row(
        "K-14 class A",
        (registered(TYPE.EPIDEMIC), FOUND_ABOVE),
        INCIDENT,
        "K-14",
        "K-14",
        at("15:50"),
        (submit("RP-9", **UNIT, situations=CLASS_A),),
        late(INCIDENT, "K-14"),
    ),
)

DAILY = submit(incident="INC-1", type=None, clock="14:05")
NEXT = submit("RP-2", "08:30", 19, incident="INC-1", supersedes="RP-1", kind=ReportKind.FOLLOW, known_at=None, type=None)
THERE = "150722100"
MOVED = (received(), TransferReport(by=TXW, now=at("13:55"), report="RP-0", to=THERE, reason="theirs"))
TAKEN = AcknowledgeReport(by=Signature("T.OTHER", ("L4.office",), THERE, 4), now=at("14:00"), report="RP-0")
LOOKED = ResolveTriage(
    by=TXW, now=at("14:00"), triage="public.150722106.any.20210718T0500", finding=Found.REFUTED, reason="a training fire"
)

TRIAGE = f"triage-{LOOKED.triage}"

REPORTS = (
    Row("K-06 verify", (received(),), TRIAGE, "K-06", "K-06", at("14:20"), (LOOKED,), late(TRIAGE, "K-06")),
    Row("K-06 transfer", MOVED, "report-RP-0", "transfer", "K-06", at("14:25"), (TAKEN,), "chase-RP-0.transfer"),
    Row("K-17 daily report", (registered(), DAILY), "report-RP-1", "K-17", "K-17", day(19, "09:00"), (NEXT,), "chase-RP-1.K-17"),
)

UP = (adopt(), registered(), VERIFIED)
MAJOR = ClassifyIncident(by=OFF, now=at("14:00"), incident="INC-1", grade=EventGrade.MAJOR, basis="as seen")
SAID_UP: dict[str, Any] = {"release": "RL-1", "from_report": "RP-1"}
TOLD: tuple[Command, ...] = (
    submit(incident="INC-1", type=None, clock="14:05"),
    releases.DraftRelease(by=PIO, now=at("15:00"), figures={"dead": Decimal(0)}, incident="INC-1", **SAID_UP),
    releases.ReviewRelease(by=OFF, now=at("15:10"), release="RL-1", secret="none", privacy="none", facts="RP-1"),
    releases.ApproveRelease(by=GOV, now=at("15:20"), incident="INC-1", **SAID_UP),
    releases.PublishRelease(by=PIO, now=at("15:30"), **SAID_UP),
)
BRIEFED = releases.HoldBriefing(by=PIO, now=at("16:00"), release="RL-1", place="the hall")
RUMOUR = releases.OpenRumourCase(by=PIO, now=at("19:00"), rumour="RU-1", text="a third dam failed")
CHECKED = releases.CheckRumour(by=DUTY, now=at("19:10"), rumour="RU-1", finding=RumourFinding.NOT_FALSE, note="it did")
EVALUATED: tuple[Command, ...] = (
    OpenEvaluation(by=C_GOV, now=day(24, "09:00"), evaluation="EL-1", kind=EvaluationKind.RESPONSE, incident="INC-1"),
    SubmitEvaluation(by=AUD, now=day(25, "09:00"), evaluation="EL-1", findings=("late by 72 min",), cites="event ids"),
    ApproveEvaluation(by=C_GOV, now=day(26, "09:00"), evaluation="EL-1"),
)
LONGER = ExtendResponse(by=HQ, now=at("16:00"), activation="ACT-B", expected_end=day(25, "12:00"), reason="rain")

INCIDENTS = (
    Row("K-01 respond", UP, INCIDENT, "respond", "K-01", at("14:20"), (activate(),), late(INCIDENT, "respond")),
    Row("K-30 release", UP, INCIDENT, "release", "K-30", at("18:48"), TOLD, late(INCIDENT, "release")),
    Row("K-30 press", (*UP, MAJOR), INCIDENT, "press", "K-30.press", day(19, "13:48"), (*TOLD, BRIEFED), late(INCIDENT, "press")),
    Row("K-30 rumour", (RUMOUR,), "rumour-RU-1", "answer", "rumour.answer", day(20, "19:00"), (CHECKED,), late("rumour-RU-1", "answer")),
    Row(
        "K-22 set", (*UP, activate(), end()), "closure-INC-1", "K-22", "K-22", day(22, "12:05", 8), EVALUATED, late("closure-INC-1", "K-22")
    ),
    Row(
        "ERL-72 expected end",
        (*UP, activate()),
        "response-ACT-B",
        "expected_end",
        "ERL-72.2",
        day(22, "12:00"),
        (LONGER,),
        review_task("ACT-B", day(22, "12:00")),
    ),
)

MOVE = IssueEvacuation(by=HQ, now=at("12:45"), evacuation="EV-1", areas=("150722106",))
KEEP: dict[str, Any] = {"by": HQ, "now": at("20:00"), "finding": Finding.KEEP, "note": "the water stands"}
FILED: dict[str, Any] = {"by": GOV, "now": day(20, "09:00"), "desk": "standing committee"}
PAPER = PaperOrder(by=HQ, now=day(19), order="OR-1", document="No. 7")
ISOLATION = issue(measure_type="close place", basis="IDL-41")
APPROVED = DecideOrderAbove(by=C_GOV, now=at("15:10"), order="OR-1", approved=True)
FLIGHT: dict[str, Any] = {"operator": "TL.1", "purpose": "look for people", "area": "below", "starts": at("16:00"), "ends": at("17:00")}
FLY = RequestFlight(by=HQ, now=at("15:00"), flight="FL-1", **FLIGHT)
ANSWERED = RecordFlightAnswer(by=HQ, now=at("15:40"), flight="FL-1", permitted=True)
READ = AcknowledgeOrder(by=ICP, now=at("15:00"), order="OR-1")

ORDERS = (
    Row(
        "K-19 order",
        (registered(), issue()),
        ORDER,
        "K-19",
        "K-19",
        day(19, "14:52"),
        (ReviewProportionality(order="OR-1", **KEEP),),
        late(ORDER, "K-19"),
    ),
    Row(
        "K-19 evacuation",
        (MOVE,),
        EVACUATION,
        "K-19",
        "K-19",
        day(19, "12:45"),
        (ReviewEvacuation(evacuation="EV-1", **KEEP),),
        late(EVACUATION, "K-19"),
    ),
    Row("K-41 flight", (FLY,), "flight-FL-1", "K-41", "K-41", at("15:50"), (ANSWERED,), late("flight-FL-1", "K-41")),
    Row("K-20 isolation", (registered(), ISOLATION), ORDER, "K-20", "K-20", at("15:22"), (APPROVED,), late(ORDER, "K-20")),
    Row("K-21 order", (registered(), issue()), ORDER, "K-21", "K-21", day(22), (FileOrder(order="OR-1", **FILED),), late(ORDER, "K-21")),
    Row(
        "K-21 evacuation",
        (MOVE,),
        EVACUATION,
        "K-21",
        "K-21",
        day(22),
        (FileEvacuation(evacuation="EV-1", **FILED),),
        late(EVACUATION, "K-21"),
    ),
    Row("K-24 oral order", (registered(), issue(oral=True)), ORDER, "K-24", "K-24", day(20, "14:52"), (PAPER,), late(ORDER, "K-24")),
    Row("order acknowledged", (registered(), issue()), ORDER, "ack", "order.ack_wait", at("15:22"), (READ,), late(ORDER, "ack")),
)

ISSUED: tuple[Command, ...] = (
    draft(),
    RecordOpinion(by=OFF, now=day(1, "09:00"), plan="PLAN-B", of="water office", opinion="agreed"),
    PassLegalReview(by=LEGAL, now=day(1, "10:00"), plan="PLAN-B"),
    ApprovePlan(by=GOV, now=day(1, "11:00"), plan="PLAN-B"),
    IssuePlan(by=GOV, now=day(1, "12:00"), plan="PLAN-B"),
)
KEPT = FilePlan(by=OFF, now=day(20, "09:00"), plan="PLAN-B", to="the city", note="what it is for")
PLAYED = RecordPlanDrill(by=OFF, now=day(20, "09:00"), plan="PLAN-B", held=day(19, "09:00"), findings="the siren was not heard")
FILE, DRILL = day(30), day(30, "12:00", 6, 2024)
BEGUN: dict[str, Any] = {"by": OFF, "now": at("10:00", 19), "drill": "DR-1"}
STARTED = drills.StartDrill(**BEGUN, division="150722", exercise=True)
SAID = {row["id"]: "good" for row in RULES.value("drill.evaluation")}
DRILLED = (STARTED, drills.EndDrill(**BEGUN), drills.EvaluateDrill(**BEGUN, assessment=SAID))
FURTHER: dict[str, Any] = {"drill": "DR-2", "now": day(1, "10:00", 6, 2023)}
NEXT_DRILL = (replace(STARTED, previous="DR-1", **FURTHER), *(replace(one, **FURTHER) for one in DRILLED[1:]))
WEAK = {"finding": "F-1", "text": "not heard", "aspect": "gear", "owner": "B.OFF", "due": day(25)}
FOUND = drills.RecordFinding(**BEGUN, **WEAK)
MENDED = drills.SettleFinding(**BEGUN, finding="F-1", how="two more sirens")
OF_DRILL = "drill-DR-1"

PLANS = (
    Row("K-42 filing", ISSUED, "plan-PLAN-B", "K-42", "K-42", FILE, (KEPT,), "file_plan-PLAN-B"),
    Row("K-43 drill of a plan", ISSUED, "plan-PLAN-B", "K-43", "K-43.three_years", DRILL, (PLAYED,), "drill_plan-PLAN-B"),
    Row("K-43 next drill", DRILLED, OF_DRILL, "K-43", "K-43.two_years", day(19, "10:00", 7, 2023), NEXT_DRILL, late(OF_DRILL, "K-43")),
    Row(
        "finding of a drill",
        (STARTED, FOUND),
        OF_DRILL,
        "finding.F-1",
        "drill.findings",
        day(25),
        (MENDED,),
        late(OF_DRILL, "finding.F-1"),
    ),
)
ROWS = CHAINS + OF_UNIT + REPORTS + INCIDENTS + ORDERS + PLANS
