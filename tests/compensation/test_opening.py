"""Claims are opened by who may, once for each day, and told everything that is missing at once."""

from __future__ import annotations

from typing import Any

import pytest

from services.compensation.deciders.claims.commands import AddEvidence, NoteEntitlement, Proof, WithdrawClaim
from services.compensation.deciders.claims.state import ASSESSED, COMPLETE, OPENED, WITHDRAWN
from services.compensation.events.claim import ClaimEntitled, ClaimOpened, ClaimWithdrawn, EvidenceAdded
from services.compensation.events.entitlement import PeriodClaimed, PeriodFreed
from services.compensation.events.figures import ClaimKind, Period
from services.compensation.events.once import OnceTaken
from shared.kernel.errors import DomainError, NotAllowed, RuleBroken, WrongState
from tests.compensation.world import (
    ACCOUNT,
    DIGEST,
    LEADER,
    NOW,
    OFF,
    OWNER,
    SYS,
    VA,
    VB,
    Town,
    assess,
    assessed,
    at,
    claim,
    july,
    minutes,
    money,
    requisition,
)


def refused(town: Town, command: Any, kind: type[DomainError], rule: str) -> DomainError:
    with pytest.raises(kind) as caught:
        town.do(command)
    assert caught.value.rule == rule, caught.value.failures
    return caught.value


def worked() -> Town:
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 9), (19, 10.5)))
    return town


def test_a_volunteer_claims_for_what_was_settled_and_it_is_complete():
    decided = worked().do(claim(receipts=money("86.5"), account=ACCOUNT))
    opened, kept, taken = decided.events
    assert isinstance(opened, ClaimOpened) and isinstance(kept, PeriodClaimed)
    assert (opened.kind, opened.missing, opened.entitled, opened.payer) == (ClaimKind.VOLUNTEER, (), True, "150722")
    assert opened.covers == (Period(july(18), july(19)),) and str(opened.figures.receipts) == "86.50"
    assert [due.rule for due in opened.clocks] == ["K-27"] and opened.clocks[0].due_at == at("09:00", 22).replace(month=8, day=21)
    assert kept.met == ("K-26",) and not decided.flags
    assert (taken.what, taken.covers) == ("work.V-A", opened.covers)


def test_a_second_claim_for_the_period_is_refused_and_names_the_first():
    town = worked()
    town.do(claim(receipts=money("86.5")))
    error = refused(town, claim(claim="CL-A2"), WrongState, "claim.once")
    assert "CL-A covers this period" in error.cure


def test_the_same_id_again_is_refused_and_to_a_policy_nothing():
    town = worked()
    town.do(claim())
    refused(town, claim(), WrongState, "claim.state")
    assert not town.do(claim(by=SYS)).events


def test_days_of_a_later_call_up_may_be_claimed_and_only_those():
    town = worked()
    town.do(claim())
    town.settled("V-A", minutes("V-A", (19, 1), (21, 8), (23, 8)), call_up="CU-9")
    opened = town.do(claim(claim="CL-A2")).events[0]
    assert opened.covers == (Period(july(21), july(21)), Period(july(23), july(23)))


def test_named_days_that_overlap_are_refused_and_others_taken():
    town = worked()
    town.do(claim(until=july(18)))
    refused(town, claim(claim="CL-A2", since=july(18)), WrongState, "claim.once")
    assert town.do(claim(claim="CL-A2", since=july(19))).events
    refused(worked(), claim(since=july(25), until=july(24)), RuleBroken, "claim.period")


def test_a_withdrawn_claim_frees_its_days():
    town = worked()
    town.do(claim())
    assert [type(one) for one in town.do(WithdrawClaim(by=VA, now=NOW, claim="CL-A")).events] == [ClaimWithdrawn, PeriodFreed, OnceTaken]
    assert town.claim().status == WITHDRAWN and not town.claim().clocks.open()
    assert town.do(claim(claim="CL-A2")).events


def test_a_claim_before_the_call_up_is_settled_is_taken_and_waits():
    town = Town()
    decided = town.do(claim(receipts=money("10")))
    assert decided.flags == ("A-INCOMPLETE",) and decided.answer == {"missing": ["entitlement", "account"]}
    assert town.claim().status == OPENED
    error = refused(town, assess(), WrongState, "claim.incomplete")
    assert "entitlement" in error.cure
    recorded = town.settled("V-A", minutes("V-A", (18, 9))).events[0]
    assert recorded.waiting == ("CL-A",) and not recorded.clocks
    (entitled,) = town.do(NoteEntitlement(by=SYS, now=NOW, claim="CL-A")).events
    assert isinstance(entitled, ClaimEntitled) and entitled.missing == () and entitled.clocks[0].rule == "K-27"
    assert town.claim().status == COMPLETE
    assert not town.do(NoteEntitlement(by=SYS, now=NOW, claim="CL-A")).events


def test_once_assessed_an_early_claim_covers_its_days_and_no_later_ones():
    town = Town()
    town.do(claim())
    town.settled("V-A", minutes("V-A", (18, 9)))
    town.do(NoteEntitlement(by=SYS, now=NOW, claim="CL-A"))
    refused(town, claim(claim="CL-A2"), WrongState, "claim.once")
    _, fixed, taken = town.do(assess()).events
    assert fixed.covers == taken.covers == (Period(july(18), july(18)),)
    town.settled("V-A", minutes("V-A", (25, 8)), call_up="CU-9")
    assert town.do(claim(claim="CL-A2")).events[0].covers == (Period(july(25), july(25)),)


def test_everything_missing_is_told_in_one_list_and_again_after_each_proof():
    town = Town()
    bare = requisition(evidence=(), damage=money("650"), loss=money("1"))
    assert town.do(bare).answer == {"missing": ["requisition_certificate", "damage_report", "valuation", "account"]}
    proof = Proof("damage_report", DIGEST)
    some = town.do(AddEvidence(by=OWNER, now=NOW, claim="CL-R", evidence=(proof,)))
    assert some.answer == {"missing": ["requisition_certificate", "valuation"]} and some.flags == ("A-INCOMPLETE",)
    rest = (Proof("requisition_certificate", DIGEST), Proof("valuation", DIGEST))
    (added,) = town.do(AddEvidence(by=OWNER, now=NOW, claim="CL-R", evidence=rest)).events
    assert isinstance(added, EvidenceAdded) and added.missing == () and [due.rule for due in added.clocks] == ["K-27"]
    assert town.claim("CL-R").status == COMPLETE


def test_figures_put_right_may_need_more_proof_and_the_time_to_decide_stops():
    town = worked()
    town.do(claim(receipts=money("86.5")))
    (added,) = town.do(AddEvidence(by=VA, now=NOW, claim="CL-A", receipts=money("600"))).events
    assert added.missing == ("receipts",) and added.stopped == ("K-27",) and town.claim().status == OPENED
    town.do(AddEvidence(by=VA, now=NOW, claim="CL-A", evidence=(Proof("receipts", DIGEST),)))
    assert town.claim().status == COMPLETE and town.claim().clocks.runs("K-27")


def test_what_is_added_to_an_assessed_claim_keeps_it_assessed():
    town = assessed()
    town.do(AddEvidence(by=VA, now=NOW, claim="CL-A", account=ACCOUNT))
    assert town.claim().status == ASSESSED and town.claim().account == ACCOUNT
    refused(town, AddEvidence(by=VA, now=NOW, claim="CL-A"), RuleBroken, "claim.evidence")


def test_nobody_claims_for_another_but_an_officer_who_says_why():
    town = worked()
    refused(town, claim(by=VB), NotAllowed, "claim.own")
    refused(town, claim(by=LEADER), NotAllowed, "claim.own")
    refused(town, claim(by=OFF), RuleBroken, "claim.on_behalf")
    opened = town.do(claim(by=OFF, on_behalf="in hospital")).events[0]
    assert opened.on_behalf == "in hospital" and opened.by == "B.OFF"
    refused(town, WithdrawClaim(by=VB, now=NOW, claim="CL-A"), NotAllowed, "claim.own")
    refused(town, AddEvidence(by=VB, now=NOW, claim="CL-A", receipts=money("1")), NotAllowed, "claim.own")


def test_a_leader_claims_for_the_own_force_and_after_a_change_the_new_one():
    town = Town()
    town.settled("SF-1", minutes("M-11", (18, 9)))
    force = {"by": LEADER, "claim": "CL-S1", "claimant": "SF-1", "km": money("380")}
    refused(town, claim(**force), NotAllowed, "claim.own")
    town.led()
    assert not town.led().events
    assert town.do(claim(**force)).events[0].kind is ClaimKind.FORCE
    town.led(leader="TL.9")
    refused(town, AddEvidence(by=LEADER, now=NOW, claim="CL-S1", km=money("1")), NotAllowed, "claim.own")


def test_a_force_not_yet_settled_may_claim_too():
    town = Town()
    town.led()
    decided = town.do(claim(by=LEADER, claim="CL-S1", claimant="SF-1", km=money("380")))
    assert decided.events[0].kind is ClaimKind.FORCE and decided.flags == ("A-INCOMPLETE",)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"receipts": money("-1")}, "amount.form"),
        ({"receipts": money("1.234")}, "amount.form"),
        ({"receipts": money("1E+400")}, "amount.form"),
        ({"receipts": money("NaN")}, "amount.form"),
        ({"receipts": money("Infinity")}, "amount.form"),
        ({"boat_hours": money("5")}, "claim.figure"),
        ({"account": "6222020200112233445"}, "PIPL-5"),
        ({"account": "one two"}, "PIPL-5"),
        ({"evidence": (Proof("poem", DIGEST),)}, "claim.evidence"),
        ({"evidence": (Proof("receipts", "three taxis"),)}, "PIPL-5"),
        ({"evidence": (Proof("receipts"),)}, "claim.evidence"),
    ],
)
def test_numbers_that_are_none_and_content_in_place_of_references_are_refused(changed, rule):
    refused(worked(), claim(**changed), RuleBroken, rule)


def test_an_officer_may_note_that_the_original_was_seen():
    town = worked()
    town.do(claim(receipts=money("600")))
    (added,) = town.do(AddEvidence(by=OFF, now=NOW, claim="CL-A", evidence=(Proof("receipts"),))).events
    assert added.missing == ()


@pytest.mark.parametrize("reference", [ACCOUNT, f"{ACCOUNT}.INC-1.payment", DIGEST, "150000.resources:12"])
def test_references_into_vault_blobs_and_logs_are_taken(reference):
    assert worked().do(claim(account=reference)).events[0].account == reference


def test_of_other_kinds_the_kind_and_what_it_is_about_are_named():
    town = Town()
    refused(town, claim(by=OWNER, claimant="OW-1"), RuleBroken, "claim.kind")
    refused(town, requisition(item=None), RuleBroken, "claim.item")
    town.do(requisition())
    error = refused(town, requisition(claim="CL-R2"), WrongState, "claim.once")
    assert "CL-R covers this period" in error.cure
    assert town.do(requisition(claim="CL-R3", item="RE-2")).events


def test_a_policy_opens_a_claim_at_return():
    opened = Town().do(requisition(by=SYS)).events[0]
    assert opened.missing == () and opened.payer == "150722" and opened.by == "SYS.POLICY"


def test_a_day_of_work_is_claimed_once_whatever_it_is_called():
    town = worked()
    refused(town, claim(kind=ClaimKind.FORCE), RuleBroken, "claim.kind")
    town.do(claim())
    refused(town, claim(claim="CL-A2", kind=ClaimKind.LABOUR, since=july(18)), WrongState, "claim.once")


def test_claimed_as_another_kind_before_it_was_known_it_is_not_assessed():
    town = Town()
    town.do(claim(kind=ClaimKind.FORCE))
    town.settled("V-A", minutes("V-A", (18, 9)))
    town.do(NoteEntitlement(by=SYS, now=NOW, claim="CL-A"))
    refused(town, assess(), RuleBroken, "claim.kind")


def test_nobody_chooses_a_better_tariff():
    refused(worked(), claim(tariff="force_day"), RuleBroken, "claim.tariff")
    refused(Town(), requisition(tariff="force_day"), RuleBroken, "claim.tariff")
    bare = requisition(kind=ClaimKind.MEASURE, days=None, damage=None, loss=money("5"))
    refused(Town(), bare, RuleBroken, "claim.tariff")


def test_an_owner_need_not_know_who_pays():
    assert Town().do(requisition()).events[0].payer is None
