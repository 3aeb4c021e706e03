"""Retention: opened at the end of the last response, decided by two, destroyed with a certificate, verified by another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.privacy.deciders.activity import NoteResponseOver, NoteResponseRuns
from services.privacy.deciders.records.commands import ErasePersonalData, LockPersonalData, ReleaseLock
from services.privacy.deciders.retention.commands import (
    AssessRetention,
    CertifyDestruction,
    ConfirmCopyDestroyed,
    DecideRetention,
    DestroyPersonalData,
    EscalateRetentionClock,
    OpenRetentionAssessment,
    RegisterCopyHolder,
    ReleaseCopyHolder,
    ResumeRetention,
    VerifyDestruction,
)
from services.privacy.deciders.retention.roster import Roster
from services.privacy.events.retention import DestructionOrdered, PersonFound, RetentionVerified, SubjectsLeft
from shared.kernel.commands import Signature
from shared.kernel.errors import Destroyed, NotAllowed, NotFound, OnHold, RuleBroken, WrongState
from tests.privacy.world import (
    AUDITOR,
    DPO,
    LEAD,
    LEGAL,
    SYS,
    Streams,
    at,
    called,
    collect,
    decided,
    destroy,
    over,
    reviewed,
)

OF = {"incident": "INC-1", "register": "volunteers"}
UNTIL = at("00:00").date().replace(year=2022, day=24)


@pytest.fixture
def streams() -> Streams:
    made = Streams()
    for subject in ("V-A", "V-B", "M-11"):
        called(made, subject)
    return made


def certify(streams: Streams, certificate: str = "DC-1"):
    return streams.do(CertifyDestruction, SYS, certificate=certificate, position=12, chain="c" * 64, root="r" * 16)


def search(streams: Streams, by=AUDITOR, certificate: str = "DC-1", **found):
    shown = {"replay_shows_person": False, "export_shows_person": False, "backup_shows_person": False} | found
    return streams.do(VerifyDestruction, by, **OF, certificate=certificate, searched=99, **shown)


def test_the_last_response_opens_and_another_resumes(streams):
    for activation in ("ACT-B", "ACT-N"):
        streams.do(NoteResponseRuns, SYS, incident="INC-1", activation=activation)
    assert streams.do(NoteResponseRuns, SYS, incident="INC-1", activation="ACT-B").events == []
    ((_, first),) = streams.do(NoteResponseOver, SYS, incident="INC-1", activation="ACT-B").events
    ((_, last),) = streams.do(NoteResponseOver, SYS, incident="INC-1", activation="ACT-N").events
    assert (first.last, last.last) == (False, True)
    assert streams.do(NoteResponseOver, SYS, incident="INC-1", activation="ACT-N").events == []
    ((_, again),) = streams.do(NoteResponseRuns, SYS, incident="INC-1", activation="ACT-C").events
    assert again.activation == "ACT-C"


def test_it_is_opened_once_and_resumed_while_undecided(streams):
    ((_, opened),) = over(streams).events
    assert (opened.round, opened.subjects, opened.deferred) == (1, 3, 0)
    assert over(streams).events == []
    ((_, resumed),) = streams.do(ResumeRetention, SYS, **OF).events
    assert resumed.stopped == ("K-55",)
    ((_, again),) = over(streams).events
    assert again.round == 2
    reviewed(streams)
    assert streams.types(streams.do(DecideRetention, DPO, LEGAL, **OF)) == ["RetentionDecided"]
    assert streams.do(ResumeRetention, SYS, **OF).events == [], "what is decided stays decided"


def test_three_findings_are_written(streams):
    over(streams)
    refusal = streams.refused(AssessRetention, DPO, RuleBroken, "ERL-85", **OF, legality="lawful")
    assert [fault.field for fault in refusal.failures] == ["necessity", "safety"]


def test_two_persons_decide_after_a_review(streams):
    over(streams)
    streams.refused(DecideRetention, DPO, WrongState, "ERL-85", cosigner=LEGAL, **OF)
    streams.do(AssessRetention, DPO, **OF, legality="legal", necessity="needed", safety="safe")
    streams.refused(DecideRetention, DPO, NotAllowed, "two.persons", **OF)
    streams.refused(DecideRetention, DPO, NotAllowed, "two.persons", cosigner=DPO, **OF)
    streams.do(DecideRetention, LEGAL, DPO, **OF)


def test_everybody_is_destroyed_or_kept_and_keeping_is_reasoned(streams):
    reviewed(streams)
    refusal = streams.refused(DecideRetention, DPO, RuleBroken, "ERL-85", cosigner=LEGAL, **OF, destroy=("V-A",), retain=("V-A",))
    assert [fault.field for fault in refusal.failures] == ["retain", "destroy", "until", "reason"]
    assert "M-11, V-B" in refusal.failures[1].cure
    for until in (at("00:00").date(), at("00:00").date() + timedelta(days=1_101)):
        streams.refused(DecideRetention, DPO, RuleBroken, "ERL-85", cosigner=LEGAL, **OF, retain=("V-A",), until=until, reason="x")
    streams.refused(DecideRetention, DPO, NotFound, cosigner=LEGAL, **OF, destroy=("V-A", "V-B", "M-11", "V-Z"))
    ((_, fact),) = streams.do(DecideRetention, DPO, LEGAL, **OF, destroy=("V-A", "V-B", "M-11")).events
    assert (fact.destroy, fact.retain, fact.met) == (3, (), ("K-55",))


def test_a_finder_named_in_the_decision_joins_the_part(streams):
    collect(streams, "CIT-1", "report.contact", None, by=SYS)
    collect(streams, "P-1", by=LEAD)
    facts = decided(streams, "alerts", destroy=("P-1",), retain=("CIT-1",), until=UNTIL, reason="witness")
    assert streams.types(facts) == ["PersonalDataJoined", "SubjectNoted", "RetentionDecided"]
    assert facts.events[-1][1].destroy == 1
    held = destroy(streams, "P-1", register="alerts")
    assert streams.types(held)[0] == "PersonalDataDestroyed"


def test_destruction_is_a_tombstone_for_each_and_one_certificate(streams):
    decided(streams)
    facts = destroy(streams, "V-A", "V-B")
    assert streams.types(facts) == ["PersonalDataDestroyed"] * 2 + ["SubjectsLeft", "DestructionBegun", "DestructionOrdered"]
    first = facts.events[0][1]
    assert (first.purposes, first.registers, first.certificate, len(first.refs)) == (("callup.contact",), ("INC-1",), "DC-1", 1)
    assert streams.state("retention-INC-1.volunteers").status == "decided"
    refused = streams.refused(DestroyPersonalData, DPO, WrongState, "ERL-85", **OF, subjects=("M-11",), certificate="DC-1")
    assert "taken" in refused.cure
    streams.refused(DestroyPersonalData, DPO, Destroyed, "ERL-85", **OF, subjects=("V-A",), certificate="DC-2")
    streams.refused(DestroyPersonalData, DPO, RuleBroken, "ERL-85", **OF, subjects=("M-11",))
    streams.refused(DestroyPersonalData, DPO, NotFound, **OF, subjects=("V-Z", "M-11"), certificate="DC-2")
    destroy(streams, "M-11", certificate="DC-2")
    assert streams.state("retention-INC-1.volunteers").status == "executed"
    assert streams.state("person-V-A").records["register", "register"].destroyed is False, "the registration stays"


def test_nothing_is_destroyed_before_it_is_decided(streams):
    reviewed(streams)
    streams.refused(DestroyPersonalData, DPO, WrongState, "ERL-85", **OF, subjects=("V-A",), certificate="DC-1")


def test_what_is_kept_by_decision_is_on_hold_until_it_lapses(streams):
    decided(streams, retain=("V-A",), until=UNTIL, reason="cause investigation")
    kept = streams.refused(DestroyPersonalData, DPO, OnHold, "ERL-85", **OF, subjects=("V-A", "V-B"))
    assert "kept by decision until 2022-07-24" in kept.cure
    destroy(streams, "V-B", "M-11")
    part = "INC-1.volunteers"
    early = UNTIL - timedelta(days=1)
    assert (
        streams.do(EscalateRetentionClock, SYS, part=part, key="retained-until", now=at("23:00").replace(year=early.year, day=23)).events
        == []
    )
    lapse = at("00:00").replace(year=2022, day=25)
    ((_, fact),) = streams.do(EscalateRetentionClock, SYS, part=part, key="retained-until", now=lapse).events
    assert (fact.subjects, [due.key for due in fact.clocks]) == (("V-A",), ["K-55"])
    assert streams.do(EscalateRetentionClock, SYS, part=part, key="retained-until", now=lapse).events == []
    streams.now = lapse
    facts = destroy(streams, "V-A", certificate="DC-2")
    assert next(fact for _, fact in facts.events if isinstance(fact, DestructionOrdered)).met == ("K-55",)


def test_a_lock_holds_up_destruction(streams):
    decided(streams)
    said = {"subject": "V-A", "lock": "LK-1"}
    streams.do(LockPersonalData, LEGAL, **said, reason="lawsuit", basis="PIPL-47", until=at("07:00", 30))
    locked = streams.refused(DestroyPersonalData, DPO, OnHold, "PIPL-47", **OF, subjects=("V-A",), certificate="DC-1")
    assert "LK-1" in locked.cure
    streams.do(ReleaseLock, LEGAL, **said, reason="settled")
    destroy(streams, "V-A")


def test_a_destruction_is_complete_when_every_copy_holder_confirmed(streams):
    streams.refused(RegisterCopyHolder, DPO, RuleBroken, "PIPL-51", holder="H-1")
    for holder in ("H-1", "H-2", "H-3"):
        streams.do(RegisterCopyHolder, DPO, holder=holder, name="tape room", what="nightly backups")
    streams.refused(RegisterCopyHolder, DPO, WrongState, holder="H-1", name="x", what="y")
    streams.do(ReleaseCopyHolder, DPO, holder="H-3", reason="tapes wiped")
    streams.refused(ReleaseCopyHolder, DPO, NotFound, holder="H-3", reason="again")
    decided(streams)
    destroy(streams, "V-A", "V-B", "M-11")
    said = {"certificate": "DC-1", "statement": "overwritten"}
    streams.refused(ConfirmCopyDestroyed, DPO, WrongState, "ERL-85", **said, holder="H-1")
    assert streams.types(certify(streams)) == ["DestructionCertified"]
    assert certify(streams).events == []
    streams.refused(ConfirmCopyDestroyed, DPO, NotFound, **said, holder="H-3")
    other = Signature("F.OTHER", ("ENT",), "150722", 3)
    streams.refused(ConfirmCopyDestroyed, other, NotAllowed, "PIPL-21", **said, holder="H-1")
    streams.refused(ConfirmCopyDestroyed, DPO, RuleBroken, "PIPL-21", certificate="DC-1", holder="H-1")
    assert streams.types(streams.do(ConfirmCopyDestroyed, DPO, **said, holder="H-1")) == ["CopyDestructionConfirmed"]
    streams.refused(ConfirmCopyDestroyed, DPO, WrongState, **said, holder="H-1")
    done = streams.do(ConfirmCopyDestroyed, Signature("H-2", ("ENT",), "150722", 3), **said, holder="H-2")
    assert streams.types(done) == ["CopyDestructionConfirmed", "DestructionCompleted"]


def test_another_verifies_once_it_is_certified(streams):
    decided(streams)
    destroy(streams, "V-A", "V-B", "M-11")
    shown = {"replay_shows_person": False, "export_shows_person": False, "backup_shows_person": False, "searched": 1}
    streams.refused(VerifyDestruction, AUDITOR, WrongState, "ERL-85", **OF, certificate="DC-1", **shown)
    assert streams.types(certify(streams)) == ["DestructionCertified", "DestructionCompleted"]
    streams.refused(VerifyDestruction, DPO, NotAllowed, "two.persons", **OF, certificate="DC-1", **shown)
    ((_, found),) = search(streams, backup_shows_person=True).events
    assert isinstance(found, PersonFound) and streams.state("retention-INC-1.volunteers").status == "executed"
    ((_, clean),) = search(streams).events
    assert isinstance(clean, RetentionVerified) and streams.state("retention-INC-1.volunteers").status == "verified"


def test_a_standing_record_is_erased_by_two(streams):
    said = {"subject": "V-A", "certificate": "DC-9", "reason": "asked for"}
    streams.refused(ErasePersonalData, DPO, NotAllowed, "two.persons", **said)
    streams.refused(ErasePersonalData, DPO, RuleBroken, "PIPL-47", cosigner=LEGAL, subject="V-A")
    streams.refused(ErasePersonalData, DPO, NotFound, cosigner=LEGAL, **said | {"purposes": ("payment",)})
    assert streams.types(streams.do(ErasePersonalData, DPO, LEGAL, **said)) == ["PersonalDataDestroyed", "DestructionBegun"]
    streams.refused(ErasePersonalData, DPO, Destroyed, "ERL-85", cosigner=LEGAL, **said)
    assert not streams.state("person-V-A").records["INC-1", "callup.contact"].destroyed


def test_another_round_is_opened_only_for_who_came_after(streams):
    decided(streams, retain=("V-A",), until=UNTIL.replace(year=2022), reason="audit")
    destroy(streams, "V-B", "M-11")
    assert over(streams).events == []


def test_thousands_go_in_one_command():
    streams = Streams()
    names = tuple(f"V-{n}" for n in range(2_500))
    ((_, template), (_, noted)) = called(streams, "V-X").events
    for name in names:
        streams.past[f"person-{name}"] = [replace(template, subject=name)]
        streams.past["retention-INC-1.volunteers"].append(replace(noted, subject=name))
    del streams.past["retention-INC-1.volunteers"][0]
    decided(streams)
    facts = destroy(streams, *names)
    assert [len(fact.subjects) for _, fact in facts.events if isinstance(fact, SubjectsLeft)] == [1_000, 1_000, 500]
    assert len(streams.state("retention-INC-1.volunteers").roster) == 0
    streams.refused(
        DestroyPersonalData, DPO, RuleBroken, "ERL-85", **OF, subjects=tuple(f"V-{n}" for n in range(5_001)), certificate="DC-2"
    )


def test_a_roster_is_a_set_with_marks():
    roster = Roster().add("a", True).add("b", False).add("a", False)
    assert (len(roster), sorted(roster), "a" in roster, "c" in roster, roster.marked("a"), roster.marks()) == (
        2,
        ["a", "b"],
        True,
        False,
        False,
        0,
    )
    assert sorted(roster.without(["a", "z"])) == ["b"]


def test_an_assessment_of_a_part_nobody_is_in_is_opened_too():
    ((_, opened),) = Streams().do(OpenRetentionAssessment, SYS, incident="INC-9", register="resources").events
    assert (opened.subjects, opened.division) == (0, "150722")
