"""Relief goes its steps in order, is posted for the full time, objected to and heard (NDR art. 20; SAR art. 48)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.resources.deciders.incident import NoteSupplyIncident
from services.resources.deciders.relief import commands as c
from services.resources.events import relief as r
from services.resources.events.disclosure import DisclosurePublished, Grant
from shared.kernel.commands import Signature
from shared.kernel.errors import DomainError, NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.relief_world import (
    CITIZEN,
    GACHA,
    POSTED,
    REPAIR,
    TEXT,
    VILLAGE,
    appraised,
    decided,
    money,
    nominated,
    paid,
    posted,
    refused,
    said,
    served,
    village,
)
from tests.resources.world import APP, FIN, SYS, TOWN, Town, at


def test_the_story_of_one_household():
    town = village()
    paid(town)
    facts = town.past["relief-RF-1"]
    assert [type(fact).__name__ for fact in facts] == [
        "ReliefNominated",
        "ReliefAppraised",
        "ReliefPosted",
        "TownshipReviewed",
        "ReliefDecided",
        "ReliefServed",
        "ReliefPaid",
    ]
    assert facts[4].amount == facts[4].tariff == facts[6].amount == money("2000.00")
    assert facts[4].remedy.days == 60
    assert facts[6].clocks[0].key == "K-32"


def test_paying_is_published_once_without_any_name():
    town = village()
    paid(town)
    first = town.do(said(c.DiscloseUse, SYS))
    assert [type(fact) for fact in first.events] == [r.ReliefDisclosed, DisclosurePublished]
    shown = first.events[1]
    assert shown.grants == (Grant(VILLAGE, REPAIR, money("2000.00")),)
    assert shown.until is not None and "HH-1" not in str((shown.grants, shown.money, shown.source, shown.disclosure))
    assert not town.do(said(c.DiscloseUse, SYS)).events
    assert town.state("relief-RF-1").clocks.open() == ()


def test_late_publication_is_marked():
    town = village()
    paid(town)
    assert town.do(said(c.DiscloseUse, GACHA, at("09:00", 28) + timedelta(days=6))).flags == ("A-LATE",)


@pytest.mark.parametrize(
    ("change", "kind", "rule"),
    [
        ({"household": "HH-9"}, NotFound, "reference"),
        ({"kind": "nothing"}, RuleBroken, "relief.kind"),
        ({"incident": None}, RuleBroken, "relief.incident"),
        ({"incident": "INC-9"}, RuleBroken, "relief.incident"),
        ({"purpose": "training.invite"}, RuleBroken, "PIPL-6"),
        ({"by": CITIZEN}, NotAllowed, "NDR-20"),
    ],
)
def test_a_nomination_that_misses_something(change: dict[str, Any], kind: type[DomainError], rule: str):
    with pytest.raises(kind) as error:
        nominated(village(), **change)
    assert error.value.rule == rule


def test_an_incident_that_nobody_knows_is_told_as_unknown():
    with pytest.raises(RuleBroken, match="INC-9 is unknown"):
        nominated(village(), incident="INC-9")


def test_who_asks_for_the_own_household_may_and_for_another_may_not():
    named = {"household": "HH-1", "kind": REPAIR, "incident": "INC-1"}
    town = village()
    other = Signature("CIT-9", ("CIT",), VILLAGE, 5)
    refused(town, said(c.ApplyRelief, other, **named), NotAllowed, "relief.own")
    assert isinstance(town.do(said(c.ApplyRelief, CITIZEN, **named)).events[0], r.ReliefApplied)


def test_need_outlives_the_incident():
    town = village()
    town.do(NoteSupplyIncident(by=SYS, now=at("09:00", 19), incident="INC-1", open=False))
    assert nominated(town).events


def test_an_appraisal_needs_its_quorum_and_a_majority():
    town = village()
    nominated(town)
    refused(town, said(c.RecordAppraisal, GACHA, votes_for=4, votes_against=0), RuleBroken, "relief.quorum")
    refused(town, said(c.RecordAppraisal, GACHA, votes_for=4), RuleBroken, "NDR-20")
    refused(town, said(c.RecordAppraisal, GACHA, votes_for=10**9, votes_against=0), RuleBroken, "relief.votes")
    town.do(said(c.RecordAppraisal, GACHA, votes_for=3, votes_against=3))
    assert town.state("relief-RF-1").status == "returned"
    assert nominated(town).events


@pytest.mark.parametrize(
    "text",
    [
        "household, ID number 999999190001010015",
        "household, ID number 999999 19000101 001X",
        "call １３８００１３８０００",
        "account 6222 0000 0000 0000 000, 62220000000000000",
        "phone 138-0013-8000",
    ],
)
def test_a_posting_holds_nobodys_number(text: str):
    town = village()
    appraised(town)
    refused(town, said(c.PostList, GACHA, POSTED, text=text), RuleBroken, "PIPL-6", "no ID number in a posting")


def test_a_posting_holds_nothing_the_vault_keeps():
    town = village()
    appraised(town)
    refused(town, said(c.PostList, GACHA, POSTED, text="TEST-ACCOUNT-1", known=True), RuleBroken, "PIPL-6")
    refused(town, said(c.PostList, GACHA, POSTED, text=" "), RuleBroken, "NDR-26")


def test_a_list_hangs_for_the_full_time():
    town = village()
    appraised(town)
    short = POSTED + timedelta(days=7, minutes=-1)
    refused(town, said(c.PostList, GACHA, POSTED, text=TEXT, until=short), RuleBroken, "K-29")
    town.do(said(c.PostList, GACHA, POSTED, text=TEXT + " 2021-07-20 2021-07-27"))
    assert town.state("relief-RF-1").until == POSTED + timedelta(days=7)


def test_nothing_goes_on_while_the_list_hangs():
    town = village()
    posted(town)
    early = at("11:00", 22)
    refused(town, said(c.DecideRelief, APP, early, amount=money("2000")), RuleBroken, "NDR-20", "posting ends on 2021-07-27")
    refused(town, said(c.ReviewAtTownship, TOWN, early), RuleBroken, "NDR-20", "posting ends on 2021-07-27")
    town.do(said(c.ReviewAtTownship, TOWN, POSTED + timedelta(days=7)))


def test_the_steps_have_an_order():
    town = village()
    nominated(town)
    refused(town, said(c.PostList, GACHA, text=TEXT), WrongState, "relief.state")
    refused(town, said(c.DecideRelief, APP), WrongState, "relief.state")
    refused(town, said(c.PayRelief, FIN), WrongState, "relief.state")


def test_objections_are_never_dropped_and_stop_the_claim_until_resolved():
    town = village()
    posted(town)
    assert town.do(said(c.FileObjection, CITIZEN, at("10:00", 21), objection="O-1", text="not damaged")).flags == ()
    assert not town.do(said(c.FileObjection, CITIZEN, at("10:00", 21), objection="O-1", text="seen")).events
    assert town.do(said(c.FileObjection, CITIZEN, objection="O-2", text="seen")).flags == ("A-LATE",)
    refused(town, said(c.ReviewAtTownship, TOWN), WrongState, "NDR-20", "O-1, O-2")
    refused(town, said(c.ResolveObjection, TOWN, objection="O-1"), RuleBroken, "NDR-20")
    refused(town, said(c.ResolveObjection, TOWN, objection="O-9", upheld=False, reason="seen"), NotFound, "reference")
    for name in ("O-1", "O-2"):
        town.do(said(c.ResolveObjection, TOWN, objection=name, upheld=False, reason="seen"))
    refused(town, said(c.ResolveObjection, TOWN, objection="O-1", upheld=False, reason="seen"), WrongState, "relief.state")
    town.do(said(c.ReviewAtTownship, TOWN))


@pytest.mark.parametrize("odd", [{}, {"text": " "}, {"text": "ask", "covered": True}])
def test_an_objection_that_says_nothing_or_was_covered_is_kept_and_marked(odd: dict[str, Any]):
    town = village()
    posted(town)
    assert town.do(said(c.FileObjection, CITIZEN, at("10:00", 21), objection="O-1", **odd)).flags == ("A-INCOMPLETE",)


def test_an_objection_upheld_begins_anew():
    town = village()
    posted(town)
    town.do(said(c.FileObjection, CITIZEN, at("10:00", 21), objection="O-1", text="seen"))
    town.do(said(c.ResolveObjection, TOWN, objection="O-1", upheld=True, reason="another house"))
    assert town.state("relief-RF-1").status == "applied"
    town.do(said(c.RecordAppraisal, GACHA, votes_for=7, votes_against=0))


@pytest.mark.parametrize("ready", [decided, served])
def test_an_objection_after_the_decision_stops_the_payment_until_the_county_looked_into_it(ready: Callable[[Town], None]):
    town = village()
    ready(town)
    assert town.do(said(c.FileObjection, CITIZEN, objection="O-1", text="seen")).flags == ("A-LATE",)
    if ready is served:
        refused(town, said(c.PayRelief, FIN), WrongState, "NDR-20", "O-1")
    upheld = {"objection": "O-1", "upheld": True, "reason": "true"}
    refused(town, said(c.ResolveObjection, TOWN, **upheld), NotAllowed, "NDR-20", "EMD.approver")
    assert town.do(said(c.ResolveObjection, APP, **upheld)).events[0].anew
    claim = town.state("relief-RF-1")
    assert (claim.status, claim.amount) == ("applied", None)
    refused(town, said(c.PayRelief, FIN), WrongState, "relief.state")


def test_an_objection_after_the_payment_is_heard():
    town = village()
    paid(town)
    town.do(said(c.FileObjection, CITIZEN, objection="O-1", text="seen"))
    town.do(said(c.ResolveObjection, TOWN, objection="O-1", upheld=True, reason="true"))
    assert town.state("relief-RF-1").status == "paid"
