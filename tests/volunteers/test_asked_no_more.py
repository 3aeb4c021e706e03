"""Who gives up the registration is asked no more; a risk statement nobody was shown takes nothing back."""

from __future__ import annotations

from typing import Any

import pytest

from services.volunteers.deciders.callups.commands import AnswerCallUp, StayOnReserve
from services.volunteers.deciders.people.commands import EraseVolunteer, MergeVolunteers, WithdrawVolunteer
from services.volunteers.events.callup import Answer
from shared.kernel.errors import WrongState
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
    stage.do(StayOnReserve(by=vol("V-A"), now=at("19:10"), call_up="CU-1"))
    stage.do(leaving("erased"))
    assert stage.state("callup-CU-1").parties["V-A"].status == "withdrawn"


def test_an_older_risk_version_does_not_undo_an_acceptance(stage: Stage) -> None:
    accept(stage)
    assert stage.state("callup-CU-1").parties["V-A"].fit is True
    said = stage.do(AnswerCallUp(by=vol("V-A"), now=at("19:20"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=0))
    assert (said.events, said.answer["failures"]) == ([], [])
    assert stage.state("callup-CU-1").parties["V-A"].fit is True
