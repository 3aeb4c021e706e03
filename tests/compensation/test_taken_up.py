"""What a fact says of a thing somebody claims for already is taken up: by their claim, by the system's, or its event is parked (ERL-12)."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from services.compensation.deciders.claims.commands import AddEvidence, FileAppeal, Proof, ReassessClaim, WithdrawClaim
from services.compensation.deciders.claims.opening import NotTakenUp
from services.compensation.deciders.claims.state import ASSESSED, COMPLETE, NEW, OPENED, PAID, REOPENED, WITHDRAWN
from services.compensation.events.claim import ClaimOpened
from services.compensation.events.ground import ClaimDoubted, ClaimRestated, Ground
from services.compensation.events.ground import Outcome as Become
from services.compensation.policies import POLICIES
from services.compensation.projections.claims import Claims, shown
from services.resources.events.agreement import AgreementTerminated
from shared.kernel.errors import WrongState
from shared.kernel.events import family, type_of
from tests.compensation.test_reconsidering import AGAIN, OUT, reconsider, refused
from tests.compensation.test_takings import ANOTHERS, ENDED, LOST, RETURNED, STRANGER
from tests.compensation.test_walks import Held
from tests.compensation.world import DIGEST, NOW, OFF, OWNER, RULES, Town, assess, decide, july, money, pay, requisition, serve
from tests.rulebook import FakeRules

LOOK, DECIDE, PAY = "claim.look_wait", "K-27", "claim.pay_wait"
FIRST, SECOND = "150000.resources:41", "150000.resources:57"


def said(fact: Any, id: str = FIRST) -> Any:
    """The command that follows from a fact of resources."""
    envelope: Any = SimpleNamespace(time=NOW, division="150722", streamid="requisition-RE-1", id=id)
    (command,) = [made for one in POLICIES if family(type_of(fact)) in one.listens for made in one.react(fact, envelope)]
    return command


def owned(*steps: Any, **changed: Any) -> Town:
    """The owner claimed by themself while the thing was out, and this became of it."""
    town = Town()
    town.do(requisition(**{"claim": "CL-OWN", "damage": money("0")} | changed))
    for step in steps:
        town.do(step(claim="CL-OWN"))
    return town


def told(town: Town, fact: Any = RETURNED, id: str = FIRST) -> dict[type[Any], Any]:
    """What came of the fact, by its class; said once more it changes nothing."""
    command = said(fact, id)
    events = town.do(command).events
    assert not town.do(command).events
    return {type(one): one for one in events}


def test_the_owners_claim_keeps_what_they_stated_and_what_the_return_says_stands_beside_it():
    town = owned()
    again = told(town)[ClaimRestated]
    assert (again.claim, again.instead_of, again.item, again.claimant) == ("CL-OWN", "CL-R", "RE-1", "OW-1")
    assert again.figures.damage == 0 and again.otherwise.figures.damage == money("650.00")
    assert [one.document for one in again.evidence] == [FIRST, FIRST] and town.claim("CL-R").status == NEW
    assert town.claim("CL-OWN").status == COMPLETE and [due.key for due in town.claim("CL-OWN").clocks.open()] == [DECIDE]


def test_what_was_assessed_before_it_came_back_is_assessed_anew():
    town = owned(assess)
    told(town)
    refused(town, decide(claim="CL-OWN"), WrongState, "claim.stale")
    assert town.do(assess(claim="CL-OWN", reason="the owner claims no damage")).events and town.do(decide(claim="CL-OWN")).events


def test_a_claim_in_which_nothing_was_stated_is_counted_from_the_return():
    town = owned(days=None, damage=None, evidence=())
    assert town.claim("CL-OWN").status == OPENED
    again = told(town)[ClaimRestated]
    assert (again.figures.days, again.figures.damage, again.missing, again.otherwise) == (2, money("650.00"), (), None)
    assert [due.rule for due in again.clocks] == [DECIDE]
    assert town.do(assess(claim="CL-OWN")).events[0].amount == money("1450.00")


def test_what_the_owner_was_paid_while_it_was_out_is_looked_at_by_two():
    town = owned(assess, decide, serve, pay)
    facts = told(town)
    doubted = facts[ClaimDoubted]
    assert (doubted.claim, doubted.ground, doubted.source) == ("CL-OWN", Ground.FIGURES, FIRST)
    assert [due.key for due in doubted.clocks] == [LOOK] and facts[ClaimRestated].instead_of == "CL-R"
    assert town.claim("CL-OWN").status == PAID and town.claim("CL-OWN").doubt is Ground.FIGURES
    town.do(reconsider(Become.STANDS, claim="CL-OWN", reason="what is paid is right"))
    assert town.claim("CL-OWN").doubt is None and not town.claim("CL-OWN").clocks.runs(LOOK)


def test_what_was_denied_because_it_was_not_back_is_paid_once_it_is():
    denied: tuple[Any, ...] = (assess, lambda claim: decide(claim=claim, amount=money("0"), reason="it is not back"), serve)
    town = owned(*denied)
    told(town)
    town.do(reconsider(claim="CL-OWN"))
    assert town.claim("CL-OWN").status == REOPENED
    proof = (Proof("damage_report", DIGEST),)
    town.do(AddEvidence(by=OWNER, now=NOW, claim="CL-OWN", damage=money("650"), evidence=proof))
    town.do(ReassessClaim(by=OFF, now=NOW, claim="CL-OWN", reason="as the return says"))
    for step in (decide, serve, pay):
        town.do(step(claim="CL-OWN"))
    assert town.claim("CL-OWN").paid == money("1450.00")


def test_nothing_is_paid_on_a_decision_before_two_looked_at_it():
    town = owned(assess, decide, serve)
    assert told(town)[ClaimDoubted].stopped == (PAY,)
    refused(town, pay(claim="CL-OWN"), WrongState, "claim.doubted")


def test_under_review_the_reviewing_organ_speaks_first():
    town = owned(assess, decide, serve)
    town.do(FileAppeal(by=OWNER, now=NOW, claim="CL-OWN", reason="too little"))
    assert not told(town)[ClaimDoubted].clocks and town.claim("CL-OWN").doubt is Ground.FIGURES


@pytest.mark.parametrize("lost", [False, True])
def test_days_beyond_what_the_owner_claimed_are_not_left_to_others(lost: bool):
    town = owned(since=july(18), until=july(18))
    town.do(requisition(by=STRANGER, claimant="OW-2", claim="CL-2", since=july(19), until=july(25)))
    told(town, LOST if lost else RETURNED)
    refused(town, assess(claim="CL-2"), WrongState, "claim.once")
    with pytest.raises(WrongState):
        town.do(requisition(by=STRANGER, claimant="OW-2", claim="CL-3", since=july(20), until=july(20)))


def test_the_named_claim_of_other_days_does_not_swallow_the_return():
    town = owned(claim="CL-R", since=july(1), until=july(2))
    opened = told(town)[ClaimOpened]
    assert opened.claim.startswith("SYS-") and opened.figures.damage == money("650.00")
    assert opened.instead_of is None, "the owner's is still to be decided too"
    for step in (assess, decide):
        town.do(step(claim=opened.claim))


def test_once_the_named_claim_was_decided_whoever_waits_for_it_waits_for_the_other():
    town = owned(claim="CL-R", since=july(1), until=july(2))
    for step in (assess, decide):
        town.do(step(claim="CL-R"))
    assert told(town)[ClaimOpened].instead_of == "CL-R"


@pytest.mark.parametrize("before", ANOTHERS)
def test_a_claim_under_another_id_says_which_was_asked_for(before: dict[str, Any]):
    town = Town()
    town.do(requisition(**before))
    assert told(town)[ClaimOpened].instead_of == "CL-R"
    assert told(Town())[ClaimOpened].instead_of is None


def test_what_is_taken_again_after_its_claim_was_given_up_has_another():
    town = Town()
    told(town)
    town.do(said_out())
    town.do(WithdrawClaim(by=OWNER, now=NOW, claim="CL-R"))
    opened = told(town, AGAIN, SECOND)[ClaimOpened]
    assert opened.claim.startswith("SYS-") and (opened.figures.days, opened.instead_of) == (4, "CL-R")
    assert town.claim("CL-R").status == WITHDRAWN
    town.do(WithdrawClaim(by=OWNER, now=NOW, claim=opened.claim))
    assert not town.do(said(AGAIN, SECOND)).events, "what was given up afterwards stays given up"
    town.do(said_out("150000.resources:60"))
    assert told(town, replace(AGAIN, days=5), "150000.resources:61")[ClaimOpened].claim not in ("CL-R", opened.claim)


def said_out(id: str = "150000.resources:50") -> Any:
    return said(OUT, id)


def test_what_the_owner_claimed_beside_while_it_was_out_again_is_told_of_it_too():
    town = owned(since=july(1), until=july(2))
    town.do(said_out())
    town.do(requisition(claim="CL-NEW", since=july(21), until=july(22)))
    town.do(said(AGAIN, SECOND))
    assert town.claim("CL-OWN").doubt is None and (SECOND in {proof for _, proof in town.claim("CL-NEW").heard})


def test_what_a_supplier_claimed_by_themself_is_told_of_the_change():
    fact = AgreementTerminated(*ENDED)
    town = Town()
    by = replace(OWNER, actor="ENT.FOOD", roles=("ENT",))
    proof = (Proof("valuation", DIGEST),)
    town.do(replace(said(fact), by=by, claim="CL-OWN", loss=money("4000"), evidence=proof))
    again = told(town, fact)[ClaimRestated]
    assert (again.claim, again.figures.loss, again.otherwise.figures.loss) == ("CL-OWN", money("4000.00"), money("5000.00"))
    assert again.missing == () and town.claim("CL-OWN").status == COMPLETE


def test_a_fact_that_fits_no_rule_is_parked_and_taken_up_whole_once_that_is_mended():
    kinds = [row | {"terms": ["days"]} if row["kind"] == "requisition" else row for row in RULES.value("compensation.kinds")]
    town = Town(FakeRules(RULES.values | {"compensation.kinds": kinds}))
    town.do(requisition(claim="CL-OWN", since=july(1), until=july(2), damage=None))
    town.do(said_out())
    with pytest.raises(NotTakenUp, match="CL-R of OW-1"):
        town.do(said(AGAIN := replace(RETURNED, until=july(22)), SECOND))
    assert town.claim("CL-OWN").doubt is Ground.NOT_BACK
    town.rules = RULES
    assert set(told(town, AGAIN, SECOND)) >= {ClaimRestated, ClaimOpened} and town.claim("CL-OWN").doubt is None


def rows(town: Town, claim: str) -> dict[str, Any]:
    """The row of that claim."""
    held: Any = Held()
    envelope: Any = SimpleNamespace(division="150722", visibility="restricted", position=1)
    for fact in town.past[f"claim-{claim}"]:
        Claims().apply(held, fact, envelope)
    return shown(held.row)


def test_what_was_said_otherwise_is_shown_whoever_said_it():
    town = owned()
    told(town)
    assert [one["figures"]["damage"] for one in rows(town, "CL-OWN")["otherwise"]] == ["650.00"]
    town = Town()
    told(town)
    town.do(assess(claim="CL-R"))
    town.do(said_out())
    proof = (Proof("damage_report", DIGEST),)
    town.do(AddEvidence(by=OWNER, now=NOW, claim="CL-R", damage=money("900"), evidence=proof))
    assert told(town, AGAIN, SECOND)[ClaimRestated].otherwise.figures.damage == money("900.00")
    assert [one["figures"]["damage"] for one in rows(town, "CL-R")["otherwise"]] == ["900.00"]
    assert town.claim("CL-R").status == ASSESSED and rows(town, "CL-R")["figures"]["damage"] == "0.00"
