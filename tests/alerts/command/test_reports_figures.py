"""Which number counts, whoever says it in whatever order: nothing late, doubtful or strange takes the place of what stands."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from services.alerts.deciders.incidents.commands import MeetIncidentClock
from services.alerts.deciders.reports.commands import SupplementReport
from services.alerts.deciders.reports.triage import ResolveTriage
from services.alerts.events.incident import IncidentClassified, IncidentType, Lead
from services.alerts.events.report import Figure, ReportAttached, ReportDoubted, ReportFinalised, ReportKind, ReportSuperseded, Why
from services.alerts.events.scales import EventGrade
from services.alerts.events.task import TaskAssigned
from services.alerts.events.triage import Finding, TriageOpened
from services.alerts.policies.incidents import (
    when_report_attached_then_report_clock_is_met,
    when_report_finalised_then_final_report_is_there,
    when_report_submitted_then_report_clock_is_met,
)
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed
from tests.alerts.command.reporting import CITY_DUTY, REGION_DUTY, WATER, Room, corrected, figures, incident, received, signed, submit
from tests.alerts.world import DUTY, TXW, at

FOLLOW, FINAL = ReportKind.FOLLOW, ReportKind.FINAL
MINE = Signature("E.MINE", ("ENT",), "150722", 3, "E")


def room(**more):
    made = Room()
    made.keep("incident-INC-1", replace(incident(), leads=(Lead("150722"),), **more))
    return made


def first(dead, **said):
    return submit(incident="INC-1", numbers={"dead": dead, "missing": 0}, **said)


def follow(report, dead=None, clock="16:10", **said):
    numbers = {} if dead is None else {"dead": dead}
    return submit(report, clock, **({"supersedes": "RP-1", "kind": FOLLOW, "known_at": None, "numbers": numbers} | said))


def standing(made, metric="dead"):
    return {division: entry.value for division, entry in made.state("figures-INC-1").standing(metric).items()}


def triages(made):
    return [(one.triage, one.doubts[0].code) for one in made.facts(TriageOpened)]


def resolve(triage, finding=Finding.CONFIRMED, clock="17:00"):
    return ResolveTriage(by=DUTY, now=at(clock), triage=triage, finding=finding, reason="asked on the spot")


def test_a_report_that_begins_at_a_later_hop_is_counted_once():
    made = room()
    made.do(submit(by=CITY_DUTY, hop=2, to="150000", incident="INC-1", numbers={"dead": 3, "missing": 0}))
    made.do(submit(by=REGION_DUTY, to="national", clock="14:30", numbers={"dead": 4}))
    assert {metric: of["RP-1"].value for metric, of in made.state("figures-INC-1").entries.items()} == {"dead": 3, "missing": 0}


def test_a_superseded_report_never_takes_the_standing_back():
    made = room()
    made.do(first(9))
    made.do(follow("RP-2", 12))
    made.do(corrected({"dead": Decimal(8)}, clock="17:00"))
    assert standing(made) == {"150722": 12}


def test_a_first_report_supplemented_late_stays_before_its_successor():
    made = room()
    made.do(submit(incident="INC-1", numbers={"missing": 0}))
    made.do(follow("RP-2", 12))
    made.do(SupplementReport(by=DUTY, now=at("17:00"), report="RP-1", figures=figures({"dead": 9})))
    assert standing(made) == {"150722": 12}


def test_a_supplement_that_lowers_casualties_waits_for_a_person():
    made = room()
    made.do(first(12))
    made.do(follow("RP-2"))
    assert made.do(SupplementReport(by=DUTY, now=at("17:00"), report="RP-2", figures=figures({"dead": 2}))).flags == ["Q-TRIAGE"]
    assert (standing(made), triages(made)) == ({"150722": 12}, [("doubt.RP-2", Why.FALLING)])
    made.do(resolve("doubt.RP-2"))
    assert standing(made) == {"150722": 2}


def test_a_correction_after_the_window_is_looked_at_and_what_stood_stands_meanwhile():
    made = room()
    made.do(first(12))
    past = made.past["report-RP-1"]
    past[0] = replace(past[0], changes_until=at("15:00"))
    made.do(corrected({"dead": Decimal(8)}, clock="16:00"))
    assert (standing(made), triages(made)) == ({"150722": 12}, [("doubt.RP-1", Why.LATE_FIGURE)])
    made.do(resolve("doubt.RP-1"))
    assert (standing(made), made.state("report-RP-1").standing["dead"]) == ({"150722": 8}, 8)


@pytest.mark.parametrize("as_of", [at("14:00", 30), at("16:00", 18)])
def test_a_time_in_the_future_holds_no_number_fast(as_of):
    made = room()
    made.do(submit(incident="INC-1", figures=(Figure("dead", Decimal(1), as_of=as_of),)))
    made.do(follow("RP-2", 40, clock="15:40", known_at=at("14:30")))
    assert standing(made) == {"150722": 40}
    assert made.state("figures-INC-1").entries["dead"]["RP-1"].as_of <= at("14:05")


def test_what_was_known_earlier_and_comes_later_in_the_line_counts():
    made = room()
    made.do(first(1, known_at=None))
    made.do(follow("RP-2", 40, known_at=at("13:55")))
    assert standing(made) == {"150722": 40}


def test_a_total_below_a_new_part_waits_for_a_person():
    made = room()
    made.do(first(1, by=CITY_DUTY, report="RC-1", to="150000"))
    made.do(first(40))
    assert (standing(made), triages(made)) == ({"150722": 40}, [("doubt.RC-1", Why.BELOW_PARTS)])
    assert [fact.report for fact in made.facts(ReportDoubted)] == ["RC-1"]
    made.do(resolve("doubt.RC-1"))
    assert standing(made) == {"150722": 40, "150700": 1}


def test_a_number_corrected_to_unknown_counts_no_more():
    made = room()
    made.do(first(9))
    made.do(corrected({"dead": None}))
    assert (standing(made), "dead" in made.state("report-RP-1").standing) == ({}, False)


def closing(report="RP-F", dead=0, **said):
    return submit(report, "16:00", kind=FINAL, incident="INC-1", **({"numbers": {"dead": dead}} | said))


def test_a_closing_report_that_contradicts_another_is_not_closed_before_somebody_looked():
    made = room()
    made.do(first(12, by=WATER, report="RW-1"))
    made.do(closing())
    assert made.state("report-RP-F").doubtful
    assert made.facts(ReportFinalised) == []
    made.do(resolve("doubt.RP-F"))
    assert [(fact.report, fact.leads) for fact in made.facts(ReportFinalised)] == [("RP-F", True)]


def test_a_refuted_closing_report_closes_nothing():
    made = room()
    made.do(first(12, by=WATER, report="RW-1"))
    made.do(closing())
    made.do(resolve("doubt.RP-F", Finding.REFUTED))
    made.do(SupplementReport(by=DUTY, now=at("18:00"), report="RP-F", figures=figures({"loss_yuan": 1})))
    assert made.facts(ReportFinalised) == []
    assert made.state("report-RP-F").refuted


def envelope(made, stream, fact):
    return made.envelope(stream, "alerts.report.submitted.v1", at("18:00"))


@pytest.mark.parametrize(("by", "leads"), [(DUTY, True), (MINE, False), (WATER, False), (TXW, False), (CITY_DUTY, False)])
def test_only_the_line_of_who_leads_is_the_final_report_of_the_incident(by, leads):
    made = room()
    made.do(closing(by=by, skip_reason="haste"))
    if by is MINE:  # what a unit says is looked at first
        made.do(resolve("doubt.RP-F"))
    (fact,) = made.facts(ReportFinalised)
    assert fact.leads is leads
    assert bool(list(when_report_finalised_then_final_report_is_there(fact, envelope(made, "report-RP-F", fact)))) is leads


def test_nobody_supersedes_the_report_of_another():
    made = room()
    made.do(first(12))
    made.do(follow("RE-1", 0, by=MINE))
    assert {doubt.code for doubt in made.facts(TriageOpened)[0].doubts} == {Why.PREDECESSOR_FOREIGN, Why.UNVERIFIED}
    assert (standing(made), made.facts(ReportSuperseded)) == ({"150722": 12}, [])
    assert made.state("report-RP-1").clocks.runs("K-17")
    assert made.state("report-RE-1").root == "RE-1"


def test_the_duty_room_and_the_headquarters_of_a_place_go_on_with_one_line():
    made = room()
    made.do(first(1))
    made.do(follow("RP-2", 2, by=signed(DUTY, actor="B.HQ", roles=("HQ",))))
    assert (standing(made), [fact.report for fact in made.facts(ReportSuperseded)]) == ({"150722": 2}, ["RP-1"])


@pytest.mark.parametrize(
    ("said", "met"),
    [({}, True), ({"by": MINE}, False), ({"to": "nowhere"}, False), ({"by": TXW, "to": "150722"}, True), ({"to": "150722"}, False)],
)
def test_only_a_hop_upwards_of_the_administration_is_a_report_of_the_incident(said, met):
    made = room()
    made.do(first(0, **said))
    fact = made.log[0][1]
    sent = list(when_report_submitted_then_report_clock_is_met(fact, envelope(made, "report-RP-1", fact)))
    assert [isinstance(one, MeetIncidentClock) and one.level for one in sent] == ([fact.line[0][1]] if met else [])


def test_the_clock_of_a_level_is_met_by_that_level():
    made = room(level=3)
    for by, to, met in ((TXW, "150722", False), (DUTY, "150700", True)):
        made.do(first(0, by=by, to=to, report=f"RP-{by.level}"))
        fact = next(event for stream, event in made.log if stream == f"report-RP-{by.level}")
        (command,) = when_report_submitted_then_report_clock_is_met(fact, envelope(made, f"report-RP-{by.level}", fact))
        assert bool(made.handle(command).events) is met


@pytest.mark.parametrize("by", [REGION_DUTY, TXW, DUTY, signed(CITY_DUTY, roles=("ENT",))])
def test_a_report_is_handed_on_by_who_received_it(by):
    made = room()
    made.do(first(0))
    with pytest.raises(NotAllowed):
        made.do(first(0, by=by, hop=2, to="150000", clock="14:10"))
    made.do(first(0, by=CITY_DUTY, hop=2, to="150000", clock="14:20"))


def test_a_sender_makes_no_incident_less_grave():
    made = room()
    made.keep("incident-INC-1", IncidentClassified("INC-1", IncidentType.DAM, EventGrade.LARGER, "table", "B.DUTY", at("13:55")))
    made.do(first(0, grade=EventGrade.ORDINARY))
    assert made.state("report-RP-1").clocks.runs("hop.2")


def test_what_follows_from_a_restricted_report_is_restricted():
    made = room(visibility="restricted")
    made.do(first(5, type="SS.OTHER"))
    made.do(follow("RP-2", 3, numbers={"dead": 3, "missing": None}))
    about = {stream: made.deciders[stream.partition("-")[0]].about(made.state(stream)).visibility for stream in made.past}
    assert {about[stream] for stream in ("report-RP-2", "triage-doubt.RP-2", "figures-INC-1")} == {"restricted"}
    assert {task.restricted for task in made.facts(TaskAssigned)} == {True}


def test_a_citizen_s_report_about_social_security_is_restricted_work():
    made = room()
    made.do(received(type="SS.OTHER"))
    (opened,) = made.facts(TriageOpened)
    assert opened.restricted and made.facts(TaskAssigned)[0].restricted


def test_a_report_that_came_before_its_incident_belongs_to_it_once_that_is_registered():
    made = Room()
    made.do(submit(numbers={"dead": 4, "missing": 0}))
    made.log.append(("incident-INC-1", replace(incident(), report="RP-1")))
    made.keep("incident-INC-1", made.log[-1][1])
    made.settle(at("14:10"))
    assert standing(made) == {"150722": 4}
    (fact,) = made.facts(ReportAttached)
    assert (made.state("report-RP-1").incident, fact.level) == ("INC-1", 3)
    (command,) = when_report_attached_then_report_clock_is_met(fact, envelope(made, "report-RP-1", fact))
    assert isinstance(command, MeetIncidentClock) and (command.incident, command.key) == ("INC-1", "report")


def test_a_report_of_an_incident_that_was_misnamed_belongs_to_the_one_a_person_names():
    made = room()
    made.do(submit(incident="INC-9", numbers={"dead": 4, "missing": 0}))
    made.do(replace(resolve("doubt.RP-1"), incident="INC-1"))
    assert (standing(made), len(made.facts(ReportAttached))) == ({"150722": 4}, 1)
