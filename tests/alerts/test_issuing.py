"""Publish, adjust, correct: one series of messages, each referring to the first (ERL art. 64, 70)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.alerts.deciders.streams import cap_stream
from services.alerts.deciders.warnings.alert import ALERT
from services.alerts.deciders.warnings.commands import AdjustAlertLevel, CorrectAlert, PublishAlert
from services.alerts.deciders.warnings.message import Known, Messages
from services.alerts.events.alert import AlertCorrected, AlertPublished, LevelAdjusted
from services.alerts.events.content import MessageReference
from services.alerts.events.reach import NoticesDue, NoticeTo
from services.alerts.events.scales import WarningColour
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.world import APP, IDENTIFIER, MET1, MET2, MET_L2, MET_L2_2, NOW, RAIN, RULES, approved, at, drafted, published

LATER = at("05:08")


def publish(**changed) -> PublishAlert:
    return PublishAlert(**({"by": MET2, "now": NOW, "alert": "AL-1", "identifier": IDENTIFIER} | changed))


def adjust(**changed) -> AdjustAlertLevel:
    named: dict[str, Any] = {"by": MET2, "now": LATER, "cosigner": MET1, "alert": "AL-1", "colour": WarningColour.ORANGE, "number": 2}
    return AdjustAlertLevel(**(named | changed))


def correct(**changed) -> CorrectAlert:
    return CorrectAlert(**({"by": MET2, "now": LATER, "cosigner": MET1, "alert": "AL-1", "cautions": "mended"} | changed))


def test_publishing_sets_the_notices_due_at_the_same_moment():
    decided = (
        given(ALERT, *approved(), rules=RULES)
        .when(publish())
        .then(
            AlertPublished("AL-1", IDENTIFIER, "15072241600000", RAIN, ("150722",), "B.MET2", "150722", NOW, issued_by="150722"),
            NoticesDue("AL-1", (NoticeTo.UP, NoticeTo.GARRISON, NoticeTo.NEIGHBOURS), NOW + timedelta(minutes=15), "ERL-64.1", NOW),
        )
    )
    assert decided.basis == "ERL-64"
    assert {stream for stream, _ in decided.events} == {"alert-AL-1"}


def test_only_what_was_approved_is_published():
    given(ALERT, drafted(), rules=RULES).when(publish()).refused(WrongState, "alert.life")
    given(ALERT, *published(), rules=RULES).when(publish()).refused(WrongState, "alert.life")


def test_only_the_issuing_authority_publishes():
    given(ALERT, *approved(), rules=RULES).when(publish(by=APP)).refused(NotAllowed, "MET-30")


def test_the_eight_fields_are_checked_again_at_publication():
    given(ALERT, *approved(replace(RAIN, measures="")), rules=RULES).when(publish()).refused(RuleBroken, "ERL-64.2")


def test_what_is_already_over_is_not_published():
    given(ALERT, *approved(), rules=RULES).when(publish(now=RAIN.valid_to)).refused(RuleBroken, "alert.period")


@pytest.mark.parametrize("bad", ["", "AL 1", "15072241600000", "1507224160000_20210718022000", "15072241600000_20211318022000", "x,y_z"])
def test_an_identifier_has_the_national_form(bad):
    given(ALERT, *approved(), rules=RULES).when(publish(identifier=bad)).refused(RuleBroken, "cap.identifier")


def test_an_identifier_that_names_another_message_is_refused():
    taken = {cap_stream(IDENTIFIER): Messages((Known("s", NOW, IDENTIFIER),))}
    given(ALERT, *approved(), others=taken, rules=RULES).when(publish()).refused(RuleBroken, "cap.identifier")
    free = {cap_stream(IDENTIFIER): Messages()}
    given(ALERT, *approved(), others=free, rules=RULES).when(publish()).then_types(AlertPublished, NoticesDue)


def test_without_a_national_identifier_the_node_makes_its_own():
    event = given(ALERT, *approved(), rules=RULES).when(publish(identifier=None)).then_types(AlertPublished, NoticesDue).events[0][1]
    assert (event.identifier, event.sender) == ("150722.AL-1_20210718022000", "150722")


def test_an_adjustment_refers_to_the_first_message_of_the_series():
    orange = replace(RAIN, colour=WarningColour.ORANGE, number=2)
    first = MessageReference("15072241600000", IDENTIFIER, NOW)
    own = "150722.AL-1_20210718050800"
    adjusted = LevelAdjusted("AL-1", own, "15072241600000", (first,), orange, WarningColour.YELLOW, ("150722",), LATER, issued_by="150722")
    decided = given(ALERT, *published(), rules=RULES).when(adjust(references=IDENTIFIER)).then(adjusted)
    assert decided.basis == "ERL-70"
    again = given(ALERT, *published(), adjusted, rules=RULES).when(adjust(now=at("06:00"), colour=WarningColour.BLUE, number=4))
    assert again.then_types(LevelAdjusted).events[0].references == (first,)


def test_an_adjustment_of_another_series_is_refused():
    error = (
        given(ALERT, *published(), rules=RULES)
        .when(adjust(references="15072241600000_20210718050800"))
        .refused(RuleBroken, "alert.references")
    )
    assert IDENTIFIER in error.cure


def test_an_adjustment_is_signed_by_two_persons_of_the_issuing_authority():
    for cosigner in (None, MET2, APP):
        given(ALERT, *published(), rules=RULES).when(adjust(cosigner=cosigner)).refused(NotAllowed, "alert.second_person")


def test_a_county_does_not_raise_a_weather_signal_to_red():
    red = adjust(colour=WarningColour.RED, number=1)
    assert (
        given(ALERT, *published(), rules=RULES).when(red).refused(NotAllowed, "alert.colour_limit", times=1).cure
        == "red is issued at level 2"
    )
    given(ALERT, *published(), rules=RULES).when(replace(red, colour=None)).refused(NotAllowed, "alert.colour_limit")
    given(ALERT, *published(), rules=RULES).when(replace(red, by=MET_L2, cosigner=MET_L2_2)).then_types(LevelAdjusted)


def test_a_red_signal_is_lowered_only_by_who_could_have_raised_it():
    red = replace(RAIN, colour=WarningColour.RED, number=1)
    down = adjust(colour=WarningColour.BLUE, number=4)
    given(ALERT, *published(red, MET_L2), rules=RULES).when(down).refused(NotAllowed, "alert.colour_limit", times=1)
    mixed = replace(down, by=MET_L2)
    given(ALERT, *published(red, MET_L2), rules=RULES).when(mixed).refused(NotAllowed, "alert.colour_limit", times=1)
    given(ALERT, *published(red, MET_L2), rules=RULES).when(replace(mixed, cosigner=MET_L2_2)).then_types(LevelAdjusted)


def test_a_second_person_of_a_level_that_issues_nothing_is_none():
    township = replace(MET1, division="150722106", level=4)
    given(ALERT, *published(), rules=RULES).when(adjust(cosigner=township)).refused(NotAllowed, "alert.second_person", times=1)


def test_two_warnings_of_one_issuer_never_give_their_messages_one_identifier():
    first = published()
    event = replace(first[2], alert="AL-2", identifier="15072241600000_20210718022001")
    second = (*first[:2], event)
    at_once = [
        given(ALERT, *past, rules=RULES).when(correct(alert=alert)).then_types(AlertCorrected).events[0].identifier
        for alert, past in (("AL-1", first), ("AL-2", second))
    ]
    assert at_once == ["150722.AL-1_20210718050800", "150722.AL-2_20210718050800"]


def test_colour_and_number_are_paired_in_an_adjustment_too():
    given(ALERT, *published(), rules=RULES).when(adjust(number=3)).refused(RuleBroken, "ERL-63")


def test_the_end_of_validity_may_be_moved_alone():
    event = (
        given(ALERT, *published(), rules=RULES).when(adjust(colour=None, number=None, valid_to=at("05:08", 23))).then_types(LevelAdjusted)
    )
    assert event.events[0].content == replace(RAIN, valid_to=at("05:08", 23))
    given(ALERT, *published(), rules=RULES).when(adjust(valid_to=at("05:00"))).refused(RuleBroken, "alert.period")


def test_adjusting_to_what_is_said_already_decides_nothing():
    given(ALERT, *published(), rules=RULES).when(adjust(colour=WarningColour.YELLOW, number=3)).then()


def test_a_draft_is_revised_not_adjusted():
    given(ALERT, *approved(), rules=RULES).when(adjust()).refused(WrongState, "alert.life")


def test_a_correction_mends_words_and_nothing_else():
    event = given(ALERT, *published(), rules=RULES).when(correct()).then_types(AlertCorrected).events[0]
    assert event.content == replace(RAIN, cautions="mended")
    assert event.references[0].identifier == IDENTIFIER
    given(ALERT, *published(), rules=RULES).when(correct(cosigner=None)).refused(NotAllowed, "alert.second_person")
    given(ALERT, *published(), rules=RULES).when(correct(cautions="")).refused(RuleBroken, "ERL-64.2")
    given(ALERT, *published(), rules=RULES).when(correct(cautions=RAIN.cautions)).then()


def test_no_two_messages_of_a_series_have_one_identifier():
    past = list(published())
    for n, words in enumerate(("one", "two", "three")):
        past += given(ALERT, *past, rules=RULES).when(correct(cautions=words, now=LATER)).then_types(AlertCorrected).events
        assert len(set(ALERT.fold(past).identifiers)) == n + 2
