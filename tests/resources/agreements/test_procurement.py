"""A purchase without a tender has a ground and a reason, and its file is kept fifteen years (GPL-42, 85)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.kernel.errors import RuleBroken, WrongState
from tests.resources.agreements.contracts import buy, refused
from tests.resources.world import NOW, money, stocked_town


def test_what_was_bought_and_why_is_kept_for_fifteen_years():
    decided = stocked_town().do(buy())
    [fact] = decided.events
    assert (fact.article, fact.keep_until, fact.price) == ("GPL-85", date(2036, 7, 18), money("2000.00"))
    assert decided.basis == "GPL-85"


def test_of_a_leap_day_it_is_kept_a_day_longer():
    leap = NOW.replace(year=2024, month=2, day=29)
    assert stocked_town().do(buy(now=leap)).events[0].keep_until == date(2039, 3, 1)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"ground": None}, "GPL-42"),
        ({"ground": "friend"}, "GPL-42"),
        ({"item": None}, "GPL-42"),
        ({"supplier": None}, "GPL-42"),
        ({"reason": ""}, "GPL-42"),
        ({"price": None}, "GPL-42"),
        ({"price": money("1.001")}, "amount.form"),
        ({"qty": 0}, "stock.quantity"),
        ({"document": "the contract"}, "PIPL-5"),
        ({"incident": None}, "incident.open"),
        ({"incident": "INC-9"}, "incident.open"),
    ],
)
def test_money_never_passes_without_its_ground(changed: dict[str, Any], rule: str):
    assert refused(stocked_town(), buy(**changed), RuleBroken, rule)


def test_other_grounds_need_no_incident():
    assert stocked_town().do(buy(ground="single_source", incident=None)).events[0].article == "GPL-31"


def test_what_is_kept_is_not_changed():
    town = stocked_town()
    town.do(buy())
    assert refused(town, buy(price=money("1")), WrongState, "procurement.once")
