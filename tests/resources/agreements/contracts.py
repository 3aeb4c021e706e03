"""Commands on agreements and call-offs as the tests give them, and a town with one agreement on food."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.agreements import commands as c
from services.resources.deciders.agreements.procurement import RecordProcurement
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import DomainError
from tests.resources.world import NOW, POINT, REGION, REGION_APP, Town, at, july, money, stocked_town

FOOD = Signature("ENT.FOOD", ("ENT",), "150702", 3)
OTHER = Signature("ENT.OTHER", ("ENT",), "150702", 3)
REGION_FIN = Signature("R.FIN", ("FIN",), REGION, 1)


def sign(**changed: Any) -> c.SignAgreement:
    said: dict[str, Any] = {"agreement": "AG-1", "item": "FOOD", "with_": "ENT.FOOD", "owner": REGION, "capacity_per_day": 2000}
    said |= {"lead_days": 1, "price": money("12.00"), "pay_days": 30, "valid_to": july(31).replace(year=2022)}
    return c.SignAgreement(**{"by": REGION_APP, "now": at("08:00", 17)} | said | changed)


def call(call_off: str = "CO-1", **changed: Any) -> c.CallOff:
    said: dict[str, Any] = {"call_off": call_off, "agreement": "AG-1", "qty": 2500, "days": 2, "to_store": "FP-XW", "near": True}
    return c.CallOff(**{"by": REGION_APP, "now": at("17:42")} | said | changed)


def accept(**changed: Any) -> c.AcceptCallOff:
    return c.AcceptCallOff(**{"by": FOOD, "now": at("18:00"), "call_off": "CO-1"} | changed)


def deliver(lot: str = "AG-FOOD-1", qty: int | None = 2000, **changed: Any) -> c.DeliverCallOff:
    said: dict[str, Any] = {"call_off": "CO-1", "lot": lot, "qty": qty, "expires": july(20).replace(month=8), "store": "FP-XW"}
    return c.DeliverCallOff(**{"by": FOOD, "now": at("10:00", 20)} | said | changed)


def check(lot: str = "AG-FOOD-1", passed: int = 2000, failed: int = 0, **changed: Any) -> c.AcceptQuality:
    said: dict[str, Any] = {"call_off": "CO-1", "lot": lot, "passed": passed, "failed": failed, "reason": "wet packs" if failed else None}
    return c.AcceptQuality(**{"by": POINT, "now": at("10:20", 20)} | said | changed)


def pay(amount: str | None = None, **changed: Any) -> c.PayCallOff:
    said: dict[str, Any] = {"call_off": "CO-1", "amount": money(amount) if amount else None}
    return c.PayCallOff(**{"by": REGION_FIN, "now": at("10:05", 22)} | said | changed)


def stop(kind: type[c.DefaultCallOff] | type[c.CancelCallOff] = c.CancelCallOff, **changed: Any) -> Any:
    return kind(**{"by": REGION_APP, "now": at("12:00", 19), "call_off": "CO-1", "reason": "no need"} | changed)


def buy(**changed: Any) -> RecordProcurement:
    said: dict[str, Any] = {"procurement": "PR-1", "ground": "disaster", "item": "pumps", "qty": 4, "price": money("2000.00")}
    said |= {"supplier": "ENT.PUMP", "reason": "the water rises", "incident": "INC-1"}
    return RecordProcurement(**{"by": REGION_APP, "now": NOW} | said | changed)


def signed() -> Town:
    town = stocked_town()
    town.do(sign())
    return town


def called() -> Town:
    town = signed()
    town.do(call())
    return town


def accepted() -> Town:
    town = called()
    town.do(accept())
    return town


def delivered() -> Town:
    """Both parts came, the second with 40 bad ones; all checked."""
    town = accepted()
    town.do(deliver())
    town.do(check())
    town.do(deliver("AG-FOOD-2", 500, now=at("10:00", 21), expires=july(21).replace(month=8)))
    town.do(check("AG-FOOD-2", 460, 40, now=at("10:30", 21)))
    return town


def refused(town: Town, command: Command, kind: type[DomainError], rule: str) -> str:
    """Refused under the rule; its cure."""
    with pytest.raises(kind) as refusal:
        town.do(command)
    assert refusal.value.rule == rule, refusal.value.failures
    return refusal.value.cure
