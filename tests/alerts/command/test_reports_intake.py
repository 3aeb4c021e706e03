"""What anybody reports: received whatever it says, verified once however often it is said, handed on, and counted when a person looked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from services.alerts.deciders.reports.commands import AcknowledgeReport, TransferReport
from services.alerts.deciders.reports.figures import FIGURES, EnterFigures, SettleFigures, uppermost
from services.alerts.deciders.reports.report import REPORT
from services.alerts.deciders.reports.triage import TRIAGE, EscalateTriageClock, LeaveTriage, OpenTriage, ResolveTriage
from services.alerts.events.clock import ClockMissed
from services.alerts.events.report import Doubt, ReportAcknowledged, ReportReceived, ReportTransferred, Why
from services.alerts.events.triage import FiguresEntered, FiguresSettled, Finding, TriageJoined, TriageLeft, TriageOpened, TriageResolved
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.command.reporting import CITIZEN, figures, received, signed, submit, submitted
from tests.alerts.world import DUTY, RULES, SYS, TXW, at, facts

CLUSTER = "public.150722106.any.20210718T0500"


def taken(**said):
    return given(REPORT, rules=RULES).when(received(**said)).then_types(ReportReceived)


def test_a_report_of_anybody_is_taken_and_trusted_little():
    (fact,) = facts(taken())
    assert (fact.report, fact.trust, fact.place, fact.division, fact.cluster) == ("RP-0", "low", "150722106", "150722106", CLUSTER)
    assert (taken().flags, taken().basis) == ([], "ERL-60.3")
    (of_citizen,) = facts(taken(by=CITIZEN, subject="CIT-1", purpose="report.contact"))
    assert (of_citizen.trust, of_citizen.by, of_citizen.subject) == ("signed", "CIT.1", "CIT-1")


def test_the_words_are_a_blob_and_never_in_the_fact():
    assert {"text", "words"}.isdisjoint(ReportReceived.__slots__)


def test_a_place_or_type_nobody_knows_is_kept_for_a_person():
    decided = taken(place=None, division="150000", type="something")
    (fact,) = facts(decided)
    assert fact.doubts == (Doubt(Why.PLACE_UNKNOWN), Doubt(Why.TYPE_UNKNOWN))
    assert (fact.type, fact.cluster, decided.flags) == (None, "public.unknown.RP-0.any.20210718T0500", ["Q-TRIAGE"])


def test_a_number_is_used_once():
    given(REPORT, *facts(taken()), rules=RULES).when(received(clock="13:51")).refused(WrongState, "report.life")


@pytest.mark.parametrize(("clock", "same"), [("13:00", True), ("13:59", True), ("12:59", False), ("14:00", False)])
def test_reports_of_a_place_and_hour_are_looked_at_together(clock, same):
    assert (facts(taken(clock=clock))[0].cluster == CLUSTER) == same


def test_reports_without_a_place_are_each_of_their_own_matter_but_for_one_senders_repeats():
    """One finding must not settle the fire of a farm and that of a mine, only because nobody knows where either is."""
    one, other = (facts(taken(report=report, place=None, division="150000"))[0].cluster for report in ("RP-1", "RP-2"))
    assert one != other
    again = {facts(taken(report=report, place=None, division="150000", alike="f00d"))[0].cluster for report in ("RP-1", "RP-2")}
    assert again == {"public.unknown.f00d.any.20210718T0500"}


def test_a_report_about_social_security_is_restricted_from_the_start():
    (fact,) = facts(taken(type="SS.OTHER"))
    assert (fact.type, REPORT.about(REPORT.fold([fact])).visibility) == ("SS.OTHER", "restricted")


def transfer(to="150722100", by=TXW, clock="13:55"):
    return TransferReport(by=by, now=at(clock), report="RP-0", to=to, reason="the road is theirs")


def test_who_is_not_competent_hands_it_on_and_awaits_the_receipt():
    past = facts(taken())
    (fact,) = facts(given(REPORT, *past, rules=RULES).when(transfer()).then_types(ReportTransferred))
    assert (fact.cluster, fact.to, fact.division, fact.clocks[0].due_at) == (CLUSTER, "150722100", "150722106", at("14:25"))
    there = signed(TXW, actor="T.NJ", division="150722100")
    receipt = AcknowledgeReport(by=there, now=at("14:25"), report="RP-0")
    acknowledged = ReportAcknowledged("RP-0", 0, "T.NJ", "150722100", at("14:25"), False, ("transfer",))
    given(REPORT, *past, fact, rules=RULES).when(receipt).then(acknowledged)
    given(REPORT, *past, fact, acknowledged, rules=RULES).when(receipt).then()
    late = given(REPORT, *past, fact, rules=RULES).when(replace(receipt, now=at("14:26"))).then_types(ReportAcknowledged)
    assert facts(late)[0].late
    given(REPORT, *past, fact, rules=RULES).when(replace(receipt, by=DUTY)).refused(NotAllowed, "report.recipient")


def test_nobody_hands_a_report_to_themself():
    past = facts(taken())
    given(REPORT, *past, rules=RULES).when(transfer("150722106")).refused(RuleBroken, "ERL-60.3")
    handed = facts(given(REPORT, *past, rules=RULES).when(transfer()).then_types(ReportTransferred))
    given(REPORT, *past, *handed, rules=RULES).when(transfer()).refused(RuleBroken, "ERL-60.3")
    given(REPORT, submitted(submit("RP-0")), rules=RULES).when(transfer()).refused(WrongState, "report.life")


def test_what_came_in_goes_up_and_its_clock_runs_from_when_it_came():
    past = facts(taken())
    late = submit("RP-0", "15:51", known_at=at("15:40"))
    fact = submitted(late, **{"report-RP-0": REPORT.fold(past)})
    assert (fact.known_at, fact.minutes_used, fact.clock) == (at("13:50"), 121, "K-16")


def waits(report="RP-0", doubts=(), clock="13:50", **more):
    return OpenTriage(by=SYS, now=at(clock), triage=CLUSTER, kind="public_report", report=report, doubts=doubts, **more)


def opened(*commands):
    past = []
    for command in commands or (waits(),):
        past += facts(given(TRIAGE, *past, rules=RULES).when(command).decided)
    return past


def test_what_is_said_again_is_one_piece_of_work():
    (first,) = opened()
    assert (first.round, first.clocks[0].rule, first.clocks[0].due_at) == (1, "K-06", at("14:20"))
    given(TRIAGE, first, rules=RULES).when(waits()).then()
    joined = TriageJoined(CLUSTER, 1, "RP-7", at("13:51"))
    given(TRIAGE, first, rules=RULES).when(waits("RP-7", clock="13:51")).then(joined)
    given(TRIAGE, first, joined, rules=RULES).when(waits("RP-7", clock="13:52")).then()
    more = (Doubt(Why.PLACE_UNKNOWN),)
    given(TRIAGE, first, joined, rules=RULES).when(waits("RP-7", more)).then_types(TriageJoined)


def resolve(finding=Finding.CONFIRMED, reason=None, incident=None, clock="14:10"):
    return ResolveTriage(by=DUTY, now=at(clock), triage=CLUSTER, finding=finding, reason=reason, incident=incident)


def test_a_person_settles_all_of_them_at_once():
    past = opened(waits(), waits("RP-7"))
    (fact,) = facts(given(TRIAGE, *past, rules=RULES).when(resolve()).then_types(TriageResolved))
    assert (fact.reports, fact.finding, fact.met) == (("RP-0", "RP-7"), "confirmed", ("K-06",))
    given(TRIAGE, *past, fact, rules=RULES).when(resolve()).refused(WrongState, "Q-TRIAGE")
    given(TRIAGE, *past, fact, rules=RULES).when(waits("RP-8")).then_types(TriageOpened)  # what comes after is looked at again
    assert opened(waits(), waits("RP-7"))[-1].round == 1


@pytest.mark.parametrize("finding", [Finding.REFUTED, Finding.DUPLICATE])
def test_what_does_not_count_has_a_reason(finding):
    given(TRIAGE, *opened(), rules=RULES).when(resolve(finding)).refused(RuleBroken, "Q-TRIAGE")
    given(TRIAGE, *opened(), rules=RULES).when(resolve(finding, "a fountain")).then_types(TriageResolved)


def test_an_incident_nobody_registered_is_not_named():
    given(TRIAGE, *opened(), rules=RULES).when(resolve(incident="INC-9")).refused(NotFound, "reference")


def test_the_last_report_that_leaves_ends_the_round():
    leave = LeaveTriage(by=SYS, now=at("13:55"), triage=CLUSTER, report="RP-0")
    given(TRIAGE, *opened(), rules=RULES).when(leave).then(TriageLeft(CLUSTER, 1, "RP-0", at("13:55"), ("K-06",)))
    one = TriageLeft(CLUSTER, 1, "RP-0", at("13:55"))
    two = opened(waits(), waits("RP-7"))
    given(TRIAGE, *two, rules=RULES).when(leave).then(one)
    given(TRIAGE, *two, one, rules=RULES).when(leave).then()
    assert TRIAGE.fold([*two, one]).status == "open"


def test_what_nobody_looks_at_is_said_once():
    late = EscalateTriageClock(by=SYS, now=at("14:20"), triage=CLUSTER, key="K-06")
    missed = ClockMissed("K-06", "K-06", at("13:50"), at("14:20"), at("14:20"))
    given(TRIAGE, *opened(), rules=RULES).when(replace(late, now=at("14:19"))).then()
    given(TRIAGE, *opened(), rules=RULES).when(late).then(missed)
    given(TRIAGE, *opened(), missed, rules=RULES).when(late).then()


ABOVE = ("150700", "150000")


def enter(report, numbers, root=None, by=SYS, as_of="14:00", above=ABOVE, held=()):
    named = tuple(replace(figure, as_of=at(as_of)) for figure in figures(numbers))
    return EnterFigures(by=by, now=at("14:05"), incident="INC-1", report=report, root=root or report, figures=named, above=above, held=held)


def book(*commands):
    past = []
    for command in commands:
        past += book_after(past, command)
    return past


def book_after(past, command):
    return facts(given(FIGURES, *past, rules=RULES).when(command).decided)


def counting(past, metric="dead"):
    return {division: entry.value for division, entry in FIGURES.fold(past).standing(metric).items()}


def test_the_newest_number_of_a_line_counts_and_none_is_overwritten():
    past = book(
        enter("RP-1", {"dead": 1}), enter("RP-2", {"dead": 2}, "RP-1", as_of="15:00"), enter("RP-3", {"dead": 1}, "RP-1", as_of="13:00")
    )
    assert counting(past) == {"150722": 1}  # whatever time it names: within a line the latest report counts
    assert len(FIGURES.fold(past).entries["dead"]) == 3
    given(FIGURES, *past, rules=RULES).when(enter("RP-2", {"dead": 2}, "RP-1", as_of="15:00")).then()
    (silent,) = book_after(past, enter("RP-4", {"dead": None}, "RP-1"))
    assert (silent.figures, counting([*past, silent])) == ((), counting(past))


def test_two_lines_that_contradict_each_other_are_kept_and_the_second_is_not_counted():
    past = book(enter("RP-1", {"dead": 1, "hurt": 4}), enter("RX-1", {"dead": 3, "hurt": 4}))
    assert past[1].doubts == (Doubt(Why.CONTRADICTION, "dead"),)
    assert (counting(past), counting(past, "hurt")) == ({"150722": 1}, {"150722": 4})
    settle = SettleFigures(by=SYS, now=at("15:00"), incident="INC-1", report="RX-1", counted=True)
    given(FIGURES, *past, rules=RULES).when(settle).then(FiguresSettled("INC-1", "RX-1", True, at("15:00")))
    assert counting([*past, FiguresSettled("INC-1", "RX-1", True, at("15:00"))]) == {"150722": 3}
    assert counting([*past, FiguresSettled("INC-1", "RX-1", False, at("15:00"))]) == {"150722": 1}
    given(FIGURES, *past, rules=RULES).when(replace(settle, report="RP-1")).then()


def test_what_is_held_by_the_report_alone_does_not_count_either():
    past = book(enter("RP-1", {"dead": 5}), enter("RP-2", {"dead": 3}, "RP-1", as_of="15:00", held=(Doubt(Why.FALLING, "dead"),)))
    assert (counting(past), past[1].doubts) == ({"150722": 5}, (Doubt(Why.FALLING, "dead"),))


def test_a_total_is_not_below_what_its_parts_have_reported():
    neighbour, city = replace(SYS, division="150721"), replace(SYS, division="150700")
    parts = (enter("RP-1", {"affected": 100}), enter("RA-1", {"affected": 50}, by=neighbour))
    low = book(*parts, enter("RC-1", {"affected": 149}, by=city, above=("150000",)))
    assert low[-1].doubts == (Doubt(Why.BELOW_PARTS, "affected"),)
    exact = book(*parts, enter("RC-1", {"affected": 150}, by=city, above=("150000",)))
    assert exact[-1].doubts == ()
    assert uppermost(FIGURES.fold(exact).above, ("150722", "150721", "150700")) == ["150700"]
    assert uppermost(FIGURES.fold(exact).above, ("150722", "150721")) == ["150721", "150722"]


def test_a_corrected_number_takes_its_place_beside_the_first():
    past = book(enter("RP-1", {"dead": 5}), enter("RP-1", {"dead": 4}))
    assert counting(past) == {"150722": Decimal(4)}
    assert [type(fact) for fact in past] == [FiguresEntered, FiguresEntered]
