"""Call-offs share the capacity of each day; only who was contracted answers (domain 3.11)."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.agreements import commands as c
from services.resources.events.agreement import CapacityFreed, CapacityTaken, DayShare
from services.resources.events.call_off import CallOffAccepted, CallOffCancelled, CallOffDefaulted, CallOffIssued, CallOffRejected
from services.resources.events.clock import ClockMissed
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.agreements.contracts import (
    FOOD,
    OTHER,
    accept,
    accepted,
    call,
    called,
    deliver,
    delivered,
    refused,
    sign,
    signed,
    stop,
)
from tests.resources.world import SYS, at, july


def reject(**changed: Any) -> c.RejectCallOff:
    return c.RejectCallOff(**{"by": FOOD, "now": at("18:00"), "call_off": "CO-1", "reason": "a machine broke"} | changed)


def test_more_than_a_day_can_make_is_answered_by_what_could_be_had():
    assert refused(signed(), call(days=1), RuleBroken, "capacity") == "2000 in one day; 2500 in two"


def test_what_is_made_begins_the_day_after_and_comes_after_the_lead_time():
    issued, taken = signed().do(call()).events
    assert isinstance(issued, CallOffIssued) and isinstance(taken, CapacityTaken)
    assert issued.plan == taken.days == (DayShare(july(19), 2000), DayShare(july(20), 500))
    assert issued.due.isoformat() == "2021-07-22T00:00:00+08:00"


def test_call_offs_share_the_days():
    town = called()
    assert refused(town, call("CO-2"), RuleBroken, "capacity") == "1500 in two days; 2500 in three"
    issued, _ = town.do(call("CO-2", qty=1500)).events
    assert issued.plan == (DayShare(july(20), 1500),)
    assert refused(town, call("CO-3", qty=1, days=2), RuleBroken, "capacity") == "0 in two days; 1 in three"


def test_nothing_is_made_after_the_last_day():
    town = signed()
    short = town.do(sign(agreement="AG-2", valid_to=july(20))).events
    assert short
    assert refused(town, call(agreement="AG-2", qty=5000, days=365), RuleBroken, "capacity") == "4000 in 365 days; never 5000"


def test_packs_are_counted_exactly():
    issued, _ = signed().do(call(qty=250, unit="carton")).events
    assert issued.qty == 2500


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"qty": None}, "stock.quantity"),
        ({"qty": 0}, "stock.quantity"),
        ({"unit": "piece"}, "item.unit"),
        ({"days": None}, "capacity"),
        ({"days": 0}, "capacity"),
        ({"days": 366}, "capacity"),
        ({"to_store": None}, "call_off.store"),
        ({"incident": "INC-9"}, "incident.open"),
    ],
)
def test_a_call_off_that_says_too_little_is_refused(changed: dict[str, Any], rule: str):
    assert refused(signed(), call(**changed), RuleBroken, rule)


def test_a_call_off_names_an_agreement_and_a_store_that_are_known():
    assert refused(signed(), call(agreement="AG-9"), NotFound, "reference")
    assert refused(signed(), call(to_store="FP-9"), NotFound, "reference")
    assert refused(signed(), call(to_store="FP-9", days=1), NotFound, "reference")  # before what could be had
    assert refused(called(), call(), WrongState, "call_off.state")


def test_a_call_off_goes_to_a_store_of_the_own_line():
    assert "let 150722 ask" in refused(signed(), call(near=False), RuleBroken, "store.line")
    with pytest.raises(RuleBroken) as error:
        signed().do(call(near=False, qty=10**9))
    assert [fault.rule for fault in error.value.failures] == ["capacity", "store.line"]


def test_only_who_was_contracted_answers():
    town = called()
    for answer in (accept(by=OTHER), reject(by=OTHER)):
        assert "ENT.FOOD" in refused(town, answer, NotAllowed, "call_off.supplier")
    decided = town.do(accept())
    [fact] = decided.events
    assert isinstance(fact, CallOffAccepted) and fact.met == ("call_off.answer_wait",) and not decided.flags
    assert refused(town, accept(), WrongState, "call_off.state")


def test_a_late_answer_counts_and_is_marked():
    assert called().do(accept(now=at("18:00", 20))).flags == ("A-LATE",)


def test_a_rejection_says_why_and_frees_its_days():
    town = called()
    assert refused(town, reject(reason=None), RuleBroken, "call_off.reason")
    rejected, freed = town.do(reject()).events
    assert isinstance(rejected, CallOffRejected) and isinstance(freed, CapacityFreed)
    assert town.do(call("CO-2")).events[0].plan[0] == DayShare(july(19), 2000)
    assert refused(town, deliver(), WrongState, "call_off.state")


def test_what_is_not_needed_is_cancelled_and_its_days_are_free():
    town = accepted()
    assert refused(town, stop(reason=None), RuleBroken, "call_off.reason")
    cancelled, freed = town.do(stop()).events
    assert isinstance(cancelled, CallOffCancelled) and isinstance(freed, CapacityFreed)
    assert cancelled.stopped == ("call_off.due",)
    assert refused(town, stop(), WrongState, "call_off.state")


def test_nobody_is_in_default_before_the_time_is_over():
    town = accepted()
    assert refused(town, stop(c.DefaultCallOff), RuleBroken, "call_off.due")
    town.do(deliver())
    fact, _ = town.do(stop(c.DefaultCallOff, now=at("00:00", 22))).events
    assert isinstance(fact, CallOffDefaulted) and fact.missing == 500
    assert refused(town, deliver("AG-FOOD-2", 500), WrongState, "call_off.state")


def test_what_came_whole_is_neither_cancelled_nor_in_default():
    town = accepted()
    town.do(deliver())
    town.do(deliver("AG-FOOD-2", 500))
    for kind in (c.CancelCallOff, c.DefaultCallOff):
        assert "all of it came" in refused(town, stop(kind, now=at("00:00", 23)), WrongState, "call_off.state")


@pytest.mark.parametrize("key", ["call_off.due", "K-37.AG-FOOD-1"])
def test_goods_and_money_that_are_late_are_told_once(key: str):
    town = accepted() if key == "call_off.due" else delivered()
    late = c.EscalateCallOffClock(by=SYS, now=at("00:00", 1).replace(month=9), call_off="CO-1", key=key)
    [missed] = town.do(late).events
    assert isinstance(missed, ClockMissed) and missed.rule in ("call_off.due", "K-37")
    assert not town.do(late).events
