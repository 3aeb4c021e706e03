"""Reading: a purpose, a task, within the response; one fact for all; what is refused, in which order."""

from __future__ import annotations

import pytest

from services.privacy.deciders.records.commands import (
    DisclosePersonalData,
    LockPersonalData,
    ReadPersonalData,
    ReleaseLock,
    WithdrawConsent,
)
from services.privacy.deciders.records.exporting import ExportPersonalData
from services.privacy.events.record import PersonalDataAccessed
from shared.kernel.commands import Signature
from shared.kernel.errors import Destroyed, NotAllowed, NotFound, OnHold, RuleBroken
from tests.privacy.world import (
    AUDITOR,
    DPO,
    KEEPER,
    LEAD,
    LEGAL,
    OFFICER,
    SYS,
    VOLUNTEER,
    Streams,
    at,
    called,
    collect,
    decided,
    destroy,
    over,
    registered,
)

CONTACT = {"subjects": ("V-A",), "fields": ("phone",), "purpose": "callup.contact"}


@pytest.fixture
def streams() -> Streams:
    made = Streams()
    called(made)
    return made


def accessed(facts) -> PersonalDataAccessed:
    ((_, fact),) = facts.events
    assert isinstance(fact, PersonalDataAccessed)
    return fact


def test_one_fact_for_a_reading_with_the_incident_derived(streams):
    read = streams.do(ReadPersonalData, LEAD, **CONTACT)
    fact = accessed(read)
    assert (fact.subjects, fact.fields, fact.incident, fact.unusual) == (("V-A",), ("phone",), "INC-1", ())
    assert list(read.answer["records"]["V-A"]) == ["phone"]
    assert read.answer["records"]["V-A"]["phone"] != "ref-V-A", "the incident's copy, not the registration"


def test_refusals_come_in_order(streams):
    assert streams.refused(ReadPersonalData, KEEPER, RuleBroken, "PIPL-6", subjects=("V-X",)).cure == "name the purpose"
    streams.refused(ReadPersonalData, KEEPER, RuleBroken, "PIPL-6", subjects=("V-X",), purpose="curiosity")
    no_task = streams.refused(ReadPersonalData, KEEPER, NotAllowed, "ERL-84", **CONTACT | {"subjects": ("V-X",)})
    assert "no task with this volunteer" in no_task.cure
    unknown = streams.refused(ReadPersonalData, LEAD, NotFound, **CONTACT | {"subjects": ("V-X", "V-A", "V-Y")})
    assert len(unknown.failures) == 2


def test_after_destruction_only_the_tombstone_is_left(streams):
    decided(streams)
    destroy(streams, "V-A")
    gone = streams.refused(ReadPersonalData, LEAD, Destroyed, "ERL-85", **CONTACT, incident="INC-1")
    assert "only the tombstone is left" in gone.cure


def test_what_is_retained_is_for_audit_only(streams):
    collect(streams, "HH-1", "relief.payment", fields=("account",), sensitive=("account",), ref="r-HH")
    said = {"subjects": ("HH-1",), "fields": ("account",), "incident": "INC-1"}
    streams.refused(ReadPersonalData, OFFICER, RuleBroken, "ERL-85", **said, purpose="training.invite")
    decided(streams, "resources", retain=("HH-1",), until=at("00:00").date().replace(year=2022), reason="audit (ERL-93)")
    other = streams.refused(ReadPersonalData, OFFICER, RuleBroken, "ERL-85", **said, purpose="training.invite")
    assert "kept for audit only" in other.cure
    streams.refused(ReadPersonalData, OFFICER, RuleBroken, "ERL-85", **said, purpose="relief.payment")
    assert accessed(streams.do(ReadPersonalData, AUDITOR, **said, purpose="relief.payment")).unusual == ("outside",)


def test_after_the_response_only_who_assesses_or_pays_reads(streams):
    streams.refused(ReadPersonalData, DPO, NotAllowed, "ERL-84", **CONTACT)
    over(streams)
    streams.refused(ReadPersonalData, LEAD, RuleBroken, "ERL-85", **CONTACT)
    assert accessed(streams.do(ReadPersonalData, DPO, **CONTACT)).unusual == ("outside",)


def test_many_at_once_and_at_night_is_shown_to_the_auditor(streams):
    names = tuple(f"V-{n}" for n in range(200))
    for name in names:
        called(streams, name)
    fact = accessed(streams.do(ReadPersonalData, LEAD, subjects=names, purpose="callup.contact", now=at("23:30")))
    assert (len(fact.subjects), fact.unusual) == (200, ("many", "night"))
    streams.refused(ReadPersonalData, LEAD, RuleBroken, subjects=(*names, "V-A"), purpose="callup.contact")
    for clock, night in (("22:59", False), ("23:00", True), ("04:59", True), ("05:00", False)):
        assert ("night" in accessed(streams.do(ReadPersonalData, LEAD, **CONTACT, now=at(clock))).unusual) is night


def test_several_incidents_ask_for_one(streams):
    collect(streams, "V-A", "callup.contact", "INC-2")
    streams.refused(ReadPersonalData, LEAD, RuleBroken, "PIPL-6", **CONTACT)
    assert accessed(streams.do(ReadPersonalData, LEAD, **CONTACT, incident="INC-2")).incident == "INC-2"


def test_fields_are_those_of_the_purpose_and_held(streams):
    streams.refused(ReadPersonalData, LEAD, RuleBroken, "PIPL-6", **CONTACT | {"fields": ("account",)})
    streams.refused(ReadPersonalData, LEAD, NotFound, **CONTACT | {"fields": ("email",)})


def test_what_is_locked_is_neither_read_nor_given_on(streams):
    until = at("07:00", 30)
    streams.refused(LockPersonalData, LEGAL, RuleBroken, "PIPL-47", subject="V-A", lock="LK-1")
    streams.do(LockPersonalData, LEGAL, subject="V-A", lock="LK-1", reason="lawsuit", basis="PIPL-47", until=until)
    streams.refused(ReadPersonalData, LEAD, OnHold, "PIPL-47", **CONTACT)
    streams.do(ReleaseLock, LEGAL, subject="V-A", lock="LK-1", reason="withdrawn")
    streams.do(ReadPersonalData, LEAD, **CONTACT)
    streams.refused(ReleaseLock, LEGAL, NotFound, subject="V-A", lock="LK-1", reason="again")


def test_a_withdrawn_consent_ends_reading(streams):
    said = {"basis": "PIPL-13.1(1)", "consent": "form 1", "fields": ("phone",), "ref": "r-t"}
    collect(streams, "V-A", "training.invite", None, by=OFFICER, **said)
    streams.refused(WithdrawConsent, OFFICER, RuleBroken, "PIPL-15", subject="V-A", purpose="callup.contact")
    streams.do(WithdrawConsent, OFFICER, subject="V-A", purpose="training.invite")
    assert streams.do(WithdrawConsent, OFFICER, subject="V-A", purpose="training.invite").events == []
    streams.refused(ReadPersonalData, OFFICER, OnHold, "PIPL-15", subjects=("V-A",), purpose="training.invite")


@pytest.mark.parametrize(("by", "may"), [(LEAD, False), (SYS, True)])
def test_only_the_node_itself_gives_a_division_a_right_to_read(streams, by, may):
    collect(streams, "P-3", by=LEAD, ref="r-3", fields=("name",))
    said = {"subject": "P-3", "purpose": "shelter.list", "recipient": "150721", "basis": "PIPL-13.1(4)"}
    streams.do(DisclosePersonalData, by, **said)
    assert streams.state("person-P-3").given_to("150721", "shelter.list", "INC-1") is may


def test_a_disclosure_names_recipient_and_basis(streams):
    collect(streams, "P-3", sensitive=("health_flag",), by=LEAD)
    refusal = streams.refused(DisclosePersonalData, LEAD, RuleBroken, "PIPL-23", subject="P-3", purpose="shelter.list")
    assert [fault.rule for fault in refusal.failures] == ["PIPL-23", "PIPL-34"]
    said = {"subject": "P-3", "purpose": "shelter.list", "recipient": "test clinic"}
    streams.refused(DisclosePersonalData, LEAD, RuleBroken, "PIPL-23", **said, basis="PIPL-13.1(1)")
    ((_, fact),) = streams.do(DisclosePersonalData, LEAD, **said, basis="PIPL-13.1(4)").events
    assert (fact.recipient, fact.fields, (fact.keep_until - fact.at).days) == ("test clinic", ("health_flag",), 1096)
    streams.refused(DisclosePersonalData, KEEPER, NotAllowed, "ERL-84", **said, basis="PIPL-13.1(4)")


def test_a_person_exports_everything_of_themself_and_of_nobody_else(streams):
    found = streams.do(ExportPersonalData, VOLUNTEER, subject="V-A")
    assert [record["purpose"] for record in found.answer["records"]] == ["register", "callup.contact"]
    assert accessed(found).purpose == "subject.export"
    registered(streams, "V-B")
    streams.refused(ExportPersonalData, VOLUNTEER, NotAllowed, "PIPL-45", subject="V-B")
    streams.refused(ExportPersonalData, DPO, RuleBroken, "PIPL-45", subject="V-B")
    unknown = Signature("V-Z", ("VOL",), "150722", 3)
    streams.refused(ExportPersonalData, unknown, NotFound, subject="V-Z")


def test_one_reading_of_many_is_for_one_incident(streams):
    called(streams, "V-M", "INC-1")
    called(streams, "V-N", "INC-2")
    said = {"subjects": ("V-M", "V-N"), "purpose": "callup.contact"}
    assert streams.refused(ReadPersonalData, LEAD, RuleBroken, "PIPL-6", **said).failures[0].field == "incident"


def test_who_was_asked_before_the_module_was_assessed_is_made_up_for(streams):
    registered(streams, "V-L")
    refusal = streams.refused(ReadPersonalData, LEAD, RuleBroken, "ERL-85", subjects=("V-L",), purpose="callup.contact", incident="INC-1")
    assert "callup" in refusal.cure and "CollectPersonalData" in refusal.cure
    collect(streams, "V-L", "callup.contact", by=OFFICER)
    read = streams.do(ReadPersonalData, LEAD, subjects=("V-L",), purpose="callup.contact", incident="INC-1")
    assert set(read.answer["records"]["V-L"]) == {"name", "phone"}
