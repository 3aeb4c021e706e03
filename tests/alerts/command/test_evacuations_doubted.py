"""Numbers of people are kept, whatever they say, and those in doubt are not counted before somebody looked (domain 3.6, 3.26; RA-09)."""

from __future__ import annotations

from typing import Any

from services.alerts.deciders.evacuations.commands import AmendEvacuation, ReturnEvacuees
from services.alerts.deciders.evacuations.evacuation import EVACUATION
from services.alerts.deciders.evacuations.shelter import Shelter
from services.alerts.events.evacuation import EvacuationAmended, EvacuationIssued, EvacueesReturned, HouseholdsCleared
from services.alerts.projections import evacuations
from shared.kernel.commands import Signature
from shared.kernel.errors import RuleBroken
from shared.sql.ports import Databases
from shared.testing.spec import given
from tests.alerts.command.test_evacuations import ENTRY, issue, issued, past, register, report, scene
from tests.alerts.command.town import Town
from tests.alerts.projections.test_evacuations import shown
from tests.alerts.world import DUTY, GOV, HQ, RULES, at

AREA = "150722106"
LINE = (AREA, "150722", "150700", "150000")
KNOWN: dict[str, Any] = {"areas": (AREA,), "headcount": 100}


def told(*before: HouseholdsCleared, **said: Any) -> tuple[HouseholdsCleared, tuple[str, ...]]:
    named = {"line": LINE, **said}
    decided = given(EVACUATION, issued(**KNOWN), *before, rules=RULES).when(report(**named)).then_types(HouseholdsCleared)
    return decided.events[0], tuple(decided.flags)


def test_a_number_that_falls_says_why_or_waits() -> None:
    first, flags = told(people=100, refused=0, remaining=5)
    assert (first.doubts, flags) == ((), ())
    falls, flags = told(first, people=40)
    assert (falls.doubts, flags) == (("falling",), ("Q-TRIAGE",))
    assert EVACUATION.fold([issued(**KNOWN), first, falls]).left == 100
    nothing, _ = told(first, falls)
    assert nothing.doubts == () and EVACUATION.fold([issued(**KNOWN), first, falls, nothing]).left == 100
    corrected, flags = told(first, falls, people=40, note="60 of them are of the next village")
    assert (corrected.doubts, flags) == ((), ()) and EVACUATION.fold([issued(**KNOWN), first, falls, corrected]).left == 40


def test_more_than_were_to_leave_are_counted_once_the_duty_room_says_why() -> None:
    more, flags = told(people=600_000, refused=0, remaining=0, note="all out")
    assert (more.doubts, more.whole, "Q-TRIAGE" in flags) == (("more",), False, True)
    assert EVACUATION.fold([issued(**KNOWN), more]).status == "issued"
    sure, flags = told(by=DUTY, people=104, refused=0, remaining=0, note="four visitors", area=AREA)
    assert (sure.doubts, sure.whole, flags) == ((), True, ())


def test_a_team_from_elsewhere_changes_no_count() -> None:
    ours, _ = told(people=60, refused=0, remaining=40)
    stranger = Signature("TL.X", ("TEAM",), "150422", 3)
    away = ("150422", "150400", "150000")
    theirs, flags = told(ours, by=stranger, line=away, people=100, remaining=0)
    assert (theirs.doubts, theirs.whole, flags) == (("stranger",), False, ("Q-TRIAGE",))
    named, _ = told(ours, by=stranger, area=AREA, people=100, remaining=0)
    assert named.doubts == ("stranger",)
    assert EVACUATION.fold([issued(**KNOWN), ours, theirs, named]).left == 60
    own, _ = told(ours, by=Signature("TL.1", ("TEAM",), "150722", 3), line=LINE[1:], people=100, remaining=0)
    assert (own.doubts, own.whole) == ((), True)


def test_more_come_home_than_left_is_looked_at() -> None:
    out, _ = told(people=60, refused=2, remaining=5)
    home = ReturnEvacuees(by=GOV, now=at("18:00"), evacuation="EV-1", people=1000, reason="dry")
    decided = given(EVACUATION, issued(**KNOWN), out, rules=RULES).when(home).then_types(EvacueesReturned)
    assert (decided.events[0].doubts, decided.flags) == (("more",), ("Q-TRIAGE",))


def test_its_time_limit_lies_ahead() -> None:
    given(EVACUATION, rules=RULES, others=scene()).when(issue(due=at("12:44"))).refused(RuleBroken, "SEED-9")
    past().when(AmendEvacuation(by=HQ, now=at("13:00"), evacuation="EV-1", due=at("12:59"))).refused(RuleBroken, "SEED-9")


def test_for_whom_the_shelter_has_no_place_another_is_asked_for() -> None:
    full = scene(**{"shelter-SH-1": Shelter("open", ENTRY, 150)})
    asked = issue(headcount=100, shelter="SH-1")
    decided = given(EVACUATION, rules=RULES, others=full).when(asked).then_types(EvacuationIssued)
    assert (decided.events[0][1].over, decided.flags, decided.answer) == (50, ("A-OVER",), {"over": 50})
    others = scene(**{"shelter-SH-1": Shelter("open", ENTRY, 150)})
    known = given(EVACUATION, issued(shelter="SH-1"), rules=RULES, others=others)
    more = known.when(AmendEvacuation(by=HQ, now=at("13:00"), evacuation="EV-1", headcount=60)).then_types(EvacuationAmended)
    assert (more.events[0][1].over, more.flags) == (10, ("A-OVER",))


def test_once_people_are_home_nobody_looks_at_numbers_of_before_nor_for_another_shelter() -> None:
    town = Town(register(), issue(below=(), shelter="SH-1", **(KNOWN | {"headcount": 201})))
    for people in (100, 40, 30):
        town.do(report(line=LINE, people=people, refused=0))
    town.do(report(line=LINE, people=160, refused=0, remaining=0, note="visitors", by=DUTY, area=AREA))
    assert len(town.open_work("check_evacuees")) == 2 and town.open_work("open_another_shelter") == {"beyond-EV-1"}
    town.do(ReturnEvacuees(by=GOV, now=at("18:00"), evacuation="EV-1", people=1000, reason="dry"))
    assert town.open_work("open_another_shelter") == set() and town.open_work("check_evacuees") == {"doubted-EV-1.3"}


def test_every_number_that_was_said_is_shown_and_what_is_in_doubt_becomes_work(databases: Databases) -> None:
    said = [report(line=LINE, people=people, refused=0) for people in (100, 40)]
    issue_it = issue(below=(), **KNOWN)
    town = Town(issue_it, *said)
    assert town.open_work("check_evacuees") == {"doubted-EV-1.1"}
    db = shown(databases, "doubted", issue_it, *said)
    counted = evacuations.cleared(db, "EV-1")
    assert counted["cleared"]["people"] == 100
    assert (40, ["falling"]) in [(row["people"], row["doubts"]) for row in counted["history"]]
