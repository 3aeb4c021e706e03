"""What the register and the ledger know wins over what somebody says: rosters, places, harm, hours, sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from services.privacy.events.record import PersonalDataDestroyed
from services.volunteers.deciders.callups.commands import AnswerCallUp, CheckInAtHost, DepartForHost
from services.volunteers.deciders.forces.commands import ReportReadiness, UpdateRoster
from services.volunteers.deciders.honours.commands import FileInjury, ReportInjury
from services.volunteers.deciders.hours.commands import CheckIn, CheckOut, CorrectHours
from services.volunteers.deciders.insurance.commands import OpenInsuranceClaim, SettleInsuranceClaim
from services.volunteers.events.callup import Answer
from services.volunteers.events.honour import Filer, Harm
from services.volunteers.events.membership import MembershipConfirmed
from services.volunteers.events.policy import PolicyRecorded
from services.volunteers.events.validity import Member
from services.volunteers.events.volunteer import FitnessSet, VolunteerErased
from services.volunteers.policies.leaving import LEAVING
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken
from tests.volunteers.callup_world import BANNER, CITY, LEAD, NEXT_BANNER, OFF, Stage, at, force, vol, volunteer
from tests.volunteers.mended_world import APPROVER, accept, offer, refused

LATER = "2021-12-31T23:59:59+08:00"
LEADER = Signature("TL.1", ("TEAM",), NEXT_BANNER, 3)


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    for name in ("V-A", "V-B", "V-C"):
        volunteer(made, name)
    volunteer(made, "V-D", insured=False)
    volunteer(made, "V-E", adult=False)
    force(made, "SF-1", NEXT_BANNER, "TL.1", ("M-11", "M-12"), LATER)
    return made


def roster(*members: Member) -> UpdateRoster:
    return UpdateRoster(by=LEADER, now=at("10:00"), force="SF-1", members=members)


@pytest.mark.parametrize(
    ("member", "rule"),
    [
        (Member("V-E", None, True, True), "ERL-39.2"),  # the register knows better than the leader
        (Member("M-1", "V-E", True, True), "force.roster"),
        (Member("M-1", "V-NOSUCH", True, True), "force.roster"),
        (Member("张三", None, True, True), "id.pattern"),
    ],
)
def test_a_roster_names_adults_by_the_ids_of_the_register(stage: Stage, member: Member, rule: str) -> None:
    refused(stage, roster(Member("M-11", None, True, True), member), RuleBroken, rule)
    stage.do(roster(Member("M-11", None, True, True), Member("V-A", None, True, True)))


def test_no_minor_of_the_register_sets_out_with_a_force(stage: Stage) -> None:
    force(stage, "SF-2", BANNER, "TL.2", ("M-21", "V-E"), LATER)
    stage.has("volunteer-V-E", MembershipConfirmed("V-E", "SF-2", True, "V-E", at("10:00")))
    offer(stage, volunteers=(), force="SF-2")
    leader = Signature("TL.2", ("TEAM",), BANNER, 3)
    stage.do(AnswerCallUp(by=leader, now=at("19:05"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1))
    with pytest.raises(RuleBroken) as found:
        stage.do(DepartForHost(by=leader, now=at("19:40"), call_up="CU-1"))
    assert found.value.rule == "ERL-39.2" and "V-E" in found.value.cure


def test_a_volunteer_files_the_own_harm_and_a_leader_that_of_who_came_with_the_force(stage: Stage) -> None:
    offer(stage, volunteers=(), force="SF-1")
    stage.do(AnswerCallUp(by=LEADER, now=at("19:05"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1))
    for injury, person in (("IN-1", "V-A"), ("IN-2", "M-11"), ("IN-3", "V-B")):
        stage.do(ReportInjury(by=LEAD, now=at("20:00"), injury=injury, person=person, harm=Harm.INJURED, happened=at("19:50")))
    file = FileInjury(by=vol("V-B"), now=at("21:00"), injury="IN-1", filer=Filer.PERSON, receipt="R-1")
    refused(stage, file, NotAllowed, "injury.self")
    refused(stage, replace(file, by=LEADER), NotAllowed, "injury.self")
    stage.do(replace(file, by=vol("V-A")))
    refused(stage, replace(file, by=replace(LEADER, actor="TL.9"), injury="IN-2"), NotAllowed, "injury.self")
    stage.do(replace(file, by=LEADER, injury="IN-2", filer=Filer.EMPLOYER))
    stage.do(replace(file, by=OFF, injury="IN-3"))


def test_whose_registration_is_destroyed_is_called_no_more(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    accept(stage)
    envelope: Any = SimpleNamespace(time=at("19:30"), division=BANNER)
    gone = {"owner": BANNER, "incident": None, "refs": (), "certificate": "DC-1", "by": "DPO", "at": at("19:30")}
    (heard,) = (one for one in LEAVING if "privacy.personal_data.destroyed" in one.listens)
    kept = PersonalDataDestroyed(subject="V-A", purposes=("callup.contact",), registers=("volunteers",), **gone)
    assert not list(heard.react(kept, envelope))
    (erase,) = heard.react(replace(kept, purposes=("register",)), envelope)
    stage.do(erase)
    assert stage.state("volunteer-V-A").status == "erased" and not stage.state("engagement-V-A").call_ups
    assert not stage.do(erase).events
    assert [type(fact) for stream, fact in stage.log if stream == "volunteer-V-A"][-1] is VolunteerErased


def test_who_may_have_been_turned_away_is_asked_when_a_place_becomes_free(stage: Stage) -> None:
    offer(stage, volunteers=("V-D", "V-A", "V-B"), quota=1)
    unchecked = Stage(policies=False)
    unchecked.states = stage.states
    unchecked.do(AnswerCallUp(by=vol("V-D"), now=at("19:05"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1))
    for name in ("V-A", "V-B"):
        yes = AnswerCallUp(by=vol(name), now=at("19:06"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1)
        with pytest.raises(Exception, match="taken"):
            unchecked.do(yes)
    before = len(stage.log)
    accepted = next(fact for stream, fact in unchecked.log if stream == "callup-CU-1")
    for command in stage._following("callup-CU-1", accepted, at("19:07")):
        stage.do(command)
    assert stage.types(before)[0] == "callup.eligibility_failed"
    assert [fact.volunteer for _, fact in stage.log[before:] if type(fact).__name__ == "CallUpOffered"] == ["V-A"]
    accept(stage, "V-A")
    assert stage.state("callup-CU-1").parties["V-A"].place


def test_what_the_incident_proved_to_be_keeps_people_away_who_were_asked_before(stage: Stage) -> None:
    stage.has("volunteer-V-A", FitnessSet("V-A", True, ("GRASS_FIRE",), True, "V-A", at("10:00")))
    offer(stage, volunteers=("V-A",))
    accept(stage)
    leave = DepartForHost(by=vol("V-A"), now=at("19:40"), call_up="CU-1")
    refused(stage, replace(leave, type="NAT.GRASS_FIRE"), RuleBroken, "GFR-31.2")
    there = CheckInAtHost(by=LEAD, now=at("19:40"), call_up="CU-1", volunteer="V-A", zone="Z-1", type="NAT.GRASS_FIRE")
    refused(stage, there, RuleBroken, "GFR-31.2")
    stage.do(replace(leave, type="NAT.DAM"))


def test_an_arrival_lies_ahead(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    late = AnswerCallUp(by=vol("V-A"), now=at("19:05"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1, eta=at("08:00", 1))
    refused(stage, late, RuleBroken, "callup.eta")


def test_no_more_are_ready_than_stand_on_the_roster(stage: Stage) -> None:
    told = stage.do(ReportReadiness(by=LEADER, now=at("10:00"), force="SF-1", people=200, within_minutes=60))
    assert told.flags == ("A-INCOMPLETE",) and "force.roster" in [one["rule"] for one in told.answer["missing"]]


def worked(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",), to=at("20:00", 22))
    accept(stage)
    stage.do(CheckIn(by=LEAD, now=at("08:00", 19), people=("V-A",)))


def test_who_was_not_checked_out_for_long_is_checked_out_by_two_and_never_for_days(stage: Stage) -> None:
    worked(stage)
    out = CheckOut(by=LEAD, now=at("02:00", 20), people=("V-A",))
    refused(stage, out, NotAllowed, "two.persons")
    refused(stage, replace(out, now=at("08:00", 21), cosigner=APPROVER), RuleBroken, "hours.at_once")
    stage.do(replace(out, cosigner=APPROVER))
    assert stage.state("service-V-A").minutes() == 18 * 60


def test_hours_are_corrected_to_what_somebody_can_have_worked(stage: Stage) -> None:
    worked(stage)
    stage.do(CheckOut(by=LEAD, now=at("12:00", 19), people=("V-A",)))
    right = CorrectHours(by=LEAD, cosigner=APPROVER, now=at("12:00", 22), volunteer="V-A", shift=1, reason="forgotten")
    refused(stage, replace(right, ended=at("09:00", 21)), RuleBroken, "hours.at_once")
    refused(stage, replace(right, started=at("20:00", 18)), RuleBroken, "hours.engagement")
    stage.do(replace(right, started=at("06:00", 19), ended=at("13:00", 19)))
    assert stage.state("service-V-A").minutes() == 7 * 60


def test_more_than_is_insured_is_said_why_and_flagged(stage: Stage) -> None:
    period = (at("00:00", 1), at("00:00", 1) + timedelta(days=60))
    terms = ("V-A",), ("SF-1",), "rescue", Decimal(500_000), *period, CITY, CITY, BANNER, "B.OFF", at("09:00")
    stage.has("policy-POL-9", PolicyRecorded("POL-9", "an insurer", "N-9", *terms))
    for claim, holder in (("IC-1", "V-A"), ("IC-2", "SF-1")):
        stage.do(OpenInsuranceClaim(by=OFF, now=at("12:00"), policy="POL-9", claim=claim, holder=holder, happened=at("11:00")))
    paid = SettleInsuranceClaim(by=OFF, now=at("13:00"), policy="POL-9", claim="IC-1", paid=Decimal(99_999_999))
    refused(stage, paid, RuleBroken, "policy.amount")
    assert stage.do(replace(paid, reason="two policies in one payment")).flags == ("A-OVER",)
    assert not stage.do(replace(paid, claim="IC-2")).flags  # of a force the sum is for each of them
