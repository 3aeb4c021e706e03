"""Nothing is lost when two incidents prove to be the same: grade, state, figures, deadlines, and what comes later under the old id."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.alerts.deciders.incidents.commands import (
    ClassifyIncident,
    DismissIncident,
    LinkSecondary,
    MeetIncidentClock,
    MergeIncidents,
    RegradeIncident,
    StartResponding,
)
from services.alerts.deciders.incidents.grading import totals
from services.alerts.deciders.reports.figures import EnterFigures, SettleFigures
from services.alerts.events.incident import IncidentType
from services.alerts.events.report import Doubt, Figure, Why
from services.alerts.events.scales import EventGrade
from shared.kernel.commands import Signature
from tests.alerts.command.incidents import OFF, SYS, B, Node, refused, register, verify
from tests.alerts.world import RULES, at

SPECIAL, MAJOR, LARGER, ORDINARY = EventGrade


@pytest.fixture
def node() -> Node:
    """INC-1, found true and graded; INC-2 and INC-3, which somebody heard of."""
    made = Node()
    for command in (
        register(type=IncidentType.MINE),
        verify(),
        ClassifyIncident(by=OFF, now=at("14:02"), incident="INC-1", grade=SPECIAL, basis="PSIR-3"),
        register("INC-2", type=IncidentType.MINE, clock="15:00", known_at=at("15:00")),
        register("INC-3", type=IncidentType.MINE, clock="15:00", known_at=at("15:00")),
    ):
        made.do(command)
    return made


def merge(incident: str, into: str) -> MergeIncidents:
    return MergeIncidents(by=OFF, now=at("15:40"), incident=incident, into=into, reason="the same mine")


def figures(incident: str, report: str, dead: int, held: tuple[Doubt, ...] = ()) -> EnterFigures:
    said = (Figure("dead", Decimal(dead), as_of=at("15:00")),)
    by = Signature("SYS.POLICY", ("SYS",), B)
    return EnterFigures(by=by, now=at("15:10"), incident=incident, report=report, root=report, figures=said, held=held)


def counted(node: Node, incident: str) -> dict[str, Decimal]:
    return totals(RULES, node.state(f"figures-{incident}"))


def test_grade_state_and_what_is_done_go_over(node):
    node.do(StartResponding(by=SYS, now=at("14:10"), incident="INC-1", activation="ACT-1"))
    node.do(merge("INC-1", "INC-2"))
    into = node.incident("INC-2")
    assert (into.grade, into.status, into.absorbed) == (SPECIAL, "Responding", ("INC-1",))
    assert into.running("respond") == () and "respond" in into.met
    assert into.clocks.runs("press")


def test_the_graver_grade_and_the_more_urgent_state_stay(node):
    node.do(merge("INC-2", "INC-1"))
    assert (node.incident().grade, node.incident().status) == (SPECIAL, "Verified")


def test_the_figures_count_for_the_other_and_those_in_doubt_wait_there_too(node):
    node.do(figures("INC-3", "RP-1", 12))
    node.do(figures("INC-3", "RP-2", 40, (Doubt(Why.FALLING, "dead"),)))
    node.do(merge("INC-3", "INC-2"))
    assert counted(node, "INC-2") == {"dead": 12}
    assert node.incident("INC-2").grade is MAJOR
    node.do(SettleFigures(by=SYS, now=at("15:50"), incident="INC-3", report="RP-2", counted=True))
    assert counted(node, "INC-2") == {"dead": 40}


def test_what_a_report_said_before_its_doubtful_number_goes_on_counting(node):
    node.do(figures("INC-3", "RP-1", 12))
    node.do(figures("INC-3", "RP-1", 2, (Doubt(Why.FALLING, "dead"),)))
    node.do(merge("INC-3", "INC-2"))
    assert counted(node, "INC-2") == {"dead": 12}


def test_what_comes_later_under_the_old_id_goes_to_the_one_that_is_left(node):
    node.do(merge("INC-3", "INC-2"))
    node.do(merge("INC-2", "INC-1"))
    assert [node.incident(one).merged_into for one in ("INC-2", "INC-3")] == ["INC-1", "INC-1"]
    node.do(figures("INC-3", "RP-1", 3))
    assert counted(node, "INC-1") == {"dead": 3}
    node.do(MeetIncidentClock(by=SYS, now=at("16:00"), incident="INC-3", key="report", evidence="report-RP-1"))
    assert "report" in node.incident("INC-1").met
    assert node.do(MeetIncidentClock(by=SYS, now=at("16:00"), incident="INC-3", key="report", evidence="report-RP-1")) == []
    node.do(StartResponding(by=SYS, now=at("16:01"), incident="INC-3", activation="ACT-1"))
    assert (node.incident("INC-1").status, node.incident("INC-3").status) == ("Responding", "Merged")


def test_a_secondary_that_becomes_graver_raises_its_main_incident(node):
    node.do(verify("INC-2"))
    node.do(ClassifyIncident(by=OFF, now=at("15:20"), incident="INC-2", grade=ORDINARY, basis="PSIR-3"))
    node.do(LinkSecondary(by=OFF, now=at("15:21"), incident="INC-2", secondary="INC-3"))
    node.do(RegradeIncident(by=OFF, now=at("15:30"), incident="INC-3", grade=LARGER, basis="PSIR-3"))
    assert node.incident("INC-2").grade is LARGER
    node.do(merge("INC-1", "INC-3"))
    assert [node.incident(one).grade for one in ("INC-2", "INC-3")] == [SPECIAL, SPECIAL]


def test_what_absorbed_another_or_has_secondaries_happened_and_is_not_dismissed(node):
    dismiss = DismissIncident(by=OFF, now=at("16:00"), incident="INC-2", reason="a hoax")
    node.do(merge("INC-1", "INC-2"))
    assert refused(node, dismiss).cure == "INC-1 was merged into it: it happened, close it"
    node.do(LinkSecondary(by=OFF, now=at("15:50"), incident="INC-2", secondary="INC-3"))
    assert "INC-3 followed from it" in refused(node, dismiss).cure


def test_linking_says_both_sides_at_once_so_that_none_is_linked_twice(node):
    handled = node.handle(LinkSecondary(by=OFF, now=at("15:20"), incident="INC-1", secondary="INC-3"))
    assert [type(fact).__name__ for _, fact in handled.events] == ["SecondaryIncidentLinked", "MadeSecondary"]
    assert "INC-1 already" in refused(node, LinkSecondary(by=OFF, now=at("15:20"), incident="INC-2", secondary="INC-3")).cure
