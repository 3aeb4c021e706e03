"""Notices: told once, once more when it was cured in between, and by the clock when a lot comes near its date."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.resources.deciders.masters.norm import SetNorm
from services.resources.deciders.masters.notice import EscalateNoticeClock, WatchStock
from services.resources.events import stock as s
from services.resources.events.masters import Threshold
from services.resources.events.notice import ExpiryWatched, NoticeCured, NoticeKind, NoticeRaised
from services.resources.policies.notices import NOTICES
from tests.resources.world import APP, AREA, NOW, SYS, item, july, stocked_town, warehouse

LEVELS = (Threshold(3, low=100), Threshold(None, low=1000, high=5000))


def town_of(**changed):
    town = stocked_town()
    town.do(item("WATER", thresholds=LEVELS, **changed))
    return town


def came(town, qty, lot="L-1", expires=None, store="WH-MD"):
    fact = s.StockReceived(store, "WATER", lot, qty, s.Source.OPENING, "books", None, "W.MD1", NOW, AREA, expires=expires)
    town.past.setdefault(f"stock-{store}.WATER", []).append(fact)


def went(town, qty, lot="L-1", store="WH-MD"):
    town.past[f"stock-{store}.WATER"].append(s.StockIssued(store, "WATER", lot, qty, s.Use.PEOPLE, "INC-1", None, "W.MD1", NOW))


def look(town, store="WH-MD", **later):
    return town.do(WatchStock(by=SYS, now=NOW + timedelta(**later), store=store, item="WATER")).events


def kinds(facts):
    return [(type(fact).__name__, fact.kind.value) for fact in facts if isinstance(fact, NoticeRaised | NoticeCured)]


def test_a_store_that_falls_below_its_threshold_is_told_of_once():
    town = town_of()
    came(town, 120)
    assert look(town) == []
    went(town, 20)
    assert look(town) == []  # 100 are enough
    went(town, 1)
    assert look(town) == [NoticeRaised("WH-MD", "WATER", NoticeKind.LOW, 99, 100, (), AREA, NOW)]
    went(town, 9)
    assert look(town) == []
    assert look(town) == []


def test_when_it_was_cured_it_is_told_of_again():
    town = town_of()
    came(town, 99)
    assert kinds(look(town)) == [("NoticeRaised", "low")]
    came(town, 1)
    assert look(town) == [NoticeCured("WH-MD", "WATER", NoticeKind.LOW, NOW)]
    assert look(town) == []
    went(town, 5)
    assert kinds(look(town)) == [("NoticeRaised", "low")]


def test_the_threshold_is_that_of_the_owners_level():
    town = town_of()
    came(town, 999, store="WH-HL")
    (fact,) = look(town, "WH-HL")
    assert (fact.kind, fact.bound, fact.division) == (NoticeKind.LOW, 1000, "150700")


def test_a_norm_of_the_store_goes_before():
    town = town_of()
    town.do(SetNorm(by=APP, now=NOW, item="WATER", store="WH-MD", minimum=10, source="plan 1"))
    came(town, 10)
    assert look(town) == []
    went(town, 1)
    assert [fact.bound for fact in look(town)] == [10]


def test_what_is_reserved_is_not_there_to_be_promised():
    town = town_of()
    came(town, 100)
    town.past["stock-WH-MD.WATER"].append(s.StockReserved("WH-MD", "WATER", "L-1", 1, "AC-1", "B.APP", NOW))
    assert kinds(look(town)) == [("NoticeRaised", "low")]


def test_too_much_is_told_by_the_threshold_or_by_the_room_there_is():
    town = town_of()
    came(town, 5001, store="WH-HL")
    assert kinds(look(town, "WH-HL")) == [("NoticeRaised", "over")]
    town.do(warehouse(capacity={"WATER": 200}))
    came(town, 201)
    (fact,) = look(town)
    assert (fact.kind, fact.amount, fact.bound) == (NoticeKind.OVER, 201, 200)


def test_a_lot_is_told_of_at_both_thresholds_and_each_lot_once():
    town = town_of()
    came(town, 100, "L-1", july(18) + timedelta(days=91))
    (watched,) = look(town)
    assert isinstance(watched, ExpiryWatched) and watched.day == july(19)
    assert kinds(look(town, days=1)) == [("NoticeRaised", "expiring")]
    came(town, 5, "L-2", july(18) + timedelta(days=80))
    (raised, *_) = look(town, days=1)
    assert (raised.kind, raised.lots, raised.amount) == (NoticeKind.EXPIRING, ("L-2",), 105)
    assert kinds(look(town, days=49)) == []
    assert kinds(look(town, days=50)) == [("NoticeRaised", "pressing")]
    went(town, 5, "L-2")
    went(town, 100, "L-1")
    assert kinds(look(town, days=51)) == [("NoticeRaised", "low"), ("NoticeCured", "expiring"), ("NoticeCured", "pressing")]


def test_an_expired_lot_is_nothing_to_count_on():
    town = town_of()
    came(town, 500, "L-1", july(17))
    assert kinds(look(town)) == [("NoticeRaised", "low"), ("NoticeRaised", "expiring"), ("NoticeRaised", "pressing")]


def test_an_item_may_have_its_own_days():
    town = town_of(expiring=(5, 2))
    came(town, 500, "L-1", july(18) + timedelta(days=6))
    assert kinds(look(town)) == []
    assert [fact.bound for fact in look(town, days=1) if isinstance(fact, NoticeRaised)] == [5]
    assert [fact.bound for fact in look(town, days=4) if isinstance(fact, NoticeRaised)] == [2]


def test_the_clock_looks_again_on_the_day_and_is_set_anew():
    town = town_of()
    came(town, 500, "L-1", july(18) + timedelta(days=91))
    (watched,) = look(town)
    (due,) = watched.clocks
    command = EscalateNoticeClock(by=SYS, now=due.due_at, watch="WH-MD.WATER", key=due.key)
    raised, following = town.do(command).events
    assert (raised.kind, following.day) == (NoticeKind.EXPIRING, july(18) + timedelta(days=61))
    assert town.do(command).events == []
    raised, last = town.do(EscalateNoticeClock(by=SYS, now=following.clocks[0].due_at, watch="WH-MD.WATER", key=due.key)).events
    assert (raised.kind, last.day, last.stopped) == (NoticeKind.PRESSING, None, (due.key,))


def test_a_store_that_is_closed_or_unknown_tells_nothing():
    town = town_of()
    assert look(town, "WH-NONE") == []


def test_every_movement_of_goods_is_looked_at_and_putting_away_is_not():
    (policy,) = NOTICES
    assert {"resources.stock.received", "resources.stock.issued", "resources.stock.reserved"} <= set(policy.listens)
    assert "resources.stock.moved" not in policy.listens


@pytest.mark.parametrize("times", [2, 5])
def test_however_often_it_is_looked_at_it_is_said_once(times):
    town = town_of()
    came(town, 1, "L-1", july(20))
    facts = [fact for _ in range(times) for fact in look(town)]
    assert kinds(facts) == [("NoticeRaised", "low"), ("NoticeRaised", "expiring"), ("NoticeRaised", "pressing")]
