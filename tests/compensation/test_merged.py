"""Two registrations of one person were merged: the one that is left sees what was claimed under the other, and goes on with it."""

from __future__ import annotations

from dataclasses import replace

from services.compensation.deciders.claims.commands import AddEvidence, FileAppeal
from services.compensation.events.entitlement import ClaimantMerged
from services.volunteers.events.volunteer import DuplicateTaken
from shared.kernel.errors import NotAllowed
from tests.compensation.node import day, opened, settled
from tests.compensation.test_following import follow
from tests.compensation.test_opening import refused
from tests.compensation.world import ACCOUNT, NOW, OFF, VA, VB, Town, assess, assessed, claim, decide, minutes, money, pay, served
from tests.support import Post


def taken(duplicate: str, into: str, *through: str) -> DuplicateTaken:
    return DuplicateTaken(into, duplicate, (), (), (), NOW, through=through)


def merge(town: Town, fact: DuplicateTaken) -> None:
    for command in follow(fact, f"volunteer-{fact.volunteer}"):
        town.do(command)


def test_who_is_left_goes_on_with_the_claims_of_the_merged_registration():
    town = served()
    appeal = FileAppeal(by=VB, now=NOW, claim="CL-A", reason="a day is missing")
    refused(town, appeal, NotAllowed, "claim.own")
    merge(town, taken("V-A", "V-B"))
    assert town.do(AddEvidence(by=VB, now=NOW, claim="CL-A", account=ACCOUNT)).events
    assert town.do(appeal).events
    refused(town, replace(appeal, by=replace(VA, actor="V-C")), NotAllowed, "claim.own")


def test_and_claims_what_was_done_under_it():
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 9)))
    merge(town, taken("V-A", "V-B"))
    assert town.do(claim(by=VB)).events[0].claimant == "V-A"


def test_what_had_been_merged_before_follows():
    town = served()
    merge(town, taken("V-A", "V-C"))
    merge(town, taken("V-C", "V-B", "V-A"))
    refused(town, FileAppeal(by=replace(VA, actor="V-C"), now=NOW, claim="CL-A"), NotAllowed, "claim.own")
    assert town.do(FileAppeal(by=VB, now=NOW, claim="CL-A")).events


def test_who_is_left_gains_by_it_and_neither_assesses_decides_nor_pays():
    town = assessed()
    merge(town, taken("V-A", "V-B"))
    for command in (assess(by=replace(OFF, actor="V-B")), decide(by=replace(VB, roles=("EMD.approver",)))):
        refused(town, command, NotAllowed, "claim.assessor")
    other = served()
    merge(other, taken("V-A", "V-B"))
    refused(other, pay(by=replace(VB, roles=("FIN",))), NotAllowed, "claim.assessor")


def test_the_same_merger_again_changes_nothing():
    town = Town()
    (command,) = follow(taken("V-A", "V-B"))
    (fact,) = town.do(command).events
    assert isinstance(fact, ClaimantMerged) and not town.do(command).events


def test_a_force_of_the_same_id_keeps_its_leader():
    town = Town()
    town.led("SF-1", "TL.1")
    town.settled("SF-1", minutes("M-11", (18, 9)))
    merge(town, taken("SF-1", "V-B"))
    refused(town, claim(by=VB, claim="CL-S1", claimant="SF-1"), NotAllowed, "claim.own")
    leader = replace(VA, actor="TL.1", roles=("TEAM",))
    assert town.do(claim(by=leader, claim="CL-S1", claimant="SF-1", km=money("1"))).events


def test_who_is_left_sees_the_claim_and_the_record_of_both(tmp_path):
    va, vb, other = Post("V-A", "VOL"), Post("V-B", "VOL"), Post("V-C", "VOL")
    with opened(tmp_path / "data") as desk:
        desk.tell(settled("V-A", day("V-A", 18, 9)), settled("V-B", day("V-B", 19, 9), call_up="CU-2"))
        desk.placed("INC-1")
        desk.until("/records/V-A", va, lambda body: body["settled"])
        assert desk.post("/claims", va, {"claim": "CL-A", "claimant": "V-A", "incident": "INC-1", "account": ACCOUNT}).status_code == 201
        desk.until("/claims/CL-A", va, lambda body: body)
        assert desk.get("/claims/CL-A", vb).status_code == 404
        desk.tell(taken("V-A", "V-B"))
        desk.until("/claims/CL-A", vb, lambda body: body["claimant"] == "V-A")
        record = desk.get("/records/V-B", vb).json()
        assert [one["claim"] for one in record["claims"]] == ["CL-A"]
        assert sorted(one["claimant"] for one in record["settled"]) == ["V-A", "V-B"]
        assert [one["claim"] for one in desk.get("/claims", vb).json()["items"]] == ["CL-A"]
        assert desk.get("/claims/CL-A", other).status_code == 404
