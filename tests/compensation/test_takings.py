"""Property given back or lost, and agreements changed in the public interest, are claimed for without being asked (ERL-12, SEED-25)."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from services.compensation.deciders.claims.commands import ClaimCompensation, CorrectPayment, WithdrawClaim
from services.compensation.deciders.claims.state import COMPLETE, NEW
from services.compensation.policies import POLICIES
from services.resources.events.agreement import AgreementAmended, AgreementTerminated, Ground, Terms
from services.resources.events.requisition import PropertyLost, PropertyReturned
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from shared.kernel.events import family, type_of
from tests.compensation.world import FIN, NOW, OFF, OWNER, Town, assess, decide, july, money, pay, requisition, serve

RETURNED = PropertyReturned(
    "RE-1", "INC-1", "OW-1", 2, "hull damaged", (), money("650.00"), "requisition_boat", "CL-R", july(18), july(20), "B.ICP", NOW
)
LOST = PropertyLost("RE-1", "INC-1", "OW-1", 2, money("30000.00"), "sunk", "requisition_boat", "CL-R", july(18), july(20), "B.ICP", NOW)
TERMS = Terms(1000, 1, money("12.00"), 30, july(31))
ENDED = ("AG-1", "FOOD", "ENT.FOOD", "150000", Ground.PUBLIC_INTEREST, "not needed", 2, money("5000.00"), "CL-AG-1.2", "R.APP", NOW)


def follow(event: Any) -> list[Any]:
    envelope: Any = SimpleNamespace(time=NOW, division="150722", streamid="requisition-RE-1", id="150000.resources:41")
    heard = [one for one in POLICIES if family(type_of(event)) in one.listens]
    return [command for one in heard for command in one.react(event, envelope)]


def test_what_comes_back_damaged_is_assessed_decided_and_paid_like_any_other_claim():
    (command,) = follow(RETURNED)
    assert isinstance(command, ClaimCompensation)
    town = Town()
    opened, *_ = town.do(command).events
    assert opened.missing == () and (opened.payer, opened.claimant, opened.item) == ("150722", "OW-1", "RE-1")
    assessed, *_ = town.do(assess(claim="CL-R", amount=money("1450.0"))).events
    assert assessed.computed == assessed.amount == money("1450.00")
    assert [(line.code, line.amount) for line in assessed.lines] == [("days", money("800.00")), ("damage", money("650.00"))]
    town.do(decide(claim="CL-R", amount=money("1450.0"), remedy="review within 60 days"))
    town.do(serve(claim="CL-R"))
    assert town.do(pay(claim="CL-R", amount=money("1450.0"))).events[0].amount == money("1450.00")
    assert not town.do(command).events


def test_an_incident_that_compensation_has_not_heard_of_yet_loses_no_claim():
    (command,) = follow(RETURNED)
    assert Town(incidents=()).do(command).events
    with pytest.raises(RuleBroken):
        Town(incidents=()).do(requisition(by=OFF, on_behalf="cannot write"))


def test_undamaged_property_is_paid_for_by_its_days():
    (command,) = follow(replace(RETURNED, damage=money("0.00")))
    opened, *_ = Town().do(command).events
    assert opened.missing == () and opened.figures.days == 2 and [one.kind for one in opened.evidence] == ["requisition_certificate"]


def test_what_was_lent_is_paid_for_by_its_damage_alone():
    (command,) = follow(replace(RETURNED, tariff=""))
    opened, *_ = Town().do(command).events
    assert (opened.figures.days, opened.figures.damage) == (0, money("650.00"))
    (whole,) = follow(replace(RETURNED, tariff="", damage=money("0.00"), claim=None))
    assert not Town().do(whole).events


def test_a_loss_waits_for_its_valuation():
    (command,) = follow(LOST)
    decided = Town().do(command)
    assert decided.flags == ("A-INCOMPLETE",) and decided.events[0].missing == ("valuation",)
    assert decided.events[0].figures.loss == money("30000.00")


def test_a_requisition_is_claimed_for_once():
    (command,) = follow(RETURNED)
    town = Town()
    town.do(requisition(by=OFF, claim="CL-OWN", on_behalf="cannot write"))
    town.do(command)
    assert town.claim("CL-R").status == NEW and town.claim("CL-OWN").status == COMPLETE


@pytest.mark.parametrize(
    "event",
    [AgreementTerminated(*ENDED), AgreementAmended(*ENDED[:4], TERMS, *ENDED[4:])],
)
def test_an_agreement_changed_in_the_public_interest_opens_a_claim_of_the_supplier(event: Any):
    (command,) = follow(event)
    opened, *_ = Town().do(command).events
    assert (opened.claimant, opened.item, opened.figures.loss) == ("ENT.FOOD", "AG-1.2", money("5000.00"))
    assert opened.missing == ("valuation",)
    assert not follow(replace(event, claim=None))


SECOND = replace(FIN, actor="FIN.2")
STRANGER = replace(OWNER, actor="OW-2")
ANOTHERS: tuple[dict[str, Any], ...] = (
    {"by": STRANGER, "claimant": "OW-2", "item": "RE-2"},  # by mistake or not, under the same id
    {"by": STRANGER, "claimant": "OW-2"},  # the owner's own thing
    {"item": "RE-7"},  # the owner's, for another thing
)


@pytest.mark.parametrize("before", ANOTHERS)
def test_whoever_took_the_id_before_the_owner_has_a_claim(before: dict[str, Any]):
    (command,) = follow(RETURNED)
    town = Town()
    town.do(requisition(**before))
    opened, *_ = town.do(command).events
    assert opened.claim.startswith("SYS-") and (opened.claimant, opened.item, opened.missing) == ("OW-1", "RE-1", ())
    assert not town.do(command).events, "a repeat finds it"
    town.do(assess(claim=opened.claim))
    town.do(decide(claim=opened.claim))
    town.do(serve(claim=opened.claim))
    assert town.do(pay(claim=opened.claim)).events[0].amount == money("1450.00")


def test_what_the_owner_gave_up_too_early_is_claimed_when_it_comes_back():
    (command,) = follow(RETURNED)
    town = Town()
    town.do(requisition())
    town.do(WithdrawClaim(by=OWNER, now=NOW, claim="CL-R"))
    assert town.do(command).events[0].claimant == "OW-1"


def test_what_the_owner_gave_up_afterwards_stays_given_up():
    (command,) = follow(RETURNED)
    town = Town()
    town.do(command)
    town.do(WithdrawClaim(by=OWNER, now=NOW, claim="CL-R"))
    assert not town.do(command).events


def test_whose_it_was_is_said_by_the_fact_and_not_by_who_claims_first():
    (command,) = follow(RETURNED)
    town = Town()
    town.do(requisition(by=STRANGER, claimant="OW-2", claim="CL-2"))
    decided = town.do(command)
    assert decided.events[0].claimant == "OW-1" and decided.flags == ("Q-TRIAGE",)
    with pytest.raises(WrongState) as refusal:
        town.do(assess(claim="CL-2"))
    assert refusal.value.rule == "claim.once" and "CL-R" in refusal.value.cure
    town.do(WithdrawClaim(by=STRANGER, now=NOW, claim="CL-2"))
    assert town.do(assess(claim="CL-R")).events


def contested(*done: Any) -> tuple[Town, str]:
    """A stranger claimed and came so far before the system's claim was opened; that one was served."""
    (command,) = follow(RETURNED)
    town = Town()
    town.do(requisition(by=STRANGER, claimant="OW-2", claim="CL-2"))
    for step in done:
        town.do(step(claim="CL-2"))
    opened, *_ = town.do(command).events
    for step in (assess, decide, serve):
        town.do(step(claim=opened.claim))
    return town, opened.claim


@pytest.mark.parametrize(("done", "then"), [((assess,), decide), ((assess, decide), None), ((assess, decide, serve), pay)])
def test_what_showed_to_be_anothers_is_neither_decided_nor_paid(done: Any, then: Any):
    town, own = contested(*done)
    if then is None:
        town.do(serve(claim="CL-2"))
    with pytest.raises(WrongState) as refusal:
        town.do((then or pay)(claim="CL-2"))
    assert refusal.value.rule == "claim.once" and own in refusal.value.cure
    assert town.do(pay(claim=own)).events


def test_what_was_paid_to_another_is_paid_again_only_by_two_who_looked_at_it():
    town, own = contested(assess, decide, serve, pay)
    with pytest.raises(NotAllowed) as refusal:
        town.do(pay(claim=own))
    assert refusal.value.rule == "two.persons" and "CL-2" in refusal.value.cure
    back = CorrectPayment(by=FIN, cosigner=SECOND, now=NOW, claim="CL-2", amount=money("1450.00"), reason="not theirs")
    town.do(back)
    assert town.do(pay(claim=own)).events
    other, own = contested(assess, decide, serve, pay)
    assert other.do(pay(claim=own, cosigner=SECOND)).events


def test_a_claim_of_other_days_keeps_what_it_has():
    (command,) = follow(RETURNED)
    town = Town()
    town.do(requisition(by=STRANGER, claimant="OW-2", claim="CL-2", since=command.since, until=command.until))
    town.do(requisition(by=STRANGER, claimant="OW-2", claim="CL-3", since=july(1), until=july(2)))
    town.do(command)
    town.do(assess(claim="CL-3"))
    with pytest.raises(WrongState):
        town.do(assess(claim="CL-2"))


def test_nobody_names_an_id_of_the_system():
    with pytest.raises(RuleBroken) as refusal:
        Town().do(requisition(claim="SYS-0123456789abcdef"))
    assert refusal.value.rule == "claim.id"
