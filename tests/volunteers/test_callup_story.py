"""The call-ups and hours of the acceptance story, step by step, over deciders and policies alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from services.volunteers.deciders.callups.arriving import RegisterSelfArrival
from services.volunteers.deciders.callups.commands import (
    AcceptHostCommand,
    AnswerCallUp,
    CheckInAtHost,
    DepartForHost,
    OfferCallUp,
    OrderCallUp,
    RegisterZone,
    StandDown,
    WithdrawFromCallUp,
)
from services.volunteers.deciders.hours.commands import CheckIn, CheckOut, CorrectHours, IssueCertificate
from services.volunteers.deciders.hours.state import hours
from services.volunteers.events.callup import Answer, CallUpSettled
from services.volunteers.events.force import ForceCoverNoted
from services.volunteers.events.service import CertificateIssued
from services.volunteers.events.validity import Cover
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.volunteers.callup_world import (
    CITY,
    CITY_HQ,
    DISTRICT,
    HQ,
    ICP,
    LEAD,
    LEADER1,
    LEADER2,
    LINES,
    NEXT_BANNER,
    OFF,
    OTHER_HQ,
    TOWN,
    Stage,
    at,
    force,
    vol,
    volunteer,
)

ONES, TWOS = ("M-11", "M-12", "M-13", "M-14"), ("M-21", "M-22", "M-23")
COUNTED = {"V-A": "19.5", "V-C": "22", "V-F": "14", "V-G": "5.25", **dict.fromkeys(ONES, "22"), **dict.fromkeys(TWOS, "14")}


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    force(made, "SF-1", NEXT_BANNER, "TL.1", ONES, "2021-12-31T23:59:59+08:00")
    force(made, "SF-2", DISTRICT, "TL.2", TWOS, "2021-07-19T23:59:59+08:00", contract_with=CITY)
    for name in ("V-A", "V-B", "V-C", "V-F", "V-G", "V-H", "V-J"):
        volunteer(made, name)
    volunteer(made, "V-D", trained=False, insured=False)
    volunteer(made, "V-E", adult=False, insured=False)
    for zone, cap in (("Z-1", 6), ("Z-2", 10)):
        made.do(RegisterZone(by=HQ, now=at("08:00"), zone=zone, cap=cap, incident="INC-1"))
    return made


def forces_called(stage: Stage) -> None:
    said = {"call_up": "CU-1", "incident": "INC-1", "force": "SF-1", "from_": at("06:00", 19), "to": at("20:00", 20), "risk_text": 1}
    stage.do(OfferCallUp(by=HQ, now=at("17:35"), **said, lines=LINES))
    told = stage.do(AnswerCallUp(by=LEADER1, now=at("17:50"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1))
    assert told.answer["failures"] == [] and told.answer["waits_for"] == ["ERL-39.3"]
    assert stage.types()[-1] != "callup.eligibility_passed"
    stage.do(AcceptHostCommand(by=ICP, now=at("17:55"), call_up="CU-1"))
    assert stage.types()[-1] == "callup.eligibility_passed"
    ordered = {"call_up": "CU-2", "incident": "INC-1", "force": "SF-2", "from_": at("14:00", 19), "to": at("20:00", 20)}
    stage.do(OrderCallUp(by=CITY_HQ, now=at("18:00"), **ordered, lines=LINES))


def sf2_cured(stage: Stage) -> None:
    told = stage.do(AnswerCallUp(by=LEADER2, now=at("18:10"), call_up="CU-2", answer=Answer.ACCEPT, risk_text=1))
    assert told.answer["failures"] == ["ERL-40.1"] and told.answer["gap"] == "2021-07-20"
    assert "callup.eligibility_failed" in stage.types()
    with pytest.raises(RuleBroken, match="POL-SF-2 ends on 2021-07-19, the deployment on 2021-07-20") as refused:
        stage.do(DepartForHost(by=LEADER2, now=at("18:30"), call_up="CU-2"))
    assert refused.value.rule == "ERL-40.1"
    before = len(stage.log)
    cover = Cover("POL-SF-2", at("00:00", 1), at("23:59", 31), CITY, "rescue")
    stage.note("force-SF-2", ForceCoverNoted("SF-2", cover, at("18:50")), at("18:50"))
    assert "callup.eligibility_passed" in stage.types(before)


def volunteers_called(stage: Stage) -> None:
    with pytest.raises(RuleBroken, match="V-E is a minor; offer without V-E") as refused:
        stage.do(OfferCallUp(by=OFF, now=at("19:00"), call_up="CU-3", wave=1, volunteers=("V-A", "V-B", "V-C", "V-D", "V-E"), lines=LINES))
    assert refused.value.rule == "ERL-39.2"
    said = {"incident": "INC-1", "wave": 1, "quota": 4, "task": "shelter and unloading", "risk_text": 1}
    period = {"from_": at("08:00", 19), "to": at("20:00", 20)}
    first = ("V-A", "V-B", "V-C", "V-D")
    stage.do(OfferCallUp(by=OFF, now=at("19:01"), call_up="CU-3", volunteers=first, lines=LINES, **said, **period))
    for name in ("V-A", "V-C"):
        assert accept(stage, name, "19:05").answer["failures"] == []
    stage.do(AnswerCallUp(by=vol("V-B"), now=at("19:06"), call_up="CU-3", volunteer="V-B", answer=Answer.DECLINE))
    assert accept(stage, "V-D", "19:12").answer["failures"] == ["ERL-40.1", "PSER-11"]
    with pytest.raises(RuleBroken) as refused:
        stage.do(DepartForHost(by=vol("V-D"), now=at("19:25"), call_up="CU-3", volunteer="V-D"))
    assert refused.value.rule == "ERL-40.1"
    assert "both failures listed: no insurance (ERL-40.1), no training (PSER-11)" in refused.value.cure
    second = ("V-F", "V-G", "V-H", "V-J")
    stage.do(OfferCallUp(by=OFF, now=at("19:35"), call_up="CU-3", wave=2, volunteers=second, risk_text=1, lines=LINES))
    accept(stage, "V-F", "19:44")
    before = len(stage.log)
    accept(stage, "V-G", "19:44")
    assert stage.types(before)[-3:] == ["callup.quota_filled", "callup.offer_closed", "callup.offer_closed"]


def accept(stage: Stage, name: str, clock: str):
    return stage.do(AnswerCallUp(by=vol(name), now=at(clock), call_up="CU-3", volunteer=name, answer=Answer.ACCEPT, risk_text=1))


def test_the_story_from_the_first_offer_to_the_certificates(stage):
    forces_called(stage)
    with pytest.raises(RuleBroken, match="volunteers get an offer") as refused:
        stage.do(OrderCallUp(by=CITY_HQ, now=at("18:05"), call_up="CU-9", incident="INC-1", volunteer="V-A"))
    assert refused.value.rule == "VSR-25"
    sf2_cured(stage)
    volunteers_called(stage)
    with pytest.raises(WrongState, match="the four places are taken, thank you") as late:
        accept(stage, "V-H", "19:52")
    assert late.value.rule == "callup.quota"
    with pytest.raises(WrongState, match="V-F is engaged in CU-3") as twice:
        said = {"call_up": "CU-4", "incident": "INC-1", "volunteers": ("V-F",), "from_": at("10:00", 19), "to": at("18:00", 19)}
        stage.do(OfferCallUp(by=OTHER_HQ, now=at("19:55"), **said, lines=LINES))
    assert twice.value.rule == "callup.overlap"
    stage.do(DepartForHost(by=LEADER1, now=at("20:00"), call_up="CU-1"))
    stage.do(DepartForHost(by=LEADER2, now=at("20:00"), call_up="CU-2"))
    _first_day(stage)
    _second_day(stage)
    _settled(stage)


def _first_day(stage: Stage) -> None:
    arrived = stage.do(CheckInAtHost(by=ICP, now=at("05:50", 19), call_up="CU-1", zone="Z-1", people=4))
    assert len(arrived.events) == 3
    work = {"by": LEAD, "incident": "INC-1"}
    stage.do(CheckIn(**work, now=at("06:00", 19), people=ONES))
    stage.do(CheckIn(**work, now=at("08:00", 19), people=("V-A", "V-C")))
    walk_in = stage.do(RegisterSelfArrival(by=LEAD, now=at("09:15", 19), volunteer="V-K", incident="INC-1"))
    assert walk_in.flags == ("A-INCOMPLETE",) and stage.types()[-1] == "task.assigned"
    with pytest.raises(RuleBroken, match="Z-1 takes 6 people, 4 are there") as full:
        stage.do(CheckInAtHost(by=ICP, now=at("13:50", 19), call_up="CU-2", zone="Z-1", people=3))
    assert full.value.rule == "zone.capacity"
    stage.do(CheckInAtHost(by=ICP, now=at("13:52", 19), call_up="CU-2", zone="Z-2", people=3))
    stage.do(CheckIn(**work, now=at("14:00", 19), people=("V-F", "V-G", *TWOS)))
    twice = stage.do(CheckIn(by=TOWN, now=at("15:00", 19), incident="INC-1", people=("V-A",), task="another task"))
    assert twice.flags == ("Q-TRIAGE",) and len(twice.events) == 1
    stage.do(CheckOut(**work, now=at("18:00", 19), people=("V-A", *ONES)))
    stage.do(WithdrawFromCallUp(by=vol("V-G"), now=at("19:10", 19), call_up="CU-3", volunteer="V-G", reason="unwell"))
    stage.do(CheckOut(**work, now=at("19:15", 19), people=("V-G",)))
    stage.do(CheckOut(**work, now=at("20:00", 19), people=("V-C", "V-F", *TWOS)))


def _second_day(stage: Stage) -> None:
    work = {"by": LEAD, "incident": "INC-1"}
    with pytest.raises(RuleBroken, match="6 h since the last shift, 8 h needed: from 04:00") as tired:
        stage.do(CheckIn(by=LEAD, now=at("02:00", 20), call_up="CU-3", people=("V-C",)))
    assert tired.value.rule == "rest.time"
    stage.do(CheckIn(**work, now=at("06:00", 20), people=("V-C", *ONES)))
    stage.do(CheckIn(**work, now=at("08:00", 20), people=("V-A", "V-F", *TWOS)))
    stage.do(CheckOut(**work, now=at("16:00", 20), people=("V-C", "V-F", *ONES, *TWOS)))
    forgotten = CorrectHours(by=LEAD, now=at("21:00", 20), volunteer="V-A", open_shift_ended=at("17:30", 20), reason="check-out forgotten")
    with pytest.raises(NotAllowed, match="second person") as alone:
        stage.do(forgotten)
    assert alone.value.rule == "two.persons"
    assert len(stage.do(replace(forgotten, cosigner=OFF)).events) == 1


def _settled(stage: Stage) -> None:
    for call_up in ("CU-1", "CU-2", "CU-3"):
        before = len(stage.log)
        stage.do(StandDown(by=ICP, now=at("14:00", 21), call_up=call_up))
        assert {"callup.stood_down", "callup.checked_out", "callup.settled"} <= set(stage.types(before))
    settled = [fact for _, fact in stage.log if isinstance(fact, CallUpSettled)]
    assert sorted(fact.holder for fact in settled) == ["SF-1", "SF-2", "V-A", "V-C", "V-F", "V-G"]
    by_person = {}
    for fact in settled:
        for day in fact.days:
            by_person[day.person] = by_person.get(day.person, 0) + day.minutes
    assert {person: hours(minutes) for person, minutes in by_person.items()} == {p: Decimal(h) for p, h in COUNTED.items()}
    assert hours(sum(by_person.values())) == Decimal("190.75")
    assert not any(stage.state(f"engagement-{name}").call_ups for name in (*COUNTED, "SF-1", "SF-2", "V-D"))
    assert stage.state("zone-Z-1").people == stage.state("zone-Z-2").people == 0
    given = {"certificate": "VC-1", "check": "ABCD"}
    with pytest.raises(RuleBroken, match=r"the ledger has 19\.5 h") as wrong:
        stage.do(IssueCertificate(by=OFF, now=at("15:00", 21), **given, volunteer="V-A", hours=Decimal(25)))
    assert wrong.value.rule == "VSR-19"
    for n, name in enumerate(("V-A", "V-C", "V-F", "V-G")):
        number = given | {"certificate": f"VC-{n}"}
        told = stage.do(IssueCertificate(by=OFF, now=at("15:05", 21), **number, volunteer=name, hours=Decimal(COUNTED[name])))
        assert isinstance(told.events[0][1], CertificateIssued)
