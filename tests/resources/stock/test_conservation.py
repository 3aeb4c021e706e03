"""Nothing appears, vanishes or goes below zero, whatever is done in whichever order (SU-07)."""

from __future__ import annotations

from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.resources.deciders.stock.entries import INSIDE, legs
from services.resources.deciders.stock.state import Stock, evolve
from shared.blocks.ledger import Ledger
from tests.resources.stock.histories import History, between, run, whole


def test_twenty_thousand_movements_leave_the_books_balanced():
    history = run(7, 20_000)
    wanted = {"ReceiveLot", "IssueStock", "ReturnStock", "TransferStock", "WriteOff", "RecordLoss", "RecallLot", "ReverseMovement"}
    assert wanted <= history.done.keys(), wanted - history.done.keys()


@given(st.integers(0, 2**32), st.integers(1, 120))
@settings(max_examples=40, deadline=None)
def test_every_short_history_is_balanced(seed, steps):
    history = History(Random(seed))
    for _ in range(steps):
        history.step()
    between(history)


def test_a_stock_is_the_fold_of_its_facts_and_of_nothing_else():
    history = History(Random(3))
    for _ in range(600):
        history.step()
    for stream in [one for one in history.facts if one.startswith("stock-")]:
        found, ledger = Stock(), Ledger(INSIDE)
        for fact in history.facts[stream]:
            found, ledger = evolve(found, fact), ledger.post(legs(fact))
        assert found == history.states[stream]
        assert msgspec.json.decode(msgspec.json.encode(found), type=Stock) == found  # as its snapshot keeps it
        assert found.ledger == ledger
        whole(found)
