"""What the reception desk settles with a command: the check of an identity at once, and another code for who lost theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.volunteers.deciders.people import commands as ask
from services.volunteers.deciders.people.state import VERIFIED
from services.volunteers.events import volunteer as said
from services.volunteers.events.code import CodeReissued
from services.volunteers.policies.callups import when_a_volunteer_is_known_better_then_check_eligibility
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.volunteers.people_world import ENVELOPE, NOW, OFFICER, SECOND, approved, register, registered, volunteer_of
from tests.volunteers.test_people import past


def checked(**changed: Any) -> ask.RegisterVolunteer:
    return register(id_valid=True, checked=ask.IdentityMethod.CHECKSUM_AND_AGE, **changed)


def found(excluded: tuple[str, ...] = (), new: bool = True, adult: bool = True) -> said.IdentityVerified:
    return said.IdentityVerified("V-A", "checksum_and_age", adult, excluded, "SYS.IDENTITY", NOW, new)


def test_a_check_at_the_edge_is_told_with_the_registration() -> None:
    past().when(checked()).then(registered(), found())
    past().when(checked(elderly=True)).then(registered(), found(("GRASS_FIRE",)))
    past().when(checked(adult=False, guardian=True)).then(registered(adult=False, guardian=True), found(adult=False))
    assert volunteer_of(registered(), found()).status == VERIFIED
    again = said.IdentityRejected("V-A", "document_seen", "expired", SECOND.actor, NOW)
    past(registered(), again).when(checked()).then(registered(), found(new=False))


def test_who_checked_at_the_edge_may_be_reviewed_by_a_second_person_only() -> None:
    review = ask.ReviewVolunteer(by=OFFICER, now=NOW, volunteer="V-A")
    past(registered(), found()).when(review).refused(NotAllowed, "volunteer.second_person")
    past(registered(), found()).when(replace(review, by=SECOND)).then_types(said.VolunteerApproved)


def test_who_lost_the_code_shows_who_they_are_and_gets_another() -> None:
    command = ask.ReissueCode(by=OFFICER, now=NOW, volunteer="V-A", method=ask.IdentityMethod.DOCUMENT_SEEN)
    past(*approved()).when(command).then(CodeReissued("V-A", "document_seen", OFFICER.actor, NOW))
    past(*approved(), said.VolunteerWithdrawn("V-A", "V-A", NOW)).when(command).then_types(CodeReissued)
    for method in (None, ask.IdentityMethod.CHECKSUM_AND_AGE):
        past(*approved()).when(replace(command, method=method)).refused(RuleBroken, "volunteer.code")
    past(*approved()).when(replace(command, by=replace(OFFICER, actor="V-A"))).refused(NotAllowed, "volunteer.second_person")
    past(*approved(), said.VolunteerErased("V-A", None, "V-A", NOW)).when(command).refused(WrongState, "volunteer.life")


def test_a_first_registration_asks_nobody_whether_they_may_go() -> None:
    assert list(when_a_volunteer_is_known_better_then_check_eligibility(found(), ENVELOPE)) == []
    (asked,) = when_a_volunteer_is_known_better_then_check_eligibility(found(new=False), ENVELOPE)
    assert type(asked).__name__ == "CheckEligibility"
