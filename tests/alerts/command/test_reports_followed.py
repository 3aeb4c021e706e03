"""What follows from reports by policy and clock: verified once, completed, copied, chased from above, counted, closed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from services.alerts.deciders.reports.commands import SupplementReport, TransferReport
from services.alerts.deciders.reports.triage import ResolveTriage
from services.alerts.events.clock import ClockMissed
from services.alerts.events.report import (
    ReportFinalised,
    ReportKind,
    ReportOverdue,
    ReportReceived,
    ReportSettled,
    ReportSubmitted,
    ReportSuperseded,
    Why,
)
from services.alerts.events.task import TaskAssigned, TaskCompleted
from services.alerts.events.triage import FiguresEntered, FiguresSettled, Finding, TriageJoined, TriageOpened
from shared.kernel.errors import DomainError
from tests.alerts.command.reporting import CITIZEN, CITY_DUTY, NUMBERS, WATER, Room, corrected, figures, incident, received, submit
from tests.alerts.world import DUTY, TXW, at

FOLLOW, ZERO, FINAL = ReportKind.FOLLOW, ReportKind.ZERO, ReportKind.FINAL


def room() -> Room:
    made = Room()
    made.keep("incident-INC-1", incident())
    return made


def tasks(made: Room) -> dict[str, tuple[str, str | None]]:
    return {task.task: (task.kind, task.division) for task in made.facts(TaskAssigned)}


def resolve(triage: str, finding: Finding = Finding.CONFIRMED, clock: str = "17:00", **more) -> ResolveTriage:
    return ResolveTriage(by=DUTY, now=at(clock), triage=triage, finding=finding, reason="asked on the spot", **more)


def test_five_hundred_reports_of_the_same_fact_are_all_kept_and_are_one_task():
    made = room()
    for n in range(500):
        made.do(replace(received(f"P-{n}"), now=at("13:50") + timedelta(seconds=n / 10)))
    kept = Counter(type(event) for _, event in made.log)
    assert (kept[ReportReceived], kept[TriageOpened], kept[TriageJoined], kept[TaskAssigned]) == (500, 1, 499, 1)
    (opened,) = made.facts(TriageOpened)
    assert len(made.state(f"triage-{opened.triage}").reports) == 500
    made.do(resolve(opened.triage, incident="INC-1"))
    assert len(made.facts(TaskCompleted)) == 1
    made.do(received("P-500", "13:59"))  # whoever comes after is heard too
    assert len(made.facts(TaskAssigned)) == 2


def test_reports_of_other_places_are_other_work():
    made = room()
    made.do(received("P-1"))
    made.do(received("P-2", place="150722100", division="150722100"))
    made.do(received("P-3", place=None, division="150000"))
    assert {division for _, division in tasks(made).values()} == {"150000", "150722100", "150722106"}


def test_what_is_transferred_is_looked_at_there_and_no_longer_here():
    made = room()
    made.do(received())
    made.do(TransferReport(by=TXW, now=at("13:55"), report="RP-0", to="150722100", reason="theirs"))
    assert [division for _, division in tasks(made).values()] == ["150722106", "150722100"]
    assert len(made.facts(TaskCompleted)) == 1
    made.until(at("14:25"))
    assert Counter(missed.key for missed in made.facts(ClockMissed)) == {"transfer": 1, "K-06": 1}
    (overdue,) = made.facts(ReportOverdue)
    assert (overdue.owed_by, overdue.clock) == ("150722100", "K-06")


def test_what_is_missing_is_asked_for_and_then_it_is_enough():
    made = room()
    made.do(submit(incident="INC-1", type=None, numbers={**NUMBERS, "evacuated": None}))
    assert tasks(made)["complete-RP-1.1"] == ("complete_report", "150722")
    added = figures({"evacuated": None}, evacuated="still being counted")
    made.do(SupplementReport(by=DUTY, now=at("14:30"), report="RP-1", figures=added))
    assert [task.task for task in made.facts(TaskCompleted)] == ["complete-RP-1.1"]


def test_who_was_passed_over_gets_a_copy_and_other_organs_are_told():
    made = room()
    made.do(submit(to="national", skip_reason="FFR-32", situations=("sensitive",)))
    kinds = tasks(made)
    assert kinds["copy-RP-1.1.150700"] == ("read_skip_level_copy", "150700")
    assert kinds["copy-RP-1.1.150000"] == ("read_skip_level_copy", "150000")
    assert kinds["inform-RP-1"] == ("inform_organs", "150722")


def test_the_day_s_report_that_does_not_come_is_chased_from_above():
    """The story's report-04 to report-10, through deciders, policies and clocks."""
    made = room()
    made.do(submit(incident="INC-1", type=None, numbers={**NUMBERS, "evacuated": None}))
    made.do(submit(by=CITY_DUTY, hop=2, to="150000", clock="14:40", known_at=at("14:05"), numbers={}))
    unsaid = {"known_at": None, "type": None, "kind": FOLLOW, "due_at": at("09:00", 19)}
    made.do(submit("RP-2", "16:10", supersedes="RP-1", **{**unsaid, "known_at": at("15:32"), "due_at": None}))
    assert [event.report for event in made.facts(ReportSuperseded)] == ["RP-1"]
    made.do(submit("RP-3", "08:40", 19, supersedes="RP-2", **unsaid))
    made.until(at("09:00", 20))
    (overdue,) = made.facts(ReportOverdue)
    assert (overdue.report, overdue.clock, overdue.due_at, overdue.to, overdue.incident) == (
        "RP-3",
        "K-17",
        at("09:00", 20),
        "150700",
        "INC-1",
    )
    assert tasks(made)["chase-RP-3.K-17"] == ("chase_report", "150700")
    decided = made.do(submit("RP-4", "10:12", 20, supersedes="RP-3", **unsaid | {"due_at": at("09:00", 20)}))
    assert made.state("task-chase-RP-3.K-17").status == "done"
    assert (decided.flags, decided.answer["clock"], decided.answer["overdue_s"]) == (["A-LATE"], "K-17", 4320)
    made.do(submit("RP-5", "08:30", 21, supersedes="RP-4", **unsaid | {"kind": ZERO, "due_at": at("09:00", 21)}))
    last = {"dead": 0, "affected": 16660, "evacuated": None}
    final = unsaid | {"kind": FINAL, "due_at": None, "numbers": last, "reasons": {"evacuated": "not published"}}
    decided = made.do(submit("RP-6", "10:00", 25, supersedes="RP-5", **final))
    assert decided.flags == []
    assert [(event.report, event.incident) for event in made.facts(ReportFinalised)] == [("RP-6", "INC-1")]
    made.until(at("12:00", 30))
    assert len(made.facts(ReportOverdue)) == 1
    assert made.refused == []


def test_a_falling_number_counts_once_a_person_said_so():
    made = room()
    made.do(submit(incident="INC-1", numbers={"dead": 5, "missing": 0}))
    falling = {"kind": FINAL, "supersedes": "RP-1", "known_at": None, "numbers": {"dead": 3}}
    made.do(submit("RP-2", "16:00", **falling))
    book = made.state("figures-INC-1")
    assert {division: entry.value for division, entry in book.standing("dead").items()} == {"150722": 5}
    assert made.facts(ReportFinalised) == []
    assert [(one.triage, one.doubts[0].code) for one in made.facts(TriageOpened)] == [("doubt.RP-2", Why.FALLING)]
    made.do(resolve("doubt.RP-2"))
    assert [(one.report, one.counted) for one in made.facts(ReportSettled)] == [("RP-2", True)]
    assert [(one.report, one.counted) for one in made.facts(FiguresSettled)] == [("RP-2", True)]
    assert {entry.value for entry in made.state("figures-INC-1").standing("dead").values()} == {Decimal(3)}
    assert [event.report for event in made.facts(ReportFinalised)] == ["RP-2"]
    assert made.state("report-RP-2").standing["dead"] == 3


def test_two_organs_that_contradict_each_other_are_one_task_and_no_report_is_refused():
    made = room()
    made.do(submit(incident="INC-1", numbers={"dead": 1, "missing": 0}))
    made.do(submit("RW-1", by=WATER, incident="INC-1", numbers={"dead": 4, "missing": 0}))
    assert [(one.report, one.doubts[0].of) for one in made.facts(TriageOpened)] == [("RW-1", "dead")]
    assert tasks(made)["triage-doubt.RW-1-1"] == ("settle_report", "150722")
    made.do(resolve("doubt.RW-1", Finding.REFUTED))
    assert {entry.value for entry in made.state("figures-INC-1").standing("dead").values()} == {Decimal(1)}
    assert not made.state("report-RW-1").doubtful


def test_a_correction_reaches_the_figures_of_the_incident():
    made = room()
    made.do(submit(incident="INC-1", numbers={"dead": 5, "missing": 0}))
    made.do(corrected({"dead": Decimal(4)}))
    assert len(made.facts(FiguresEntered)) == 2
    assert {entry.value for entry in made.state("figures-INC-1").standing("dead").values()} == {Decimal(4)}


def test_a_report_of_an_incident_nobody_knows_is_kept_and_a_person_looks():
    made = room()
    decided = made.do(submit(incident="INC-9"))
    assert (decided.flags, decided.events[0][1].incident) == (["Q-TRIAGE"], None)
    assert made.facts(FiguresEntered) == []
    assert "triage-doubt.RP-1-1" in tasks(made)


def test_the_type_and_grade_of_the_incident_are_the_report_s_unless_it_says_better():
    made = room()
    fact = made.do(submit(incident="INC-1", type=None)).events[0][1]
    assert (fact.type, [due.rule for due in fact.clocks]) == ("NAT.DAM", ["K-17"])


def test_a_report_without_incident_is_a_report():
    made = room()
    made.do(submit())
    assert made.facts(ReportSubmitted)[0].incident is None
    assert made.refused == []


def test_what_a_citizen_reports_is_verified_by_the_township():
    """The story's dam-05."""
    made = room()
    decided = made.do(received(by=CITIZEN, subject="CIT-1", purpose="report.contact"))
    assert (decided.flags, len(decided.events)) == ([], 1)
    (task,) = made.facts(TaskAssigned)
    assert (task.kind, task.division, "L4.office" in task.roles) == ("verify_report", "150722106", True)


def test_no_sequence_of_reports_is_ever_refused_for_what_it_says():
    made = room()
    odd = (
        {"to": "nowhere"},
        {"supersedes": "RP-77", "kind": FOLLOW},
        {"incident": "INC-77"},
        {"type": "??"},
        {"numbers": {}},
        {"line": ()},
    )
    for n, said in enumerate(odd):
        try:
            made.do(submit(f"RO-{n}", **said))
        except DomainError as refusal:
            raise AssertionError(said) from refusal
    assert len(made.facts(ReportSubmitted)) == len(odd)
