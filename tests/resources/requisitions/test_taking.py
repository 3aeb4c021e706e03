"""Taken once, after notice or orally with the paper to follow, or lent; used, and asked back when its time is over (RQ-03 to RQ-07)."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.holding import NoteResponse
from services.resources.deciders.requisitions.register import RegisterRequisitionableProperty
from services.resources.events.clock import ClockMissed
from services.resources.events.property import PropertyHeld
from services.resources.events.requisition import PropertyLent, PropertyTaken, RequisitionTakenOrally, ReturnDue
from services.resources.events.urgent import RequisitionHeld, ReturnsAsked
from services.resources.events.wanted import NoticeManner
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.resources.requisitions.taken import (
    OTHER_HQ,
    PHOTO,
    approve,
    borrow,
    give_back,
    open_town,
    paper,
    refused,
    request,
    requested,
    revoke,
    serve,
    served,
    take,
    take_orally,
    taken,
)
from tests.resources.world import APP, HQ, OFF, SYS, Town, at, july


def passes(key: str, when: Any, requisition: str = "RE-1") -> c.EscalateRequisitionClock:
    return c.EscalateRequisitionClock(by=SYS, now=when, requisition=requisition, key=key)


def use(**changed: Any) -> c.RecordUse:
    return c.RecordUse(**{"by": HQ, "now": at("20:00", 19), "requisition": "RE-1", "what": "rescue in the village"} | changed)


def responds(activation: str = "AC-1", open: bool = True) -> NoteResponse:
    return NoteResponse(by=SYS, now=at("12:00", 20), incident="INC-1", activation=activation, open=open)


def second_of_the_same(town: Town) -> Town:
    """Another requisition of the same thing, up to the notice; written otherwise."""
    town.do(request("RE-2", item="Boat  test-boat-1"))
    town.do(approve("RE-2"))
    town.do(serve("RE-2"))
    return town


def test_it_is_taken_in_a_condition_that_is_written_down():
    town = served()
    assert refused(town, take(condition=None), RuleBroken, "RQ-04")
    assert refused(town, take(photos=("a photo",)), RuleBroken, "PIPL-5")
    fact, thing, held = town.do(take(photos=(PHOTO,))).events
    assert isinstance(fact, PropertyTaken) and isinstance(thing, PropertyHeld) and isinstance(held, RequisitionHeld)
    assert fact.photos == (PHOTO,) and town.state("held-INC-1").requisitions == ("RE-1",)
    assert refused(town, take(), WrongState, "requisition.state")


def test_the_same_thing_of_the_same_owner_is_taken_once():
    town = second_of_the_same(taken())
    assert "RE-1" in refused(town, take("RE-2"), WrongState, "requisition.once")
    for command in (take_orally("RE-3"), borrow("RE-4")):
        assert refused(town, command, WrongState, "requisition.once")
    town.do(give_back())
    assert town.do(take("RE-2", now=at("18:00", 20))).events


def test_property_of_the_register_is_taken_once_however_it_is_called():
    town = open_town()
    said: dict[str, Any] = {"property": "PP-1", "item": "TENT", "owner": "OW-1", "place": "150722106", "quantity": 1}
    town.do(RegisterRequisitionableProperty(by=OFF, now=at("08:00"), **said, name="marquee"))
    named = {"property": "PP-1", "subject": None, "item": None}
    town.do(borrow("RE-1", **named))
    town.do(RegisterRequisitionableProperty(by=OFF, now=at("17:00"), **said, name="big marquee"))
    assert "RE-1" in refused(town, borrow("RE-2", **named), WrongState, "requisition.once")
    town.do(give_back())
    assert town.do(borrow("RE-2", **named, now=at("18:00", 20))).events


def test_the_same_kind_of_thing_of_another_owner_is_another():
    town = taken()
    assert town.do(take_orally("RE-3", subject="OW-2")).events


def test_what_is_taken_orally_is_papered_within_48_hours_by_the_organ():
    town = open_town()
    fact, *_ = town.do(take_orally()).events
    assert isinstance(fact, RequisitionTakenOrally)
    assert [(due.key, due.due_at) for due in fact.clocks] == [("K-25", at("16:50", 20))]
    decided = town.do(paper())
    [papered] = decided.events
    assert papered.met == ("K-25",) and not papered.late and not decided.flags
    assert town.do(serve()).events[0].subject == "OW-1"
    assert refused(town, paper(), WrongState, "requisition.state")


def test_late_paper_is_signed_and_marked_and_told_once():
    town = open_town()
    town.do(take_orally())
    [missed] = town.do(passes("K-25", at("16:50", 20))).events
    assert isinstance(missed, ClockMissed) and not town.do(passes("K-25", at("16:50", 20))).events
    decided = town.do(paper(now=at("17:00", 20)))
    assert decided.flags == ("A-LATE",) and decided.events[0].late


def test_paper_is_signed_by_the_competent_organ_and_not_by_who_took_it():
    town = open_town()
    town.do(take_orally(by=HQ))
    assert refused(town, paper(), NotAllowed, "two.persons")
    assert refused(town, paper(by=SYS), NotAllowed, "RQ-02")
    assert town.do(paper(by=OTHER_HQ, manner=NoticeManner.PAPER)).events
    assert not town.do(serve()).events
    assert refused(taken(), paper(by=APP), WrongState, "requisition.state")


def test_what_came_back_before_its_paper_is_papered_all_the_same():
    town = open_town()
    town.do(take_orally())
    town.do(give_back(now=at("08:00", 19)))
    assert refused(town, c.CloseRequisition(by=HQ, now=at("09:00", 19), requisition="RE-1"), RuleBroken, "ERL-12")
    assert town.do(paper(now=at("09:30", 19))).events and town.do(serve()).events


def test_a_notice_of_what_is_not_papered_says_nothing():
    town = open_town()
    town.do(take_orally())
    assert not town.do(serve()).events
    assert "paper it first" in refused(town, serve(by=HQ, manner=NoticeManner.PAPER, proof="1"), WrongState, "requisition.state")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"condition": None}, "RQ-04"),
        ({"ordered_by": None}, "RQ-03"),
        ({"necessity": ""}, "ERL-12"),
        ({"incident": "INC-9"}, "incident.open"),
        ({"basis": "FCL-45"}, "RQ-02"),
        ({"basis": "FFR-38.2"}, "RQ-02"),
        ({"basis": None}, "RQ-02"),
        ({"kind": "troops"}, "RQ-01"),
    ],
)
def test_what_is_taken_orally_rests_on_the_law_all_the_same(changed: dict[str, Any], rule: str):
    assert refused(open_town(), take_orally(**changed), RuleBroken, rule)


def test_nobody_orders_themself_what_they_have_no_power_for():
    assert "who orders" in refused(open_town(), take_orally(ordered_by="B.ICP"), NotAllowed, "RQ-02")
    assert open_town().do(take_orally(by=HQ, ordered_by="B.HQ")).events


def test_a_home_is_taken_by_two_also_orally():
    assert refused(open_town(), take_orally(item="蒙古包"), NotAllowed, "two.persons")
    assert open_town().do(take_orally(item="蒙古包", cosigner=HQ)).events


def test_what_is_lent_needs_no_power_and_no_notice():
    town = open_town()
    fact, *_ = town.do(borrow()).events
    assert isinstance(fact, PropertyLent) and (fact.wanted.basis, fact.wanted.necessity) == ("RQ-07", "")
    assert refused(town, paper(), WrongState, "requisition.state")
    assert refused(open_town(), borrow(condition=None), RuleBroken, "RQ-04")
    assert refused(open_town(), borrow(subject=None), RuleBroken, "RQ-03")
    assert refused(open_town(), borrow(incident=None), RuleBroken, "incident.open")


def test_what_it_was_used_for_is_written_down_day_by_day():
    town = taken()
    assert refused(town, use(what=None), RuleBroken, "requisition.use")
    for day in (july(17), july(20)):
        assert refused(town, use(day=day), RuleBroken, "requisition.days")
    assert town.do(use()).events[0].day == july(19)
    assert town.do(use(day=july(18))).events
    assert town.state("requisition-RE-1").status == "in_use"
    assert refused(requested(), use(), WrongState, "requisition.state")


def test_at_the_end_of_its_period_it_is_due_back_within_15_days():
    town = taken(until=at("12:00", 19))
    assert not town.do(passes("requisition.until", at("11:59", 19))).events
    [due] = town.do(passes("requisition.until", at("12:00", 19))).events
    assert isinstance(due, ReturnDue)
    assert [(one.key, one.due_at) for one in due.clocks] == [("K-26", at("12:00", 19).replace(month=8, day=3))]
    assert not town.do(passes("requisition.until", at("12:00", 19))).events
    assert isinstance(town.do(passes("K-26", at("12:00", 3).replace(month=8))).events[0], ClockMissed)
    assert town.do(give_back()).events[0].met == ("K-26",)


def test_what_was_revoked_after_it_was_taken_goes_back():
    town = taken(until=at("12:00", 25))
    [fact] = town.do(revoke()).events
    assert not fact.over and [due.key for due in fact.clocks] == ["K-26"] and fact.stopped == ("requisition.until",)
    assert town.do(give_back()).events[0].met == ("K-26",)


def test_when_the_last_response_ends_everything_taken_for_it_is_asked_back():
    town = taken()
    for one in ("AC-1", "AC-2"):
        assert len(town.do(responds(one)).events) == 1
        assert not town.do(responds(one)).events
    assert len(town.do(responds("AC-1", open=False)).events) == 1
    _, asked = town.do(responds("AC-2", open=False)).events
    assert isinstance(asked, ReturnsAsked) and asked.requisitions == ("RE-1",)
    assert not town.do(responds("AC-2", open=False)).events
    ask = c.AskReturn(by=SYS, now=at("12:00", 20), requisition="RE-1", reason=asked.reason)
    assert isinstance(town.do(ask).events[0], ReturnDue)
    assert not town.do(ask).events


def test_a_response_that_ends_with_nothing_out_asks_for_nothing():
    town = taken()
    town.do(give_back())
    town.do(responds())
    assert len(town.do(responds(open=False)).events) == 1
    assert not town.do(c.AskReturn(by=SYS, now=at("18:00", 20), requisition="RE-1", reason="late")).events
