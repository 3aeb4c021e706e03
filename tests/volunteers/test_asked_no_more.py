"""Who gives up the registration is asked no more; a risk statement nobody was shown takes nothing back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.volunteers.deciders.callups.commands import AnswerCallUp, StayOnReserve
from services.volunteers.deciders.people.commands import EraseVolunteer, MergeVolunteers, WithdrawVolunteer
from services.volunteers.events.callup import Answer
from shared.kernel.errors import RuleBroken, WrongState
from tests.volunteers.callup_world import LEAD, OFF, Stage, at, vol, volunteer
from tests.volunteers.mended_world import accept, offer, refused


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    for name in ("V-A", "V-B", "V-C"):
        volunteer(made, name)
    offer(made, volunteers=("V-A", "V-B"))
    return made


def leaving(kind: str) -> Any:
    if kind == "withdrawn":
        return WithdrawVolunteer(by=vol("V-A"), now=at("19:20"), volunteer="V-A")
    if kind == "erased":
        return EraseVolunteer(by=vol("V-A"), now=at("19:20"), volunteer="V-A")
    return MergeVolunteers(by=OFF, cosigner=LEAD, now=at("19:20"), volunteer="V-A", into="V-C", reason="one paper")


@pytest.mark.parametrize("kind", ["withdrawn", "erased", "merged"])
def test_an_open_offer_ends_with_the_registration(stage: Stage, kind: str) -> None:
    stage.do(leaving(kind))
    assert stage.state("volunteer-V-A").status == kind
    parties = stage.state("callup-CU-1").parties
    assert (parties["V-A"].status, parties["V-B"].status) == ("closed", "asked")
    assert not stage.state("callup-CU-1").clocks.runs("answer.V-A")
    late = {"now": at("19:25"), "call_up": "CU-1"}
    refused(stage, AnswerCallUp(by=vol("V-A"), answer=Answer.ACCEPT, risk_text=1, **late), WrongState, "callup.callable")
    refused(stage, StayOnReserve(by=vol("V-A"), **late), WrongState, "callup.callable")


def test_who_is_on_reserve_is_asked_no_more_either(stage: Stage) -> None:
    offer(stage, volunteers=("V-C",), quota=1)
    accept(stage, "V-C")
    stage.do(StayOnReserve(by=vol("V-A"), now=at("19:10"), call_up="CU-1"))
    assert stage.state("callup-CU-1").parties["V-A"].status == "on reserve"
    stage.do(leaving("erased"))
    assert stage.state("callup-CU-1").parties["V-A"].status == "withdrawn"


def test_who_asks_to_stay_on_the_list_while_a_place_is_free_is_asked_at_once(stage: Stage) -> None:
    stage.do(AnswerCallUp(by=vol("V-A"), now=at("19:08"), call_up="CU-1", volunteer="V-A", answer=Answer.DECLINE))
    stage.do(StayOnReserve(by=vol("V-A"), now=at("19:10"), call_up="CU-1"))
    assert stage.state("callup-CU-1").parties["V-A"].status == "asked"


def test_nobody_accepts_work_that_is_over_or_comes_after_it(stage: Stage) -> None:
    ends = stage.state("callup-CU-1").until
    said = {"call_up": "CU-1", "volunteer": "V-A", "answer": Answer.ACCEPT, "risk_text": 1}
    refused(stage, AnswerCallUp(by=vol("V-A"), now=at("19:10"), eta=ends + timedelta(minutes=1), **said), RuleBroken, "callup.eta")
    refused(stage, AnswerCallUp(by=vol("V-A"), now=ends, **said), WrongState, "callup.over")
    refused(stage, StayOnReserve(by=vol("V-A"), now=ends, call_up="CU-1"), WrongState, "callup.over")
    stage.do(AnswerCallUp(by=vol("V-A"), now=ends, **{**said, "answer": Answer.DECLINE}))


def test_an_older_risk_version_does_not_undo_an_acceptance(stage: Stage) -> None:
    accept(stage)
    assert stage.state("callup-CU-1").parties["V-A"].fit is True
    said = stage.do(AnswerCallUp(by=vol("V-A"), now=at("19:20"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=0))
    assert (said.events, said.answer["failures"]) == ([], [])
    assert stage.state("callup-CU-1").parties["V-A"].fit is True
