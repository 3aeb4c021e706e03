"""Reports over their hops: on time, late, incomplete, doubtful; never refused for what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from decimal import Decimal

import pytest

from services.alerts.deciders.incidents.incident import INCIDENT
from services.alerts.deciders.reports.commands import (
    AcknowledgeReport,
    SettleReport,
)
from services.alerts.deciders.reports.report import REPORT
from services.alerts.events.incident import IncidentClockMet
from services.alerts.events.report import (
    Doubt,
    Figure,
    ReportAcknowledged,
    ReportKind,
    ReportSettled,
    ReportSubmitted,
    ReportSuperseded,
    Why,
)
from services.alerts.events.scales import EventGrade
from shared.blocks.clocks import Due
from shared.kernel.errors import NotAllowed, NotFound, WrongState
from shared.testing.spec import given
from tests.alerts.command.reporting import CITY_DUTY, LINES, REGION_DUTY, WATER, incident, submit, submitted
from tests.alerts.world import DUTY, RULES, SYS, TXW, at, facts

FOLLOW, ZERO, FINAL, SKIP = ReportKind.FOLLOW, ReportKind.ZERO, ReportKind.FINAL, ReportKind.SKIP


def flags(command, *past, **others):
    """What a submission is flagged with."""
    return sorted(given(REPORT, *past, others=others, rules=RULES).when(command).then_types(ReportSubmitted).flags)


def state(*events):
    return REPORT.fold(events)


def following(before, report="RP-2", clock="16:10", day=18, **said):
    """The next report of the line, and what it is judged beside."""
    body = {"kind": FOLLOW, "known_at": None, "supersedes": before.report, "type": None}
    return submit(report, clock, day, **(body | said)), {f"report-{before.report}": state(before)}


def test_a_first_report_says_who_whom_when_and_how_long_it_took():
    fact = submitted(submit(numbers={"dead": 0, "missing": 0, "bridges": 22}))
    assert (fact.report, fact.kind, fact.hop, fact.to, fact.by, fact.division) == ("RP-1", "FIRST", 1, "150700", "B.DUTY", "150722")
    assert (fact.minutes_used, fact.late, fact.clock, fact.overdue_s) == (15, False, None, 0)
    assert fact.figures[2] == Figure("bridges", Decimal(22), "piece", at("13:50"), "B.DUTY")
    assert (fact.root, fact.first_known, fact.also) == ("RP-1", at("13:50"), ("GOV",))


def test_a_report_that_lacks_something_is_taken_and_says_what():
    said = {"dead": 0, "missing": 0, "evacuated": None, "loss_yuan": None}
    decided = given(REPORT, rules=RULES).when(submit(numbers=said)).then_types(ReportSubmitted)
    assert (decided.flags, decided.answer["missing"]) == (["A-INCOMPLETE"], ("evacuated", "loss_yuan"))
    assert flags(submit(numbers=said, reasons={"evacuated": "being counted", "loss_yuan": "being assessed"})) == []
    assert submitted(submit(type=None, numbers={"wells": 3})).missing == ("wells.unit", "type", "dead", "missing")


@pytest.mark.parametrize("kind", [FOLLOW, ZERO])
def test_a_next_report_names_the_one_before(kind):
    assert submitted(submit(kind=kind)).missing == ("supersedes",)


def test_a_late_report_is_taken_with_the_clock_it_missed():
    assert not submitted(submit(clock="15:50")).late  # exactly at the limit of K-16
    fact = submitted(replace(submit(), now=at("15:50").replace(second=1)))
    assert (fact.late, fact.clock, fact.overdue_s) == (True, "K-16", 1)
    assert flags(submit(clock="16:50")) == ["A-LATE"]


def test_what_the_sender_claims_is_never_an_excuse():
    assert submitted(submit(clock="16:50", due_at=at("23:00"))).overdue_s == 3600
    assert submitted(submit(clock="14:05", due_at=at("14:00"))).overdue_s == 300  # an earlier one binds
    future = submitted(submit(clock="14:05", known_at=at("18:00")))
    assert (future.known_at, future.minutes_used) == (at("14:05"), 0)


@pytest.mark.parametrize("known_at", [None, at("19:30"), at("13:50")])
def test_the_first_report_of_an_incident_is_late_from_the_incidents_own_knowledge(known_at):
    """What the duty room registered it knew: leaving out the moment, or naming a later one, excuses nothing."""
    awaited = Due("report", "K-16", at("13:50"), at("15:50"))
    known = {"incident-INC-1": INCIDENT.fold([incident(clocks=(awaited,), level=3)])}
    said = submit(clock="19:50", incident="INC-1", known_at=known_at)
    fact = submitted(said, **known)
    assert (fact.late, fact.clock, fact.overdue_s, fact.minutes_used) == (True, "K-16", 4 * 3600, 360)
    earlier = submitted(replace(said, known_at=at("12:50")), **known)
    assert (earlier.overdue_s, earlier.minutes_used) == (5 * 3600, 420)
    for other in (replace(said, by=CITY_DUTY, to="150000", line=LINES["150700"]), replace(said, kind=ZERO), replace(said, to="150722100")):
        if known_at != at("13:50"):
            assert not submitted(other, **known).late
    met = {"incident-INC-1": INCIDENT.evolve(known["incident-INC-1"], IncidentClockMet("INC-1", ("report",), "report-RP-0", at("14:00")))}
    assert submitted(replace(said, known_at=at("19:30")), **met).minutes_used == 20  # it was reported: this is about something new


def test_a_hop_counts_from_when_the_one_before_reached_it():
    first = submitted(submit(grade=EventGrade.LARGER))
    assert [(due.key, due.rule, due.due_at) for due in first.clocks] == [("hop.2", "K-16", at("16:05")), ("K-17", "K-17", at("09:00", 19))]
    onward = submit(clock="14:40", by=CITY_DUTY, hop=2, to="150000", known_at=at("14:30"), numbers={})
    second = submitted(onward, **{"report-RP-1": state(first)})
    assert (second.known_at, second.minutes_used, second.met, second.missing) == (at("14:05"), 35, ("hop.2",), ())
    assert second.clocks == ()  # a larger event stops at the region
    late = submitted(replace(onward, now=at("16:06")), **{"report-RP-1": state(first)})
    assert (late.clock, late.overdue_s) == ("K-16", 60)


@pytest.mark.parametrize(("grade", "on"), [(None, False), ("ORDINARY", False), ("LARGER", True), ("MAJOR", True), ("SPECIAL_MAJOR", True)])
def test_how_far_a_first_report_goes_up_follows_from_the_grade(grade, on):
    named = EventGrade(grade) if grade else None
    assert any(due.key == "hop.2" for due in submitted(submit(grade=named)).clocks) == on
    region = submit(by=CITY_DUTY, hop=2, to="150000", grade=named, numbers={})
    further = any(due.key == "hop.3" for due in submitted(region, **{"report-RP-1": state(submitted())}).clocks)
    assert further == (grade in ("MAJOR", "SPECIAL_MAJOR"))


def test_a_sensitive_event_is_not_bound_by_grade():
    fact = submitted(submit(situations=("sensitive",), grade=EventGrade.ORDINARY))
    assert (fact.situations, fact.clocks[0].key) == (("sensitive",), "hop.2")


def test_who_names_no_hop_means_the_next_and_its_author_the_first():
    past = state(submitted(submit(grade=EventGrade.LARGER)))
    onward = submitted(submit(clock="14:40", by=CITY_DUTY, to="150000", numbers={}), **{"report-RP-1": past})
    assert (onward.hop, onward.handed_on, onward.met) == (2, True, ("hop.2",))
    stranger = submit(clock="14:40", by=REGION_DUTY, to="national")
    given(REPORT, submitted(), rules=RULES).when(stranger).refused(NotAllowed, "report.recipient")
    given(REPORT, submitted(), rules=RULES).when(submit(clock="14:40")).refused(WrongState, "ERL-61.2")


def test_a_hop_counts_once_and_never_changes():
    given(REPORT, submitted(), rules=RULES).when(submit(clock="14:10")).refused(WrongState, "ERL-61.2")


def test_who_hands_a_report_on_changes_no_number_of_it():
    past = submitted(submit(numbers={"dead": 2, "missing": 1}))
    same = submit(by=CITY_DUTY, hop=2, to="150000", numbers={"dead": 2})
    assert flags(same, past) == []
    other = submit(by=CITY_DUTY, hop=2, to="150000", numbers={"dead": 1})
    decided = given(REPORT, past, rules=RULES).when(other).then_types(ReportSubmitted)
    assert (facts(decided)[0].doubts, decided.flags) == ((Doubt(Why.CHANGED_ON_THE_WAY, "dead"),), ["Q-TRIAGE"])
    assert REPORT.fold([past, *facts(decided)]).figures["dead"].value == 2


def test_a_level_is_passed_over_with_a_reason_and_gets_a_copy():
    fact = submitted(submit(kind=SKIP, to="150000", skip_reason="the city's line is dead"))
    assert (fact.skipped, fact.missing) == (("150700",), ())
    assert submitted(submit(to="150000")).missing == ("skip_reason",)
    assert submitted(submit(to="national", skip_reason="by FFR-32")).skipped == ("150700", "150000")


def test_a_recipient_nobody_knows_is_a_matter_for_a_person():
    assert submitted(submit(to="150799")).doubts == (Doubt(Why.RECIPIENT_UNKNOWN, "150799"),)


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        ({"incident": "INC-9"}, Doubt(Why.INCIDENT_UNKNOWN, "INC-9")),
        ({"supersedes": "RP-9", "kind": FOLLOW}, Doubt(Why.PREDECESSOR_UNKNOWN, "RP-9")),
        ({"supersedes": "RP-1", "kind": FOLLOW}, Doubt(Why.PREDECESSOR_UNKNOWN, "RP-1")),  # itself
        ({"type": "flood?"}, Doubt(Why.TYPE_UNKNOWN)),
        ({"situations": ("odd",)}, Doubt(Why.SITUATION_UNKNOWN, "odd")),
    ],
)
def test_what_a_report_names_and_nobody_knows_is_kept_for_a_person(said, doubt):
    fact = submitted(submit(**said))
    assert doubt in fact.doubts
    assert (fact.incident, fact.root) == (None, "RP-1")


def test_a_report_superseded_twice_is_kept_and_looked_at():
    before = submitted()
    command, _ = following(before, "RP-3")
    done = state(before, ReportSuperseded("RP-1", "RP-2", at("15:00"), ("K-17",)))
    fact = submitted(command, **{"report-RP-1": done})
    assert fact.doubts == (Doubt(Why.SUPERSEDED_TWICE, "RP-1"),)
    assert not fact.late


def test_the_next_report_inherits_incident_type_and_line():
    before = replace(submitted(), incident="INC-1")
    command, others = following(before)
    fact = submitted(command, **others)
    assert (fact.incident, fact.type, fact.root, fact.first_known) == ("INC-1", "NAT.DAM", "RP-1", at("13:50"))


def test_the_daily_report_is_due_at_the_next_morning_s_cut_off():
    before = submitted(submit(clock="08:40", day=19, known_at=None))
    assert (before.clocks[0].due_at, before.minutes_used) == (at("09:00", 20), None)
    for day, clock, late in ((20, "09:00", 0), (20, "10:12", 4320)):
        command, others = following(before, clock=clock, day=day, numbers={"dead": 0}, due_at=at("09:00", 20))
        fact = submitted(command, **others)
        assert (fact.late, fact.clock, fact.overdue_s) == (bool(late), "K-17" if late else None, late)


@pytest.mark.parametrize(
    ("by", "to", "cut_off"), [(DUTY, "150700", "09:00"), (CITY_DUTY, "150000", "10:00"), (REGION_DUTY, "national", "12:00")]
)
def test_each_level_has_its_own_cut_off(by, to, cut_off):
    assert [due.due_at for due in submitted(submit(by=by, to=to)).clocks if due.key == "K-17"] == [at(cut_off, 19)]


def test_below_the_county_and_outside_disasters_there_is_no_daily_report():
    assert [due.key for due in submitted(submit(by=TXW, to="150722")).clocks] == ["hop.2"]
    assert submitted(submit(type="ACC.MINE")).clocks == ()
    assert submitted(submit(by=WATER)).clocks == ()  # NDR-17: the emergency department's


def test_the_day_of_the_cut_off_is_the_place_s_whatever_the_zone_of_the_clock():
    command = replace(submit(), now=at("01:30", 19).astimezone(UTC), known_at=at("01:00", 19))
    assert [due.due_at for due in submitted(command).clocks] == [at("09:00", 20)]


def test_a_closing_report_ends_the_daily_ones_and_is_not_late_for_them():
    before = submitted()
    command, others = following(before, clock="10:00", day=25, kind=FINAL, numbers={"dead": 0})
    fact = submitted(command, **others)
    assert (fact.late, fact.clocks, fact.final) == (False, (), True)
    after, others = following(fact, "RP-3", day=26, numbers={"dead": 0})
    assert submitted(after, **others).clocks == ()


def test_a_casualty_number_that_falls_without_a_reason_waits_for_a_person():
    before = submitted(submit(numbers={"dead": 5, "missing": 57}))
    command, others = following(before, numbers={"dead": 3, "missing": 53})
    fact = submitted(command, **others)
    assert fact.doubts == (Doubt(Why.FALLING, "dead"), Doubt(Why.FALLING, "missing"))
    assert dict(fact.standing) == {"dead": 5, "missing": 57}  # kept, not counted
    assert flags(command, **others) == ["Q-TRIAGE"]
    told, _ = following(before, numbers={"dead": 3, "missing": 53}, reasons={"dead": "two were alive", "missing": "four were found"})
    assert submitted(told, **others).doubts == ()
    again, others = following(fact, "RP-3", numbers={"dead": 4})
    assert submitted(again, **others).doubts == (Doubt(Why.FALLING, "dead"),)  # still measured by what counts


def test_a_number_that_is_no_casualty_may_fall():
    before = submitted(submit(numbers={"dead": 0, "missing": 0, "affected": 900}))
    command, others = following(before, numbers={"dead": 0, "affected": 800})
    assert submitted(command, **others).doubts == ()


def test_a_settled_number_counts_from_then_on_or_never():
    before = submitted(submit(numbers={"dead": 5, "missing": 0}))
    command, others = following(before, numbers={"dead": 3})
    fact = submitted(command, **others)
    for counted, measure in ((True, 3), (False, 5)):
        settled = ReportSettled("RP-2", counted, at("17:00"))
        given(REPORT, fact, rules=RULES).when(SettleReport(by=SYS, now=at("17:00"), report="RP-2", counted=counted)).then(settled)
        assert state(fact, settled).standing["dead"] == measure
    given(REPORT, fact, settled, rules=RULES).when(SettleReport(by=SYS, now=at("18:00"), report="RP-2", counted=True)).then()


def test_the_recipient_acknowledges_and_nobody_else():
    past = submitted()
    ack = AcknowledgeReport(by=CITY_DUTY, now=at("14:12"), report="RP-1", hop=1)
    fact = ReportAcknowledged("RP-1", 1, "C.DUTY", "150700", at("14:12"))
    given(REPORT, past, rules=RULES).when(ack).then(fact)
    given(REPORT, past, fact, rules=RULES).when(ack).then()
    given(REPORT, past, rules=RULES).when(replace(ack, by=DUTY)).refused(NotAllowed, "report.recipient")
    given(REPORT, past, rules=RULES).when(replace(ack, hop=2)).refused(NotFound, "reference")
    given(REPORT, past, rules=RULES).when(replace(ack, hop=None)).refused(NotFound, "reference")
