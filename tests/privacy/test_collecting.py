"""Collecting: a purpose that is declared, its fields and no other, a basis, a notice, an assessed module."""

from __future__ import annotations

import pytest

from services.privacy.deciders.duties.assessments import ApproveImpactAssessment, DraftImpactAssessment
from services.privacy.deciders.records.commands import AttachPersonalData, CollectPersonalData, GiveDeferredNotice
from services.privacy.events.record import PersonalDataCollected
from shared.kernel.errors import Destroyed, NotAllowed, NotFound, RuleBroken, WrongState
from tests.privacy.world import DPO, GOV, LEAD, OFFICER, SYS, Streams, at, called, collect, decided, destroy, over, registered


@pytest.fixture
def streams() -> Streams:
    return Streams()


def collected(facts) -> PersonalDataCollected:
    return next(fact for _, fact in facts.events if isinstance(fact, PersonalDataCollected))


def test_a_record_says_owner_basis_and_that_the_notice_follows(streams):
    said = collected(collect(streams, "P-3", sensitive=("health_flag",), by=LEAD))
    assert (said.owner, said.incident, said.register, said.basis) == ("alerts", "INC-1", "INC-1", "PIPL-13.1(4)")
    assert (said.sensitive, said.notice, said.ref) == (("health_flag",), None, None)
    assert said.deferred == "urgency (PIPL-18)"


def test_the_purpose_is_named_and_declared(streams):
    missing = streams.refused(CollectPersonalData, LEAD, RuleBroken, "PIPL-6", subject="P-1")
    assert missing.cure == "name the purpose"
    streams.refused(CollectPersonalData, LEAD, RuleBroken, "PIPL-6", subject="P-1", purpose="curiosity")


def test_all_faults_of_a_collection_are_told_at_once(streams):
    said = {"fields": ("account", "phone"), "sensitive": ("phone",), "basis": "PIPL-99", "under_14": True}
    refusal = streams.refused(
        CollectPersonalData, LEAD, RuleBroken, "PIPL-6", subject="P-1", purpose="shelter.list", incident="INC-1", **said
    )
    assert [fault.rule for fault in refusal.failures] == ["PIPL-6", "PIPL-28", "PIPL-13", "PIPL-31"]


def test_a_sensitive_field_is_named_as_such(streams):
    streams.refused(
        CollectPersonalData,
        LEAD,
        RuleBroken,
        "PIPL-28",
        subject="P-1",
        purpose="shelter.list",
        incident="INC-1",
        fields=("health_flag",),
        ref="r",
    )
    fact = collected(collect(streams, "P-1", fields=("health_flag",), sensitive=("health_flag",), ref="r", by=LEAD))
    assert fact.fields == fact.sensitive == ("health_flag",)


def test_consent_is_written_and_for_sensitive_data_a_separate_one(streams):
    said = {"subject": "P-1", "purpose": "shelter.list", "incident": "INC-1", "basis": "PIPL-13.1(1)", "sensitive": ("health_flag",)}
    refusal = streams.refused(CollectPersonalData, LEAD, RuleBroken, "PIPL-14", **said)
    assert [fault.rule for fault in refusal.failures] == ["PIPL-14", "PIPL-29"]
    streams.do(CollectPersonalData, LEAD, **said, consent="form 1", separate_consent="form 2")


def test_of_an_incident_only_with_an_incident_except_of_a_finder(streams):
    streams.refused(CollectPersonalData, SYS, RuleBroken, "ERL-85", subject="V-A", purpose="callup.contact")
    found = collected(collect(streams, "CIT-1", "report.contact", None, by=SYS))
    assert (found.register, found.incident) == ("unassigned", None)


def test_a_module_without_a_valid_assessment_collects_nothing():
    streams = Streams(assessed=False)
    streams.refused(CollectPersonalData, LEAD, RuleBroken, "PIPL-55", subject="P-1", purpose="shelter.list", incident="INC-1")
    said = {"lawfulness": "needed", "risks": "few", "protection": "vault"}
    streams.do(DraftImpactAssessment, DPO, module="shelter", assessment="PIA-1", **said)
    streams.refused(ApproveImpactAssessment, DPO, NotAllowed, "two.persons", module="shelter", assessment="PIA-1")
    streams.do(ApproveImpactAssessment, GOV, module="shelter", assessment="PIA-1")
    collect(streams, "P-1", by=LEAD)
    later = at("07:00").replace(year=2022, month=8)
    streams.refused(CollectPersonalData, LEAD, RuleBroken, "PIPL-55", subject="P-2", purpose="shelter.list", incident="INC-1", now=later)


def test_a_call_up_copies_what_its_purpose_needs_of_the_registration(streams):
    first, second = called(streams), collect(streams, "V-A", "callup.contact")
    fact = collected(first)
    assert (fact.copied_from, fact.fields, fact.notice) == ("ref-V-A", ("name", "phone"), "register/2")
    assert fact.ref not in (None, "ref-V-A")
    assert second.events == []
    other = collected(collect(streams, "V-A", "callup.contact", "INC-2"))
    assert other.ref != fact.ref


def test_the_same_again_changes_nothing_and_new_values_are_added(streams):
    collect(streams, "P-1", by=LEAD)
    assert collect(streams, "P-1", by=LEAD).events == []
    collect(streams, "P-1", by=LEAD, ref="r-1", fields=("phone",))
    assert collect(streams, "P-1", by=LEAD, ref="r-1", fields=("phone",)).events == []
    collect(streams, "P-1", by=LEAD, ref="r-2", fields=("name",))
    held = streams.state("person-P-1").records["INC-1", "shelter.list"]
    assert (held.fields, held.ref_of("phone"), held.ref_of("name")) == (("phone", "name"), "r-1", "r-2")


def test_what_is_registered_stands_beside_every_incident(streams):
    fact = collected(registered(streams))
    assert (fact.incident, fact.register, fact.owner) == (None, "register", "volunteers")
    assert "retention-INC-1.volunteers" not in streams.past


def test_a_finders_record_is_attached_once_the_incident_is_known(streams):
    collect(streams, "CIT-1", "report.contact", None, by=SYS)
    said = {"subject": "CIT-1", "incident": "INC-1", "purpose": "report.contact"}
    streams.do(AttachPersonalData, OFFICER, **said)
    assert "CIT-1" in streams.state("retention-INC-1.alerts").roster
    streams.refused(AttachPersonalData, OFFICER, WrongState, **said)
    registered(streams)
    streams.refused(AttachPersonalData, OFFICER, NotFound, subject="V-A", incident="INC-1", purpose="report.contact")


def test_nothing_is_collected_anew_once_it_was_decided_about(streams):
    """Also not by the node itself, where what it follows was before; who is called after it is another matter (test_called_again)."""
    called(streams)
    decided(streams)
    for by, now in ((SYS, at("06:59")), (OFFICER, at("07:00"))):
        streams.refused(CollectPersonalData, by, WrongState, "ERL-85", subject="V-B", purpose="callup.contact", incident="INC-1", now=now)
    destroy(streams, "V-A")
    for by, now in ((SYS, at("06:59")), (OFFICER, at("07:00"))):
        streams.refused(CollectPersonalData, by, Destroyed, "ERL-85", subject="V-A", purpose="callup.contact", incident="INC-1", now=now)


def test_a_deferred_notice_is_owed_from_the_end_of_the_urgency(streams):
    for subject in ("P-1", "P-2"):
        collect(streams, subject, by=LEAD)
    opened = over(streams, "alerts").events[-1][1]
    assert opened.deferred == 2
    assert {due.key: (due.due_at - due.since).days for due in opened.clocks} == {"K-55": 30, "K-51": 10}
    streams.refused(GiveDeferredNotice, LEAD, RuleBroken, "PIPL-17", subject="P-1")
    streams.do(GiveDeferredNotice, LEAD, subject="P-1", notice="shelter/1")
    assert streams.state("retention-INC-1.alerts").clocks.runs("K-51")
    streams.do(GiveDeferredNotice, LEAD, subject="P-2", notice="shelter/1")
    assert not streams.state("retention-INC-1.alerts").clocks.runs("K-51")
    streams.refused(GiveDeferredNotice, LEAD, WrongState, subject="P-2", notice="shelter/1")
