"""Who gives up the registration: nobody but who decides reads it any more, and it is destroyed by a granted request only."""

from __future__ import annotations

import pytest

from services.privacy.deciders.duties import rights
from services.privacy.deciders.records.commands import (
    CollectPersonalData,
    CorrectPersonalData,
    DisclosePersonalData,
    ErasePersonalData,
    LiftRestriction,
    ReadPersonalData,
    RestrictPersonalData,
    WithdrawConsent,
)
from services.privacy.events.duties import Right, RightsOutcome, RightsRequestDecided
from services.privacy.policies.asking import when_a_request_to_delete_is_refused_then_lift_the_restriction as refused_then
from services.privacy.policies.asking import when_volunteer_erased_then_receive_the_request_to_delete as erased_then
from services.volunteers.events.volunteer import VolunteerErased
from shared.kernel.errors import NotFound, OnHold, RuleBroken, WrongState
from tests.privacy.test_following import told
from tests.privacy.world import DPO, LEGAL, OFFICER, SYS, VOLUNTEER, Streams, registered

REQUEST = "RR-V-A-7"
ASKED = {"subject": "V-A", "request": REQUEST}
READING = {"subjects": ("V-A",), "purpose": "register"}
ERASURE = {"subject": "V-A", "certificate": "DC-1", "request": REQUEST}


@pytest.fixture
def streams() -> Streams:
    made = Streams()
    registered(made)
    made.do(rights.ReceiveRightsRequest, SYS, request=REQUEST, subject="V-A", right=Right.DELETION)
    assert made.types(made.do(RestrictPersonalData, SYS, **ASKED)) == ["PersonalDataRestricted"]
    return made


def decided(streams: Streams, outcome: RightsOutcome) -> RightsRequestDecided:
    streams.do(rights.CheckRequestIdentity, OFFICER, request=REQUEST, confirmed=True, how="code of the page")
    said = {"reasons": "an investigation needs it", "remedy": "court"}
    ((_, fact),) = streams.do(rights.DecideRightsRequest, DPO, request=REQUEST, outcome=outcome, **said).events
    assert isinstance(fact, RightsRequestDecided)
    return fact


def test_what_somebody_asked_to_delete_is_read_by_who_decides_alone(streams: Streams) -> None:
    refusal = streams.refused(ReadPersonalData, OFFICER, OnHold, "PIPL-47", **READING)
    assert REQUEST in refusal.cure
    fixed = {"subject": "V-A", "purpose": "register", "fields": ("phone",), "reason": "slip", "ref": "ref-2"}
    streams.refused(CorrectPersonalData, OFFICER, OnHold, "PIPL-47", **fixed)
    given = {"subject": "V-A", "purpose": "register", "recipient": "clinic", "basis": "PIPL-13.1(4)"}
    streams.refused(DisclosePersonalData, OFFICER, OnHold, "PIPL-47", **given)
    assert streams.types(streams.do(ReadPersonalData, DPO, **READING)) == ["PersonalDataAccessed"]


def test_nothing_is_copied_from_it_for_a_call_up(streams: Streams) -> None:
    (collected, _) = streams.do(CollectPersonalData, SYS, subject="V-A", purpose="callup.contact", incident="INC-1").events
    assert collected[1].copied_from is None and collected[1].ref is None


def test_asked_again_changes_nothing(streams: Streams) -> None:
    assert streams.do(RestrictPersonalData, SYS, subject="V-A", request="RR-V-A-9").events == []
    assert streams.do(LiftRestriction, SYS, subject="V-A", request="RR-V-A-9").events == []


def test_a_refused_request_gives_it_back(streams: Streams) -> None:
    (lifting,) = refused_then(decided(streams, RightsOutcome.REFUSED), told())
    assert isinstance(lifting, LiftRestriction) and (lifting.subject, lifting.request) == ("V-A", REQUEST)
    assert streams.types(streams.handle(lifting)) == ["RestrictionLifted"]
    assert streams.types(streams.do(ReadPersonalData, OFFICER, **READING)) == ["PersonalDataAccessed"]


def test_a_granted_request_destroys_it_and_lifts_nothing(streams: Streams) -> None:
    streams.refused(ErasePersonalData, DPO, WrongState, "PIPL-47", cosigner=LEGAL, **ERASURE)
    assert list(refused_then(decided(streams, RightsOutcome.GRANTED), told())) == []
    erased = streams.do(ErasePersonalData, DPO, LEGAL, **ERASURE)
    assert streams.types(erased) == ["PersonalDataDestroyed", "DestructionBegun"]


def test_an_erasure_names_a_request_that_is_known_and_theirs(streams: Streams) -> None:
    streams.refused(ErasePersonalData, DPO, NotFound, "reference", cosigner=LEGAL, **ERASURE | {"request": "RR-NONE"})
    streams.do(rights.ReceiveRightsRequest, VOLUNTEER, request="RQ-2", subject="V-A", right=Right.COPY)
    streams.refused(ErasePersonalData, DPO, RuleBroken, "PIPL-47", cosigner=LEGAL, **ERASURE | {"request": "RQ-2"})
    assert not streams.state("person-V-A").records["register", "register"].destroyed


def test_giving_up_asks_and_restricts_at_once() -> None:
    at = told()
    asked, restricted, withdrawn = erased_then(VolunteerErased("V-A", "ref-V-A", "V-A", at.time), at)
    assert isinstance(asked, rights.ReceiveRightsRequest) and isinstance(restricted, RestrictPersonalData)
    assert asked.request == restricted.request
    assert isinstance(withdrawn, WithdrawConsent), "what rests on consent ends with it"
    by_officer = erased_then(VolunteerErased("V-A", "ref-V-A", "C.DPO", at.time), at)
    assert [type(one) for one in by_officer] == [rights.ReceiveRightsRequest, RestrictPersonalData], "who said nothing took nothing back"
