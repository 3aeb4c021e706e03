"""Money is a number from 0 with two places, whatever is sent for it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.blocks.money import MOST, unfit


@pytest.mark.parametrize(
    "amount", ["-0.01", "-0", "-0.00", "NaN", "sNaN", "Infinity", "-Infinity", "0.001", f"{MOST + Decimal('0.01'):f}", "1E+30"]
)
def test_what_is_no_amount(amount: str):
    assert [fault.rule for fault in unfit(Decimal(amount), "amount")] == ["amount.form"]


@pytest.mark.parametrize("amount", ["0", "0.01", "1E+5", "650.0", f"{MOST:f}"])
def test_what_is_one(amount: str):
    assert not unfit(Decimal(amount), "amount") and not unfit(None, "amount")
