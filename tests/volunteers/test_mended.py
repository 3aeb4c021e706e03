"""Who may come, with whom and on which terms: what a hostile reading found, each as it must not go again."""

from __future__ import annotations

from typing import Any

import pytest

from services.volunteers.deciders.callups.arriving import RegisterSelfArrival
from services.volunteers.deciders.callups.commands import (
    AcceptHostCommand,
    AnswerCallUp,
    CheckInAtHost,
    CloseOffers,
    DepartForHost,
    EscalateCallUpClock,
    OfferCallUp,
    RegisterZone,
    StayOnReserve,
    WithdrawFromCallUp,
)
from services.volunteers.deciders.forces.commands import ApplyFiling, SuspendForce, UpdateRoster
from services.volunteers.deciders.hours.commands import RequestCertificate
from services.volunteers.deciders.people.commands import ConfirmMembership, RegisterVolunteer, VerifyIdentity
from services.volunteers.events.callup import Answer
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.volunteers.callup_world import (
    BANNER,
    CITY_HQ,
    HQ,
    ICP,
    LEAD,
    NEXT_BANNER,
    OFF,
    OTHER_HQ,
    SYS,
    Stage,
    at,
    force,
    vol,
    volunteer,
)
from tests.volunteers.mended_world import END, LEADER, SAID, accept, offer, parties, refused, staged


@pytest.fixture
def stage() -> Stage:
    return staged()


# ---------------------------------------------------------------- ids and members


def test_people_and_forces_share_no_id(stage: Stage) -> None:
    force(stage, "SF-1", BANNER, "TL.1", ("M-1",), END)
    refused(stage, ApplyFiling(by=LEADER, now=at("09:00"), force="V-A", home=BANNER, leader="TL.1"), WrongState, "force.id")
    refused(stage, RegisterVolunteer(by=OFF, now=at("09:00"), volunteer="SF-1", division=BANNER), WrongState, "force.id")
    refused(stage, RegisterSelfArrival(by=LEAD, now=at("09:00"), volunteer="SF-1", incident="INC-1"), WrongState, "force.id")


def test_a_volunteer_is_a_member_once_they_said_so_and_may_leave(stage: Stage) -> None:
    force(stage, "SF-1", BANNER, "TL.1", ("V-A", "M-1"), END)
    offer(stage, force="SF-1")
    accept(stage, "SF-1")
    assert parties(stage)["SF-1"].members == ("M-1",) and not stage.state("engagement-V-A").call_ups
    mine = ConfirmMembership(by=vol("V-A"), now=at("19:20"), volunteer="V-A", force="SF-1")
    refused(stage, ConfirmMembership(by=vol("V-B"), now=at("19:20"), volunteer="V-A", force="SF-1"), NotAllowed, "volunteer.self")
    stage.do(mine)
    assert not stage.do(mine).events
    offer(stage, "CU-2", force="SF-1", from_=at("08:00", 21), to=at("20:00", 21))
    accept(stage, "SF-1", "CU-2")
    assert stage.state("engagement-V-A").call_ups == ("CU-2",)
    stage.do(WithdrawFromCallUp(by=vol("V-A"), now=at("19:30"), call_up="CU-2"))
    left = parties(stage, "CU-2")["SF-1"]
    assert (left.status, left.members, left.left) == ("accepted", ("M-1",), ("V-A",)) and not stage.state("engagement-V-A").call_ups


def test_nobody_comes_alone_and_with_a_force(stage: Stage) -> None:
    force(stage, "SF-1", BANNER, "TL.1", ("M-1", "M-2"), END)
    volunteer(stage, "M-1")
    stage.do(ConfirmMembership(by=vol("M-1"), now=at("18:00"), volunteer="M-1", force="SF-1"))
    offer(stage, volunteers=("M-1",), force="SF-1")
    accept(stage, "M-1")
    refused(
        stage, AnswerCallUp(by=LEADER, now=at("19:11"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1), WrongState, "callup.overlap"
    )
    force(stage, "SF-2", BANNER, "TL.2", ("M-2",), END)
    offer(stage, "CU-2", force="SF-1", from_=at("08:00", 21), to=at("20:00", 21))
    offer(stage, "CU-2", force="SF-2", from_=at("08:00", 21), to=at("20:00", 21))
    accept(stage, "SF-1", "CU-2")
    other = AnswerCallUp(by=Signature("TL.2", ("TEAM",), BANNER, 3), now=at("19:12"), call_up="CU-2", answer=Answer.ACCEPT, risk_text=1)
    refused(stage, other, WrongState, "callup.overlap")


# ---------------------------------------------------------------- the gate and the terms


def test_who_is_suspended_rejected_or_off_the_roster_stays(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    accept(stage)
    stage.do(VerifyIdentity(by=HQ, now=at("19:30"), volunteer="V-A", valid=False, reason="x"))
    assert parties(stage)["V-A"].fit is False
    refused(stage, DepartForHost(by=vol("V-A"), now=at("19:40"), call_up="CU-1"), RuleBroken, "callup.callable")
    for name, change in (
        ("SF-1", SuspendForce(by=OFF, now=at("19:12"), force="SF-1", reason="r")),
        ("SF-2", UpdateRoster(by=OFF, now=at("19:12"), force="SF-2", members=())),
    ):
        force(stage, name, BANNER, "TL.1", (f"M-{name}",), END)
        offer(stage, f"CU-{name}", force=name)
        accept(stage, "SF", f"CU-{name}")
        stage.do(change)
        rule = "callup.callable" if name == "SF-1" else "force.roster"
        refused(stage, DepartForHost(by=LEADER, now=at("19:40"), call_up=f"CU-{name}"), RuleBroken, rule)


def test_a_social_force_needs_a_grade_of_the_discipline(stage: Stage) -> None:
    force(stage, "SF-1", BANNER, "TL.1", ("M-1",), END)
    offer(stage, force="SF-1", skills=("WATER",))
    assert accept(stage, "SF-1")["failures"] == ["VSR-15"]


@pytest.mark.parametrize("changed", [{"incident": "INC-2"}, {"to": at("20:00", 25)}, {"place": NEXT_BANNER}, {"risk_text": 2}])
def test_a_wave_changes_nothing_that_others_accepted(stage: Stage, changed: dict[str, Any]) -> None:
    offer(stage, volunteers=("V-A",))
    accept(stage)
    wave = {"by": OFF, "now": at("19:20"), "call_up": "CU-1", "volunteers": ("V-B",), **SAID, **changed}
    refused(stage, OfferCallUp(**wave), WrongState, "callup.wave")


def test_who_accepted_without_the_statement_accepts_again_with_it(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    assert accept(stage, risk_text=None)["failures"] == ["VSR-12"]
    assert accept(stage, now=at("19:12"))["failures"] == []
    party = parties(stage)["V-A"]
    assert (party.risk_text, party.fit, party.place) == (1, True, True)
    stage.do(DepartForHost(by=vol("V-A"), now=at("19:40"), call_up="CU-1"))


def test_who_works_elsewhere_needs_a_host_other_than_who_called(stage: Stage) -> None:
    offer(stage, by=CITY_HQ, volunteers=("V-A",), place=NEXT_BANNER)
    offer(stage, "CU-2", by=CITY_HQ, volunteers=("V-A",), place=BANNER)
    assert parties(stage)["V-A"].host_needed and not parties(stage, "CU-2")["V-A"].host_needed
    accept(stage)
    for by in (CITY_HQ, ICP):
        refused(stage, AcceptHostCommand(by=by, now=at("19:20"), call_up="CU-1"), NotAllowed, "callup.host")
    stage.do(AcceptHostCommand(by=OTHER_HQ, now=at("19:20"), call_up="CU-1"))
    assert stage.state("callup-CU-1").host_accepted


def test_the_reserve_goes_on_after_a_decline_and_after_silence(stage: Stage) -> None:
    offer(stage, volunteers=("V-A", "V-B", "V-C"), quota=1)
    accept(stage)
    for name in ("V-B", "V-C"):
        stage.do(StayOnReserve(by=vol(name), now=at("19:20"), call_up="CU-1"))
    assert not stage.state("callup-CU-1").clocks.runs("answer.V-B")
    stage.do(WithdrawFromCallUp(by=vol("V-A"), now=at("19:30"), call_up="CU-1"))
    assert [one.status for one in parties(stage).values()] == ["withdrawn", "asked", "on reserve"]
    stage.do(EscalateCallUpClock(by=SYS, now=at("20:30"), call_up="CU-1", key="answer.V-B"))
    assert [one.status for one in parties(stage).values()] == ["withdrawn", "asked", "asked"]
    stage.do(AnswerCallUp(by=vol("V-B"), now=at("20:31"), call_up="CU-1", answer=Answer.DECLINE))
    assert parties(stage)["V-C"].status == "asked"


def test_who_set_out_at_once_fills_the_places() -> None:
    stage = Stage(policies=False)
    for name in ("V-A", "V-B"):
        volunteer(stage, name)
    offer(stage, volunteers=("V-A", "V-B"), quota=1)
    accept(stage)
    stage.do(DepartForHost(by=vol("V-A"), now=at("19:12"), call_up="CU-1"))
    stage.do(CloseOffers(by=SYS, now=at("19:12"), call_up="CU-1"))
    assert parties(stage)["V-B"].status == "closed"


def test_a_zone_counts_everybody_who_comes(stage: Stage) -> None:
    force(stage, "SF-1", BANNER, "TL.1", ("M-1", "M-2"), END)
    offer(stage, force="SF-1")
    accept(stage, "SF-1")
    stage.do(RegisterZone(by=ICP, now=at("19:12"), zone="Z", cap=1, division=BANNER))
    few = {"call_up": "CU-1", "force": "SF-1", "zone": "Z"}
    refused(stage, CheckInAtHost(by=ICP, now=at("08:00", 19), people=1, **few), RuleBroken, "callup.people")
    refused(stage, CheckInAtHost(by=ICP, now=at("08:00", 19), **few), RuleBroken, "zone.capacity")


def test_a_leader_asks_for_no_stranger(stage: Stage) -> None:
    refused(stage, RequestCertificate(by=LEADER, now=at("19:00"), volunteer="V-UNKNOWN"), NotAllowed, "callup.self")
