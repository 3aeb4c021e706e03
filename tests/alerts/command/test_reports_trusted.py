"""Whose numbers count at once: neither those from outside the incident, nor a unit's, nor what is said in units or times nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.alerts.deciders.incidents.commands import ReopenIncident
from services.alerts.deciders.orders.task import AssignTask
from services.alerts.deciders.reports.commands import SupplementReport
from services.alerts.deciders.reports.figures import carried
from services.alerts.deciders.reports.triage import ResolveTriage
from services.alerts.events.incident import IncidentClockMet, IncidentClosed, IncidentRegraded, IncidentType
from services.alerts.events.report import Figure, ReportSubmitted, Why
from services.alerts.events.scales import EventGrade
from services.alerts.events.task import TaskAssigned
from services.alerts.events.triage import Finding, TriageOpened
from services.alerts.projections.triage import FIGURE, TriageQueue, totals
from shared.kernel.commands import Signature
from shared.kernel.errors import NotFound, RuleBroken
from shared.kernel.events import type_of
from tests.alerts.command.incidents import B_GOV, refused
from tests.alerts.command.reporting import CITY_DUTY, WATER, corrected, figures, signed, submit
from tests.alerts.command.town import Town, registered
from tests.alerts.projections.test_board import Rows
from tests.alerts.world import DUTY, GOV, TXW, at

HAZCHEM = IncidentType.HAZCHEM
NEIGHBOUR = Signature("A.DUTY", ("EMD.duty",), "150721", 3)
AROUND = (("150721", 3), ("150700", 2), ("150000", 1))
OTHER_CITY = Signature("X.DUTY", ("EMD.duty",), "150400", 2)
VILLAGE = Signature("L5.A", ("L5.committee",), "150722106201", 5)
OF_THE_VILLAGE = (("150722106201", 5), ("150722106", 4), ("150722", 3), ("150700", 2), ("150000", 1))
PLANT = Signature("E.PLANT", ("ENT",), "150722", 3, "E")


def town(**said: Any) -> Town:
    return Town(registered(HAZCHEM, **said))


def told(made: Town, dead: object, report: str = "RX-1", **said: Any) -> Sequence[str]:
    """The flags of a report of the dead."""
    body = {"incident": "INC-1", "type": "ACC.HAZCHEM", "numbers": {"dead": dead, "missing": 0}}
    return made.do(submit(report, **(body | said))).flags


def counting(made: Town, metric: str = "dead") -> dict[str, Any]:
    return {division: entry.value for division, entry in made.state("figures-INC-1").standing(metric).items()}


def waiting(made: Town) -> list[tuple[str, str | None, set[Any]]]:
    return [(one.triage, one.division, {doubt.code for doubt in one.doubts}) for one in made.facts(TriageOpened)]


def settle(made: Town, report: str = "RX-1", finding: Finding = Finding.CONFIRMED, clock: str = "17:00") -> None:
    made.do(ResolveTriage(by=DUTY, now=at(clock), triage=f"doubt.{report}", finding=finding, reason="asked on the spot"))


@pytest.mark.parametrize(
    "by",
    [{"by": NEIGHBOUR, "line": AROUND}, {"by": signed(PLANT, division="150421"), "line": ()}, {"by": OTHER_CITY, "over": False}],
)
def test_a_number_from_outside_waits_at_home_and_grades_nothing(by):
    made = town()
    assert "Q-TRIAGE" in told(made, 55, **by)
    assert (counting(made), made.facts(IncidentRegraded)) == ({}, [])
    assert waiting(made) == [("doubt.RX-1", "150722", {Why.OUTSIDE})]
    settle(made)
    assert [fact.grade for fact in made.facts(IncidentRegraded)] == [EventGrade.SPECIAL_MAJOR]


@pytest.mark.parametrize("by", [{"by": TXW}, {"by": CITY_DUTY, "to": "150000"}, {"by": WATER}])
def test_a_number_from_inside_counts_at_once(by):
    made = town()
    told(made, 5, skip_reason="haste", **by)
    assert list(counting(made).values()) == [5]


def test_nobody_from_outside_meets_the_duty_of_the_incident():
    made = town()
    told(made, 0, by=NEIGHBOUR, line=AROUND)
    assert made.facts(IncidentClockMet) == []
    told(made, 0, "RP-1")
    assert [fact.met for fact in made.facts(IncidentClockMet)] == [("report",)]


def test_a_units_number_waits_for_an_organ_and_what_was_found_true_is_not_asked_again():
    made = town()
    told(made, 33, by=PLANT, to="150722")
    assert (counting(made), waiting(made)) == ({}, [("doubt.RX-1", "150722", {Why.UNVERIFIED})])
    settle(made)
    assert counting(made) == {"150722": 33}
    again = told(made, 33, "RX-2", by=PLANT, to="150722", supersedes="RX-1", clock="17:30")
    assert "Q-TRIAGE" not in again


@pytest.mark.parametrize("later", [SupplementReport(by=PLANT, now=at("15:00"), report="RX-1", figures=figures({"hurt": 55})), None])
def test_what_a_unit_adds_or_corrects_waits_too(later):
    made = town()
    told(made, 1, by=PLANT, to="150722")
    settle(made, clock="14:30")
    made.do(later or replace(corrected({"dead": Decimal(55)}, report="RX-1"), by=PLANT))
    assert (counting(made, "hurt"), counting(made)) == ({}, {"150722": 1})


def test_a_report_named_for_an_incident_afterwards_is_no_way_around():
    made = town()
    told(made, 55, incident="INC-9", by=NEIGHBOUR, line=AROUND)
    made.do(ResolveTriage(by=NEIGHBOUR, now=at("15:00"), triage="doubt.RX-1", finding=Finding.CONFIRMED, incident="INC-1"))
    assert (counting(made), made.facts(IncidentRegraded)) == ({}, [])
    assert (made.state("triage-doubt.RX-1").status, made.state("triage-doubt.RX-1").division) == ("open", "150722")


def test_doubts_and_the_word_to_others_lie_where_somebody_is_on_duty():
    made = town()
    told(made, 2, by=VILLAGE, line=OF_THE_VILLAGE, to="150722106")
    told(made, 5, "RP-1")
    assert made.deciders["figures"].about(made.state("figures-INC-1")).division == "150722"
    told(made, 3, "RP-2", supersedes="RP-1", clock="16:10")
    told(made, 1, "RV-2", by=VILLAGE, line=OF_THE_VILLAGE, to="150722106", supersedes="RX-1", clock="16:20")
    assert {division for _, division, _ in waiting(made)} == {"150722"}
    assert {one.division for one in made.facts(TaskAssigned) if one.kind in ("inform_organs", "settle_report")} == {"150722"}


@pytest.mark.parametrize(
    ("figure", "doubt", "counts"),
    [
        (Figure("dead", Decimal(12), "horses"), Why.ODD_UNIT, {}),
        (Figure("dead", Decimal("2.5")), Why.NOT_WHOLE, {}),
        (Figure("dead", Decimal(12), "人"), None, {"150722": 12}),
        (Figure("loss_yuan", Decimal(1200), "10000 yuan"), None, {"150722": 12_000_000}),
        (Figure("loss_yuan", Decimal("0.5"), "亿元"), None, {"150722": 50_000_000}),
        (Figure("cows", Decimal(2), "herd"), None, {"150722": 2}),
    ],
)
def test_a_number_counts_in_the_unit_that_the_rules_know(figure, doubt, counts):
    made = town()
    flags = made.do(submit(incident="INC-1", type="ACC.HAZCHEM", figures=(figure,))).flags
    assert (counting(made, figure.metric), "Q-TRIAGE" in flags) == (counts, doubt is not None)
    assert {code for _, _, codes in waiting(made) for code in codes} == ({doubt} if doubt else set())
    assert made.state("report-RP-1").figures[figure.metric].value == figure.value  # what it said stays as it was said
    assert bool(made.facts(IncidentRegraded)) is (figure.metric in ("loss_yuan", "dead") and doubt is None)


@pytest.mark.parametrize("number", [Decimal(-3), Decimal("NaN"), "many"])
def test_a_correction_names_a_number(number):
    made = town()
    told(made, 1, "RP-1")
    fault = refused(made, corrected({"dead": number}))
    assert isinstance(fault, RuleBroken) and fault.failures[0].field == "set.dead"


def test_a_time_that_has_not_come_is_looked_at_and_kept():
    made = town()
    ahead = Figure("dead", Decimal(4), as_of=at("22:00"))
    flags = made.do(submit(incident="INC-1", known_at=at("15:05"), figures=(ahead,))).flags
    assert "Q-TRIAGE" in flags
    (fact,) = made.facts(ReportSubmitted)
    assert {(doubt.code, doubt.of) for doubt in fact.doubts} == {(Why.IN_THE_FUTURE, "known_at"), (Why.IN_THE_FUTURE, "dead.as_of")}
    assert (fact.claimed, fact.figures[0].as_of, fact.known_at) == (at("15:05"), at("22:00"), at("13:50"))
    assert counting(made) == {"150722": 4}  # the time is wrong, nobody doubts the number
    assert "Q-TRIAGE" not in told(made, 4, "RP-2", supersedes="RP-1", clock="16:10", known_at=at("16:14"))


def test_a_hop_that_nobody_submitted_before_is_asked_about():
    assert "Q-TRIAGE" in told(town(), 0, hop=5)
    assert "Q-TRIAGE" not in told(town(), 0, hop=1)


def closed() -> Town:
    made = town()
    told(made, 0, "RP-1")
    made.keep("incident-INC-1", IncidentClosed("INC-1", "B.GOV", at("16:00")))
    return made


def test_what_is_reported_of_a_closed_incident_waits_for_a_person_and_counts_when_it_goes_on():
    made = closed()
    assert "Q-TRIAGE" in told(made, 40, "RP-2", supersedes="RP-1", clock="16:10", known_at=at("16:05"))
    assert (counting(made), waiting(made)[0][2]) == ({"150722": 0}, {Why.INCIDENT_OVER})
    settle(made, "RP-2")
    assert (counting(made), made.facts(IncidentRegraded)) == ({"150722": 40}, [])
    made.do(ReopenIncident(by=B_GOV, now=at("17:10"), incident="INC-1", reason="forty dead were found"))
    assert [fact.grade for fact in made.facts(IncidentRegraded)] == [EventGrade.SPECIAL_MAJOR]


def test_a_correction_after_the_close_is_looked_at_too():
    made = closed()
    made.do(corrected({"dead": Decimal(40)}, clock="16:30"))
    assert (counting(made), waiting(made)[0][2]) == ({"150722": 0}, {Why.INCIDENT_OVER})


def test_work_is_given_for_an_incident_that_is_closed_and_for_none_that_never_was():
    work = {"task": "TK-1", "kind": "search", "executor": "TEAM.A", "due": at("18:00"), "feedback": "hourly"}
    for made in (closed(), town()):
        made.do(AssignTask(by=GOV, now=at("16:30"), incident="INC-1", **work))
        assert made.task("TK-1").status == "open"
    assert isinstance(refused(closed(), AssignTask(by=GOV, now=at("16:30"), incident="TYPO", **work)), NotFound)


@pytest.mark.parametrize("finding", [Finding.REFUTED, Finding.DUPLICATE])
def test_what_was_settled_is_in_doubt_no_longer_and_is_kept(finding):
    made = town()
    told(made, 1, "RP-1")
    told(made, 3, "RW-1", by=WATER)
    settle(made, "RW-1", finding)
    book = made.state("figures-INC-1")
    assert (counting(made), book.entries["dead"]["RW-1"].value, book.entries["dead"]["RW-1"].waits) == ({"150722": 1}, 3, False)
    assert [doubt for one in carried(book) for doubt in one.doubts] == []  # nor where the incident is merged into another
    rows = Rows()
    for stream, event in made.log:
        if stream.startswith("figures-"):
            TriageQueue().apply(rows, event, made.envelope(stream, type_of(event), at("18:00")))
    kept = [row | {"above": []} for key, row in rows.rows.items() if key[0] == FIGURE.name]
    total = totals(kept)["dead"]
    assert (total["value"], total["in_doubt"], [one["report"] for one in total["refuted"]]) == (1, [], ["RW-1"])


def test_a_part_of_a_number_is_not_more_than_the_whole():
    made = town()
    both = (Figure("hurt", Decimal(3)), Figure("badly_hurt", Decimal(9)))
    assert "Q-TRIAGE" in made.do(submit(incident="INC-1", type="ACC.HAZCHEM", figures=both)).flags
    assert (counting(made, "hurt"), counting(made, "badly_hurt")) == ({"150722": 3}, {})
    assert {code for _, _, codes in waiting(made) for code in codes} == {Why.ABOVE_WHOLE}
