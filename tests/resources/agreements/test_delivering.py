"""Goods lie apart until they are checked; what is good is paid for, in time, and never twice (SMP-9; domain 3.11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.resources.deciders.agreements import commands as c
from services.resources.deciders.agreements.state import CANCELLED, DEFAULTED, DELIVERED, PAID
from services.resources.deciders.stock.commands import (
    FailQuality,
    PassQuality,
    QuarantineLot,
    ReceiveLot,
    RecordLoss,
    ReverseMovement,
    WriteOff,
)
from services.resources.events.call_off import CallOffDelivered, CallOffPaid, CallOffQualityAccepted
from services.resources.events.stock import Bucket, QualityPassed, ReturnedToSupplier, Source, StockReceived
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.agreements.contracts import FOOD, OTHER, accepted, called, check, deliver, delivered, pay, refused, stop
from tests.resources.world import AREA, CITY_KEEPER, POINT, REGION, REGION_APP, SECOND, Town, at, july, money, point


def stock(town: Town) -> Any:
    return town.state("stock-FP-XW.FOOD")


def test_what_comes_lies_apart_and_belongs_to_the_owner_of_the_agreement():
    town = accepted()
    came, received, *_ = town.do(deliver()).events
    assert isinstance(came, CallOffDelivered) and isinstance(received, StockReceived)
    assert received.pending and received.owner == REGION and received.division == AREA and received.cause == "CO-1"
    assert (stock(town).available("AG-FOOD-1"), stock(town).quarantined("AG-FOOD-1")) == (0, 2000)
    [due] = came.clocks
    assert (due.rule, due.due_at) == ("K-37", at("10:00", 20).replace(month=8, day=19))


def test_what_passed_may_be_promised_and_what_failed_goes_back():
    town = accepted()
    town.do(deliver())
    accepted_, passed = town.do(check()).events
    assert isinstance(accepted_, CallOffQualityAccepted) and isinstance(passed, QualityPassed)
    town.do(deliver("AG-FOOD-2", 500))
    _, passed, back = town.do(check("AG-FOOD-2", 460, 40)).events
    assert (passed.qty, back.qty) == (460, 40) and isinstance(back, ReturnedToSupplier)
    assert (stock(town).available("AG-FOOD-2"), stock(town).quarantined("AG-FOOD-2")) == (460, 0)
    assert stock(town).ledger.total("supplier") == -2460


def test_why_it_failed_and_how_it_was_paid_are_shown_as_missing_where_nobody_said_it():
    town = accepted()
    town.do(deliver())
    town.do(check(passed=1000))
    assert town.state("calloff-CO-1").deliveries["AG-FOOD-1"].reason == ""
    town.do(check(passed=0, failed=2, reason="wet"))
    town.do(pay("1.00"))
    town.do(pay(reference="T-1"))
    kept = town.state("calloff-CO-1")
    assert (kept.deliveries["AG-FOOD-1"].reason, kept.references) == ("wet", (None, "T-1"))


def test_what_failed_whole_goes_back_and_is_never_due():
    town = accepted()
    town.do(deliver())
    quality, back = town.do(check(passed=0, failed=2000)).events
    assert isinstance(back, ReturnedToSupplier) and quality.stopped == ("K-37.AG-FOOD-1",)
    assert refused(town, pay(), RuleBroken, "amount")


def test_what_failed_may_be_brought_again():
    town = delivered()
    decided = town.do(deliver("AG-FOOD-3", 40, now=at("10:00", 22)))
    assert decided.flags == ("A-LATE",) and decided.answer == {"missing": 0}


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"qty": 2501}, "call_off.quantity"),
        ({"qty": None}, "stock.quantity"),
        ({"unit": "litre"}, "item.unit"),
        ({"store": "WH-MD"}, "call_off.store"),
        ({"expires": july(19)}, "stock.expired"),
    ],
)
def test_goods_that_were_not_ordered_so_are_refused(changed: dict[str, Any], rule: str):
    assert refused(accepted(), deliver(**changed), RuleBroken, rule)


def test_a_delivery_has_a_lot_of_its_own():
    town = accepted()
    town.do(deliver(qty=1000))
    assert refused(town, deliver(qty=1000), RuleBroken, "lot.once")


def test_goods_are_brought_by_the_supplier_or_written_down_by_the_keeper_of_that_store():
    town = accepted()
    assert refused(town, deliver(by=OTHER), NotAllowed, "call_off.supplier")
    assert refused(town, deliver(by=CITY_KEEPER), NotAllowed, "matrix.3.27")
    assert town.do(deliver(by=POINT)).events
    assert refused(town, check(), NotAllowed, "two.persons")
    assert refused(called(), deliver(), WrongState, "call_off.state")
    assert refused(accepted(), deliver(store="FP-9"), NotFound, "reference")


@pytest.mark.parametrize(
    ("passed", "failed", "rule"),
    [(0, 0, "stock.quantity"), (-1, 0, "stock.quantity"), (0, -1, "stock.quantity"), (2000, 1, "stock.nonneg")],
)
def test_no_more_is_checked_than_came(passed: int, failed: int, rule: str):
    town = accepted()
    town.do(deliver())
    assert refused(town, check(passed=passed, failed=failed), RuleBroken, rule)


def test_what_did_not_come_is_not_checked_and_who_brought_it_does_not_check_it():
    town = accepted()
    town.do(deliver())
    assert refused(town, check("AG-FOOD-9"), NotFound, "reference")
    assert refused(town, check(by=FOOD), NotAllowed, "two.persons")


def test_what_was_found_good_is_paid_once_and_never_more():
    town = delivered()
    assert refused(town, pay("29520.01"), RuleBroken, "amount") == "accepted 2460 x 12.00 = 29520.00"
    [paid] = town.do(pay("29520.0")).events
    assert isinstance(paid, CallOffPaid) and paid.amount == paid.total == money("29520.00")
    assert set(paid.met) == {"K-37.AG-FOOD-1", "K-37.AG-FOOD-2"}
    assert "paid 29520.00" in refused(town, pay("1"), RuleBroken, "amount")
    assert town.state("calloff-CO-1").status == PAID


def test_parts_are_paid_and_the_oldest_delivery_is_met_first():
    town = delivered()
    [first] = town.do(pay("24000")).events
    assert first.met == ("K-37.AG-FOOD-1",)
    [rest] = town.do(pay()).events
    assert (rest.amount, rest.met) == (money("5520.00"), ("K-37.AG-FOOD-2",))


def test_a_delivery_that_is_not_checked_whole_is_not_met_by_money():
    town = accepted()
    town.do(deliver())
    town.do(check(passed=1000))
    assert town.do(pay()).events[0].met == ()


@pytest.mark.parametrize("amount", ["0.001", "-1"])
def test_money_has_two_places_and_is_above_nothing(amount: str):
    assert refused(delivered(), pay(amount), RuleBroken, "amount.form")


def test_who_called_off_does_not_pay_and_nothing_is_paid_before_it_came():
    both = Signature(REGION_APP.actor, ("EMD.approver", "FIN"), REGION, 1)
    assert refused(delivered(), pay(by=both), NotAllowed, "two.persons")
    assert refused(accepted(), pay(), WrongState, "call_off.state")


@pytest.mark.parametrize(("kind", "status"), [(c.CancelCallOff, CANCELLED), (c.DefaultCallOff, DEFAULTED)])
def test_what_came_before_the_end_is_checked_and_paid(kind: type[c.CancelCallOff] | type[c.DefaultCallOff], status: str):
    town = accepted()
    town.do(deliver())
    assert town.state("calloff-CO-1").status == DELIVERED
    town.do(stop(kind, now=at("00:00", 22)))
    town.do(check(now=at("09:00", 22)))
    assert town.do(pay()).events[0].total == money("24000.00")
    assert town.state("calloff-CO-1").status == status


def test_what_failed_piece_by_piece_is_never_due_either():
    town = accepted()
    town.do(deliver())
    assert town.do(check(passed=0, failed=500)).events[0].stopped == ()
    assert town.do(check(passed=0, failed=1500)).events[0].stopped == ("K-37.AG-FOOD-1",)


def test_the_time_to_pay_ends_when_the_rest_of_what_was_paid_failed():
    town = accepted()
    town.do(deliver())
    town.do(check(passed=1000))
    town.do(pay())
    assert town.do(check(passed=0, failed=1000)).events[0].stopped == ("K-37.AG-FOOD-1",)
    assert not [due for due in town.state("calloff-CO-1").clocks.open() if due.rule == "K-37"]


def test_what_failed_is_waited_for_again():
    town = delivered()
    assert [due.key for due in town.state("calloff-CO-1").clocks.open() if due.rule == "call_off.due"] == ["call_off.due"]
    town.do(deliver("AG-FOOD-3", 40, now=at("10:00", 22)))
    assert not [due for due in town.state("calloff-CO-1").clocks.open() if due.rule == "call_off.due"]


def test_a_call_off_that_was_paid_in_part_may_be_cancelled():
    town = delivered()
    town.do(pay())
    assert town.do(stop(now=at("12:00", 22))).events
    assert town.state("calloff-CO-1").status == CANCELLED


def test_goods_of_others_and_gifts_are_no_lot_of_a_delivery():
    given = {"source": Source.PURCHASE, "cause": "a bill", "expires": july(20).replace(month=8)}
    town = accepted()
    town.do(ReceiveLot(by=POINT, now=at("09:00", 20), store="FP-XW", item="FOOD", lot="AG-FOOD-1", qty=5, **given))
    assert "goods of 150722" in refused(town, deliver(), RuleBroken, "lot.once")


def past_the_check(**changed: Any) -> list[PassQuality | FailQuality | WriteOff | RecordLoss]:
    """Every other way out of what lies apart."""
    said: dict[str, Any] = {"by": POINT, "cosigner": SECOND, "now": at("10:20", 20), "store": "FP-XW", "lot": "AG-FOOD-1"} | changed
    lost = {"cause": "INC-1", "reason": "wet", "bucket": Bucket.QUARANTINED}
    kinds: list[PassQuality | FailQuality | WriteOff | RecordLoss] = [
        PassQuality(**said, cause="LAB"),
        FailQuality(**said, reason="wet"),
        FailQuality(**said, reason="wet", to_supplier=True),
    ]
    said["qty"] = said.get("qty", 2000)
    return [*kinds, WriteOff(**said, reason="wet"), RecordLoss(**said, **lost)]


@pytest.mark.parametrize("qty", [{}, {"qty": 1}])
def test_nothing_passes_by_the_check_that_the_supplier_is_paid_for(qty: dict[str, int]):
    for command in past_the_check(**qty):
        town = accepted()
        town.do(deliver())
        cure = refused(town, command, RuleBroken, "call_off.quality")
        assert "2000 of AG-FOOD-1 came under CO-1" in cure and "AcceptQuality" in cure, type(command)


def test_what_was_checked_is_the_stores_like_any_other_goods():
    for command in past_the_check(qty=7):
        town = accepted()
        town.do(deliver())
        town.do(check(passed=1000))
        town.do(QuarantineLot(by=POINT, now=at("10:20", 20), store="FP-XW", lot="AG-FOOD-1", qty=7, reason="smell"))
        available = 993 if isinstance(command, WriteOff) else 0  # it takes of that too, what lies apart first
        assert "; 7 lie apart besides" in refused(town, replace(command, qty=8 + available), RuleBroken, "call_off.quality")
        assert town.do(command).events
        assert town.do(check(passed=1000)).events, "what waits for its check is what came, whatever else lay beside it"


def test_a_document_of_the_keeper_is_no_call_off():
    town = accepted()
    told: dict[str, Any] = {"store": "FP-XW", "item": "FOOD", "lot": "L-1", "qty": 5, "source": Source.AGREEMENT, "cause": "CO-1"}
    town.do(ReceiveLot(by=POINT, now=at("09:00", 20), **told, pending=True))
    assert town.do(PassQuality(by=POINT, now=at("09:10", 20), store="FP-XW", lot="L-1", cause="LAB")).events


def test_a_check_that_the_supplier_is_paid_by_is_not_taken_back_in_the_books_alone():
    town = accepted()
    town.do(deliver())
    town.do(check(passed=1960, failed=40))
    for version, instead in ((2, "QuarantineLot"), (3, "DeliverCallOff, once it comes again")):
        undo = ReverseMovement(by=POINT, now=at("11:00", 20), store="FP-XW", item="FOOD", version=version, reason="typed wrong")
        assert instead in refused(town, undo, RuleBroken, "stock.elsewhere")


def test_where_keepers_are_named_one_of_them_writes_down_what_came_and_checks_it():
    town = accepted()
    town.do(point(keepers=("W.FP2",)))
    refused(town, deliver(by=SECOND), NotAllowed, "store.keeper")
    town.do(deliver())
    assert "W.FP, W.FP2" in refused(town, check(by=SECOND), NotAllowed, "store.keeper")
    assert town.do(check()).events
