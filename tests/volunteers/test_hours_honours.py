"""Honours rest on the ledger and on undisputed hours; harm in service is taken with whatever is known, and has its clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.volunteers.deciders.callups.arriving import RegisterSelfArrival
from services.volunteers.deciders.honours.commands import (
    ConsentToHonour,
    EscalateInjuryClock,
    FileInjury,
    GrantHonour,
    NominateHonour,
    OpenMartyrCase,
    PostHonourNotice,
    RecordInjuryResult,
    RefuseHonour,
    ReportInjury,
    ReviewHonour,
    RevokeHonour,
)
from services.volunteers.deciders.hours.commands import CheckIn, CheckOut, EscalateServiceClock, RequestCertificate
from services.volunteers.deciders.people.commands import MergeVolunteers
from services.volunteers.deciders.tasks.task import AssignVolunteerTask, CompleteVolunteerTask, EscalateVolunteerTaskClock
from services.volunteers.events.honour import Filer, Harm, HonourKind, HonourNominated
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, OnHold, RuleBroken, WrongState
from tests.volunteers.callup_world import BANNER, GOV, LEAD, OFF, REGION, SYS, TOWN, Stage, at, force, vol, volunteer

WORK = {"by": LEAD, "incident": "INC-1", "people": ("V-A",)}
NAMED = NominateHonour(by=LEAD, now=at("09:00", 22), honour="HO-1", kind=HonourKind.COMMENDATION, volunteer="V-A", reason="unloaded")
REGION_GOV = Signature("R.GOV", ("GOV",), REGION, 1)
NOW = at("10:00", 22)


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    volunteer(made, "V-A")
    made.do(RegisterSelfArrival(by=LEAD, now=at("07:00", 19), volunteer="V-A", incident="INC-1"))
    made.do(CheckIn(**WORK, now=at("08:00", 19)))
    made.do(CheckOut(**WORK, now=at("16:00", 19)))
    return made


def refused(stage: Stage, command, kind, rule: str) -> None:
    with pytest.raises(kind) as found:
        stage.do(command)
    assert found.value.rule == rule, found.value.failures


def test_an_honour_from_its_proposal_to_its_grant(stage):
    stage.do(NAMED)
    assert stage.state("nominee-V-A").last and stage.log[-2][1].minutes == 480
    refused(stage, ReviewHonour(by=LEAD, now=NOW, honour="HO-1", passed=True), NotAllowed, "two.persons")
    refused(stage, GrantHonour(by=GOV, now=NOW, honour="HO-1", document="1"), WrongState, "honour.life")
    refused(stage, ReviewHonour(by=GOV, now=NOW, honour="HO-1", passed=False), RuleBroken, "honour.reason")
    stage.do(ReviewHonour(by=GOV, now=NOW, honour="HO-1", passed=True))
    refused(stage, PostHonourNotice(by=GOV, now=NOW, honour="HO-1", named=True), RuleBroken, "PIPL-25")
    refused(stage, ConsentToHonour(by=vol("V-B"), now=NOW, honour="HO-1", consent=True), NotAllowed, "PIPL-25")
    stage.do(ConsentToHonour(by=vol("V-A"), now=NOW, honour="HO-1", consent=True))
    stage.do(PostHonourNotice(by=GOV, now=NOW, honour="HO-1", named=True))
    refused(stage, GrantHonour(by=GOV, now=NOW, honour="HO-1"), RuleBroken, "honour.document")
    stage.do(GrantHonour(by=GOV, now=NOW, honour="HO-1", document="notice 9"))
    refused(stage, RevokeHonour(by=GOV, now=NOW, honour="HO-1"), RuleBroken, "honour.reason")
    stage.do(RevokeHonour(by=GOV, now=NOW, honour="HO-1", reason="mistaken identity"))


def test_a_proposal_says_who_what_and_why_and_rests_on_hours(stage):
    refused(stage, replace(NAMED, kind=None), RuleBroken, "honour.kind")
    refused(stage, replace(NAMED, kind=HonourKind.MARTYR), RuleBroken, "honour.kind")
    refused(stage, replace(NAMED, reason=None), RuleBroken, "honour.reason")
    refused(stage, replace(NAMED, volunteer=None), RuleBroken, "honour.who")
    refused(stage, replace(NAMED, volunteer="V-B"), RuleBroken, "VSR-19")
    refused(stage, replace(NAMED, volunteer=None, force="SF-9"), NotFound, "reference")


def test_disputed_hours_hold_an_honour(stage):
    stage.do(NAMED)
    for command in (ReviewHonour(by=GOV, now=NOW, honour="HO-1", passed=True), PostHonourNotice(by=GOV, now=NOW, honour="HO-1")):
        stage.do(command)
    stage.do(CheckIn(**WORK, now=at("08:00", 20)))
    stage.do(CheckIn(**WORK | {"by": TOWN}, now=at("09:00", 20)))
    refused(stage, replace(NAMED, honour="HO-2"), OnHold, "VSR-19")
    refused(stage, GrantHonour(by=GOV, now=NOW, honour="HO-1", document="1"), OnHold, "VSR-19")
    stage.do(RefuseHonour(by=GOV, now=NOW, honour="HO-1", reason="not now"))


ENDS = (
    ("granted", (PostHonourNotice(by=GOV, now=NOW, honour="HO-1"), GrantHonour(by=GOV, now=NOW, honour="HO-1", document="notice 9"))),
    ("refused", (RefuseHonour(by=GOV, now=NOW, honour="HO-1", reason="not now"),)),
)


@pytest.mark.parametrize("after", [after for _, after in ENDS], ids=[name for name, _ in ENDS])
def test_while_a_proposal_is_open_the_same_kind_is_not_proposed_again(stage, after):
    again = replace(NAMED, honour="HO-2", by=GOV)
    stage.do(NAMED)
    refused(stage, again, WrongState, "honour.open")
    stage.do(replace(again, honour="HO-3", kind=HonourKind.SUBSIDY))
    stage.do(ReviewHonour(by=GOV, now=NOW, honour="HO-1", passed=True))
    for command in after:
        refused(stage, again, WrongState, "honour.open")
        stage.do(command)
    stage.do(again)
    refused(stage, replace(again, honour="HO-4"), WrongState, "honour.open")
    stage.do(replace(again, honour="HO-5", incident="INC-1"))


def test_a_review_that_did_not_pass_lets_them_be_proposed_again(stage):
    stage.do(NAMED)
    stage.do(ReviewHonour(by=GOV, now=NOW, honour="HO-1", passed=False, reason="too few hours"))
    stage.do(replace(NAMED, honour="HO-2"))


def test_one_martyr_case_is_open_for_a_person(stage):
    case = OpenMartyrCase(by=GOV, now=NOW, honour="HO-1", volunteer="V-A", reason="died in the rescue")
    stage.do(case)
    refused(stage, replace(case, honour="HO-2"), WrongState, "honour.open")


def test_under_whichever_registration_it_is_one_person_who_stands_proposed(stage):
    volunteer(stage, "V-B")
    stage.do(NAMED)
    merged = MergeVolunteers(by=OFF, now=NOW, volunteer="V-A", into="V-B", reason="one paper", cosigner=replace(OFF, actor="B.OFF2"))
    stage.do(merged)
    for name in ("V-A", "V-B"):
        refused(stage, replace(NAMED, honour="HO-2", volunteer=name, by=GOV), WrongState, "honour.open")


def test_a_force_stands_proposed_once_too_and_its_members_by_themselves(stage):
    force(stage, "SF-1", BANNER, "TL.1", ("V-A",), "2021-07-31T23:59:59+08:00")
    for_all = replace(NAMED, volunteer=None, force="SF-1")
    stage.do(for_all)
    refused(stage, replace(for_all, honour="HO-2"), WrongState, "honour.open")
    stage.do(replace(NAMED, honour="HO-3"))


def test_a_proposal_stored_without_its_other_side_is_decided_as_ever(stage):
    said = HonourNominated("HO-1", HonourKind.COMMENDATION, "V-A", None, "unloaded", 480, None, LEAD.actor, NOW)
    stage.has("honour-HO-1", said)
    stage.do(ReviewHonour(by=GOV, now=NOW, honour="HO-1", passed=True))
    stage.do(replace(NAMED, honour="HO-2"))


def test_a_martyr_case_is_decided_by_the_region(stage):
    stage.do(OpenMartyrCase(by=GOV, now=NOW, honour="HO-1", volunteer="V-A", reason="died in the rescue"))
    stage.do(ReviewHonour(by=replace(GOV, actor="C.GOV"), now=NOW, honour="HO-1", passed=True))
    stage.do(PostHonourNotice(by=GOV, now=NOW, honour="HO-1"))
    refused(stage, GrantHonour(by=GOV, now=NOW, honour="HO-1", document="1"), NotAllowed, "MAR-9")
    stage.do(GrantHonour(by=REGION_GOV, now=NOW, honour="HO-1", document="1"))


HURT = ReportInjury(by=LEAD, now=NOW, injury="IN-1", person="V-A", harm=Harm.INJURED, happened=at("15:00", 19), incident="INC-1")


def test_harm_is_taken_with_whatever_is_known_and_the_family_is_helped(stage):
    before = len(stage.log)
    told = stage.do(replace(HURT, harm=Harm.UNKNOWN, happened=None, incident=None))
    assert told.flags == ("A-INCOMPLETE",) and stage.log[before][1].missing == ("harm", "happened", "incident")
    assert [fact.kind for _, fact in stage.log[before + 1 :]] == ["complete_injury_report"]
    before = len(stage.log)
    stage.do(replace(HURT, injury="IN-2"))
    assert [fact.kind for _, fact in stage.log[before + 1 :]] == ["support_family"]
    refused(stage, replace(HURT, injury="IN-2"), WrongState, "injury.life")


def test_the_employer_has_thirty_days_and_the_person_a_year_from_the_harm(stage):
    stage.do(HURT)
    due = {one.key: one.due_at for one in stage.state("injury-IN-1").clocks.open()}
    assert due == {"K-39.employer": at("15:00", 19) + timedelta(days=30), "K-39.person": at("15:00", 19) + timedelta(days=365)}
    before = len(stage.log)
    later = NOW + timedelta(days=30)
    stage.do(EscalateInjuryClock(by=SYS, now=later, injury="IN-1", key="K-39.employer"))
    assert stage.types(before) == ["clock.missed", "task.assigned"]
    refused(stage, FileInjury(by=OFF, now=later, injury="IN-1", filer=Filer.EMPLOYER), RuleBroken, "injury.filing")
    assert stage.do(FileInjury(by=OFF, now=later, injury="IN-1", filer=Filer.EMPLOYER, receipt="R-1")).flags == ("A-LATE",)
    assert not stage.state("injury-IN-1").clocks.open()
    refused(stage, FileInjury(by=OFF, now=later, injury="IN-1", filer=Filer.PERSON, receipt="R-2"), WrongState, "injury.life")
    refused(stage, RecordInjuryResult(by=OFF, now=later, injury="IN-1", recognised=False), RuleBroken, "injury.result")
    stage.do(RecordInjuryResult(by=OFF, now=later, injury="IN-1", recognised=True))
    refused(stage, RecordInjuryResult(by=OFF, now=later, injury="IN-1", recognised=True), WrongState, "injury.life")


def test_a_certificate_that_is_late_is_asked_for(stage):
    stage.do(RequestCertificate(by=vol("V-A"), now=at("09:00", 20), volunteer="V-A"))
    before = len(stage.log)
    stage.do(EscalateServiceClock(by=SYS, now=at("09:00", 20) + timedelta(days=30), person="V-A", key="K-38"))
    assert stage.types(before) == ["clock.missed", "task.assigned"]


def test_a_task_is_given_once_and_done_by_whose_work_it_is(stage):
    give = AssignVolunteerTask(by=SYS, now=NOW, task="VT-1", kind="direct_self_arrival", roles=("TASK.lead",))
    stage.do(give)
    assert not stage.do(give).events
    refused(stage, replace(give, by=GOV), WrongState, "volunteer_task.life")
    refused(stage, replace(give, by=GOV, task="VT-2", roles=()), RuleBroken, "volunteer_task.roles")
    done = CompleteVolunteerTask(by=LEAD, now=NOW, task="VT-1", outcome="directed to Z-2")
    refused(stage, replace(done, by=GOV), NotAllowed, "matrix.3.27")
    refused(stage, replace(done, outcome=None), RuleBroken, "volunteer_task.outcome")
    assert stage.do(EscalateVolunteerTaskClock(by=SYS, now=NOW + timedelta(hours=3), task="VT-1", key="due")).events
    stage.do(done)
    refused(stage, done, WrongState, "volunteer_task.life")
    assert not stage.do(EscalateVolunteerTaskClock(by=SYS, now=NOW + timedelta(hours=3), task="VT-1", key="due")).events
