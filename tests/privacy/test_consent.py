"""A registration rests on the person's consent, and ends with it; an incident's data rest on the emergency (PIPL art. 13-15, 29, 47)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from services.privacy.deciders.duties.rights import CheckRequestIdentity, DecideRightsRequest, ReceiveRightsRequest, Request
from services.privacy.deciders.records.commands import CollectPersonalData, ErasePersonalData, ReadPersonalData, WithdrawConsent
from services.privacy.events.duties import Right, RightsOutcome
from services.privacy.events.record import ConsentWithdrawn, PersonalDataCollected
from services.privacy.policies.asking import (
    when_consent_to_the_registration_is_taken_back_then_receive_the_request_to_delete as back_then,
)
from services.privacy.policies.asking import when_volunteer_corrected_then_note_what_was_replaced as corrected_then
from services.privacy.policies.asking import when_volunteer_erased_then_receive_the_request_to_delete as erased_then
from services.privacy.policies.collecting import when_filing_applied_then_hold_the_roster as filed_then
from services.privacy.policies.collecting import when_volunteer_registered_then_hold_the_registration as registered_then
from services.volunteers.deciders.people.commands import EraseVolunteer
from services.volunteers.events.force import ForceFilingApplied
from services.volunteers.events.validity import Member
from services.volunteers.events.volunteer import ContactCorrected, VolunteerErased, VolunteerRegistered
from services.volunteers.policies.leaving import when_consent_is_taken_back_then_the_registration_is_given_up as withdrawn_then
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, OnHold, RuleBroken
from tests.privacy.test_following import NOW, told
from tests.privacy.world import DPO, LEGAL, OFFICER, SYS, VOLUNTEER, Streams, called, collect

CONSENT, DUTY = "PIPL-13.1(1)", "PIPL-13.1(3)"
REGISTERED = VolunteerRegistered(
    "V-A", "ref-V-A", "150722", None, True, False, (), (), None, (), 1, "register/2", "V-A", NOW, ("name", "phone", "health_note")
)
BACK = {"subject": "V-A", "purpose": "register"}


def held(streams: Streams, fact: VolunteerRegistered = REGISTERED) -> PersonalDataCollected:
    (command,) = registered_then(fact, told())
    ((_, collected),) = streams.handle(command).events
    assert isinstance(collected, PersonalDataCollected)
    return collected


@pytest.fixture
def streams() -> Streams:
    return Streams()


def test_the_record_says_what_the_form_says(streams: Streams) -> None:
    fact = held(streams, replace(REGISTERED, separate_consent=True))
    assert (fact.basis, fact.notice, fact.sensitive) == (CONSENT, "register/2", ("health_note",))
    assert fact.consent and fact.separate_consent
    assert held(Streams()).separate_consent is None, "not said, not recorded"


def test_nothing_is_registered_by_an_officer_without_a_consent(streams: Streams) -> None:
    said = {"subject": "V-B", "purpose": "register", "fields": ("name",), "ref": "r-B"}
    streams.refused(CollectPersonalData, OFFICER, RuleBroken, "PIPL-14", **said)
    sensitive = said | {"consent": "form 7", "fields": ("health_note",), "sensitive": ("health_note",)}
    streams.refused(CollectPersonalData, OFFICER, RuleBroken, "PIPL-29", **sensitive)
    streams.refused(CollectPersonalData, OFFICER, RuleBroken, "PIPL-13", **said, basis=DUTY)
    streams.do(CollectPersonalData, OFFICER, **sensitive, separate_consent="form 7, second signature")


def test_the_person_alone_takes_it_back_and_then_nothing_is_done_with_it(streams: Streams) -> None:
    held(streams)
    streams.refused(WithdrawConsent, Signature("V-B", ("VOL",), "150722", 3), NotAllowed, "PIPL-15", **BACK)
    assert streams.types(streams.do(WithdrawConsent, VOLUNTEER, **BACK)) == ["ConsentWithdrawn"]
    assert streams.do(WithdrawConsent, VOLUNTEER, **BACK).events == []
    asked = {"subjects": ("V-A",), "purpose": "register"}
    streams.refused(ReadPersonalData, OFFICER, OnHold, "PIPL-15", **asked)
    streams.do(ReadPersonalData, DPO, **asked)
    (copied, *_) = collect(streams, "V-A", "callup.contact").events
    assert copied[1].ref is None, "and nothing is copied from it"


def test_what_an_incident_needs_rests_on_the_emergency(streams: Streams) -> None:
    called(streams)
    refusal = streams.refused(WithdrawConsent, VOLUNTEER, RuleBroken, "PIPL-15", subject="V-A", purpose="callup.contact")
    assert "PIPL-13.1(4)" in refusal.cure


def test_what_was_registered_before_the_basis_was_named_so_can_be_taken_back(streams: Streams) -> None:
    fact = held(streams)
    streams.past["person-V-A"] = [replace(fact, basis=DUTY, consent=None)]
    streams.do(WithdrawConsent, VOLUNTEER, **BACK)


def test_who_takes_it_back_anywhere_leaves_the_register() -> None:
    at = told()
    (left,) = withdrawn_then(ConsentWithdrawn("V-A", "register", None, "V-A", NOW), at)
    assert isinstance(left, EraseVolunteer) and (left.volunteer, left.by.actor) == ("V-A", "V-A")
    noted = list(withdrawn_then(ConsentWithdrawn("V-A", "register", None, "B.OFF", NOW), at))
    assert [one.by.actor for one in noted] == ["V-A"], "an officer notes it for them"
    assert not list(withdrawn_then(ConsentWithdrawn("V-A", "register", None, "SYS.POLICY", NOW), at)), "they left already"
    assert not list(withdrawn_then(ConsentWithdrawn("V-A", "training.invite", None, "V-A", NOW), at))


def test_who_stands_on_a_roster_was_not_asked(streams: Streams) -> None:
    roster = (Member("M-1", "ref-1"),)
    filing = ForceFilingApplied("SF-1", "Team", "social", (), "150721", False, None, "TL.1", roster, None, None, None, True, "TL.1", NOW)
    (command,) = filed_then(filing, told())
    ((_, fact),) = streams.handle(command).events
    assert (fact.basis, fact.consent, fact.fields) == (DUTY, None, ())


def test_a_member_of_a_roster_has_no_consent_to_take_back(streams: Streams) -> None:
    roster = (Member("V-A", "ref-1"),)
    filing = ForceFilingApplied("SF-1", "Team", "social", (), "150721", False, None, "TL.1", roster, None, None, None, True, "TL.1", NOW)
    (command,) = filed_then(filing, told())
    streams.handle(command)
    refusal = streams.refused(WithdrawConsent, VOLUNTEER, RuleBroken, "PIPL-15", **BACK)
    assert "does not rest on consent" in refusal.cure


def test_consent_taken_back_asks_for_deletion_also_where_there_is_no_registration_left(streams: Streams) -> None:
    """A registration that was merged is given up by nobody: volunteers says nothing more of it."""
    held(streams)
    ((_, fact),) = streams.do(WithdrawConsent, VOLUNTEER, **BACK).events
    assert isinstance(fact, ConsentWithdrawn)
    at = structs.replace(told(), id="150000.privacy:12", log="150000.privacy")
    for command in back_then(fact, at):
        streams.handle(command)
    request = "RC-V-A-12"
    asked: Request = streams.state(f"rights-{request}")
    assert (asked.status, asked.subject, asked.right, asked.division) == ("received", "V-A", Right.DELETION, "150722")
    given_up = structs.replace(told(), id="150000.volunteers:90", log="150000.volunteers", position=90, causationid="150000.privacy:12")
    again = list(erased_then(VolunteerErased("V-A", "ref-V-A", "V-A", NOW), given_up))
    assert isinstance(again[0], ReceiveRightsRequest) and again[0].request == request, "one request, by whichever way"
    assert [streams.handle(command).events for command in again] == [[], [], []]
    streams.do(CheckRequestIdentity, OFFICER, request=request, confirmed=True, how="card seen")
    streams.do(DecideRightsRequest, DPO, request=request, outcome=RightsOutcome.GRANTED)
    gone = {"subject": "V-A", "request": request, "certificate": "DC-1"}
    assert streams.types(streams.do(ErasePersonalData, DPO, LEGAL, **gone))[0] == "PersonalDataDestroyed"


def test_what_follows_from_a_registration_given_up_was_asked_for_there() -> None:
    assert not list(back_then(ConsentWithdrawn("V-A", "register", None, "SYS.POLICY", NOW), told()))
    assert not list(back_then(ConsentWithdrawn("V-A", "training.invite", None, "V-A", NOW), told()))


def test_a_health_note_added_later_carries_its_own_consent(streams: Streams) -> None:
    held(streams, replace(REGISTERED, fields=("name", "phone")))
    added = ContactCorrected("V-A", "ref-V-A", (), ("health_note",), "V-A", NOW, separate_consent=True)
    (command,) = corrected_then(added, structs.replace(told(), time=NOW))
    ((_, fact),) = streams.handle(command).events
    assert fact.separate_consent and fact.sensitive == ("health_note",) and command.by == SYS
