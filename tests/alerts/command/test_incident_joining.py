"""Incidents that follow from one another, and those that are the same: no deadline, item or history is lost."""

from __future__ import annotations

from typing import Any

import pytest

from services.alerts.deciders.incidents.commands import (
    ClassifyIncident,
    CloseIncident,
    DismissIncident,
    LinkSecondary,
    MeetIncidentClock,
    MergeIncidents,
    OpenClosureItem,
    ReopenIncident,
    SettleClosureItem,
    StartResponding,
)
from services.alerts.events.incident import IncidentClosed, IncidentType
from services.alerts.events.leading import IncidentAbsorbed, IncidentMerged, MadeSecondary, SecondaryIncidentLinked
from services.alerts.events.registers import HazardSource, HazardSourceRegistered
from services.alerts.events.scales import EventGrade
from shared.kernel.commands import Signature
from shared.kernel.errors import NotFound, RuleBroken, WrongState
from tests.alerts.command.incidents import B_GOV, OFF, SYS, A, B, C, Node, T, opened, refused, register, verify
from tests.alerts.world import at

_, MAJOR, LARGER, _ = EventGrade
CITY = Signature("C.OFF", ("EMD.officer",), C, 2)


@pytest.fixture
def node() -> Node:
    """INC-1 at a small reservoir, verified and classified; INC-2 at a medium one below it."""
    made = Node()
    for dam, size in (("DAM-YA", "small"), ("DAM-XF", "medium")):
        made.past[f"hazard-{dam}"] = [HazardSourceRegistered(dam, HazardSource("水库", "dam", dam, T, size=size), at("08:00"))]
    for command in (
        register(at_place="DAM-YA"),
        verify(),
        ClassifyIncident(by=OFF, now=at("14:02"), incident="INC-1", grade=LARGER, basis="AS-4"),
        register("INC-2", clock="15:33", at_place="DAM-XF", known_at=at("15:32"), occurred_at=at("15:30")),
    ):
        made.do(command)
    return made


def link(main: str = "INC-1", secondary: str = "INC-2") -> LinkSecondary:
    return LinkSecondary(by=OFF, now=at("15:34"), incident=main, secondary=secondary)


def merge(incident: str = "INC-2", into: str = "INC-1", **changed: Any) -> MergeIncidents:
    named: dict[str, Any] = {"by": OFF, "now": at("15:40"), "incident": incident, "into": into, "reason": "the same dam"}
    return MergeIncidents(**(named | changed))


def types(facts: list[Any]) -> list[str]:
    return [type(fact).__name__ for fact in facts]


# ---------------------------------------------------------------- one followed from the other


def test_a_graver_secondary_incident_raises_the_grade_by_rule(node):
    facts = node.do(link())
    assert types(facts) == ["SecondaryIncidentLinked", "MadeSecondary", "IncidentRegraded", "ClosureItemOpened"]
    linked, _, regraded = facts[:3]
    assert (linked.grade, linked.basis) == (MAJOR, "AS-4")
    assert (regraded.was, regraded.grade, regraded.secondary) == (LARGER, MAJOR, "INC-2")


def test_a_milder_secondary_incident_changes_no_grade(node):
    node.do(register("INC-3", clock="15:33", at_place="DAM-YA"))
    assert "IncidentRegraded" not in types(node.do(link(secondary="INC-3")))


def test_the_main_incident_answers_for_what_the_secondary_owes(node):
    node.do(StartResponding(by=SYS, now=at("14:10"), incident="INC-1", activation="ACT-B"))
    linked = node.do(link())[0]
    assert isinstance(linked, SecondaryIncidentLinked)
    told = {due.key: (due.rule, due.due_at) for due in linked.clocks}
    assert told == {"report~INC-2": ("K-16", at("17:32")), "release~INC-2": ("K-30", at("20:30"))}  # a response runs already
    assert node.incident("INC-2").running() == ()
    met = node.do(MeetIncidentClock(by=SYS, now=at("16:10"), incident="INC-1", key="report", evidence="report-RP-2"))
    assert met[0].met == ("report", "report~INC-2")


def test_without_a_response_the_immediate_duty_goes_on_too(node):
    assert "respond~INC-2" in {due.key for due in node.do(link())[0].clocks}


def test_what_cannot_follow_is_refused(node):
    assert isinstance(refused(node, link(secondary="INC-9")), NotFound)
    assert "itself" in refused(node, link(secondary="INC-1")).cure
    node.do(register("INC-3", clock="15:33"))
    node.do(link())
    assert node.do(link()) == []
    assert isinstance(refused(node, link("INC-3", "INC-2")), RuleBroken)  # of another already
    assert isinstance(refused(node, link("INC-2", "INC-3")), RuleBroken)  # itself a consequence
    assert isinstance(refused(node, link("INC-3", "INC-1")), RuleBroken)  # has consequences of its own
    node.do(DismissIncident(by=OFF, now=at("15:50"), incident="INC-3", reason="false"))
    assert isinstance(refused(node, link(secondary="INC-3")), WrongState)


def settle_all(node: Node) -> None:
    for kind in ("evaluation", "retention", "final_report"):
        node.do(OpenClosureItem(**opened("INC-1", f"{kind}-1", kind)))
        node.do(SettleClosureItem(**opened("INC-1", f"{kind}-1", kind), how="done"))


def close(incident: str) -> CloseIncident:
    return CloseIncident(by=B_GOV, now=at("11:00", 24), incident=incident)


def test_the_main_incident_closes_after_its_secondaries_which_need_no_reports_of_their_own(node):
    node.do(link())
    settle_all(node)
    assert refused(node, close("INC-1")).cure == "INC-2 open"
    assert types(node.do(close("INC-2"))) == ["IncidentClosed", "ClosureItemSettled"]
    assert types(node.do(close("INC-1"))) == ["IncidentClosed"]


def test_a_secondary_that_is_reopened_reopens_the_main_incident(node):
    node.do(link())
    settle_all(node)
    node.do(close("INC-2"))
    node.do(close("INC-1"))
    again = node.do(ReopenIncident(by=B_GOV, now=at("12:00", 24), incident="INC-2", reason="it goes on"))
    assert types(again) == ["IncidentReopened", "ClosureItemOpened", "IncidentReopened"]


# ---------------------------------------------------------------- they are the same


def test_both_stay_readable_and_the_merged_one_says_where_it_went(node):
    facts = node.do(merge())
    merged, absorbed = facts[:2]
    assert isinstance(merged, IncidentMerged) and isinstance(absorbed, IncidentAbsorbed)
    assert merged.stopped == ("respond", "report", "release")
    assert node.incident("INC-2").merged_into == "INC-1"
    assert [fact.incident for fact in node.past["incident-INC-2"]] == ["INC-2", "INC-2"]
    fault = refused(node, verify("INC-2"))
    assert isinstance(fault, WrongState) and fault.cure == "INC-2 was merged into INC-1: act on that"


def test_what_is_open_for_the_merged_incident_goes_on_with_the_other(node):
    node.do(OpenClosureItem(**opened("INC-2", "OR-2", "order")))
    facts = node.do(merge())
    assert facts[0].open_items == ("OR-2",)
    assert types(facts[2:]) == ["ClosureItemsCarried", "FiguresCarried", "ClosureItemOpened"]
    assert node.state("closure-INC-1").open("order") == ("OR-2",)
    forwarded = node.do(SettleClosureItem(**opened("INC-2", "OR-2", "order"), how="ended"))
    assert types(forwarded) == ["ClosureItemForwarded", "ClosureItemSettled"]
    assert node.state("closure-INC-1").open("order") == ()


def test_what_is_opened_later_for_the_merged_incident_counts_there(node):
    node.do(merge())
    assert types(node.do(OpenClosureItem(**opened("INC-2", "ACT-X")))) == ["ClosureItemForwarded", "ClosureItemOpened"]
    assert node.state("closure-INC-1").open("activation") == ("ACT-X",)


def test_the_same_fact_known_sooner_is_owed_sooner():
    made = Node()
    made.do(register("INC-1", known_at=at("13:50")))
    made.do(register("INC-2", known_at=at("13:20"), occurred_at=at("13:20")))
    absorbed = made.do(merge())[1]
    assert {due.key: due.since for due in absorbed.clocks} == {"respond": at("13:20"), "report": at("13:20"), "release": at("13:20")}
    assert made.incident().clocks.get("report") == absorbed.clocks[1]


def test_what_the_other_has_done_already_is_not_owed_again():
    made = Node()
    made.do(register("INC-1"))
    made.do(register("INC-2", known_at=at("13:20"), occurred_at=at("13:20")))
    made.do(MeetIncidentClock(by=SYS, now=at("14:00"), incident="INC-1", key="report", evidence="report-RP-1"))
    assert "report" not in {due.key for due in made.do(merge())[1].clocks}


def test_what_cannot_be_merged_is_refused(node):
    assert isinstance(refused(node, merge(into="INC-9")), NotFound)
    assert "itself" in refused(node, merge(into="INC-2")).cure
    assert refused(node, merge(reason=None)).failures[0].field == "reason"
    node.do(register("INC-3", clock="15:33"))
    node.do(merge("INC-3", "INC-2"))
    assert isinstance(refused(node, merge("INC-3")), WrongState)  # merged already
    assert refused(node, merge("INC-1", "INC-3")).cure == "INC-3 is Merged into INC-2: name that"
    node.do(link())
    assert "the other way" in refused(node, merge("INC-1", "INC-2")).cure


def test_incidents_of_several_divisions_are_led_by_who_merges_them():
    made = Node()
    made.do(register("INC-1", type=IncidentType.FLOOD))
    made.do(register("INC-2", type=IncidentType.FLOOD, division=A, by=CITY))
    absorbed = made.do(merge(by=CITY))[1]
    assert (absorbed.divisions, absorbed.division, [lead.division for lead in absorbed.leads]) == ((B, A), C, [C])


def test_a_merged_secondary_is_waited_for_no_longer_but_the_one_it_went_into(node):
    node.do(register("INC-3", clock="15:33"))
    node.do(link())
    facts = node.do(merge("INC-2", "INC-3"))
    assert "ClosureItemSettled" in types(facts)
    assert node.state("closure-INC-1").open("incident") == ("INC-3",)


def test_a_secondary_is_made_once(node):
    node.do(link())
    assert [type(fact) for fact in node.past["incident-INC-2"]].count(MadeSecondary) == 1


def test_a_report_of_the_secondary_itself_meets_what_the_main_incident_answers_for(node):
    node.do(link())
    facts = node.do(MeetIncidentClock(by=SYS, now=at("16:10"), incident="INC-2", key="report", evidence="report-RP-2"))
    assert [(fact.incident, fact.met) for fact in facts] == [("INC-2", ("report",)), ("INC-1", ("report~INC-2",))]
    facts = node.do(StartResponding(by=SYS, now=at("16:20"), incident="INC-2", activation="ACT-X"))
    assert [(fact.incident, fact.met) for fact in facts] == [("INC-2", ("respond",)), ("INC-1", ("respond~INC-2",))]


def test_an_evaluation_that_is_owed_goes_over_with_the_merger(node):
    node.do(OpenClosureItem(**opened("INC-2", "ACT-X")))
    node.do(SettleClosureItem(**opened("INC-2", "ACT-X"), how="ended"))
    facts = node.do(merge())
    assert types(facts[2:]) == ["ClosureItemsCarried", "FiguresCarried", "EvaluationDue"]
    assert facts[2].stopped == ("K-22",)
    assert node.state("closure-INC-1").clocks.runs("K-22") and not node.state("closure-INC-2").clocks.runs("K-22")


# ---------------------------------------------------------------- what followed from another proves to be the same as a third


def test_what_a_merged_incident_followed_from_answers_for_the_one_that_is_left(node):
    node.do(register("INC-3", clock="15:35", at_place="DAM-XF", known_at=at("15:35"), occurred_at=at("15:30")))
    node.do(link())
    facts = node.do(merge("INC-2", "INC-3"))
    main, left = node.incident("INC-1"), node.incident("INC-3")
    assert (left.main, left.running("respond", "report", "release")) == ("INC-1", ())
    assert main.secondaries == ("INC-2", "INC-3") and not any(key.endswith("~INC-2") for key in main.running())
    assert main.clocks.get("report~INC-3").due_at == at("17:32")  # as the one that was known first
    assert node.state("closure-INC-1").open("incident") == ("INC-3",)
    assert sum(isinstance(fact, MadeSecondary) for fact in facts) == 1


def test_a_main_incident_that_is_over_answers_for_nothing_more(node):
    node.do(register("INC-3", clock="15:35", at_place="DAM-XF", known_at=at("15:35"), occurred_at=at("15:30")))
    node.do(link())
    node.past["incident-INC-1"].append(IncidentClosed("INC-1", "B.GOV", at("15:34"), stopped=node.incident().running()))
    node.do(merge("INC-2", "INC-3"))
    assert node.incident("INC-1").running() == () and node.incident("INC-1").secondaries == ("INC-2",)
    assert node.incident("INC-3").running("respond", "report", "release") == ("respond", "report", "release")


def test_what_followed_and_proves_to_be_the_main_incident_itself_leaves_no_deadline_of_its_own(node):
    node.do(link())
    node.do(merge("INC-2", "INC-1"))
    assert set(node.incident().running()) == {"respond", "report", "release", "press"}


def test_what_followed_from_two_incidents_is_not_merged_over_their_heads(node):
    node.do(register("INC-3", clock="15:33"))
    node.do(register("INC-4", clock="15:33"))
    node.do(link())
    node.do(link("INC-3", "INC-4"))
    assert "followed from INC-3" in refused(node, merge("INC-2", "INC-4")).cure
    assert "has secondary incidents" in refused(node, merge("INC-2", "INC-3")).cure
