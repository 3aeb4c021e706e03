"""Who may change, export and collect, and what a decision or a withdrawal closes."""

from __future__ import annotations

import pytest

from services.privacy.deciders.duties import rights
from services.privacy.deciders.records.commands import (
    AttachPersonalData,
    CollectPersonalData,
    CorrectPersonalData,
    GiveDeferredNotice,
    LockPersonalData,
    WithdrawConsent,
)
from services.privacy.deciders.records.exporting import ExportPersonalData
from services.privacy.deciders.retention.commands import CertifyDestruction, VerifyDestruction
from services.privacy.deciders.retention.state import DECIDED, EXECUTED, Part, evolve
from services.privacy.events.duties import Right, RightsOutcome
from services.privacy.events.record import PersonalDataCorrected
from services.privacy.events.retention import DestructionOrdered, RetentionDecided, RetentionVerified, SubjectNoted, SubjectsLeft
from shared.kernel.errors import NotAllowed, OnHold, RuleBroken, WrongState
from tests.privacy.world import (
    AUDITOR,
    DPO,
    KEEPER,
    LEAD,
    OFFICER,
    SYS,
    VOLUNTEER,
    Streams,
    at,
    collect,
    decided,
    destroy,
    over,
    registered,
)


@pytest.fixture
def streams() -> Streams:
    return Streams()


FIXED = {"subject": "P-1", "purpose": "shelter.list", "fields": ("phone",), "reason": "misread", "ref": "r-2"}


def test_what_is_locked_or_over_is_not_corrected_and_only_readers_correct(streams):
    collect(streams, "P-1", by=LEAD, ref="r-1", fields=("phone", "name"))
    streams.refused(CorrectPersonalData, KEEPER, NotAllowed, "ERL-84", **FIXED)
    streams.do(LockPersonalData, DPO, subject="P-1", lock="L-1", reason="evidence", basis="PIPL-47", until=at("00:00", 30))
    streams.refused(CorrectPersonalData, LEAD, OnHold, "PIPL-47", **FIXED)
    streams.past["person-P-1"].pop()
    over(streams, "alerts")
    streams.refused(CorrectPersonalData, LEAD, RuleBroken, "ERL-85", **FIXED)


def test_a_correction_switches_the_reference(streams):
    collect(streams, "P-1", by=LEAD, ref="r-1", fields=("phone", "name"))
    ((_, fact),) = streams.do(CorrectPersonalData, LEAD, **FIXED).events
    assert isinstance(fact, PersonalDataCorrected) and (fact.ref, fact.replaced) == ("r-2", ("r-1",))
    held = streams.state("person-P-1").records["INC-1", "shelter.list"]
    assert (held.ref_of("phone"), held.ref_of("name"), held.refs) == ("r-2", "r-1", ("r-1", "r-2"))


def test_a_field_added_under_a_reference_that_is_known_is_held(streams):
    registered(streams)
    collect(streams, "V-A", "register", None, by=SYS, ref="ref-V-A", fields=("kin_phone",), consent="form 1")
    assert streams.state("person-V-A").records["register", "register"].ref_of("kin_phone") == "ref-V-A"
    assert collect(streams, "V-A", "register", None, by=SYS, ref="ref-V-A", fields=("kin_phone",), consent="form 1").events == []


def test_a_withdrawal_is_not_undone_and_consent_is_not_gone_around(streams):
    said = {"subject": "P-2", "purpose": "training.invite"}
    streams.refused(CollectPersonalData, OFFICER, RuleBroken, "PIPL-13", **said, basis="PIPL-13.1(3)", fields=("phone",), ref="r-1")
    streams.do(CollectPersonalData, OFFICER, **said, consent="form 1", fields=("phone",), ref="r-1")
    streams.do(WithdrawConsent, DPO, **said)
    streams.refused(CollectPersonalData, OFFICER, OnHold, "PIPL-15", **said, consent="form 1", fields=("email",), ref="r-2")


def test_a_notice_is_owed_until_it_is_given(streams):
    collect(streams, "P-1", by=LEAD)
    collect(streams, "P-1", by=LEAD, ref="r-1", fields=("phone",), notice="shelter/1")
    streams.do(GiveDeferredNotice, LEAD, subject="P-1", notice="shelter/1")
    assert not streams.state("person-P-1").records["INC-1", "shelter.list"].owes_notice


def test_nobody_is_attached_to_what_was_decided(streams):
    collect(streams, "CIT-1", "report.contact", None, by=SYS)
    collect(streams, "P-1", by=LEAD)
    decided(streams, "alerts")
    said = {"subject": "CIT-1", "incident": "INC-1", "purpose": "report.contact"}
    streams.refused(AttachPersonalData, OFFICER, WrongState, "ERL-85", **said)


def test_a_decision_is_executed_when_nobody_is_left():
    now, part = at("08:00"), Part()
    named = ("INC-1", "alerts")
    facts = [
        *[SubjectNoted(*named, name, False, "150722", now) for name in ("A", "B", "C")],
        RetentionDecided(*named, 1, ("C",), None, "", (), "B.DPO", "B.LEG", now),
        SubjectsLeft(*named, ("B",), "DC-1", now),
        DestructionOrdered(*named, "DC-1", 1, "B.DPO", now),
    ]
    for fact in facts:
        part = evolve(part, fact)
    assert part.status == DECIDED
    for fact in (SubjectsLeft(*named, ("A",), "DC-2", now), DestructionOrdered(*named, "DC-2", 1, "B.DPO", now)):
        part = evolve(part, fact)
    assert part.status == EXECUTED


def granted(streams: Streams, request: str, checker, outcome: RightsOutcome = RightsOutcome.GRANTED) -> None:
    streams.do(rights.ReceiveRightsRequest, VOLUNTEER, request=request, subject="V-A", right=Right.COPY)
    streams.do(rights.CheckRequestIdentity, checker, request=request, confirmed=True, how="id card seen")
    streams.do(rights.DecideRightsRequest, DPO, request=request, outcome=outcome, reasons="x", remedy="y")


def test_nobody_checks_grants_and_exports_alone_and_once_is_once(streams):
    registered(streams)
    granted(streams, "RQ-1", DPO)
    streams.refused(ExportPersonalData, DPO, NotAllowed, "two.persons", subject="V-A", request="RQ-1")
    granted(streams, "RQ-2", OFFICER)
    streams.do(ExportPersonalData, DPO, subject="V-A", request="RQ-2")
    streams.refused(ExportPersonalData, DPO, WrongState, "PIPL-45", subject="V-A", request="RQ-2")


def test_partly_is_granted_only_to_who_may_ask(streams):
    streams.do(rights.ReceiveRightsRequest, VOLUNTEER, request="RQ-1", subject="V-A", right=Right.COPY)
    streams.do(rights.CheckRequestIdentity, OFFICER, request="RQ-1", confirmed=False, how="no card")
    said = {"request": "RQ-1", "outcome": RightsOutcome.PARTLY, "reasons": "x", "remedy": "y"}
    streams.refused(rights.DecideRightsRequest, DPO, RuleBroken, "PIPL-50", **said)


def test_what_was_not_searched_is_not_verified(streams):
    collect(streams, "P-1", by=LEAD)
    decided(streams, "alerts")
    destroy(streams, "P-1", register="alerts")
    streams.do(CertifyDestruction, SYS, certificate="DC-1", position=1, chain="00", root="r")
    shown = {"replay_shows_person": False, "export_shows_person": False, "backup_shows_person": False, "searched": 9}
    said = {"incident": "INC-1", "register": "alerts", "certificate": "DC-1", **shown}
    refusal = streams.refused(VerifyDestruction, AUDITOR, WrongState, "ERL-85", **said, unsearched="it is shut: remove it")
    assert refusal.cure == "it is shut: remove it"
    ((_, fact),) = streams.do(VerifyDestruction, AUDITOR, **said).events
    assert isinstance(fact, RetentionVerified) and (fact.backup, fact.looked_in) == (None, ("replay", "export"))
