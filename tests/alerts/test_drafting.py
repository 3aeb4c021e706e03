"""From a proposal to a text two persons stand behind (ERL art. 62-64; domain 2.16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.alerts.deciders.warnings.alert import ALERT
from services.alerts.deciders.warnings.commands import ApproveAlert, RecordConsultation, RejectAlert, ReviseDraft
from services.alerts.events.alert import AlertApproved, AlertConsulted, AlertDrafted, AlertRejected, AlertRevised
from services.alerts.events.content import AlertContent
from services.alerts.events.reach import NoticesDue, NoticeTo
from services.alerts.events.scales import EventGrade, ResponseLevel, WarningColour
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.world import APP, GOV, HQ, MET1, MET2, MET_L2, NOW, RAIN, RULES, at, draft, drafted


def approve(by: Signature = MET2) -> ApproveAlert:
    return ApproveAlert(by=by, now=NOW, alert="AL-1")


def test_a_draft_is_kept_as_it_is_said():
    given(ALERT, rules=RULES).when(draft()).then(drafted())


def test_a_draft_may_lack_anything():
    empty = draft(hazard=None, colour=None, number=None, areas=(), starts=None, valid_to=None, cautions=None, measures=None, issuer=None)
    given(ALERT, rules=RULES).when(empty).then(drafted(AlertContent()))


def test_an_id_is_drafted_once():
    given(ALERT, drafted(), rules=RULES).when(draft(by=MET2)).refused(WrongState, "alert.life")


@pytest.mark.parametrize("number", [1, 2, 4, 0, 5])
def test_colour_and_number_say_the_same(number):
    given(ALERT, rules=RULES).when(draft(number=number)).refused(RuleBroken, "ERL-63")


@pytest.mark.parametrize(("colour", "number"), [("red", 1), ("orange", 2), ("yellow", 3), ("blue", 4)])
def test_one_of_colour_and_number_implies_the_other(colour, number):
    both = drafted(replace(RAIN, colour=WarningColour(colour), number=number))
    given(ALERT, rules=RULES).when(draft(colour=WarningColour(colour), number=None)).then(both)
    given(ALERT, rules=RULES).when(draft(colour=None, number=number)).then(both)


def test_the_three_scales_share_no_value():
    values = [*WarningColour, *ResponseLevel, *EventGrade]
    assert len({value.value for value in values}) == len(values) == 12


def test_a_warning_ends_after_it_starts():
    given(ALERT, rules=RULES).when(draft(valid_to=RAIN.starts)).refused(RuleBroken, "alert.period")


def test_a_time_without_offset_names_no_instant():
    naive = at("02:30").replace(tzinfo=None)
    given(ALERT, rules=RULES).when(draft(starts=naive, valid_to=naive)).refused(RuleBroken, "time.offset", times=2)


def test_only_the_author_revises():
    given(ALERT, drafted(), rules=RULES).when(ReviseDraft(by=MET2, now=NOW, alert="AL-1", cautions="x")).refused(NotAllowed, "alert.author")


def test_a_revision_changes_what_it_names_and_nothing_else():
    changed = replace(RAIN, cautions="more rain")
    given(ALERT, drafted(), rules=RULES).when(ReviseDraft(by=MET1, now=NOW, alert="AL-1", cautions="more rain")).then(
        AlertRevised("AL-1", changed, NOW)
    )


def test_a_revision_that_changes_nothing_decides_nothing():
    given(ALERT, drafted(), rules=RULES).when(ReviseDraft(by=MET1, now=NOW, alert="AL-1", number=3)).then()


def test_a_revision_takes_an_approval_away():
    past = drafted(), AlertApproved("AL-1", "B.MET2", NOW), AlertRevised("AL-1", RAIN, NOW)
    assert ALERT.fold(past).status == "drafted"


def test_every_empty_one_of_the_eight_fields_is_named():
    bare = replace(RAIN, measures="", cautions=" ", areas=())
    error = given(ALERT, drafted(bare), rules=RULES).when(approve()).refused(RuleBroken, "ERL-64.2", times=3)
    assert [failure.cure for failure in error.failures] == ["areas is empty", "cautions is empty", "measures is empty"]


def test_a_warning_without_level_lacks_its_level():
    bare = replace(RAIN, colour=None, number=None)
    assert given(ALERT, drafted(bare), rules=RULES).when(approve()).refused(RuleBroken, "ERL-64.2").cure == "colour is empty"


def test_the_author_is_not_the_approver():
    given(ALERT, drafted(), rules=RULES).when(approve(MET1)).refused(NotAllowed, "alert.second_person", times=1)
    given(ALERT, drafted(), rules=RULES).when(RejectAlert(by=MET1, now=NOW, alert="AL-1", reason="no")).refused(
        NotAllowed, "alert.second_person"
    )


@pytest.mark.parametrize("stranger", [APP, HQ, GOV])
def test_weather_signals_are_issued_by_the_weather_authority_only(stranger):
    error = given(ALERT, drafted(), rules=RULES).when(approve(stranger)).refused(NotAllowed, "MET-30")
    assert error.cure == "weather signals are issued by the weather authority only"


def test_a_red_weather_signal_needs_an_issuer_of_level_two():
    red = drafted(replace(RAIN, colour=WarningColour.RED, number=1))
    assert given(ALERT, red, rules=RULES).when(approve()).refused(NotAllowed, "alert.colour_limit").cure == "red is issued at level 2"
    given(ALERT, red, rules=RULES).when(approve(MET_L2)).then_types(AlertApproved)


def test_a_second_person_of_the_weather_office_approves():
    given(ALERT, drafted(), rules=RULES).when(approve()).then(AlertApproved("AL-1", "B.MET2", NOW))


def test_other_warnings_are_issued_by_county_government_and_its_organs():
    other = drafted(replace(RAIN, hazard="PUBLIC.CROWD"))
    for by in (APP, HQ, GOV):
        given(ALERT, other, rules=RULES).when(approve(by)).then_types(AlertApproved)
    township = Signature("T.GOV", ("GOV",), "150722106", 4)
    given(ALERT, other, rules=RULES).when(approve(township)).refused(NotAllowed, "ERL-64")
    given(ALERT, other, rules=RULES).when(approve(MET2)).refused(NotAllowed, "ERL-64")


def test_an_earthquake_forecast_by_others_is_unlawful_whoever_signs():
    quake = drafted(replace(RAIN, hazard="NAT.QUAKE"))
    given(ALERT, quake, rules=RULES).when(approve(MET2)).refused(RuleBroken, "EQF-14")


def test_a_county_may_issue_an_imminent_earthquake_forecast_of_at_most_48_hours():
    short = replace(RAIN, hazard="NAT.QUAKE", valid_to=RAIN.starts + timedelta(hours=48))
    given(ALERT, drafted(short), rules=RULES).when(approve(GOV)).then_types(AlertApproved)
    long = replace(short, valid_to=RAIN.starts + timedelta(hours=49))
    given(ALERT, drafted(long), rules=RULES).when(approve(GOV)).refused(RuleBroken, "EQF-14")
    region = Signature("R.GOV", ("GOV",), "150000", 1)
    given(ALERT, drafted(long), rules=RULES).when(approve(region)).then_types(AlertApproved)


def test_who_may_is_asked_before_what_is_missing():
    given(ALERT, drafted(AlertContent(hazard="11B03")), rules=RULES).when(approve(APP)).refused(NotAllowed, "MET-30")


def test_a_rejection_gives_its_reason_and_ends_the_draft():
    no = RejectAlert(by=MET2, now=NOW, alert="AL-1")
    given(ALERT, drafted(), rules=RULES).when(no).refused(RuleBroken, "alert.reason")
    rejected = AlertRejected("AL-1", "B.MET2", "measures missing", NOW)
    given(ALERT, drafted(), rules=RULES).when(replace(no, reason="measures missing")).then(rejected)
    given(ALERT, drafted(), rejected, rules=RULES).when(approve()).refused(WrongState, "alert.life")


def consult(major: bool) -> RecordConsultation:
    return RecordConsultation(by=MET1, now=NOW, alert="AL-1", participants=("hydrology office",), opinion="rising", major_possible=major)


def test_a_consultation_is_recorded():
    given(ALERT, drafted(), rules=RULES).when(consult(False)).then(AlertConsulted("AL-1", ("hydrology office",), "rising", False, NOW))


def test_if_a_major_event_is_possible_notices_are_due_at_once():
    past = drafted()
    decided = given(ALERT, past, rules=RULES).when(consult(True)).then_types(AlertConsulted, NoticesDue)
    assert decided.events[1].to == tuple(NoticeTo)
    assert decided.events[1].due_at == NOW + timedelta(minutes=15)


def test_drafting_is_drafted_by_its_author_in_the_area_it_is_for():
    event = given(ALERT, rules=RULES).when(draft(by=MET_L2)).then_types(AlertDrafted).events[0]
    assert (event.author, event.division) == ("C.MET1", "150722")
    wide = given(ALERT, rules=RULES).when(draft(by=MET_L2, areas=("150722", "150721"))).then_types(AlertDrafted).events[0]
    assert wide.division == "150700"
