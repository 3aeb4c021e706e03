"""What enters one account leaves another; what is kept inside is never below zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.blocks.ledger import Ledger, Leg, Overdrawn, Unbalanced, move

EMPTY = Ledger(frozenset({"free", "held"}))
ACCOUNTS = ("free", "held:A", "held:B", "supplier", "people")
MOVES = st.lists(st.tuples(st.sampled_from("xy"), st.integers(0, 9), st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS)), max_size=40)


@given(MOVES)
def test_whatever_is_posted_the_sum_is_zero_and_nothing_inside_is_below(moves):
    ledger = EMPTY
    for unit, amount, source, target in moves:
        before = ledger
        try:
            ledger = ledger.post(move(unit, amount, source, target))
        except Overdrawn:
            assert ledger is before
    inside = sum(ledger.total(account) for account in ("free", "held"))
    assert inside + sum(ledger.outside.values()) == 0
    assert all(amount > 0 for held in ledger.inside.values() for amount in held.values())
    assert all(ledger.inside.values())


def test_an_entry_that_does_not_balance_is_a_defect():
    with pytest.raises(Unbalanced):
        EMPTY.post([Leg("free", "x", 1)])
    with pytest.raises(Unbalanced):
        EMPTY.post([*move("x", 1, "supplier", "free"), Leg("supplier", "y", -1)])


def test_what_would_be_below_zero_is_not_posted_at_all():
    ledger = EMPTY.post(move("x", 5, "supplier", "free"))
    with pytest.raises(Overdrawn):
        ledger.post([*move("x", 3, "free", "held:A"), *move("x", 3, "free", "held:B")])
    assert ledger.balance("free", "x") == 5
    assert ledger.total("supplier") == -5


def test_each_key_has_a_balance_of_its_own():
    ledger = EMPTY.post(move("x", 9, "supplier", "free")).post([*move("x", 2, "free", "held:A"), *move("x", 3, "free", "held:B")])
    assert (ledger.balance("held:A", "x"), ledger.balance("held", "x"), ledger.total("held")) == (2, 5, 5)
    assert ledger.keys("held") == {"A", "B"}
    assert ledger.units("held:B") == {"x": 3}
    assert ledger.units("held:C") == {}


def test_what_is_used_up_is_forgotten():
    ledger = EMPTY.post(move("x", 1, "supplier", "free")).post(move("x", 1, "free", "people"))
    assert ledger.empty
    assert ledger.outside == {"supplier": -1, "people": 1}
    assert move("x", 0, "free", "people") == ()
