"""What somebody declared is corrected by themself: what it was is in the fact, what was certified stays, and so does an engagement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.volunteers.deciders.forces.state import Force
from services.volunteers.deciders.people import commands as ask
from services.volunteers.deciders.people.volunteer import VOLUNTEER
from services.volunteers.events import volunteer as said
from services.volunteers.events.skills import SkillsSet
from services.volunteers.policies.callups import CALLUPS
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.volunteers.people_world import BASIC, LATER, NOW, OFFICER, RULES, VOL_A, VOL_B, approved, register, registered, volunteer_of

SKILLS = ask.SetSkills(by=VOL_A, now=LATER, volunteer="V-A", skills=("radio", "cooking", "radio"))
CERTIFIED = said.SkillCertified("V-A", replace(BASIC, code="boat"), None, OFFICER.actor, NOW)


def past(*events: Any) -> Given:
    return given(VOLUNTEER, *events, rules=RULES)


def test_skills_take_the_place_of_those_before_and_the_fact_says_which() -> None:
    made = SkillsSet("V-A", ("radio", "cooking"), "V-A", LATER, ("boat",))
    past(*approved()).when(SKILLS).then(made)
    past(*approved(), made).when(replace(SKILLS, skills=("cooking", "radio"))).then()
    back = (
        past(*approved(), made)
        .when(replace(SKILLS, skills=("boat",)))
        .then(SkillsSet("V-A", ("boat",), "V-A", LATER, ("radio", "cooking")))
    )
    undone = volunteer_of(*approved(), made, *back.events)
    assert undone.declared == ("boat",), "undone by correcting again"
    past(*approved()).when(replace(SKILLS, skills=())).then(SkillsSet("V-A", (), "V-A", LATER, ("boat",)))


def test_languages_and_fitness_say_what_they_were() -> None:
    speak = ask.SetLanguages(by=VOL_A, now=LATER, volunteer="V-A", languages=("mn", "mn"))
    past(*approved()).when(speak).then(said.LanguagesSet("V-A", ("mn",), "V-A", LATER, ("zh",)))
    unfit = ask.SetFitness(by=VOL_A, now=LATER, volunteer="V-A", fit=False)
    made = said.FitnessSet("V-A", False, (), True, "V-A", LATER, True, ("GRASS_FIRE",))
    past(*approved(excluded=("GRASS_FIRE",))).when(unfit).then(made)


def test_what_a_check_found_is_loosened_by_another_check_alone() -> None:
    unfit = said.FitnessSet("V-A", True, ("GRASS_FIRE",), False, "ORG-EMD-150722", NOW, True, checked=True)
    oneself = ask.SetFitness(by=VOL_A, now=LATER, volunteer="V-A", fit=True)
    past(*approved(), unfit).when(oneself).refused(RuleBroken, "volunteer.check")
    past(*approved(), unfit).when(replace(oneself, by=OFFICER)).refused(RuleBroken, "volunteer.check")
    past(*approved(), unfit).when(replace(oneself, checked=True)).refused(NotAllowed, "volunteer.check")
    past(*approved(), unfit).when(replace(oneself, fit=False)).then_types(said.FitnessSet)
    more = replace(oneself, excluded=(ask.Hazard.FOREST_FIRE, ask.Hazard.GRASS_FIRE))
    tighter = past(*approved(), unfit).when(more).then_types(said.FitnessSet)
    past(*approved(), unfit, *tighter.events).when(replace(oneself, excluded=(ask.Hazard.GRASS_FIRE,))).then_types(said.FitnessSet)
    again = past(*approved(), unfit).when(replace(oneself, by=OFFICER, checked=True)).then_types(said.FitnessSet)
    assert volunteer_of(*approved(), unfit, *again.events).excluded == ()


def test_who_registers_anew_does_not_shed_a_check() -> None:
    unfit = said.FitnessSet("V-A", False, (), False, "ORG-EMD-150722", NOW, None, checked=True)
    rejected = said.VolunteerRejected("V-A", "the certificate", OFFICER.actor, NOW)
    anew = given(VOLUNTEER, registered(), unfit, rejected, others={"force-V-A": Force()}, rules=RULES)
    anew.when(register(fit=True)).refused(RuleBroken, "volunteer.check")
    anew.when(register(fit=False)).then_types(said.VolunteerRegistered)


def test_what_was_certified_stays_as_it_was_seen() -> None:
    after = volunteer_of(*approved(), CERTIFIED, SkillsSet("V-A", (), "V-A", LATER, ("boat",)))
    assert [one.code for one in after.skills] == ["boat"] and after.declared == ()


def test_only_oneself_or_who_writes_it_down_and_only_from_the_list() -> None:
    past(*approved()).when(replace(SKILLS, by=VOL_B)).refused(NotAllowed, "volunteer.self")
    past(*approved()).when(replace(SKILLS, by=OFFICER)).then_types(SkillsSet)
    past(*approved()).when(replace(SKILLS, skills=("magic",))).refused(RuleBroken, "volunteer.skills")


@pytest.mark.parametrize("end", [said.VolunteerWithdrawn("V-A", "V-A", NOW), said.VolunteerErased("V-A", "ref-1", "V-A", NOW)])
def test_a_registration_that_ended_is_not_changed(end: Any) -> None:
    past(*approved(), end).when(SKILLS).refused(WrongState, "volunteer.life")


def test_no_trace_of_it_stays_in_the_state_once_it_is_given_up() -> None:
    gone = volunteer_of(*approved(), said.VolunteerErased("V-A", "ref-1", "V-A", NOW))
    assert gone.declared == () and volunteer_of(registered()).declared == ("boat",)


def test_no_engagement_is_looked_at_again_because_of_a_declared_skill() -> None:
    assert not [one for one in CALLUPS if "volunteers.volunteer.skills_set" in one.listens]
