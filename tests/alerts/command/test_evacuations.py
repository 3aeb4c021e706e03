"""Evacuations and shelters: said at once with what is known, reported in counts, nobody turned away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.alerts.deciders.evacuations.commands import (
    AmendEvacuation,
    CloseShelter,
    EscalateEvacuationClock,
    FileEvacuation,
    IssueEvacuation,
    OpenShelter,
    RecordHeadcount,
    RegisterShelter,
    ReportCleared,
    ReturnEvacuees,
    ReviewEvacuation,
)
from services.alerts.deciders.evacuations.evacuation import EVACUATION
from services.alerts.deciders.evacuations.shelter import SHELTER, Shelter
from services.alerts.deciders.incidents.closure import Closure
from services.alerts.deciders.incidents.state import AFTER_CARE, CLOSED, RESPONDING, Incident, Site
from services.alerts.deciders.monitoring.hazard import Hazard
from services.alerts.events.clock import ClockMissed
from services.alerts.events.evacuation import (
    EvacuationAmended,
    EvacuationFiled,
    EvacuationIssued,
    EvacuationReviewed,
    EvacueesReturned,
    Group,
    HouseholdsCleared,
)
from services.alerts.events.order import Finding
from services.alerts.events.registers import HazardSource
from services.alerts.events.shelter import HeadcountRecorded, ShelterClosed, ShelterEntry, ShelterFull, ShelterOpened, ShelterRegistered
from shared.blocks.clocks import Due
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.kernel.events import decode, encode
from shared.testing.spec import Given, given
from tests.alerts.world import DUTY, GOV, HQ, RULES, SYS, TXW, at

ENTRY = ShelterEntry("测试小学", "150722106", 200)


def scene(**more: Any) -> dict[str, Any]:
    dams = {
        "hazard-DAM-YA": Hazard(HazardSource("永安水库", "dam", "DAM.YA", "150722106")),
        "hazard-DAM-XF": Hazard(HazardSource("新发水库", "dam", "DAM.XF", "150722106", areas=("150722106", "150722100"))),
    }
    return {**dams, "shelter-SH-1": Shelter("listed", ENTRY), "shelter-SH-TEST-1": Shelter(), "hazard-DAM-0": Hazard(), **more}


def issue(**changed: Any) -> IssueEvacuation:
    said: dict[str, Any] = {"below": ("DAM-YA", "DAM-XF"), "shelter": "SH-TEST-1", "route": "test route"}
    return IssueEvacuation(**({"by": HQ, "now": at("12:45"), "evacuation": "EV-1"} | said | changed))


def issued(**changed: Any) -> EvacuationIssued:
    event = given(EVACUATION, rules=RULES, others=scene()).when(issue(**changed)).then_types(EvacuationIssued).events[0][1]
    assert isinstance(event, EvacuationIssued)
    return event


def past(*further: Any, **changed: Any) -> Given:
    return given(EVACUATION, issued(**changed), *further, rules=RULES, others=scene())


def report(clock: str = "13:30", **said: Any) -> ReportCleared:
    return ReportCleared(**({"by": TXW, "now": at(clock), "evacuation": "EV-1"} | said))


def test_people_leave_before_anybody_has_counted_them():
    decided = given(EVACUATION, rules=RULES, others=scene()).when(issue()).then_types(EvacuationIssued)
    event = decided.events[0][1]
    assert (decided.flags, decided.basis) == (("A-INCOMPLETE",), "ERL-67")
    assert event.missing == ("headcount", "shelter")  # the shelter is named, but nobody registered it
    assert event.areas == ("150722106", "150722100")
    assert event.headcount is None


def test_what_is_whole_is_not_flagged():
    whole = issue(headcount=120, shelter="SH-1", groups={Group.ELDERLY: 90})
    decided = given(EVACUATION, rules=RULES, others=scene()).when(whole).then_types(EvacuationIssued)
    assert decided.flags == ()
    assert decode("alerts.evacuation.issued.v1", encode(decided.events[0][1])) == decided.events[0][1]


def test_an_evacuation_lies_with_who_orders_it():
    areas = EVACUATION.handles[IssueEvacuation].state_areas
    assert areas is not None
    assert areas(issue(), scene()) == ("150722106", "150722100")
    assert areas(issue(areas=("150722100",)), scene()) == ("150722100",)


def test_what_it_names_is_known():
    given(EVACUATION, rules=RULES, others=scene()).when(issue(below=("DAM-0",))).refused(NotFound)
    open_, closed = (
        {"incident-INC-1": Incident("INC-1", status, division="150722"), "closure-INC-1": Closure()} for status in (RESPONDING, CLOSED)
    )
    for_incident = issue(incident="INC-1")
    assert given(EVACUATION, rules=RULES, others=scene(**open_)).when(for_incident).then_types(EvacuationIssued).basis == "ERL-73"
    given(EVACUATION, rules=RULES, others=scene(**closed)).when(for_incident).refused(WrongState)
    given(EVACUATION, rules=RULES, others=scene()).when(issue(below=())).refused(RuleBroken, "ERL-67")
    past().when(issue()).refused(WrongState, "evacuation.life")


def test_on_the_spot_its_commander_moves_people_within_the_incident_and_while_its_response_lasts():
    site = Site("B.ICP", "150722", 3)
    one = {"incident-INC-1": Incident("INC-1", RESPONDING, division="150722", site=site), "closure-INC-1": Closure()}
    commander, other = Signature("B.ICP", ("ICP",), "150722", 3), Signature("X.ICP", ("ICP",), "150722", 3)
    here = given(EVACUATION, rules=RULES, others=scene(**one))
    here.when(issue(by=commander, incident="INC-1")).then_types(EvacuationIssued)
    here.when(issue(by=other, incident="INC-1")).refused(NotAllowed, "PSER-21")
    here.when(issue(by=commander)).refused(RuleBroken, "PSER-21")
    after = {**one, "incident-INC-1": Incident("INC-1", AFTER_CARE, division="150722")}
    given(EVACUATION, rules=RULES, others=scene(**after)).when(issue(incident="INC-1")).refused(WrongState, "ERL-86")


def test_whom_it_binds_is_changed_by_who_gave_it_not_by_the_duty_room():
    wider = AmendEvacuation(by=DUTY, now=at("13:00"), evacuation="EV-1", areas=("150722",))
    past().when(wider).refused(NotAllowed, "ERL-20")
    past().when(replace(wider, areas=None, due=at("15:00"))).refused(NotAllowed, "ERL-20")
    past().when(replace(wider, by=replace(HQ, actor="B.ICP", roles=("ICP",)))).refused(NotAllowed, "ERL-20")
    past().when(replace(wider, by=GOV)).then_types(EvacuationAmended)
    known = replace(wider, areas=None, headcount=9, households=3, groups={Group.SICK: 1}, shelter="SH-1", route="north")
    past().when(known).then_types(EvacuationAmended)


@pytest.mark.parametrize("said", [{"headcount": -1}, {"headcount": 10**9}, {"headcount": 5, "groups": {Group.SICK: 6}}])
def test_what_is_no_count_is_told_at_once(said):
    given(EVACUATION, rules=RULES, others=scene()).when(issue(**said)).refused(RuleBroken, "count")


def test_a_report_without_numbers_is_taken_and_flagged():
    decided = past().when(report(people=None, refused=0)).then_types(HouseholdsCleared)
    event = decided.events[0]
    assert (decided.flags, event.missing, event.area, event.whole) == (("A-INCOMPLETE",), ("people", "remaining"), "150722106", False)
    past().when(report(people=-1)).refused(RuleBroken, "count")


def test_it_is_cleared_once_every_area_says_so_and_nobody_remains():
    one = past().when(report(people=500, refused=2, remaining=0)).then_types(HouseholdsCleared).events[0]
    left = past(one).when(report(people=9, refused=0, remaining=1, area="150722100")).then_types(HouseholdsCleared).events[0]
    other = past(one, left).when(report(remaining=0, area="150722100")).then_types(HouseholdsCleared).events[0]
    assert other.missing == ()  # who left and who would not was said
    assert (one.whole, left.whole, other.whole) == (False, False, True)
    assert EVACUATION.fold([issued(), one, left]).status == "underway"
    assert EVACUATION.fold([issued(), one, left, other]).status == "cleared"
    only = past(areas=("150722106",)).when(report(remaining=0)).then_types(HouseholdsCleared).events[0]
    assert only.whole and only.missing == ("people", "refused")
    unsaid = past(areas=("150722106",)).when(report()).then_types(HouseholdsCleared)
    assert (unsaid.events[0].whole, unsaid.flags) == (False, ("A-INCOMPLETE",))
    assert unsaid.events[0].missing == ("people", "refused", "remaining")


def reported(*before: Any, **said: Any) -> HouseholdsCleared:
    event = past(*before).when(report(**said)).then_types(HouseholdsCleared).events[0]
    assert isinstance(event, HouseholdsCleared)
    return event


def test_who_turns_out_to_be_left_is_not_out_whatever_was_said_before():
    empty = reported(people=500, refused=2, remaining=0)
    five = reported(empty, people=500, refused=2, remaining=5)
    other = reported(empty, five, remaining=0, area="150722100")
    assert not other.whole and EVACUATION.fold([issued(), empty, five, other]).status == "underway"
    assert not reported(empty, five, other).whole  # what is left out stays as it was said
    out = reported(empty, five, other, remaining=0)
    assert out.whole and EVACUATION.fold([issued(), empty, five, other, out]).status == "cleared"
    again = reported(empty, five, other, out, area="150722100", remaining=1)
    further = reported(empty, five, other, out, again, remaining=0)
    assert (out.round, again.round, again.whole, further.whole) == (1, 2, False, False)


def test_an_area_that_is_added_is_not_cleared():
    cleared = reported(remaining=0), reported(reported(remaining=0), remaining=0, area="150722100")
    wider = AmendEvacuation(by=HQ, now=at("14:00"), evacuation="EV-1", areas=("150722106", "150722100", "150722101"))
    event = past(*cleared).when(wider).then_types(EvacuationAmended).events[0][1]
    assert (event.reopened, event.round) == (True, 2)
    assert EVACUATION.fold([issued(), *cleared, event]).status == "underway"
    same = past(*cleared).when(replace(wider, areas=None, route="south")).then_types(EvacuationAmended).events[0][1]
    assert (same.reopened, EVACUATION.fold([issued(), *cleared, same]).status) == (False, "cleared")


def test_what_becomes_known_is_added_and_cures_what_was_missing():
    amend = AmendEvacuation(by=DUTY, now=at("13:00"), evacuation="EV-1", headcount=120, shelter="SH-1")
    decided = past().when(amend).then_types(EvacuationAmended)
    assert decided.flags == () and decided.events[0][1].missing == () and decided.events[0][1].route == "test route"
    past(decided.events[0][1]).when(amend).then()
    counted = past().when(replace(amend, shelter=None)).then_types(EvacuationAmended)
    assert (counted.flags, counted.events[0][1].missing) == (("A-INCOMPLETE",), ("shelter",))


def test_people_return_with_a_reason_and_late_reports_are_still_taken():
    back = ReturnEvacuees(by=HQ, now=at("10:00", 20), evacuation="EV-1", people=1190, reason="both dams are empty")
    returned = EvacueesReturned("EV-1", 1190, "both dams are empty", "B.HQ", at("10:00", 20), stopped=("K-19",))
    past().when(back).then(returned)
    past().when(replace(back, reason=None)).refused(RuleBroken, "ERL-86")
    late = past(returned).when(report(people=3, refused=0)).then_types(HouseholdsCleared).events[0]
    assert EVACUATION.fold([issued(), returned, late]).status == "returned"
    past(returned).when(back).refused(WrongState)


def test_it_is_looked_at_again_while_people_are_away():
    review = ReviewEvacuation(by=HQ, now=at("12:00", 19), evacuation="EV-1", finding=Finding.KEEP, note="the dam still leaks")
    decided = past().when(review).then_types(EvacuationReviewed)
    assert (decided.events[0].met, decided.events[0].clocks[0].due_at, decided.flags) == (("K-19",), at("12:00", 20), ())
    past().when(replace(review, finding=None, note=None)).refused(RuleBroken, "ERL-10", times=2)
    missed = EscalateEvacuationClock(by=SYS, now=at("12:45", 19), evacuation="EV-1", key="K-19")
    told = past().when(missed).then_types(ClockMissed).events[0]
    past(told).when(missed).then()
    assert past(told).when(replace(review, now=at("13:00", 19))).then_types(EvacuationReviewed).flags == ("A-LATE",)
    past(*decided.events).when(missed).then()
    home = EvacueesReturned("EV-1", 9, "dry", "B.HQ", at("10:00", 19), stopped=("K-19",))
    past(home).when(missed).then()
    past(home).when(review).refused(WrongState)


def test_it_is_filed_within_three_working_days_also_after_the_return():
    """ERL art. 25 asks it of decisions, orders and measures alike."""
    assert issued().clocks[1] == Due("K-21", "K-21", at("12:45"), at("00:00", 22))
    file = FileEvacuation(by=GOV, now=at("16:00", 20), evacuation="EV-1", desk="standing committee")
    filed = EvacuationFiled("EV-1", "standing committee", "", False, "B.GOV", at("16:00", 20), None, ("K-21",))
    past().when(file).then(filed)
    home = EvacueesReturned("EV-1", 9, "dry", "B.HQ", at("10:00", 19), stopped=("K-19",))
    past(home).when(file).then(filed)
    assert past().when(replace(file, now=at("00:01", 22))).then_types(EvacuationFiled).flags == ("A-LATE",)
    past().when(replace(file, desk=None)).refused(RuleBroken, "ERL-25")
    past(filed).when(file).refused(WrongState, "ERL-25")
    missed = EscalateEvacuationClock(by=SYS, now=at("00:00", 22), evacuation="EV-1", key="K-21")
    past().when(missed).then_types(ClockMissed)
    past(filed).when(missed).then()


def register(**changed: Any) -> RegisterShelter:
    said = {"shelter": "SH-1", "zh": "测试小学", "division": "150722106", "capacity": 200}
    return RegisterShelter(**({"by": DUTY, "now": at("09:00")} | said | changed))


LISTED = ShelterRegistered("SH-1", ENTRY, at("09:00"))
OPENED = ShelterOpened("SH-1", "T.XW", at("12:50"), None, False)


def of(kind: type, **said: Any) -> Any:
    return kind(by=TXW, now=at("12:50"), shelter="SH-1", **said)


def sheltered(*further: Any) -> Given:
    return given(SHELTER, LISTED, *further, rules=RULES)


def test_a_shelter_is_listed_once_and_has_at_least_one_place():
    given(SHELTER, rules=RULES).when(register()).then(LISTED)
    sheltered().when(register()).then()
    sheltered(OPENED).when(register(capacity=250)).then_types(ShelterRegistered)
    given(SHELTER, rules=RULES).when(register(capacity=0)).refused(RuleBroken, "count")


def test_it_is_opened_in_need_also_before_it_was_inspected():
    sheltered().when(of(OpenShelter)).then(OPENED)
    sheltered(OPENED).when(of(OpenShelter)).refused(WrongState, "shelter.life")


def test_people_are_counted_and_beyond_its_places_nobody_is_turned_away():
    some = sheltered(OPENED).when(of(RecordHeadcount, people=150, groups={Group.MINORS: 40})).then_types(HeadcountRecorded)
    assert (some.flags, some.answer) == ((), {"over": 0, "places_left": 50})
    beyond = sheltered(OPENED).when(of(RecordHeadcount, people=230)).then_types(HeadcountRecorded, ShelterFull)
    assert (beyond.flags, beyond.events[0].over) == (("A-OVER",), 30)
    full = sheltered(OPENED, *beyond.events)
    full.when(of(RecordHeadcount, people=240)).then_types(HeadcountRecorded)  # that it is full was said
    fewer = full.when(of(RecordHeadcount, people=100)).then_types(HeadcountRecorded).events[0]
    sheltered(OPENED, *beyond.events, fewer).when(of(RecordHeadcount, people=200)).then_types(HeadcountRecorded, ShelterFull)
    sheltered().when(of(RecordHeadcount, people=1)).refused(WrongState)
    sheltered(OPENED).when(of(RecordHeadcount, people=1, groups={Group.SICK: 2})).refused(RuleBroken, "count")


def test_it_closes_empty():
    counted = HeadcountRecorded("SH-1", 3, 200, 0, "T.XW", at("13:00"))
    nobody = replace(counted, people=0)
    sheltered(OPENED, counted).when(of(CloseShelter)).refused(RuleBroken, "shelter.empty")
    sheltered(OPENED, counted, nobody).when(of(CloseShelter)).then(ShelterClosed("SH-1", "", "T.XW", at("12:50")))
    sheltered().when(of(CloseShelter)).refused(WrongState)
