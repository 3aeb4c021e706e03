"""What was lost before anybody checked it: two say so, the supplier is paid, the books follow, and no count passes by it (SMP-9, SU-07)."""

from __future__ import annotations

from typing import Any

from services.resources.deciders.agreements import commands as c
from services.resources.deciders.stocktakes import commands as count
from services.resources.events.stock import Bucket, StockLost
from shared.kernel.errors import NotAllowed, RuleBroken
from tests.resources.agreements.contracts import FOOD, accepted, check, deliver, pay, refused
from tests.resources.world import POINT, SECOND, at, money

STOCK = "stock-FP-XW.FOOD"


def lose(**changed: Any) -> c.AcceptQuality:
    return check(**{"passed": 1900, "lost": 100, "cosigner": SECOND, "reason": "the point was flooded"} | changed)


def test_what_was_lost_with_us_before_its_check_is_paid_and_leaves_the_books():
    town = accepted()
    town.do(deliver())
    events = town.do(lose()).events
    gone = next(fact for fact in events if isinstance(fact, StockLost))
    assert (gone.qty, gone.bucket, gone.cause, gone.second) == (100, Bucket.QUARANTINED, "CO-1", SECOND.actor)
    assert (town.state(STOCK).available("AG-FOOD-1"), town.state(STOCK).quarantined("AG-FOOD-1")) == (1900, 0)
    assert town.do(pay()).events[0].amount == money("24000.00")


def test_two_say_what_was_lost_unchecked_and_how_and_neither_brought_it():
    town = accepted()
    town.do(deliver())
    refused(town, lose(cosigner=None), NotAllowed, "two.persons")
    refused(town, lose(cosigner=FOOD), NotAllowed, "two.persons")
    refused(town, lose(reason=None), RuleBroken, "stock.reason")
    refused(town, lose(lost=101), RuleBroken, "stock.nonneg")
    refused(town, lose(lost=-1), RuleBroken, "stock.quantity")


def test_a_count_does_not_pass_by_the_check_either():
    town = accepted()
    town.do(deliver())
    town.do(check(passed=1000))
    counts: dict[str, Any] = {"by": POINT, "now": at("11:00", 20), "stocktake": "ST-1"}

    def counted(qty: int, **said: Any) -> count.PostStocktake:
        town.do(count.OpenStocktake(**counts | said, store="FP-XW", items=("FOOD",)))
        town.do(count.CountLine(**counts | said, lot="AG-FOOD-1", qty=qty))
        town.do(count.CloseCount(**counts | said))
        return count.PostStocktake(**counts | said, reason="counted", cosigner=SECOND)

    cure = refused(town, counted(999), RuleBroken, "call_off.quality")
    assert "1000 of AG-FOOD-1 came under CO-1" in cure and "lost" in cure
    town.do(check(passed=0, lost=1000, cosigner=SECOND, reason="the point was flooded"))
    assert town.do(counted(990, stocktake="ST-2")).events
