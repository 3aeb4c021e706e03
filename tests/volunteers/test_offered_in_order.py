"""Offers name what there is; hours and departures have an order; nobody writes down or proposes themself (VSR art. 12, 19)."""

from __future__ import annotations

from typing import Any

import pytest

from services.volunteers.deciders.callups.commands import DepartForHost, OfferCallUp
from services.volunteers.deciders.honours.commands import NominateHonour
from services.volunteers.deciders.hours.commands import CheckIn, CheckOut
from services.volunteers.events.honour import HonourKind
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.volunteers.callup_world import BANNER, LEAD, OFF, Stage, at, vol
from tests.volunteers.mended_world import APPROVER, SAID, accept, clock_in, clock_out, offer, refused, staged


@pytest.fixture
def stage() -> Stage:
    return staged()


def asked(**changed: Any) -> OfferCallUp:
    return OfferCallUp(**{"by": OFF, "now": at("19:00"), "call_up": "CU-1", **SAID, "volunteers": ("V-A",), **changed})


@pytest.mark.parametrize(
    ("changed", "rule", "field"),
    [
        ({"risk_text": 9}, "VSR-12", "risk_text"),
        ({"risk_text": 0}, "VSR-12", "risk_text"),
        ({"skills": ("flying",)}, "volunteer.skills", "skills"),
        ({"skills": ("WATER",)}, "volunteer.skills", "skills"),
        ({"wave": -7}, "callup.wave", "wave"),
        ({"from_": at("08:00", 13)}, "callup.backdated", "from"),
    ],
)
def test_an_offer_names_what_there_is(stage: Stage, changed: dict[str, Any], rule: str, field: str) -> None:
    with pytest.raises(RuleBroken) as found:
        stage.do(asked(**changed))
    assert [(one.rule, one.field) for one in found.value.failures] == [(rule, field)] and found.value.failures[0].cure


def test_all_that_is_wrong_with_an_offer_is_said_at_once(stage: Stage) -> None:
    with pytest.raises(RuleBroken) as found:
        stage.do(asked(risk_text=9, skills=("flying",), wave=-7, from_=at("08:00", 13), quota=0))
    assert len(found.value.failures) == 5


def test_a_wave_that_went_out_is_not_sent_again(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",), wave=3)
    refused(stage, asked(volunteers=("V-B",), wave=2), RuleBroken, "callup.wave")
    offer(stage, volunteers=("V-B",), wave=3)


def test_hours_do_not_count_before_somebody_was_asked(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",), to=at("20:00", 25))
    offer(stage, volunteers=("V-B",), now=at("09:00", 23), to=at("20:00", 25))
    accept(stage, "V-B", now=at("09:05", 23))
    early = CheckIn(by=LEAD, cosigner=APPROVER, now=at("10:00", 23), people=("V-B",), at=at("08:00", 19))
    refused(stage, early, RuleBroken, "callup.backdated")
    clock_in(stage, "V-B", now=at("10:00", 23))


def test_who_has_two_call_ups_sets_out_for_the_first(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    offer(stage, call_up="CU-2", volunteers=("V-A",), from_=at("08:00", 20), to=at("20:00", 20))
    accept(stage)
    accept(stage, call_up="CU-2")
    refused(stage, DepartForHost(by=vol("V-A"), now=at("20:00"), call_up="CU-2"), WrongState, "callup.overlap")
    stage.do(DepartForHost(by=vol("V-A"), now=at("20:00"), call_up="CU-1"))
    stage.do(DepartForHost(by=vol("V-A"), now=at("21:00", 19), call_up="CU-2"))


def test_nobody_writes_down_the_own_hours_or_proposes_themself(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    accept(stage)
    themself = Signature("V-A", ("TASK.lead",), BANNER, 3)
    refused(stage, CheckIn(by=themself, now=at("08:00", 19), people=("V-A",)), NotAllowed, "two.persons")
    clock_in(stage)
    refused(stage, CheckOut(by=themself, now=at("16:00", 19), people=("V-A",)), NotAllowed, "two.persons")
    clock_out(stage)
    command = Signature("V-A", ("ICP",), BANNER, 3)
    said = NominateHonour(by=command, now=at("10:00", 20), honour="H-1", kind=HonourKind.COMMENDATION, volunteer="V-A", reason="x")
    refused(stage, said, NotAllowed, "two.persons")
