"""What an incident asks of its reports: further up while it is graver, judged by its window, and nothing more once it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.alerts.deciders.incidents.commands import (
    DismissIncident,
    MergeIncidents,
    RegisterIncident,
    RegradeIncident,
    ReopenIncident,
)
from services.alerts.deciders.reports.commands import AttachReport, StopReportClocks
from services.alerts.events.awaited import ReportAskedFurther, ReportClocksStopped
from services.alerts.events.incident import IncidentType
from services.alerts.events.report import ReportAttached, ReportKind, Why
from services.alerts.events.scales import EventGrade
from shared.blocks.clocks import Due
from tests.alerts.command.reporting import CITY_DUTY, Room, corrected, incident, submit
from tests.alerts.world import DUTY, GOV, SYS, at

LARGER, MAJOR = EventGrade.LARGER, EventGrade.MAJOR
WINDOW = Due("casualties", "K-12", at("13:48"), at("13:48") + timedelta(days=30))


def room(**said: Any) -> Room:
    made = Room()
    made.keep("incident-INC-1", incident(**said))
    return made


def graded(made: Room, grade: EventGrade, clock: str = "15:00", incident: str = "INC-1") -> list[ReportAskedFurther]:
    """What its reports are asked for when its grade rises."""
    before = len(made.facts(ReportAskedFurther))
    made.do(RegradeIncident(by=DUTY, now=at(clock), incident=incident, grade=grade, basis="what was found"))
    asked: list[ReportAskedFurther] = made.facts(ReportAskedFurther)[before:]
    return asked


def test_a_graver_incident_is_owed_further_up():
    """PSIR art. 10: ordinary to the city, larger to the region, major to the nation; two hours for each level from when that is known."""
    made = room()
    made.do(submit(incident="INC-1"))
    assert not [key for _, key in made.running if key.startswith("hop.")]
    (asked,) = graded(made, LARGER)
    assert (asked.grade, [(due.key, due.rule, due.due_at) for due in asked.clocks]) == (LARGER, [("hop.2", "report.further", at("17:00"))])
    assert graded(made, MAJOR, "15:10") == []  # the city owes it already, and is on its way
    made.do(submit(clock="15:20", by=CITY_DUTY, hop=2, to="150000", incident="INC-1"))
    assert made.state("report-RP-1").clocks.get("hop.3").due_at == at("17:20")


def test_what_went_as_far_as_it_had_to_goes_on_when_that_is_further():
    made = room()
    graded(made, LARGER, "14:00")
    made.do(submit(incident="INC-1"))
    made.do(submit(clock="15:20", by=CITY_DUTY, hop=2, to="150000", incident="INC-1"))
    assert not made.state("report-RP-1").clocks.runs("hop.3")
    assert [due.key for asked in graded(made, MAJOR, "16:00") for due in asked.clocks] == ["hop.3"]
    assert made.state("report-RP-1").clocks.get("hop.3").due_at == at("18:00")


@pytest.mark.parametrize("said", [{"kind": ReportKind.FOLLOW}, {"kind": ReportKind.FINAL}, {"to": "nowhere"}])
def test_only_first_reports_that_reached_somebody_go_further(said):
    made = room()
    made.do(submit(incident="INC-1", **said))
    assert graded(made, MAJOR) == []


def test_what_is_attached_later_is_asked_for_too_and_alone():
    made = room()
    made.do(submit("RP-0", incident="INC-1"))
    made.do(submit())
    assert [asked.report for asked in graded(made, MAJOR)] == ["RP-0"]
    made.do(AttachReport(by=SYS, now=at("15:05"), report="RP-1", incident="INC-1"))
    assert [asked.report for asked in made.facts(ReportAskedFurther)] == ["RP-0", "RP-1"]


def test_reports_of_an_incident_that_went_into_a_graver_one_go_as_far():
    made = room()
    made.do(RegisterIncident(by=DUTY, now=at("13:55"), incident="INC-2", type=IncidentType.DAM, division="150722"))
    made.do(submit(incident="INC-2"))
    assert graded(made, MAJOR) == []
    made.do(MergeIncidents(by=GOV, now=at("15:30"), incident="INC-2", into="INC-1", reason="the same"))
    assert [(asked.report, asked.grade) for asked in made.facts(ReportAskedFurther)] == [("RP-1", MAJOR)]


def test_of_a_false_incident_nothing_is_awaited_and_why_is_said():
    made = room()
    made.do(submit(incident="INC-1"))
    made.do(submit("RP-F", clock="14:40", incident="INC-1", kind=ReportKind.FINAL))
    graded(made, LARGER)
    made.do(DismissIncident(by=GOV, now=at("15:30"), incident="INC-1", reason="a training fire"))
    (stopped,) = made.facts(ReportClocksStopped)
    assert (stopped.report, stopped.reason) == ("RP-1", "INC-1 was dismissed: a training fire")
    assert set(stopped.stopped) == {"hop.2", "K-17"} and not [one for one in made.running if one[0] == "report-RP-1"]
    again = StopReportClocks(by=SYS, now=at("15:31"), incident="INC-1", reason="once more")
    assert made.do(again).events == []
    made.do(ReopenIncident(by=GOV, now=at("16:00"), incident="INC-1", reason="it was none"))
    assert made.state("report-RP-1").clocks.get("hop.2").due_at == at("18:00")  # whom it did not reach it is owed again


def test_what_a_closing_report_is_asked_for_stays():
    made = room()
    made.do(submit(incident="INC-1"))
    final = made.do(submit("RP-F", clock="14:40", incident="INC-1", kind=ReportKind.FINAL)).events[0][1]
    made.keep("report-RP-F", replace(final, hop=9, clocks=(Due("hop.10", "K-16", at("14:40"), at("16:40")),)))
    made.do(StopReportClocks(by=SYS, now=at("15:31"), incident="INC-1", reason="INC-1 was closed"))
    assert [one.report for one in made.facts(ReportClocksStopped)] == ["RP-1"]
    assert made.state("report-RP-F").clocks.runs("hop.10")


def late(made: Room, report: str = "RP-1") -> list[Why]:
    """Of what a correction of the dead is doubted when it comes two months later."""
    fix = replace(corrected({"dead": Decimal(3)}, report=report), now=WINDOW.due_at + timedelta(days=30))
    return [doubt.code for doubt in made.do(fix).events[0][1].doubts]


def test_a_report_that_came_before_its_incident_is_judged_by_its_window():
    """PSIR art. 13: casualties change within thirty days; what changes later waits for a person."""
    made = room(clocks=(WINDOW,))
    made.do(submit())
    assert late(room_with(submit())) == []
    made.do(AttachReport(by=SYS, now=at("15:05"), report="RP-1", incident="INC-1"))
    assert made.facts(ReportAttached)[0].changes_until == WINDOW.due_at
    assert late(made) == [Why.LATE_FIGURE]


def test_the_next_report_of_its_line_has_the_window_too():
    made = room(clocks=(WINDOW,))
    made.do(submit())
    made.do(AttachReport(by=SYS, now=at("15:05"), report="RP-1", incident="INC-1"))
    made.do(submit("RP-2", clock="16:00", kind=ReportKind.FOLLOW, supersedes="RP-1"))
    assert late(made, "RP-2") == [Why.LATE_FIGURE]


def room_with(*commands: Any) -> Room:
    made = Room()
    for command in commands:
        made.do(command)
    return made
