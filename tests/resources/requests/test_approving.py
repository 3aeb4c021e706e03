"""How much is granted and by whom; by word of mouth with its clock; declined."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.resources.deciders.requests import commands as c
from services.resources.events.clock import ClockMissed
from services.resources.events.request import SupplyApproved, SupplyDeclined
from shared.kernel.errors import NotAllowed, WrongState
from tests.resources.requests.world import ASKED, allocate, asked, assess, follows, forward, refused, stores, submit
from tests.resources.world import APP, CITY, CITY_APP, HQ, NOW, SYS, at


def approve(**changed: Any) -> c.ApproveRequest:
    return c.ApproveRequest(**{"by": APP, "now": NOW, "request": "SR-1"} | changed)


def cut(**changed: Any) -> c.CutRequest:
    return c.CutRequest(**{"by": APP, "now": NOW, "request": "SR-1", "reason": "fewer people"} | changed)


def orally(**changed: Any) -> c.ApproveOrally:
    return c.ApproveOrally(**{"by": APP, "now": NOW, "request": "SR-1", "channel": "duty phone"} | changed)


def test_less_is_granted_with_a_reason_and_what_was_asked_stays_written():
    town = asked()
    assert refused(town, approve(items={"TENT": 250})) == ["supply.reason"]
    town.do(approve(items={"TENT": 250}, reason="the school has room"))
    request = town.state("request-SR-1")
    assert (request.status, request.lines["TENT"].asked, request.remaining["TENT"]) == ("partly approved", 300, 250)
    assert request.remaining == ASKED | {"TENT": 250}


def test_never_more_than_asked_unless_the_assessor_raised_it():
    town = asked()
    assert refused(town, approve(items={"TENT": 301})) == ["supply.approved"]
    assert refused(town, approve(items={"SALT": 1})) == ["supply.line"]
    town.do(assess(raised={"TENT": 310}, reason="large families"))
    (fact,) = town.do(approve()).events
    assert isinstance(fact, SupplyApproved) and fact.items["TENT"] == 310


def test_a_line_is_cut_below_what_was_granted_but_not_below_what_is_promised():
    town = asked()
    town.do(allocate(items={"TENT": 100}))
    assert refused(town, cut(items={"TENT": 99})) == ["supply.cut"]
    assert refused(town, cut(items={"TENT": 300})) == ["supply.cut"]
    assert refused(town, cut(items={}, reason=None)) == ["supply.complete", "supply.reason"]
    assert refused(town, approve(items={"TENT": 99}, reason="less")) == ["supply.approved"]
    town.do(cut(items={"TENT": 100}))
    assert town.state("request-SR-1").remaining["TENT"] == 0


@pytest.mark.parametrize(("people", "may"), [(7000, True), (7001, False)])
def test_a_banner_grants_for_so_many_people_and_the_city_for_more(people: int, may: bool):
    town = asked(people=people)
    if may:
        town.do(approve())
        return
    assert refused(town, approve()) == refused(town, orally()) == ["supply.limit"]
    town.do(forward(reason="above our limit"))
    town.do(approve(by=CITY_APP))


def test_who_asked_does_not_approve_and_nor_does_who_does_not_have_it():
    town = stores()
    town.do(submit(by=APP))
    town.do(assess())
    assert refused(town, approve()) == ["supply.second_person"]
    with pytest.raises(NotAllowed) as refusal:
        town.do(approve(by=CITY_APP))
    assert refusal.value.rule == "matrix.3.27"


def test_by_word_of_mouth_the_paper_is_due_within_two_days():
    town = asked()
    (fact,) = town.do(orally()).events
    assert [(due.rule, due.due_at) for due in fact.clocks] == [("K-24", NOW + timedelta(hours=48))]
    with pytest.raises(WrongState):
        town.do(orally())
    assert refused(asked(), orally(channel=None)) == ["SU-05"]
    paper = c.PaperApproval(by=APP, now=at("09:00", 19), request="SR-1", document="D-1")
    decided = town.do(paper)
    assert (decided.events[0].late, decided.events[0].met, decided.flags) == (0, ("K-24",), ())
    with pytest.raises(WrongState):
        town.do(paper)
    unnamed = asked()
    unnamed.do(orally())
    assert unnamed.do(replace(paper, document="  ")).events[0].document == ""


def test_what_was_marked_as_far_too_much_is_granted_only_with_a_reason():
    town = asked(items={"TENT": 10**12, "BED": 1}, people=20)
    assert town.state("request-SR-1").triage == ("TENT",)
    assert refused(town, approve()) == refused(town, orally()) == ["supply.triage"]
    assert "supply.triage" in refused(town, allocate(items={"TENT": 1})) and "supply.triage" not in refused(
        town, allocate(items={"TENT": 10**9}, reason="for the whole region")
    )
    assert refused(town, orally(channel=None)) == ["SU-05", "supply.triage"]
    assert refused(town, approve(items={"TENT": 10})) == ["supply.reason", "supply.triage"]
    (fact,) = asked(items={"TENT": 10**12}, people=20).do(orally(reason="for the whole region")).events
    assert fact.reason == "for the whole region"
    town.do(approve(items={"TENT": 10}, reason="ten are enough"))
    less = asked(items={"TENT": 10**12, "BED": 1}, people=20)
    assert refused(less, approve(items={"TENT": 0})) == ["supply.reason"]


def test_late_paper_is_taken_and_marked_and_somebody_is_told_once():
    town = asked()
    town.do(orally())
    late = NOW + timedelta(hours=49)
    passed = c.EscalateRequestClock(by=SYS, now=late, request="SR-1", key="K-24")
    (missed,) = town.do(passed).events
    assert isinstance(missed, ClockMissed)
    assert not town.do(passed).events
    (task,) = follows(missed, "request-SR-1")
    assert (task.task, task.kind, task.roles) == ("paper-SR-1", "paper_approval", ("EMD.approver",))
    assert not follows(missed, "shipment-SP-1")
    decided = town.do(c.PaperApproval(by=APP, now=late, request="SR-1", document="D-1"))
    (done,) = follows(decided.events[0], "request-SR-1")
    assert [type(fact).__name__ for command in (task, done) for fact in town.do(command).events] == [
        "SupplyTaskAssigned",
        "SupplyTaskCompleted",
    ]
    assert (decided.events[0].late, decided.flags) == (3600, ("A-LATE",))


def test_nothing_is_granted_with_a_reason_while_nothing_is_promised():
    town = asked()
    decline = {"by": APP, "now": NOW, "request": "SR-1"}
    assert refused(town, c.DeclineRequest(**decline)) == ["supply.reason"]
    town.do(allocate(items={"TENT": 1}))
    with pytest.raises(WrongState):
        town.do(c.DeclineRequest(**decline, reason="no"))
    town = asked()
    assert isinstance(town.do(c.DeclineRequest(**decline, reason="the school has all")).events[0], SupplyDeclined)
    assert town.state("store-FP-XW").requests == ()
    with pytest.raises(WrongState):
        town.do(forward(to=CITY))


def test_who_held_more_right_than_was_asked_does_not_approve_it():
    town = asked()
    town.do(assess(by=APP, raised={"TENT": 3000}, reason="large families"))
    assert refused(town, approve()) == refused(town, orally()) == ["supply.second_person"]
    town.do(approve(by=HQ))


def test_who_asked_promises_nothing_to_it_before_another_approved():
    town = stores()
    town.do(submit(by=APP))
    town.do(assess())
    assert refused(town, allocate(items={"TENT": 5})) == ["supply.second_person"]
    town.do(approve(by=HQ))
    assert town.do(allocate(items={"TENT": 5})).events


def test_what_was_promised_beyond_the_request_does_not_stand_against_approving_it():
    """A substitute, and what is given once more because it was lost: each with its reason."""
    town = asked(items={"TENT": 10})
    town.do(allocate(items={"TENT": 12, "QUILT": 5}, reason="two were torn, quilts for beds"))
    town.do(approve())
    assert town.state("request-SR-1").lines["QUILT"].allocated == 5
