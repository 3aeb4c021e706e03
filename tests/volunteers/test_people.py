"""Registering, checking and reviewing volunteers: every refusal with its rule, borders, and what may be said again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.volunteers.deciders.callups.commands import WithdrawFromCallUp
from services.volunteers.deciders.callups.engagement import Engagement
from services.volunteers.deciders.forces.state import Force
from services.volunteers.deciders.people import commands as ask
from services.volunteers.deciders.people.state import APPROVED, MERGED, PAUSED, REGISTERED, REJECTED, VERIFIED, WALK_IN
from services.volunteers.deciders.people.volunteer import VOLUNTEER
from services.volunteers.events import volunteer as said
from services.volunteers.events.engagement import EngagementTaken
from services.volunteers.events.validity import Cover, Span, Valid
from services.volunteers.policies.leaving import when_volunteer_withdrawn_then_withdraw_from_call_ups
from shared.blocks.clocks import Due
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.volunteers.people_world import (
    BANNER,
    BASIC,
    COVER,
    END,
    ENVELOPE,
    LATER,
    NOW,
    OFFICER,
    RULES,
    SECOND,
    SYS,
    VOL_A,
    VOL_B,
    approved,
    at,
    register,
    registered,
    volunteer_of,
)


def past(*events: Any, **others: Any) -> Given:
    return given(VOLUNTEER, *events, others={"force-V-A": Force(), **others}, rules=RULES)


def test_a_registration_says_what_it_rests_on() -> None:
    decided = past().when(register()).then(registered())
    assert decided.basis == "PIPL-13.1(1)", "the person's consent"


def test_what_is_sensitive_is_kept_by_a_consent_of_its_own() -> None:
    sensitive: dict[str, Any] = {"fields": ("name", "health_note", "photo")}
    past().when(register(**sensitive)).refused(RuleBroken, "PIPL-29")
    told = {"fields": sensitive["fields"], "separate_consent": True}
    past().when(register(**told)).then(replace(registered(), **told))


def test_everything_that_is_missing_is_named_at_once() -> None:
    error = past().when(register(risk_text=None, notice=None, consent=False)).refused(RuleBroken, "VSR-12", times=3)
    assert [fault.rule for fault in error.failures] == ["VSR-12", "PIPL-17", "PIPL-14"]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"risk_text": 2}, "VSR-12"),
        ({"id_valid": False}, "id.checksum"),
        ({"adult": False}, "volunteer.guardian"),
        ({"languages": ("xx",)}, "volunteer.languages"),
        ({"skills": ("magic",)}, "volunteer.skills"),
    ],
)
def test_a_broken_rule_is_named(changed: dict[str, Any], rule: str) -> None:
    past().when(register(**changed)).refused(RuleBroken, rule)


def test_a_minor_registers_with_a_guardian() -> None:
    past().when(register(adult=False, guardian=True)).then(registered(adult=False, guardian=True))


def test_a_person_is_registered_once() -> None:
    past(registered()).when(register()).refused(WrongState, "volunteer.life")


def test_who_was_rejected_registers_again() -> None:
    history = (registered(), said.IdentityRejected("V-A", "document_seen", "expired", SECOND.actor, NOW))
    assert volunteer_of(*history).status == REJECTED
    past(*history).when(register()).then_types(said.VolunteerRegistered)


def test_who_arrived_uncalled_is_completed() -> None:
    arrived = said.SelfArrivalRegistered("V-A", "INC-1", BANNER, None, ("consent",), OFFICER.actor, NOW)
    assert volunteer_of(arrived).status == WALK_IN
    assert volunteer_of(arrived, registered()).status == REGISTERED
    assert volunteer_of(*approved(), arrived).status == APPROVED
    past(arrived).when(register()).then_types(said.VolunteerRegistered)


def test_a_volunteer_acts_for_themself_only() -> None:
    past(*approved()).when(ask.PauseVolunteer(by=VOL_B, now=NOW, volunteer="V-A")).refused(NotAllowed, "volunteer.self")
    past(*approved()).when(ask.PauseVolunteer(by=VOL_A, now=NOW, volunteer="V-A")).then_types(said.VolunteerPaused)


def verify(**changed: Any) -> ask.VerifyIdentity:
    return ask.VerifyIdentity(**{"by": SECOND, "now": NOW, "volunteer": "V-A", "adult": True} | changed)


def test_identity_is_the_result_of_a_check() -> None:
    past(registered()).when(verify()).then(said.IdentityVerified("V-A", "document_seen", True, (), SECOND.actor, NOW))
    past(registered()).when(verify(adult=None)).refused(RuleBroken, "ERL-39.2")
    past(registered()).when(verify(valid=False)).refused(RuleBroken, "volunteer.reason")
    past(registered()).when(verify(valid=False, reason="not theirs")).then_types(said.IdentityRejected)


def test_age_excludes_from_grass_fires_only() -> None:
    verified = said.IdentityVerified("V-A", "document_seen", True, ("GRASS_FIRE",), SECOND.actor, NOW)
    past(registered()).when(verify(elderly=True)).then(verified)
    volunteer = volunteer_of(registered(), verified)
    assert volunteer.excluded_from("GRASS_FIRE") and not volunteer.excluded_from("FOREST_FIRE")


def test_an_approved_volunteer_is_checked_again_and_stays_approved() -> None:
    past(*approved()).when(verify()).then()
    history = (*approved(), said.IdentityVerified("V-A", "document_seen", False, (), SECOND.actor, NOW))
    assert (volunteer_of(*history).status, volunteer_of(*history).adult) == (APPROVED, False)


def review(**changed: Any) -> ask.ReviewVolunteer:
    return ask.ReviewVolunteer(**{"by": SECOND, "now": NOW, "volunteer": "V-A"} | changed)


def test_a_second_person_reviews() -> None:
    verified = approved()[:2]
    assert volunteer_of(*verified).status == VERIFIED
    past(*verified).when(review()).then(said.VolunteerApproved("V-A", SECOND.actor, NOW))
    past(*verified).when(review(by=OFFICER)).refused(NotAllowed, "volunteer.second_person")
    past(*verified).when(review(by=replace(OFFICER, actor="V-A"))).refused(NotAllowed, "volunteer.second_person")
    past(*verified).when(review(approve=False)).refused(RuleBroken, "volunteer.reason")
    past(*verified).when(review(approve=False, reason="not reachable")).then_types(said.VolunteerRejected)
    past(registered()).when(review()).refused(WrongState, "volunteer.life")


def train(**changed: Any) -> ask.RecordTraining:
    return ask.RecordTraining(**{"by": OFFICER, "now": NOW, "volunteer": "V-A", "training": "basic", "to": END} | changed)


def test_a_training_expires_by_a_clock() -> None:
    due = Due("training.basic", "volunteer.validity", NOW, END)
    past(*approved()).when(train()).then(said.TrainingRecorded("V-A", BASIC, None, OFFICER.actor, NOW, (due,)))
    recorded = said.TrainingRecorded("V-A", BASIC, None, OFFICER.actor, NOW, (due,))
    past(*approved(), recorded).when(train()).then()  # said again
    tell = ask.EscalateVolunteerClock(by=SYS, now=END, volunteer="V-A", key="training.basic")
    lapsed = said.VolunteerLapsed("V-A", "training", "basic", END, END, ("training.basic",))
    past(*approved(), recorded).when(tell).then(lapsed)
    past(*approved(), recorded, lapsed).when(tell).then()
    past(*approved(), recorded).when(replace(tell, now=LATER)).then()
    assert volunteer_of(*approved(), recorded).trained(NOW, END)
    assert not volunteer_of(*approved(), recorded).trained(NOW, END + timedelta(seconds=1))
    assert not volunteer_of(*approved(), recorded).trained(NOW, END, ("radio",))


def test_a_training_without_end_stops_the_clock_of_one_with() -> None:
    recorded = said.TrainingRecorded("V-A", BASIC, None, OFFICER.actor, NOW, (Due("training.basic", "volunteer.validity", NOW, END),))
    decided = past(*approved(), recorded).when(train(to=None)).then_types(said.TrainingRecorded)
    assert decided.events[0].stopped == ("training.basic",)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"training": "magic"}, "volunteer.trainings"),
        ({"passed_at": LATER}, "volunteer.dates"),
        ({"to": NOW}, "volunteer.validity"),
    ],
)
def test_a_training_that_does_not_hold_is_refused(changed: dict[str, Any], rule: str) -> None:
    past(*approved()).when(train(**changed)).refused(RuleBroken, rule)


def test_an_expired_certificate_is_refused() -> None:
    seen = ask.RecordSkillCertificate(by=OFFICER, now=LATER, volunteer="V-A", skill="boat", issued_at=NOW, to=at("08:00", 10))
    past(*approved()).when(seen).refused(RuleBroken, "volunteer.validity")
    past(*approved()).when(replace(seen, to=END)).then_types(said.SkillCertified)


def test_availability_is_a_calendar() -> None:
    away = Span(LATER, END, False)
    asked = ask.SetAvailability(by=VOL_A, now=NOW, volunteer="V-A", weekly=(7, 6, 6), periods=(away,))
    past(*approved()).when(asked).then(said.AvailabilitySet("V-A", (6, 7), (away,), "V-A", NOW))
    past(*approved()).when(replace(asked, weekly=(0, 8))).refused(RuleBroken, "volunteer.weekly", times=2)
    past(*approved()).when(replace(asked, periods=(Span(END, LATER, True),))).refused(RuleBroken, "volunteer.periods")
    past(*approved()).when(replace(asked, periods=(away,) * 201)).refused(RuleBroken, "volunteer.periods")


def test_languages_and_fitness_change_once() -> None:
    speak = ask.SetLanguages(by=VOL_A, now=NOW, volunteer="V-A", languages=("mn", "zh"))
    past(*approved()).when(speak).then(said.LanguagesSet("V-A", ("mn", "zh"), "V-A", NOW, ("zh",)))
    past(*approved()).when(replace(speak, languages=("zh",))).then()
    past(*approved()).when(replace(speak, languages=("xx",))).refused(RuleBroken, "volunteer.languages")
    fit = ask.SetFitness(by=VOL_A, now=NOW, volunteer="V-A", fit=True, excluded=(ask.Hazard.FOREST_FIRE,))
    past(*approved()).when(fit).then(said.FitnessSet("V-A", True, ("FOREST_FIRE",), True, "V-A", NOW, True))
    past(*approved()).when(replace(fit, excluded=())).then()


def test_going_needs_no_reason_and_coming_back_is_free() -> None:
    signed: dict[str, Any] = {"by": VOL_A, "now": NOW, "volunteer": "V-A"}
    paused = said.VolunteerPaused("V-A", "V-A", NOW)
    assert volunteer_of(*approved(), paused).status == PAUSED
    past(*approved(), paused).when(ask.ResumeVolunteer(**signed)).then_types(said.VolunteerResumed)
    past(*approved()).when(ask.ResumeVolunteer(**signed)).refused(WrongState, "volunteer.life")
    past(*approved()).when(ask.WithdrawVolunteer(**signed)).then(said.VolunteerWithdrawn("V-A", "V-A", NOW))
    erased = past(*approved()).when(ask.EraseVolunteer(**signed)).then(said.VolunteerErased("V-A", "ref-1", "V-A", NOW))
    gone = volunteer_of(*approved(), erased.events[0][1])
    assert gone.person is None and gone.fit is None and not gone.languages
    past(*approved(), erased.events[0][1]).when(ask.EraseVolunteer(**signed)).refused(WrongState, "volunteer.life")


def test_who_goes_is_free_of_what_they_were_promised_to() -> None:
    taken = EngagementTaken("V-A", "CU-1", "INC-1", LATER, END, BANNER, NOW)
    promised = {"engagement-V-A": Engagement({"CU-1": taken})}
    leave = ask.WithdrawVolunteer(by=VOL_A, now=NOW, volunteer="V-A")
    decided = past(*approved(), **promised).when(leave).then(said.VolunteerWithdrawn("V-A", "V-A", NOW, call_ups=("CU-1",)))
    (told,) = when_volunteer_withdrawn_then_withdraw_from_call_ups(decided.events[0][1], ENVELOPE)
    assert isinstance(told, WithdrawFromCallUp) and (told.call_up, told.volunteer) == ("CU-1", "V-A")
    kept = {"volunteer-V-B": volunteer_of(*approved("V-B"))}
    past(*approved(), **promised, **kept).when(merge()).refused(WrongState, "volunteer.engaged")


def test_a_duplicate_of_a_duplicate_leads_to_the_kept_too() -> None:
    history = (*approved(), said.DuplicateTaken("V-A", "V-Z", (), (), (), NOW))
    decided = (
        past(*history, **{"volunteer-V-B": volunteer_of(*approved("V-B"))})
        .when(merge())
        .then_types(said.VolunteerMerged, said.DuplicateTaken)
    )
    assert decided.events[1][1].through == ("V-Z",)
    assert volunteer_of(*approved("V-B"), decided.events[1][1]).taken == {"V-A", "V-Z"}


def merge(**changed: Any) -> ask.MergeVolunteers:
    return ask.MergeVolunteers(
        **{"by": OFFICER, "cosigner": SECOND, "now": NOW, "volunteer": "V-A", "into": "V-B", "reason": "same document"} | changed
    )


def test_a_duplicate_leads_to_the_kept_and_loses_nothing() -> None:
    longer = Valid("basic", NOW, None)
    one = said.TrainingRecorded("V-A", longer, None, OFFICER.actor, NOW)
    other = said.TrainingRecorded("V-B", BASIC, None, OFFICER.actor, NOW, (Due("training.basic", "volunteer.validity", NOW, END),))
    kept = volunteer_of(*approved("V-B"), other)
    history = (*approved(), one, said.VolunteerCoverNoted("V-A", COVER, NOW))
    decided = past(*history, **{"volunteer-V-B": kept}).when(merge()).then_types(said.VolunteerMerged, said.DuplicateTaken)
    (_, merged), (stream, taken) = decided.events
    assert (stream, taken.trainings, taken.covers) == ("volunteer-V-B", (longer,), (COVER,))
    after = volunteer_of(*history, merged)
    assert (after.status, after.into) == (MERGED, "V-B")
    past(*history, merged, **{"volunteer-V-B": kept}).when(merge()).refused(WrongState, "volunteer.life")


def test_a_merger_names_two_that_are_there() -> None:
    kept = volunteer_of(*approved("V-B"))
    past(*approved(), **{"volunteer-V-A": volunteer_of(*approved())}).when(merge(into="V-A")).refused(RuleBroken, "volunteer.merge")
    past(*approved(), **{"volunteer-V-B": volunteer_of()}).when(merge()).refused(NotFound, "reference")
    past(*approved(), **{"volunteer-V-B": kept}).when(merge(reason=None)).refused(RuleBroken, "volunteer.reason")
    gone = volunteer_of(*approved("V-B"), said.VolunteerWithdrawn("V-B", "V-B", NOW))
    past(*approved(), **{"volunteer-V-B": gone}).when(merge()).refused(WrongState, "volunteer.life")


def test_a_cover_is_noted_once_and_on_the_kept_registration() -> None:
    note = ask.NoteVolunteerCover(by=SYS, now=NOW, volunteer="V-A", cover=COVER)
    noted = said.VolunteerCoverNoted("V-A", COVER, NOW)
    past(*approved()).when(note).then(noted)
    past(*approved(), noted).when(note).then()
    longer = Cover("POL-3", NOW, END + timedelta(days=1), BANNER, "rescue")
    assert volunteer_of(*approved(), noted, said.VolunteerCoverNoted("V-A", longer, NOW)).covers == (longer,)
    merged = (*approved(), said.VolunteerMerged("V-A", "V-B", OFFICER.actor, NOW))
    middle = volunteer_of(*approved("V-B"), said.VolunteerMerged("V-B", "V-C", OFFICER.actor, NOW))
    kept = {"volunteer-V-B": middle, "volunteer-V-C": volunteer_of(*approved("V-C"))}
    decided = past(*merged, **kept).when(note).then(said.VolunteerCoverNoted("V-C", COVER, NOW))
    assert decided.events[0][0] == "volunteer-V-C"
    end = ask.EndVolunteerCover(by=SYS, now=NOW, volunteer="V-A", policy="POL-3")
    past(*approved(), noted).when(end).then(said.VolunteerCoverEnded("V-A", "POL-3", NOW))
    past(*approved()).when(end).then()
    past(*approved(), said.VolunteerErased("V-A", None, "V-A", NOW)).when(note).then()


def test_a_merger_cannot_be_undone_so_two_officers_sign_it() -> None:
    states = {"volunteer-V-A": volunteer_of(*approved()), "volunteer-V-B": volunteer_of(*approved("V-B"))}
    with pytest.raises(NotAllowed) as refusal:
        VOLUNTEER.decide(merge(cosigner=None), states, RULES)
    assert refusal.value.rule == "two.persons"
