"""What stands in the way of closing: kept current by every part of the system, never by a list somebody reads (domain 3.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.alerts.deciders.incidents.closure import CLOSURE
from services.alerts.deciders.incidents.commands import EscalateClosureClock, OpenClosureItem, RaiseGradeByRule, SettleClosureItem
from services.alerts.events.alert import AlertCancelled, AlertExpired, AlertPublished
from services.alerts.events.clock import ClockMissed
from services.alerts.events.closure import ClosureItemOpened, ClosureItemSettled, EvaluationDue
from services.alerts.events.content import AlertContent
from services.alerts.events.evacuation import EvacuationIssued, EvacueesReturned
from services.alerts.events.evaluation import EvaluationApproved, EvaluationKind, EvaluationOpened
from services.alerts.events.incident import IncidentResponding, IncidentType
from services.alerts.events.military import MilitaryBody, MilitaryHelpAnswered, MilitaryHelpRequested, MilitarySupportEnded
from services.alerts.events.order import OrderContent, OrderEnded, OrderIssued, OrderRevoked
from services.alerts.events.release import PressBriefingHeld, ReleaseContent, ReleasePublished
from services.alerts.events.report import ReportFinalised, ReportKind, ReportSubmitted
from services.alerts.events.response import (
    ExternalActivationEnded,
    ExternalActivationRecorded,
    ResponseActivated,
    ResponseTerminated,
)
from services.alerts.events.scales import EventGrade, ResponseLevel
from services.alerts.events.shelter import ShelterClosed, ShelterOpened
from services.alerts.events.task import TaskAssigned
from tests.alerts.command.incidents import SYS, B, C, Node, opened, register
from tests.alerts.world import at

NOON = at("12:00")
CONTENT = OrderContent("close road", "ERL-73", "B.ICP", at("16:00"), "hourly", "water below road", (B,))


@pytest.fixture
def node() -> Node:
    made = Node()
    made.do(register())
    return made


def activated(activation: str = "ACT-B") -> ResponseActivated:
    return ResponseActivated(
        activation, "INC-1", "PLAN-B", 1, B, ResponseLevel.I, "flood", at("12:00", 22), (), (), (), "B.HQ", at("14:10")
    )


def terminated(activation: str = "ACT-B", day: int = 23) -> ResponseTerminated:
    return ResponseTerminated(activation, "INC-1", "PLAN-B", (), (), (), "B.HQ", at("12:05", day))


HELP = MilitaryHelpRequested("MR-1", MilitaryBody.GARRISON, "boats", NOON, B, "grave", "rescue", "50", "B.HQ", B, NOON, "INC-1")
OPENED_AND_SETTLED: list[tuple[str, str, Any, Any]] = [
    ("activation", "ACT-B", activated(), terminated()),
    (
        "activation",
        "ACT-N",
        ExternalActivationRecorded("ACT-N", "INC-1", "PLAN-N", "national", ResponseLevel.III, "SYS", None, NOON),
        ExternalActivationEnded("ACT-N", "INC-1", "PLAN-N", "SYS", NOON),
    ),
    (
        "alert",
        "AL-2",
        AlertPublished("AL-2", "i", "s", AlertContent(), (), "DAM.YA", B, NOON, incident="INC-1"),
        AlertCancelled("AL-2", "i", "s", (), AlertContent(), (), "B.HQ", NOON),
    ),
    (
        "alert",
        "AL-3",
        AlertPublished("AL-3", "i", "s", AlertContent(), (), "DAM.XF", B, NOON, incident="INC-1"),
        AlertExpired("AL-3", NOON, NOON),
    ),
    (
        "order",
        "OR-1",
        OrderIssued("OR-1", CONTENT, False, "HQ", B, "B.HQ", B, NOON, "INC-1"),
        OrderEnded("OR-1", "water fell", "B.HQ", NOON, incident="INC-1"),
    ),
    (
        "order",
        "OR-2",
        OrderIssued("OR-2", CONTENT, False, "HQ", B, "B.HQ", B, NOON, "INC-1"),
        OrderRevoked("OR-2", "wrong road", "B.HQ", NOON, incident="INC-1"),
    ),
    (
        "evacuation",
        "EV-1",
        EvacuationIssued("EV-1", ("DAM-YA",), (), "SH-1", "", None, "B.HQ", B, NOON, incident="INC-1"),
        EvacueesReturned("EV-1", None, "safe", "B.HQ", NOON, "INC-1"),
    ),
    ("shelter", "SH-1", ShelterOpened("SH-1", "B.HQ", NOON, "INC-1"), ShelterClosed("SH-1", "empty", "B.HQ", NOON, "INC-1")),
    ("military", "MR-1", HELP, MilitarySupportEnded("MR-1", "", "B.HQ", NOON, "INC-1")),
    ("military", "MR-1", HELP, MilitaryHelpAnswered("MR-1", False, "", "B.HQ", NOON, "INC-1")),
    (
        "evaluation",
        "EL-1",
        EvaluationOpened("EL-1", EvaluationKind.RESPONSE, "INC-1", (), "C.GOV", C, NOON),
        EvaluationApproved("EL-1", (), (), "C.GOV", NOON, "INC-1"),
    ),
]


@pytest.mark.parametrize(("kind", "item", "begun", "over"), OPENED_AND_SETTLED, ids=[item for _, item, _, _ in OPENED_AND_SETTLED])
def test_every_part_of_the_system_opens_and_settles_its_items(node, kind, item, begun, over):
    node.tell(f"{kind}-{item}", begun)
    assert node.state("closure-INC-1").open(kind) == (item,)
    before = node.past["closure-INC-1"].copy()
    node.tell(f"{kind}-{item}", begun)
    assert node.past["closure-INC-1"] == before  # told twice, opened once
    node.tell(f"{kind}-{item}", over, "INC-1")
    assert node.state("closure-INC-1").open(kind) == ()


def test_one_id_used_by_two_parts_is_two_items(node):
    node.do(OpenClosureItem(**opened("INC-1", "X-1", "order")))
    node.do(OpenClosureItem(**opened("INC-1", "X-1", "evacuation")))
    node.do(SettleClosureItem(**opened("INC-1", "X-1", "evacuation"), how="returned"))
    assert node.state("closure-INC-1").open("order", "evacuation") == ("X-1",)


def test_the_closing_report_is_there_once_it_is_final(node):
    node.tell("report-RP-6", ReportFinalised("RP-6", NOON, "INC-1", True))
    items = node.state("closure-INC-1").items.items
    assert [(item.kind, item.ended) for item in items.values()] == [("final_report", "finalised")]


def test_the_evaluation_of_a_plan_is_none_of_the_incident(node):
    node.tell("evaluation-EL-9", EvaluationOpened("EL-9", EvaluationKind.PLAN, "INC-1", (), "C.GOV", C, NOON))
    assert "closure-INC-1" not in node.past


def test_what_is_settled_and_was_never_opened_changes_nothing(node):
    assert node.do(SettleClosureItem(**opened("INC-1", "OR-9", "order"), how="ended")) == []


def test_an_item_may_come_before_the_incident():
    made = Node()
    made.do(OpenClosureItem(**opened("INC-1", "AL-1", "alert")))
    made.do(register())
    assert made.state("closure-INC-1").open("alert") == ("AL-1",)


def test_the_list_is_as_restricted_as_its_incident():
    made = Node()
    made.do(register(type=IncidentType.SOCIAL))
    made.do(OpenClosureItem(**opened("INC-1", "AL-1", "alert")))
    assert CLOSURE.about(made.state("closure-INC-1")).visibility == "restricted"


def test_when_the_last_response_ends_loss_causes_and_lessons_are_owed(node):
    node.tell("response-ACT-B", activated())
    node.tell("response-ACT-C", activated("ACT-C"))
    before = len(node.log)
    node.tell("response-ACT-B", terminated())
    assert [type(fact) for _, fact in node.log[before + 1 :]] == [ClosureItemSettled]
    before = len(node.log)
    node.tell("response-ACT-C", terminated("ACT-C", 24))
    settled, due = (fact for _, fact in node.log[before + 1 :])
    assert isinstance(settled, ClosureItemSettled) and isinstance(due, EvaluationDue)
    assert [(one.rule, one.due_at - one.since) for one in due.clocks] == [("K-22", timedelta(days=30))]


def test_a_new_response_stops_that_clock_and_the_evaluation_meets_it(node):
    node.tell("response-ACT-B", activated())
    node.tell("response-ACT-B", terminated())
    (reopened,) = [fact for fact in node.do(OpenClosureItem(**opened("INC-1", "ACT-D"))) if isinstance(fact, ClosureItemOpened)]
    assert reopened.stopped == ("K-22",)
    node.do(SettleClosureItem(**opened("INC-1", "ACT-D"), how="ended"))
    node.tell("evaluation-EL-1", OPENED_AND_SETTLED[-1][2])
    before = len(node.log)
    node.tell("evaluation-EL-1", OPENED_AND_SETTLED[-1][3])
    assert [fact.met for _, fact in node.log[before + 1 :]] == [("K-22",)]


def test_that_clock_missed_is_told_once(node):
    node.tell("response-ACT-B", activated())
    node.tell("response-ACT-B", terminated())
    late = EscalateClosureClock(by=SYS, now=at("12:00", 31) + timedelta(days=30), incident="INC-1", key="K-22")
    assert [type(fact) for fact in node.do(late)] == [ClockMissed, TaskAssigned]
    assert node.do(late) == []


# ---------------------------------------------------------------- deadlines of the incident that others meet


def submitted(kind: ReportKind = ReportKind.FIRST) -> ReportSubmitted:
    return ReportSubmitted("RP-1", kind, 1, C, "INC-1", "B.DUTY", B, at("14:05"), "RP-1", line=((B, 3), (C, 2)))


def test_responses_reports_and_releases_meet_the_deadlines_of_the_incident(node):
    def running() -> tuple[str, ...]:
        return node.incident().running()

    node.tell("report-RP-0", submitted(ReportKind.ZERO))
    assert running() == ("respond", "report", "release")
    node.tell("report-RP-1", submitted())
    assert running() == ("respond", "release")
    node.tell("response-ACT-B", activated())
    assert running() == ("release",)
    assert IncidentResponding in [type(fact) for fact in node.past["incident-INC-1"]]
    node.tell("release-RL-1", ReleasePublished("RL-1", "INC-1", 1, ReleaseContent(), "B.GOV", "B.PIO", B, at("18:00")))
    assert running() == ()


def test_a_press_briefing_meets_the_press_conference():
    made = Node()
    made.do(register(type=IncidentType.FLOOD))
    made.do(RaiseGradeByRule(by=SYS, now=at("15:00"), incident="INC-1", grade=EventGrade.MAJOR, basis="a secondary incident"))
    assert "press" in made.incident().running()
    made.tell("release-RL-1", PressBriefingHeld("RL-1", "INC-1", "city hall", "B.PIO", at("10:00", 19)))
    assert "press" not in made.incident().running()


def test_a_fact_without_an_incident_concerns_no_list(node):
    node.tell("order-OR-1", OrderIssued("OR-1", CONTENT, False, "HQ", B, "B.HQ", B, NOON))
    node.tell("report-RP-1", ReportSubmitted("RP-1", ReportKind.FIRST, 1, C, None, "B.DUTY", B, at("14:05"), "RP-1"))
    assert "closure-INC-1" not in node.past
