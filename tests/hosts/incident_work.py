"""What clients ask in a simulated history of incidents: found, reported, responded to, ordered, closed and opened again, in any order."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from services.alerts.deciders.incidents import commands as incidents
from services.alerts.deciders.incidents.incident import INCIDENT
from services.alerts.deciders.incidents.state import CLOSED, DISMISSED
from services.alerts.deciders.orders import commands as orders
from services.alerts.deciders.plans.commands import AdoptPlan
from services.alerts.deciders.reports.commands import CorrectReport, SubmitReport
from services.alerts.deciders.reports.report import REPORT
from services.alerts.deciders.responses import commands as responses
from services.alerts.deciders.responses.evaluation import OpenEvaluation
from services.alerts.events.evaluation import EvaluationKind
from services.alerts.events.incident import IncidentType
from services.alerts.events.plan_content import Authority, PlanLevel, PlanMeasure, PlanType
from services.alerts.events.report import Figure, ReportKind
from services.alerts.events.response import ResponseActivated, ResponseLevelLowered, ResponseLevelRaised, ResponseTerminated
from services.alerts.events.scales import EventGrade, ResponseLevel
from shared.kernel.commands import Signature
from shared.testing.invariants import Broken
from tests.hosts.alert_work import AREA, GOVERNMENT, OFFICER, AlertsWork

CITY = "150700"
DUTY = Signature("B.DUTY", ("EMD.duty",), AREA, 3)
CITY_DUTY = Signature("C.DUTY", ("EMD.duty",), CITY, 2)
CITY_GOVERNMENT = Signature("C.GOV", ("GOV",), CITY, 2)
SYSTEM = Signature("SYS.PRIVACY", ("SYS",), AREA)
LINE = ((AREA, 3), (CITY, 2), ("150000", 1))
NUMBERS = (Figure("dead", Decimal(0)), Figure("missing", Decimal(2)))
OVER = ("alerts.order.ended.v1", "alerts.order.revoked.v1")


class IncidentsWork(AlertsWork):
    """Three clients, two incidents and one plan whose highest level is the city's; warnings beside them. What the clients ask follows the
    life of an incident as a rule, and is out of turn else: most of that is refused."""

    def __init__(self) -> None:
        super().__init__()
        self._left: dict[str, list[str]] = {}  # of each incident: what is still to be asked for in its turn

    def command(self, random, now):
        if not self._left:
            self._left["INC-0"] = ["register", *_life(random)]
            return _adopted(now), {}
        if random.random() < 0.1:
            return super().command(random, now)
        if len(self._left) < 2 and random.random() < 0.05:
            self._left["INC-1"] = ["register", *_life(random)]
        incident = random.choice(list(self._left))
        left = self._left[incident]
        in_turn = bool(left) and random.random() < 0.8
        step = left.pop(0) if in_turn else random.choice(ODD)
        by, n = (GOVERNMENT, 0) if in_turn else (random.choice((GOVERNMENT, CITY_GOVERNMENT)), random.randrange(2))
        commands = _found(random, now, incident) | _reported(random, now, incident)
        commands |= _commanded(random, now, incident, by, n) | _ended(random, now, incident, by, n)
        return commands[step], {}

    def check(self, events, read, asks) -> None:
        """A report goes up each hop once; an incident, plan and authority have one open response; what is over has nothing open."""
        super().check(events, read, asks)
        hops = Counter((r.stream, r.event.hop) for r in events if r.type == "alerts.report.submitted.v1")
        if hops and max(hops.values()) > 1:
            raise Broken(f"reported twice: {hops.most_common(2)}")
        _one_response_each(events)
        _nothing_open(events)
        _nothing_awaited(events)


def _life(random):
    """From its first report until it is closed, or found to be none; some of it comes twice, as clients do who hear nothing."""
    if random.random() < 0.15:
        return ["first", "verify", "dismiss", "reopen", "verify", "activate"]
    life = ["first", "verify", "activate", "second", "issue", "regrade", "correct", "level", "amend"]
    life += ["final", "evaluate", "retain", "end order", "end", "end", "close"]
    return [step for step in life for _ in range(1 + (random.random() < 0.1))]


ODD = (
    "activate",
    "activate",
    "level",
    "issue",
    "amend",
    "regrade",
    "correct",
    "end order",
    "end",
    "close",
    "close",
    "reopen",
    "after-care",
)


def _found(random, now, incident):
    signed = {"by": OFFICER, "now": now, "incident": incident}
    known = {"type": IncidentType.FLOOD, "division": AREA, "report": random.choice((None, f"RP-{incident}"))}
    return {
        "register": incidents.RegisterIncident(**signed, **known),
        "verify": incidents.VerifyIncident(**signed, evidence="seen"),
        "regrade": incidents.RegradeIncident(**signed, grade=random.choice(tuple(EventGrade)), basis="what was found"),
        "dismiss": incidents.DismissIncident(**signed, reason="nothing was there"),
    }


def _reported(random, now, incident):
    signed = {"by": DUTY, "now": now, "report": f"RP-{incident}"}
    said = {"to": CITY, "line": LINE, "figures": NUMBERS, "incident": incident}
    final = {**said, "supersedes": f"RP-{incident}"}
    of_city = {"by": CITY_DUTY, "now": now, "report": f"RP-{incident}", "to": "150000", "line": LINE[1:], "incident": incident}
    return {
        "first": SubmitReport(**signed, kind=ReportKind.FIRST, **{**said, "incident": random.choice((incident, None))}),
        "second": SubmitReport(**of_city, hop=2, kind=ReportKind.FIRST),
        "correct": CorrectReport(**signed, set={"missing": Decimal(random.randrange(3))}, reason="counted again"),
        "final": SubmitReport(by=GOVERNMENT, now=now, report=f"RP-{incident}.F", kind=ReportKind.FINAL, **final),
    }


def _commanded(random, now, incident, by, n):
    activation, order = f"ACT-{incident}.{n}", f"OR-{incident}.{n}"
    level = ResponseLevel.I if by is CITY_GOVERNMENT else random.choice((ResponseLevel.II, ResponseLevel.III))
    stated = {"matter": "flood", "expected_end": now + timedelta(hours=random.randrange(1, 99)), "measures": ("M-1 move people",)}
    said = {"measure_type": "close road", "basis": "ERL-73", "executor": "B.ICP", "due": now + timedelta(hours=1), "feedback": "hourly"}
    said |= {"end_condition": "dry", "remedy": "notice 1", "text": "the road is closed", "activation": random.choice((None, activation))}
    return {
        "activate": responses.ActivateResponse(
            by=by, now=now, activation=activation, plan="PLAN-F", incident=incident, level=level, **stated
        ),
        "level": responses.ChangeLevel(
            by=by, now=now, activation=activation, level=random.choice(tuple(ResponseLevel)), reason="the water"
        ),
        "issue": orders.IssueOrder(by=GOVERNMENT, now=now, order=order, incident=incident, **said),
        "amend": orders.AmendOrder(by=GOVERNMENT, now=now, order=order, due=now + timedelta(hours=2), reason="longer"),
    }


def _ended(random, now, incident, by, n):
    activation, order = f"ACT-{incident}.{n}", f"OR-{incident}.{n}"
    ended = {"ended": ("M-1", "P-1"), "orders_ended": random.choice(((), (order,)))}
    of = {"by": GOVERNMENT, "now": now, "incident": incident}
    return {
        "end": responses.EndResponse(by=by, now=now, activation=activation, **ended),
        "end order": orders.EndOrder(by=GOVERNMENT, now=now, order=order, reason="dry"),
        "evaluate": OpenEvaluation(**of, evaluation=f"EV-{incident}", kind=EvaluationKind.RESPONSE),
        "retain": incidents.OpenClosureItem(by=SYSTEM, now=now, incident=incident, item="RA-1", kind="retention"),
        "after-care": incidents.StartAfterCare(**of),
        "close": incidents.CloseIncident(**of),
        "reopen": incidents.ReopenIncident(**of, reason="it goes on"),
    }


def _adopted(now):
    measures = (PlanMeasure("P-1", "watch the river"),)
    of = {level: CITY if level is ResponseLevel.I else AREA for level in ResponseLevel}
    levels = tuple(PlanLevel(level, Authority(("GOV",), division), "water", measures, (), 24) for level, division in of.items())
    by = Signature("C.OFF", ("EMD.officer",), CITY, 2)
    said = {"type": PlanType.SPECIAL, "hazard": "flood", "owner": AREA, "levels": levels, "reference": "issued 2025"}
    return AdoptPlan(by=by, now=now, plan="PLAN-F", **said)


def _one_response_each(events) -> None:
    """(incident, plan, authority) has at most one open activation (domain 3.4), at every moment."""
    running, begun = {}, {}
    for recorded in events:
        match recorded.event:
            case ResponseActivated() as fact:
                begun[fact.activation] = fact
                running[fact.activation] = fact.level
            case ResponseLevelRaised(activation=activation, level=level) | ResponseLevelLowered(activation=activation, level=level):
                running[activation] = level
            case ResponseTerminated(activation=activation):
                del running[activation]
            case _:
                continue
        held = Counter(_authority(begun[activation], level) for activation, level in running.items())
        if held and max(held.values()) > 1:
            raise Broken(f"open twice at {recorded.id}: {held.most_common(1)}")


def _authority(fact, level):
    (authority,) = (one.authority.division for one in fact.levels if one.level is level)
    return fact.incident, fact.plan, authority


def _folded(events, decider):
    past = {}
    for recorded in events:
        if recorded.stream.startswith(f"{decider.category}-"):
            past.setdefault(recorded.stream, []).append(recorded.event)
    return {stream: decider.fold(facts) for stream, facts in past.items()}


def _nothing_open(events) -> None:
    """A closed incident has no response that runs and no order in force: what is opened later reopens it."""
    closed = {incident.incident for incident in _folded(events, INCIDENT).values() if incident.status == CLOSED}
    over = {r.stream for r in events if r.type in OVER or isinstance(r.event, ResponseTerminated)}
    begun = {r.stream: r.event.incident for r in events if r.type in ("alerts.order.issued.v1", "alerts.response.activated.v1")}
    still = [f"{stream} of {incident}" for stream, incident in begun.items() if incident in closed and stream not in over]
    if still:
        raise Broken(f"closed with {still}")


def _nothing_awaited(events) -> None:
    """Of the reports that named an incident before it was over nothing is awaited, but of closing ones."""
    ended = {
        incident.incident: max(r.envelope.position for r in events if r.stream == stream)
        for stream, incident in _folded(events, INCIDENT).items()
        if incident.status in (CLOSED, DISMISSED)
    }
    reports = _folded(events, REPORT)
    last = {r.stream: r for r in events if r.type == "alerts.report.submitted.v1"}
    for stream, recorded in last.items():
        report = reports[stream]
        before = 1 in report.hops and recorded.envelope.position < ended.get(recorded.event.incident, 0)
        if before and report.kind != ReportKind.FINAL and report.clocks.open():
            raise Broken(f"{stream} still waits for {report.clocks.open()}")
