"""The grade of an incident: found by an officer or by figures, raised at any time, lowered only on a signed report (ERL art. 61)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from services.alerts.deciders.incidents.commands import (
    ClassifyIncident,
    MeetIncidentClock,
    RegradeIncident,
)
from services.alerts.events.incident import (
    IncidentClassified,
    IncidentRegraded,
    IncidentType,
)
from services.alerts.events.report import Figure, ReportKind, ReportReceived, ReportSubmitted
from services.alerts.events.scales import EventGrade
from services.alerts.events.triage import FiguresEntered
from shared.kernel.errors import NotFound, WrongState
from tests.alerts.command.incidents import OFF, SYS, B, C, Node, R, dammed, refused, register, verify
from tests.alerts.world import at

SPECIAL, MAJOR, LARGER, ORDINARY = EventGrade


def signed(report: str = "RP-2", incident: str | None = "INC-1", **changed: Any) -> list[Any]:
    submitted = {"kind": ReportKind.FIRST, "hop": 1, "to": C, "by": "B.DUTY", "division": B, "at": at("15:00"), "root": report}
    return [ReportSubmitted(**({"report": report, "incident": incident} | submitted | changed))]


def classify(**changed: Any) -> ClassifyIncident:
    return ClassifyIncident(**({"by": OFF, "now": at("14:02"), "incident": "INC-1"} | changed))


def regrade(grade: EventGrade, **changed: Any) -> RegradeIncident:
    return RegradeIncident(**({"by": OFF, "now": at("15:10"), "incident": "INC-1", "grade": grade, "basis": "what was seen"} | changed))


def test_only_what_was_found_true_is_classified():
    assert isinstance(refused(dammed(register()), classify(grade=LARGER, basis="AS-4")), WrongState)


def test_an_officer_classifies_as_the_table_says():
    made = dammed(register(at_place="DAM-YA"), verify())
    (classified,) = made.do(classify(grade=LARGER, basis="AS-4"))
    assert isinstance(classified, IncidentClassified)
    assert (classified.grade, classified.computed, classified.clocks) == (LARGER, LARGER, ())


def test_without_a_word_the_table_gives_the_grade_and_its_basis():
    (classified,) = dammed(register(at_place="DAM-YA"), verify()).do(classify())
    assert (classified.grade, classified.basis) == (LARGER, "AS-4")


def test_where_no_table_speaks_the_officer_names_grade_and_basis():
    made = dammed(register(type=IncidentType.FLOOD), verify())
    assert refused(made, classify()).failures[0].field == "grade"
    assert refused(made, classify(grade=LARGER)).failures[0].field == "basis"
    assert made.do(classify(grade=LARGER, basis="damage to three villages"))[0].grade is LARGER


def test_an_officer_may_say_more_than_the_table_and_never_less():
    made = dammed(register(at_place="DAM-YA"), verify())
    assert refused(made, classify(grade=ORDINARY, basis="mine")).rule == "ERL-61.2"
    assert made.do(classify(grade=MAJOR, basis="the town is under water"))[0].grade is MAJOR


def test_a_grade_is_raised_at_any_time():
    made = dammed(register(at_place="DAM-YA"), verify(), classify(grade=LARGER, basis="AS-4"))
    (raised,) = made.do(regrade(MAJOR))
    assert isinstance(raised, IncidentRegraded) and (raised.was, raised.grade) == (LARGER, MAJOR)
    assert refused(made, regrade(MAJOR)).rule == "incident.grades"
    assert refused(made, regrade(SPECIAL, basis=None)).failures[0].field == "basis"


def test_a_grade_is_never_lowered_without_a_signed_report():
    made = dammed(register(at_place="DAM-YA"), verify(), classify(grade=MAJOR, basis="seen"))
    assert refused(made, regrade(LARGER)).rule == "ERL-61.2"
    assert isinstance(refused(made, regrade(LARGER, report="RP-2")), NotFound)
    made.past["report-RP-2"] = signed()
    (lowered,) = made.do(regrade(LARGER, report="RP-2"))
    assert (lowered.was, lowered.grade, lowered.report) == (MAJOR, LARGER, "RP-2")


def test_a_report_of_something_else_or_one_that_nobody_signed_lowers_nothing():
    made = dammed(register(at_place="DAM-YA"), verify(), classify(grade=MAJOR, basis="seen"))
    made.past["report-RP-3"] = signed("RP-3", "INC-7")
    assert "not about INC-1" in refused(made, regrade(LARGER, report="RP-3")).cure
    received = ReportReceived("RP-4", "c", "0" * 64, 3, B, at("14:00"))
    made.past["report-RP-4"] = [received]
    assert "nobody signed it" in refused(made, regrade(LARGER, report="RP-4")).cure


def test_a_major_event_owes_a_press_conference_and_a_lesser_one_no_longer():
    made = dammed(register(at_place="DAM-YA"), verify(), classify(grade=LARGER, basis="AS-4"))
    (raised,) = made.do(regrade(MAJOR))
    assert [(due.rule, due.due_at) for due in raised.clocks] == [("K-30.press", at("13:48") + timedelta(hours=24))]
    assert made.do(regrade(SPECIAL))[0].clocks == ()
    made.past["report-RP-2"] = signed()
    assert made.do(regrade(LARGER, report="RP-2"))[0].stopped == ("press",)
    assert len(made.do(regrade(MAJOR))[0].clocks) == 1


def entered(value: int, doubts: tuple[Any, ...] = ()) -> FiguresEntered:
    return FiguresEntered("INC-1", "RP-1", "RP-1", B, (C, R), (Figure("dead", Decimal(value)),), at("14:30"), doubts)


def counted(made: Node, value: int) -> list[Any]:
    before = len(made.log)
    made.past.setdefault("figures-INC-1", []).append(entered(value))
    made.tell("figures-INC-1", made.past["figures-INC-1"][-1])
    return [fact for _, fact in made.log[before + 1 :]]


def test_the_figures_of_reports_raise_the_grade_by_rule_and_never_lower_it():
    made = dammed(register(type=IncidentType.MINE))
    assert counted(made, 2) == []  # ordinary: an officer classifies
    (raised,) = counted(made, 3)
    assert (raised.was, raised.grade, raised.basis, raised.figures, raised.report) == (None, LARGER, "PSIR-3", {"dead": Decimal(3)}, "RP-1")
    assert [fact.grade for fact in counted(made, 30)] == [SPECIAL]
    assert counted(made, 1) == []
    assert made.incident().grade is SPECIAL


def test_a_classification_is_not_below_what_reports_have_shown():
    made = dammed(register(type=IncidentType.MINE), verify())
    counted(made, 10)
    assert refused(made, classify(grade=LARGER, basis="mine")).rule == "ERL-61.2"
    assert made.do(classify())[0].grade is MAJOR


def test_another_type_begins_its_own_duties_and_ends_those_of_the_old():
    made = dammed(register(type=IncidentType.FLOOD), verify())
    (classified,) = made.do(classify(type=IncidentType.MINE, grade=LARGER, basis="PSIR-3"))
    told = {due.key: (due.rule, due.since) for due in classified.clocks}
    assert told == {"report": ("K-11", at("13:50")), "casualties": ("K-12", at("13:48"))}
    (back,) = made.do(classify(type=IncidentType.FLOOD, grade=LARGER, basis="seen"))
    assert ([due.rule for due in back.clocks], back.stopped) == (["K-16"], ("casualties",))


def test_a_report_that_was_made_is_not_owed_again_for_another_type():
    made = dammed(register(type=IncidentType.FLOOD), verify())
    made.do(MeetIncidentClock(by=SYS, now=at("14:00"), incident="INC-1", key="report", evidence="report-RP-1"))
    (classified,) = made.do(classify(type=IncidentType.MINE, grade=LARGER, basis="PSIR-3"))
    assert [due.key for due in classified.clocks] == ["casualties"]
