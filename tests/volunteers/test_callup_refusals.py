"""Call-ups: who is asked, who may not be, who answers for whom, and what nobody is made to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.volunteers.deciders.callups.commands import (
    AnswerCallUp,
    CancelCallUp,
    CheckInAtHost,
    DepartForHost,
    EscalateCallUpClock,
    OfferCallUp,
    OrderCallUp,
    RegisterZone,
    Rotate,
    StandDown,
    StayOnReserve,
    WithdrawFromCallUp,
)
from services.volunteers.events.callup import Answer, AnswerVia
from services.volunteers.events.validity import Cover, Valid
from services.volunteers.events.volunteer import TrainingRecorded, VolunteerCoverNoted, VolunteerPaused, VolunteerWithdrawn
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.volunteers.callup_world import (
    BANNER,
    CITY,
    CITY_HQ,
    DISTRICT,
    HQ,
    ICP,
    LEADER1,
    LEADER2,
    LINES,
    NEXT_BANNER,
    OFF,
    SYS,
    Stage,
    at,
    force,
    vol,
    volunteer,
)

LATER = "2021-12-31T23:59:59+08:00"
OFFER = OfferCallUp(
    by=OFF,
    now=at("19:00"),
    call_up="CU-1",
    incident="INC-1",
    volunteers=("V-A", "V-B"),
    quota=1,
    task="unloading",
    from_=at("08:00", 19),
    to=at("20:00", 20),
    risk_text=1,
    lines=LINES,
)


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    for name in ("V-A", "V-B", "V-C"):
        volunteer(made, name)
    force(made, "SF-1", NEXT_BANNER, "TL.1", ("M-11", "M-12"), LATER)
    force(made, "SF-2", DISTRICT, "TL.2", ("M-21",), LATER, contract_with=CITY)
    return made


def answer(name: str, said: Answer = Answer.ACCEPT, clock: str = "19:05", risk_text: int | None = 1, call_up: str = "CU-1") -> AnswerCallUp:
    return AnswerCallUp(by=vol(name), now=at(clock), call_up=call_up, answer=said, risk_text=risk_text)


def refused(stage: Stage, command, kind, rule: str, words: str = "") -> None:
    with pytest.raises(kind) as found:
        stage.do(command)
    assert found.value.rule == rule, found.value.failures
    assert words in found.value.cure, found.value.cure


# ---------------------------------------------------------------- asking


@pytest.mark.parametrize(
    ("changed", "kind", "rule"),
    [
        ({"volunteers": ("V-A", "V-X")}, NotFound, "reference"),
        ({"risk_text": None}, RuleBroken, "VSR-12"),
        ({"task": None}, RuleBroken, "VSR-12"),
        ({"from_": None}, RuleBroken, "ERL-40.1"),
        ({"to": at("07:00", 19)}, RuleBroken, "callup.period"),
        ({"from_": at("08:00", 17), "to": at("18:00", 17)}, RuleBroken, "callup.period"),
        ({"quota": 0}, RuleBroken, "callup.quota"),
        ({"volunteers": ()}, RuleBroken, "callup.who"),
    ],
)
def test_an_offer_says_everything_or_is_not_made(stage, changed, kind, rule):
    refused(stage, replace(OFFER, **changed), kind, rule)


def test_who_is_paused_is_not_asked_and_nobody_is_asked_twice(stage):
    stage.has("volunteer-V-C", VolunteerPaused("V-C", "V-C", at("09:00")))
    refused(stage, replace(OFFER, volunteers=("V-C",)), RuleBroken, "callup.callable")
    stage.do(OFFER)
    refused(stage, OFFER, WrongState, "callup.asked", "V-A has this call-up already")


def test_every_fault_of_an_offer_is_told_at_once(stage):
    with pytest.raises(RuleBroken) as found:
        stage.do(OfferCallUp(by=OFF, now=at("19:00"), call_up="CU-1", volunteers=("V-A",)))
    assert [fault.rule for fault in found.value.failures] == ["VSR-12", "VSR-12", "ERL-40.1"]


def test_only_who_is_bound_is_ordered_and_only_by_who_has_the_contract(stage):
    said = {"call_up": "CU-2", "from_": at("08:00", 19), "to": at("20:00", 19), "lines": LINES}
    refused(stage, OrderCallUp(by=HQ, now=at("18:00"), force="SF-1", **said), RuleBroken, "VSR-25", "it gets an offer")
    refused(stage, OrderCallUp(by=HQ, now=at("18:00"), force="SF-2", **said), RuleBroken, "PSER-19.1", "contract with 150700")
    refused(stage, OrderCallUp(by=HQ, now=at("18:00"), **said), RuleBroken, "PSER-19.1")
    stage.do(OrderCallUp(by=CITY_HQ, now=at("18:00"), force="SF-2", **said))
    no = AnswerCallUp(by=LEADER2, now=at("18:05"), call_up="CU-2", answer=Answer.DECLINE)
    refused(stage, no, RuleBroken, "PSER-19.1")
    stage.do(replace(no, answer=Answer.ACCEPT))
    refused(stage, WithdrawFromCallUp(by=LEADER2, now=at("18:10"), call_up="CU-2"), RuleBroken, "PSER-19.1")
    stage.do(WithdrawFromCallUp(by=CITY_HQ, now=at("18:11"), call_up="CU-2"))


def test_an_ordered_force_needs_no_host_where_who_orders_has_command_and_no_risk_text(stage):
    said = {"call_up": "CU-2", "from_": at("08:00", 19), "to": at("20:00", 19), "lines": LINES}
    stage.do(OrderCallUp(by=CITY_HQ, now=at("18:00"), force="SF-2", **said))
    told = stage.do(AnswerCallUp(by=LEADER2, now=at("18:05"), call_up="CU-2", answer=Answer.ACCEPT))
    assert told.answer["failures"] == told.answer["waits_for"] == []


# ---------------------------------------------------------------- answering


def test_a_volunteer_answers_for_themself_only_and_a_leader_for_the_own_force(stage):
    stage.do(OFFER)
    refused(stage, replace(answer("V-A"), volunteer="V-B"), NotAllowed, "callup.self")
    refused(stage, answer("V-C"), NotFound, "reference")
    stage.do(replace(OFFER, call_up="CU-2", volunteers=(), force="SF-1"))
    refused(stage, AnswerCallUp(by=LEADER2, now=at("19:05"), call_up="CU-2", answer=Answer.ACCEPT), NotAllowed, "callup.self")
    stage.do(AnswerCallUp(by=LEADER1, now=at("19:05"), call_up="CU-2", answer=Answer.ACCEPT, risk_text=1))
    assert stage.state("engagement-M-12").call_ups == ("CU-2",)


def test_a_desk_notes_an_answer_only_when_it_says_how_it_came(stage):
    stage.do(OFFER)
    noted = AnswerCallUp(by=OFF, now=at("19:05"), call_up="CU-1", volunteer="V-A", answer=Answer.ACCEPT, risk_text=1)
    refused(stage, noted, RuleBroken, "callup.channel")
    stage.do(replace(noted, channel=AnswerVia.PHONE))
    assert not stage.do(answer("V-A")).events  # the same again by themself changes nothing


def test_an_answer_is_given_once(stage):
    stage.do(OFFER)
    refused(stage, replace(answer("V-A"), answer=None), RuleBroken, "callup.answer")
    stage.do(answer("V-B", Answer.DECLINE))
    assert not stage.do(answer("V-B", Answer.DECLINE)).events
    refused(stage, answer("V-B"), WrongState, "callup.answered")
    stage.do(answer("V-A"))
    refused(stage, answer("V-A", Answer.DECLINE), WrongState, "callup.answered", "withdraw instead")


def test_nobody_is_promised_to_two_call_ups_at_the_same_time_but_may_be_to_two_after_each_other(stage):
    stage.do(OFFER)
    stage.do(replace(OFFER, call_up="CU-2", volunteers=("V-A",)))
    next_day = replace(OFFER, call_up="CU-3", volunteers=("V-A",), from_=at("20:00", 20), to=at("20:00", 21))
    stage.do(next_day)
    stage.do(answer("V-A"))
    refused(stage, answer("V-A", call_up="CU-2"), WrongState, "callup.overlap", "V-A is engaged in CU-1")
    stage.do(answer("V-A", call_up="CU-3"))


def test_who_is_silent_is_rung_once(stage):
    stage.do(OFFER)
    before = len(stage.log)
    late = EscalateCallUpClock(by=SYS, now=at("19:30"), call_up="CU-1", key="answer.V-A")
    stage.do(late)
    assert stage.types(before) == ["clock.missed", "callup.silent", "task.assigned"]
    assert not stage.do(replace(late, now=at("20:00"))).events
    stage.do(answer("V-A", clock="20:05"))  # the offer stands


# ---------------------------------------------------------------- quota, reserve, withdrawing


def test_a_place_that_becomes_free_is_offered_to_the_reserve(stage):
    stage.do(OFFER)
    stage.do(answer("V-A"))
    refused(stage, answer("V-B"), WrongState, "callup.quota", "the one place is taken, thank you")
    stage.do(StayOnReserve(by=vol("V-B"), now=at("19:10"), call_up="CU-1"))
    assert not stage.do(StayOnReserve(by=vol("V-B"), now=at("19:10"), call_up="CU-1")).events
    before = len(stage.log)
    stage.do(WithdrawFromCallUp(by=vol("V-A"), now=at("19:20"), call_up="CU-1", reason="fever"))
    assert "callup.offered" in stage.types(before)
    assert all("fever" not in repr(fact) for _, fact in stage.log)  # why is nobody's business
    assert not stage.state("engagement-V-A").call_ups
    stage.do(answer("V-B", clock="19:25"))
    assert stage.state("callup-CU-1").filled


def test_a_gate_that_fails_frees_the_place_and_a_cure_takes_it_again_or_waits(stage):
    volunteer(stage, "V-D", trained=False)
    stage.do(replace(OFFER, volunteers=("V-A", "V-D")))
    assert stage.do(answer("V-D")).answer["failures"] == ["PSER-11"]
    assert stage.state("callup-CU-1").taken == 0 and not stage.state("engagement-V-D").holds
    trained = TrainingRecorded("V-D", Valid("basic", at("08:00", 1)), None, "B.OFF", at("19:30"))
    stage.do(answer("V-A"))
    before = len(stage.log)
    stage.note("volunteer-V-D", trained, at("19:30"))
    assert "callup.reserved" in stage.types(before)  # the place went to V-A meanwhile
    refused(stage, DepartForHost(by=vol("V-D"), now=at("19:40"), call_up="CU-1"), WrongState, "callup.life")


def test_a_cure_in_time_takes_the_place(stage):
    volunteer(stage, "V-D", insured=False)
    stage.do(replace(OFFER, volunteers=("V-D",)))
    stage.do(answer("V-D"))
    cover = Cover("POL-9", at("00:00", 19), at("23:59", 20), BANNER, "rescue")
    stage.note("volunteer-V-D", VolunteerCoverNoted("V-D", cover, at("19:30")), at("19:30"))
    assert stage.state("callup-CU-1").taken == 1 and stage.state("engagement-V-D").holds
    stage.do(DepartForHost(by=vol("V-D"), now=at("20:00"), call_up="CU-1"))


def test_who_is_no_volunteer_any_more_is_promised_to_nothing(stage):
    stage.do(OFFER)
    stage.do(answer("V-A"))
    stage.note("volunteer-V-A", VolunteerWithdrawn("V-A", "V-A", at("20:00"), (), ("CU-1",)), at("20:00"))
    assert not stage.state("engagement-V-A").call_ups and stage.state("callup-CU-1").taken == 0


# ---------------------------------------------------------------- zones and the end


def arrived(stage: Stage, cap: int = 3) -> None:
    for zone in ("Z-1", "Z-2"):
        stage.do(RegisterZone(by=ICP, now=at("19:00"), zone=zone, cap=cap))
    stage.do(replace(OFFER, quota=2))
    stage.do(answer("V-A"))
    stage.do(CheckInAtHost(by=ICP, now=at("08:00", 19), call_up="CU-1", volunteer="V-A", zone="Z-1"))


def test_a_zone_takes_no_more_than_its_cap_and_gives_back_who_leaves(stage):
    arrived(stage, cap=1)
    stage.do(answer("V-B"))
    here = CheckInAtHost(by=ICP, now=at("08:05", 19), call_up="CU-1", volunteer="V-B", zone="Z-1")
    refused(stage, here, RuleBroken, "zone.capacity", "Z-1 takes 1 person, 1 is there")
    refused(stage, replace(here, zone=None), RuleBroken, "VSR-24")
    refused(stage, replace(here, zone="Z-9"), NotFound, "reference")
    refused(stage, replace(here, people=0), RuleBroken, "callup.people")
    stage.do(Rotate(by=ICP, now=at("09:00", 19), call_up="CU-1", volunteer="V-A", zone="Z-2"))
    stage.do(here)
    refused(stage, replace(here, now=at("09:05", 19)), WrongState, "callup.life")
    stage.do(WithdrawFromCallUp(by=vol("V-A"), now=at("10:00", 19), call_up="CU-1"))
    assert stage.state("zone-Z-2").people == 0 and stage.state("zone-Z-1").people == 1
    refused(stage, RegisterZone(by=ICP, now=at("10:00", 19), zone="Z-3", cap=0), RuleBroken, "zone.capacity")


def test_a_zone_of_another_incident_is_none_for_them(stage):
    """Nobody looked at their cover, skills and years for the fire there."""
    arrived(stage)
    stage.do(RegisterZone(by=ICP, now=at("19:00"), zone="Z-FIRE", cap=3, incident="INC-2"))
    stage.do(answer("V-B"))
    here = CheckInAtHost(by=ICP, now=at("08:05", 19), call_up="CU-1", volunteer="V-B", zone="Z-FIRE")
    refused(stage, here, RuleBroken, "zone.incident")
    refused(stage, Rotate(by=ICP, now=at("09:00", 19), call_up="CU-1", volunteer="V-A", zone="Z-FIRE"), RuleBroken, "zone.incident")
    assert stage.state("zone-Z-FIRE").people == 0


def test_who_answers_for_themself_was_not_rung(stage):
    stage.do(OFFER)
    for channel in (AnswerVia.PHONE, AnswerVia.PAPER):
        refused(stage, replace(answer("V-A"), channel=channel), RuleBroken, "callup.channel")
    stage.do(replace(answer("V-A"), channel=AnswerVia.LINK))


def test_a_call_up_is_called_off_before_anybody_set_out_and_stood_down_after(stage):
    stage.do(OFFER)
    stage.do(answer("V-A"))
    refused(stage, CancelCallUp(by=HQ, now=at("19:30"), call_up="CU-1"), RuleBroken, "callup.reason")
    off = CancelCallUp(by=HQ, now=at("19:30"), call_up="CU-1", reason="not needed")
    stage.do(off)
    assert not stage.state("engagement-V-A").call_ups
    refused(stage, off, WrongState, "callup.over")
    refused(stage, answer("V-B"), WrongState, "callup.over")
    arrived_stage = Stage()
    volunteer(arrived_stage, "V-A")
    volunteer(arrived_stage, "V-B")
    arrived(arrived_stage)
    refused(arrived_stage, replace(off, now=at("09:00", 19)), WrongState, "callup.life", "V-A set out already")
    arrived_stage.do(StandDown(by=ICP, now=at("12:00", 19), call_up="CU-1"))
    refused(arrived_stage, StandDown(by=ICP, now=at("12:00", 19), call_up="CU-1"), WrongState, "callup.over")
    refused(arrived_stage, replace(OFFER, volunteers=("V-B",)), WrongState, "callup.over")
