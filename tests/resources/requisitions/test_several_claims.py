"""A requisition may have several claims of its owner: it is closed once none of them is still to be decided (ERL-12)."""

from __future__ import annotations

from typing import Any

import pytest

from services.compensation.events.appeal import AppealOutcome, AppealResultRecorded
from services.compensation.events.claim import ClaimOpened, ClaimWithdrawn
from services.compensation.events.decision import Manner
from services.compensation.events.figures import NOTHING_STATED, ClaimKind, Figures
from services.compensation.events.ground import ClaimDoubted, ClaimReconsidered, ClaimRestated, Ground, Outcome
from services.resources.deciders.streams import claim_for
from services.resources.events.requisition import CompensationNoted, RequisitionClaimed
from shared.kernel.commands import PUBLIC_ID
from shared.kernel.errors import RuleBroken
from tests.resources.requisitions.taken import borrow, give_back, open_town, refused, taken
from tests.resources.requisitions.test_out_again import follows
from tests.resources.requisitions.test_returning import claimed, close, put_right
from tests.resources.world import AREA, Town, at

SOON = at("17:30", 20)


def heard(town: Town, *events: Any) -> Town:
    """What compensation says, and whatever follows from it; said again it changes nothing."""
    for event in events:
        commands = follows(event)
        assert commands
        for command in commands:
            town.do(command)
            assert not town.do(command).events
    return town


def opened(claim: str, instead_of: str | None = None, claimant: str = "OW-1") -> ClaimOpened:
    what = claim, ClaimKind.REQUISITION, claimant, "INC-1", "RE-1", (), Figures(), None, (), (), False, None, None, "", claimant, AREA, SOON
    return ClaimOpened(*what, instead_of=instead_of)


def told(claim: str, instead_of: str | None = None, **changed: Any) -> ClaimRestated:
    link: dict[str, Any] = {"kind": ClaimKind.REQUISITION, "claimant": "OW-1", "item": "RE-1", "instead_of": instead_of} | changed
    return ClaimRestated(claim, NOTHING_STATED, (), (), (), SOON, **link)


def doubted(claim: str) -> ClaimDoubted:
    return ClaimDoubted(claim, "OW-1", "INC-1", Ground.FIGURES, "150000.resources:41", SOON)


def stands(claim: str) -> ClaimReconsidered:
    why = "two looked", Manner.IN_APP, ""
    return ClaimReconsidered(claim, "OW-1", "INC-1", Outcome.STANDS, Ground.FIGURES, *why, "B.HQ", "B.HQ2", SOON)


def decided(town: Town, claim: str) -> Town:
    town.do(claimed(decided=True, claim=claim))
    return town


def shown(town: Town) -> tuple[str | None, tuple[str, ...], bool]:
    state = town.state("requisition-RE-1")
    return state.claim, state.undecided, state.decided


def test_a_second_claim_that_is_withdrawn_decides_nothing_of_the_first():
    town = taken()
    town.do(give_back())
    heard(town, opened("CL-R"), opened("CL-OWN"))
    assert shown(town) == ("CL-R", ("CL-R", "CL-OWN"), False)
    heard(town, ClaimWithdrawn("CL-OWN", "OW-1", SOON))
    assert "CL-R" in refused(town, close(), RuleBroken, "ERL-12") and shown(town) == ("CL-R", ("CL-R",), False)
    decided(town, "CL-R")
    assert town.do(close()).events and shown(town) == ("CL-R", (), True)


@pytest.mark.parametrize("first", ["CL-R", "CL-OWN"])
def test_whichever_is_decided_first_the_other_is_waited_for(first: str):
    town = taken()
    town.do(give_back())
    heard(town, opened("CL-R"), opened("CL-OWN"))
    other = "CL-OWN" if first == "CL-R" else "CL-R"
    decided(town, first)
    assert other in refused(town, close(), RuleBroken, "ERL-12") and shown(town) == ("CL-R", (other,), False)
    decided(town, other)
    assert town.do(close()).events


def paid_while_out() -> Town:
    """The owner claimed by themself, and was paid, before it came back."""
    town = taken()
    heard(town, opened("CL-OWN"))
    decided(town, "CL-OWN")
    town.do(give_back())
    return town


def test_what_was_paid_while_it_was_out_is_looked_at_and_then_it_is_closed():
    town = paid_while_out()
    assert "CL-R" in refused(town, close(), RuleBroken, "ERL-12")
    heard(town, doubted("CL-OWN"), told("CL-OWN", "CL-R"))
    assert shown(town) == ("CL-OWN", ("CL-OWN",), False)
    assert "CL-OWN" in refused(town, close(), RuleBroken, "ERL-12")
    heard(town, stands("CL-OWN"))
    assert town.do(close()).events


def test_a_claim_that_was_made_before_the_requisition_was_known_is_heard_of_when_it_is_told():
    town = taken()
    town.do(give_back())
    kept, noted = town.do(follows(told("CL-OWN", "CL-R"))[0]).events
    assert isinstance(kept, RequisitionClaimed) and isinstance(noted, CompensationNoted) and noted.undecided == ("CL-OWN",)
    assert not follows(told("CL-X", kind=ClaimKind.AGREEMENT)) and not follows(told("CL-OLD", kind=None, claimant="", item=None))
    assert not town.do(follows(told("CL-2", claimant="OW-2"))[0]).events, "a stranger's"


def test_the_claim_that_was_opened_under_another_id_is_the_one_that_is_waited_for():
    town = taken()
    town.do(give_back())
    heard(town, opened("SYS-1", "CL-R"))
    assert shown(town) == ("SYS-1", ("SYS-1",), False)
    decided(town, "SYS-1")
    assert town.do(close()).events


def test_a_decision_that_is_doubted_or_annulled_is_none():
    town = taken()
    town.do(give_back())
    heard(town, opened("CL-R"))
    decided(town, "CL-R")
    result = "CL-R", AppealOutcome.ANNULLED, None, "0" * 64, False, "B.GOV", SOON
    for event in (doubted("CL-R"), AppealResultRecorded(*result)):
        heard(town, event)
        assert refused(town, close(), RuleBroken, "ERL-12")
        decided(town, "CL-R")
    assert not follows(AppealResultRecorded("CL-R", AppealOutcome.UPHELD, *result[2:]))
    assert town.do(close()).events


def test_what_was_lent_and_came_back_whole_waits_for_what_the_owner_claims():
    town = open_town()
    town.do(borrow())
    heard(town, opened("CL-OWN"))
    town.do(give_back(damage=None, condition="good", claim=None))
    assert shown(town) == ("CL-OWN", ("CL-OWN",), False) and refused(town, close(), RuleBroken, "ERL-12")
    decided(town, "CL-OWN")
    assert town.do(close()).events


def test_out_again_the_next_return_names_the_claim_that_stands_in_for_what_the_first_one_named():
    town = open_town()
    town.do(borrow())
    for command in (give_back(claim="CL-Z"), put_right()):
        town.do(command)
    heard(town, opened("SYS-1", "CL-Z"))
    assert town.state("requisition-RE-1").again == "SYS-1"
    heard(town, doubted("SYS-1"), ClaimWithdrawn("SYS-1", "OW-1", SOON))
    back, *_ = town.do(give_back(damage=None, condition="good", claim=None, now=at("17:00", 23), days=None)).events
    assert back.claim is None and town.do(close(now=at("18:00", 23))).events, "nobody has a claim under the id of the first"


def test_out_again_with_two_claims_it_waits_for_both():
    town = taken()
    town.do(give_back())
    heard(town, opened("CL-R"), opened("CL-OWN"))
    for claim in ("CL-R", "CL-OWN"):
        decided(town, claim)
    town.do(put_right())
    heard(town, doubted("CL-R"), doubted("CL-OWN"))
    assert shown(town) == ("CL-R", ("CL-R", "CL-OWN"), False)
    town.do(give_back(claim=None, now=at("17:00", 23), days=None))
    heard(town, told("CL-R"), told("CL-OWN"), stands("CL-R"))
    assert "CL-OWN" in refused(town, close(now=at("18:00", 23)), RuleBroken, "ERL-12")
    heard(town, stands("CL-OWN"))
    assert town.do(close(now=at("18:00", 23))).events


def test_facts_of_before_say_of_all_claims_what_they_say():
    town = taken()
    town.do(give_back())
    old = town.past["requisition-RE-1"]
    old += [CompensationNoted("RE-1", "INC-1", "CL-R", False, SOON), CompensationNoted("RE-1", "INC-1", "CL-OWN", False, SOON)]
    assert shown(town) == ("CL-OWN", ("CL-R", "CL-OWN"), False) and refused(town, close(), RuleBroken, "ERL-12")
    old.append(CompensationNoted("RE-1", "INC-1", "CL-OWN", True, SOON))
    assert shown(town) == ("CL-OWN", (), True) and town.do(close()).events


def test_the_claim_for_a_thing_with_a_long_id_can_be_named():
    long = "R" * 64
    town = open_town()
    town.do(borrow(long))
    back, *_ = town.do(give_back(long, claim=None)).events
    assert PUBLIC_ID.fullmatch(back.claim) and back.claim == claim_for(long) != claim_for(long[1:] + "S")
