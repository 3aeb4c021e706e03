"""Goods lent come back by a day, whole or with what is missing told by two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.loans import DUE, Loan
from services.resources.deciders.streams import loan_stream
from services.resources.events.clock import ClockMissed
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.stock.shelf import SIGNED, buckets, kinds, opening, recall, refused, stock, town_with_water
from tests.resources.world import NOW, SECOND, SYS, Town

LEND = c.LendStock(**SIGNED, loan="LN-1", store="WH-MD", lots={"MD-TENT-1": 20}, to="150721", due_at=NOW + timedelta(days=7), cause="INC-1")
BACK = c.ReturnLoan(**SIGNED, loan="LN-1", lot="MD-TENT-1")


def town() -> Town:
    made = town_with_water()
    made.do(opening("MD-TENT-1", 120, "TENT", position="A-01"))
    return made


def loan(of: Town) -> Loan:
    found: Loan = of.state(loan_stream("LN-1"))
    return found


def test_what_is_lent_stays_on_the_books_as_lent():
    lent = town()
    decided = lent.do(LEND)
    assert kinds(decided) == ["LoanMade", "StockIssued"]
    assert decided.answer == {"lots": {"MD-TENT-1": 20}}
    assert stock(lent, "TENT").ledger.outside == {"opening": -120, "borrower": 20}
    assert [due.due_at for due in loan(lent).clocks.open()] == [NOW + timedelta(days=7)]


def test_it_comes_back_in_parts_and_the_last_ends_the_loan():
    lent = town()
    lent.do(LEND)
    lent.do(replace(BACK, good=12, position="A-01"))
    assert loan(lent).out == {"MD-TENT-1": 8}
    refused(lent, replace(BACK, good=9), RuleBroken, "loan.balance", "8 are still out")
    refused(lent, replace(BACK, damaged=5, lost=3), NotAllowed, "two.persons")
    lent.do(replace(BACK, damaged=5, lost=3, cosigner=SECOND))
    assert loan(lent).over
    assert not loan(lent).clocks.open()
    assert buckets(lent, "MD-TENT-1", "TENT") == (112, 0, 5)
    assert stock(lent, "TENT").ledger.outside == {"opening": -120, "borrower": 0, "lost": 3}
    refused(lent, replace(BACK, good=1), WrongState, "loan.over")


def test_an_overdue_loan_is_told_once():
    lent = town()
    lent.do(LEND)
    clock = c.EscalateLoanClock(by=SYS, now=NOW + timedelta(days=7), loan="LN-1", key=DUE)
    assert kinds(lent.do(replace(clock, now=NOW))) == []
    assert [type(fact) for fact in lent.do(clock).events] == [ClockMissed]
    assert kinds(lent.do(clock)) == []
    lent.do(replace(BACK, good=20))
    assert kinds(lent.do(clock)) == []


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"lots": {}}, "stock.quantity"),
        ({"lots": {"MD-TENT-1": 0}}, "stock.quantity"),
        ({"lots": {"MD-TENT-1": 121}}, "stock.nonneg"),
        ({"lots": {"MD-FOOD-0": 1}}, "stock.expired"),
        ({"lots": {"MD-WATER-2": 1}}, "stock.fefo"),
        ({"due_at": None}, "loan.longest"),
        ({"due_at": NOW}, "loan.longest"),
        ({"due_at": NOW + timedelta(days=181)}, "loan.longest"),
        ({"cause": ""}, "stock.cause"),
    ],
)
def test_a_loan_that_is_wrong_is_refused(changed: dict[str, Any], rule):
    refused(town(), replace(LEND, **changed), RuleBroken, rule)


def test_a_loan_is_made_once_of_known_lots_in_a_known_store():
    lent = town()
    refused(lent, replace(LEND, lots={"L-9": 1}), NotFound, "reference")
    refused(lent, replace(LEND, store="WH-99"), NotFound, "reference")
    lent.do(LEND)
    refused(lent, LEND, WrongState, "loan.once")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"lot": "MD-WATER-1", "good": 1}, "loan.balance"),
        ({}, "stock.quantity"),
        ({"good": -1}, "stock.quantity"),
        ({"good": 1, "position": "Z-9"}, "store.position"),
    ],
)
def test_a_return_of_a_loan_that_is_wrong_is_refused(changed: dict[str, Any], rule):
    lent = town()
    lent.do(LEND)
    refused(lent, replace(BACK, **changed), RuleBroken, rule)


def test_a_lent_lot_that_was_recalled_comes_back_as_damaged():
    lent = town()
    lent.do(LEND)
    lent.do(recall("MD-TENT-1"))
    refused(lent, replace(BACK, good=20), RuleBroken, "stock.recalled")
    lent.do(replace(BACK, damaged=20))
    assert buckets(lent, "MD-TENT-1", "TENT") == (0, 0, 120)
