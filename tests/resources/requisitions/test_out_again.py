"""What was written down as given back is out still: it is asked back again, claimed for, and closed in the end (ERL-12)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from services.compensation.events.claim import ClaimWithdrawn
from services.compensation.events.decision import Manner
from services.compensation.events.ground import ClaimReconsidered, Ground, Outcome
from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.holding import NoteResponse
from services.resources.events.requisition import ReturnCorrected, ReturnDue
from services.resources.events.urgent import RequisitionHeld
from services.resources.policies.requisitions import REQUISITIONS
from shared.kernel.errors import RuleBroken
from shared.kernel.events import family, type_of
from tests.resources.requisitions.taken import give_back, refused, revoke, taken
from tests.resources.requisitions.test_returning import claimed, close, put_right
from tests.resources.world import AREA, SYS, Town, at


def response(open: bool = True, **changed: Any) -> NoteResponse:
    return NoteResponse(**{"by": SYS, "now": at("14:00"), "incident": "INC-1", "activation": "AV-1", "open": open} | changed)


def asked_back(town: Town) -> list[Any]:
    """What follows where the last response ends now."""
    town.do(response(open=False, now=at("12:00", 23)))
    return list(town.do(c.AskReturn(by=SYS, now=at("12:00", 23), requisition="RE-1", reason="the last response ended")).events)


def running(town: Town) -> list[str]:
    return [due.key for due in town.state("requisition-RE-1").clocks.open()]


def test_what_is_out_again_is_asked_back_again():
    town = taken()
    for command in (response(), give_back(), put_right()):
        town.do(command)
    assert running(town) == []
    [due] = asked_back(town)
    assert isinstance(due, ReturnDue) and [one.key for one in due.clocks] == ["K-26"] == running(town)
    assert asked_back(town) == []


def test_what_had_been_asked_back_before_it_was_out_again_is_to_go_back_promptly():
    town = taken(until=at("20:00", 25))
    for command in (response(), revoke(), give_back(), put_right()):
        town.do(command)
    assert running(town) == ["K-26"] and asked_back(town) == []


def test_an_older_log_that_left_it_out_without_a_deadline_is_asked_back_too():
    town = taken()
    for command in (response(), revoke(), give_back()):
        town.do(command)
    said = "RE-1", "INC-1", "CL-R", "found downstream", "B.ICP", "B.HQ", at("12:00", 22)
    town.past["requisition-RE-1"].append(ReturnCorrected(*said))
    town.past["held-INC-1"].append(RequisitionHeld("INC-1", "RE-1", AREA, at("12:00", 22)))
    assert asked_back(town) and running(town) == ["K-26"]


def follows(event: Any) -> list[Any]:
    """The commands that follow from what compensation says."""
    envelope: Any = SimpleNamespace(time=at("17:30", 23), division=AREA, correlationid="INC-1", id="150000.compensation:1")
    return [command for one in REQUISITIONS if family(type_of(event)) in one.listens for command in one.react(event, envelope)]


def looked_at(outcome: Outcome, ground: Ground = Ground.FIGURES) -> ClaimReconsidered:
    why = "two looked", Manner.IN_APP, ""
    return ClaimReconsidered("CL-R", "OW-1", "INC-1", outcome, ground, *why, "B.HQ", "B.HQ2", at("17:30", 23))


def test_it_is_closed_when_two_let_stand_what_was_decided_before_it_was_out_again():
    town = taken()
    for command in (give_back(), claimed(), claimed(decided=True), put_right()):
        town.do(command)
    town.do(give_back(claim=None, now=at("17:00", 23), days=None))
    assert [one.decided for one in follows(looked_at(Outcome.SET_BACK))] == [False]
    assert follows(looked_at(Outcome.STANDS, Ground.NOT_BACK)) == []
    assert refused(town, close(now=at("18:00", 23)), RuleBroken, "ERL-12")
    for command in follows(looked_at(Outcome.STANDS)):
        town.do(command)
    assert town.do(close(now=at("18:00", 23))).events


@pytest.mark.parametrize("early", [True, False])
def test_one_whose_claim_was_withdrawn_has_another_when_it_is_out_again(early: bool):
    town = taken()
    gone = follows(ClaimWithdrawn("CL-R", "OW-1", at("17:02", 20)))
    assert [(one.decided, one.withdrawn) for one in gone] == [(True, True)]
    for command in (give_back(), claimed(), *(gone if early else ()), put_right(), *(() if early else gone), *gone):
        town.do(command)
    assert not town.do(gone[0]).events
    assert "CL-R" in refused(town, give_back(now=at("17:00", 23)), RuleBroken, "claim.once")
    back, *_ = town.do(give_back(claim=None, now=at("17:00", 23), days=None)).events
    assert back.claim == "CL-RE-1.2"
    assert refused(town, close(now=at("18:00", 23)), RuleBroken, "ERL-12")
    town.do(claimed(claim="CL-RE-1.2"))
    town.do(claimed(claim="CL-RE-1.2", decided=True))
    assert town.do(close(now=at("18:00", 23))).events
