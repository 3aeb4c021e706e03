"""Who takes part in a claim in one way does so in no other; and money goes nowhere by one hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.compensation.deciders.claims.commands import AddEvidence, Proof, SettleClaim, WithdrawClaim
from services.compensation.deciders.entitlements.leader import NoteForceLeader
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.compensation.test_opening import refused
from tests.compensation.world import (
    ACCOUNT,
    APP,
    AREA,
    DIGEST,
    FIN,
    FIN2,
    GOV,
    LEADER,
    NOW,
    OFF,
    OFF2,
    SYS,
    VA,
    Town,
    assess,
    assessed,
    claim,
    decide,
    minutes,
    money,
    pay,
    served,
)

BOTH = Signature("B.X", ("EMD.officer", "EMD.approver", "FIN"), AREA, 3)
OTHER = ACCOUNT.replace("1", "2")
STRANGER = replace(LEADER, actor="TL.9")


def settle(**changed: Any) -> SettleClaim:
    return SettleClaim(**({"by": APP, "now": NOW, "claim": "CL-A", "amount": money("300"), "document": DIGEST} | changed))


def test_who_assessed_first_does_not_decide_after_another_assessed_anew():
    town = assessed()
    town.do(assess(by=BOTH))
    town.do(assess(by=OFF2))
    refused(town, decide(by=BOTH), NotAllowed, "claim.assessor")
    refused(town, settle(by=BOTH), NotAllowed, "claim.assessor")
    town.do(decide())


def test_who_noted_the_proof_neither_decides_nor_pays():
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 9)))
    town.do(claim(receipts=money("900")))
    town.do(AddEvidence(by=BOTH, now=NOW, claim="CL-A", evidence=(Proof("receipts"),)))
    town.do(assess())
    refused(town, decide(by=BOTH), NotAllowed, "claim.assessor")


def test_nobody_pays_the_own_claim_or_that_of_the_own_force():
    refused(served(), pay(by=replace(VA, roles=("FIN",))), NotAllowed, "claim.assessor")


def test_money_goes_to_another_account_by_two_or_as_who_claims_says():
    town = assessed()
    town.do(AddEvidence(by=VA, now=NOW, claim="CL-A", account=ACCOUNT))
    named = AddEvidence(by=OFF2, now=NOW, claim="CL-A", account=OTHER)
    refused(town, named, NotAllowed, "two.persons")
    refused(town, replace(named, cosigner=OFF2), NotAllowed, "two.persons")
    assert town.do(replace(named, cosigner=OFF)).events
    refused(served(), pay(account=OTHER), NotAllowed, "two.persons")
    refused(served(), pay(account=OTHER, cosigner=FIN), NotAllowed, "two.persons")
    assert served().do(pay(account=OTHER, cosigner=FIN2)).events[0].second == "B.FIN2"
    early = Town()
    early.settled("V-A", minutes("V-A", (18, 9)))
    refused(early, claim(by=OFF, on_behalf="abroad", account=OTHER), NotAllowed, "two.persons")


def test_an_officer_who_withdraws_for_another_says_why():
    town = assessed()
    refused(town, WithdrawClaim(by=OFF2, now=NOW, claim="CL-A"), RuleBroken, "claim.on_behalf")
    assert town.do(WithdrawClaim(by=OFF2, now=NOW, claim="CL-A", on_behalf="asked for it by phone")).events[0].on_behalf


def test_more_than_was_assessed_is_agreed_to_by_two_who_may_decide_and_say_why():
    refused(assessed(), settle(amount=money("9999")), RuleBroken, "claim.reason")
    refused(assessed(), settle(amount=money("9999"), reason="so"), NotAllowed, "two.persons")
    for second in (APP, OFF, OFF2, VA):
        assert refused(assessed(), settle(amount=money("9999"), reason="so", cosigner=second), NotAllowed, _rule(second))
    (fact,) = assessed().do(settle(amount=money("400"), reason="a second tarpaulin", cosigner=GOV)).events
    assert (fact.second, fact.reason) == ("B.GOV", "a second tarpaulin")
    unassessed = Town()
    unassessed.settled("V-A", minutes("V-A", (18, 9)))
    unassessed.do(claim())
    refused(unassessed, settle(), WrongState, "claim.state")


def _rule(second: Signature) -> str:
    return {APP.actor: "two.persons", OFF2.actor: "matrix.3.27"}.get(second.actor, "claim.assessor")


def test_who_files_a_force_under_the_id_of_a_volunteer_is_nobodys_leader():
    town = assessed()
    named = NoteForceLeader(by=SYS, now=NOW, force="V-A", leader="TL.9")
    town.do(named)
    town.do(replace(named, force="V-A", leader=None, filed=True))  # even when it was put on file
    refused(town, AddEvidence(by=STRANGER, now=NOW, claim="CL-A", account=OTHER), NotAllowed, "claim.own")
    fresh = Town()
    fresh.settled("V-A", minutes("V-A", (18, 9)))
    for command in (named, replace(named, leader=None, filed=True)):
        fresh.do(command)
    refused(fresh, claim(by=STRANGER), NotAllowed, "claim.own")


def test_a_leader_speaks_for_a_force_from_the_day_it_is_on_file():
    town = Town()
    town.do(NoteForceLeader(by=SYS, now=NOW, force="SF-1", leader="TL.1"))
    refused(town, claim(by=LEADER, claimant="SF-1"), NotAllowed, "claim.own")
    town.do(NoteForceLeader(by=SYS, now=NOW, force="SF-1", filed=True))
    assert town.do(claim(by=LEADER, claimant="SF-1")).events
