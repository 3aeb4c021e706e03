"""What becomes of a report once it was sent: corrected, supplemented, superseded, closed, overdue; never changed, never backdated."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from services.alerts.deciders.reports.commands import (
    EscalateReportClock,
    FinaliseReport,
    SupersedeReport,
    SupplementReport,
)
from services.alerts.deciders.reports.report import REPORT
from services.alerts.events.clock import ClockMissed
from services.alerts.events.report import (
    ReportCorrected,
    ReportFinalised,
    ReportKind,
    ReportOverdue,
    ReportSettled,
    ReportSubmitted,
    ReportSuperseded,
    ReportSupplemented,
)
from services.alerts.events.scales import EventGrade
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.command.reporting import CITY_DUTY, corrected, figures, signed, submit, submitted
from tests.alerts.world import DAM, DUTY, RULES, SYS, at, facts

FINAL = ReportKind.FINAL


def flags(command, *past):
    """What a submission is flagged with."""
    return sorted(given(REPORT, *past, rules=RULES).when(command).then_types(ReportSubmitted).flags)


def state(*events):
    return REPORT.fold(events)


def test_a_correction_keeps_before_and_after_with_the_reason():
    past = submitted(submit(numbers={"dead": 5, "missing": 0}))
    decided = given(REPORT, past, rules=RULES).when(corrected({"dead": Decimal(4)}, "one name stood twice")).then_types(ReportCorrected)
    (fact,) = facts(decided)
    assert (fact.before[0].value, fact.after[0].value, fact.after[0].reason) == (5, 4, "one name stood twice")
    assert (fact.before[0].as_of, fact.after[0].as_of) == (at("13:50"), at("15:00"))
    after = state(past, fact)
    assert (after.figures["dead"].value, after.standing["dead"]) == (4, 4)
    given(REPORT, past, fact, rules=RULES).when(corrected({"dead": Decimal(4)}, "again")).then()


@pytest.mark.parametrize("name", ["submitted_at", "received_at", "known_at", "late", "overdue_s", "as_of", "due_at"])
def test_nothing_is_ever_backdated(name):
    refusal = given(REPORT, submitted(), rules=RULES).when(corrected({name: "2021-07-20T08:59:00+08:00"})).refused(NotAllowed, "ERL-61.2")
    assert refusal.cure == "lateness is computed; a report is never backdated"


@pytest.mark.parametrize(
    ("set", "reason", "times"),
    [({"dead": Decimal(1)}, None, 1), ({}, "wrong", 1), ({"affected": Decimal(1)}, "wrong", 1), ({"dead": "one", "x": Decimal(1)}, "", 3)],
)
def test_a_correction_names_what_the_report_states_and_why(set, reason, times):
    given(REPORT, submitted(), rules=RULES).when(corrected(set, reason)).refused(RuleBroken, "ERL-61.2", times)


def test_only_what_was_submitted_is_corrected():
    given(REPORT, rules=RULES).when(corrected({"dead": Decimal(1)})).refused(WrongState, "report.life")


def supplement(numbers=None, reasons=None, blocks=(), **more):
    named = figures(numbers or {}, **(reasons or {}))
    return SupplementReport(by=DUTY, now=at("15:00"), report="RP-1", figures=named, blocks=blocks, text="0" * 64 if blocks else "", **more)


def test_what_was_missing_is_added_and_what_was_said_stays():
    past = submitted(submit(type="ACC.MINE", numbers={"dead": 0, "missing": 0, "loss_yuan": None}, blocks=("unit", "place")))
    assert past.missing == ("loss_yuan", "hurt", "block.course", "block.measures")
    decided = given(REPORT, past, rules=RULES).when(supplement({"hurt": 2}, blocks=("course",))).then_types(ReportSupplemented)
    (fact,) = facts(decided)
    assert (fact.missing, decided.flags) == (("loss_yuan", "block.measures"), ["A-INCOMPLETE"])
    after = state(past, fact)
    assert (after.figures["hurt"].value, after.blocks) == (2, ("unit", "place", "course"))
    rest = given(REPORT, past, fact, rules=RULES).when(supplement({"loss_yuan": None}, {"loss_yuan": "being assessed"}, ("measures",)))
    assert facts(rest.then_types(ReportSupplemented))[0].missing == ()
    given(REPORT, past, rules=RULES).when(supplement({"dead": 1})).refused(RuleBroken, "ERL-61.2")
    given(REPORT, past, rules=RULES).when(supplement(blocks=("unit",))).refused(RuleBroken, "ERL-61.2")


def closing(**said):
    return submitted(submit(kind=FINAL, numbers={"dead": 0, "evacuated": None}, **said))


def test_a_line_is_closed_once_its_last_report_is_whole():
    finalise = FinaliseReport(by=SYS, now=at("10:00", 25), report="RP-1")
    open_, whole = closing(), closing(reasons={"evacuated": "not published"})
    fact = ReportFinalised("RP-1", at("10:00", 25))
    given(REPORT, whole, rules=RULES).when(finalise).then(fact)
    given(REPORT, whole, fact, rules=RULES).when(finalise).then()
    given(REPORT, open_, rules=RULES).when(finalise).then()
    given(REPORT, submitted(), rules=RULES).when(finalise).then()
    doubtful = closing(reasons={"evacuated": "not published"}, incident="INC-9")
    given(REPORT, doubtful, rules=RULES).when(finalise).then()
    given(REPORT, doubtful, ReportSettled("RP-1", True, at("09:00", 25)), rules=RULES).when(finalise).then(fact)


def test_a_closed_report_is_still_handed_on_up():
    past = (closing(reasons={"evacuated": "not published"}), ReportFinalised("RP-1", at("10:00", 25)))
    onward = submit(by=CITY_DUTY, hop=2, to="150000", kind=FINAL, clock="11:00", day=25, numbers={})
    assert flags(onward, *past) == ["A-LATE"]
    assert REPORT.fold([*past, submitted(onward, **{"report-RP-1": state(*past)})]).status == "finalised"


def test_the_successor_ends_the_daily_clock_once():
    command = SupersedeReport(by=SYS, now=at("16:10"), report="RP-1", successor="RP-2")
    fact = ReportSuperseded("RP-1", "RP-2", at("16:10"), ("K-17",))
    given(REPORT, submitted(), rules=RULES).when(command).then(fact)
    given(REPORT, submitted(), fact, rules=RULES).when(replace(command, successor="RP-3")).then()
    assert not state(submitted(), fact).clocks.runs("K-17")


def escalate(key, clock, day=18):
    return EscalateReportClock(by=SYS, now=at(clock, day), report="RP-1", key=key)


def test_what_does_not_follow_in_time_is_said_once_to_the_level_above():
    past = submitted(submit(grade=EventGrade.LARGER))
    given(REPORT, past, rules=RULES).when(escalate("hop.2", "16:04")).then()
    missed = ClockMissed("hop.2", "K-16", at("14:05"), at("16:05"), at("16:05"))
    told = ReportOverdue("RP-1", "K-16", "hop.2", at("16:05"), "150700", "150000", at("16:05"))
    given(REPORT, past, rules=RULES).when(escalate("hop.2", "16:05")).then(missed, told)
    given(REPORT, past, missed, told, rules=RULES).when(escalate("hop.2", "16:06")).then()
    daily = given(REPORT, past, rules=RULES).when(escalate("K-17", "09:00", 19)).then_types(ClockMissed, ReportOverdue)
    assert (facts(daily)[1].owed_by, facts(daily)[1].to) == ("150722", "150700")


def test_reports_of_social_security_events_are_restricted():
    fact = submitted(submit(type="SS.OTHER"))
    assert REPORT.about(state(fact)).visibility == "restricted"
    assert (fact.clocks, submitted(submit(type="SS.OTHER", clock="14:21")).clock) == ((), "K-01")


def test_an_enterprise_reports_to_the_county_within_the_hour():
    mine = signed(DAM, actor="ENT.MINE", roles=("ENT",))
    on_time = submit(by=mine, to="150722", type="ACC.MINE", clock="14:50")
    assert not submitted(on_time).late
    late = submitted(replace(on_time, now=at("14:51")))
    assert (late.clock, late.overdue_s) == ("K-10", 60)
