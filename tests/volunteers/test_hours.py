"""Hours: from check-ins alone, overlaps put aside, rest kept, corrected by two, certified from the ledger, settled again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.volunteers.deciders.callups.arriving import RegisterSelfArrival
from services.volunteers.deciders.callups.commands import AnswerCallUp, OfferCallUp, StandDown
from services.volunteers.deciders.hours.commands import (
    CheckIn,
    CheckOut,
    CorrectHours,
    EscalateServiceClock,
    IssueCertificate,
    RequestCertificate,
    ResolveOverlap,
    RevokeCertificate,
)
from services.volunteers.deciders.hours.shifts import card_code
from services.volunteers.deciders.hours.state import hours, split, spoken
from services.volunteers.deciders.people.commands import MergeVolunteers
from services.volunteers.events.callup import Answer, CallUpSettled
from services.volunteers.events.service import DayMinutes, OverlapOutcome, OverlapQuarantined
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.volunteers.callup_world import ICP, LEAD, LINES, OFF, SYS, TOWN, Stage, at, vol, volunteer
from tests.volunteers.mended_world import APPROVER

IN = CheckIn(by=LEAD, now=at("08:00", 19), people=("V-A",), incident="INC-1")
OUT = CheckOut(by=LEAD, now=at("16:00", 19), people=("V-A",), incident="INC-1")


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    said = {"incident": "INC-1", "task": "unloading", "risk_text": 1, "from_": at("06:00", 19), "to": at("20:00", 21), "lines": LINES}
    for name in ("V-A", "V-B"):
        volunteer(made, name)
    made.do(OfferCallUp(by=OFF, now=at("19:00"), call_up="CU-1", volunteers=("V-A", "V-B"), **said))
    for name in ("V-A", "V-B"):
        made.do(AnswerCallUp(by=vol(name), now=at("19:05"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1))
    return made


def refused(stage: Stage, command, kind, rule: str, words: str = "") -> None:
    with pytest.raises(kind) as found:
        stage.do(command)
    assert found.value.rule == rule, found.value.failures
    assert words in found.value.cure, found.value.cure


def minutes(stage: Stage, person: str = "V-A") -> int:
    return stage.state(f"service-{person}").minutes()


# ---------------------------------------------------------------- checking in and out


def test_hours_come_from_an_engagement_or_an_arrival_only(stage):
    refused(stage, replace(IN, people=("V-X",)), WrongState, "hours.engagement", "RegisterSelfArrival")
    refused(stage, replace(IN, call_up="CU-9"), WrongState, "hours.engagement")
    refused(stage, replace(IN, people=()), RuleBroken, "hours.people")
    volunteer(stage, "V-X")
    stage.do(RegisterSelfArrival(by=LEAD, now=at("07:00", 19), volunteer="V-X", incident="INC-1"))
    stage.do(replace(IN, people=("V-X",)))
    stage.do(replace(OUT, people=("V-X",)))
    assert minutes(stage, "V-X") == 480 and stage.state("service-V-X").shifts[1].call_up is None


def test_one_who_may_not_keeps_the_whole_list_out(stage):
    refused(stage, replace(IN, people=("V-A", "V-X")), WrongState, "hours.engagement")
    assert not stage.state("service-V-A").shifts


def test_a_card_is_as_good_as_the_list(stage):
    stage.do(replace(IN, people=(), codes=(card_code("V-A"),)))
    assert stage.log[-1][1].card
    stage.do(replace(OUT, people=("V-A",), codes=(card_code("V-A"),)))
    assert minutes(stage) == 480
    refused(stage, replace(IN, codes=("https://example.org",)), RuleBroken, "card.code")


def test_check_out_needs_a_check_in_before_it(stage):
    refused(stage, OUT, WrongState, "hours.open", "V-A is not checked in")
    stage.do(IN)
    refused(stage, replace(OUT, now=at("08:30", 19), at=at("07:30", 19)), RuleBroken, "hours.order", "came at 08:00")
    refused(stage, replace(OUT, incident="INC-2"), WrongState, "hours.open")
    stage.do(OUT)
    refused(stage, OUT, WrongState, "hours.open")


def test_what_is_written_down_late_is_marked_and_long_afterwards_two_sign(stage):
    told = stage.do(replace(IN, now=at("09:00", 19), at=at("08:00", 19)))
    assert told.flags == ("A-LATE",) and stage.log[-1][1].late
    late = replace(OUT, now=at("21:00", 19), at=at("16:00", 19))
    refused(stage, late, NotAllowed, "two.persons")
    stage.do(replace(late, cosigner=OFF))
    assert minutes(stage) == 480 and stage.log[-1][1].second == "B.OFF"
    refused(stage, replace(IN, people=("V-B",), at=at("12:00", 19)), RuleBroken, "hours.time")


def test_rest_is_kept_and_a_meal_is_no_end_of_a_shift(stage):
    stage.do(IN)
    stage.do(replace(OUT, now=at("12:00", 19)))
    stage.do(replace(IN, now=at("12:45", 19)))
    stage.do(replace(OUT, now=at("19:30", 19)))
    refused(stage, replace(IN, now=at("20:15", 19)), RuleBroken, "rest.time", "0.75 h since the last shift, 8 h needed: from 03:30")
    refused(stage, replace(IN, now=at("03:29", 20)), RuleBroken, "rest.time")
    stage.do(replace(IN, now=at("03:30", 20)))


def test_nobody_works_longer_than_the_longest_shift_by_taking_breaks(stage):
    stage.do(replace(IN, now=at("06:00", 19)))
    stage.do(replace(OUT, now=at("17:30", 19)))
    refused(stage, replace(IN, now=at("18:00", 19)), RuleBroken, "rest.time")


def test_who_was_not_checked_out_is_looked_for(stage):
    stage.do(IN)
    before = len(stage.log)
    stage.do(EscalateServiceClock(by=SYS, now=at("20:30", 19), person="V-A", key="shift.1"))
    assert stage.types(before) == ["clock.missed", "service.check_out_overdue", "task.assigned"]
    assert not stage.do(EscalateServiceClock(by=SYS, now=at("20:31", 19), person="V-A", key="shift.1")).events


def test_a_shift_over_midnight_counts_on_both_days(stage):
    stage.do(replace(IN, now=at("20:00", 19)))
    stage.do(replace(OUT, now=at("02:15", 20)))
    assert stage.log[-1][1].days == (DayMinutes(date(2021, 7, 19), 240), DayMinutes(date(2021, 7, 20), 135))


@given(st.integers(0, 86_399), st.integers(0, 4 * 86_400))
def test_the_minutes_of_the_days_add_up_to_the_whole(offset, seconds):
    from datetime import timedelta

    started = at("00:00", 19) + timedelta(seconds=offset)
    days = split(started, started + timedelta(seconds=seconds))
    assert sum(day.minutes for day in days) == seconds // 60
    assert all(0 < day.minutes <= 1440 for day in days)


def test_hours_are_written_as_people_write_them():
    assert [spoken(n) for n in (0, 600, 1170, 315, 6000)] == ["0", "10", "19.5", "5.25", "100"]
    assert hours(100) == Decimal("1.67")


# ---------------------------------------------------------------- overlaps and corrections


def overlapping(stage: Stage) -> None:
    stage.do(IN)
    told = stage.do(CheckIn(by=TOWN, now=at("15:00", 19), people=("V-A",), incident="INC-1", task="another task"))
    assert told.flags == ("Q-TRIAGE",) and isinstance(told.events[0][1], OverlapQuarantined)
    assert stage.types()[-1] == "task.assigned"


def test_a_second_check_in_is_kept_and_not_counted(stage):
    overlapping(stage)
    stage.do(replace(OUT, now=at("18:00", 19)))
    assert minutes(stage) == 600 and list(stage.state("service-V-A").disputed) == [1]


def test_two_persons_decide_what_becomes_of_it(stage):
    overlapping(stage)
    stage.do(replace(OUT, now=at("18:00", 19)))
    drop = ResolveOverlap(by=LEAD, now=at("19:00", 19), volunteer="V-A", overlap=1, outcome=OverlapOutcome.DISCARDED)
    refused(stage, drop, NotAllowed, "two.persons")
    drop = replace(drop, cosigner=OFF)
    refused(stage, drop, RuleBroken, "hours.reason")
    refused(stage, replace(drop, overlap=2), NotFound, "reference")
    refused(stage, replace(drop, outcome=None), RuleBroken, "hours.overlap")
    count = replace(drop, outcome=OverlapOutcome.COUNTED, reason="two tasks", now=at("23:00", 19))
    refused(stage, count, RuleBroken, "hours.order")
    refused(stage, replace(count, ended=at("20:00", 19)), RuleBroken, "hours.overlap")
    stage.do(replace(count, started=at("18:00", 19), ended=at("20:00", 19)))
    assert minutes(stage) == 720 and not stage.state("service-V-A").disputed


def test_a_correction_needs_a_second_person_a_reason_and_sense(stage):
    stage.do(IN)
    fix = CorrectHours(by=LEAD, now=at("21:00", 19), volunteer="V-A", open_shift_ended=at("17:30", 19), reason="forgotten")
    refused(stage, fix, NotAllowed, "two.persons", "second person")
    refused(stage, replace(fix, cosigner=LEAD), NotAllowed, "two.persons")
    refused(stage, replace(fix, cosigner=replace(OFF, actor="V-A")), NotAllowed, "two.persons")
    fix = replace(fix, cosigner=OFF)
    refused(stage, replace(fix, reason=None), RuleBroken, "hours.reason")
    refused(stage, replace(fix, open_shift_ended=at("07:00", 19)), RuleBroken, "hours.order")
    refused(stage, replace(fix, open_shift_ended=at("22:00", 19)), RuleBroken, "hours.time")
    refused(stage, replace(fix, open_shift_ended=None), RuleBroken, "hours.order")
    refused(stage, replace(fix, shift=7), NotFound, "reference")
    stage.do(fix)
    refused(stage, replace(fix, open_shift_ended=None), WrongState, "hours.open")
    refused(stage, replace(fix, shift=1, open_shift_ended=None), WrongState, "hours.same")
    stage.do(replace(fix, shift=1, open_shift_ended=None, started=at("08:30", 19)))
    assert minutes(stage) == 540 and stage.log[-1][1].before == 570


# ---------------------------------------------------------------- settling


def test_a_call_up_is_settled_when_the_last_shift_is_closed_and_again_when_it_is_corrected(stage):
    stage.do(replace(IN, people=("V-A", "V-B")))
    stage.do(OUT)
    stage.do(StandDown(by=ICP, now=at("17:00", 19), call_up="CU-1"))
    assert [fact.holder for _, fact in stage.log if isinstance(fact, CallUpSettled)] == ["V-A"]
    stage.do(replace(OUT, now=at("18:00", 19), people=("V-B",)))
    assert [fact.holder for _, fact in stage.log if isinstance(fact, CallUpSettled)] == ["V-A", "V-B"]
    fix = CorrectHours(by=LEAD, cosigner=OFF, now=at("21:00", 19), volunteer="V-A", shift=1, ended=at("15:00", 19), reason="typo")
    stage.do(fix)
    last = [fact for _, fact in stage.log if isinstance(fact, CallUpSettled)][-1]
    assert (last.holder, last.revision, last.minutes) == ("V-A", 2, 420)


# ---------------------------------------------------------------- certificates

ISSUE = IssueCertificate(by=OFF, now=at("09:00", 22), certificate="VC-1", check="ABCD", volunteer="V-A")


def test_a_certificate_says_what_the_ledger_has_and_nothing_else(stage):
    refused(stage, ISSUE, RuleBroken, "VSR-19", "the ledger has 0 h")
    stage.do(IN)
    stage.do(OUT)
    refused(stage, replace(ISSUE, hours=Decimal("8.25")), RuleBroken, "VSR-19", "the ledger has 8 h")
    refused(stage, replace(ISSUE, incident="INC-2"), RuleBroken, "VSR-19")
    issued = stage.do(replace(ISSUE, hours=Decimal("8")))
    assert issued.answer == {"certificate": "VC-1", "check": "ABCD", "hours": "8.00"}
    refused(stage, ISSUE, WrongState, "certificate.life", "issued already")
    refused(stage, RevokeCertificate(by=OFF, now=at("10:00", 22), certificate="VC-1"), RuleBroken, "certificate.reason")
    stage.do(RevokeCertificate(by=OFF, now=at("10:00", 22), certificate="VC-1", reason="wrong person"))
    refused(stage, RevokeCertificate(by=OFF, now=at("10:00", 22), certificate="VC-1", reason="again"), WrongState, "certificate.life")


def test_the_hours_of_a_merged_registration_are_certified_with_those_of_the_one_that_is_kept(stage):
    for name, day in (("V-A", 19), ("V-B", 20)):
        stage.do(replace(IN, now=at("08:00", day), people=(name,)))
        stage.do(replace(OUT, now=at("16:00", day), people=(name,)))
    stage.do(StandDown(by=ICP, now=at("17:00", 20), call_up="CU-1"))
    stage.do(MergeVolunteers(by=OFF, now=at("08:00", 22), volunteer="V-B", into="V-A", reason="same document", cosigner=APPROVER))
    assert stage.do(replace(ISSUE, hours=Decimal("16"))).answer["hours"] == "16.00"


def test_a_request_has_ten_working_days_and_the_certificate_meets_it(stage):
    stage.do(IN)
    stage.do(OUT)
    ask = RequestCertificate(by=vol("V-A"), now=at("09:00", 20), volunteer="V-A")
    refused(stage, replace(ask, volunteer="V-B"), NotAllowed, "callup.self")
    stage.do(ask)
    assert not stage.do(ask).events
    (due,) = (due for due in stage.state("service-V-A").clocks.open() if due.key == "K-38")
    assert due.due_at.date() == date(2021, 8, 4)
    stage.do(ISSUE)
    assert not stage.state("service-V-A").clocks.runs("K-38")
